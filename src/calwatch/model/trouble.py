"""A case: one trouble of one interview, from the moment it is first seen until it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calwatch.model.booking import Interview
from calwatch.model.case import CaseState, Intent, Occasion, Outcome, Situation, Weight

CASE_TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    CaseState.SETTLING: frozenset({CaseState.OPEN, CaseState.ASKING, CaseState.CLOSED}),
    CaseState.OPEN: frozenset({CaseState.ASKING, CaseState.SENT, CaseState.CLOSED}),
    CaseState.ASKING: frozenset({CaseState.OPEN, CaseState.SENT, CaseState.CLOSED}),
    CaseState.SENT: frozenset({CaseState.OPEN, CaseState.ASKING, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset({CaseState.OPEN}),  # only by ``calwatch reopen``
}
"""Where a case can go from each state; anything else is refused."""

SETTLED_OUTCOMES = frozenset(
    {
        Outcome.ANSWERED,
        Outcome.EXPIRED,
        Outcome.KEEP,
        Outcome.HANDLED,
        Outcome.COVER,
        Outcome.NOT_INTERVIEW,
        Outcome.LATER,
        Outcome.DISMISSED,
    }
)
"""Outcomes after which the same trouble (``Case.key``) is not raised again; one that merely went away may come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One trouble of one interview; at most one case per interview is not closed.

    ``booking_ids`` are the interview's sessions, ``clashing_ids`` the bookings in its way. ``key`` is the stable text
    of (situation, start, clashing bookings) that says whether a trouble is the same as one dealt with before.
    ``start`` and ``end`` are the appointment as it stood when the case was opened, ``snapshot`` the whole interview.
    ``settle_until``: nothing is drafted before. ``due_at``: when the case must be looked at again.
    ``requests_made``: how often the user already asked this company for another time.
    """

    id: int
    interview_id: int
    booking_ids: tuple[int, ...]
    state: CaseState
    situation: Situation
    weight: Weight
    key: str
    start: datetime
    end: datetime
    account: str
    first_seen: datetime
    occasion: Occasion | None = None
    intent: Intent | None = None  # what the person asked for; None: the situation's own
    clashing_ids: tuple[int, ...] = ()
    why: tuple[str, ...] = ()
    settle_until: datetime | None = None
    due_at: datetime | None = None
    outcome: Outcome | None = None
    snapshot: Interview | None = None
    requests_made: int = 0
    movable: bool = False
    ends_process: bool = False
    promises_times: bool = False
    closed_at: datetime | None = None
