"""The sentences of messages, one file per language in ``texts/``; to add a language, copy ``en.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "de")

_FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True)
class Texts:
    """One language. Every text has its placeholders in braces; a test holds all languages to the same ones."""

    discreet: dict[str, tuple[str, str]]  # a title, and what follows it
    full: dict[str, str]
    situation: dict[str, str]
    welcome: dict[str, str]
    words: dict[str, Any]
    where: dict[str, str]
    dates: dict[str, Any]


@cache
def texts(language: str) -> Texts:
    """The texts of ``language`` (as ``[you].languages`` has it); of English where calwatch has none."""
    name = language.partition("-")[0].lower()
    with (_FOLDER / f"{name if name in LANGUAGES else 'en'}.toml").open("rb") as file:
        read = tomllib.load(file)
    return Texts(**{**read, "discreet": {name: _pair(text) for name, text in read["discreet"].items()}})


def _pair(text: Sequence[str]) -> tuple[str, str]:
    title, rest = text
    return title, rest
