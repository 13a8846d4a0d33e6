"""The rules that block: only what code can prove wrong in a letter, whatever its tone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calwatch.draft.foreign import safe_person
from calwatch.draft.reading import Doubtful, EtiquetteContext, Reading, Rule, plain
from calwatch.model.draft import Level

_OFFSET = re.compile(r"UTC(?:[+-]\d{1,2}(?::\d{2})?)?")
_DAYS_AND_MONTHS = """
monday tuesday wednesday thursday friday saturday sunday
january february march april may june july august september october november december
"""
_CALENDAR_WORDS = frozenset(_DAYS_AND_MONTHS.split())
_SENTENCE_OPENERS = frozenset(
    {"indeed", "next", "best", "kind", "hope", "will", "mark", "open", "first", "together", "thanks"}
)
"""Names of companies and people that also begin sentences; there a capital letter proves nothing."""


def time_missing(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    """A selected time whose printed line is not in the text as printed."""
    for line in reading.letter.slot_lines:
        if plain(line) not in reading.text:
            yield f"The time “{line}” is offered, but the text does not say it as printed."


def time_unselected(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    """The printed line of a time that is not offered."""
    for line in reading.letter.alternative_lines:
        if plain(line) in reading.text:
            yield f"The text names “{line}”, which is not among the times this letter offers."


def zone_missing(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    """Times without the zone they are in: neither the line above the list nor its offset is there."""
    zone = plain(reading.letter.zone_line)
    if not reading.letter.slots or not zone or zone in reading.text:
        return
    offset = _OFFSET.search(zone)
    if offset is None or not re.search(rf"{re.escape(offset[0])}(?![\d:+-])", reading.text):
        yield f"The times stand without their zone; write “{reading.letter.zone_line}” above them."


def no_recipient(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    """Nobody to send to, or something that is no address."""
    content = reading.letter.content
    if not content.to:
        yield "There is no recipient yet; name one."
    for person in (*content.to, *content.cc, *content.bcc):
        if safe_person(person) is None:
            yield f"{plain(person.email)[:80]!r} is not a mail address."


def recipient_unproven(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    """An address that neither the conversation showed nor the user named."""
    content, recipient = reading.letter.content, reading.letter.recipient
    if recipient.named_by_user:
        return
    known = {p.email.casefold() for p in (*recipient.to, *recipient.cc)} if recipient.evidence else set()
    for person in (*content.to, *content.cc, *content.bcc):
        if person.email.casefold() not in known:
            yield f"Nothing shows that {plain(person.email)[:80]} belongs to this interview."


def other_interview(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    """The company or person of another interview, unless this conversation knows the name itself."""
    thread, letter = plain(context.thread_text).casefold(), reading.letter
    own = [*context.own_names, context.user_name, *(p.name for p in (*letter.content.to, *letter.content.cc))]
    known = " | ".join(plain(name).casefold() for name in own)
    said = f"{plain(letter.content.subject)}\n{reading.own}"
    for name in dict.fromkeys(plain(n) for n in context.other_names):
        folded = name.casefold()
        if len(name) < 2 or folded in _CALENDAR_WORDS or _holds(known, folded) or _holds(thread, folded):
            continue
        flags = re.IGNORECASE if " " in name else 0  # one word only as it is written: “indeed” is no company
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", said, flags):
            sentence = f"“{name}” belongs to another interview and does not occur in this conversation."
            opens = folded in _SENTENCE_OPENERS and re.search(r"(?:^|[.!?:]\s|\n)$", said[: match.start()])
            yield Doubtful(sentence) if opens else sentence
            break


def _holds(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


PROOFS: tuple[Rule, ...] = (
    Rule(
        "time-missing",
        Level.BLOCK,
        "Every offered time stands in the letter exactly as it was proved free.",
        time_missing,
    ),
    Rule("time-unselected", Level.BLOCK, "A letter names no time that is not reserved for it.", time_unselected),
    Rule("zone-missing", Level.BLOCK, "A time without its zone is no time.", zone_missing),
    Rule("no-recipient", Level.BLOCK, "A letter needs somebody who reads it.", no_recipient),
    Rule(
        "recipient-unproven",
        Level.BLOCK,
        "Write only to people of this interview, or whom you named.",
        recipient_unproven,
    ),
    Rule("other-interview", Level.BLOCK, "No letter tells one company about another.", other_interview),
)
