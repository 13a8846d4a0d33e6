"""RRULE values (RFC 5545 §3.3.10) read into plain numbers; ``recur.walk`` follows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PART = re.compile(r"([+-]?\d{1,3})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_LIMITS = {
    "BYMONTH": (1, 12),
    "BYWEEKNO": (-53, 53),
    "BYYEARDAY": (-366, 366),
    "BYMONTHDAY": (-31, 31),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 60),
    "BYSETPOS": (-366, 366),
}


class Frequency(IntEnum):
    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


@dataclass(frozen=True, slots=True)
class Until:
    """UNTIL as written: the wall time or date, and whether it said ``Z``. A bare date means its whole day."""

    local: datetime
    utc: bool = False
    date_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The parts of an RRULE; ``weekdays`` are (ordinal or 0, Monday = 0)."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: Until | None = None
    months: tuple[int, ...] = ()
    week_numbers: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    @property
    def plain(self) -> bool:
        """Whether every period has exactly one occurrence."""
        filters = (self.months, self.week_numbers, self.year_days, self.month_days, self.weekdays)
        return self.frequency >= Frequency.WEEKLY and not any(
            (*filters, self.hours, self.minutes, self.seconds, self.positions)
        )


def parse_rule(text: str) -> Rule:
    """Reads an RRULE value; raises ValueError with a sentence. Unknown parts are passed over."""
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";")[:30]:
        name, _, value = part.partition("=")
        parts.setdefault(name.strip(), value.strip())
    frequency = parts.get("FREQ", "")
    if frequency not in Frequency.__members__:
        raise ValueError(f'the repetition rule "{text[:60]}" has no known FREQ')
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise ValueError(f"the repetition rule counts in the {parts['RSCALE'][:20]} calendar")
    count = _number(parts, "COUNT")
    weekdays = []
    for item in parts.get("BYDAY", "").split(",")[:400] if parts.get("BYDAY") else ():
        match = _PART.fullmatch(item.strip())
        if match is None:
            raise ValueError(f"BYDAY={item[:20]} in a repetition rule is not a weekday")
        weekdays.append((int(match[1] or 0), _WEEKDAYS.index(match[2])))
    week_start = parts.get("WKST", "MO")
    return Rule(
        frequency=Frequency[frequency],
        interval=max(1, _number(parts, "INTERVAL") or 1),
        count=count,
        until=_until(parts["UNTIL"]) if parts.get("UNTIL") else None,
        months=_numbers(parts, "BYMONTH"),
        week_numbers=_numbers(parts, "BYWEEKNO"),
        year_days=_numbers(parts, "BYYEARDAY"),
        month_days=_numbers(parts, "BYMONTHDAY"),
        weekdays=tuple(weekdays),
        hours=_numbers(parts, "BYHOUR"),
        minutes=_numbers(parts, "BYMINUTE"),
        seconds=tuple(min(second, 59) for second in _numbers(parts, "BYSECOND")),
        positions=_numbers(parts, "BYSETPOS"),
        week_start=_WEEKDAYS.index(week_start) if week_start in _WEEKDAYS else 0,
    )


def _number(parts: dict[str, str], name: str) -> int | None:
    value = parts.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(f"{name}={value[:20]} in a repetition rule is not a number")
    return int(value)


def _numbers(parts: dict[str, str], name: str) -> tuple[int, ...]:
    if not parts.get(name):
        return ()
    low, high = _LIMITS[name]
    found = set()
    for item in parts[name].split(",")[:400]:
        if (
            not re.fullmatch(r"[+-]?[0-9]{1,3}", item.strip())
            or not low <= int(item) <= high
            or (low < 0 and int(item) == 0)
        ):
            raise ValueError(f"{name}={item[:20]} in a repetition rule is out of range")
        found.add(int(item))
    return tuple(sorted(found))


def _until(text: str) -> Until | None:
    match = _UNTIL.fullmatch(text)
    if match is None:
        raise ValueError(f"UNTIL={text[:20]} in a repetition rule is not a date")
    if int(match[1][:4]) > 3000:  # "for ever", as some write it
        return None
    local = datetime.strptime(match[1] + (match[2] or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - a wall time
    return Until(local, utc=match[3] == "Z", date_only=match[2] is None)
