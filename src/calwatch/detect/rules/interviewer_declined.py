"""``interviewer_declined``: everybody on the other side said no, and nobody took their place."""

from __future__ import annotations

from calwatch.detect.view import Trouble, View, trouble_key
from calwatch.model.addresses import is_unreadable
from calwatch.model.booking import Booking, Interview
from calwatch.model.case import Situation, Weight
from calwatch.model.event import Attendee, Response, Status

_NOT_HUMAN = frozenset({"GROUP", "RESOURCE", "ROOM"})


def find(interview: Interview, view: View) -> Trouble | None:
    """A clash when all sessions lost all their humans, a question when only some sessions did.

    Rooms, lists and systems do not count as humans. An organizer who is no attendee arranges and does not attend.
    ``why`` never says who declined.
    """
    if interview.span.start <= view.now:
        return None
    standing = [b for b in interview.bookings if b.event.status is not Status.CANCELLED and b.event.end > view.now]
    deserted = [b for b in standing if _deserted(b, view)]
    if not deserted:
        return None
    whole = len(deserted) == len(standing)
    rest = "it." if whole else f"{len(deserted)} of its {len(standing)} sessions."
    return Trouble(
        situation=Situation.INTERVIEWER_DECLINED,
        weight=Weight.CLASH if whole else Weight.QUESTION,
        why=(f"Everybody on the other side declined {rest}",),
        key=trouble_key(Situation.INTERVIEWER_DECLINED, interview.span.start, () if whole else tuple(deserted)),
    )


def _deserted(booking: Booking, view: View) -> bool:
    if booking.event.guests_hidden:
        return False  # somebody who is not shown may well be coming
    humans = [attendee for attendee in booking.event.attendees if _is_other_human(attendee, view)]
    return bool(humans) and all(attendee.response is Response.DECLINED for attendee in humans)


def _is_other_human(attendee: Attendee, view: View) -> bool:
    address = attendee.person.email
    return attendee.cutype not in _NOT_HUMAN and not view.me.owns(address) and not is_unreadable(address)
