"""propose: what takes the person's time, and which times are free to offer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from calwatch.model.booking import Interview
from calwatch.model.span import Span
from calwatch.model.workdays import add_working_days, respond_by
from calwatch.pipeline.parts import Parts
from calwatch.propose.slots import Offer, SlotRequest, offer


def taken_time(parts: Parts, window: Span, *, but: Sequence[int], case_id: int | None) -> list[Span]:
    """Everything that takes the user's time in ``window``, without the bookings ``but`` and the case's own holds."""
    return parts.store.bookings.busy_spans(window, exclude=(*but, *own_holds(parts, case_id)))


def free_times(
    parts: Parts,
    *,
    duration: timedelta,
    original: Span | None = None,
    interview: Interview | None = None,
    case_id: int | None = None,
    recipient_zone: str | None = None,
    windows: bool | None = None,
    count: int | None = None,
) -> Offer:
    """Times that could be offered now, from what is known of every calendar."""
    wish, now = parts.preferences.slots, parts.now()
    until = max(original.start if original else now, now) + wish.within + timedelta(days=2)
    window = Span(now - timedelta(days=1), until + timedelta(days=2))
    own = interview.booking_ids if interview else ()
    zone_info = ZoneInfo(parts.preferences.zone)
    days = Counter(
        booking.event.start.astimezone(zone_info).date()
        for booking, _, _ in parts.store.bookings.interviews(window.start, window.end)
        if booking.id not in own and booking.event.busy
    )
    reserved = reserved_times(parts, case_id)
    days.update({span.start.astimezone(zone_info).date() for span in reserved})
    request = SlotRequest(
        duration=duration,
        original=original,
        now=now,
        busy=taken_time(parts, window, but=own, case_id=case_id),
        reserved=reserved,
        zone=parts.preferences.zone,
        recipient_zone=recipient_zone,
        options=wish,
        windows=windows,
        interviews_on=dict(days),
        holidays=parts.holidays(sorted({now.year, window.end.year})),
        in_person_travel=travel_of(parts, interview),
        count=count,
        away=parts.preferences.away,
    )
    return offer(request)


def reserved_times(parts: Parts, case_id: int | None) -> list[Span]:
    """Times offered in other letters that are out or about to go; a sent offer holds for ``offer_valid`` working
    days.
    """
    return parts.store.drafts.reserved(parts.now(), exclude_case=case_id, valid_since=offered_since(parts))


def offered_since(parts: Parts) -> datetime:
    """Offers in letters sent before this moment no longer hold."""
    valid = parts.preferences.replies.offer_valid
    return add_working_days(parts.now(), -valid.days, parts.preferences.zone)


def own_holds(parts: Parts, case_id: int | None) -> list[int]:
    """The bookings that are only this case's own holds."""
    refs = [effect.provider_ref for effect in parts.store.effects.holds(case_id)] if case_id is not None else []
    calendars = parts.store.sightings.calendars() if refs else []
    return [
        number
        for account, calendar in calendars
        for ref in refs
        for number in parts.store.sightings.booking_ids(account, calendar, ref)
    ]


def length_of(interview: Interview) -> timedelta:
    """How long the interview takes as a whole, from the first session's start to the last one's end."""
    return interview.span.duration


def wants_windows(interview: Interview, parts: Parts, *, second_request: bool) -> bool:
    """Windows instead of points: two or more interviewers, over 90 minutes, or a second request (product.md §2)."""
    style = parts.preferences.slots.style
    if style != "auto":
        return style == "windows"
    me, contact = parts.preferences.me, interview.recognition.contact
    arranger = contact.person.email if contact is not None else ""
    interviewers = {
        attendee.person.email
        for booking in interview.bookings
        for attendee in booking.event.attendees
        if attendee.cutype == "INDIVIDUAL" and not me.owns(attendee.person.email)
    } - {arranger}
    return second_request or length_of(interview) > timedelta(minutes=90) or len(interviewers) >= 2


def deadline(parts: Parts, start: datetime, now: datetime) -> datetime:
    """When the other side should have heard at the latest: one full working day before the start, at least ``now``.

    ``now`` is the caller's: compared with a clock read a moment earlier, what is due at once would seem not yet due.
    """
    years = (now.year, start.year)
    return respond_by(start, now, parts.preferences.zone, parts.holidays(years))


def travel_of(parts: Parts, interview: Interview | None) -> timedelta:
    """What is kept free on each side for the way; nothing unless the interview is in person."""
    in_person = interview is not None and interview.recognition.in_person
    return parts.preferences.conflicts.travel if in_person else timedelta(0)
