"""What there is to see around an interview: recognised, grouped, with its neighbours and its past."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from calwatch.detect import interview as recogniser
from calwatch.detect.rules import strongest_trouble
from calwatch.detect.view import Neighbour, Snapshot, Trouble, View
from calwatch.errors import NeedsSignIn, Retry, Stop
from calwatch.model.booking import Booking, Interview, Recognition, Source
from calwatch.model.case import Situation
from calwatch.model.event import Response, Status
from calwatch.model.span import Span, merge
from calwatch.model.trouble import Case
from calwatch.model.twins import goes_on_from
from calwatch.pipeline import known
from calwatch.pipeline.parts import Parts
from calwatch.ports import MailQuery
from calwatch.watch.interviews import group

DAY = timedelta(hours=24)
"""Sessions of one local day are one interview, so interviews are always read a day further on both sides."""


def recognise(parts: Parts, ids: Iterable[int], now: datetime) -> list[Span]:
    """Recognises what changed; gives the stretches in which an interview appeared, changed or disappeared."""
    spans: list[Span] = []
    for booking in parts.store.bookings.booking_list(ids):
        was = parts.store.bookings.recognition(booking.id)
        found = _recognition(parts, booking, now) if booking.sightings else was
        if found is not None and found != was:
            parts.store.bookings.set_recognition(booking.id, found)
        if (found and found.is_interview) or (was and was.is_interview):
            spans.append(booking.event.span)
    return spans


def _recognition(parts: Parts, booking: Booking, now: datetime) -> Recognition | None:
    if booking.event.busy_only or booking.event.end < now - timedelta(days=14):
        return None
    mail = next((s for s in booking.sightings if s.source is Source.MAIL), None)
    envelope = parts.store.mail.by_ref(mail.account, mail.message_ref) if mail is not None else None
    return recogniser.recognise(
        booking.event,
        me=parts.preferences.me,
        options=parts.preferences.interviews,
        mark=parts.store.marks.get(booking.event.uid),
        from_mail=envelope,
    )


def interviews_near(
    parts: Parts, scope: Sequence[Span], now: datetime
) -> tuple[tuple[Interview, tuple[Interview, ...]], ...]:
    """The upcoming interviews (vanished and cancelled ones too) around any of ``scope``, each once, with its
    neighbours.

    The neighbours are all interviews of the days around it; they are read once for everything that lies together.
    """
    until = now + parts.preferences.watch.horizon
    margin = max(parts.preferences.conflicts.travel, parts.preferences.slots.buffer)
    wanted = merge(span.padded(margin) for span in scope if span.end > now - DAY and span.start < until + DAY)
    found: dict[int, tuple[Interview, tuple[Interview, ...]]] = {}
    for span in wanted:
        reach = Span(max(span.start, now - DAY), span.end) if span.end > now - DAY else span
        around = interviews(parts, reach.padded(DAY))
        for interview in around:
            if interview.span.end > now and (interview.span.overlaps(span) or span.contains(interview.span)):
                found[interview.id] = (interview, around)
    return tuple(found.values())


def margin_of(parts: Parts, interview: Interview) -> timedelta:
    """How far from an interview an entry can still be in its way: the buffer, and the travel when it is in person."""
    travel = parts.preferences.conflicts.travel if interview.recognition.in_person else timedelta(0)
    return max(travel, parts.preferences.slots.buffer)


def interviews(parts: Parts, reach: Span) -> tuple[Interview, ...]:
    """All interviews with a session inside ``reach``, grouped as one mail would deal with them."""
    found = group(
        parts.store.bookings.interviews(reach.start, reach.end, include_gone=True), zone=parts.preferences.zone
    )
    standing = (_as_it_stands(parts, interview) for interview in found)
    return tuple(interview for interview in standing if interview is not None)


def _as_it_stands(parts: Parts, interview: Interview) -> Interview | None:
    """Without the sessions that vanished, unless all did: nobody is to be written to about them."""
    vanished = [b for b in interview.bookings if _has_vanished(parts, b)]
    if not vanished:
        return interview
    left = [b for b in interview.bookings if b not in vanished]
    left = left or [_as_last_seen(parts, b) for b in vanished if not _went_on_elsewhere(parts, b)]
    return replace(interview, id=min(b.id for b in left), bookings=tuple(left)) if left else None


def _as_last_seen(parts: Parts, booking: Booking) -> Booking:
    """What vanished after it had stood there cancelled was only cleared away, whatever older mail says of it."""
    cases = parts.store.cases.of_bookings([booking.id])
    if not any(case.situation is Situation.CANCELLED and case.start == booking.event.start for case in cases):
        return booking
    return replace(booking, event=replace(booking.event, status=Status.CANCELLED))


def view_of(parts: Parts, interview: Interview, now: datetime, asked: known.Asked, nearby: Sequence[Interview]) -> View:
    """What the rules may look at around one interview; ``nearby`` are the interviews of the days around it."""
    wish = parts.preferences
    around = interview.span.padded(margin_of(parts, interview))
    others = [i for i in nearby if not set(i.booking_ids) & set(interview.booking_ids)]
    of_booking = {b.id: i for i in others for b in i.bookings}
    beside = [
        booking
        for booking in parts.store.bookings.overlapping(around)
        if booking.id not in interview.booking_ids
        and not _went_on_elsewhere(parts, booking)
        and not _is_our_hold(parts, booking)
    ]
    seen = parts.store.bookings.first_seen([*(b.id for b in beside), interview.lead.id])
    neighbours = tuple(
        Neighbour(
            booking=booking,
            interview=(other := of_booking.get(booking.id)),
            first_seen=seen.get(booking.id),
            moved_before=other is not None and asked.by(other) > 0,
        )
        for booking in beside
    )
    ahead: tuple[Neighbour, ...] = ()
    event = interview.lead.event
    if event.status is Status.CANCELLED:
        ahead = tuple(
            Neighbour(booking=i.lead, interview=i, first_seen=parts.store.bookings.facts(i.lead.id).first_seen)
            for i in interviews(parts, Span(now, now + wish.watch.horizon))
            if i.id != interview.id
        )
    booked = seen.get(interview.lead.id)
    return View(
        now=now,
        me=wish.me,
        zone=wish.zone,
        neighbours=neighbours,
        others=ahead,
        options=wish.conflicts,
        buffer=wish.slots.buffer,
        priority=wish.interviews.priority,
        snapshot=_snapshot(parts, interview),
        covers=parts.store.marks.covers(),
        cancel_words=_cancel_words(parts, interview) if event.status is Status.CANCELLED else "",
        vanished=_vanished(parts, interview),
        moved_before=asked.by(interview) > 0,
        booked_at=event.created or booked,
        first_seen=booked,
    )


def _is_our_hold(parts: Parts, booking: Booking) -> bool:
    """Whether it is only the time we held for a letter: an interview there takes the offer away, and nothing else."""
    if booking.event.organizer is not None or booking.event.attendees:
        return False
    held = {effect.provider_ref for effect in parts.store.effects.holds()}
    return any(s.source is Source.CALENDAR and s.event.ref in held for s in booking.sightings)


def _vanished(parts: Parts, interview: Interview) -> bool:
    """Whether no calendar shows it any more although one did; a mail may still speak of it."""
    return all(_has_vanished(parts, booking) for booking in interview.bookings)


def _has_vanished(parts: Parts, booking: Booking) -> bool:
    if any(s.source is Source.CALENDAR for s in booking.sightings):
        return False
    return parts.store.bookings.facts(booking.id).left_calendars_at is not None


def have_vanished(parts: Parts, case: Case) -> bool:
    """Whether no calendar shows any session of the case any more."""
    bookings = parts.store.bookings.booking_list(case.booking_ids)
    return bool(bookings) and all(_has_vanished(parts, booking) for booking in bookings)


def _went_on_elsewhere(parts: Parts, booking: Booking) -> bool:
    """Whether it vanished because the organizer gave "this and following" another time: a later piece stands."""
    original = booking.event.recurrence_id
    if not original or not _has_vanished(parts, booking):
        return False
    pieces = [piece for piece in parts.store.bookings.of_uid(booking.event.uid) if not _has_vanished(parts, piece)]
    split = {goes_on_from(s.event.uid) for piece in pieces for s in piece.sightings if s.source is Source.CALENDAR}
    return any(day is not None and day <= original[:8] for day in split)


def _snapshot(parts: Parts, interview: Interview) -> Snapshot | None:
    """The earliest and latest of the sessions as they were when last in order."""
    noted = [parts.store.bookings.facts(b.id).snapshot for b in interview.bookings]
    kept = [_read_snapshot(note) for note in noted if note is not None]
    if not kept:
        return None
    return Snapshot(
        start=min(s.start for s in kept),
        end=max(s.end for s in kept),
        response=kept[0].response,
        booking_ids=interview.booking_ids,
    )


def remember(parts: Parts, interview: Interview) -> None:
    """The interview is in order: this is what a later move or removal is compared with."""
    for booking in interview.bookings:
        event = booking.event
        note = {"start": event.start.isoformat(), "end": event.end.isoformat(), "response": event.response.value}
        parts.store.bookings.set_snapshot(booking.id, note)


def remember_first(parts: Parts, interview: Interview) -> None:
    """An interview first seen in trouble: even so, a later move is one away from this time."""
    if all(parts.store.bookings.facts(number).snapshot is None for number in interview.booking_ids):
        remember(parts, interview)


def _read_snapshot(note: dict[str, Any]) -> Snapshot:
    return Snapshot(
        start=datetime.fromisoformat(note["start"]),
        end=datetime.fromisoformat(note["end"]),
        response=Response(note["response"]),
    )


def _cancel_words(parts: Parts, interview: Interview) -> str:
    """What the organizer wrote when cancelling: the mail's own text and its COMMENT."""
    words: list[str] = []
    for booking in interview.bookings:
        for sighting in booking.sightings:
            if sighting.source is not Source.MAIL or sighting.method != "CANCEL":
                continue
            account = parts.accounts.get(sighting.account)
            envelope = parts.store.mail.by_ref(sighting.account, sighting.message_ref)
            if account is None or account.mail is None or envelope is None:
                continue
            try:
                whole = account.mail.find(MailQuery(message_ids=frozenset({envelope.message_id})))
            except (Retry, Stop, NeedsSignIn):
                continue
            for message in whole:
                words += [message.text, *(invitation.comment for invitation in message.invitations)]
        words.append(booking.event.description if booking.event.status is Status.CANCELLED else "")
    return "\n".join(dict.fromkeys(word for word in words if word))


def trouble_of(
    parts: Parts,
    interview: Interview,
    now: datetime,
    *,
    dismissed: Collection[str] = (),
    asked: known.Asked | None = None,
    nearby: Sequence[Interview] | None = None,
) -> Trouble | None:
    """What is wrong with an interview at present; what was ``dismissed`` comes last, but is not kept silent."""
    if nearby is None:
        nearby = interviews(parts, interview.span.padded(DAY))
    view = view_of(parts, interview, now, known.asked(parts) if asked is None else asked, nearby)
    return strongest_trouble(interview, view, dismissed=dismissed)
