"""DATE, DATE-TIME, PERIOD and DURATION values with their zones: from what stands in a file to instants."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from calwatch.formats.lines import Line
from calwatch.formats.zones import resolve
from calwatch.model.walltime import FLOATING_KEY, UTC_KEY, custom_zone, instant, occurrence_key

FIRST_YEAR, LAST_YEAR = 1500, 3000
"""Years beyond are typing errors or "for ever"; 1604 is how one vendor writes a birthday without a year."""

_MOMENT = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[Tt ](\d\d):?(\d\d)(?::?(\d\d))?(?:[.,]\d{1,9})?([Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)


class Zone(NamedTuple):
    """A zone as a file names it: its ``Series.zone_key``, the zone itself, and its IANA name if it is a place."""

    key: str
    zone: tzinfo
    name: str | None = None


UTC_ZONE = Zone(UTC_KEY, UTC)


class Moment(NamedTuple):
    """A wall time (or date) and the zone it is in; for dates the zone is the viewer's."""

    local: datetime | date
    zone: Zone

    @property
    def is_date(self) -> bool:
        return not isinstance(self.local, datetime)

    @property
    def instant(self) -> datetime:
        """In UTC; a date is its midnight in the viewer's zone."""
        return instant(self.local, self.zone.zone)

    @property
    def day(self) -> date:
        return self.local.date() if isinstance(self.local, datetime) else self.local

    @property
    def key(self) -> str:
        return occurrence_key(self.local if self.is_date else self.instant)


class Zones:
    """Looks up the TZIDs of one file: IANA wins over the file's own VTIMEZONE, which serves names nobody knows."""

    def __init__(self, viewer_zone: str, definitions: Callable[[], dict[str, str]]) -> None:
        """``definitions`` gives TZID → VTIMEZONE text, and is called only when a name cannot be resolved.

        ``unknown`` are the TZIDs met so far that stood in for the viewer's own zone.
        """
        self.floating = Zone(FLOATING_KEY, ZoneInfo(viewer_zone))
        self.unknown: set[str] = set()
        self._definitions = definitions
        self._found: dict[str, Zone] = {}

    def find(self, tzid: str) -> Zone:
        """The zone of a TZID parameter; without or with an unknown one the viewer's own: a wall time is all we have."""
        if not tzid:
            return self.floating
        zone = self._found.get(tzid)
        if zone is None:
            zone = self._found[tzid] = named_zone(resolve(tzid)) or self._defined(tzid) or self.floating
            if zone is self.floating:
                self.unknown.add(tzid)
        return zone

    def _defined(self, tzid: str) -> Zone | None:
        text = self._definitions().get(tzid.strip())
        if text is None:
            return None
        location = re.search(r"^X-LIC-LOCATION:(\S{1,80})", text, re.MULTILINE)
        if location and (zone := named_zone(resolve(location[1]))):
            return zone
        try:
            return Zone(tzid.strip(), custom_zone(text))
        except ValueError:
            return None

    def text_of(self, key: str) -> str | None:
        """The VTIMEZONE text behind a custom ``zone_key``; ``None`` for all others."""
        return self._definitions().get(key) if is_custom(self._found.get(key)) else None


def is_custom(zone: Zone | None) -> bool:
    """Whether a zone is known by its definition only."""
    return zone is not None and zone.name is None and zone.key not in (UTC_KEY, FLOATING_KEY)


@lru_cache(maxsize=512)
def named_zone(name: str | None) -> Zone | None:
    """The zone of an IANA name from ``resolve``."""
    if name is None:
        return None
    return UTC_ZONE if name == UTC_KEY else Zone(name, ZoneInfo(name), name)


def parse_moment(value: str, zone: Zone, floating: Zone, *, date_only: bool = False) -> Moment:
    """A DATE or DATE-TIME (RFC 5545 §3.3.4, §3.3.5), also in ISO 8601's spelling; raises ValueError.

    ``zone`` is that of the TZID parameter; ``Z`` and offsets in the value win over it.
    """
    match = _MOMENT.fullmatch(value.strip())
    if match is None:
        raise ValueError(f'"{value[:40]}" is not a date or a time')
    year, month, day, hour, minute, second, mark = match.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"the year {year} is out of range")
    if hour is None or date_only:
        return Moment(date(int(year), int(month), int(day)), floating)
    # 23:59:60 is a leap second, which no clock here has; 24:00 is how some write the end of a day.
    whole_day = hour == "24" and minute == "00"
    local = datetime(  # noqa: DTZ001 - a wall time, its zone stands beside it
        int(year), int(month), int(day), 0 if whole_day else int(hour), int(minute), min(int(second or 0), 59)
    )
    if whole_day:
        local += timedelta(days=1)
    if mark is None:
        return Moment(local, zone)
    if mark not in "Zz":
        sign = -1 if mark[0] == "-" else 1
        offset = sign * timedelta(hours=int(mark[1:3]), minutes=int(mark[-2:]))
        local = local.replace(tzinfo=timezone(offset)).astimezone(UTC).replace(tzinfo=None)
    return Moment(local, UTC_ZONE)


def read_moment(line: Line, zones: Zones) -> Moment:
    """The value of a DTSTART-like line."""
    if not line.parameters:
        return parse_moment(line.value, zones.floating, zones.floating)
    date_only = line.parameter("VALUE").upper() == "DATE"
    return parse_moment(line.value, zones.find(line.parameter("TZID")), zones.floating, date_only=date_only)


def read_moments(line: Line, zones: Zones, limit: int) -> list[tuple[Moment, int | None]]:
    """The values of an RDATE or EXDATE line, with the seconds of a PERIOD; unreadable ones are left out."""
    zone = zones.find(line.parameter("TZID"))
    date_only = line.parameter("VALUE").upper() == "DATE"
    found: list[tuple[Moment, int | None]] = []
    for value in line.value.split(",", limit)[:limit]:
        begin, slash, rest = value.partition("/")
        try:
            moment = parse_moment(begin, zone, zones.floating, date_only=date_only)
            seconds: int | None = None
            if slash:
                days, exact = parse_duration(rest) if rest.strip("+- ")[:1] in ("P", "p") else (0, None)
                end = (
                    moment.instant + timedelta(days=days) + exact
                    if exact is not None
                    else (parse_moment(rest, zone, zones.floating).instant)
                )
                seconds = max(0, int((end - moment.instant).total_seconds()))
        except (ValueError, OverflowError):
            continue
        found.append((moment, seconds))
    return found


def parse_duration(value: str) -> tuple[int, timedelta]:
    """A DURATION as whole days, which follow the wall clock, and exact time (RFC 5545 §3.3.6); raises ValueError.

    A negative one counts as none: nothing ends before it starts.
    """
    match = _DURATION.fullmatch(value.strip())
    if match is None or not any(match.groups()[1:]):
        raise ValueError(f'"{value[:40]}" is not a duration')
    if match[1] == "-":
        return 0, timedelta()
    weeks, days, hours, minutes, seconds = (int(group or 0) for group in match.groups()[1:])
    return weeks * 7 + days, timedelta(hours=hours, minutes=minutes, seconds=seconds)
