"""Finds known phrases in words: the knowledge folder as one index, matched in one pass over a text in linear time."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from calwatch.detect.text import BREAK, Passage, plain_word

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl")
"""Languages with a whole file of their own; ``others.toml`` has the most telling words of further ones."""

_PIECE = re.compile(r"\*?[^\W_]+\*?|[:&?~]")
_MAX_GAP = 3
_MIN_AFFIX = 3


@dataclass(frozen=True, slots=True)
class Phrase:
    """``words`` as pattern words; ``kind`` is ``"positive.interview"`` and the like."""

    kind: str
    language: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: words ``first`` to ``last`` (inclusive) of a passage."""

    kind: str
    language: str
    first: int
    last: int


class Vocabulary:
    """An index of phrases by their first word: each word of a text is looked up once, few candidates are followed."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._whole: dict[str, list[Phrase]] = {}
        self._starts: dict[str, list[Phrase]] = {}
        self._ends: dict[str, list[Phrase]] = {}
        self._known: dict[str, tuple[Phrase, ...]] = {}
        for phrase in phrases:
            head = phrase.words[0]
            table = self._starts if head.endswith("*") else self._ends if head.startswith("*") else self._whole
            table.setdefault(head.strip("*"), []).append(phrase)

    def hits(self, passage: Passage) -> list[Hit]:
        """Every phrase in ``passage``, in order; of one phrase kind the longest at each place."""
        words = [word.plain for word in passage.words]
        found: dict[tuple[str, str, int], Hit] = {}
        for first, word in enumerate(words):
            if word == BREAK:
                continue
            for phrase in self._starting_with(word):
                last = _end_of(phrase.words, words, first)
                if last is None:
                    continue
                key = (phrase.kind, phrase.language, first)
                if key not in found or found[key].last < last:
                    found[key] = Hit(phrase.kind, phrase.language, first, last)
        return list(found.values())

    def _starting_with(self, word: str) -> tuple[Phrase, ...]:
        known = self._known.get(word)
        if known is None:
            if len(self._known) > 50_000:  # foreign text must not fill the memory
                self._known.clear()
            candidates = list(self._whole.get(word, ()))
            for size in range(_MIN_AFFIX, len(word) + 1 if len(word) <= 40 else 41):
                candidates += self._starts.get(word[:size], ())
                candidates += self._ends.get(word[-size:], ())
            known = self._known[word] = tuple(candidates)
        return known


def _end_of(pattern: Sequence[str], words: Sequence[str], first: int) -> int | None:
    """Where ``pattern`` ends when it starts at ``first`` (whose word already fits), or None."""
    place = first
    piece = 1
    while piece < len(pattern):
        wanted = pattern[piece]
        if wanted == "~":
            piece += 1
            for gap in range(_MAX_GAP + 1):
                at = place + 1 + gap
                if at >= len(words) or words[at] == BREAK:
                    return None
                if _fits(pattern[piece], words[at]):
                    place = at
                    break
            else:
                return None
        else:
            place += 1
            if place >= len(words) or words[place] == BREAK or not _fits(wanted, words[place]):
                return None
        piece += 1
    return place


def _fits(wanted: str, word: str) -> bool:
    if wanted == "?":
        return True
    if wanted.endswith("*"):
        return word.startswith(wanted[:-1])
    if wanted.startswith("*"):
        return word.endswith(wanted[1:])
    return wanted == word


def compile_phrase(text: str) -> tuple[str, ...]:
    """The pattern words of a phrase as people write it; empty when nothing is left."""
    return tuple(
        ("*" if piece.startswith("*") else "") + plain_word(piece.strip("*")) + ("*" if piece.endswith("*") else "")
        if piece.strip("*")
        else piece
        for piece in _PIECE.findall(text)
    )


@lru_cache(maxsize=1)
def _knowledge() -> dict[str, dict[str, Any]]:
    folder = resources.files("calwatch.detect") / "knowledge"
    known = {name: tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in LANGUAGES}
    return known | tomllib.loads((folder / "others.toml").read_text("utf-8"))


@lru_cache(maxsize=8)
def vocabulary(*sections: str) -> Vocabulary:
    """The index of all languages' phrases in the given sections (``"positive"``, ``"negative"``, ``"stage"``, …)."""
    return Vocabulary(
        Phrase(f"{section}.{name}", language, words)
        for language, tables in _knowledge().items()
        for section in sections
        for name, phrases in tables.get(section, {}).items()
        for words in map(compile_phrase, phrases)
        if words
    )


@lru_cache(maxsize=1)
def stopwords() -> dict[str, tuple[str, ...]]:
    """The languages each little word (compared form) belongs to; words of more than two languages tell nothing."""
    languages_of: dict[str, set[str]] = {}
    for language, table in _knowledge().items():
        for word in table["stopwords"]:
            languages_of.setdefault(plain_word(word), set()).add(language)
    return {word: tuple(sorted(languages)) for word, languages in languages_of.items() if len(languages) <= 2}


@lru_cache(maxsize=1)
def systems() -> dict[str, tuple[str, ...]]:
    """``knowledge/systems.toml``: lists of domains, hosts, paths and mailbox names."""
    folder = resources.files("calwatch.detect") / "knowledge"
    loaded = tomllib.loads((folder / "systems.toml").read_text("utf-8"))
    return {name: tuple(values) for name, values in loaded.items()}
