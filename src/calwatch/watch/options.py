"""What the person can set about watching."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from calwatch.model.case import Situation
from calwatch.model.duration import Duration


class SettleOptions(BaseModel):
    """How long a trouble must last before anything is drafted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Duration = Field(default=timedelta(minutes=10), description="For every situation not named below.")
    cancelled: Duration | None = Field(default=None, description="A cancellation waits for its replacement (45m).")
    interviewer_declined: Duration | None = Field(default=None, description="Somebody may step in (8h).")
    declined: Duration | None = Field(default=None, description="Your own decline.")
    removed: Duration | None = Field(default=None, description="It vanished from your calendar.")
    moved: Duration | None = Field(default=None, description="The organizer moved it.")
    conflict: Duration | None = Field(default=None, description="Something else takes the time.")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return (
            {"default": value, "cancelled": value, "interviewer_declined": value} if isinstance(value, str) else value
        )

    def of(self, situation: Situation) -> timedelta:
        """The settle time of one situation, before it is shortened by closeness."""
        own = getattr(self, situation.value, None)
        if own is not None:
            return own  # type: ignore[no-any-return]
        longer = {Situation.CANCELLED: timedelta(minutes=45), Situation.INTERVIEWER_DECLINED: timedelta(hours=8)}
        return longer.get(situation, self.default)


class WatchOptions(BaseModel):
    """How often and how far calwatch looks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: Duration = Field(default=timedelta(seconds=60), description="How often every account is asked.")
    settle: SettleOptions = Field(
        default=SettleOptions(), description='How long a trouble must last before a draft; "10m" for all, or a table.'
    )
    horizon: Duration = Field(default=timedelta(days=60), description="How far ahead interviews are looked for.")
