"""detect: what is wrong, for everything that changed or is due; opens, settles, replaces and closes cases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from calwatch.detect.view import Trouble
from calwatch.model.booking import Interview
from calwatch.model.case import PRECEDENCE, CaseState, DraftState, Move, Outcome, Situation, Weight
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.model.workdays import working_days_between
from calwatch.pipeline import advance, closing, ending, known, seeing
from calwatch.pipeline.parts import Parts

HASTE = timedelta(minutes=2)
"""The settle time with less than a working day left."""


def assess(parts: Parts) -> None:
    """Decides about everything dirty or due, once. Work is proportional to that, not to the calendar."""
    now = parts.now()
    dirty = parts.store.bookings.take_dirty()
    changed = seeing.recognise(parts, dirty.booking_ids, now)
    scope = [*dirty.spans, *changed]
    due = [case for case in parts.store.cases.due(now) if case.state is not CaseState.CLOSED]
    scope += [Span(case.start, max(case.end, case.start)) for case in due]
    near = seeing.interviews_near(parts, scope, now)
    asked = known.asked(parts) if near else None
    for interview, nearby in near:
        _judge(parts, interview, now, asked, nearby)
    _close_orphans(parts, dirty.booking_ids, frozenset(n for interview, _ in near for n in interview.booking_ids))
    parts.store.bookings.clear_dirty(dirty.token)
    for case in _to_advance(parts, due):
        advance.advance(parts, case, now)
    for question in parts.store.questions.due(now):
        parts.store.questions.close(question.id, now=now)  # unanswered means: do nothing
    advance.first_pass(parts, now)


def _judge(
    parts: Parts, interview: Interview, now: datetime, asked: known.Asked | None, nearby: Sequence[Interview]
) -> None:
    """Compares what is wrong now with the case there is, and moves the case accordingly."""
    case = parts.store.cases.open_for(interview.booking_ids)
    dismissed = parts.store.cases.dismissed_keys(interview.booking_ids)
    trouble = seeing.trouble_of(parts, interview, now, dismissed=dismissed, asked=asked, nearby=nearby)
    if case is not None and case.state is CaseState.SENT:
        closing.read_answer(parts, case, interview, trouble, now)
        return
    if case is not None and case.situation is Situation.MANUAL:
        return  # the person's own word outlasts what the calendar says
    if trouble is None or trouble.weight is Weight.NOTICE:
        parts.store.meta.set(f"notice:{interview.id}", list(trouble.why) if trouble else None)
        if case is not None:
            _gone(parts, case, "the appointment is in order again")
        seeing.remember(parts, interview)
        return
    if trouble.key in dismissed:
        if case is not None and case.key != trouble.key:
            _gone(parts, case, "what is left was dismissed before")
        return
    if case is None:
        _open(parts, interview, trouble, now)
    elif case.key != trouble.key:
        _changed(parts, case, interview, trouble, now)


def _open(parts: Parts, interview: Interview, trouble: Trouble, now: datetime) -> Case:
    settle = settle_time(parts, trouble.situation, interview, now)
    seeing.remember_first(parts, interview)
    return parts.store.cases.open(
        interview,
        situation=trouble.situation,
        weight=trouble.weight,
        key=trouble.key,
        clashing_ids=tuple(b.id for b in trouble.clashing),
        why=trouble.why,
        movable=trouble.movable,
        ends_process=trouble.ends_process,
        promises_times=trouble.promises_times,
        requests_made=known.asked(parts).by(interview),
        now=now,
        # The store keeps whole seconds, rounded up: without settle time it is to be due in this very pass.
        settle_until=now + settle if settle else now.replace(microsecond=0),
    )


def settle_time(parts: Parts, situation: Situation, interview: Interview, now: datetime) -> timedelta:
    """How long this trouble must last before anything is drafted; at most two minutes with less than a working day
    left.
    """
    if parts.once:
        return timedelta(0)
    wanted = parts.preferences.watch.settle.of(situation)
    near = working_days_between(now, interview.span.start, parts.preferences.zone) < 1
    return min(wanted, HASTE) if near else wanted


def _changed(parts: Parts, case: Case, interview: Interview, trouble: Trouble, now: datetime) -> None:
    """The trouble is another one now: an unwritten case takes it over, a written one is replaced."""
    draft = known.live_draft(parts, case)
    if draft is not None and draft.state in (DraftState.SENDING, DraftState.UNSURE):
        return  # nothing stops a draft on its way
    if draft is None and PRECEDENCE.index(trouble.situation) == PRECEDENCE.index(case.situation):
        parts.store.cases.change(
            case.id,
            case.state,
            key=trouble.key,
            weight=trouble.weight,
            why=trouble.why,
            clashing_ids=tuple(b.id for b in trouble.clashing),
            start=interview.span.start,
            end=interview.span.end,
            snapshot=interview,
            booking_ids=interview.booking_ids,
            now=now,
        )
        return
    with parts.store.write():
        if draft is not None and draft.state is DraftState.WAITING:
            parts.store.drafts.move(
                draft.id,
                draft.version,
                Move.REPLACE,
                now=now,
                who="calwatch",
                what="something else is wrong now",
                due_at=None,
            )
        elif draft is not None and draft.state is DraftState.APPROVED:
            parts.store.drafts.move(
                draft.id,
                draft.version,
                Move.GONE,
                now=now,
                who="calwatch",
                what="something else is wrong now",
                due_at=None,
            )
        ending.close(parts, case.id, Outcome.REPLACED, f"now it is {trouble.situation.value}")
        _open(parts, interview, trouble, now)


def _gone(parts: Parts, case: Case, why: str) -> None:
    draft = known.live_draft(parts, case)
    if draft is None:
        ending.close(parts, case.id, Outcome.GONE, why)
    elif draft.state in (DraftState.WAITING, DraftState.APPROVED):
        ending.withdraw(parts, draft, why)
    elif draft.state is DraftState.FAILED:
        ending.close(parts, case.id, Outcome.GONE, why)


def _close_orphans(parts: Parts, changed: Collection[int], judged: Collection[int]) -> None:
    """Cases whose bookings are no interview any more: marked so by the person, recognised anew, or given another time.

    ``judged`` are the bookings of all interviews that were just looked at.
    """
    for case in parts.store.cases.of_bookings(changed):
        if case.state in (CaseState.SENT, CaseState.CLOSED):
            continue
        found = [parts.store.bookings.recognition(number) for number in case.booking_ids]
        if found and not any(r is not None and r.is_interview for r in found):
            _gone(parts, case, "it is not an interview")
        elif case.start > parts.now() and _was_replaced(parts, case, judged):
            _gone(parts, case, "other sessions took its place")


def _was_replaced(parts: Parts, case: Case, judged: Collection[int]) -> bool:
    """Whether nothing of it is an interview any more since others stand for it; the person's own word outlasts that."""
    if case.situation is Situation.MANUAL or any(number in judged for number in case.booking_ids):
        return False
    return seeing.have_vanished(parts, case)


def _to_advance(parts: Parts, due: Sequence[Case]) -> list[Case]:
    """Cases time may do something to: due, or with a letter that waits or is out. ``--once`` waits for no settling."""
    if parts.once:
        return parts.store.cases.open_cases()
    alive = parts.store.drafts.in_states((DraftState.WAITING, DraftState.APPROVED))
    ids = {case.id for case in due} | {draft.case_id for draft in alive}
    ids |= {case.id for case in parts.store.cases.due(parts.now())}  # opened in this very pass
    return [*(parts.store.cases.get(number) for number in sorted(ids)), *parts.store.cases.in_states((CaseState.SENT,))]
