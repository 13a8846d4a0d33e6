"""The mailbox side of a draft: put there, watched there, sent from there once, and found again after a lost answer."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from calwatch.approve.canonical import letter_hash, same_content
from calwatch.errors import Doubt, NeedsSignIn, Rejected, Retry, Stop, Touched
from calwatch.model.case import CaseState, DraftState, Move
from calwatch.model.draft import Draft, Letter, Stored
from calwatch.model.message import Message
from calwatch.pipeline import effects, ending, letters, notices
from calwatch.pipeline.parts import Account, Parts
from calwatch.ports import Accepted, Gone, MailQuery, Refused, Sent, StoredDraft, Waiting
from calwatch.send.preflight import Decision, Facts, Verdict, decide
from calwatch.send.reconcile import Stamp, judge, quiet_left

log = logging.getLogger(__name__)

SENT_LAG = timedelta(minutes=10)
"""How long a provider's Sent folder may take to show a copy (Gmail's and Graph's index lag; none for files)."""

GONE_GRACE = timedelta(minutes=2)
"""A draft missing from the mailbox is believed discarded only when seen missing twice, at least so far apart."""

_UNREACHABLE = (Retry, Stop, NeedsSignIn)


def mailbox_of(parts: Parts, draft: Draft) -> Account | None:
    """The account a draft leaves from, if it still has a mailbox."""
    account = parts.accounts.get(draft.account)
    return account if account is not None and account.mail is not None and not account.busy_only else None


# --- staging -------------------------------------------------------------------------------------------------------


def stage(parts: Parts, draft: Draft) -> Draft:
    """Writes a waiting draft into the mailbox's Drafts folder, or rewrites it there, and reads it back.

    A draft without a recipient, or one the person touched, is left alone. A lost answer is tried again later under the same
    key, which makes at most one draft.
    """
    account = mailbox_of(parts, draft)
    letter = draft.letter
    if account is None or account.mail is None or not letter.content.to or draft.touched:
        return draft
    if draft.state is not DraftState.WAITING or (draft.stored and draft.stored.of_version == draft.version):
        return draft
    try:
        if draft.stored is None:
            stored = account.mail.save_draft(_answered_message(account, letter), letter.content, draft.key)
        else:
            stored = account.mail.update_draft(draft.stored.ref, letter.content, draft.stored.version)
    except Touched:
        return watch_one(parts, draft)
    except (Doubt, Retry) as reason:
        return _look_later(parts, draft, timedelta(seconds=30), str(reason))
    except (Stop, NeedsSignIn, Rejected) as reason:
        return _look_later(parts, draft, timedelta(minutes=5), str(reason))
    return _adopt(parts, draft, stored)


def _answered_message(account: Account, letter: Letter) -> Message | None:
    """The mail a letter answers, whole, as the mailbox has it now; ``None`` for a new conversation."""
    recipient = letter.recipient
    if not recipient.in_reply_to or account.mail is None:
        return None
    found = account.mail.find(MailQuery(message_ids=frozenset({recipient.in_reply_to})))
    return next((message for message in found if message.message_id == recipient.in_reply_to), None)


def _stored(draft_version: int, stored: StoredDraft) -> Stored:
    return Stored(stored.ref, stored.version, stored.message_id, stored.thread, draft_version)


def _adopt(parts: Parts, draft: Draft, stored: StoredDraft) -> Draft:
    """Takes over what the mailbox made of our draft: its ids, and its own spelling where it has one (Outlook's "RE:")."""
    if same_content(stored.content, draft.letter.content):
        return parts.store.drafts.set_stored(draft.id, draft.version, _stored(draft.version, stored), now=parts.now())
    letter = replace(draft.letter, content=stored.content)
    return parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.REFRESH,
        now=parts.now(),
        who="mailbox",
        what="as the mailbox keeps it",
        letter=letter,
        hash=letter_hash(letter, draft.account),
        stored=_stored(draft.version + 1, stored),
        due_at=None,
    )


def _look_later(parts: Parts, draft: Draft, wait: timedelta, why: str) -> Draft:
    return parts.store.drafts.set_due(draft.id, draft.version, parts.now() + wait, now=parts.now(), what=why)


# --- watching ------------------------------------------------------------------------------------------------------


def watch_drafts(parts: Parts, account: Account) -> None:
    """Looks at every waiting or approved draft of one mailbox: edited, sent or thrown away by the person?"""
    for draft in parts.store.drafts.open_drafts():
        if draft.account == account.name and draft.stored is not None:
            if draft.state in (DraftState.WAITING, DraftState.APPROVED):
                watch_one(parts, draft)
            elif draft.state is DraftState.UNSURE:
                _look_again(parts, draft)


