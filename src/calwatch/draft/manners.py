"""The rules that remark: courtesy that a person may decide otherwise, each with the guideline it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime

from calwatch.draft.reading import EtiquetteContext, Reading, Rule, plain
from calwatch.model.case import Intent
from calwatch.model.draft import LetterKind, Level

MOST_WORDS = 120
FEWEST_WORDS = 30

_APOLOGY = re.compile(r"\b(?:sorry|apolog(?:y|ies|i[sz]e)|regret(?:s|ted)?|forgive)\b", re.I)
_THANKS = re.compile(r"\b(?:thanks?|thank you|grateful)\b", re.I)
_PRESSURE = re.compile(
    r"\b(?:asap|a\.s\.a\.p|urgent(?:ly)?|as soon as possible|immediately|at once|right away|without delay|eod|"
    r"you (?:must|need to|have to)|i (?:expect|need) you|by (?:end|close) of (?:day|business))\b",
    re.I,
)
_RELATIVE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|the day after|(?:next|this|coming|following) "
    r"(?:week|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday))\b",
    re.I,
)
_EXCUSE = re.compile(
    r"\b(?:unavoidabl[ey]|unforeseen (?:circumstances|events)|circumstances beyond my control|something came up|"
    r"(?:a )?family (?:emergency|matter|issue)|personal (?:reasons?|matters?|issues?))\b",
    re.I,
)
_LEVERAGE = re.compile(
    r"\b(?:another|other|different|competing) (?:interview|offer|company|employer|application|process)(?:s|es|ies)?\b",
    re.I,
)
_CLAIM = re.compile(
    r"\b(?:as (?:we )?(?:discussed|agreed|mentioned)|as promised|per our (?:call|conversation)|you said)\b", re.I
)
_BLAME = re.compile(
    r"\b(?:you (?:failed|forgot|should have|didn't bother)|your (?:mistake|fault)|disappoint(?:ed|ing))\b", re.I
)
_PLACEHOLDER = re.compile(r"\[[a-z ]{2,30}\]|\{\{|\}\}|\{%|<(?:name|date|time|company)>|\bxxx+\b|\blorem ipsum\b", re.I)
_LINK = re.compile(r"https?://|www\.", re.I)
_GREETING = re.compile(r"(?:hi|hello|dear|good (?:morning|afternoon|day|evening)|hey)\b", re.I)
_NO_REGRET = frozenset({Intent.ACKNOWLEDGE, Intent.ACCEPT})


def _phrase(pattern: re.Pattern[str], sentence: str) -> Callable[[Reading, EtiquetteContext], Iterator[str]]:
    """A rule that remarks on the first place where ``pattern`` occurs in the own text."""

    def breaches(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
        match = pattern.search(reading.own)
        if match is not None:
            yield sentence.format(match[0])

    return breaches


def brevity(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    if reading.words > MOST_WORDS:
        yield f"{reading.words} words without the times; {MOST_WORDS} are plenty."
    elif reading.words < FEWEST_WORDS:
        yield f"Only {reading.words} words; that may read as curt."


def one_apology(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    count = len(_APOLOGY.findall(reading.own))
    if count > 1:
        yield f"It apologises {count} times; once is sincere."
    if count and reading.letter.intent in _NO_REGRET:
        yield "They changed the plan, so there is nothing to apologise for."


def one_thanks(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    count = len(_THANKS.findall(reading.own))
    if count > 1:
        yield f"It thanks {count} times; once is enough."
    elif count == 0 and reading.letter.kind is not LetterKind.CORRECTION:
        yield "It thanks nobody; a short thanks belongs in every letter."


def regret(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    asks = reading.letter.intent is Intent.WITHDRAW
    if asks and not _APOLOGY.search(reading.own) and "unfortunately" not in reading.own.casefold():
        yield "It ends an application without a word of regret."


def exclamation(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    if "!" in reading.own:
        yield "It has an exclamation mark."


def shouting(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    loud = [
        word for word in re.findall(r"\b[A-Z]{5,}\b", reading.own) if word not in plain(reading.letter.content.subject)
    ]
    if len(loud) > 1:
        yield f"“{loud[0]}” is written in capitals."


def times_offered(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    if reading.letter.intent is Intent.WITHDRAW and reading.letter.slots:
        yield "It withdraws, and yet offers times."


def one_subject(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    thread = _bare(reading.letter.recipient.thread_subject)
    if thread and _bare(reading.letter.content.subject) != thread:
        yield f"The subject is no longer the one of the conversation (“{reading.letter.recipient.thread_subject}”)."
    if not reading.letter.content.subject.strip():
        yield "The subject is empty."


def salutation(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    first = next((row for row in reading.rows if row), "")
    if first and reading.letter.language == "en" and not _GREETING.match(first):
        yield "It begins without a greeting."


def signed(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    names = plain(context.user_name).split()
    ending = " ".join(reading.rows[-6:]).casefold()
    if names and names[0].casefold() not in ending:
        yield "It is not signed with your name."


def private(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    thread = plain(context.thread_text).casefold()
    for title in context.sensitive[:50]:
        wanted = plain(title).casefold()
        if len(wanted) >= 4 and wanted in reading.own.casefold() and wanted not in thread:
            yield f"“{plain(title)[:60]}” is from your calendar; they need not know it."


def self_service_link(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    link = reading.letter.reschedule_link
    if link and link in reading.letter.content.text:
        yield "It quotes the link of the invitation; use it yourself, or write."
    elif _LINK.search(reading.own):
        yield "It has a link; a letter from a stranger's point of view is safer without."


def by_phone(reading: Reading, context: EtiquetteContext) -> Iterator[str]:
    now, respond_by = context.now, context.respond_by
    wants = reading.letter.intent in (Intent.RESCHEDULE, Intent.WITHDRAW)
    if wants and _past(now, respond_by) and reading.letter.phone is not None:
        yield f"It is late for a mail alone; call {reading.letter.phone.name or 'them'} first."


def _past(now: datetime | None, respond_by: datetime | None) -> bool:
    return now is not None and respond_by is not None and now >= respond_by


def _bare(subject: str) -> str:
    return re.sub(r"^(?:(?:re|aw|sv|antw|rv|fwd?|wg)\s{0,2}:\s{0,2}){1,9}", "", plain(subject), flags=re.I).casefold()


def _warn(name: str, guideline: str, breaches: Callable[[Reading, EtiquetteContext], Iterator[str]]) -> Rule:
    return Rule(name, Level.WARN, guideline, breaches)


MANNERS: tuple[Rule, ...] = (
    _warn("brevity", "Brief but clear: 60 to 110 words say it all.", brevity),
    _warn("one-apology", "Regret once and mean it; do not apologise for what others changed.", one_apology),
    _warn("one-thanks", "Thank them, once.", one_thanks),
    _warn("regret", "Regret, thank and wish well when you withdraw.", regret),
    _warn("no-exclamation", "A calm tone needs no exclamation marks.", exclamation),
    _warn("no-shouting", "Capitals read as shouting.", shouting),
    _warn("no-pressure", "Ask, do not press.", _phrase(_PRESSURE, "“{}” puts them under pressure.")),
    _warn(
        "absolute-dates",
        "Name the date; “tomorrow” depends on when it is read.",
        _phrase(_RELATIVE, "“{}” has no date."),
    ),
    _warn(
        "reason",
        "A brief reason or none; stock excuses are believed least.",
        _phrase(_EXCUSE, "“{}” reads as an excuse."),
    ),
    _warn(
        "no-leverage",
        "What else you have going is yours alone.",
        _phrase(_LEVERAGE, "“{}” tells them about your other plans."),
    ),
    _warn("no-claims", "Say only what happened.", _phrase(_CLAIM, "“{}”: did that happen in this conversation?")),
    _warn("no-blame", "Leave the door open; blame closes it.", _phrase(_BLAME, "“{}” blames them.")),
    _warn(
        "no-placeholder",
        "Nothing half-finished goes out.",
        _phrase(_PLACEHOLDER, "“{}” looks like a gap left to fill."),
    ),
    _warn("withdraw-without-times", "A withdrawal offers no times.", times_offered),
    _warn("same-thread", "Stay in the conversation: leave its subject untouched.", one_subject),
    _warn("greeting", "Greet the person you write to.", salutation),
    _warn("signed", "Sign with your name.", signed),
    _warn("private", "Nothing from your calendar belongs in a letter.", private),
    _warn("no-links", "Letters to hiring people carry no links.", self_service_link),
    _warn("call-first", "With less than a working day left, use the telephone and confirm by mail.", by_phone),
)
