"""When an event is: ``start`` and ``end`` of Google's JSON made into instants, and the zone its author thought in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from calwatch.formats.moments import LAST_YEAR, Moment, Zone, named_zone, parse_moment
from calwatch.formats.zones import resolve
from calwatch.model.walltime import UTC_KEY, instant, wall_time
from calwatch.providers.remote.fields import Fields

_FAR_FUTURE = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)


class NoTime(ValueError):
    """An event whose time cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Timing:
    """``local`` is the wall time or date of the start in ``zone``; ``named`` whether the event itself named that."""

    start: datetime
    end: datetime
    local: datetime | date
    end_date: date | None
    zone: Zone
    named: bool

    @property
    def start_date(self) -> date | None:
        return None if isinstance(self.local, datetime) else self.local

    @property
    def series_zone(self) -> str:
        """``Series.zone_key``; of UTC the other name for days, whose zone would else be the viewer's."""
        return "Etc/UTC" if self.zone.key == UTC_KEY and self.start_date is not None else self.zone.key


def zone_named(name: str) -> Zone | None:
    """The zone of a name Google gives; ``None`` when nobody knows it."""
    return named_zone(resolve(name)) if name else None


def read_timing(event: Fields, calendar_zone: Zone) -> Timing:
    """The time of an event; days and times without a zone are in ``calendar_zone``. Raises ``NoTime``."""
    start, end = event.inner("start"), event.inner("end")
    zone = zone_named(start.word("timeZone"))
    begin = _moment(start, calendar_zone, "start")
    if begin is None:
        raise NoTime("it has no start, so it has no time")
    finish = _moment(end, calendar_zone, "end")
    try:
        if begin.is_date:
            return _days(begin, finish, calendar_zone)
        return _hours(begin, finish, zone, calendar_zone)
    except (ValueError, OverflowError) as error:
        raise NoTime(f"its time cannot be read: {error}") from error


def read_original(event: Fields, calendar_zone: Zone) -> str | None:
    """The original start of an occurrence as a key; ``None`` when it is missing or cannot be read."""
    try:
        original = _moment(event.inner("originalStartTime"), calendar_zone, "originalStartTime")
        return None if original is None else original.key
    except (NoTime, OverflowError):
        return None


def read_instant(event: Fields, name: str, calendar_zone: Zone) -> datetime | None:
    """A moment such as ``updated``; ``None`` when it is missing or cannot be read."""
    try:
        return parse_moment(event.word(name), calendar_zone, calendar_zone).instant if name in event else None
    except (ValueError, OverflowError):
        return None


def _moment(fields: Fields, calendar_zone: Zone, what: str) -> Moment | None:
    written = fields.word("dateTime") or fields.word("date")
    if not written:
        return None
    zone = zone_named(fields.word("timeZone")) or calendar_zone
    try:
        return parse_moment(written, zone, calendar_zone, date_only="dateTime" not in fields)
    except (ValueError, OverflowError) as error:
        raise NoTime(f"its {what} cannot be read: {error}") from error


def _days(begin: Moment, finish: Moment | None, calendar_zone: Zone) -> Timing:
    first = begin.day
    last = max(finish.day if finish is not None else first, first + timedelta(days=1))
    last = min(last, _FAR_FUTURE.date())
    zone = calendar_zone.zone
    return Timing(instant(first, zone), instant(last, zone), first, last, calendar_zone, named=False)


def _hours(begin: Moment, finish: Moment | None, zone: Zone | None, calendar_zone: Zone) -> Timing:
    start = begin.instant
    end = start if finish is None else min(max(finish.instant, start), max(_FAR_FUTURE, start))
    thought_in = zone or calendar_zone
    local = wall_time(start, thought_in.zone)
    return Timing(start, end, local, None, thought_in, named=zone is not None)


def written(moment: datetime) -> str:
    """An instant as Google wants it in parameters and bodies."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
