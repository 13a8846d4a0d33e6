"""``declined``: the person's own answer to the invitation is no."""

from __future__ import annotations

from calwatch.detect.collision import declined_automatically
from calwatch.detect.view import Trouble, View, trouble_key
from calwatch.model.booking import Booking, Interview
from calwatch.model.case import Situation, Weight
from calwatch.model.event import Response, Status
from calwatch.model.twins import are_twins


def find(interview: Interview, view: View) -> Trouble | None:
    """A clash when every session that still stands is declined, a question when only some are.

    A session declined in one copy and not in another invitation to the very same appointment is not declined. A "no"
    that an out-of-office or focus time gave by itself is not the person's: the conflict with it is raised instead.
    """
    standing = [b for b in interview.bookings if b.event.status is not Status.CANCELLED and b.event.end > view.now]
    declined = [b for b in standing if b.event.response is Response.DECLINED]
    if not declined or interview.span.start <= view.now or declined_automatically(interview, view):
        return None
    if all(_accepted_elsewhere(booking, view) for booking in declined):
        return None
    whole = len(declined) == len(standing)
    why = "You declined it." if whole else f"You declined {len(declined)} of its {len(standing)} sessions."
    return Trouble(
        situation=Situation.DECLINED,
        weight=Weight.CLASH if whole else Weight.QUESTION,
        why=(why,),
        key=trouble_key(Situation.DECLINED, interview.span.start, () if whole else tuple(declined)),
    )


def _accepted_elsewhere(booking: Booking, view: View) -> bool:
    """Whether another invitation to the same appointment stands and was not declined."""
    return any(
        are_twins(booking.event, neighbour.booking.event)
        and neighbour.booking.id != booking.id
        and neighbour.booking.event.organizer is not None
        and neighbour.booking.event.response is not Response.DECLINED
        for neighbour in view.neighbours
    )
