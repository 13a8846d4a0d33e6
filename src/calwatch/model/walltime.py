"""From wall time to instants: the one rule for gaps and folds, custom zones, and the keys that name occurrences.

Both reading (``formats``) and expanding (``recur``) need these and may not know each other, so they live with the
nouns. Nothing here reads a clock.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

UTC_KEY = "UTC"
FLOATING_KEY = "floating"

_FIRST_YEAR, _LAST_YEAR = 1970, 2070  # the stretch for which yearly rules of custom zones are written out
_WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_MOST_ONSETS = 2000


def instant(local: datetime | date, zone: tzinfo) -> datetime:
    """The UTC instant of a naive wall time in ``zone``; a date is its midnight.

    Of an ambiguous pair the first one, in a gap the offset before it (RFC 5545 §3.3.5), which is what ``fold=0`` means
    (PEP 495).
    """
    if not isinstance(local, datetime):
        local = datetime(local.year, local.month, local.day)  # noqa: DTZ001 - a wall time, its zone follows
    return local.replace(tzinfo=zone).astimezone(UTC)


def wall_time(moment: datetime, zone: tzinfo) -> datetime:
    """The naive wall time of an instant in ``zone``."""
    return moment.astimezone(zone).replace(tzinfo=None)


def occurrence_key(original: datetime | date) -> str:
    """``20260916T130000Z`` for an instant, ``20260916`` for a date: how ``Event.recurrence_id`` is written."""
    if isinstance(original, datetime):
        return original.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return original.strftime("%Y%m%d")


def read_occurrence_key(key: str) -> datetime | date:
    """The instant (UTC) or date a key names; raises ValueError for anything ``occurrence_key`` does not write."""
    if len(key) == 8:
        return date(int(key[:4]), int(key[4:6]), int(key[6:8]))
    return datetime.strptime(key, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def zone_of(key: str, viewer_zone: str, custom: Mapping[str, str]) -> tzinfo:
    """The zone behind ``Series.zone_key``; ``custom`` maps a key to its VTIMEZONE text. Raises ValueError."""
    if key == UTC_KEY:
        return UTC
    if key == FLOATING_KEY:
        return ZoneInfo(viewer_zone)
    if key in custom:
        return custom_zone(custom[key])
    return ZoneInfo(key)


class CustomZone(tzinfo):
    """A VTIMEZONE (RFC 5545 §3.6.5) as a list of transitions; equal reading of gaps and folds as ``ZoneInfo``."""

    def __init__(self, transitions: Iterable[tuple[datetime, timedelta]], before: timedelta) -> None:
        """``transitions`` are (naive UTC onset, offset from then on); ``before`` holds ahead of the first."""
        ordered = sorted(transitions, key=lambda pair: pair[0])
        self._offsets = [before, *(offset for _, offset in ordered)]
        self._onsets = [onset for onset, _ in ordered]
        # The wall time from which the new offset holds when fold=0: after the gap, or after the first of the pair.
        self._walls = [
            onset + max(self._offsets[index], self._offsets[index + 1]) for index, onset in enumerate(self._onsets)
        ]

    def utcoffset(self, moment: datetime | None) -> timedelta:
        if moment is None:
            return self._offsets[-1]
        return self._offsets[bisect_right(self._walls, moment.replace(tzinfo=None))]

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return None

    def fromutc(self, moment: datetime) -> datetime:
        return moment + self._offsets[bisect_right(self._onsets, moment.replace(tzinfo=None))]


@lru_cache(maxsize=64)
def custom_zone(text: str) -> CustomZone:
    """The zone an unfolded VTIMEZONE defines; raises ValueError when it defines none.

    Own reading and not a library's: only the rules real zones use (yearly, by month and weekday or day) are followed,
    so that a hostile VTIMEZONE cannot buy computing time.
    """
    transitions: dict[datetime, timedelta] = {}
    before: tuple[datetime, timedelta] | None = None
    for observance in re.split(r"BEGIN:(?:STANDARD|DAYLIGHT)", text, flags=re.IGNORECASE)[1:200]:
        properties: dict[str, list[str]] = {}
        for line in observance.partition("END:")[0].splitlines():
            name, _, value = line.partition(":")
            properties.setdefault(name.partition(";")[0].upper(), []).append(value.strip())
        start = _naive(properties.get("DTSTART", [""])[0])
        offset_from = _offset(properties.get("TZOFFSETFROM", [""])[0])
        offset_to = _offset(properties.get("TZOFFSETTO", [""])[0])
        onsets = {start}
        for rule in properties.get("RRULE", []):
            onsets.update(_yearly_onsets(rule, start))
        for values in properties.get("RDATE", []):
            onsets.update(_naive(value) for value in values.split(","))
        for onset in sorted(onsets)[:_MOST_ONSETS]:
            transitions[onset - offset_from] = offset_to
        if before is None or start < before[0]:
            before = (start, offset_from)
    if before is None:
        raise ValueError("the VTIMEZONE has no observances")
    return CustomZone(transitions.items(), before[1])


def _naive(value: str) -> datetime:
    digits = value.strip().rstrip("Z")
    if not re.fullmatch(r"\d{8}(T\d{6})?", digits) or not 1500 < int(digits[:4]) < 3000:
        raise ValueError(f"{value!r} is not an onset of a time zone")
    return datetime.strptime(digits if "T" in digits else digits + "T000000", "%Y%m%dT%H%M%S")  # noqa: DTZ007 - wall time


def _offset(value: str) -> timedelta:
    match = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?", value)
    if match is None or int(match[2]) > 23:
        raise ValueError(f"{value!r} is not a UTC offset")
    size = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return -size if match[1] == "-" else size


def _yearly_onsets(rule: str, start: datetime) -> Iterable[datetime]:
    """The onsets of ``FREQ=YEARLY`` with BYMONTH and BYDAY or BYMONTHDAY; other rules give none."""
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
    if parts.get("FREQ") != "YEARLY":
        return
    months = _numbers(parts.get("BYMONTH", "")) or [start.month]
    month_days = _numbers(parts.get("BYMONTHDAY", ""))
    weekdays = [
        (int(n or 0), _WEEKDAYS[day])
        for n, day in re.findall(r"([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)", parts.get("BYDAY", ""))
    ]
    until = _naive(parts["UNTIL"]) + timedelta(days=1) if "UNTIL" in parts else None
    for year in range(max(_FIRST_YEAR, start.year), _LAST_YEAR + 1):
        for month in months:
            for day in _days(year, month, month_days, weekdays, start.day):
                onset = start.replace(year=year, month=month, day=day)
                if onset >= start and (until is None or onset <= until):
                    yield onset


def _days(year: int, month: int, month_days: list[int], weekdays: list[tuple[int, int]], default: int) -> list[int]:
    if not 1 <= month <= 12:
        return []
    first, length = monthrange(year, month)
    wanted = {day if day > 0 else length + 1 + day for day in month_days}
    if not weekdays:
        return [day for day in (wanted or {default}) if 1 <= day <= length]
    found: list[int] = []
    for ordinal, weekday in weekdays:
        fitting = [day for day in range(1 + (weekday - first) % 7, length + 1, 7) if not month_days or day in wanted]
        if ordinal == 0:
            found += fitting
        elif abs(ordinal) <= len(fitting):
            found.append(fitting[ordinal - 1 if ordinal > 0 else ordinal])
    return found


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"[+-]?\d{1,3}", text)]
