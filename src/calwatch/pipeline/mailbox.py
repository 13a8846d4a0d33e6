"""The draft in the person's own mailbox: put there, rewritten, watched for what they do to it, tidied away."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from calwatch.approve.canonical import letter_hash, same_content
from calwatch.errors import Doubt, NeedsSignIn, Rejected, Retry, Stop, Touched
from calwatch.model.case import DraftState, Move
from calwatch.model.draft import Draft, Stored
from calwatch.model.message import Content, Message
from calwatch.pipeline import deliver, ending, letters, notices
from calwatch.pipeline.parts import Account, Parts
from calwatch.ports import Gone, MailQuery, Sent, StoredDraft, Waiting

ANSWERED_MAIL_MAY_LAG = timedelta(minutes=10)
"""How long a draft waits for the mail it answers to show in a provider's index; then that mail was deleted."""

GONE_GRACE = timedelta(minutes=2)
GONE_LOOKS = 3
"""A draft is believed discarded only when so many looks in a row, over at least so long, have not found it.

Composers replace drafts while they save, and the copy of what was sent by hand comes up to a minute late.
"""

UNREACHABLE = (Retry, Stop, NeedsSignIn)

TAKES_OVER = {
    DraftState.WAITING: Move.REFRESH,
    DraftState.APPROVED: Move.PREFLIGHT_FAILED,
    DraftState.FAILED: Move.RETRY,
}
"""How a draft the person edited in the mailbox comes to say what it says there; it waits then, whatever it was."""


def mailbox_of(parts: Parts, draft: Draft) -> Account | None:
    """The account a draft leaves from, if it still has a mailbox."""
    account = parts.accounts.get(draft.account)
    return account if account is not None and account.mail is not None and not account.busy_only else None


def stage(parts: Parts, draft: Draft) -> Draft:
    """Writes a waiting draft into the mailbox's Drafts folder, or rewrites it there, and reads it back.

    A draft without a recipient, or one the person touched, is left alone. A lost answer is tried again later under
    the same
    key, which makes at most one draft.
    """
    account = mailbox_of(parts, draft)
    letter = draft.letter
    if draft.state is not DraftState.WAITING or (draft.stored and draft.stored.of_version == draft.version):
        return draft
    if draft.touched and draft.stored is not None:  # a new version of the same words: they are there already
        stored_here = replace(draft.stored, of_version=draft.version)
        return parts.store.drafts.set_stored(draft.id, draft.version, stored_here, now=parts.now())
    if account is None or account.mail is None or not letter.content.to or draft.touched:
        return draft
    try:
        if draft.stored is None:
            stored = account.mail.save_draft(_answered_message(parts, account, draft), letter.content, draft.key)
        else:
            stored = account.mail.update_draft(draft.stored.ref, letter.content, draft.stored.version)
    except Touched as reason:
        if draft.stored is None:  # it was sent before, and is there to be found as the person's own mail
            return look_later(parts, draft, timedelta(minutes=5), str(reason))
        return watch_one(parts, draft)
    except (Doubt, Retry) as reason:
        return look_later(parts, draft, timedelta(seconds=30), str(reason))
    except (Stop, NeedsSignIn, Rejected) as reason:
        return look_later(parts, draft, timedelta(minutes=5), str(reason))
    return _adopt(parts, draft, stored)


def _answered_message(parts: Parts, account: Account, draft: Draft) -> Message | None:
    """The mail a letter answers, whole, as the mailbox has it now; ``None`` for a new conversation."""
    recipient = draft.letter.recipient
    if not recipient.in_reply_to or account.mail is None:
        return None
    threads = frozenset({recipient.thread} if recipient.thread else ())
    found = account.mail.find(MailQuery(message_ids=frozenset({recipient.in_reply_to}), threads=threads))
    answered = next((message for message in found if message.message_id == recipient.in_reply_to), None)
    if answered is None and parts.now() - draft.created < ANSWERED_MAIL_MAY_LAG:
        raise Retry("the mail it answers is not to be found at the moment")
    return answered


def _stored(draft_version: int, stored: StoredDraft) -> Stored:
    return Stored(stored.ref, stored.version, stored.message_id, stored.thread, draft_version)


def _adopt(parts: Parts, draft: Draft, stored: StoredDraft) -> Draft:
    """Takes over what the mailbox made of our draft: its ids, and its own prefix of the subject where it has one.

    Anything else that differs is not ours (somebody was quicker, or the provider added people): it is shown as an edit
    and must be looked at.
    """
    if same_content(stored.content, draft.letter.content):
        return parts.store.drafts.set_stored(draft.id, draft.version, _stored(draft.version, stored), now=parts.now())
    if not same_content(_unprefixed(stored.content), _unprefixed(draft.letter.content)):
        return _hand_over(parts, draft, stored, by_person=False)
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


