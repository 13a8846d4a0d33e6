"""Times of the fake's events: reading and rendering Google's ``start``/``end``, and expanding a series."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rruleset, rrulestr

Json = dict[str, Any]
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


def stamp(when: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as ``created`` and ``updated`` are."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def known_zone(name: str, fallback: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(fallback)


def instant(point: Json, zone: str) -> datetime:
    """The instant of a ``start`` or ``end``; dates are midnights in the calendar's ``zone``."""
    if "date" in point:
        return datetime.combine(date.fromisoformat(point["date"]), time(), ZoneInfo(zone)).astimezone(UTC)
    when = datetime.fromisoformat(point["dateTime"])
    if when.tzinfo is None:
        when = when.replace(tzinfo=known_zone(point.get("timeZone", zone), zone))
    return when.astimezone(UTC)


def rendered(point: Json, zone: str) -> Json:
    """The same with its ``dateTime`` in ``zone``; ``timeZone`` stays the event's own."""
    if "date" in point:
        return {"date": point["date"]}
    local = instant(point, zone).astimezone(ZoneInfo(zone))
    text = local.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"dateTime": text, **({"timeZone": point["timeZone"]} if "timeZone" in point else {})}


def timed(when: datetime, zone: str) -> Json:
    """A ``start`` or ``end`` at an instant."""
    return {"dateTime": when.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"), "timeZone": zone}


def suffix(original: Json, zone: str) -> str:
    """What the id of an instance adds to its master's."""
    if "date" in original:
        return str(original["date"]).replace("-", "")
    return f"{instant(original, zone):%Y%m%dT%H%M%SZ}"


def occurrences(master: Json, zone: str, until: datetime = FOREVER) -> Iterator[tuple[Json, Json]]:
    """Start and end of each occurrence of a master, in order, as far as ``until``; exceptions are not its business."""
    start, end = master["start"], master["end"]
    length = instant(end, zone) - instant(start, zone)
    if "date" in start:
        first = datetime.combine(date.fromisoformat(start["date"]), time())
        days = date.fromisoformat(end["date"]) - first.date()
        for naive in _rules(master["recurrence"], first, ZoneInfo("UTC")):
            if naive.replace(tzinfo=UTC) >= until:
                return
            yield {"date": naive.date().isoformat()}, {"date": (naive.date() + days).isoformat()}
        return
    own = known_zone(start.get("timeZone", zone), zone)
    first = instant(start, zone).astimezone(own).replace(tzinfo=None)
    for naive in _rules(master["recurrence"], first, own):
        begin = naive.replace(tzinfo=own).astimezone(UTC)
        if begin >= until:
            return
        yield timed(begin, own.key), timed(begin + length, own.key)


def _rules(lines: list[str], first: datetime, zone: ZoneInfo) -> rruleset:
    """RRULE, RDATE and EXDATE lines in naive wall time of ``zone``."""
    rules = rruleset()
    rules.rdate(first)
    for line in lines:
        name, _, value = line.partition(":")
        match name.partition(";")[0].upper():
            case "RRULE":
                rule = rrulestr(re.sub(r"UNTIL=([0-9TZ]+)", lambda m: _until(m[1], zone), value), dtstart=first)
                assert isinstance(rule, rrule)
                rules.rrule(rule)
            case "RDATE":
                for text in value.split(","):
                    rules.rdate(_wall(text, zone))
            case "EXDATE":
                for text in value.split(","):
                    rules.exdate(_wall(text, zone))
    return rules


def _until(text: str, zone: ZoneInfo) -> str:
    return f"UNTIL={_wall(text, zone):%Y%m%dT%H%M%S}"


def _wall(text: str, zone: ZoneInfo) -> datetime:
    if len(text) == 8:
        return datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - wall time is naive
    naive = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - wall time is naive
    return naive.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if text.endswith("Z") else naive


def clipped(start: datetime, end: datetime, low: datetime, high: datetime) -> tuple[datetime, datetime] | None:
    """The part within ``low``..``high``, if there is one."""
    begin, finish = max(start, low), min(end, high)
    return (begin, finish) if begin < finish else None


def merged(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Overlapping and touching spans joined."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


MONTHS_AHEAD = timedelta(days=183)
"""How far ahead the occurrences of a deleted series are reported cancelled, where instances are listed."""
