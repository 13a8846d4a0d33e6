"""What a message can be about, and what must not be in one that says it discreetly; values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from calwatch.model.case import Situation, Urgency

Detail = Literal["discreet", "full"]

FORBIDDEN = (
    *("interview", "job", "recruit", "candidate", "reply", "company", "hiring", "application", "applied", "career"),
    *("vorstellungsgespr", "bewerb", "stelle", "firma", "kandidat", "antwort", "arbeitgeber", "karriere"),
)
"""What no discreet message may contain in any language, also not by way of an account's name; parts of words."""


class Topic(StrEnum):
    """What a message is about; each has its texts in every language of ``texts/``."""

    READY = "ready"  # a draft became ready
    QUESTION = "question"  # something only the person can say
    NUDGE = "nudge"  # a draft is still waiting
    REMIND = "remind"  # the start comes near
    CALL = "call"  # the start is so near that only the telephone helps
    BACK = "back"  # an approved draft waits again: preflight failed, or its time passed
    FAILED = "failed"  # the provider refused it
    UNSURE = "unsure"  # whether it was sent is unknown
    SENT = "sent"  # another time is asked for, and until it is settled the old one stands
    TAKEN = "taken"  # an offered time is taken meanwhile
    REBOOKED = "rebooked"  # the answer: another time
    CALLED_OFF = "called-off"  # the answer so far: the old time is off
    CLOSED = "closed"  # the answer to a withdrawal: the appointment is off
    GONE = "gone"  # what a draft was about went away
    HANDLED = "handled"  # trouble seen, and the person has already written
    SIGN_IN = "sign-in"  # an account needs signing in
    ERROR = "error"  # an account cannot be read until somebody acts
    DEGRADED = "degraded"  # an account could not be read for a while
    WELCOME = "welcome"  # the one message after the first look at everything


DECIDE = frozenset({Topic.READY, Topic.QUESTION, Topic.NUDGE, Topic.REMIND, Topic.CALL, Topic.BACK})
"""A draft waits for a decision."""

ACT = DECIDE | {Topic.FAILED, Topic.UNSURE, Topic.TAKEN}
"""There is something to do about a draft; the message says where."""

ACCOUNT = frozenset({Topic.SIGN_IN, Topic.ERROR, Topic.DEGRADED})
"""About an account as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell. ``start`` is the appointment's, ``at`` another time it is about (taken, or the new one).

    ``number`` is the draft's; ``account`` names the mailbox whose Drafts hold it, or the account it is about.
    ``company``, ``title``, ``situation``, ``text`` (an English sentence), ``person`` and ``phone`` (whom to call) are
    used in full detail only. ``found`` and ``need`` are the numbers of the first message.
    """

    topic: Topic
    start: datetime | None = None
    at: datetime | None = None
    number: int | None = None
    urgency: Urgency = Urgency.SOON
    account: str = ""
    company: str = ""
    title: str = ""
    situation: Situation | None = None
    text: str = ""
    person: str = ""
    phone: str = ""
    found: int = 0
    need: int = 0
