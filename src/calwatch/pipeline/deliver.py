"""send: the one attempt, and what became of it; nothing here ever tries twice on a guess."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from calwatch.approve.canonical import letter_hash, same_content
from calwatch.errors import Doubt, NeedsSignIn, Retry, Stop, Touched
from calwatch.model.case import CaseState, DraftState, Move
from calwatch.model.draft import Draft
from calwatch.model.message import Message
from calwatch.pipeline import effects, letters, mailbox, notices, preflight
from calwatch.pipeline.parts import Account, Parts
from calwatch.ports import Accepted, Refused, Sent, Waiting
from calwatch.send.preflight import Decision, Verdict, decide
from calwatch.send.reconcile import Stamp, judge, quiet_left

log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(seconds=5)
"""How soon after a lost answer the mailbox is looked into."""


def watch_drafts(parts: Parts, account: Account) -> None:
    """Looks at every draft of one mailbox that waits, was approved or refused: did the person edit, send or discard it?

    A refused one is followed until its time is over; what waits or is approved ends then anyway, looked at once more.
    """
    for draft in parts.store.drafts.open_drafts():
        if draft.account == account.name and draft.stored is not None:
            over = draft.state is DraftState.FAILED and parts.now() >= draft.expires
            if draft.state in mailbox.TAKES_OVER and not over:
                mailbox.watch_one(parts, draft)
            elif draft.state is DraftState.UNSURE:
                _look_again(parts, draft)


def hand_sent(parts: Parts, draft: Draft, message: Message) -> Draft:
    """The person sent it themselves: times still found in the text count as offered, the rest follows as usual."""
    known = draft.letter.content
    content = replace(
        known, to=message.to or known.to, cc=message.cc, subject=message.subject or known.subject, text=message.text
    )
    letter = letters.as_edited_in_mailbox(parts, draft, content)
    with parts.store.write():
        if not same_content(letter.content, draft.letter.content):
            draft = parts.store.drafts.move(
                draft.id,
                draft.version,
                mailbox.TAKES_OVER[draft.state],
                now=parts.now(),
                who="mailbox",
                what="edited in the mailbox",
                letter=letter,
                hash=letter_hash(letter, draft.account),
                touched=True,
            )
        moved = parts.store.drafts.move(
            draft.id,
            draft.version,
            Move.HAND_SENT,
            now=parts.now(),
            who="you",
            what="sent from the mailbox",
            notice="",
            stored=replace(draft.stored, message_id=message.message_id) if draft.stored else None,
            due_at=None,
        )
        _after_sent(parts, moved, by_hand=True)
    parts.tallies["send:by_hand"] += 1
    notices.sent(parts, moved)
    return moved


def attempt(parts: Parts, draft: Draft) -> Draft:
    """The one attempt: the last preflight, ``sending`` committed, the stored draft sent, the answer written down."""
    account = mailbox.mailbox_of(parts, draft)
    decision = decide(preflight.gather(parts, draft))
    if decision.verdict is not Verdict.GO:
        return preflight.obey(parts, draft, decision)
    if account is None or account.mail is None or draft.stored is None:
        return preflight.obey(parts, draft, Decision(Verdict.WAIT, "its account has no mailbox at the moment"))
    mail, stored = account.mail, draft.stored
    with parts.store.write():
        parts.store.meta.set(f"attempt:{draft.id}", _stamp(parts))
        draft = parts.store.drafts.move(
            draft.id,
            draft.version,
            Move.ATTEMPT,
            now=parts.now(),
            who="calwatch",
            what=f"attempt {draft.attempts + 1}",
            attempts=draft.attempts + 1,
            attempted_at=parts.now(),
            due_at=parts.now() + timedelta(seconds=mail.quiescence),
        )
    try:
        answer = mail.send_draft(stored.ref, stored.version)
    except Doubt:
        # A copy in Sent settles it soon; that there is none says something only once it is quiet.
        return mailbox.look_later(parts, draft, FIRST_LOOK, "the answer got lost; whether it left is being found out")
    except Touched:
        back = _unsent(parts, draft, "the mailbox holds another text than the one approved")
        if back.state is not DraftState.APPROVED:
            return back  # given up, and said
        return preflight.obey(
            parts, back, Decision(Verdict.FAIL, "the draft in your mailbox is not the text you approved")
        )
    except NeedsSignIn:
        return _unsent(parts, draft, "the account must be signed in again")
    except (Retry, Stop) as reason:
        return _unsent(parts, draft, str(reason))
    return _answered(parts, draft, answer)


def _answered(parts: Parts, draft: Draft, answer: Accepted | Refused) -> Draft:
    if isinstance(answer, Refused):
        moved = parts.store.drafts.move(
            draft.id,
            draft.version,
            Move.REFUSED,
            now=parts.now(),
            who="provider",
            what=answer.reason,
            notice=f"it was refused: {answer.reason}",
            due_at=None,
        )
        parts.tallies["send:refused"] += 1
        notices.failed(parts, moved)
        return moved
    parts.tallies["send:accepted"] += 1
    return went_out(parts, draft, Move.ACCEPTED, "accepted for delivery", message_id=answer.message_id)


def went_out(
    parts: Parts, draft: Draft, move: Move, what: str, *, who: str = "provider", message_id: str = ""
) -> Draft:
    """It left. ``message_id`` is that of the sent copy where it is known: providers replace the draft's."""
    stored = replace(draft.stored, message_id=message_id) if draft.stored and message_id else draft.stored
    with parts.store.write():
        moved = parts.store.drafts.move(
            draft.id, draft.version, move, now=parts.now(), who=who, what=what, notice="", due_at=None, stored=stored
        )
        _after_sent(parts, moved, by_hand=False)
    notices.sent(parts, moved)
    return moved


