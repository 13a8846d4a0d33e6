"""What one neighbour means for one interview: nothing, a line in status, a question, or a clash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from calwatch.detect.absence import Absence, Half, absence_of
from calwatch.detect.cover import belongs_to, is_own_entry
from calwatch.detect.priority import which_to_move
from calwatch.detect.view import Neighbour, View
from calwatch.detect.words import plain_title, says
from calwatch.model.booking import Booking, Interview
from calwatch.model.case import Weight
from calwatch.model.event import Event, Kind, Response, Status
from calwatch.model.span import Span
from calwatch.model.twins import are_twins, has_title, join_link, normal_uid

_AUTOMATIC = frozenset({Kind.OUT_OF_OFFICE, Kind.FOCUS_TIME})
"""Kinds that decline invitations by themselves, so that a "declined" beside them is not the person's word."""
_WINDOW = timedelta(hours=3)
_LOUDNESS = {Weight.CLASH: 0, Weight.QUESTION: 1, Weight.NOTICE: 2}


@dataclass(frozen=True, slots=True)
class Collision:
    """One neighbour in the way. ``movable``: the person themselves could move it."""

    booking: Booking
    weight: Weight
    why: str
    movable: bool

    @property
    def loudness(self) -> int:
        """0 is loudest."""
        return _LOUDNESS[self.weight]


class Nearness(IntEnum):
    APART = 0
    GAP = 1  # less than the buffer between them
    TRAVEL = 2  # less than the way there or back
    OVERLAP = 3


def collisions(interview: Interview, view: View) -> tuple[Collision, ...]:
    """Everything in the way of ``interview``, loudest first, then by start and id."""
    found = [hit for neighbour in view.neighbours if (hit := collide(interview, neighbour, view)) is not None]
    return tuple(sorted(found, key=lambda hit: (hit.loudness, hit.booking.event.start, hit.booking.id)))


def collide(interview: Interview, neighbour: Neighbour, view: View) -> Collision | None:
    """What ``neighbour`` does to ``interview`` (product.md §1); ``None`` when it may be ignored."""
    event = neighbour.booking.event
    sessions = live_sessions(interview, view)
    if not sessions or is_take_home(interview) or not _takes_time(event) or is_same(interview, neighbour):
        return None
    if neighbour.interview is not None and is_take_home(neighbour.interview):
        return None
    absence = absence_of(event, view.me, view.zone) if neighbour.interview is None else None
    taken = absence.spans if absence is not None else (event.span,)
    near = _nearness(interview, sessions, neighbour, taken, absence, view)
    if near is Nearness.APART or belongs_to(neighbour, interview, view):
        return None
    what = describe(event, view.zone)
    movable = _movable(neighbour, view)
    if event.transparent:  # free time by the person's own setting, unless it says they are away
        return _notice(neighbour, f"{what} says you are away, but is marked as free.") if absence else None
    if neighbour.interview is not None:
        return _between_interviews(interview, neighbour, near, view)
    if absence is not None:
        return _absence(interview, neighbour, absence, view)
    if event.all_day:
        return _notice(neighbour, f"{what} lasts all day, but does not say that you are away.")
    if all(session.event.all_day for session in interview.bookings):
        return None  # a day without a time yet: only an absence says something about it
    doubt = _doubt(event, what)
    if doubt is not None and doubt.weight is Weight.NOTICE:
        return _notice(neighbour, doubt.why) if near > Nearness.GAP else None
    if near is Nearness.GAP:
        why = f"{what} leaves less than {_minutes(view.buffer)} before or after it."
        return Collision(neighbour.booking, Weight.NOTICE if doubt else Weight.QUESTION, why, movable)
    if doubt is not None:
        return Collision(neighbour.booking, doubt.weight, doubt.why, movable)
    if near is Nearness.TRAVEL:
        why = f"{what} leaves less than the {_minutes(view.options.travel)} you need to get there or back."
    else:
        why = f"{what} overlaps it."
    return Collision(neighbour.booking, _of_interview(interview), why, movable)


