"""Times of the fake's events: Graph's ``dateTimeTimeZone``, names of zones, windows, and the expansion of a series."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from fakes.microsoft.call import ApiError

Json = dict[str, Any]
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
NEVER = "0001-01-01T00:00:00Z"
UNSET = "4501-01-01T00:00:00Z"
WINDOWS = {
    "W. Europe Standard Time": "Europe/Berlin",
    "GMT Standard Time": "Europe/London",
    "Pacific Standard Time": "America/Los_Angeles",
    "Eastern Standard Time": "America/New_York",
    "India Standard Time": "Asia/Kolkata",
    "Tokyo Standard Time": "Asia/Tokyo",
    "UTC": "UTC",
}
FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {
    "daily": DAILY,
    "weekly": WEEKLY,
    "absoluteMonthly": MONTHLY,
    "relativeMonthly": MONTHLY,
    "absoluteYearly": YEARLY,
    "relativeYearly": YEARLY,
}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
POSITIONS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


def stamp(when: datetime) -> str:
    """A DateTimeOffset with seven fractional digits, as Outlook's are."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


def zone_named(name: str) -> ZoneInfo:
    """A zone by its Windows or IANA name; raises the 400 for any other."""
    try:
        return ZoneInfo(WINDOWS.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        message = f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
        raise ApiError(400, "TimeZoneNotSupportedException", message) from unknown


def windows_name(iana: str) -> str:
    """The Windows name of a zone, or its IANA name where this table has none."""
    return next((name for name, key in WINDOWS.items() if key == iana), iana)


def point(when: datetime, zone: str = "UTC") -> Json:
    """A ``dateTimeTimeZone`` at an instant: wall time without an offset."""
    local = when.astimezone(zone_named(zone))
    return {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S.%f}0", "timeZone": zone}


def day(when: date) -> Json:
    """A ``dateTimeTimeZone`` of an all-day event."""
    return {"dateTime": f"{when.isoformat()}T00:00:00.0000000", "timeZone": "UTC"}


def wall(given: Json) -> datetime:
    """The naive wall time of a ``dateTimeTimeZone``."""
    try:
        found = datetime.fromisoformat(given["dateTime"])
    except (KeyError, TypeError, ValueError) as unreadable:
        raise ApiError(400, "ErrorInvalidRequest", "The start or end time is not valid.") from unreadable
    return found.replace(tzinfo=None) if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def instant(given: Json) -> datetime:
    return wall(given).replace(tzinfo=zone_named(given.get("timeZone", "UTC"))).astimezone(UTC)


def starts(raw: Json) -> datetime:
    return _bound(raw, "start")


def ends(raw: Json) -> datetime:
    return _bound(raw, "end")


def _bound(raw: Json, name: str) -> datetime:
    """The instant by which an event is matched against a window; an all-day one counts from midnight UTC."""
    return wall(raw[name]).replace(tzinfo=UTC) if raw.get("isAllDay") else instant(raw[name])


def rendered(raw: Json, name: str, zone: str) -> Json:
    """``start`` or ``end`` in the zone that was asked for; all-day ones keep their dates."""
    if raw.get("isAllDay"):
        return {"dateTime": f"{wall(raw[name]):%Y-%m-%dT00:00:00.0000000}", "timeZone": zone}
    return point(instant(raw[name]), zone)


@dataclass(frozen=True)
class Window:
    """``[low, high)``, as both ends of a calendar view give it."""

    low: datetime
    high: datetime

    def holds(self, raw: Json) -> bool:
        start, end = starts(raw), ends(raw)
        return start < self.high and (end > self.low or start == end >= self.low)


def window_of(params: dict[str, str]) -> Window:
    """The window of a request; both ends are required, and without an offset they are UTC whatever Prefer says."""
    given = {name.casefold(): value for name, value in params.items()}
    if "startdatetime" not in given or "enddatetime" not in given:
        message = (
            "This request requires a time window specified by the query string parameters "
            "StartDateTime and EndDateTime."
        )
        raise ApiError(400, "ErrorInvalidParameter", message)
    window = Window(moment(given["startdatetime"]), moment(given["enddatetime"]))
    if window.high < window.low:
        raise ApiError(400, "ErrorInvalidParameter", "The EndDateTime must be after the StartDateTime.")
    if window.high - window.low > timedelta(days=1825):
        message = "Your request can't be completed. The range between the dates is greater than 1825 days."
        raise ApiError(400, "ErrorInvalidRequest", message)
    return window


def moment(text: str) -> datetime:
    """A time of a query; an offset whose ``+`` was not encoded arrives as a blank and is refused."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as unreadable:
        message = f"The value '{text}' of a date parameter is not valid."
        raise ApiError(400, "ErrorInvalidParameter", message) from unreadable
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


@dataclass(frozen=True)
class Occurrence:
    """One occurrence of a series as its pattern makes it; ``key`` is its date in the series' zone."""

    key: str
    start: Json
    end: Json


def occurrences(master: Json, until: datetime = FOREVER) -> Iterator[Occurrence]:
    """In order, as far as ``until``; what became of single ones is not its business."""
    whole_days = bool(master.get("isAllDay"))
    zone = "UTC" if whole_days else master["start"]["timeZone"]
    length = ends(master) - starts(master)
    for naive in _rule(master["recurrence"], wall(master["start"])):
        start = naive.replace(tzinfo=zone_named(zone)).astimezone(UTC)
        if start >= until:
            return
        yield Occurrence(f"{naive:%Y%m%d}", point(start, zone), point(start + length, zone))


def _rule(recurrence: Json, first: datetime) -> rrule:
    """A pattern and its range in naive wall time."""
    pattern, limits = recurrence["pattern"], recurrence["range"]
    options: Json = {}
    weekdays = [weekday(DAYS.index(name)) for name in pattern.get("daysOfWeek", ())]
    if pattern["type"].startswith("relative"):
        options["byweekday"] = [w(POSITIONS[pattern.get("index", "first")]) for w in weekdays]
    elif pattern["type"] == "weekly":
        options["byweekday"] = weekdays or None
        options["wkst"] = DAYS.index(pattern.get("firstDayOfWeek", "sunday"))
    elif pattern["type"].startswith("absolute"):
        options["bymonthday"] = pattern["dayOfMonth"]
    if pattern["type"].endswith("Yearly"):
        options["bymonth"] = pattern["month"]
    if limits["type"] == "numbered":
        options["count"] = limits["numberOfOccurrences"]
    elif limits["type"] == "endDate":
        options["until"] = datetime.combine(date.fromisoformat(limits["endDate"]), time.max)
    return rrule(FREQUENCIES[pattern["type"]], dtstart=first, interval=pattern.get("interval", 1), **options)


def weekly(first: datetime, count: int, zone: str) -> Json:
    """Graph's recurrence of ``count`` weeks (0: without an end)."""
    local = first.astimezone(zone_named(zone))
    return recurrence_of(f"FREQ=WEEKLY;COUNT={count}" if count else "FREQ=WEEKLY", local, zone)


def recurrence_of(rule: str, first: datetime, zone: str) -> Json:
    """An RRULE as Outlook keeps it; only what calendars of people have."""
    parts = dict(part.split("=") for part in rule.split(";"))
    pattern: Json = {"interval": int(parts.get("INTERVAL", 1)), "firstDayOfWeek": "sunday"}
    match parts["FREQ"]:
        case "DAILY":
            pattern["type"] = "daily"
        case "WEEKLY":
            short = [name[:2].upper() for name in DAYS]
            own = [DAYS[short.index(name)] for name in parts["BYDAY"].split(",")] if "BYDAY" in parts else []
            pattern |= {"type": "weekly", "daysOfWeek": own or [DAYS[first.weekday()]]}
        case "MONTHLY":
            pattern |= {"type": "absoluteMonthly", "dayOfMonth": first.day}
        case other:
            raise AssertionError(f"the fake Outlook has no series of {other}")
    limits: Json = {"type": "noEnd", "startDate": first.date().isoformat(), "endDate": "0001-01-01"}
    limits |= {"recurrenceTimeZone": windows_name(zone), "numberOfOccurrences": 0}
    if "COUNT" in parts:
        limits |= {"type": "numbered", "numberOfOccurrences": int(parts["COUNT"])}
    elif "UNTIL" in parts:
        digits = re.sub(r"\D", "", parts["UNTIL"])[:8]
        limits |= {"type": "endDate", "endDate": f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"}
    return {"pattern": pattern, "range": limits}
