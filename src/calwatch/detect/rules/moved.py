"""``moved``: the organizer gave the interview another time, and that time does not work."""

from __future__ import annotations

from calwatch.detect.rules.overlap import as_trouble
from calwatch.detect.view import Trouble, View
from calwatch.model.booking import Interview
from calwatch.model.case import Situation, Weight


def find(interview: Interview, view: View) -> Trouble | None:
    """A clash or question at the new time of an interview that used to be at another (``view.snapshot``).

    An entry the person organises themselves was moved by them: that is a plain conflict. So is a change of the length
    alone, and an interview made of other sessions than before (a session that came or went is no move).
    """
    snapshot = view.snapshot
    if snapshot is None or snapshot.start == interview.span.start:
        return None
    if snapshot.booking_ids and snapshot.booking_ids != interview.booking_ids:
        return None
    organizer = interview.lead.event.organizer
    if organizer is None or view.me.owns(organizer.email):
        return None
    trouble = as_trouble(Situation.MOVED, interview, view)
    return None if trouble is None or trouble.weight is Weight.NOTICE else trouble