def live_sessions(interview: Interview, view: View) -> tuple[Booking, ...]:
    """The sessions that are to take place: not cancelled, not over, not declined by the person themselves."""
    automatic = declined_automatically(interview, view)
    return tuple(
        booking
        for booking in interview.bookings
        if booking.event.status is not Status.CANCELLED
        and booking.event.end > view.now
        and (automatic or booking.event.response is not Response.DECLINED)
    )


def declined_automatically(interview: Interview, view: View) -> bool:
    """Whether a "declined" stands beside an out-of-office or focus time that declines invitations by itself."""
    declined = [b.event.span for b in interview.bookings if b.event.response is Response.DECLINED]
    return any(
        neighbour.booking.event.kind in _AUTOMATIC
        and neighbour.booking.event.auto_declines
        and neighbour.booking.event.busy
        and any(neighbour.booking.event.span.overlaps(span) for span in declined)
        for neighbour in view.neighbours
    )


def is_take_home(interview: Interview) -> bool:
    """Whether it is a window to work in rather than an appointment.

    A conversation *about* a take-home is an appointment: it has a call or a place, and does not last for hours.
    """
    recognition = interview.recognition
    if (recognition.stage or "").casefold().replace("_", "-").replace(" ", "-") != "take-home":
        return False
    if any(b.event.all_day or b.event.span.duration >= _WINDOW for b in interview.bookings):
        return True
    met = recognition.in_person or recognition.phone
    return not met and all(join_link(booking.event) is None for booking in interview.bookings)


def is_same(interview: Interview, neighbour: Neighbour) -> bool:
    """Whether ``neighbour`` is the interview itself, one of its sessions, or a copy of one."""
    booking, ids = neighbour.booking, set(interview.booking_ids)
    if booking.id in ids or (booking.twin_of is not None and booking.twin_of in ids):
        return True
    if neighbour.interview is not None and neighbour.interview.id == interview.id:
        return True
    for session in interview.bookings:
        if session.twin_of is not None and session.twin_of in {booking.id, booking.twin_of}:
            return True
        same_series = normal_uid(session.event.uid) == normal_uid(booking.event.uid)
        if same_series and session.event.recurrence_id == booking.event.recurrence_id:
            return True
        if not same_series and are_twins(session.event, booking.event):
            return True
    return False


