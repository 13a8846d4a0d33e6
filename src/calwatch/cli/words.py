"""The program's own words for its states, situations and intents, as a person reads them; JSON keeps the values."""

from __future__ import annotations

from calwatch.model.case import Intent, Outcome, Situation
from calwatch.model.event import Response

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

ASKS = {
    Intent.RESCHEDULE: "new time",
    Intent.WITHDRAW: "withdraw",
    Intent.ACKNOWLEDGE: "thank",
    Intent.ACCEPT: "accept",
    Intent.FOLLOW_UP: "follow up",
}
"""What the letter does, for a cell of a table."""

CHOICE = {
    Intent.RESCHEDULE: "ask for a new time",
    Intent.WITHDRAW: "withdraw from this process (it ends the application)",
    Intent.ACKNOWLEDGE: "thank them for letting you know",
    Intent.ACCEPT: "accept what they propose",
    Intent.FOLLOW_UP: "ask whether they have seen it",
}
"""What approving such a letter means."""

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


def stage(name: str | None) -> str:
    """``recruiter_screen`` as "recruiter screen"; nothing as a dash."""
    return name.replace("_", " ") if name else "–"


def capital(sentence: str) -> str:
    """``sentence`` with its first letter upper-case and the rest as it is."""
    return sentence[:1].upper() + sentence[1:]
