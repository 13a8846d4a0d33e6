"""The life of a trouble and of its draft, as enums and one table; anything not in the table is refused."""

from __future__ import annotations

from enum import StrEnum


class Situation(StrEnum):
    """What is wrong, strongest first: a stronger one replaces a weaker one's draft; ``manual`` is the person's word."""

    MANUAL = "manual"
    CANCELLED = "cancelled"
    MOVED = "moved"
    DECLINED = "declined"
    INTERVIEWER_DECLINED = "interviewer_declined"
    REMOVED = "removed"
    CONFLICT = "conflict"


PRECEDENCE: tuple[Situation, ...] = tuple(Situation)


class Weight(StrEnum):
    """How loudly to say it: a draft and a message; a draft and one question; a line in status."""

    CLASH = "clash"
    QUESTION = "question"
    NOTICE = "notice"


class Intent(StrEnum):
    RESCHEDULE = "reschedule"
    WITHDRAW = "withdraw"
    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    FOLLOW_UP = "follow_up"


class Occasion(StrEnum):
    """Why a case was opened by hand, or what a reason phrase is for."""

    BUSY = "busy"
    SICK = "sick"
    EMERGENCY = "emergency"
    LATE = "late"
    NO_SHOW = "no-show"
    MISSED = "missed"
    EXTENSION = "extension"


class Urgency(StrEnum):
    LATER = "later"
    SOON = "soon"
    TODAY = "today"
    NOW = "now"


class CaseState(StrEnum):
    SETTLING = "settling"
    OPEN = "open"
    ASKING = "asking"
    SENT = "sent"
    CLOSED = "closed"


class Outcome(StrEnum):
    """Why a case is closed, or what a dismissal meant."""

    REBOOKED = "rebooked"
    ANSWERED = "answered"
    GONE = "gone"
    EXPIRED = "expired"
    REPLACED = "replaced"
    KEEP = "keep"
    HANDLED = "handled"
    COVER = "cover"
    NOT_INTERVIEW = "not-interview"
    LATER = "later"
    DISMISSED = "dismissed"


class DraftState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"
    DISMISSED = "dismissed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class Move(StrEnum):
    """Every thing that can happen to a draft."""

    EDIT = "edit"
    REFRESH = "refresh"
    APPROVE = "approve"
    DISMISS = "dismiss"
    DISCARDED = "discarded"
    EXPIRE = "expire"
    GONE = "gone"
    REPLACE = "replace"
    HAND_SENT = "hand_sent"
    UNDO = "undo"
    PREFLIGHT_FAILED = "preflight_failed"
    ATTEMPT = "attempt"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    PROVEN_UNSENT = "proven_unsent"
    GIVE_UP = "give_up"
    DOUBT = "doubt"
    FOUND = "found"
    ANSWER_SENT = "answer_sent"
    ANSWER_UNSENT = "answer_unsent"
    RETRY = "retry"
    REOPEN = "reopen"


_S, _M = DraftState, Move

TRANSITIONS: dict[tuple[DraftState, Move], DraftState] = {
    (_S.WAITING, _M.EDIT): _S.WAITING,
    (_S.WAITING, _M.REFRESH): _S.WAITING,
    (_S.WAITING, _M.APPROVE): _S.APPROVED,
    (_S.WAITING, _M.DISMISS): _S.DISMISSED,
    (_S.WAITING, _M.DISCARDED): _S.DISMISSED,
    (_S.WAITING, _M.EXPIRE): _S.EXPIRED,
    (_S.WAITING, _M.GONE): _S.WITHDRAWN,
    (_S.WAITING, _M.REPLACE): _S.REPLACED,
    (_S.WAITING, _M.HAND_SENT): _S.SENT,
    (_S.APPROVED, _M.UNDO): _S.WAITING,
    (_S.APPROVED, _M.PREFLIGHT_FAILED): _S.WAITING,
    (_S.APPROVED, _M.GONE): _S.WITHDRAWN,
    (_S.APPROVED, _M.EXPIRE): _S.EXPIRED,
    (_S.APPROVED, _M.DISCARDED): _S.DISMISSED,
    (_S.APPROVED, _M.HAND_SENT): _S.SENT,
    (_S.APPROVED, _M.ATTEMPT): _S.SENDING,
    (_S.SENDING, _M.ACCEPTED): _S.SENT,
    (_S.SENDING, _M.REFUSED): _S.FAILED,
    (_S.SENDING, _M.PROVEN_UNSENT): _S.APPROVED,
    (_S.SENDING, _M.GIVE_UP): _S.FAILED,
    (_S.SENDING, _M.DOUBT): _S.UNSURE,
    (_S.UNSURE, _M.FOUND): _S.SENT,
    (_S.UNSURE, _M.ANSWER_SENT): _S.SENT,
    (_S.UNSURE, _M.ANSWER_UNSENT): _S.WAITING,
    (_S.FAILED, _M.RETRY): _S.WAITING,
    (_S.FAILED, _M.HAND_SENT): _S.SENT,
    (_S.FAILED, _M.DISCARDED): _S.DISMISSED,
    (_S.DISMISSED, _M.REOPEN): _S.WAITING,
}
"""The whole life of a draft. ``SENDING`` leaves only by what the provider did; no wish of ours can move it."""

NEW_VERSION = frozenset({_M.EDIT, _M.REFRESH, _M.PREFLIGHT_FAILED, _M.ANSWER_UNSENT, _M.RETRY, _M.REOPEN})
"""Moves after which the content is a new version and needs a new approval."""

RESERVING = frozenset({_S.WAITING, _S.APPROVED, _S.SENDING, _S.UNSURE})
"""States in which the offered times of a draft are reserved; ``SENT`` reserves too, until its case is closed."""

OPEN_STATES = frozenset({_S.WAITING, _S.APPROVED, _S.SENDING, _S.UNSURE, _S.FAILED})
"""What ``calwatch drafts`` shows without ``--all``."""


class EffectKind(StrEnum):
    """One outside action of a draft besides the mail itself."""

    RSVP = "rsvp"
    HOLD = "hold"
    RELEASE = "release"


class EffectState(StrEnum):
    PLANNED = "planned"
    ATTEMPTED = "attempted"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class RequestKind(StrEnum):
    """What commands and the page ask the one actor to do."""

    APPROVE = "approve"
    UNDO = "undo"
    EDIT = "edit"
    DISMISS = "dismiss"
    RETRY = "retry"
    REOPEN = "reopen"
    ANSWER = "answer"
    OPEN_CASE = "open_case"
    MARK = "mark"
