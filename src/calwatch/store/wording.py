"""The words of a draft's life: what each move is called in the trail, and why one is refused."""

from __future__ import annotations

from calwatch.model.case import DraftState, Move
from calwatch.model.draft import Draft

MADE = {
    Move.EDIT: "edited",
    Move.REFRESH: "rewritten",
    Move.APPROVE: "approved",
    Move.DISMISS: "dismissed",
    Move.DISCARDED: "dismissed, its draft was deleted in the mailbox",
    Move.EXPIRE: "expired",
    Move.GONE: "withdrawn, the situation went away",
    Move.REPLACE: "replaced",
    Move.HAND_SENT: "sent by hand",
    Move.UNDO: "called back",
    Move.PREFLIGHT_FAILED: "stopped before sending",
    Move.ATTEMPT: "being sent",
    Move.ACCEPTED: "sent",
    Move.REFUSED: "refused by the provider",
    Move.PROVEN_UNSENT: "proven not sent",
    Move.GIVE_UP: "given up",
    Move.DOUBT: "in doubt whether it was sent",
    Move.FOUND: "found sent",
    Move.ANSWER_SENT: "sent, by your word",
    Move.ANSWER_UNSENT: "not sent, by your word",
    Move.RETRY: "made ready again",
    Move.REOPEN: "reopened",
}

IS = {
    DraftState.WAITING: "is waiting",
    DraftState.APPROVED: "is approved",
    DraftState.SENDING: "is sending",
    DraftState.SENT: "was sent",
    DraftState.UNSURE: "may or may not have been sent",
    DraftState.FAILED: "could not be sent",
    DraftState.DISMISSED: "was dismissed",
    DraftState.EXPIRED: "has expired",
    DraftState.WITHDRAWN: "was withdrawn",
    DraftState.REPLACED: "was replaced by a newer one",
}

_ASKED = {
    Move.EDIT: "edited",
    Move.APPROVE: "approved",
    Move.DISMISS: "dismissed",
    Move.EXPIRE: "let expire",
    Move.GONE: "withdrawn",
    Move.REPLACE: "replaced",
    Move.UNDO: "called back",
    Move.ATTEMPT: "sent",
    Move.RETRY: "tried again",
    Move.REOPEN: "reopened",
}


def refusal(draft: Draft, move: Move) -> str:
    """The sentence for a move that TRANSITIONS does not know from the draft's state."""
    if move in _ASKED:
        return f"draft {draft.id} {IS[draft.state]}, so it cannot be {_ASKED[move]}"
    return f"draft {draft.id} {IS[draft.state]}; {move.value!r} cannot happen to it"
