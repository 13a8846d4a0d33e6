"""What the person can set about noticing: travel around interviews, and which senders are interviews."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from calwatch.model.duration import Duration


class ConflictsOptions(BaseModel):
    """How conflicts are found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    travel: Duration = Field(
        default=timedelta(minutes=45), description="Time you need each way around an interview in person."
    )


class InterviewsOptions(BaseModel):
    """What counts as an interview, and which companies matter most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    treat_as: tuple[str, ...] = Field(
        default=(),
        description="Extra senders, domains or phrases that are interviews.",
        examples=[["jobs@acme.example"]],
    )
    ignore: tuple[str, ...] = Field(
        default=(), description="Senders, domains or phrases that never are.", examples=[["book club"]]
    )
    priority: tuple[str, ...] = Field(
        default=(), description="Companies, most wanted first; breaks ties between two interviews.", examples=[["Acme"]]
    )
