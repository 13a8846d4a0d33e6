"""What the person can set about approving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from calwatch.model.case import Intent
from calwatch.model.duration import Duration


class UndoOptions(BaseModel):
    """How long an approved draft can be called back before it leaves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Duration = Field(default=timedelta(seconds=30), description="For every letter not named below.")
    withdraw: Duration | None = Field(default=None, description="For a letter that ends an application (5m).")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"default": value, "withdraw": value} if isinstance(value, str) else value

    def of(self, intent: Intent) -> timedelta:
        if intent is not Intent.WITHDRAW:
            return self.default
        return self.withdraw if self.withdraw is not None else max(self.default, timedelta(minutes=5))


class ApprovalOptions(BaseModel):
    """Where and how drafts are approved."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listen: str = Field(default="127.0.0.1:8765", description='Address of the approval page; "" switches it off.')
    public_url: str = Field(default="", description="The page's address when a reverse proxy serves it (https).")
    undo: UndoOptions = Field(
        default=UndoOptions(), description='How long an approved draft can be called back; "30s", or a table.'
    )
