"""approve: what commands and the page ask for, done by the one actor; each request is answered in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from calwatch.approve.binding import objection
from calwatch.approve.canonical import letter_hash
from calwatch.draft import compose
from calwatch.errors import CalwatchError, Rejected, UsageError
from calwatch.model.addresses import is_unreadable, plain_address
from calwatch.model.case import (
    CaseState,
    DraftState,
    Intent,
    Move,
    Occasion,
    Outcome,
    RequestKind,
    Situation,
    Weight,
)
from calwatch.model.draft import Draft, Letter
from calwatch.model.event import Person
from calwatch.model.ledger import Request
from calwatch.model.span import Span
from calwatch.pipeline import assess, deliver, ending, known, letters
from calwatch.pipeline.parts import Parts


def handle(parts: Parts, request: Request) -> None:
    """Does one request and writes its answer down; a refusal is an answer, not an error of the service."""
    try:
        text = _HANDLERS[request.kind](parts, request)
    except CalwatchError as refusal:
        result = {"text": str(refusal), "exit_code": refusal.exit_code}
        parts.store.requests.finish(request.id, result, False, now=parts.now())
    else:
        parts.store.requests.finish(request.id, {"text": text, "exit_code": 0}, True, now=parts.now())


def _draft(parts: Parts, request: Request) -> Draft:
    if request.draft_id is None:
        raise UsageError("this request names no draft")
    draft = parts.store.drafts.get(request.draft_id)
    version = request.payload.get("version")
    if version is not None and int(version) != draft.version:
        raise Rejected(
            f"draft {draft.id} has changed: you saw version {version}, it is version {draft.version} now; "
            f"look again with: calwatch show {draft.id}"
        )
    return draft


def _approve(parts: Parts, request: Request) -> str:
    draft = _draft(parts, request)
    shown = request.payload.get("hash")
    draft = deliver.watch_one(parts, draft)
    if shown is not None and shown != draft.hash:
        raise Rejected(
            f"draft {draft.id} is not what you were shown any more; look again with: calwatch show {draft.id}"
        )
    wish = parts.preferences
    account = deliver.mailbox_of(parts, draft)
    transmits = account is not None and account.mail is not None and account.mail.transmits
    why_not = objection(draft, now=parts.now(), delivery=wish.replies.delivery, transmits=transmits)
    if why_not is not None:
        raise Rejected(why_not)
    proof = letters.prove(parts, draft)
    if not proof.stands:
        raise Rejected(f"draft {draft.id}: the situation it answers has gone away or changed")
    if proof.answered is not None:
        raise Rejected(f"draft {draft.id}: you have already written to them since; dismiss it with --because handled")
    if proof.taken:
        _refresh_taken(parts, draft)
        raise Rejected(
            f"draft {draft.id}: a time it offered is taken now, so it was not approved; "
            f"look at the new times with: calwatch show {draft.id}"
        )
    undo = wish.approval.undo.of(draft.letter.intent)
    parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.APPROVE,
        now=parts.now(),
        who=request.who,
        what=f"approved version {draft.version}",
        approved_hash=draft.hash,
        approved_at=parts.now(),
        due_at=parts.now() + undo,
        notice="",
    )
    return (
        f"approved; it leaves in {int(undo.total_seconds())} s unless you take it back with: calwatch undo {draft.id}"
    )


def _refresh_taken(parts: Parts, draft: Draft) -> None:
    letter = letters.renewed(parts, draft)
    if letter == draft.letter:
        words = "a time it offers is taken now"
        parts.store.drafts.set_due(draft.id, draft.version, draft.due_at, now=parts.now(), notice=words, what=words)
        return
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.REFRESH,
        now=parts.now(),
        who="calwatch",
        what="a time it offered was taken; others are offered",
        letter=letter,
        hash=letter_hash(letter, draft.account),
    )
    deliver.stage(parts, moved)


def _undo(parts: Parts, request: Request) -> str:
    draft = _draft(parts, request)
    parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.UNDO,
        now=parts.now(),
        who=request.who,
        what="called back",
        approved_hash="",
        approved_at=None,
        due_at=None,
    )
    return f"draft {draft.id} is waiting again; nothing was sent"


def _edit(parts: Parts, request: Request) -> str:
    draft = _draft(parts, request)
    if draft.state is not DraftState.WAITING:
        raise Rejected(f"draft {draft.id} is {draft.state.value}; only a waiting draft can be changed")
    if draft.touched:
        raise Rejected(f"draft {draft.id} was changed in your mailbox; go on with it there")
    letter = draft.letter
    payload = request.payload
    if payload.get("intent"):
        letter = _with_intent(parts, draft, Intent(payload["intent"]))
    if payload.get("slots"):
        letter = _with_slots(parts, draft, letter, payload["slots"])
    if payload.get("to"):
        letter = _with_recipients(letter, payload["to"])
    if payload.get("body") is not None:
        letter = replace(letter, content=replace(letter.content, text=_clean(str(payload["body"]))))
    account = deliver.mailbox_of(parts, draft)
    if account is not None:
        interview = known.interview_of(parts, parts.store.cases.get(draft.case_id))
        letter = replace(letter, actions=letters.actions_of(parts, letter, interview, account))
    letter = letters.recheck(parts, draft, letter)
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.EDIT,
        now=parts.now(),
        who=request.who,
        what="edited",
        letter=letter,
        hash=letter_hash(letter, draft.account),
        notice="",
    )
    deliver.stage(parts, moved)
    return f"draft {draft.id} is version {moved.version} now"


def _clean(text: str) -> str:
    """The person's own text as it may go into a mail: no control characters, one kind of line end."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return "".join(c for c in unified if c in "\n\t" or (ord(c) >= 32 and ord(c) != 127)) + "\n"


