"""What the person can set about messages."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from calwatch.model.duration import Duration


def parse_quiet(value: Any) -> Any:
    """A (from, to) pair of wall times from ``"22:00-07:30"``, over midnight as a rule; ``""`` is none."""
    if value is None or isinstance(value, tuple):
        return value
    if value == "":
        return None
    match = (
        re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    )
    if match is None:
        raise ValueError(f'{value!r} is not a stretch of the night; write it as "22:00-07:30"')
    return time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))


class NotifyOptions(BaseModel):
    """How calwatch reaches you."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urls: tuple[str, ...] = Field(
        default=(), description="Apprise URLs.", examples=[["ntfy://ntfy.sh/your-secret-topic"]]
    )
    urls_file: Path | None = Field(default=None, description="A file with one Apprise URL a line, instead of urls.")
    detail: Literal["discreet", "full"] = Field(
        default="discreet", description='"discreet": no message says interview, a company or a name.'
    )
    nudge: tuple[Duration, ...] = Field(
        default=(timedelta(hours=3), timedelta(days=1)), description="After a draft became ready, then daily."
    )
    remind: tuple[Duration, ...] = Field(
        default=(timedelta(hours=48), timedelta(hours=24), timedelta(hours=4), timedelta(hours=1)),
        description="Before the start.",
    )
    quiet: Annotated[tuple[time, time] | None, BeforeValidator(parse_quiet)] = Field(
        default=(time(22), time(7, 30)), description="No messages then, in your zone; broken once when it is urgent."
    )
