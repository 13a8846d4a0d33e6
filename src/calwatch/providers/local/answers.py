"""The user's own answer written into a calendar file, with everything else in the file left as it is."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from calwatch.errors import Stop
from calwatch.formats import itip
from calwatch.model.event import Person, Response
from calwatch.model.plain import one_line

_VERBS = {
    Response.ACCEPTED: "Accepted",
    Response.DECLINED: "Declined",
    Response.TENTATIVE: "Tentatively accepted",
    Response.NEEDS_ACTION: "Undecided",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """The file with the answer in it, and what the organizer is to be told (nothing without an organizer)."""

    data: bytes
    organizer: Person | None
    subject: str
    text: str
    reply: bytes
    key: str


def answered(
    data: bytes,
    *,
    me: frozenset[str],
    who: Person,
    recurrence_id: str | None,
    answer: Response,
    comment: str,
    viewer_zone: str,
    now: datetime,
) -> Answered | None:
    """Sets PARTSTAT of the user in one event, or in one occurrence of a series (as an override of its own).

    ``None`` when that is the answer already, or when nobody asked the user: then there is nothing to say. Raises
    ``Stop`` when the file or the occurrence cannot be found in a form that can be changed.
    """
    try:
        return _answered(data, me, who, recurrence_id, answer, comment, ZoneInfo(viewer_zone), now)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        # What the library raises for properties it cannot read, at the moment one of them is looked at.
        raise Stop(f"the calendar file cannot be changed: {one_line(str(error))}") from error


def _answered(
    data: bytes,
    me: frozenset[str],
    who: Person,
    recurrence_id: str | None,
    answer: Response,
    comment: str,
    zone: ZoneInfo,
    now: datetime,
) -> Answered | None:
    from icalendar import Calendar

    calendar = Calendar.from_ical(data)
    events = [c for c in calendar.subcomponents if c.name == "VEVENT"]
    event = next((e for e in events if _key(e, zone) == recurrence_id), None)
    if event is None:
        master = next((e for e in events if _key(e, zone) is None), None)
        if master is None or recurrence_id is None:
            raise Stop("the calendar file no longer has this event")
        event = _override(master, recurrence_id, zone)
        calendar.add_component(event)
    mine = [a for a in _attendees(event) if _address(a) in me]
    if not mine or all(str(a.params.get("PARTSTAT", "NEEDS-ACTION")).upper() == itip.PARTSTAT[answer] for a in mine):
        return None
    for attendee in mine:
        attendee.params["PARTSTAT"] = itip.PARTSTAT[answer]
        attendee.params.pop("RSVP", None)
    organizer = event.get("ORGANIZER")
    address = _address(organizer) if organizer is not None else ""
    told = Person(address, one_line(str(organizer.params.get("CN", "")))) if organizer is not None else None
    if told is not None and ("@" not in address or address in me):
        told = None
    asked = Person(_address(mine[0]), who.name)
    summary = one_line(str(event.get("SUMMARY", "")), 150)
    parts = ("rsvp", str(event.get("UID", "")), recurrence_id or "", str(event.get("SEQUENCE", 0)), answer.value)
    return Answered(
        data=bytes(calendar.to_ical()),
        organizer=told,
        subject=f"{_VERBS[answer]}: {summary}",
        text=f"{who.name or asked.email}: {_VERBS[answer].lower()}." + (f"\n\n{comment}" if comment else ""),
        reply=itip.reply(event, who=asked, answer=answer, comment=comment, now=now),
        key="\0".join(parts),
    )


def a_hold(uid: str, start: datetime, end: datetime, now: datetime) -> bytes:
    """A private "Busy" entry that says nothing else (RFC 5545 §3.8.1.3 CLASS)."""
    stamp = "%Y%m%dT%H%M%SZ"
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//calendar//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{now.astimezone(UTC).strftime(stamp)}",
        f"DTSTART:{start.astimezone(UTC).strftime(stamp)}",
        f"DTEND:{end.astimezone(UTC).strftime(stamp)}",
        "SUMMARY:Busy",
        "CLASS:PRIVATE",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(lines).encode("ascii")


def _override(master: Any, recurrence_id: str, zone: ZoneInfo) -> Any:
    """A copy of ``master`` that stands for the occurrence that started at ``recurrence_id`` (RFC 5545 §3.8.4.4)."""
    event = deepcopy(master)
    first = master["DTSTART"].dt
    last = master["DTEND"].dt if "DTEND" in master else None
    start: date | datetime
    if len(recurrence_id) == 8:
        start = datetime.strptime(recurrence_id, "%Y%m%d").replace(tzinfo=UTC).date()
    else:
        instant = datetime.strptime(recurrence_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if not isinstance(first, datetime):
            raise Stop("the occurrence to answer is not one of this event")
        start = instant.astimezone(first.tzinfo) if first.tzinfo else instant.astimezone(zone).replace(tzinfo=None)
    for name in ("RRULE", "RDATE", "EXDATE", "EXRULE", "DTSTART", "DTEND"):
        event.pop(name, None)
    event.add("DTSTART", start)
    if last is not None:
        event.add("DTEND", start + (last - first))
    event.add("RECURRENCE-ID", start)
    return event


def _key(event: Any, zone: ZoneInfo) -> str | None:
    value = event.get("RECURRENCE-ID")
    if value is None:
        return None
    moment = value.dt
    if isinstance(moment, datetime) and moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return itip.occurrence_key(moment)


def _attendees(event: Any) -> Iterable[Any]:
    found = event.get("ATTENDEE", [])
    return found if isinstance(found, list) else [found]


def _address(value: Any) -> str:
    text = str(value).strip()
    return (text[7:] if text[:7].lower() == "mailto:" else text).strip().lower()
