"""One Google account: its sign-in, its calendars, and its Gmail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calwatch.providers.remote.address import Root


def _calendars(value: tuple[str, ...]) -> tuple[str, ...]:
    if any(not one.strip() or not one.isprintable() for one in value):
        raise ValueError('an empty id is no calendar; your own is "primary"')
    return tuple(dict.fromkeys(one.strip() for one in value))


Calendars = Annotated[tuple[str, ...], AfterValidator(_calendars)]


class GoogleAccount(BaseModel):
    """Google Calendar and Gmail, through your own OAuth client."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="Your name for this account.")
    provider: Literal["google"] = Field(description="Google Calendar and Gmail.")
    email: str = Field(
        default="",
        description="The account's address; another account's sign-in is refused. Empty: the first of you.emails.",
    )
    use: Literal["full", "busy"] = Field(
        default="full", description='"busy": read for busy time only; nothing more is asked of Google.'
    )
    client_file: Path = Field(
        description="The OAuth client of the type Desktop app, as downloaded from Google (docs/google.md).",
        examples=["google-client.json"],
    )
    calendars: Calendars = Field(
        default=("primary",),
        min_length=1,
        description='Ids of the calendars watched for interviews; "primary" is your own, others are shown in their '
        'settings under "Integrate calendar".',
    )
    busy_calendars: Calendars = Field(
        default=(),
        description="Ids of calendars that are only busy time.",
        examples=[["family1234@group.calendar.google.com"]],
    )
    api_root: Root = Field(default="https://www.googleapis.com", description="Where Google Calendar answers.")
    gmail_root: Root = Field(default="https://gmail.googleapis.com", description="Where Gmail answers.")

    @model_validator(mode="after")
    def _each_calendar_once(self) -> GoogleAccount:
        twice = [one for one in self.busy_calendars if one in self.calendars]
        if twice:
            raise ValueError(f'"{twice[0]}" is in calendars and in busy_calendars; leave it in one of them')
        return self
