"""Text that others wrote, made safe to print in a letter or a header: no control, bidi or invisible characters."""

from __future__ import annotations

import re
import unicodedata

from calwatch.model.event import Person

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]{1,64}@[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]{1,253}")
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,990}>")
_NOT_A_LABEL = re.compile(r"[@<>{}\[\]|\\^`~=;\"%$!?*:]|//|www\.|http", re.IGNORECASE)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def one_line(text: str, limit: int = 200) -> str:
    """``text`` as one line of at most ``limit`` characters: NFC, white space collapsed, unprintable characters gone."""
    spaced = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text[: limit * 8]))
    seen = "".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN)
    return " ".join(seen.split())[:limit].strip()


def lines(text: str, limit: int = 20_000) -> str:
    """``text`` with its line breaks kept as ``\\n`` and everything unprintable gone; cut at ``limit`` characters."""
    broken = text[:limit].replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(
        c for c in unicodedata.normalize("NFC", broken) if c == "\n" or unicodedata.category(c) not in _UNSEEN
    )


def label(text: str | None, limit: int = 60) -> str:
    """A company or a job as a letter may name it, or ``""`` when it does not look like a plain name."""
    if not text:
        return ""
    line = one_line(text, limit + 1).strip(" .,-–—|")
    plausible = 2 <= len(line) <= limit and any(c.isalpha() for c in line) and not _NOT_A_LABEL.search(line)
    return line if plausible else ""


def safe_person(person: Person | None) -> Person | None:
    """The person with a one-line name, or ``None`` when the address is not a plain one (RFC 5322 §3.4.1, dot-atom)."""
    if person is None or not _ADDRESS.fullmatch(person.email):
        return None
    return Person(person.email.lower(), one_line(person.name, 100))


def safe_message_id(text: str) -> str:
    """One Message-ID with its angle brackets, or ``""`` when it is not one (RFC 5322 §3.6.4)."""
    trimmed = text.strip()
    return trimmed if _MESSAGE_ID.fullmatch(trimmed) else ""
