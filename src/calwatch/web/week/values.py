"""What the picture of the week is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from calwatch.model.span import Span


class Kind(StrEnum):
    """What a block is, in the order they are drawn: later ones lie above."""

    BUSY = "busy"
    ALTERNATIVE = "alternative"
    OFFERED = "offered"
    CLASH = "clash"
    INTERVIEW = "interview"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time. ``label`` may come from anybody: a name on an interview or a clash, a number on an offer."""

    span: Span
    kind: Kind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """The picture's words: its name, all of it in sentences for who does not see it, and the legend."""

    name: str
    described: str
    busy: str
    interview: str
    clash: str
    offered: str
    alternative: str

    def of(self, kind: Kind) -> str:
        """The legend's word for that kind."""
        word: str = getattr(self, kind.value)
        return word


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What to draw. ``zone`` is the person's (IANA), ``other_zone`` the recipient's where that is known."""

    blocks: Sequence[Block]
    zone: str
    other_zone: str | None
    today: date | None
    labels: Labels
    locale: str
