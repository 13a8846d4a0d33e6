"""Where a reading of an Outlook calendar goes on: Graph's link, the window inside it, and when all was last read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b

from calwatch.errors import Resync
from calwatch.model.span import Span

_READING = 1
"""Counts up when the same JSON is read differently, so that everything is read anew once."""

_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Cursor:
    """``window`` is what ``link`` tells about, for ever; ``read`` when the last whole reading began.

    ``made_for`` says what the link was asked for with. ``link`` is no link, but the digest of a whole list, for a
    calendar of which Graph tracks no changes.
    """

    made_for: str
    window: Span
    read: datetime
    link: str

    def __str__(self) -> str:
        stamps = (self.window.start, self.window.end, self.read)
        return ":".join(
            ["outlook", self.made_for, *(f"{stamp.astimezone(UTC):{_STAMP}}" for stamp in stamps), self.link]
        )

    def at(self, link: str) -> Cursor:
        """The same a round later."""
        return replace(self, link=link)


def made_for(*given: str) -> str:
    """A mark that changes with whatever a link depends on."""
    return blake2b("\0".join((str(_READING), *given)).encode(), digest_size=4).hexdigest()


def read_cursor(text: str, expected: str) -> Cursor:
    """Raises ``Resync`` for a cursor of another kind, or one that was made in another way."""
    kind, _, rest = text.partition(":")
    mark, *parts = rest.split(":", 4)
    found = _read(mark, parts) if kind == "outlook" and mark == expected else None
    if found is None:
        raise Resync("the calendar was last read in another way")
    return found


def _read(mark: str, parts: list[str]) -> Cursor | None:
    try:
        start, end, read, link = parts
        low, high, moment = (datetime.strptime(part, _STAMP).replace(tzinfo=UTC) for part in (start, end, read))
        return Cursor(mark, Span(low, high), moment, link) if link else None
    except ValueError:
        return None