def _with_intent(parts: Parts, draft: Draft, intent: Intent) -> Letter:
    if intent not in draft.letter.variants:
        possible = ", ".join(v.value for v in draft.letter.variants)
        raise UsageError(f"draft {draft.id} cannot become {intent.value!r}; it can be: {possible}")
    case = parts.store.cases.get(draft.case_id)
    around = letters.surroundings(parts, case)
    if around is None:
        raise Rejected("its mailbox cannot be read at the moment")
    if not draft.letter.recipient.named_by_user:
        return letters.write(parts, case, around, intent)[1]
    brief = letters.brief_for(parts, case, around, intent)
    return letters.checked(parts, compose.recompose_intent(draft.letter, intent, brief), around)


def _with_slots(parts: Parts, draft: Draft, letter: Letter, numbers: Sequence[int]) -> Letter:
    """Times picked by number (from 1) among ``alternatives``, or from the present times before them as listed by show."""
    listed = letter.alternatives
    wrong = [n for n in numbers if not 1 <= int(n) <= len(listed)]
    if wrong:
        raise UsageError(f"there is no alternative {wrong[0]}; draft {draft.id} has {len(listed)}")
    case = parts.store.cases.get(draft.case_id)
    around = letters.surroundings(parts, case)
    if around is None:
        raise Rejected("its mailbox cannot be read at the moment")
    chosen = tuple(sorted(listed[int(n) - 1] for n in numbers))
    return compose.relist(letter, chosen, letters.brief_for(parts, case, around, letter.intent))


def _with_recipients(letter: Letter, addresses: Sequence[str]) -> Letter:
    people: list[Person] = []
    for text in addresses:
        address = plain_address(text)
        if address is None:
            raise UsageError(f"{text!r} is not a mail address")
        if is_unreadable(address):
            raise Rejected(f"{address} is not read by anybody; name a person")
        people.append(Person(address, next((p.name for p in letter.content.to if p.email == address), "")))
    to = tuple(people)
    who = replace(letter.recipient, to=to, named_by_user=True, evidence="named by you")
    return replace(letter, recipient=who, content=replace(letter.content, to=to))


def _dismiss(parts: Parts, request: Request) -> str:
    draft = _draft(parts, request)
    because = str(request.payload.get("because") or Outcome.DISMISSED.value)
    with parts.store.write():
        moved = parts.store.drafts.move(
            draft.id,
            draft.version,
            Move.DISMISS,
            now=parts.now(),
            who=request.who,
            what=f"dismissed: {because}",
            due_at=None,
        )
        ending.close_dismissed(parts, moved, because)
    deliver.tidy(parts, moved)
    return f"draft {draft.id} is dismissed ({because}); nothing was sent"


def _retry(parts: Parts, request: Request) -> str:
    draft = _draft(parts, request)
    letter = letters.renewed(parts, draft)
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.RETRY,
        now=parts.now(),
        who=request.who,
        what="to be tried again",
        letter=letter,
        hash=letter_hash(letter, draft.account),
        notice="",
        attempts=0,
        approved_hash="",
        approved_at=None,
    )
    deliver.stage(parts, moved)
    return f"draft {draft.id} is waiting again as version {moved.version}; look at it and approve it"


