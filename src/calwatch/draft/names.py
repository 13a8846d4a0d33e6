"""What to call people: first names from headers and sign-offs, and the salutation that fits the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from calwatch.draft.brief import Formality
from calwatch.draft.conversation import incoming
from calwatch.draft.foreign import one_line
from calwatch.draft.language import words
from calwatch.model.event import Person
from calwatch.model.message import Message

_ASIDE = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]")
_AFTER = re.compile(r"\s(?:from|via|at|von|bei|@)\s|\s[|/–—-]\s")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’\-])*")
_TITLE = re.compile(r"(?:dr|prof|mr|mrs|ms|mx|miss|ing|dipl|mag)\.?", re.IGNORECASE)
_TEAM_WORDS = """
team teams recruiting recruitment recruiter talent acquisition hiring hr jobs careers people scheduling interviews
interview coordinator office support info the group department company staffing
"""
_NOT_A_PERSON = frozenset(_TEAM_WORDS.split())


def full_name(person: Person) -> str:
    """The human name in a display name, without titles, asides and companies; ``""`` when it is not a person's."""
    name = _ASIDE.sub(" ", one_line(person.name, 80).strip("\"' "))
    name = _AFTER.split(f"{name} ", maxsplit=1)[0].strip()
    if "," in name:  # "Fox, Dana", as directories write it
        last, _, first = name.partition(",")
        name = f"{first.strip()} {last.strip()}" if first.strip() else last.strip()
    parts = name.split()
    while parts and _TITLE.fullmatch(parts[0]):
        parts = parts[1:]
    plausible = 0 < len(parts) <= 4 and all(_WORD.fullmatch(part) for part in parts)
    return " ".join(parts) if plausible and not any(p.casefold() in _NOT_A_PERSON for p in parts) else ""


def signed_name(text: str, language: str) -> str:
    """The name under a sign-off at the end of a mail (``Best,`` / ``Dana``), or ``""``."""
    tail = [line.strip() for line in text[-3000:].splitlines() if line.strip()]
    endings = set(words(language).sign_offs)
    for above, below in reversed(list(pairwise(tail))):
        if above.casefold().rstrip(",.!") in endings:
            return full_name(Person("", below)) if len(below) <= 40 else ""
    return ""


def name_of(person: Person, messages: Sequence[Message], language: str) -> str:
    """A person's name from their header, else from how they sign their newest mail; ``""`` when neither tells."""
    known = full_name(person)
    if known:
        return known
    for message in incoming(messages):
        senders = {p.email for p in (message.sender, *message.reply_to) if p is not None}
        if person.email in senders:
            signed = signed_name(message.text, language)
            if signed:
                return signed
    return ""


def greeting(people: Sequence[Person], messages: Sequence[Message], *, formality: Formality, language: str) -> str:
    """The first line of the letter; without a name for anybody it greets without one."""
    vocabulary = words(language)
    names = [name_of(person, messages, language) for person in people[:2]]
    if not names or not all(names) or len(people) > 2:
        return vocabulary.nameless[formality]
    joiner = vocabulary.patterns["and"]
    return vocabulary.greetings[formality].format(
        first=joiner.join(name.split()[0] for name in names), full=joiner.join(names)
    )
