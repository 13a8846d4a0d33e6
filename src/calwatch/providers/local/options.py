"""One account of open formats on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from calwatch.providers.local.server import Server


class LocalAccount(BaseModel):
    """Open formats on disk: a vdir or one .ics file, and a Maildir."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="Your name for this account.")
    provider: Literal["local"] = Field(description="Open formats on disk.")
    email: str = Field(default="", description="The address this account writes from.")
    use: Literal["full", "busy"] = Field(
        default="full", description='"busy": read for busy time only, nothing written.'
    )
    calendar: Path = Field(description="A vdir (one .ics per event), or one .ics file, which is only read.")
    busy_calendars: tuple[Path, ...] = Field(
        default=(), description="More vdirs or .ics files that are only busy time."
    )
    mail: Path | None = Field(default=None, description="A Maildir: INBOX, .Drafts, .Sent.")
    outgoing: str = Field(
        default="",
        description='"smtp://host:port" or "smtps://user@host" sends; "maildir" only files into .Sent; '
        "empty: drafts only.",
    )
    password_file: Path | None = Field(
        default=None, description="A file with the password for outgoing, when that names a user."
    )

    @field_validator("outgoing")
    @classmethod
    def _outgoing_is_known(cls, value: str) -> str:
        if value not in ("", "maildir"):
            Server.of(value)
        return value
