"""Calling instead of only writing: whose number is known, why it is theirs, and what to say in thirty seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from calwatch.draft import wording
from calwatch.draft.brief import Brief
from calwatch.draft.conversation import incoming
from calwatch.draft.facts import context_of, short_notice
from calwatch.draft.foreign import lines
from calwatch.draft.names import name_of
from calwatch.draft.times import TimePrinter
from calwatch.model.case import Intent, Occasion
from calwatch.model.draft import PhoneCard
from calwatch.model.message import Message
from calwatch.model.span import Span

_CONFERENCE = re.compile(
    r"dial[ -]?in|einwahl|conference|konferenz|passcode|access code|zugangscode|meeting[ -]?id|\bpin\b|one tap|"
    r"toll[ -]?free|zoom|webex|teams|meet\.google|gotomeeting|bluejeans|chime|join by (?:phone|telephone)|participant|"
    r"find your local|international numbers|audio only|\bfax\b|telefax|,,\d|\d#",
    re.IGNORECASE,
)
_THEY_CALL = re.compile(r"(?:call|ring|phone|reach|rufen) (?:you|sie|dich)\b|your (?:phone|number|mobile|cell)", re.I)
_INVITES_CALL = re.compile(r"\b(?:call|phone|ring|reach|text|tel|mobile|cell|contact|direct)\b", re.IGNORECASE)
_TALKED = re.compile(
    r"\b(?:thanks?|thank you|great|good|nice|lovely|pleasure)\b[^.!?\n]{0,40}\b(?:call|phone|talking|speaking)\b"
    r"[^.!?\n]{0,30}\b(?:today|earlier|yesterday|just now|this (?:morning|afternoon)|last week)\b|"
    r"\bas (?:discussed|agreed|mentioned) (?:on|over|by) the (?:phone|call)\b|"
    r"\b(?:on|over|by) the phone (?:today|earlier)\b",
    re.IGNORECASE,
)
"""They speak of a call as past; “call me” and “phone interview” alone say nothing about how one has talked so far."""

_CALLING_INTENTS = frozenset({Intent.RESCHEDULE, Intent.WITHDRAW, Intent.FOLLOW_UP})


@dataclass(frozen=True, slots=True)
class Found:
    """A number of the other side in international notation, whose it is, and where it stands."""

    name: str
    number: str
    evidence: str


def relation_by_phone(messages: Sequence[Message], *, me_emails: frozenset[str]) -> bool:
    """Whether the conversation has been by telephone: a recent mail of theirs speaks of a call that took place."""
    newest = islice(incoming(messages, me_emails), 10)
    return any(_TALKED.search(message.text[:8000]) for message in newest)


def card(brief: Brief, slots: tuple[Span, ...], printer: TimePrinter) -> PhoneCard | None:
    """The card, when a call is courteous (past ``respond_by``, or a relation by phone) and a number is known."""
    from calwatch.draft.compose import template_for

    wanted = brief.phone_relation or short_notice(brief)
    found = find(brief) if wanted and brief.intent in _CALLING_INTENTS and _about_being_absent(brief) else None
    if found is None:
        return None
    context = context_of(brief, printer, printer.listed(slots), slots, template_for(brief))
    folder = brief.options.templates
    return PhoneCard(
        name=found.name,
        number=found.number,
        evidence=found.evidence,
        script=wording.render("phone", brief.language, context, folder=folder),
        voicemail=wording.render("voicemail", brief.language, context, folder=folder),
    )


def _about_being_absent(brief: Brief) -> bool:
    return brief.occasion not in (Occasion.NO_SHOW, Occasion.MISSED, Occasion.EXTENSION)


def find(brief: Brief) -> Found | None:
    """The newest number the recipient gave in their own mail, else one the invitation says to call; else ``None``.

    Numbers to dial into a conference, numbers on which *they* will call, faxes and the user's own are never it. Numbers
    without a country are read in the country of the recipient's zone, and not at all when that is unknown.
    """
    regions = _region(brief)
    own = {digits for digits in (_digits(brief.user_phone),) if digits}
    addresses = {p.email for p in brief.recipient.to}
    for message in incoming(brief.messages):
        senders = {p.email for p in (message.sender, *message.reply_to) if p is not None}
        if senders.isdisjoint(addresses) or message.sender is None:
            continue
        for number, _ in _numbers(message.text[-8000:], regions, own):
            name = name_of(message.sender, brief.messages, brief.language) or message.sender.email
            return Found(name, number, f"in {name}'s mail of {message.date:%-d %B %Y}")
    for booking in brief.interview.bookings:
        for number, around in _numbers(booking.event.description[:8000], regions, own):
            if _INVITES_CALL.search(around):
                to = brief.recipient.to[0] if brief.recipient.to else None
                name = name_of(to, brief.messages, brief.language) if to else ""
                return Found(name, number, f"the invitation says: “{' '.join(around.split())[:120]}”")
    return None


def _numbers(text: str, region: str | None, own: set[str]) -> Iterator[tuple[str, str]]:
    """Numbers in international notation with the line they stand in, conference blocks left out."""
    import phonenumbers

    rows = lines(text).split("\n")
    for index, row in enumerate(rows):
        if len(row) > 400 or not any(c.isdigit() for c in row):
            continue
        around = "\n".join(rows[max(0, index - 3) : index + 3])
        if _CONFERENCE.search(around) or _THEY_CALL.search(row):
            continue
        for match in phonenumbers.PhoneNumberMatcher(row, region, leniency=phonenumbers.Leniency.VALID):
            number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
            if _digits(number) not in own:
                yield number, row


def _region(brief: Brief) -> str | None:
    """The country of the recipient's zone, for numbers written without ``+``."""
    if brief.recipient_zone is None:
        return None
    from babel.core import get_global

    territory = get_global("zone_territories").get(brief.recipient_zone.name)
    return str(territory) if territory else None


def _digits(number: str) -> str:
    return "".join(c for c in number if c.isdigit())
