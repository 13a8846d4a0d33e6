"""What the person can set about the letters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from calwatch.model.duration import Duration


class RsvpOptions(BaseModel):
    """What happens to the invitation itself when a letter has been sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reschedule: Literal["none", "decline", "tentative"] = Field(
        default="none", description="After asking for a new time."
    )
    withdraw: Literal["none", "decline"] = Field(default="decline", description="After withdrawing.")


class RepliesOptions(BaseModel):
    """How replies are worded and sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery: Literal["send", "drafts"] = Field(
        default="send",
        description='"send": on approval, and only then. "drafts": never; you send from your Drafts folder.',
    )
    templates: Path | None = Field(default=None, description="A folder with your own wording, one folder per language.")
    reason: tuple[str, ...] = Field(
        default=(),
        description="Your own phrases for why, in your first language; empty: calwatch's, by language and occasion.",
        examples=[["a commitment I can't move has come up at that time"]],
    )
    signature: str = Field(default="", description="How letters end; empty: your name, and phone if given.")
    rsvp: RsvpOptions = Field(default=RsvpOptions(), description="What happens to the invitation after sending.")
    hold: bool = Field(default=False, description='Put a private, neutral "Busy" on your calendar for offered times.')
    offer_valid: Duration = Field(
        default=timedelta(days=5), description="How long offered times stay reserved (working days)."
    )
    follow_up: Duration = Field(default=timedelta(days=2), description="When to offer a follow-up (working days).")
