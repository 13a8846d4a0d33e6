"""The settings tree: who the person is, their accounts, and the options of every part in one frozen object."""

from __future__ import annotations

import difflib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from calwatch.approve.options import ApprovalOptions
from calwatch.detect.options import ConflictsOptions, InterviewsOptions
from calwatch.draft.options import RepliesOptions
from calwatch.notify.options import NotifyOptions
from calwatch.propose.options import SlotsOptions
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.local.options import LocalAccount
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.store.options import StorageOptions
from calwatch.watch.options import WatchOptions


def check_zone(name: str) -> str:
    """``name`` if it is an IANA zone; otherwise a ValueError that names the nearest one."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone{_nearest_zone(name)}") from None
    return name


def _nearest_zone(name: str) -> str:
    zones = {zone.lower(): zone for zone in available_timezones()}
    wanted = name.strip().lower().replace(" ", "_")
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(zones, reverse=True)}
    if wanted in cities:
        return f'; did you mean "{zones[cities[wanted]]}"?'
    near = difflib.get_close_matches(wanted, zones, n=1, cutoff=0.6)
    if near:
        return f'; did you mean "{zones[near[0]]}"?'
    near = difflib.get_close_matches(wanted, cities, n=1, cutoff=0.7)
    return f'; did you mean "{zones[cities[near[0]]]}"?' if near else '; write it as "Europe/Berlin"'


def _check_email(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,255}", value) or not value.isprintable():
        raise ValueError(f'{value!r} is not a mail address; write it as "alex@example.com"')
    return value.lower()


def _check_language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", value):
        raise ValueError(f'{value!r} is not a language; write its two letters, such as "en"')
    return value


def _check_domain(value: str) -> str:
    domain = value.strip().lower().removeprefix("@")
    if not re.fullmatch(r"[a-z0-9.-]{1,253}\.[a-z0-9-]{2,63}", domain):
        raise ValueError(f'{value!r} is not a mail domain; write it as "contoso.example"')
    return domain


Zone = Annotated[str, AfterValidator(check_zone)]
Email = Annotated[str, AfterValidator(_check_email)]
Language = Annotated[str, AfterValidator(_check_language)]
Domain = Annotated[str, AfterValidator(_check_domain)]


class Away(BaseModel):
    """A stretch of days spent in another zone; times are offered in that zone's working hours."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    since: date = Field(alias="from", description="First day away.", examples=["2026-05-04"])
    to: date = Field(description="Last day away.", examples=["2026-05-08"])
    timezone: Zone = Field(description="The zone you are in then.", examples=["America/New_York"])

    @model_validator(mode="after")
    def _in_order(self) -> Away:
        if self.to < self.since:
            raise ValueError(f"ends ({self.to}) before it starts ({self.since})")
        return self


class YouOptions(BaseModel):
    """The person calwatch works for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200, description="How letters are signed.", examples=["Alex Rivera"])
    emails: tuple[Email, ...] = Field(
        min_length=1,
        description="Every address invitations reach you at.",
        examples=[["alex.rivera@example.com", "alex@rivera.example"]],
    )
    timezone: Zone = Field(description="Where you are, as an IANA name.", examples=["Europe/Berlin"])
    phone: str = Field(default="", description="For letters that offer a call.", examples=["+49 30 901820"])
    languages: tuple[Language, ...] = Field(
        default=("en",), min_length=1, description="The languages you write in; the first is the fallback."
    )
    employer: tuple[Domain, ...] = Field(
        default=(), description="Your present employer's domains; it learns nothing.", examples=[["contoso.example"]]
    )
    away: tuple[Away, ...] = Field(default=(), description="Stretches of days in another zone.")

    @field_validator("name", "phone")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("must be one line of plain text")
        return value.strip()

    def timezone_on(self, day: date) -> str:
        """The zone the person is in on ``day``."""
        return next((stay.timezone for stay in self.away if stay.since <= day <= stay.to), self.timezone)


Account = Annotated[LocalAccount | GoogleAccount | OutlookAccount, Field(discriminator="provider")]
"""One configured account: one model per provider, told apart by ``provider``."""

ACCOUNTS: dict[str, type[BaseModel]] = {
    get_args(model.model_fields["provider"].annotation)[0]: model for model in get_args(get_args(Account)[0])
}
"""What the options of each provider's account are."""


class Settings(BaseModel):
    """Everything the person can set. Frozen; ``load`` makes it, and paths in it are absolute."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    you: YouOptions = Field(description="Who you are.")
    accounts: tuple[Account, ...] = Field(
        min_length=1, description="Where your appointments and mail are; one [[accounts]] table each."
    )
    watch: WatchOptions = Field(default=WatchOptions(), description="How often and how far calwatch looks.")
    conflicts: ConflictsOptions = Field(default=ConflictsOptions(), description="When two things collide.")
    interviews: InterviewsOptions = Field(default=InterviewsOptions(), description="What counts as an interview.")
    slots: SlotsOptions = Field(default=SlotsOptions(), description="Which times may be offered.")
    replies: RepliesOptions = Field(default=RepliesOptions(), description="How letters are worded and sent.")
    notify: NotifyOptions = Field(default=NotifyOptions(), description="How calwatch reaches you.")
    approval: ApprovalOptions = Field(default=ApprovalOptions(), description="Where and how you approve.")
    storage: StorageOptions = Field(default=StorageOptions(), description="Where calwatch keeps its state.")

    source: Path | None = Field(
        default=None, alias="(source)", exclude=True, description="The file this was loaded from."
    )
    state: Path = Field(
        default=Path(), alias="(state)", exclude=True, description="The state folder, resolved by load."
    )

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that is the person's own, lower-case."""
        return frozenset(self.you.emails) | {a.email.lower() for a in self.accounts if a.email}

    def account(self, name: str) -> Account | None:
        return next((a for a in self.accounts if a.name == name), None)

    def zone_at(self, moment: datetime) -> str:
        """The person's zone at ``moment`` (aware), ``you.away`` considered."""
        return self.you.timezone_on(moment.astimezone(ZoneInfo(self.you.timezone)).date())


def field_names(model: type[BaseModel]) -> dict[str, Any]:
    """Key as written in the file → field, for one table."""
    return {field.alias or name: field for name, field in model.model_fields.items() if not field.exclude}
