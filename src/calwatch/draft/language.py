"""The languages letters can be written in, which one a conversation is in, and how it addresses people."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from calwatch.draft.brief import Formality
from calwatch.draft.conversation import incoming
from calwatch.model.booking import Recognition
from calwatch.model.message import Message

LANGUAGES: tuple[str, ...] = ("en",)
"""Codes with a folder in ``templates/``: ``words.toml`` and one template per letter. The first is the last resort."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one language says outside its templates (``templates/<code>/words.toml``).

    ``greetings``, ``nameless`` (greetings without a name) and ``closings`` are by formality; ``stages``,
    ``stages_in_person`` and ``many`` by stage of ``Recognition``; ``reasons`` by occasion; ``answers`` go with the
    answer to an invitation, by intent. ``patterns`` are Babel date
    patterns. ``sign_offs`` stand above a name at the end of a mail; the openings are patterns for its first line.
    """

    greetings: Mapping[str, str]
    nameless: Mapping[str, str]
    closings: Mapping[str, str]
    stages: Mapping[str, str]
    stages_in_person: Mapping[str, str]
    many: Mapping[str, str]
    reasons: Mapping[str, Sequence[str]]
    answers: Mapping[str, str]
    patterns: Mapping[str, str]
    durations: Mapping[str, str]
    sign_offs: Sequence[str]
    formal_openings: Sequence[str]
    polite_openings: Sequence[str]


@cache
def words(language: str) -> Words:
    """The words of one language; a code that is not in ``LANGUAGES`` reads as the first of them."""
    code = language if language in LANGUAGES else LANGUAGES[0]
    source = resources.files("calwatch.draft").joinpath("templates", code, "words.toml")
    return Words(**tomllib.loads(source.read_text("utf-8")))


def choose(messages: Sequence[Message], recognition: Recognition, *, allowed: Sequence[str]) -> str:
    """The language of the conversation, if the user writes it and there are templates for it.

    Else the first of ``allowed`` with templates, else the first of ``LANGUAGES``.
    """
    writable = tuple(dict.fromkeys(code for code in allowed if code in LANGUAGES)) or LANGUAGES[:1]
    if len(writable) == 1:
        return writable[0]
    theirs = next((m.text for m in incoming(messages) if len(m.text) >= 40), "")
    spoken = identify(theirs[:4000], writable) if theirs else recognition.language
    return spoken if spoken in writable else writable[0]


def identify(text: str, among: tuple[str, ...]) -> str:
    """The likeliest of the languages ``among`` for a text; loads a model, so only asked when there is a choice."""
    from py3langid import langid

    return next((str(code) for code, _ in langid.rank(text) if code in among), among[0])


def formality(messages: Sequence[Message], *, me_emails: frozenset[str], language: str = "en") -> Formality:
    """How their newest mail with a salutation addresses the user; ``CASUAL`` when no mail tells."""
    vocabulary = words(language)
    for message in incoming(messages, me_emails):
        opening = next((line.strip() for line in message.text[:500].splitlines() if line.strip()), "").casefold()
        if any(re.match(pattern, opening) for pattern in vocabulary.formal_openings):
            return Formality.FORMAL
        if any(re.match(pattern, opening) for pattern in vocabulary.polite_openings):
            return Formality.POLITE
        if opening.endswith((",", "!", ":", "-", "–")) and len(opening.split()) <= 4:
            return Formality.CASUAL
    return Formality.CASUAL
