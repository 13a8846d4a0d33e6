"""English sentences taken apart by patterns and said again in another language; what ``sentences`` is built on.

A pattern is text with holes: ``{title}`` holds any text and is carried over untouched, ``{n:number}`` digits,
``{when:date}`` a day or a time as calwatch writes them, ``{what:quoted}`` a value in Python's quotes, and
``{why:NAME}`` what a section NAME of the same catalogue can say. ``{why:NAME?}`` may also be anything else, which then
stays as it is; ``{all:NAME;}``, ``{all:NAME,}`` and ``{all:NAME.}`` are several of it, one after another.

Values come from strangers, so nothing here backtracks: a hole is only tried where the literal text after it really
occurs, how often anything is tried has a bound, and what can be read in two ways is not translated at all.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from calwatch.web.calendar_words import CalendarWords

LONGEST = 2000
"""Longer texts are not looked at."""

_HOLE = re.compile(r"\{(?P<name>[a-z_]+)(?::(?P<kind>[a-z]+)(?P<how>[?;,.]?))?\}")
_SHORT = {"number": re.compile(r"[0-9]{1,9}", re.ASCII), "word": re.compile(r"\S{1,300}")}
_JOINTS = {";": "; ", ",": ", ", ".": " "}
_PLAIN_KINDS = ("", "number", "word", "date", "quoted")
_KEY = 6
_DEEPEST = 6
_MOST_TRIES = 400
_MOST_PLACES = 8
_MOST_PIECES = 12


@dataclass(frozen=True, slots=True)
class Hole:
    """A gap in a pattern. ``kind`` is "" for any text; ``how`` one of ``? ; , .`` or nothing."""

    name: str
    kind: str
    how: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """One English pattern and its other language: ``literals`` has one text more than there are ``holes``."""

    english: str
    other: str
    literals: tuple[str, ...]
    holes: tuple[Hole, ...]
    pieces: tuple[tuple[str, str], ...]  # of the other language: the text before a hole, the hole's name; at last ""

    @classmethod
    def of(cls, english: str, other: str) -> Pattern:
        """Raises ValueError when the two do not have the same holes, or two holes touch."""
        holes = tuple(Hole(m["name"], m["kind"] or "", m["how"] or "") for m in _HOLE.finditer(english))
        literals = tuple(_HOLE.sub("\0", english).split("\0"))
        named = sorted(hole.name for hole in holes)
        if named != sorted(m["name"] for m in _HOLE.finditer(other)) or len(set(named)) < len(named):
            raise ValueError(f"not the same placeholders on both sides: {english!r}")
        if any(not literal for literal in literals[1:-1]):
            raise ValueError(f"two placeholders touch: {english!r}")
        between = _HOLE.sub("\0", other).split("\0")
        names = [*(m["name"] for m in _HOLE.finditer(other)), ""]
        return cls(english, other, literals, holes, tuple(zip(between, names, strict=True)))

    @property
    def weight(self) -> int:
        """How much of it is literal text: the more, the surer a match."""
        return sum(map(len, self.literals))

    @property
    def stands_for(self) -> str:
        """The section it only passes on ("{it:contact}"), else nothing."""
        only = self.holes[0] if len(self.holes) == 1 and self.weight == 0 else None
        return only.kind if only is not None and not only.how and only.kind not in _PLAIN_KINDS else ""

    def may_fit(self, text: str) -> bool:
        """Whether ``text`` begins and ends as this does, and has what lies between."""
        first, *between, last = self.literals
        long_enough = len(text) > len(first) + len(last)
        return long_enough and text.startswith(first) and text.endswith(last) and all(one in text for one in between)

    def filled(self, values: Mapping[str, str]) -> str:
        return "".join(text + values.get(name, "") for text, name in self.pieces)


class _Exhausted(Exception):
    """A text that would take too much trying; it stays as it is."""


class Grammar:
    """All patterns of one language, by section; safe for several threads."""

    def __init__(self, sections: Mapping[str, Mapping[str, str]], calendar: CalendarWords) -> None:
        """Raises ValueError for a pattern that is wrong in itself, or names a section there is none of."""
        self._calendar = calendar
        self.patterns = {name: [Pattern.of(*pair) for pair in texts.items()] for name, texts in sections.items()}
        used = {hole.kind for patterns in self.patterns.values() for p in patterns for hole in p.holes}
        unknown = used - {*_PLAIN_KINDS, *sections}
        if unknown:
            raise ValueError(f"there is no section {min(unknown)!r}")
        self._sections = {name: _Section(self._all(name)) for name in sections}

    def _all(self, name: str) -> list[Pattern]:
        """The patterns of a section; a pattern that is nothing but another section stands for all of that one's."""
        found: list[Pattern] = []
        for pattern in self.patterns[name]:
            found += self._all(pattern.stands_for) if pattern.stands_for else [pattern]
        return found

    def say(self, text: str, section: str = "sentence") -> str | None:
        """``text`` in the other language, ``None`` when no pattern fits it whole, or one fits it in two ways."""
        found = next(self.readings(text, section), None)
        return None if found is None else found[1]

    def readings(self, text: str, section: str = "sentence") -> Iterator[tuple[Pattern, str]]:
        """Every pattern that fits, the most literal first, and what it says."""
        if not text or len(text) > LONGEST:
            return
        try:
            yield from self._readings(text, section, _Effort())
        except _Exhausted:
            return

    def _readings(self, text: str, section: str, effort: _Effort) -> Iterator[tuple[Pattern, str]]:
        effort.depth += 1
        try:
            if effort.depth <= _DEEPEST:
                for pattern in self._sections[section].candidates(text):
                    said = self._fitted(pattern, text, effort)
                    if said is not None:
                        yield pattern, said
        finally:
            effort.depth -= 1

    def _fitted(self, pattern: Pattern, text: str, effort: _Effort) -> str | None:
        if not pattern.holes:
            return pattern.other
        start, end = len(pattern.literals[0]), len(text) - len(pattern.literals[-1])
        if len(pattern.holes) == 1:
            hole = pattern.holes[0]
            value = self._value(hole, text[start:end], effort)
            return None if value is None else pattern.filled({hole.name: value})
        found = self._ways(pattern, text, 0, start, end, {}, effort)
        said = {pattern.filled(values) for values in found}
        return said.pop() if len(said) == 1 else None

    def _ways(
        self,
        pattern: Pattern,
        text: str,
        number: int,
        start: int,
        end: int,
        ways: dict[tuple[int, int], list[dict[str, str]]],
        effort: _Effort,
    ) -> list[dict[str, str]]:
        """At most two ways to fill the holes from ``number`` on with ``text[start:end]``."""
        known = ways.get((number, start))
        if known is not None:
            return known
        hole, last = pattern.holes[number], number == len(pattern.holes) - 1
        after = pattern.literals[number + 1]
        found: list[dict[str, str]] = []
        reach = _SHORT[hole.kind].match(text, start, end) if hole.kind in _SHORT else None
        within = min(end, reach.end() + len(after)) if reach is not None else end
        stops = [end] if last else _places(text, after, start + 1, within)
        for stop in stops if len(stops) <= _MOST_PLACES else ():
            rest = [{}] if last else self._ways(pattern, text, number + 1, stop + len(after), end, ways, effort)
            value = self._value(hole, text[start:stop], effort) if rest else None
            if value is not None:
                found += [{hole.name: value, **more} for more in rest]
        ways[number, start] = found[:2]
        return ways[number, start]

    def _value(self, hole: Hole, text: str, effort: _Effort) -> str | None:
        """What a hole's text is in the other language; ``None`` when it is not of the hole's kind."""
        effort.tries += 1
        if effort.tries > _MOST_TRIES:
            raise _Exhausted
        if hole.how in _JOINTS:
            return self._list(hole.kind, _JOINTS[hole.how], text, effort)
        value = self._one(hole.kind, text, effort)
        return text if value is None and hole.how == "?" and text else value

    def _one(self, kind: str, text: str, effort: _Effort) -> str | None:
        match kind:
            case "":
                return text or None
            case "number" | "word":
                return text if _SHORT[kind].fullmatch(text) else None
            case "date":
                return self._calendar.say(text)
            case "quoted":
                value = unquoted(text)
                return None if value is None else self._calendar.forms["quote"].format(text=value)
            case _:
                return next((said for _, said in self._readings(text, kind, effort)), None)

    def _list(self, kind: str, joint: str, text: str, effort: _Effort) -> str | None:
        """Pieces of one kind, joined; each as long as can be said."""
        cuts = [*_cuts(text, joint), len(text)]
        if len(cuts) > _MOST_PIECES:
            return None
        said: list[str] = []
        start = 0
        while start < len(text):
            for cut in reversed([cut for cut in cuts if cut > start]):
                value = self._value(Hole("", kind, ""), text[start:cut], effort)
                if value is not None:
                    said.append(value)
                    start = cut + len(joint)
                    break
            else:
                return None
        return joint.join(said) or None


