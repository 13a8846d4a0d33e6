"""A letter laid out for the etiquette rules: its own words without the times, and what it is held against."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from calwatch.model.draft import Letter, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class EtiquetteContext:
    """What the check may compare a letter with; every field may be left out.

    ``other_names`` are companies and persons of the user's *other* interviews, ``own_names`` those of this one;
    ``thread_text`` is the conversation (what occurs there is no secret). ``sensitive`` are titles of the clashing
    events. ``user_name``, ``now`` and ``respond_by`` serve remarks only.
    """

    other_names: tuple[str, ...] = ()
    own_names: tuple[str, ...] = ()
    thread_text: str = ""
    sensitive: tuple[str, ...] = ()
    user_name: str = ""
    now: datetime | None = None
    respond_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """``text`` is the whole own text on one line, ``rows`` its lines, ``own`` the text without the times."""

    letter: Letter
    text: str
    rows: tuple[str, ...]
    own: str

    @property
    def words(self) -> int:
        """Own words: everything but the printed times, the zones above them, and the sign-off's last lines."""
        return len(re.findall(r"[^\W_][\w'’.:@+-]*", self.own))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, whether it blocks, the guideline it rests on, and how to look for breaches.

    ``breaches`` gives one sentence per breach; a sentence marked by ``Doubtful`` is only ever a remark.
    """

    name: str
    level: Level
    guideline: str
    breaches: Callable[[Reading, EtiquetteContext], Iterator[str]]


class Doubtful(str):
    """A breach that code cannot prove, so that even a blocking rule only remarks on it."""

    __slots__ = ()


def read(letter: Letter) -> Reading:
    """Lays a letter out. Text is compared as NFC with white space collapsed and any dash read as ``-``."""
    rows = tuple(plain(row) for row in letter.content.text.split("\n"))
    printed = [plain(line) for line in (*letter.slot_lines, *letter.alternative_lines) if line]
    own = " \n ".join(rows)
    for line in sorted(printed, key=len, reverse=True):
        own = own.replace(line, " ")
    if letter.zone_line:
        own = own.replace(f"({plain(letter.zone_line)})", " ").replace(plain(letter.zone_line), " ")
    return Reading(letter, " ".join(row for row in rows if row), rows, " ".join(own.split()))


def plain(text: str) -> str:
    """Text as rules compare it."""
    folded = unicodedata.normalize("NFC", text).translate(_DASHES_AND_QUOTES)
    return " ".join(folded.split())


_DASHES_AND_QUOTES = (
    {ord(c): "-" for c in "‐‑‒–—−"} | {ord(c): "'" for c in "’‘ʼ"} | {ord(c): " " for c in "\u00a0\u202f"}
)
