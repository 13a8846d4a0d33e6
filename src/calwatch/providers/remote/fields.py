"""One untrusted JSON object of a provider's, read field by field: text made harmless, wrong types counted as absent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calwatch.formats.lines import many_lines, one_line

_LARGEST_NUMBER = 2**31 - 1
_MOST_NAMED = 5


class Fields:
    """The fields of one object. What is there and of the wrong type is noted under its dotted name."""

    def __init__(self, raw: object, name: str = "", odd: dict[str, None] | None = None) -> None:
        self._odd: dict[str, None] = {} if odd is None else odd
        self._name = name
        self._raw: dict[str, Any] = {}
        if isinstance(raw, dict):
            self._raw = raw
        elif raw is not None:
            self._odd[name or "the whole entry"] = None

    @property
    def odd(self) -> str:
        """The fields of a wrong type met so far, as words; ``""`` when there were none."""
        named = list(self._odd)[:_MOST_NAMED]
        return ", ".join(named) + (" and more" if len(self._odd) > _MOST_NAMED else "")

    def __contains__(self, name: str) -> bool:
        return self._raw.get(name) is not None

    def word(self, name: str) -> str:
        """A value as it is, for comparing: an id, a state, a moment."""
        value = self._value(name, str)
        return value if isinstance(value, str) else ""

    def line(self, name: str) -> str:
        """A text on one line, without anything a terminal would obey."""
        return one_line(_well_formed(self.word(name)))

    def text(self, name: str) -> str:
        """A text with its line breaks."""
        return many_lines(_well_formed(self.word(name)))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean; ``default`` where there is none."""
        value = self._value(name, bool)
        return value if isinstance(value, bool) else default

    def number(self, name: str) -> int:
        """A whole number from zero on."""
        value = self._value(name, int)
        return min(max(value, 0), _LARGEST_NUMBER) if isinstance(value, int) else 0

    def inner(self, name: str) -> Fields:
        """An object inside this one; an empty one when it is not there."""
        return Fields(self._raw.get(name), self._path(name), self._odd)

    def several(self, name: str, limit: int) -> list[Fields]:
        """The objects of a list, the first ``limit`` of them."""
        items = self.raw_items(name)[:limit]
        return [Fields(item, self._path(name), self._odd) for item in items if item is not None]

    def words(self, name: str, limit: int) -> list[str]:
        """The texts of a list, the first ``limit`` of them."""
        found = []
        for item in self.raw_items(name)[:limit]:
            if isinstance(item, str):
                found.append(_well_formed(item))
            else:
                self._odd[self._path(name)] = None
        return found

    def raw_items(self, name: str) -> Sequence[object]:
        """The items of a list, unread."""
        value = self._value(name, list)
        return value if isinstance(value, list) else ()

    def _value(self, name: str, kind: type) -> object:
        value = self._raw.get(name)
        if value is None:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._odd[self._path(name)] = None
            return None
        return value

    def _path(self, name: str) -> str:
        return f"{self._name}.{name}" if self._name else name


def _well_formed(text: str) -> str:
    """Half of a surrogate pair can stand in JSON and in no database: it becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