_REPLY = re.compile(r"^(?:re|aw|sv|antw|ref|rif)\s*:\s*", re.IGNORECASE)


def _unprefixed(content: Content) -> Content:
    return replace(content, subject=_REPLY.sub("", content.subject))


def look_later(parts: Parts, draft: Draft, wait: timedelta, why: str) -> Draft:
    return parts.store.drafts.set_due(draft.id, draft.version, parts.now() + wait, now=parts.now(), what=why)


def watch_one(parts: Parts, draft: Draft) -> Draft:
    """What the person did to one draft in the mailbox, taken over."""
    account = mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None:
        return draft
    try:
        seen = account.mail.look(draft.stored.ref, draft.key)
    except UNREACHABLE:
        return draft
    if isinstance(seen, Gone):
        return _discarded(parts, draft) if _missed(parts, draft, seen) else draft
    _found(parts, draft)
    if isinstance(seen, Sent):
        return deliver.hand_sent(parts, draft, seen.message)
    return _compare(parts, draft, seen)


def is_missing(parts: Parts, draft: Draft) -> bool:
    """Whether the draft could not be found in the mailbox when last looked for: thrown away, or sent by hand."""
    return parts.store.meta.get(f"missing:{draft.id}") is not None


def _missed(parts: Parts, draft: Draft, seen: Gone) -> bool:
    """Counts one more look that did not find it; whether by now the draft is believed discarded."""
    noted, now = parts.store.meta.get(f"missing:{draft.id}"), parts.now().timestamp()
    since, looks = noted if isinstance(noted, list) else (now, 0)
    if seen.elsewhere or since > now:  # nobody threw it away; or somebody set the clock back
        since, looks = now, 0
    looks += not seen.elsewhere
    parts.store.meta.set(f"missing:{draft.id}", [since, looks])
    return looks >= GONE_LOOKS and now - since >= GONE_GRACE.total_seconds()


def _found(parts: Parts, draft: Draft) -> None:
    """It is where it should be, or nobody looks for it any more: what was missed so far does not count."""
    if is_missing(parts, draft):
        parts.store.meta.set(f"missing:{draft.id}", None)


def _compare(parts: Parts, draft: Draft, seen: Waiting) -> Draft:
    stored = draft.stored
    if stored is None or (seen.draft.version == stored.version and seen.draft.ref == stored.ref):
        return draft
    if same_content(seen.draft.content, draft.letter.content):
        renewed = _stored(stored.of_version, seen.draft)
        return parts.store.drafts.set_stored(draft.id, draft.version, renewed, now=parts.now())
    return _hand_over(parts, draft, seen.draft)


def _hand_over(parts: Parts, draft: Draft, stored: StoredDraft, *, by_person: bool = True) -> Draft:
    """From here on the mailbox owns text and recipients; we only read them."""
    letter = letters.as_edited_in_mailbox(parts, draft, stored.content, by_person=by_person)
    approved = draft.state is DraftState.APPROVED
    notice = "you changed it in your mailbox after approving; please look at it again" if approved else ""
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        TAKES_OVER[draft.state],
        now=parts.now(),
        who="mailbox",
        what="edited in the mailbox",
        letter=letter,
        hash=letter_hash(letter, draft.account),
        stored=_stored(draft.version + 1, stored),
        touched=True,
        notice=notice,
        due_at=None,
    )
    if notice:
        notices.returned(parts, moved)
    return moved


def _discarded(parts: Parts, draft: Draft) -> Draft:
    """The person threw it away, which dismisses it. From here on nobody looks for it: put back later, it is theirs."""
    approved = draft.state is DraftState.APPROVED
    what = "thrown away in the mailbox"
    if approved:
        what = "thrown away in the mailbox after the approval, so it was not sent"
    with parts.store.write():
        moved = parts.store.drafts.move(
            draft.id,
            draft.version,
            Move.DISCARDED,
            now=parts.now(),
            who="mailbox",
            what=what,
            stored=None,
            notice="",
            due_at=None,
        )
        ending.close_dismissed(parts, moved, "dismissed")
        _found(parts, moved)
    if approved:
        notices.gone(parts, moved, what)
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
    except (*UNREACHABLE, Doubt) as reason:
        deliver.log.info("draft %d stays in the mailbox for now: %s", draft.id, reason)
        return
    parts.store.drafts.set_stored(draft.id, draft.version, None, now=parts.now())


def find_again(parts: Parts, draft: Draft) -> Draft:
    """Where a waiting draft lies now, after the person said that it never left; gone means it is put there anew."""
    account = mailbox_of(parts, draft)
    if account is None or account.mail is None or draft.stored is None:
        return draft
    try:
        seen = account.mail.look(draft.stored.ref, draft.key)
    except UNREACHABLE:
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
