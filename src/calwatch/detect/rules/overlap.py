"""``conflict``: something else takes the time of the interview, or the way to it."""

from __future__ import annotations

from calwatch.detect.collision import collisions
from calwatch.detect.view import Trouble, View, trouble_key
from calwatch.model.booking import Interview
from calwatch.model.case import Situation, Weight


def find(interview: Interview, view: View) -> Trouble | None:
    """A trouble as loud as the loudest thing in the way; that thing, and its equals, are what clashes.

    Quieter things are told in ``why``, but do not enter ``key``: a tentative entry added beside a real clash does not
    raise a dismissed trouble again.
    """
    return as_trouble(Situation.CONFLICT, interview, view)


def as_trouble(situation: Situation, interview: Interview, view: View) -> Trouble | None:
    """What is in the way of ``interview``, told as ``situation``; ``None`` when nothing is or it has begun."""
    found = collisions(interview, view) if interview.span.start > view.now else ()
    if not found:
        return None
    loudest = tuple(hit for hit in found if hit.weight is found[0].weight)
    clashing = tuple(hit.booking for hit in loudest)
    return Trouble(
        situation=situation,
        weight=found[0].weight,
        clashing=clashing,
        why=tuple(hit.why for hit in found),
        key=trouble_key(situation, interview.span.start, clashing),
        movable=found[0].weight is not Weight.NOTICE and all(hit.movable for hit in loudest),
    )
