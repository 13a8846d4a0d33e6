"""When an Outlook event is: wall times with the zone beside them made into instants, days kept as days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from calwatch.formats.moments import LAST_YEAR, UTC_ZONE, Moment, Zone, named_zone, parse_moment
from calwatch.formats.zones import resolve
from calwatch.model.walltime import instant, occurrence_key, wall_time
from calwatch.providers.remote.fields import Fields

_FAR_FUTURE = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
_MIDNIGHT = datetime.min.time()


class NoTime(ValueError):
    """An event whose time cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Timing:
    """``start_date`` and ``end_date`` are those of a whole day; ``zone`` the name of the one its author thought in."""

    start: datetime
    end: datetime
    start_date: date | None = None
    end_date: date | None = None
    zone: str | None = None


def zone_named(name: str) -> Zone | None:
    """The zone of a Windows or IANA name; ``None`` when nobody knows it, such as ``tzone://Microsoft/Custom``."""
    if name.casefold() == "tzone://microsoft/utc":
        return UTC_ZONE
    return named_zone(resolve(name)) if name else None


def viewer_zone(name: str) -> Zone:
    """The zone of the person, by its IANA name."""
    return zone_named(name) or Zone(name, ZoneInfo(name), name)


def read_timing(event: Fields, viewer: Zone) -> Timing:
    """The time of an event. Days are the viewer's, wherever they were written. Raises ``NoTime``."""
    begin = _moment(event.inner("start"), viewer, "start")
    if begin is None:
        raise NoTime("it has no start, so it has no time")
    finish = _moment(event.inner("end"), viewer, "end")
    if finish is None:
        raise NoTime("it has no end, so nobody knows what time it takes")
    try:
        if event.flag("isAllDay"):
            return _days(begin, finish, viewer)
        start = begin.instant
        end = min(max(finish.instant, start), max(_FAR_FUTURE, start))
    except (ValueError, OverflowError) as error:
        raise NoTime(f"its time cannot be read: {error}") from error
    zone = zone_named(event.word("originalStartTimeZone"))
    return Timing(start, end, zone=zone.name if zone is not None else None)


def read_original(event: Fields, timing: Timing, viewer: Zone) -> str:
    """The key of an occurrence's original start. One that shows none was never moved."""
    original = read_instant(event, "originalStart") if event.word("type") != "occurrence" else None
    if original is None:
        return occurrence_key(timing.start_date or timing.start)
    if timing.start_date is not None:
        for zone in (UTC_ZONE, zone_named(event.word("originalStartTimeZone")) or viewer, viewer):
            local = wall_time(original, zone.zone)
            if local.time() == _MIDNIGHT:
                return occurrence_key(local.date())
    return occurrence_key(original)


def read_instant(event: Fields, name: str) -> datetime | None:
    """A moment such as ``lastModifiedDateTime``; ``None`` when it is missing, unreadable, or "never"."""
    try:
        return parse_moment(event.word(name), UTC_ZONE, UTC_ZONE).instant if name in event else None
    except (ValueError, OverflowError):
        return None


def written(moment: datetime) -> str:
    """An instant as Graph wants it in parameters: each has its own offset there, whatever zone is preferred."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_body(moment: datetime) -> dict[str, str]:
    """An instant as Graph wants it in bodies: the zone beside it, on every one."""
    return {"dateTime": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def _moment(fields: Fields, viewer: Zone, what: str) -> Moment | None:
    """The zone is the one that was asked for: UTC. Of one nobody knows, the wall time is the viewer's."""
    text = fields.word("dateTime")
    if not text:
        return None
    name = fields.word("timeZone")
    zone = (zone_named(name) or viewer) if name else UTC_ZONE
    try:
        return parse_moment(text, zone, viewer)
    except (ValueError, OverflowError) as error:
        raise NoTime(f"its {what} cannot be read: {error}") from error


def _days(begin: Moment, finish: Moment, viewer: Zone) -> Timing:
    """A day has no zone: its date is taken as it stands, and never through an instant."""
    first = begin.day
    last = max(finish.day, first + timedelta(days=1))
    last = min(last, max(_FAR_FUTURE.date(), first))
    return Timing(instant(first, viewer.zone), instant(last, viewer.zone), first, last)
