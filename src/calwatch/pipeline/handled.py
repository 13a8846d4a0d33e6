"""Whether the person has the trouble in hand already: when it began, and what they wrote to the other side since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from calwatch.model.booking import Booking, Interview, Sighting, Source
from calwatch.model.case import Situation
from calwatch.model.event import Person, Response, Status
from calwatch.model.message import Folder, Message, Method
from calwatch.model.trouble import Case
from calwatch.pipeline import rsvp
from calwatch.pipeline.parts import Parts


def trouble_began(parts: Parts, case: Case, interview: Interview) -> datetime:
    """When the trouble itself began, as far as the sources tell; mail the user wrote after that means it is handled."""
    if case.clashing_ids:
        told = {
            clash.id: _latest([clash.event.created, _later(parts, clash, clash.event.dtstamp)])
            for clash in parts.store.bookings.booking_list(case.clashing_ids)
        }
    else:
        told = {b.id: _latest([s.event.dtstamp for s in b.sightings if _says(s, case, b)]) for b in interview.bookings}
    began = min([case.first_seen, *(_began(parts, case, number, moment) for number, moment in told.items())])
    booked = [b.event.created for b in interview.bookings if b.event.created is not None]
    return max(began, min(booked)) if booked else began


def _began(parts: Parts, case: Case, booking_id: int, told: datetime | None) -> datetime:
    """When a booking came to say what it says now; ``told`` is what its source says about that."""
    known_since = parts.store.bookings.facts(booking_id).first_seen
    if told is not None and told > known_since:
        return told
    if known_since < case.first_seen - parts.freshness:
        return case.first_seen  # it was known before and in order, so an older date is not that of the trouble
    return told or case.first_seen


def _later(parts: Parts, booking: Booking, stamp: datetime | None) -> datetime | None:
    """``stamp`` if it tells of a change since calwatch knows the booking; the date of an export tells nothing."""
    return stamp if stamp is not None and stamp > parts.store.bookings.facts(booking.id).first_seen else None


def _latest(moments: Sequence[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _says(sighting: Sighting, case: Case, booking: Booking) -> bool:
    """Whether this copy is one that tells of the trouble, and not an older one."""
    event = sighting.event
    match case.situation:
        case Situation.CANCELLED:
            return sighting.method == Method.CANCEL or event.status is Status.CANCELLED
        case Situation.DECLINED:
            return sighting.source is Source.CALENDAR and event.response is Response.DECLINED
        case _:
            return sighting.source is Source.CALENDAR and event.span == booking.event.span


def written_since(parts: Parts, people: Sequence[Person], since: datetime, *, but: frozenset[str]) -> Message | None:
    """Mail the user wrote to any of ``people`` after ``since``, leaving out our own Message-IDs ``but``.

    What a program sent in their name, such as "Declined: …" without a word beside it, is not written; nor is the line
    our own answers to invitations carry.
    """
    addresses = frozenset(person.email for person in people)
    if not addresses:
        return None
    sent = parts.store.mail.sent_to(addresses, since)
    ours = rsvp.lines()
    return next(
        (
            m
            for m in sent
            if m.folder is Folder.SENT and not m.automatic and m.message_id not in but and m.text.strip() not in ours
        ),
        None,
    )


def own_mail(parts: Parts) -> frozenset[str]:
    """The Message-IDs of our own letters: they are no mail the person wrote beside us."""
    return frozenset(d.stored.message_id for d in parts.store.drafts.all() if d.stored is not None)
