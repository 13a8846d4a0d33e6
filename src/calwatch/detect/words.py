"""The word lists of ``words.toml``, compiled once: what titles and cancellations say, in seven languages."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Literal

List = Literal[
    "absence",
    "no_absence",
    "first_half",
    "second_half",
    "some_half",
    "preparation",
    "travel",
    "interview",
    "filler",
    "hold",
    "released",
    "ends_process",
    "promises_times",
]

_TITLE_LIMIT = 300
_TEXT_LIMIT = 20_000
_TOKEN = re.compile(r"[^\W_]+")
_SPACES = re.compile(r"\s+")


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    text = files("calwatch.detect").joinpath("words.toml").read_text(encoding="utf-8")
    return {name: tuple(_fold(word) for word in words) for name, words in tomllib.loads(text).items()}


@cache
def _pattern(name: List) -> re.Pattern[str]:
    # Plain alternatives between word edges: no repetition inside, so matching is linear whatever the text.
    longest_first = sorted(set(_lists()[name]), key=lambda word: (-len(word), word))
    alternatives = "|".join(re.escape(word) for word in longest_first)
    return re.compile(rf"(?<![^\W_])(?:{alternatives})(?![^\W_])")


@cache
def tokens_of(name: List) -> frozenset[str]:
    """Every single word that occurs in a list."""
    return frozenset(token for phrase in _lists()[name] for token in _TOKEN.findall(phrase))


def says(name: List, text: str) -> bool:
    """Whether ``text`` contains a word or phrase of the list, as whole words; looks at the first 20,000 characters."""
    return _pattern(name).search(_fold(text[:_TEXT_LIMIT])) is not None


def title_tokens(title: str) -> frozenset[str]:
    """The folded words of a title."""
    return frozenset(_TOKEN.findall(_fold(title[:_TITLE_LIMIT])))


def plain_title(title: str) -> str:
    """A title fit for a sentence: one line, no control or direction characters, at most 80 characters."""
    visible = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} else c for c in title[:_TITLE_LIMIT])
    line = _SPACES.sub(" ", visible).strip()
    return line if len(line) <= 80 else line[:79].rstrip() + "…"


def _fold(text: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).casefold().replace("’", "'"))