def watch_one(parts: Parts, draft: Draft) -> Draft:
    """What the person did to one draft in the mailbox, taken over."""
    account = mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None:
        return draft
    try:
        seen = account.mail.look(draft.stored.ref, draft.key)
    except _UNREACHABLE:
        return draft
    missing = f"missing:{draft.id}"
    if isinstance(seen, Gone):
        since = parts.store.meta.get(missing)
        now = parts.now()
        if since is None:
            parts.store.meta.set(missing, now.timestamp())
        elif now.timestamp() - float(str(since)) >= GONE_GRACE.total_seconds() and draft.state is DraftState.WAITING:
            return _discarded(parts, draft)
        return draft
    if parts.store.meta.get(missing) is not None:
        parts.store.meta.set(missing, None)
    if isinstance(seen, Sent):
        return hand_sent(parts, draft, seen.message)
    return _compare(parts, draft, seen)


def _compare(parts: Parts, draft: Draft, seen: Waiting) -> Draft:
    stored = draft.stored
    if stored is None or (seen.draft.version == stored.version and seen.draft.ref == stored.ref):
        return draft
    if same_content(seen.draft.content, draft.letter.content):
        renewed = _stored(stored.of_version, seen.draft)
        return parts.store.drafts.set_stored(draft.id, draft.version, renewed, now=parts.now())
    # From here on the mailbox owns text and recipients; we only read them.
    letter = letters.as_edited_in_mailbox(parts, draft, seen.draft.content)
    move = Move.REFRESH if draft.state is DraftState.WAITING else Move.PREFLIGHT_FAILED
    notice = "" if move is Move.REFRESH else "you changed it in your mailbox after approving; please look at it again"
    return parts.store.drafts.move(
        draft.id,
        draft.version,
        move,
        now=parts.now(),
        who="mailbox",
        what="edited in the mailbox",
        letter=letter,
        hash=letter_hash(letter, draft.account),
        stored=_stored(draft.version + 1, seen.draft),
        touched=True,
        notice=notice,
        due_at=None,
    )


def _discarded(parts: Parts, draft: Draft) -> Draft:
    with parts.store.write():
        moved = parts.store.drafts.move(
            draft.id, draft.version, Move.DISCARDED, now=parts.now(), who="mailbox", what="thrown away in the mailbox"
        )
        ending.close_dismissed(parts, moved, "dismissed")
    return moved


def hand_sent(parts: Parts, draft: Draft, message: Message) -> Draft:
    """The person sent it themselves: times still found in the text count as offered, the rest follows as usual."""
    letter = letters.as_edited_in_mailbox(
        parts, draft, replace(draft.letter.content, to=message.to or draft.letter.content.to, text=message.text)
    )
    with parts.store.write():
        if not same_content(letter.content, draft.letter.content):
            draft = parts.store.drafts.move(
                draft.id,
                draft.version,
                Move.REFRESH if draft.state is DraftState.WAITING else Move.PREFLIGHT_FAILED,
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
            due_at=None,
        )
        _after_sent(parts, moved, by_hand=True)
    notices.sent(parts, moved)
    return moved


# --- sending -------------------------------------------------------------------------------------------------------


def attempt(parts: Parts, draft: Draft) -> Draft:
    """The one attempt: the last preflight, ``sending`` committed, the stored draft sent, the answer written down."""
    account = mailbox_of(parts, draft)
    decision = decide(gather(parts, draft))
    if decision.verdict is not Verdict.GO:
        return obey(parts, draft, decision)
    if account is None or account.mail is None or draft.stored is None:
        return obey(parts, draft, Decision(Verdict.WAIT, "its account has no mailbox at the moment"))
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
        return draft  # reconciliation takes over once it is quiet
    except Touched:
        back = _unsent(parts, draft, "the mailbox holds another text than the one approved")
        return obey(parts, back, Decision(Verdict.FAIL, "the draft in your mailbox is not the text you approved"))
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
        notices.failed(parts, moved)
        return moved
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
    account = mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None:
        return draft
    mail, since = account.mail, draft.attempted_at or draft.changed
    quiet = quiet_left(_read_stamp(parts, draft), _here(parts), mail.quiescence)
    try:
        seen = mail.look(draft.stored.ref, draft.key)
        found = seen.message if isinstance(seen, Sent) else None
        if found is None and not isinstance(seen, Waiting):
            found = mail.find_sent(draft.stored.ref, draft.key, draft.stored.message_id, since - timedelta(minutes=5))
    except _UNREACHABLE as reason:
        return _look_later(parts, draft, timedelta(seconds=60), str(reason))
    lag = SENT_LAG.total_seconds() if mail.quiescence > 0 else 0.0
    lag_left = quiet_left(_read_stamp(parts, draft), _here(parts), mail.quiescence + lag)
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
        wait = quiet or min(lag_left, 60.0)
        return _look_later(parts, draft, timedelta(seconds=max(wait, 1.0)), "waiting until it is quiet")
    if found is not None:
        return went_out(parts, draft, Move.ACCEPTED, "found in Sent", message_id=found.message_id)
    if move is Move.DOUBT:
        return _doubt(parts, draft)
    return _unsent(parts, draft, "the attempt did not go through; the draft still lies in your mailbox")


