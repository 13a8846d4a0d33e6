"""``removed``: the interview vanished from the calendar, and no cancellation by the organizer is known."""

from __future__ import annotations

from calwatch.detect.view import Trouble, View, trouble_key
from calwatch.model.booking import Interview
from calwatch.model.case import Situation, Weight
from calwatch.model.event import Status


def find(interview: Interview, view: View) -> Trouble | None:
    """A question, once a direct look confirmed that it is gone: did the person drop it, or did they?"""
    if not view.vanished or interview.span.start <= view.now:
        return None
    if all(booking.event.status is Status.CANCELLED for booking in interview.bookings):
        return None
    return Trouble(
        situation=Situation.REMOVED,
        weight=Weight.QUESTION,
        why=("It is no longer in your calendar, and no cancellation by the organizer is known.",),
        key=trouble_key(Situation.REMOVED, interview.span.start, ()),
    )
