"""Mails about meetings read into invitations: what Exchange made of the calendar part nobody gets to see any more.

The time is the one the mail tells. The appointment it is linked to shows the present instead, so that only people are
taken from there. Of an invitation no revision number is taken: Graph shows none of the calendar's copy, which Exchange
keeps up to date by itself, and a mail that has one would outrank it for good. Their moments say which is newer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from calwatch.formats.moments import UTC_ZONE, Zone
from calwatch.model.event import Attendee, Event, Person, Response, Status
from calwatch.model.message import Invitation, Message, Method
from calwatch.model.plain import one_line
from calwatch.model.walltime import occurrence_key
from calwatch.providers.outlook.calendar.people import Viewer, read_people
from calwatch.providers.outlook.calendar.times import NoTime, Timing, read_instant, read_original, read_timing
from calwatch.providers.outlook.calendar.uid import plain_uid, uid_of_property
from calwatch.providers.outlook.mail import marker
from calwatch.providers.remote.fields import Fields

_METHODS = {"meetingrequest": Method.REQUEST, "meetingcancelled": Method.CANCEL}
_ANSWERS = {
    "meetingaccepted": Response.ACCEPTED,
    "meetingtenativelyaccepted": Response.TENTATIVE,  # the spelling of Graph's own schema
    "meetingtentativelyaccepted": Response.TENTATIVE,
    "meetingdeclined": Response.DECLINED,
}
_PREFIX = re.compile(
    r"^\s*(?:cancel(?:l)?ed|abgesagt|annul[ée]e?|cancelad[oa]|annullat[oa]|geannuleerd"
    r"|accepted|tentative(?:ly accepted)?|declined|new time proposed"
    r"|angenommen|zugesagt|mit vorbehalt|abgelehnt|neuer termin vorgeschlagen|neue zeit vorgeschlagen"
    r"|accept[ée]e?|provisoire|refus[ée]e?|aceptad[oa]|provisional|rechazad[oa]|aceite|provis[óo]rio|recusad[oa]"
    r"|accettat[oa]|provvisorio|rifiutat[oa]|geaccepteerd|voorlopig|geweigerd|afgewezen)\s*:\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Told:
    method: Method
    answer: Response | None


def has_an_event(item: Fields) -> bool:
    """Whether an appointment may be linked to it; to answers none ever is."""
    return item.word("meetingMessageType").lower() in _METHODS


def read_invitation(item: Fields, linked: Fields, message: Message, viewer: Viewer) -> Invitation | None:
    """The invitation of an event message; ``None`` where it is none.

    ``item`` is the mail with its properties, ``linked`` the appointment it is linked to, as far as there is one.
    """
    known = marker.properties(item)
    told = _told(item, known)
    uid = _uid(known, linked)
    timing = _timing(_as_event(item), viewer.zone)
    if told is None or not uid or timing is None:
        return None
    proposed = _proposal(item, known) if told.method is Method.COUNTER else None
    number = marker.value(known, marker.SEQUENCE)
    attendees, organizer, response, optional, hidden = _people(told, linked, message, viewer)
    of_series = item.word("type") == "seriesMaster"
    event = Event(
        ref=message.ref,
        uid=uid,
        start=proposed.start if proposed else timing.start,
        end=proposed.end if proposed else timing.end,
        recurrence_id=_occurrence(item, known, linked, timing, told.method, viewer.zone),
        sequence=_number(number),
        sequence_told=bool(number),
        dtstamp=_stamp(known, message),
        all_day=timing.start_date is not None and proposed is None,
        start_date=timing.start_date if proposed is None else None,
        end_date=timing.end_date if proposed is None else None,
        summary=without_prefix(message.subject),
        description=message.text,
        location=item.inner("location").line("displayName"),
        organizer=organizer,
        attendees=attendees,
        status=Status.CANCELLED if told.method is Method.CANCEL else Status.CONFIRMED,
        response=response,
        optional=optional,
        recurring=of_series or item.word("type") in ("occurrence", "exception"),
        guests_hidden=hidden,
    )
    comment = message.text if told.method in (Method.REPLY, Method.COUNTER) else ""
    return Invitation(method=told.method, items=(event,), comment=comment)


def without_prefix(subject: str) -> str:
    """A subject without what Outlook puts before it in seven languages, which it may do more than once."""
    while (found := _PREFIX.match(subject)) is not None:
        subject = subject[found.end() :]
    return subject.strip()


def _told(item: Fields, known: marker.Properties) -> _Told | None:
    kind = item.word("meetingMessageType").lower()
    if kind in _METHODS:
        return _Told(_METHODS[kind], None)
    if kind not in _ANSWERS:
        return None
    proposes = _proposal(item, known) is not None
    return _Told(Method.COUNTER if proposes else Method.REPLY, _ANSWERS[kind])


def _uid(known: marker.Properties, linked: Fields) -> str:
    for name in (marker.CLEAN_OBJECT_ID, marker.OBJECT_ID):
        uid = uid_of_property(marker.value(known, name))
        if uid:
            return uid
    return plain_uid(one_line(linked.word("iCalUId"), limit=1_000))


def _as_event(item: Fields) -> Fields:
    """The times of an event message under the names an event has for them; one may tell its start only."""
    start = {"dateTime": item.inner("startDateTime").word("dateTime"), "timeZone": _zone(item, "start")}
    end = {"dateTime": item.inner("endDateTime").word("dateTime"), "timeZone": _zone(item, "end")}
    return Fields(
        {
            "start": start,
            "end": end if end["dateTime"] else start,
            "isAllDay": item.flag("isAllDay"),
        }
    )


def _zone(item: Fields, which: str) -> str:
    return item.inner(f"{which}DateTime").word("timeZone")


def _proposal(item: Fields, known: marker.Properties) -> Timing | None:
    """The time an attendee proposes instead."""
    proposed = item.inner("proposedNewTime")
    if "start" in proposed and "end" in proposed:
        return _timing(proposed, UTC_ZONE)
    start = _instant(marker.value(known, marker.PROPOSED_START))
    end = _instant(marker.value(known, marker.PROPOSED_END))
    return Timing(start, max(start, end)) if start is not None and end is not None else None


def _timing(event: Fields, zone: Zone) -> Timing | None:
    try:
        return read_timing(event, zone)
    except NoTime:
        return None


def _occurrence(
    item: Fields, known: marker.Properties, linked: Fields, timing: Timing, method: Method, zone: Zone
) -> str | None:
    """Which occurrence is meant; ``None`` for an appointment that is single, and for a whole series called off.

    An invitation to a series is one to its first occurrence: the calendar knows the others.
    """
    kind = item.word("type")
    if kind == "seriesMaster":
        return None if method is Method.CANCEL else occurrence_key(timing.start_date or timing.start)
    if kind not in ("occurrence", "exception"):
        return None
    if linked.word("type") in ("occurrence", "exception") and (there := _timing(linked, zone)) is not None:
        return read_original(linked, there, zone)
    replaced = _instant(marker.value(known, marker.REPLACED_START))
    if timing.start_date is not None:
        return occurrence_key(timing.start_date)
    return occurrence_key(replaced if replaced is not None else timing.start)


def _stamp(known: marker.Properties, message: Message) -> datetime:
    moments = [_instant(marker.value(known, n)) for n in (marker.ORGANIZER_CHANGED, marker.ATTENDEE_CHANGED)]
    return next((moment for moment in moments if moment is not None), message.date)


def _people(
    told: _Told, linked: Fields, message: Message, viewer: Viewer
) -> tuple[tuple[Attendee, ...], Person | None, Response, bool, bool]:
    """Attendees, organizer, the user's own answer, whether they are optional, whether guests may be missing."""
    if told.answer is not None:
        sender = message.sender
        own = sender is not None and sender.email in viewer.own
        answering = (Attendee(sender, told.answer),) if sender is not None else ()
        organizer = next(iter(message.to), None) if own else viewer.me
        return answering, organizer, told.answer if own else Response.OWN, False, True
    people = read_people(linked, viewer)
    organizer = people.organizer or message.sender
    attendees = tuple(Attendee(a.person, Response.NEEDS_ACTION, a.optional, a.cutype) for a in people.attendees)
    if not attendees:
        attendees = tuple(Attendee(person) for person in (*message.to, *message.cc))
    own = organizer is not None and organizer.email in viewer.own
    return attendees, organizer, Response.OWN if own else Response.NEEDS_ACTION, people.optional, people.hidden


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _instant(text: str) -> datetime | None:
    found = read_instant(Fields({"moment": text}), "moment") if text else None
    return found if found is not None and found.year not in (1, 4501) else None
