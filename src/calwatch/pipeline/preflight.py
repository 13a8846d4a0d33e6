"""The facts a preflight wants, read now, and what is done when it says anything but go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from calwatch.approve.canonical import letter_hash
from calwatch.model.booking import Source
from calwatch.model.case import DraftState, Move
from calwatch.model.draft import Draft
from calwatch.pipeline import ending, letters, mailbox, notices
from calwatch.pipeline.parts import MAILBOX, Parts
from calwatch.ports import Gone, Sent, Waiting
from calwatch.send.preflight import Decision, Facts, Verdict, decide

JUST_READ = timedelta(seconds=5)
"""A reading so young needs no other one before a letter leaves."""


def check(parts: Parts, draft: Draft) -> Draft:
    """The first preflight, right after the approval: what speaks against it already is said at once."""
    if draft.state is not DraftState.APPROVED:
        return draft
    decision = decide(gather(parts, draft))
    return draft if decision.verdict in (Verdict.GO, Verdict.WAIT) else obey(parts, draft, decision)


def last_look(parts: Parts, draft: Draft) -> datetime | None:
    """When the stalest source that matters for ``draft`` was read; ``None`` if one never was.

    Offered times are free only when every calendar says so. A letter without any speaks of its appointment: for it the
    mailbox it leaves from and the calendars that show the appointment, and what clashes with it, are enough.
    """
    if draft.letter.slots:
        return parts.oldest_reading()
    case = parts.store.cases.get(draft.case_id)
    bookings = parts.store.bookings.booking_list((*case.booking_ids, *case.clashing_ids))
    sources = {
        (sighting.account, sighting.calendar)
        for booking in bookings
        for sighting in booking.sightings
        if sighting.source is Source.CALENDAR and sighting.account in parts.accounts
    }
    return parts.oldest_reading({*sources, (draft.account, MAILBOX)})


def gather(parts: Parts, draft: Draft) -> Facts:
    """Everything the preflight wants to know, read now; what cannot be read stays unknown."""
    now = parts.now()
    account = mailbox.mailbox_of(parts, draft)
    content, version, sent = None, "", None
    if account is not None and account.mail is not None and draft.stored is not None:
        try:
            seen = account.mail.look(draft.stored.ref, draft.key)
        except mailbox.UNREACHABLE:
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
        synced_at=last_look(parts, draft),
        in_mailbox=content,
        mailbox_version=version,
        mailbox_hash=found_hash,
        sent=sent,
        taken=proof.taken,
        unknown=proof.unknown,
        trouble_stands=proof.stands,
        answered=proof.answered,
        may_send=parts.preferences.replies.delivery == "send",
    )


def obey(parts: Parts, draft: Draft, decision: Decision) -> Draft:
    """Does what a preflight said other than GO."""
    now = parts.now()
    store = parts.store
    match decision.verdict:
        case Verdict.WAIT | Verdict.GO:
            return mailbox.look_later(parts, draft, timedelta(seconds=5), decision.reason)
        case Verdict.HAND_SENT:
            return mailbox.watch_one(parts, draft)
        case Verdict.GONE:
            return ending.withdraw(parts, draft, decision.reason)
        case Verdict.EXPIRE:
            return ending.expire(parts, draft)
        case Verdict.FAIL:
            try:
                renewed = letters.renewed(parts, draft)
            except mailbox.UNREACHABLE:
                renewed = draft.letter  # the next assessment exchanges its times, once there is a mailbox again
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
            return mailbox.stage(parts, moved)
