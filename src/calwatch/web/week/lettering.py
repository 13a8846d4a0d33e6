"""How much room words need, and as many of them as there is room for.

No font is at hand to measure with, so letters count as wide as in DejaVu Sans, the widest of the page's fonts.
"""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"

_NARROW = frozenset("iljI.,:;'|!·()[]{}ftr/\\` ")
_BROAD = frozenset("mwMW@%—…&")
_BOLD = 1.1
_TELLING = 3
"""Fewer letters of a word tell nothing."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """At most so many units does a line of that font size take."""
    return sum(map(_letter, text)) * size * (_BOLD if bold else 1.0)


def clip(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """As much of the text as fits, with an ellipsis where something is left out; "" where nothing would be said."""
    if width(text, size, bold=bold) <= room:
        return text
    kept, left = "", room - width(ELLIPSIS, size, bold=bold)
    for character in text:
        left -= width(character, size, bold=bold)
        if left < 0:
            break
        kept += character
    kept = kept.rstrip()
    return f"{kept}{ELLIPSIS}" if len(kept) >= _TELLING else ""


def wrap(text: str, room: float, size: float, *, lines: int, bold: bool = False) -> list[str]:
    """The text in at most so many lines, broken between words; what does not fit ends in an ellipsis."""
    found: list[str] = []
    words = text.split()
    while words and len(found) < lines - 1:
        taken = 1
        while taken < len(words) and width(" ".join(words[: taken + 1]), size, bold=bold) <= room:
            taken += 1
        if width(words[0], size, bold=bold) > room:
            break
        found.append(" ".join(words[:taken]))
        del words[:taken]
    if words and lines > 0:
        found.append(clip(" ".join(words), room, size, bold=bold))
    return [line for line in found if line]


def _letter(character: str) -> float:
    if character in _NARROW:
        return 0.42
    if character in _BROAD:
        return 1.0
    if character.isascii():
        return 0.72 if character.isupper() else 0.64
    if unicodedata.combining(character):
        return 0.0
    return 1.3 if unicodedata.east_asian_width(character) in "WF" else 0.75
