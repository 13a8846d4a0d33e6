"""approve: what commands and the page ask for, done by the one actor; each request is answered in words."""

from __future__ import annotations

from calwatch.approve.binding import objection
from calwatch.approve.canonical import letter_hash
from calwatch.errors import CalwatchError, Rejected, UsageError
from calwatch.model.case import (
    CaseState,
    Move,
    Outcome,
    RequestKind,
)
from calwatch.model.draft import Draft
from calwatch.model.ledger import Request
from calwatch.pipeline import answers, edits, effects, ending, known, letters, mailbox
from calwatch.pipeline.parts import Parts
from calwatch.send.preflight import PATIENCE


def handle(parts: Parts, request: Request) -> None:
    """Does one request and writes its answer down; a refusal is an answer, not an error of the service."""
    try:
        text = _HANDLERS[request.kind](parts, request)
    except CalwatchError as refusal:
        result = {"text": str(refusal), "exit_code": refusal.exit_code}
        parts.store.requests.finish(request.id, result, False, now=parts.now())
    except (KeyError, TypeError, ValueError) as malformed:
        # Requests come from outside the actor: one that makes no sense must not be met again by every pass.
        text = f"this {request.kind.value} request cannot be understood ({malformed})"
        parts.store.requests.finish(request.id, {"text": text, "exit_code": 2}, False, now=parts.now())
    else:
        parts.store.requests.finish(request.id, {"text": text, "exit_code": 0}, True, now=parts.now())


def _approve(parts: Parts, request: Request) -> str:
    if parts.now() - request.at > PATIENCE:
        raise Rejected("nothing took this approval up within 15 minutes, so it no longer counts; look at it again")
    draft = known.draft_asked_for(parts, request)
    shown = request.payload.get("hash")
    draft = mailbox.watch_one(parts, draft)
    if shown is not None and shown != draft.hash:
        raise Rejected(
            f"draft {draft.id} is not what you were shown any more; look again with: calwatch show {draft.id}"
        )
    wish = parts.preferences
    account = mailbox.mailbox_of(parts, draft)
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
        if draft.touched:
            raise Rejected(
                f"draft {draft.id}: a time it offers is taken now; you edited this draft, so it is yours to correct "
                "in your Drafts folder"
            )
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
    letter = draft.letter if mailbox.is_missing(parts, draft) else letters.renewed(parts, draft)
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
    mailbox.stage(parts, moved)


def _undo(parts: Parts, request: Request) -> str:
    draft = known.draft_asked_for(parts, request)
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


def _dismiss(parts: Parts, request: Request) -> str:
    draft = known.draft_asked_for(parts, request)
    because = str(request.payload.get("because") or Outcome.DISMISSED.value)
    if because not in ending.DISMISSALS:
        raise UsageError(f"{because!r} is no reason to dismiss; use one of: {', '.join(ending.DISMISSALS)}")
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
    mailbox.tidy(parts, moved)
    return f"draft {draft.id} is dismissed ({because}); nothing was sent"


def _retry(parts: Parts, request: Request) -> str:
    draft = known.draft_asked_for(parts, request)
    failed = effects.retry_failed(parts, draft)
    if failed:
        return f"the mail has left; what failed after it is tried again: {', '.join(failed)}"
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
    mailbox.stage(parts, moved)
    return f"draft {draft.id} is waiting again as version {moved.version}; look at it and approve it"


def _reopen(parts: Parts, request: Request) -> str:
    draft = known.draft_asked_for(parts, request)
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
        # Its words went when the case was closed, and its times may be taken by now: it is written anew.
        letter = edits.written_anew(parts, draft, draft.letter.intent)
        moved = parts.store.drafts.move(
            draft.id,
            draft.version,
            Move.REOPEN,
            now=parts.now(),
            who=request.who,
            what="reopened",
            letter=letter,
            hash=letter_hash(letter, draft.account),
            stored=None,
            touched=False,
            notice="",
        )
    mailbox.stage(parts, moved)
    return f"draft {draft.id} is waiting again as version {moved.version}"


_HANDLERS = {
    RequestKind.APPROVE: _approve,
    RequestKind.UNDO: _undo,
    RequestKind.EDIT: edits.edit,
    RequestKind.DISMISS: _dismiss,
    RequestKind.RETRY: _retry,
    RequestKind.REOPEN: _reopen,
    RequestKind.ANSWER: answers.answer,
    RequestKind.OPEN_CASE: answers.open_case,
    RequestKind.MARK: answers.mark,
}