def _doubt(parts: Parts, draft: Draft) -> Draft:
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
    account = mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None:
        return draft
    since = (draft.attempted_at or draft.changed) - timedelta(minutes=5)
    try:
        found = account.mail.find_sent(draft.stored.ref, draft.key, draft.stored.message_id, since)
    except _UNREACHABLE:
        return draft
    if found is None:
        return draft
    moved = went_out(parts, draft, Move.FOUND, "found in Sent", message_id=found.message_id)
    for question in parts.store.questions.of_case(draft.case_id):
        if question.draft_id == draft.id:
            parts.store.questions.close(question.id, now=parts.now())
    return moved


# --- preflight -----------------------------------------------------------------------------------------------------


def gather(parts: Parts, draft: Draft) -> Facts:
    """Everything the preflight wants to know, read now; what cannot be read stays unknown."""
    now = parts.now()
    account = mailbox_of(parts, draft)
    content, version, sent = None, "", None
    if account is not None and account.mail is not None and draft.stored is not None:
        try:
            seen = account.mail.look(draft.stored.ref, draft.key)
        except _UNREACHABLE:
            seen = Gone()
        if isinstance(seen, Waiting):
            content, version = seen.draft.content, seen.draft.version
        elif isinstance(seen, Sent):
            sent = seen.message
    found_hash = ""
    if content is not None:
        found_hash = letter_hash(replace(draft.letter, content=content), draft.account)
    proof = letters.prove(parts, draft)
    return Facts(
        draft=draft,
        now=now,
        synced_at=parts.oldest_reading(),
        in_mailbox=content,
        mailbox_version=version,
        mailbox_hash=found_hash,
        sent=sent,
        taken=proof.taken,
        unknown=proof.unknown,
        trouble_stands=proof.stands,
        answered=proof.answered,
    )


def obey(parts: Parts, draft: Draft, decision: Decision) -> Draft:
    """Does what a preflight said other than GO."""
    now = parts.now()
    store = parts.store
    match decision.verdict:
        case Verdict.WAIT | Verdict.GO:
            return _look_later(parts, draft, timedelta(seconds=5), decision.reason)
        case Verdict.HAND_SENT:
            return watch_one(parts, draft)
        case Verdict.GONE:
            return ending.withdraw(parts, draft, decision.reason)
        case Verdict.EXPIRE:
            return ending.expire(parts, draft)
        case Verdict.FAIL:
            renewed = letters.renewed(parts, draft)
            moved = store.drafts.move(
                draft.id,
                draft.version,
                Move.PREFLIGHT_FAILED,
                now=now,
                who="calwatch",
                what=decision.reason,
                letter=renewed,
                hash=letter_hash(renewed, draft.account),
                notice=decision.reason,
                approved_hash="",
                approved_at=None,
                due_at=None,
            )
            notices.returned(parts, moved)
            return moved


def tidy(parts: Parts, draft: Draft) -> None:
    """Removes a draft that is over from the mailbox, if it is still ours: untouched, a draft, and unsent."""
    account = mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None or draft.touched:
        return
    try:
        account.mail.discard(draft.stored.ref, draft.stored.version)
    except Touched:
        parts.store.drafts.set_touched(draft.id, draft.version, now=parts.now())
        return
    except (*_UNREACHABLE, Doubt) as reason:
        log.info("draft %d stays in the mailbox for now: %s", draft.id, reason)
        return
    parts.store.drafts.set_stored(draft.id, draft.version, None, now=parts.now())


def find_again(parts: Parts, draft: Draft) -> Draft:
    """Where a waiting draft lies now, after the person said that it never left; gone means it is put there anew."""
    account = mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None:
        return draft
    try:
        seen = account.mail.look(draft.stored.ref, draft.key)
    except _UNREACHABLE:
        return draft
    stored = _stored(0, seen.draft) if isinstance(seen, Waiting) else None
    return parts.store.drafts.set_stored(draft.id, draft.version, stored, now=parts.now())


_OVER = (DraftState.DISMISSED, DraftState.EXPIRED, DraftState.WITHDRAWN, DraftState.REPLACED)


def needing_action(parts: Parts) -> list[Draft]:
    """Drafts the mailbox must still hear of: to be staged, sent, reconciled or tidied away, oldest first."""
    now = parts.now()
    live = parts.store.drafts.in_states((DraftState.WAITING, DraftState.APPROVED, DraftState.SENDING))
    due = [draft for draft in live if draft.due_at is None or draft.due_at <= now]
    over = [d for d in parts.store.drafts.in_states(_OVER) if d.stored is not None and not d.touched]
    return due + over


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
