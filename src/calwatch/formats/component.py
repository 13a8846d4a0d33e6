"""One VEVENT block read whole: what it says about itself, before it is known whether it stands alone or in a series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import unescape as unescape_html
from re import compile as compile_pattern

from calwatch.formats.lines import Line, content_lines, many_lines, one_line, split_list, unescape
from calwatch.formats.moments import LAST_YEAR, UTC_ZONE, Moment, Zones, parse_duration, read_moment, read_moments
from calwatch.formats.people import MOST_ATTENDEES, own_answer, read_attendees, read_person
from calwatch.model.event import Event, Kind, Status
from calwatch.model.walltime import instant

MOST_DATES = 10_000
"""RDATE and EXDATE values kept of one component."""

_MOST_RULES = 20
_FAR_FUTURE = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
_TAG = compile_pattern(r"<[^<>]{0,1000}>")
_LINKS = ("URL", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "CONFERENCE")
_STATUSES = {"tentative": Status.TENTATIVE, "cancelled": Status.CANCELLED, "canceled": Status.CANCELLED}
_TIMELESS_METHODS = ("CANCEL", "REPLY", "COUNTER", "DECLINECOUNTER")


class UnreadableComponent(ValueError):
    """A VEVENT that cannot be used; ``uid`` names it as far as known."""

    def __init__(self, uid: str, reason: str) -> None:
        self.uid = uid
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything outside a component that its reading depends on."""

    me: frozenset[str]
    zones: Zones
    method: str
    ref: str
    etag: str


@dataclass(frozen=True, slots=True)
class Component:
    """A VEVENT as read. ``event`` has no ``recurrence_id`` yet: its spelling depends on the master."""

    uid: str
    event: Event
    start: Moment
    recurrence: Moment | None
    this_and_future: bool
    rules: tuple[str, ...]
    added: tuple[tuple[Moment, int | None], ...]
    removed: tuple[Moment, ...]
    nominal_days: int
    comment: str
    unknown_zones: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, datetime]:
        """What decides between two versions (RFC 5546 §2.1.5): the greater is the newer."""
        return self.event.sequence, self.event.dtstamp or datetime.min.replace(tzinfo=UTC)


def read_component(block: bytes, reading: Reading) -> Component:
    """Reads one VEVENT; raises ``UnreadableComponent`` with the UID and a reason naming the line."""
    single: dict[str, Line] = {}
    several: dict[str, list[Line]] = {"ATTENDEE": [], "RRULE": [], "RDATE": [], "EXDATE": [], "COMMENT": []}
    for line in content_lines(block):
        if line.name in several:
            several[line.name].append(line)
        else:
            single.setdefault(line.name, line)
    uid = one_line(_value(single, "UID"))[:1000]
    current = "VEVENT"
    try:
        current = "RECURRENCE-ID"
        recurrence = read_moment(single["RECURRENCE-ID"], reading.zones) if "RECURRENCE-ID" in single else None
        stamp = _stamp(single, reading.zones)
        current = "DTSTART"
        start = _start(single, recurrence, stamp, reading)
        current = "DTEND" if "DTEND" in single else "DURATION"
        timing, nominal_days = _timing(single, start, reading.zones)
    except (ValueError, OverflowError) as error:
        raise UnreadableComponent(uid, f"{current}: {error}") from error
    organizer = read_person(single["ORGANIZER"]) if "ORGANIZER" in single else None
    attendees = read_attendees(several["ATTENDEE"][: 2 * MOST_ATTENDEES])
    response, optional = own_answer(attendees, organizer, reading.me)
    availability = _value(single, "X-MICROSOFT-CDO-BUSYSTATUS").upper()
    event = Event(
        ref=reading.ref,
        uid=uid,
        etag=reading.etag,
        sequence=_number(_value(single, "SEQUENCE")),
        dtstamp=stamp,
        created=_instant(single, "CREATED", reading.zones),
        summary=one_line(unescape(_value(single, "SUMMARY"))),
        description=_description(single),
        location=one_line(unescape(_value(single, "LOCATION"))),
        url=next((one_line(single[name].value) for name in _LINKS if name in single and single[name].value), ""),
        organizer=organizer,
        attendees=attendees,
        status=_status(_value(single, "STATUS"), reading.method),
        response=response,
        optional=optional,
        transparent=_value(single, "TRANSP").upper() == "TRANSPARENT" or availability == "FREE",
        kind=Kind.OUT_OF_OFFICE if availability == "OOF" else Kind.DEFAULT,
        categories=tuple(one_line(item) for item in split_list(_value(single, "CATEGORIES"))[:50]),
        replaces=one_line(unescape(_value(single, "RELATED-TO")))[:1000] or None,
        **timing,  # type: ignore[arg-type] # the fields of time, made in one place
    )
    return Component(
        uid=uid,
        event=event,
        start=Moment(event.start_date, reading.zones.floating) if event.start_date else start,
        recurrence=recurrence,
        this_and_future="RECURRENCE-ID" in single
        and single["RECURRENCE-ID"].parameter("RANGE").upper() == "THISANDFUTURE",
        rules=tuple(line.value.strip()[:2000] for line in several["RRULE"][:_MOST_RULES]),
        added=tuple(_dates(several["RDATE"], reading.zones)),
        removed=tuple(moment for moment, _ in _dates(several["EXDATE"], reading.zones)),
        nominal_days=nominal_days,
        comment="\n".join(many_lines(unescape(line.value)) for line in several["COMMENT"][:10]),
        unknown_zones=_unknown_zones(single, several, reading.zones) if reading.zones.unknown else (),
    )


