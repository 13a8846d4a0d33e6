"""The program's own words for its states, situations and intents, as a person reads them; JSON keeps the values."""

from __future__ import annotations

from calwatch.model.case import Intent, Occasion, Outcome, Situation
from calwatch.model.event import Response
from calwatch.model.trouble import Case

TROUBLE = {
    Situation.MANUAL: "you asked",
    Situation.CANCELLED: "cancelled",
    Situation.MOVED: "moved",
    Situation.DECLINED: "declined",
    Situation.INTERVIEWER_DECLINED: "they can't",
    Situation.REMOVED: "vanished",
    Situation.CONFLICT: "clash",
}
"""What happened, for a cell of a table."""

_REPLY = {
    Intent.RESCHEDULE: "new time",
    Intent.WITHDRAW: "withdraw",
    Intent.ACKNOWLEDGE: "thank",
    Intent.ACCEPT: "accept",
    Intent.FOLLOW_UP: "follow up",
}
_REPLY_BY_OCCASION = {
    Occasion.LATE: "late",
    Occasion.MISSED: "apology",
    Occasion.EXTENSION: "more time",
}

_CHOICE = {
    Intent.RESCHEDULE: "ask for a new time",
    Intent.WITHDRAW: "withdraw from this process (it ends the application)",
    Intent.ACKNOWLEDGE: "thank them for letting you know",
    Intent.ACCEPT: "accept what they propose",
    Intent.FOLLOW_UP: "ask whether they have seen it",
}
_CHOICE_BY_OCCASION = {
    Occasion.LATE: "tell them that you are late",
    Occasion.NO_SHOW: "ask for another time, as they did not come",
    Occasion.MISSED: "apologise for having missed it",
    Occasion.EXTENSION: "ask for more time",
}

OUTCOME = {
    Outcome.REBOOKED: "there is a new time",
    Outcome.ANSWERED: "they answered",
    Outcome.GONE: "the trouble went away",
    Outcome.EXPIRED: "",
    Outcome.REPLACED: "",
    Outcome.KEEP: "you keep the interview",
    Outcome.HANDLED: "you told them yourself",
    Outcome.COVER: "the other block is yours for it",
    Outcome.NOT_INTERVIEW: "not an interview",
    Outcome.LATER: "later",
    Outcome.DISMISSED: "",
}
"""How a case ended, where the draft's state does not say it already."""

ANSWER = {
    Response.ACCEPTED: "accepted",
    Response.DECLINED: "declined",
    Response.TENTATIVE: "maybe",
    Response.NEEDS_ACTION: "none yet",
    Response.OWN: "–",
}
"""The person's own answer to an invitation."""


def reply(intent: Intent, case: Case) -> str:
    """What the letter does, for a cell of a table."""
    if intent is Intent.ACKNOWLEDGE and case.situation is Situation.INTERVIEWER_DECLINED:
        return "ask them"
    return _REPLY_BY_OCCASION.get(_occasion(intent, case)) or _REPLY[intent]


def choice(intent: Intent, case: Case) -> str:
    """What approving such a letter means."""
    if intent is Intent.ACKNOWLEDGE and case.situation is Situation.INTERVIEWER_DECLINED:
        return "ask whether the time still stands"
    return _CHOICE_BY_OCCASION.get(_occasion(intent, case)) or _CHOICE[intent]


def _occasion(intent: Intent, case: Case) -> Occasion:
    """The occasion where it says more than the intent what the letter is."""
    return (case.occasion or Occasion.BUSY) if intent is Intent.RESCHEDULE else Occasion.BUSY


def stage(name: str | None) -> str:
    """``recruiter_screen`` as "recruiter screen"; nothing as a dash."""
    return name.replace("_", " ") if name else "–"


def capital(sentence: str) -> str:
    """``sentence`` with its first letter upper-case and the rest as it is."""
    return sentence[:1].upper() + sentence[1:]