def _after_sent(parts: Parts, draft: Draft, *, by_hand: bool) -> None:
    """In the transaction that says ``sent``: the case waits for an answer, the effects are planned."""
    case = parts.store.cases.get(draft.case_id)
    if case.state is not CaseState.SENT and case.state is not CaseState.CLOSED:
        parts.store.cases.move(
            case.id, case.state, CaseState.SENT, now=parts.now(), who="calwatch", what="the letter has left"
        )
    effects.plan(parts, draft, by_hand=by_hand)


def _unsent(parts: Parts, draft: Draft, why: str) -> Draft:
    """Nothing left, and that is certain: back to approved, or given up after the third attempt."""
    parts.tallies["send:unsent"] += 1
    move = judge(waiting=True, found=False, attempts=draft.attempts, quiet=0, lag_left=0) or Move.PROVEN_UNSENT
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        move,
        now=parts.now(),
        who="calwatch",
        what=why,
        notice=why if move is Move.GIVE_UP else "",
        due_at=None if move is Move.GIVE_UP else parts.now() + timedelta(seconds=30 * draft.attempts),
    )
    if move is Move.GIVE_UP:
        notices.failed(parts, moved)
    return moved


def reconcile(parts: Parts, draft: Draft) -> Draft:
    """A draft found in ``sending`` with no answer: what really happened, as far as the mailbox can prove it."""
    account = mailbox.mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None:
        return draft
    mail, since = account.mail, draft.attempted_at or draft.changed
    quiet = quiet_left(_read_stamp(parts, draft), _here(parts), mail.quiescence)
    try:
        seen = mail.look(draft.stored.ref, draft.key)
        found = seen.message if isinstance(seen, Sent) else None
        if found is None and not isinstance(seen, Waiting):
            found = mail.find_sent(draft.stored.ref, draft.key, draft.stored.message_id, since - timedelta(minutes=5))
    except mailbox.UNREACHABLE as reason:
        return mailbox.look_later(parts, draft, timedelta(seconds=60), str(reason))
    lag_left = quiet_left(_read_stamp(parts, draft), _here(parts), mail.quiescence + mail.sent_lag)
    move = judge(
        waiting=isinstance(seen, Waiting),
        found=found is not None,
        attempts=draft.attempts,
        quiet=quiet,
        lag_left=lag_left,
    )
    if move is None:
        if _stamp_of_boot(parts, draft) is None:
            parts.store.meta.set(f"attempt:{draft.id}", _stamp(parts))
        wait = quiet or min(lag_left, 120.0)
        return mailbox.look_later(parts, draft, timedelta(seconds=max(wait, 1.0)), "waiting until it is quiet")
    if found is not None:
        parts.tallies["send:found"] += 1
        return went_out(parts, draft, Move.ACCEPTED, "found in Sent", message_id=found.message_id)
    if move is Move.DOUBT:
        return _doubt(parts, draft)
    return _unsent(parts, draft, "the attempt did not go through; the draft still lies in your mailbox")


def _doubt(parts: Parts, draft: Draft) -> Draft:
    parts.tallies["send:doubt"] += 1
    with parts.store.write():
        moved = parts.store.drafts.move(
            draft.id,
            draft.version,
            Move.DOUBT,
            now=parts.now(),
            who="calwatch",
            what="neither in Drafts nor in Sent",
            notice="it is unknown whether this mail left; please look into your Sent folder",
            due_at=None,
        )
        notices.ask_sent(parts, moved)
    return moved


def _look_again(parts: Parts, draft: Draft) -> Draft:
    """An unsure draft whose sent copy shows up after all is sent; nothing else is concluded."""
    account = mailbox.mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None:
        return draft
    since = (draft.attempted_at or draft.changed) - timedelta(minutes=5)
    try:
        found = account.mail.find_sent(draft.stored.ref, draft.key, draft.stored.message_id, since)
    except mailbox.UNREACHABLE:
        return draft
    if found is None:
        return draft
    parts.tallies["send:found"] += 1
    moved = went_out(parts, draft, Move.FOUND, "found in Sent", message_id=found.message_id)
    for question in parts.store.questions.of_case(draft.case_id):
        if question.draft_id == draft.id:
            parts.store.questions.close(question.id, now=parts.now())
    return moved


def _stamp(parts: Parts) -> dict[str, object]:
    here = _here(parts)
    return {"boot": here.boot, "seconds": here.seconds}


def _here(parts: Parts) -> Stamp:
    return Stamp(parts.clock.boot_id(), parts.clock.monotonic())


def _read_stamp(parts: Parts, draft: Draft) -> Stamp | None:
    value = parts.store.meta.get(f"attempt:{draft.id}")
    if not isinstance(value, dict):
        return None
    return Stamp(str(value["boot"]), float(value["seconds"]))


def _stamp_of_boot(parts: Parts, draft: Draft) -> Stamp | None:
    """The stored stamp if it is of this boot; after a reboot the quiescence starts again from now."""
    stamp = _read_stamp(parts, draft)
    return stamp if stamp is not None and stamp.boot == parts.clock.boot_id() else None
