"""Sightings into bookings: what several copies of one appointment say together, and which events are copies.

``are_twins``, ``normal_uid`` and ``join_link`` live in ``model.twins`` (the situation rules need them too) and are
offered here because joining is this package's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from calwatch.model.booking import Sighting, Source
from calwatch.model.event import Attendee, Event, Person, Response, Status
from calwatch.model.message import Method
from calwatch.model.twins import are_twins, join_link, normal_uid

__all__ = ["are_twins", "join_link", "normal_uid", "strongest"]

_WITHOUT_TIME = frozenset({Method.REPLY, Method.COUNTER, Method.DECLINECOUNTER})
"""Answers and proposals of attendees: they do not say when the appointment is (RFC 5546 §3.2)."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_CLOCKS_APART = timedelta(minutes=5)
"""So much the organizer's clock may be ahead of the calendar's."""
_OPEN_ANSWERS = frozenset({Response.NEEDS_ACTION, Response.OWN})


def strongest(sightings: Sequence[Sighting]) -> Event:
    """What all sightings of one (uid, recurrence_id) say together.

    Time, zone and status are those of the highest (SEQUENCE, DTSTAMP) (RFC 5546 §2.1.5); at a tie the calendar's. A
    METHOD:CANCEL mail of the same or a higher SEQUENCE makes it cancelled, unless a request of that SEQUENCE was
    stamped later. The user's own answer, transparency and kind come from their calendar's copy where there is one; an
    answer given to an older time of it counts as unanswered. Texts are the richest, people the calendar's where that
    is current. Copies known only as busy say nothing as long as there is another. Raises ValueError without
    sightings.
    """
    if not sightings:
        raise ValueError("a booking needs at least one sighting")
    sightings = _numbered(sightings)
    known = [s for s in sightings if not _is_weak(s)]
    if not known:
        best = max(sightings, key=_rank)
        return replace(best.event, busy_only=True)
    timed = [s for s in known if s.method not in _WITHOUT_TIME] or known
    cancels = [s for s in timed if s.method == Method.CANCEL]
    standing = [s for s in timed if s.method != Method.CANCEL]
    best = max(standing or cancels, key=_rank)
    own = max((s for s in standing if s.source is Source.CALENDAR), key=_own_rank, default=None)
    cancelled = best.event.status is Status.CANCELLED or any(_calls_off(cancel, standing) for cancel in cancels)
    stored = own or best
    by_strength = sorted(timed, key=_rank, reverse=True)
    return replace(
        best.event,
        ref=stored.event.ref,
        etag=stored.event.etag,
        status=Status.CANCELLED if cancelled else best.event.status,
        response=_answer(best, own, known),
        optional=stored.event.optional,
        transparent=stored.event.transparent,
        kind=stored.event.kind,
        summary=_first(by_strength, lambda event: event.summary),
        description=_longest(by_strength, lambda event: event.description),
        location=_first(by_strength, lambda event: event.location),
        url=_first(by_strength, lambda event: event.url),
        organizer=_organizer(by_strength),
        attendees=_attendees(best, own, by_strength),
        created=min((s.event.created for s in known if s.event.created is not None), default=None),
        recurring=any(s.event.recurring for s in timed),
        replaces=next((s.event.replaces for s in by_strength if s.event.replaces is not None), None),
        busy_only=False,
    )


def _is_weak(sighting: Sighting) -> bool:
    return sighting.busy_account or sighting.event.busy_only


def _numbered(sightings: Sequence[Sighting]) -> Sequence[Sighting]:
    """Copies without a SEQUENCE of their own get that of the newest they can know of.

    Outlook's calendar follows the mails, but does not tell their numbers: its copy would lose to the oldest of them.
    """
    if all(sighting.event.sequence_told for sighting in sightings):
        return sightings
    numbers = [(s.event.dtstamp or _LONG_AGO, s.event.sequence) for s in sightings if s.event.sequence_told]

    def number(event: Event) -> Event:
        known_until = event.dtstamp + _CLOCKS_APART if event.dtstamp is not None else _LONG_AGO
        return replace(event, sequence=max((n for stamp, n in numbers if stamp <= known_until), default=0))

    return [s if s.event.sequence_told else replace(s, event=number(s.event)) for s in sightings]


def _rank(sighting: Sighting) -> tuple[int, datetime, bool, str, str]:
    event = sighting.event
    in_calendar = sighting.source is Source.CALENDAR
    # Account and ref only make the choice the same whatever the order of the sightings.
    return event.sequence, event.dtstamp or _LONG_AGO, in_calendar, sighting.account, event.ref


def _own_rank(sighting: Sighting) -> tuple[bool, tuple[int, datetime, bool, str, str]]:
    """Among the user's own copies, one that was answered comes before one that was not."""
    return sighting.event.response not in _OPEN_ANSWERS, _rank(sighting)


def _calls_off(cancel: Sighting, standing: Sequence[Sighting]) -> bool:
    """Whether a CANCEL is newer than every request.

    The DTSTAMP of a calendar's copy is often the moment of the export, so only those of mails are compared.
    """
    stamp = cancel.event.dtstamp or _LONG_AGO
    for sighting in standing:
        if sighting.event.sequence > cancel.event.sequence:
            return False
        in_mail = sighting.source is Source.MAIL
        if (
            in_mail
            and sighting.event.sequence == cancel.event.sequence
            and (sighting.event.dtstamp or _LONG_AGO) > stamp
        ):
            return False
    return True


def _answer(best: Sighting, own: Sighting | None, known: Sequence[Sighting]) -> Response:
    if own is not None:
        older = own.event.sequence < best.event.sequence
        if older and own.event.span != best.event.span and own.event.response is not Response.OWN:
            return Response.NEEDS_ACTION  # the answer was given to another time (RFC 5546 §3.2.2.1)
        return own.event.response
    replies = [s for s in known if s.method == Method.REPLY and s.event.response not in _OPEN_ANSWERS]
    current = [s for s in replies if s.event.sequence >= best.event.sequence]
    return max(current, key=_rank).event.response if current else best.event.response


def _first(by_strength: Sequence[Sighting], field: Callable[[Event], str]) -> str:
    return next((text for s in by_strength if (text := field(s.event)).strip()), "")


def _longest(by_strength: Sequence[Sighting], field: Callable[[Event], str]) -> str:
    return max((field(s.event) for s in by_strength), key=len, default="")


def _organizer(by_strength: Sequence[Sighting]) -> Person | None:
    return next((s.event.organizer for s in by_strength if s.event.organizer is not None), None)


def _attendees(best: Sighting, own: Sighting | None, by_strength: Sequence[Sighting]) -> tuple[Attendee, ...]:
    """The calendar's copy knows the others' answers; an older one may name people who left."""
    if own is not None and own.event.sequence >= best.event.sequence and own.event.attendees:
        return own.event.attendees
    return next((s.event.attendees for s in by_strength if s.event.attendees), ())
