"""One mail of a case, in versions: what the person sees, approves, and what then leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from calwatch.model.case import DraftState, EffectKind, EffectState, Intent
from calwatch.model.event import Person
from calwatch.model.message import Content
from calwatch.model.span import Span


class Level(StrEnum):
    BLOCK = "block"
    WARN = "warn"


class Channel(StrEnum):
    EMAIL = "email"
    PHONE = "phone"


class LetterKind(StrEnum):
    """What a mail is to its case."""

    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    COUNTER = "counter"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of the etiquette check: ``rule`` is its name, ``guideline`` the sentence it rests on."""

    rule: str
    level: Level
    text: str
    guideline: str


@dataclass(frozen=True, slots=True)
class ZoneGuess:
    """The recipient's time zone (IANA) and how we know."""

    name: str
    evidence: str


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """What to do by telephone: whom to call and why this number, a 30-second script, two sentences for voicemail."""

    name: str
    number: str
    evidence: str
    script: str
    voicemail: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom the letter goes to, and the mail it answers. ``to`` is empty when no address is safe.

    ``evidence`` says how we know. ``named_by_user`` is true once the person wrote the address themselves.
    ``reply_to_ref``, ``in_reply_to``, ``references``, ``thread`` and ``thread_subject`` are of the mail answered; empty
    for a new mail.
    """

    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    evidence: str = ""
    named_by_user: bool = False
    reply_to_ref: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    thread: str = ""
    thread_subject: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing approval makes happen, in order. ``detail`` is a sentence, ``value`` for code (an answer, a span)."""

    kind: str  # "send" or an EffectKind
    detail: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The composed part of a draft: everything the person can see and change, nothing about its life.

    ``slots`` are offered in ``content.text``, one printed line each (``slot_lines`` in the same order; spans longer
    than the
    interview are windows). ``alternatives`` are the other free times one could switch to, with their printed lines.
    """

    intent: Intent
    kind: LetterKind = LetterKind.REPLY
    channel: Channel = Channel.EMAIL
    content: Content
    language: str = "en"
    recipient: Recipient = field(default_factory=Recipient)
    recipient_timezone: ZoneGuess | None = None
    slots: tuple[Span, ...] = ()
    slot_lines: tuple[str, ...] = ()
    zone_line: str = ""
    alternatives: tuple[Span, ...] = ()
    alternative_lines: tuple[str, ...] = ()
    phone: PhoneCard | None = None
    reschedule_link: str | None = None
    actions: tuple[Action, ...] = ()
    variants: tuple[Intent, ...] = ()
    etiquette: tuple[Finding, ...] = ()
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the draft lies in the mailbox: provider ref and version, and the real Message-ID read back.

    ``of_version`` is the draft's version that was written there; an older one means the mailbox is still to be
    rewritten.
    """

    ref: str
    version: str
    message_id: str = ""
    thread: str = ""
    of_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft as the store keeps it. ``hash`` is the canonical hash of this version (``approve.canonical``).

    ``key`` is fixed at creation and marks the draft in the mailbox where the provider allows. ``touched``: the person
    changed it in the mailbox, which from then on owns text and recipients. ``due_at``: when the actor must look again.
    """

    id: int
    case_id: int
    version: int
    state: DraftState
    account: str
    letter: Letter
    hash: str
    key: str
    created: datetime
    changed: datetime
    respond_by: datetime
    expires: datetime
    approved_hash: str = ""
    approved_at: datetime | None = None
    stored: Stored | None = None
    touched: bool = False
    attempts: int = 0
    attempted_at: datetime | None = None
    due_at: datetime | None = None
    notice: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One outside action besides the mail; the row is committed before the call and reconciled by its own read."""

    id: int
    draft_id: int
    kind: EffectKind
    key: str
    state: EffectState
    value: str = ""
    attempts: int = 0
    due_at: datetime | None = None
    provider_ref: str = ""
    detail: str = ""
