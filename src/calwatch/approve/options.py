"""What the person can set about approving."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calwatch.approve.addresses import is_same_place, listen_address, public_origin
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

    listen: Annotated[str, AfterValidator(listen_address)] = Field(
        default="127.0.0.1:8765", description='Address of the approval page on this machine; "" switches it off.'
    )
    public_url: Annotated[str, AfterValidator(public_origin)] = Field(
        default="",
        description="The page's address when a reverse proxy serves it (https); messages then link to it.",
        examples=["https://calwatch.example.org"],
    )
    undo: UndoOptions = Field(
        default=UndoOptions(), description='How long an approved draft can be called back; "30s", or a table.'
    )

    @model_validator(mode="after")
    def _two_places(self) -> ApprovalOptions:
        if self.public_url and is_same_place(self.listen, self.public_url):
            raise ValueError("public_url is where a reverse proxy serves the page; it cannot be listen itself")
        return self
