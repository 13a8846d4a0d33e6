"""The checks right after an approval and again right before the attempt; everything unclear stops the mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from calwatch.model.draft import Draft
from calwatch.model.message import Content, Message
from calwatch.model.span import Span

PATIENCE = timedelta(minutes=15)
"""An approval not attempted within this time (sleep, sign-in, outage) goes back to waiting with a notice."""


class Verdict(StrEnum):
    GO = "go"
    WAIT = "wait"
    FAIL = "fail"
    HAND_SENT = "hand_sent"
    GONE = "gone"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was found out for one approved draft.

    ``synced_at`` is when the oldest calendar that matters was last completely read (``None``: one could not be).
    ``in_mailbox`` is the stored draft's content as it lies in the mailbox now with its ``mailbox_version``; ``None``
    when it is not
    there. ``sent`` is its sent copy if the person sent it. ``taken`` are the offered times that are no longer free,
    ``unknown`` the calendars that could not be read. ``trouble_stands`` is whether the case's trouble is still there
    as it was.
    ``answered`` is mail the person themselves wrote to the contact since the trouble began. ``may_send`` is whether
    the person still wants calwatch to send at all.
    """

    draft: Draft
    now: datetime
    synced_at: datetime | None
    in_mailbox: Content | None
    mailbox_version: str = ""
    mailbox_hash: str = ""
    sent: Message | None = None
    taken: tuple[Span, ...] = ()
    unknown: tuple[str, ...] = ()
    trouble_stands: bool = True
    answered: Message | None = None
    may_send: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    reason: str = ""


def decide(facts: Facts) -> Decision:
    """Whether this approved draft may be attempted now. ``WAIT`` means: look again soon, nothing is lost."""
    draft, now = facts.draft, facts.now
    approved_at = draft.approved_at or now
    if facts.sent is not None:
        return Decision(Verdict.HAND_SENT, "it was sent from the mailbox")
    if now >= draft.expires:
        return Decision(Verdict.EXPIRE, "the appointment has begun")
    if now - approved_at > PATIENCE:
        return Decision(
            Verdict.FAIL, "it could not be sent within 15 minutes of your approval; please look at it again"
        )
    if not facts.may_send:
        return Decision(Verdict.FAIL, "sending has been switched off since; send it from your Drafts folder")
    if not facts.trouble_stands:
        return Decision(Verdict.GONE, "the situation it answers has gone away or changed")
    if facts.answered is not None:
        return Decision(Verdict.FAIL, "you have already written to them since; is this mail still wanted?")
    if facts.synced_at is None or facts.synced_at < approved_at:
        return Decision(Verdict.WAIT, "a calendar or mailbox has not been read since your approval")
    if facts.in_mailbox is None:
        return Decision(Verdict.WAIT, "the draft cannot be found in the mailbox at the moment")
    if (
        draft.stored is None
        or facts.mailbox_version != draft.stored.version
        or facts.mailbox_hash != draft.approved_hash
    ):
        return Decision(Verdict.FAIL, "the draft in your mailbox is not the text you approved")
    if draft.hash != draft.approved_hash:
        return Decision(Verdict.FAIL, "the draft changed after your approval")
    if draft.letter.slots and facts.unknown:
        return Decision(Verdict.WAIT, f"whether the offered times are free cannot be told now ({facts.unknown[0]})")
    if facts.taken:
        return Decision(Verdict.FAIL, "a time it offers is taken now")
    return Decision(Verdict.GO)
