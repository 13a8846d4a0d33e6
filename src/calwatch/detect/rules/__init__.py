"""The situations an interview can be in, one module each, in one explicit table.

To add one: copy ``overlap.py``, give it a place in ``model.case.PRECEDENCE``, and add its line to ``RULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from calwatch.detect.rules import cancelled, declined, interviewer_declined, moved, overlap, removed
from calwatch.detect.view import Trouble, View, matter_of
from calwatch.model.booking import Interview
from calwatch.model.case import PRECEDENCE, Situation, Weight

Rule = Callable[[Interview, View], Trouble | None]

RULES: dict[Situation, Rule] = {
    Situation.CANCELLED: cancelled.find,
    Situation.MOVED: moved.find,
    Situation.DECLINED: declined.find,
    Situation.INTERVIEWER_DECLINED: interviewer_declined.find,
    Situation.REMOVED: removed.find,
    Situation.CONFLICT: overlap.find,
}
"""Every situation calwatch notices by itself (``manual`` is the person's word and has no rule)."""


def strongest_trouble(interview: Interview, view: View, *, dismissed: Collection[str] = ()) -> Trouble | None:
    """The one trouble to deal with: what needs a draft before a mere notice, then by ``PRECEDENCE``.

    An interview that has begun is in no trouble any more, except that a cancellation can still be acknowledged
    (``rules.cancelled``). A trouble whose key was ``dismissed`` gives way to a weaker one about something else.
    """
    notice: Trouble | None = None
    put_aside: Trouble | None = None
    matters = {matter_of(key) for key in dismissed}
    for situation in PRECEDENCE:
        rule = RULES.get(situation)
        trouble = rule(interview, view) if rule is not None else None
        if trouble is None or trouble.weight is Weight.NOTICE:
            notice = notice or trouble
        elif trouble.key in dismissed or (put_aside is not None and matter_of(trouble.key) in matters):
            put_aside = put_aside or trouble
        else:
            return trouble
    return put_aside or notice
