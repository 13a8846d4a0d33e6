"""Sentences the pipeline made in English, in the page's language; what is not in the catalogue stays English.

To add a language, copy ``texts/sentences.de.toml``. A new English sentence needs its line there: the tests say which.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from calwatch.web.calendar_words import CalendarWords
from calwatch.web.patterns import Grammar

_FOLDER = Path(__file__).with_name("texts")
_CALENDAR = ("days", "months", "forms")


@dataclass(frozen=True, slots=True)
class Told:
    """A text, and the language it is in."""

    text: str
    language: str


def translate(text: str, language: str) -> Told:
    """``text``, an English sentence of ours, in ``language``; as it is, and named English, when that is not known.

    What strangers wrote inside a sentence is carried over as it is.
    """
    if language == "en":
        return Told(text, "en")
    known = grammar(language)
    said = known.say(text) if known is not None else None
    return Told(text, "en") if said is None else Told(said, language)


@cache
def grammar(language: str) -> Grammar | None:
    """The patterns of one language; ``None`` when there is no catalogue for it. Raises ValueError for a wrong one."""
    path = _FOLDER / f"sentences.{language}.toml"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        sections = tomllib.load(file)
    days, months, forms = (sections.pop(name) for name in _CALENDAR)
    return Grammar(sections, CalendarWords(days, months, forms))
