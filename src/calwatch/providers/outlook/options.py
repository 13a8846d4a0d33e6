"""One Outlook account, personal or of an organization: its sign-in, its calendars, and its mailbox."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calwatch.providers.remote.address import Root

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_MEETING_POINTS = ("common", "organizations", "consumers")


def _client_id(value: str) -> str:
    found = value.strip().lower()
    if not _UUID.fullmatch(found):
        raise ValueError(
            f'{value!r} is not the "Application (client) ID" of an app registration; '
            'write it as "11111111-2222-3333-4444-555555555555"'
        )
    return found


def _tenant(value: str) -> str:
    found = value.strip().lower()
    if found in _MEETING_POINTS or _UUID.fullmatch(found) or _DOMAIN.fullmatch(found):
        return found
    raise ValueError(
        f'{value!r} is no tenant; write "common", "organizations", "consumers", the tenant\'s id or one of its domains'
    )


def _calendars(value: tuple[str, ...]) -> tuple[str, ...]:
    if any(not one.strip() or not one.isprintable() for one in value):
        raise ValueError('an empty name is no calendar; your own is "primary"')
    return tuple(dict.fromkeys(one.strip() for one in value))


def _authority(value: str) -> str:
    if not re.fullmatch(r"https://[^/]+", value):
        raise ValueError(f'{value!r} is not where one signs in; write it as "https://login.microsoftonline.com"')
    return value


ClientId = Annotated[str, AfterValidator(_client_id)]
Tenant = Annotated[str, AfterValidator(_tenant)]
Calendars = Annotated[tuple[str, ...], AfterValidator(_calendars)]
Authority = Annotated[Root, AfterValidator(_authority)]


class OutlookAccount(BaseModel):
    """Outlook.com or Microsoft 365, through an app registration of your own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="Your name for this account.")
    provider: Literal["outlook"] = Field(description="Outlook.com and Microsoft 365.")
    email: str = Field(
        default="",
        description="The account's address; another account's sign-in is refused. Empty: the first of you.emails.",
    )
    use: Literal["full", "busy"] = Field(
        default="full", description='"busy": read for busy time only; nothing more is asked of Microsoft.'
    )
    client_id: ClientId = Field(
        description='The "Application (client) ID" of your app registration (docs/outlook.md).',
        examples=["11111111-2222-3333-4444-555555555555"],
    )
    tenant: Tenant = Field(
        default="common",
        description='Who may sign in: "common" (anybody), "organizations", "consumers" (personal accounts), or your '
        "organization's tenant id or domain.",
    )
    sign_in: Literal["device-code", "browser"] = Field(
        default="device-code",
        description='How you sign in: with a code typed on any device, or in a "browser" on this machine.',
    )
    calendars: Calendars = Field(
        default=("primary",),
        min_length=1,
        description='The calendars watched for interviews, by name or id; "primary" is your own.',
    )
    busy_calendars: Calendars = Field(
        default=(), description="Calendars that are only busy time, by name or id.", examples=[["Family"]]
    )
    authority: Authority = Field(
        default="https://login.microsoftonline.com", description="Where you sign in; national clouds have another."
    )
    api_root: Root = Field(
        default="https://graph.microsoft.com/v1.0",
        description="Where Microsoft Graph answers; national clouds have another.",
    )

    @model_validator(mode="after")
    def _each_calendar_once(self) -> OutlookAccount:
        twice = [one for one in self.busy_calendars if one in self.calendars]
        if twice:
            raise ValueError(f'"{twice[0]}" is in calendars and in busy_calendars; leave it in one of them')
        return self
