"""Whether a draft may be approved as it stands, and the sentence to say when it may not."""

from __future__ import annotations

from datetime import datetime

from calwatch.model.case import DraftState
from calwatch.model.draft import Channel, Draft, Level


def objection(draft: Draft, *, now: datetime, delivery: str, transmits: bool) -> str | None:
    """Why this draft cannot be approved now, as a sentence with the next step; ``None`` when it can.

    ``transmits`` is whether the draft's mailbox can send or file mail at all.
    """
    if draft.state is not DraftState.WAITING:
        return f"draft {draft.id} is {draft.state.value}; only a waiting draft can be approved"
    if now >= draft.expires:
        return f"draft {draft.id} has expired; use calwatch reschedule to start anew"
    if delivery == "drafts":
        return 'calwatch never sends here (replies.delivery is "drafts"): send it from your Drafts folder'
    if draft.letter.channel is Channel.PHONE and not draft.letter.recipient.to:
        return "this is a phone card: call, then use calwatch dismiss --because handled"
    if not draft.letter.recipient.to or not draft.letter.content.to:
        return f"draft {draft.id} has no safe recipient; name one with: calwatch edit {draft.id} --to ADDRESS"
    if not transmits:
        return f"account {draft.account!r} has no way to send (accounts.outgoing): send it from your Drafts folder"
    if draft.stored is None or draft.stored.of_version != draft.version:
        return f"draft {draft.id} is not in your mailbox yet; try again in a moment"
    blocked = [finding.text for finding in draft.letter.etiquette if finding.level is Level.BLOCK]
    if blocked:
        return f"draft {draft.id} cannot go out like this: " + "; ".join(blocked)
    return None
