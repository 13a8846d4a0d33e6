"""Signing in, in words that fit every provider: what it needs of the terminal, what comes of it, how an account stands.

A provider whose accounts need no sign-in has none of this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where the person sits who signs in.

    ``say`` tells them something; ``browse`` opens an address in their browser, and is False where there is none;
    ``typed`` is the descriptor of what they may type or paste, ``None`` when nobody can.
    """

    say: Callable[[str], None]
    browse: Callable[[str], bool]
    typed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A sign-in that was stored: as whom ("" if the provider does not say), what works, what the person must know."""

    address: str
    granted: tuple[str, ...]
    remarks: tuple[str, ...] = ()


class Standing(StrEnum):
    """How one thing about an account's sign-in stands."""

    OK = "ok"
    WARNING = "warning"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about an account's sign-in, with what to do."""

    standing: Standing
    text: str
