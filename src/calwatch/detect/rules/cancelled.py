"""``cancelled``: the organizer called the interview off, and nothing took its place."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from calwatch.detect.view import Neighbour, Trouble, View, trouble_key
from calwatch.detect.words import says
from calwatch.model.addresses import is_unreadable
from calwatch.model.booking import Interview
from calwatch.model.case import Situation, Weight
from calwatch.model.event import Status
from calwatch.model.twins import normal_uid, title_words
from calwatch.model.workdays import add_working_days

ACKNOWLEDGE_WITHIN = 5
"""Working days after the start in which a cancellation is still worth a line of thanks."""
_BEFORE_CANCEL = timedelta(days=1)


def find(interview: Interview, view: View) -> Trouble | None:
    """A clash when every session is cancelled and no replacement is booked; a notice when other sessions of that day
    stand.

    A replacement is another interview with the same contact or company that names this one, or that came into the
    calendar around or after the cancellation and is of the same stage where both are known. ``ends_process`` and
    ``promises_times`` come from the organizer's own words. The trouble lasts until five working days after the start.
    """
    if not all(booking.event.status is Status.CANCELLED for booking in interview.bookings):
        return None
    start = interview.span.start
    if add_working_days(start, ACKNOWLEDGE_WITHIN, view.zone) <= view.now:
        return None
    related = [other for other in (*view.others, *view.neighbours) if _is_related(interview, other)]
    if any(_replaces(interview, other, view) for other in related):
        return None
    rest = any(_same_day(interview, other, view.zone) for other in related)
    ends = says("ends_process", view.cancel_words)
    return Trouble(
        situation=Situation.CANCELLED,
        weight=Weight.NOTICE if rest else Weight.CLASH,
        why=(_why(rest=rest, ends=ends),),
        key=trouble_key(Situation.CANCELLED, start, ()),
        ends_process=ends,
        promises_times=not ends and says("promises_times", view.cancel_words),
    )


def _why(*, rest: bool, ends: bool) -> str:
    if rest:
        return "The organizer cancelled this session; others of that day stand."
    if ends:
        return "The organizer cancelled it, and their words end the process."
    return "The organizer cancelled it, and no replacement has come."


def _is_related(interview: Interview, neighbour: Neighbour) -> bool:
    """Whether it is another, standing interview with the same contact or company."""
    other = neighbour.interview
    if other is None or not set(other.booking_ids).isdisjoint(interview.booking_ids):
        return False
    if neighbour.booking.event.status is Status.CANCELLED:
        return False
    mine, theirs = interview.recognition, other.recognition
    if mine.contact is not None and theirs.contact is not None:
        address = mine.contact.person.email
        if address == theirs.contact.person.email and not is_unreadable(address):
            return True
    company = title_words(mine.company or "")
    return bool(company) and company == title_words(theirs.company or "")


def _replaces(interview: Interview, neighbour: Neighbour, view: View) -> bool:
    other, event = neighbour.interview, neighbour.booking.event
    uids = {normal_uid(booking.event.uid) for booking in interview.bookings}
    if event.replaces is not None and normal_uid(event.replaces) in uids:
        return True
    if other is None or event.start <= view.now:
        return False
    if event.start == interview.span.start:
        return True
    if normal_uid(event.uid) in uids:
        return False  # the other occurrences of its series were there before
    stages = {stage for stage in (interview.recognition.stage, other.recognition.stage) if stage}
    if len(stages) > 1:
        return False
    stamps = [booking.event.dtstamp for booking in interview.bookings if booking.event.dtstamp is not None]
    made = neighbour.made_at
    if made is None or not stamps or (event.created is None and view.came_later(neighbour) is False):
        return False
    return made >= max(stamps) - _BEFORE_CANCEL


def _same_day(interview: Interview, neighbour: Neighbour, zone: str) -> bool:
    place = ZoneInfo(zone)
    event = neighbour.booking.event
    return event.start.astimezone(place).date() == interview.span.start.astimezone(place).date()
