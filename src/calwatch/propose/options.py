"""What the person can set about the times calwatch offers."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from calwatch.model.duration import Duration

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = tuple[time, time]


def parse_hours(value: Any) -> Any:
    """A (start, end) pair of wall times from ``"09:00-17:30"``; ``24:00`` is not accepted."""
    if isinstance(value, tuple):
        return value
    match = (
        re.fullmatch(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})", value.strip()) if isinstance(value, str) else None
    )
    if match is None:
        raise ValueError(f'{value!r} is not a stretch of the day; write it as "09:00-17:30"')
    numbers = [int(n) for n in match.groups()]
    try:
        start, end = time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
    except ValueError:
        raise ValueError(f"{value!r} has an hour or minute that does not exist") from None
    if start >= end:
        raise ValueError(f"{value!r} ends before it starts")
    return start, end


HoursOfDay = Annotated[Hours, BeforeValidator(parse_hours)]


def parse_days(value: str) -> tuple[int, ...]:
    """Weekday numbers (Monday 0) from ``"mon-fri"``, ``"sat"`` or ``"mon,wed"``; raises ValueError."""
    days: list[int] = []
    for part in value.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            raise ValueError(f"{value!r} is not a day or stretch of days; use mon, tue, wed, thu, fri, sat, sun")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days += [d % 7 for d in range(begin, end + 1 if end >= begin else end + 8)]
    return tuple(dict.fromkeys(days))


class SlotsOptions(BaseModel):
    """Which times may be offered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hours: dict[str, HoursOfDay] = Field(
        default={"mon-fri": (time(9), time(17, 30))}, description="When you take interviews, in your zone."
    )
    prefer: tuple[HoursOfDay, ...] = Field(
        default=(), description="Stretches of the day to offer first.", examples=[["12:00-13:30"]]
    )
    count: int = Field(default=3, ge=1, le=8, description="How many times a letter offers.")
    per_day: int = Field(default=2, ge=1, description="Interviews a day at most, offers included.")
    buffer: Duration = Field(default=timedelta(minutes=15), description="Free time around every appointment.")
    notice: Duration = Field(default=timedelta(hours=24), description="How far ahead an offered time must be.")
    within: Duration = Field(default=timedelta(days=14), description="How long after the original an offer may be.")
    style: Literal["auto", "times", "windows"] = Field(
        default="auto", description="Points in time, windows, or whichever suits the interview."
    )
    holidays: str = Field(
        default="", description="Whose public holidays to skip: a country, or country and region.", examples=["DE-BE"]
    )

    @field_validator("hours")
    @classmethod
    def _days_exist(cls, value: dict[str, Hours]) -> dict[str, Hours]:
        for days in value:
            parse_days(days)
        return value

    def hours_on(self, weekday: int) -> tuple[Hours, ...]:
        """The stretches of that weekday (Monday 0), earliest first."""
        return tuple(sorted(hours for days, hours in self.hours.items() if weekday in parse_days(days)))
