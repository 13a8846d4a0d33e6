"""What only the person can say: answers to questions, cases opened by hand, corrections of recognition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from calwatch.approve.canonical import letter_hash
from calwatch.errors import Rejected, UsageError
from calwatch.model.case import (
    CaseState,
    DraftState,
    Intent,
    Move,
    Occasion,
    Outcome,
    Situation,
    Weight,
)
from calwatch.model.ledger import Request
from calwatch.model.span import Span
from calwatch.pipeline import advance, assess, deliver, ending, known, letters, mailbox, seeing
from calwatch.pipeline.parts import Parts


def answer(parts: Parts, request: Request) -> str:
    question = parts.store.questions.get(int(request.payload["question"]))
    value = str(request.payload["value"])
    if value not in question.choices:
        raise UsageError(f"question {question.id} takes one of: {', '.join(question.choices)}")
    if question.kind == "sent" and question.draft_id is not None:
        return _answer_sent(parts, question.id, question.draft_id, value, request.who)
    parts.store.questions.answer(question.id, value, now=parts.now(), who=request.who)
    if question.kind == "removed" and question.case_id is not None:
        return _answer_removed(parts, question.case_id, value)
    return "noted"


def _answer_sent(parts: Parts, question_id: int, draft_id: int, value: str, who: str) -> str:
    draft = parts.store.drafts.get(draft_id)
    # Before the answer counts: a mailbox that is down must not swallow it.
    letter = letters.renewed(parts, draft) if value == "not-sent" else draft.letter
    parts.store.questions.answer(question_id, value, now=parts.now(), who=who)
    if draft.state is not DraftState.UNSURE:
        return f"noted; draft {draft.id} is {draft.state.value}"
    if value == "sent":
        deliver.went_out(parts, draft, Move.ANSWER_SENT, "you said it left", who=who)
        return f"draft {draft.id} counts as sent"
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.ANSWER_UNSENT,
        now=parts.now(),
        who=who,
        what="you said it did not leave",
        letter=letter,
        hash=letter_hash(letter, draft.account),
        notice="",
        approved_hash="",
        approved_at=None,
        attempts=0,
    )
    mailbox.stage(parts, mailbox.find_again(parts, moved))
    return f"draft {draft.id} is waiting again as version {moved.version}; look at it and approve it"


def _answer_removed(parts: Parts, case_id: int, value: str) -> str:
    case = parts.store.cases.get(case_id)
    cancelled = value == "they-cancelled"
    parts.store.cases.move(
        case.id,
        case.state,
        CaseState.OPEN,
        now=parts.now(),
        who="you",
        what=f"you said: {value}",
        situation=Situation.CANCELLED if cancelled else Situation.DECLINED,
        intent=Intent.ACKNOWLEDGE if cancelled else Intent.WITHDRAW,
    )
    advance.prepare(parts, parts.store.cases.get(case.id), parts.now())
    return "noted; a letter is being prepared"


def open_case(parts: Parts, request: Request) -> str:
    payload: Mapping[str, Any] = request.payload
    booking = parts.store.bookings.booking(int(payload["booking"]))
    now = parts.now()
    reach = Span(min(now, booking.event.start) - timedelta(days=1), booking.event.end + timedelta(days=1))
    interview = next((i for i in seeing.interviews(parts, reach) if booking.id in i.booking_ids), None)
    if interview is None:
        raise Rejected(
            f"{booking.event.summary!r} is not known as an interview; "
            f"say so first with: calwatch mark {booking.id} interview"
        )
    occasion = Occasion(payload.get("occasion") or Occasion.BUSY.value)
    intent = Intent(payload["intent"])
    if intent is Intent.WITHDRAW and occasion is not Occasion.BUSY:
        intent = Intent.RESCHEDULE  # who is sick or late gives up the hour, not the application
    case = parts.store.cases.open_for(interview.booking_ids)
    if case is not None:
        draft = known.live_draft(parts, case)
        if draft is not None and draft.state in (DraftState.SENDING, DraftState.UNSURE, DraftState.APPROVED):
            raise Rejected(f"draft {draft.id} about it is {draft.state.value}")
        with parts.store.write():
            if draft is not None and draft.state is DraftState.WAITING:
                parts.store.drafts.move(
                    draft.id, draft.version, Move.REPLACE, now=now, who=request.who, what="opened by hand", due_at=None
                )
            ending.close(parts, case.id, Outcome.REPLACED, "opened by hand")
        if draft is not None:
            mailbox.tidy(parts, parts.store.drafts.get(draft.id))
    opened = parts.store.cases.open(
        interview,
        situation=Situation.MANUAL,
        weight=Weight.CLASH,
        key=f"manual|{interview.span.start.isoformat()}|{now.isoformat()}",
        why=(f"you asked for it ({occasion.value})",),
        requests_made=known.asked(parts).by(interview),
        now=now,
        settle_until=now,
        occasion=occasion,
        intent=intent,
    )
    advance.prepare(parts, opened, now)
    draft = known.live_draft(parts, parts.store.cases.get(opened.id))
    if draft is None:
        raise Rejected("no letter could be written: no account with a mailbox knows this appointment")
    return f"draft {draft.id} is ready; look at it with: calwatch show {draft.id}"


def mark(parts: Parts, request: Request) -> str:
    booking = parts.store.bookings.booking(int(request.payload["booking"]))
    value = str(request.payload["value"])
    parts.store.marks.mark(booking.event.uid, value == "interview", now=parts.now())
    parts.store.bookings.mark_dirty([booking.id], [booking.event.span])
    assess.assess(parts)
    return f"{booking.event.summary!r} is {'an interview' if value == 'interview' else 'not an interview'} from now on"