def unquoted(text: str) -> str | None:
    """The value of a string as ``repr`` writes it, or ``None`` when it is none."""
    if len(text) < 2 or text[0] not in "'\"" or text[-1] != text[0]:
        return None
    try:
        value = literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, str) else None


def _places(text: str, literal: str, start: int, end: int) -> list[int]:
    """Where ``literal`` begins in ``text[start:end]``, no more than one place beyond what is tried."""
    found: list[int] = []
    at = text.find(literal, start, end)
    while at >= 0 and len(found) <= _MOST_PLACES:
        found.append(at)
        at = text.find(literal, at + 1, end)
    return found


def _cuts(text: str, joint: str) -> list[int]:
    """Where a list may be cut; sentences only after their full stop."""
    found = [match.start() for match in re.finditer(re.escape(joint), text)]
    return found if joint != " " else [cut for cut in found if text[cut - 1 : cut] in ".?”)"]


@dataclass(slots=True)
class _Effort:
    """How much one text has cost so far."""

    tries: int = 0
    depth: int = 0


class _Section:
    """The patterns of one kind, found by how a text begins, else by how it ends."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.patterns = sorted(patterns, key=lambda p: (-p.weight, p.english))
        self._exact = {p.english: p for p in self.patterns if not p.holes}
        self._first: dict[str, list[Pattern]] = {}
        self._last: dict[str, list[Pattern]] = {}
        self._open: list[Pattern] = []
        for pattern in self.patterns:
            first, last = pattern.literals[0], pattern.literals[-1]
            if not pattern.holes:
                continue
            if len(first) >= _KEY:
                self._first.setdefault(first[:_KEY], []).append(pattern)
            elif len(last) >= _KEY:
                self._last.setdefault(last[-_KEY:], []).append(pattern)
            else:
                self._open.append(pattern)

    def candidates(self, text: str) -> Iterator[Pattern]:
        exact = self._exact.get(text)
        if exact is not None:
            yield exact
        known = (*self._first.get(text[:_KEY], ()), *self._last.get(text[-_KEY:], ()), *self._open)
        found = [pattern for pattern in known if pattern.may_fit(text)]
        yield from sorted(found, key=lambda p: -p.weight) if len(found) > 1 else found
