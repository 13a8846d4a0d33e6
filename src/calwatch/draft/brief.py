"""Everything a letter is made from, gathered by the pipeline before ``compose`` finds the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from calwatch.draft.options import RepliesOptions
from calwatch.model.booking import Interview
from calwatch.model.case import Intent, Occasion, Situation
from calwatch.model.draft import Action, LetterKind, Recipient, ZoneGuess
from calwatch.model.message import Message
from calwatch.model.span import Span


class Formality(StrEnum):
    """How the conversation addresses people; ``language.formality`` reads it off their mails."""

    CASUAL = "casual"
    POLITE = "polite"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What one letter has to say, to whom, and which times it may offer.

    ``snapshot_span`` is the appointment as the letter names it: the time both sides knew; for ``moved`` the new
    time that does not work. ``slots`` are printed, ``alternatives`` are the other free times one could switch to;
    entries longer than the interview are windows when ``windows`` is set. With intent ``accept`` the accepted time
    is ``slots[0]``.
    ``proposed`` is the time the other side suggested (counter letters), ``taken`` the offered times that filled up
    since (corrections), ``asked_at`` when the first letter went out and ``follow_ups`` how many reminders it had
    (follow-ups), ``delay`` how late the user will be (occasion ``late``).
    ``reason`` is a clause ready to print (``reason.choose``) or ``None``. ``messages`` is the conversation so far;
    it is read for phone numbers and for how they sign, never quoted.
    ``times_unknown``: a calendar could not be read, so the letter asks for their times whatever ``slots`` says.
    """

    situation: Situation
    intent: Intent
    interview: Interview
    snapshot_span: Span
    recipient: Recipient
    user_name: str
    user_zone: str
    options: RepliesOptions
    now: datetime
    respond_by: datetime
    occasion: Occasion = Occasion.BUSY
    kind: LetterKind = LetterKind.REPLY
    user_phone: str = ""
    recipient_zone: ZoneGuess | None = None
    language: str = "en"
    formality: Formality = Formality.CASUAL
    slots: tuple[Span, ...] = ()
    alternatives: tuple[Span, ...] = ()
    windows: bool = False
    reason: str | None = None
    second_request: bool = False
    invitation_unanswered: bool = False
    declined_already: bool = False
    phone_relation: bool = False
    ends_process: bool = False
    promises_times: bool = False
    times_unknown: bool = False
    reschedule_link: str | None = None
    proposed: Span | None = None
    taken: tuple[Span, ...] = ()
    asked_at: datetime | None = None
    follow_ups: int = 0
    delay: timedelta | None = None
    messages: tuple[Message, ...] = ()
    actions: tuple[Action, ...] = ()
