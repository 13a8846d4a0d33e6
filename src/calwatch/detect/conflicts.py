"""Which of many spans overlap: all pairs at once, and those of one new span against an index.

Both work on sorted starts; a span with no length blocks nothing and overlaps nothing (RFC 5545 §3.6.1).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from calwatch.model.span import Span

_LONG = 86_400.0  # a day: longer spans would make every search reach far back, so they are kept apart

_Row = tuple[float, float, int]


def _rows(spans: Sequence[Span]) -> list[_Row]:
    """(start, end, position) by start. Seconds since the epoch as floats are exact to the microsecond until 2242."""
    return sorted(
        (span.start.timestamp(), span.end.timestamp(), index)
        for index, span in enumerate(spans)
        if span.start < span.end
    )


def overlapping(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """All pairs (i, j), i < j, of positions whose spans share time, sorted; O(n log n + pairs)."""
    rows = _rows(spans)
    pairs: list[tuple[int, int]] = []
    for position, (_, end, index) in enumerate(rows, start=1):
        ahead = position
        while ahead < len(rows) and rows[ahead][0] < end:
            other = rows[ahead][2]
            pairs.append((index, other) if index < other else (other, index))
            ahead += 1
    pairs.sort()
    return pairs


class Conflicts:
    """An index of spans that answers which of them one span overlaps, in O(log n + hits)."""

    def __init__(self, spans: Sequence[Span]) -> None:
        rows = _rows(spans)
        self._short = [row for row in rows if row[1] - row[0] <= _LONG]
        self._long = [row for row in rows if row[1] - row[0] > _LONG]
        self._starts = [row[0] for row in self._short]
        self._reach = max((row[1] - row[0] for row in self._short), default=0.0)

    def of(self, span: Span) -> list[int]:
        """Positions of the spans that share time with ``span``, ascending."""
        start, end = span.start.timestamp(), span.end.timestamp()
        if start >= end:
            return []
        first = bisect_left(self._starts, start - self._reach)
        last = bisect_left(self._starts, end)
        hits = [index for _, row_end, index in self._short[first:last] if row_end > start]
        hits += [index for row_start, row_end, index in self._long if row_start < end and start < row_end]
        return sorted(hits)