def describe(event: Event, zone: str) -> str:
    """An event in a sentence for the person: its title and its local time."""
    start, end = event.start.astimezone(ZoneInfo(zone)), event.end.astimezone(ZoneInfo(zone))
    title = f"“{plain_title(event.summary)}”" if has_title(event) else "A time marked as busy"
    if event.all_day:
        last = (event.end - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
        days = _day(start) if last.date() <= start.date() else f"{_day(start)} to {_day(last)}"
        return f"{title} ({days})"
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{_day(end)}, {end:%H:%M}"
    return f"{title} ({_day(start)}, {start:%H:%M}–{until})"


def _day(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}"


def _minutes(length: timedelta) -> str:
    return f"{int(length.total_seconds() // 60)} minutes"


def _takes_time(event: Event) -> bool:
    """Whether it could be in the way at all; transparent entries are looked at because they may be absences."""
    return (
        event.status is not Status.CANCELLED
        and event.response is not Response.DECLINED
        and event.kind is not Kind.WORKING_LOCATION
        and event.start < event.end
    )


def _nearness(
    interview: Interview,
    sessions: tuple[Booking, ...],
    neighbour: Neighbour,
    taken: tuple[Span, ...],
    absence: Absence | None,
    view: View,
) -> Nearness:
    wanted = [session.event.span for session in sessions]
    if _any_overlap(wanted, taken, timedelta(0)):
        return Nearness.OVERLAP
    if absence is not None or neighbour.booking.event.all_day or neighbour.booking.event.transparent:
        return Nearness.APART  # nobody travels to a day off
    if _travels(interview, neighbour) and _any_overlap(wanted, taken, view.options.travel):
        return Nearness.TRAVEL
    return Nearness.GAP if _any_overlap(wanted, taken, view.buffer) else Nearness.APART


def _any_overlap(wanted: list[Span], taken: tuple[Span, ...], margin: timedelta) -> bool:
    return any(span.start < span.end and span.padded(margin).overlaps(other) for span in wanted for other in taken)


def _travels(interview: Interview, neighbour: Neighbour) -> bool:
    """Whether there is a way between the two: one is in person, and they are not at the same place."""
    other = neighbour.interview
    if not interview.recognition.in_person and not (other is not None and other.recognition.in_person):
        return False
    here = {b.event.location.casefold().strip() for b in interview.bookings}
    return neighbour.booking.event.location.casefold().strip() not in here - {""}


def _of_interview(interview: Interview) -> Weight:
    """How loud a plain overlap is: an interview the person only answered "maybe" to is asked about."""
    answers = {booking.event.response for booking in interview.bookings}
    return Weight.QUESTION if answers == {Response.TENTATIVE} else Weight.CLASH


@dataclass(frozen=True, slots=True)
class _Doubt:
    weight: Weight
    why: str


def _doubt(event: Event, what: str) -> _Doubt | None:
    """Why a timed neighbour may not really be in the way."""
    if says("hold", event.summary) and says("released", event.summary):
        return _Doubt(Weight.NOTICE, f"{what} is a hold that was let go.")
    if event.response is Response.NEEDS_ACTION:
        return _Doubt(Weight.NOTICE, f"{what} is an invitation you have not answered.")
    if event.busy_only:
        return _Doubt(Weight.QUESTION, f"{what} overlaps it; what it is, calwatch cannot see.")
    if event.response is Response.TENTATIVE or event.status is Status.TENTATIVE:
        return _Doubt(Weight.QUESTION, f"{what} overlaps it, but is only tentative.")
    if event.optional:
        return _Doubt(Weight.QUESTION, f"{what} overlaps it; you are optional there.")
    if says("hold", event.summary):
        return _Doubt(Weight.QUESTION, f"{what} overlaps it; its title says it is only held.")
    return None


def _absence(interview: Interview, neighbour: Neighbour, absence: Absence, view: View) -> Collision:
    what = describe(neighbour.booking.event, view.zone)
    weight, why = _of_interview(interview), f"You are away then: {what}."
    if absence.within_a_day and view.came_later(neighbour):
        # People take leave for interviews.
        weight, why = Weight.QUESTION, f"You are away then, but noted that after the interview was booked: {what}."
    elif absence.half is Half.UNKNOWN:
        weight, why = Weight.QUESTION, f"You are away for half of that day, it does not say which: {what}."
    return Collision(neighbour.booking, weight, why, movable=False)


def _between_interviews(interview: Interview, neighbour: Neighbour, near: Nearness, view: View) -> Collision | None:
    """Two interviews: only the one that should move is in trouble."""
    other = neighbour.interview
    if other is None or neighbour.booking.event.all_day or all(b.event.all_day for b in interview.bookings):
        return None
    moved = {interview.id} if view.moved_before else set()
    moved |= {other.id} if neighbour.moved_before else set()
    verdict = which_to_move(
        interview,
        other,
        now=view.now,
        zone=view.zone,
        me=view.me,
        priority=view.priority,
        moved_before=frozenset(moved),
    )
    if verdict.move.id != interview.id:
        return None
    what = describe(neighbour.booking.event, view.zone)
    how = "overlaps it" if near is Nearness.OVERLAP else "leaves too little time around it"
    why = f"{what} is another interview and {how}. This is the one to move: {verdict.why}"
    weight = Weight.QUESTION if near is Nearness.GAP else Weight.CLASH
    return Collision(neighbour.booking, weight, why, movable=False)


def _movable(neighbour: Neighbour, view: View) -> bool:
    event = neighbour.booking.event
    if neighbour.interview is not None or event.busy_only:
        return False
    if event.organizer is not None and view.me.owns(event.organizer.email):
        return True
    return is_own_entry(event, view.me) or event.optional or event.response is not Response.ACCEPTED


def _notice(neighbour: Neighbour, why: str) -> Collision:
    return Collision(neighbour.booking, Weight.NOTICE, why, movable=False)
