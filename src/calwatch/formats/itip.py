"""Scheduling messages (iTIP, RFC 5546): invitations read from mail parts, and the answer to one written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from calwatch.formats.ical import read
from calwatch.model.event import Person, Response, Series
from calwatch.model.message import Invitation, Method

_MOST_CALENDARS = 5
_LARGEST = 2_000_000
_MOST_SERIES = 5
"""Repeating appointments taken of one calendar part; a real invitation has one, and each may be costly to unfold."""

PARTSTAT = {
    Response.ACCEPTED: "ACCEPTED",
    Response.DECLINED: "DECLINED",
    Response.TENTATIVE: "TENTATIVE",
    Response.NEEDS_ACTION: "NEEDS-ACTION",
}


def invitations(
    parts: Iterable[tuple[str, bytes]], *, me: frozenset[str], viewer_zone: str, ref: str
) -> tuple[Invitation, ...]:
    """What the calendar parts of one mail say; parts that cannot be read, or repeat another, are left out.

    A method in the file outranks the one the part names; a file without any is PUBLISH (RFC 5546 §1.4).
    """
    found: list[Invitation] = []
    seen: set[bytes] = set()
    for named, data in parts:
        if len(found) == _MOST_CALENDARS or len(data) > _LARGEST:
            break
        digest = hashlib.sha256(b"".join(data.split())).digest()
        if digest in seen:
            continue
        seen.add(digest)
        parsed = read(data, me=me, viewer_zone=viewer_zone, window=None, ref=ref)
        name = (parsed.method or named or "PUBLISH").upper()
        series = [item for item in parsed.items if isinstance(item, Series)]
        beyond = {id(item) for item in series[_MOST_SERIES:]}
        items = [item for item in parsed.items if id(item) not in beyond]
        if items and name in Method.__members__:
            found.append(Invitation(method=Method[name], items=tuple(items), comment=parsed.comment))
    return tuple(found)


def reply(component: Any, *, who: Person, answer: Response, comment: str = "", now: datetime) -> bytes:
    """A METHOD:REPLY for one VEVENT (an ``icalendar`` component), from ``who`` to its organizer (RFC 5546 §3.2.3).

    Carries UID, SEQUENCE, RECURRENCE-ID and times of the event answered and only the one attendee who answers.
    """
    from icalendar import Calendar, Event, vCalAddress

    told = Event()
    for name in ("UID", "ORGANIZER", "SEQUENCE", "DURATION", "SUMMARY"):
        if name in component:
            told[name] = component[name]
    for name in ("RECURRENCE-ID", "DTSTART", "DTEND"):
        if name in component:
            moment = component[name].dt
            aware = isinstance(moment, datetime) and moment.tzinfo is not None
            told.add(name, moment.astimezone(UTC) if aware else moment)  # in UTC, no time zone must be sent along
    told.add("DTSTAMP", now.astimezone(UTC))
    attendee = vCalAddress(f"mailto:{who.email}")
    attendee.params["PARTSTAT"] = PARTSTAT[answer]
    if who.name:
        attendee.params["CN"] = who.name
    told.add("ATTENDEE", attendee, encode=False)
    if comment:
        told.add("COMMENT", comment)
    calendar = Calendar()
    calendar.add("PRODID", "-//iTIP//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "REPLY")
    calendar.add_component(told)
    return bytes(calendar.to_ical())


def occurrence_key(value: date | datetime | None) -> str | None:
    """``Event.recurrence_id`` for a RECURRENCE-ID as ``icalendar`` reads it: UTC start or date."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return value.strftime("%Y%m%d") if value is not None else None
