"""Foreign text made harmless for terminals, messages and logs: no control, bidi or invisible characters survive."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def one_line(text: str, limit: int = 200) -> str:
    """``text`` on one line, at most ``limit`` characters; escape sequences and direction overrides are gone."""
    kept = "".join(" " if c.isspace() else c for c in text[: limit * 4] if c.isspace() or _shown(c))
    line = " ".join(kept.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def many_lines(text: str) -> str:
    """``text`` with its line breaks and tabs, and nothing else that a terminal would obey."""
    if text.isascii() and text.isprintable():
        return text
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in unified if c in "\n\t" or _shown(c))


def _shown(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) not in _HIDDEN
