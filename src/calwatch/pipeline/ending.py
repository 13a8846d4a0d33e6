"""How drafts and cases end: the trouble gone, the time passed, or the person's own decision with its meaning."""

from __future__ import annotations

from datetime import timedelta

from calwatch.model.case import CaseState, Move, Outcome
from calwatch.model.draft import Draft
from calwatch.pipeline import notices
from calwatch.pipeline.parts import Parts

DISMISSALS = tuple(
    outcome.value
    for outcome in (
        Outcome.KEEP,
        Outcome.HANDLED,
        Outcome.COVER,
        Outcome.NOT_INTERVIEW,
        Outcome.LATER,
        Outcome.DISMISSED,
    )
)
"""What a dismissal can mean (product.md §3); the last when the person says nothing."""


def withdraw(parts: Parts, draft: Draft, why: str) -> Draft:
    """The situation went away: the draft is taken back and the case closed, and the person hears it if they had heard
    of it.
    """
    with parts.store.write():
        moved = parts.store.drafts.move(
            draft.id, draft.version, Move.GONE, now=parts.now(), who="calwatch", what=why, due_at=None
        )
        close(parts, draft.case_id, Outcome.GONE, why)
    notices.gone(parts, moved, why)
    return moved


def expire(parts: Parts, draft: Draft) -> Draft:
    with parts.store.write():
        moved = parts.store.drafts.move(
            draft.id,
            draft.version,
            Move.EXPIRE,
            now=parts.now(),
            who="calwatch",
            what="its time has passed",
            due_at=None,
        )
        close(parts, draft.case_id, Outcome.EXPIRED, "its time has passed")
    return moved


def close(parts: Parts, case_id: int, outcome: Outcome, why: str) -> None:
    """Closes a case whatever its state; closing twice is fine. Open questions of it end with it."""
    case = parts.store.cases.get(case_id)
    if case.state is CaseState.CLOSED:
        return
    parts.store.cases.move(
        case.id, case.state, CaseState.CLOSED, now=parts.now(), who="calwatch", what=why, outcome=outcome
    )
    for question in parts.store.questions.of_case(case_id):
        parts.store.questions.close(question.id, now=parts.now())
    parts.store.drop_bodies(case_id)


def close_dismissed(parts: Parts, draft: Draft, because: str) -> None:
    """What a dismissal means beyond this draft: each of its meanings is kept (product.md §3)."""
    case = parts.store.cases.get(draft.case_id)
    outcome = Outcome(because)
    if outcome is Outcome.LATER:
        # The case stays open and asks again a day before the start, or tomorrow.
        again = max(
            parts.now() + timedelta(hours=1), min(case.start - timedelta(days=1), parts.now() + timedelta(days=1))
        )
        parts.store.cases.change(case.id, case.state, now=parts.now(), what="asked again later", due_at=again)
        return
    if outcome is Outcome.COVER:
        for clash in parts.store.bookings.booking_list(case.clashing_ids):
            parts.store.marks.set_cover(clash.event.uid, now=parts.now())
    if outcome is Outcome.NOT_INTERVIEW:
        for booking in parts.store.bookings.booking_list(case.booking_ids):
            parts.store.marks.mark(booking.event.uid, False, now=parts.now())
        parts.store.bookings.mark_dirty(case.booking_ids, ())
    close(parts, case.id, outcome, f"dismissed: {because}")