def _start(single: Mapping[str, Line], recurrence: Moment | None, stamp: datetime | None, reading: Reading) -> Moment:
    if "DTSTART" in single:
        return read_moment(single["DTSTART"], reading.zones)
    # RFC 5546 lets an answer or a cancellation leave the time out: it then names the appointment, not a time.
    if reading.method in _TIMELESS_METHODS:
        if recurrence is not None:
            return recurrence
        if stamp is not None:
            return Moment(stamp.replace(tzinfo=None), UTC_ZONE)
    raise ValueError("the event has none, so it has no time")


def _timing(single: Mapping[str, Line], start: Moment, zones: Zones) -> tuple[dict[str, object], int]:
    """The time fields of the event, and the days of its length that follow the wall clock (only from DURATION)."""
    end = read_moment(single["DTEND"], zones) if "DTEND" in single and "DTSTART" in single else None
    duration = single.get("DURATION") if end is None else None
    if start.is_date or _is_outlook_all_day(single, start, end):
        first = start.day
        if end is not None:
            last = end.day + timedelta(days=1 if _after_midnight(end) else 0)
        else:
            days, exact = parse_duration(duration.value) if duration else (1, timedelta())
            last = first + timedelta(days=days - (-exact // timedelta(days=1)))
        last = max(last, first + timedelta(days=1))
        zone = zones.floating.zone
        return {
            "start": instant(first, zone),
            "end": min(instant(last, zone), _FAR_FUTURE),
            "all_day": True,
            "start_date": first,
            "end_date": min(last, _FAR_FUTURE.date()),
        }, 0
    begin, nominal_days = start.instant, 0
    if end is not None:
        finish = Moment(end.local, start.zone).instant if end.is_date else end.instant
        if finish <= begin and isinstance(end.local, datetime) and end.zone == start.zone:
            # A start inside a gap may pass its own end; the length people wrote down is what they meant.
            finish = begin + max(end.local - _clock(start.local), timedelta())
    elif duration is not None:
        nominal_days, exact = parse_duration(duration.value)
        finish = instant(start.local + timedelta(days=nominal_days), start.zone.zone) + exact
    else:
        finish = begin  # §3.6.1: a DATE-TIME without an end takes no time
    return {
        "start": begin,
        "end": min(max(finish, begin), max(_FAR_FUTURE, begin)),
        "floating": start.zone is zones.floating,
        "timezone": start.zone.name,
    }, nominal_days


def _unknown_zones(
    single: Mapping[str, Line], several: Mapping[str, list[Line]], zones: Zones
) -> tuple[str, ...]:  # fmt: skip
    """The TZIDs that placed a time of this component and that nobody knows."""
    lines = [single[name] for name in ("DTSTART", "DTEND", "RECURRENCE-ID") if name in single]
    placed = (
        line.parameter("TZID")
        for line in (*lines, *several["RDATE"][:MOST_DATES], *several["EXDATE"][:MOST_DATES])
        if "T" in line.value.upper() and not line.value.rstrip().upper().endswith("Z")
    )
    return tuple(one_line(name)[:80] for name in dict.fromkeys(placed) if name in zones.unknown)


def _clock(local: datetime | date) -> datetime:
    return local if isinstance(local, datetime) else datetime.combine(local, time())


def _after_midnight(moment: Moment) -> bool:
    return isinstance(moment.local, datetime) and moment.local.time() != time()


def _is_outlook_all_day(single: Mapping[str, Line], start: Moment, end: Moment | None) -> bool:
    """Outlook writes all-day entries from midnight to midnight and marks them."""
    return (
        _value(single, "X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE"
        and end is not None
        and not end.is_date
        and not _after_midnight(start)
        and not _after_midnight(end)
        and end.day > start.day
    )


def _dates(lines: list[Line], zones: Zones) -> list[tuple[Moment, int | None]]:
    found: list[tuple[Moment, int | None]] = []
    for line in lines[:MOST_DATES]:
        found += read_moments(line, zones, MOST_DATES - len(found))
        if len(found) >= MOST_DATES:
            break
    return found


def _value(single: Mapping[str, Line], name: str) -> str:
    line = single.get(name)
    return line.value.strip() if line is not None else ""


def _instant(single: Mapping[str, Line], name: str, zones: Zones) -> datetime | None:
    if name not in single:
        return None
    try:
        return read_moment(single[name], zones).instant
    except (ValueError, OverflowError):
        return None


def _stamp(single: Mapping[str, Line], zones: Zones) -> datetime | None:
    return _instant(single, "DTSTAMP", zones) or _instant(single, "LAST-MODIFIED", zones)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _status(text: str, method: str) -> Status:
    if method == "CANCEL":  # RFC 5546 §3.2.5: the method says it, whether or not STATUS does
        return Status.CANCELLED
    return _STATUSES.get(text.lower(), Status.CONFIRMED)


def _description(single: Mapping[str, Line]) -> str:
    text = unescape(_value(single, "DESCRIPTION"))
    if not text and "X-ALT-DESC" in single:
        text = unescape_html(_TAG.sub(" ", unescape(single["X-ALT-DESC"].value)))
    return many_lines(text)