def _reopen(parts: Parts, request: Request) -> str:
    draft = _draft(parts, request)
    if parts.now() >= draft.expires:
        raise Rejected(f"draft {draft.id} has expired; use calwatch reschedule to start anew")
    case = parts.store.cases.get(draft.case_id)
    with parts.store.write():
        if case.state is CaseState.CLOSED:
            other = parts.store.cases.open_for(case.booking_ids)
            if other is not None:
                raise Rejected(f"there is a newer case for this appointment (case {other.id})")
            parts.store.cases.move(
                case.id, case.state, CaseState.OPEN, now=parts.now(), who=request.who, what="reopened"
            )
        moved = parts.store.drafts.move(
            draft.id, draft.version, Move.REOPEN, now=parts.now(), who=request.who, what="reopened", stored=None
        )
    deliver.stage(parts, moved)
    return f"draft {draft.id} is waiting again as version {moved.version}"


def _answer(parts: Parts, request: Request) -> str:
    question = parts.store.questions.get(int(request.payload["question"]))
    value = str(request.payload["value"])
    if value not in question.choices:
        raise UsageError(f"question {question.id} takes one of: {', '.join(question.choices)}")
    parts.store.questions.answer(question.id, value, now=parts.now(), who=request.who)
    if question.kind == "sent" and question.draft_id is not None:
        return _answer_sent(parts, question.draft_id, value, request.who)
    if question.kind == "removed" and question.case_id is not None:
        return _answer_removed(parts, question.case_id, value)
    return "noted"


def _answer_sent(parts: Parts, draft_id: int, value: str, who: str) -> str:
    draft = parts.store.drafts.get(draft_id)
    if draft.state is not DraftState.UNSURE:
        return f"noted; draft {draft.id} is {draft.state.value}"
    if value == "sent":
        deliver.went_out(parts, draft, Move.ANSWER_SENT, "you said it left", who=who)
        return f"draft {draft.id} counts as sent"
    letter = letters.renewed(parts, draft)
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
    deliver.stage(parts, deliver.find_again(parts, moved))
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
    assess.prepare(parts, parts.store.cases.get(case.id), parts.now())
    return "noted; a letter is being prepared"


def _open_case(parts: Parts, request: Request) -> str:
    payload: Mapping[str, Any] = request.payload
    booking = parts.store.bookings.booking(int(payload["booking"]))
    now = parts.now()
    reach = Span(min(now, booking.event.start) - timedelta(days=1), booking.event.end + timedelta(days=1))
    interview = next((i for i in assess.interviews(parts, reach) if booking.id in i.booking_ids), None)
    if interview is None:
        raise Rejected(
            f"{booking.event.summary!r} is not known as an interview; say so first with: calwatch mark {booking.id} interview"
        )
    occasion = Occasion(payload.get("occasion") or Occasion.BUSY.value)
    intent = Intent(payload["intent"])
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
            deliver.tidy(parts, parts.store.drafts.get(draft.id))
    opened = parts.store.cases.open(
        interview,
        situation=Situation.MANUAL,
        weight=Weight.CLASH,
        key=f"manual|{interview.span.start.isoformat()}|{now.isoformat()}",
        why=(f"you asked for it ({occasion.value})",),
        requests_made=known.requests_made(parts, interview),
        now=now,
        settle_until=now,
        occasion=occasion,
        intent=intent,
    )
    assess.prepare(parts, opened, now)
    draft = known.live_draft(parts, parts.store.cases.get(opened.id))
    if draft is None:
        raise Rejected("no letter could be written: no account with a mailbox knows this appointment")
    return f"draft {draft.id} is ready; look at it with: calwatch show {draft.id}"


def _mark(parts: Parts, request: Request) -> str:
    booking = parts.store.bookings.booking(int(request.payload["booking"]))
    value = str(request.payload["value"])
    parts.store.marks.mark(booking.event.uid, value == "interview", now=parts.now())
    parts.store.bookings.mark_dirty([booking.id], [booking.event.span])
    assess.assess(parts)
    return f"{booking.event.summary!r} is {'an interview' if value == 'interview' else 'not an interview'} from now on"


_HANDLERS = {
    RequestKind.APPROVE: _approve,
    RequestKind.UNDO: _undo,
    RequestKind.EDIT: _edit,
    RequestKind.DISMISS: _dismiss,
    RequestKind.RETRY: _retry,
    RequestKind.REOPEN: _reopen,
    RequestKind.ANSWER: _answer,
    RequestKind.OPEN_CASE: _open_case,
    RequestKind.MARK: _mark,
}
