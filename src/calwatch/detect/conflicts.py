"""Which of many spans overlap: all pairs at once, and those of one new span against an index.

Both work on sorted starts; a span with no length blocks nothing and overlaps nothing (RFC 5545 §3.6.1).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from calwatch.model.span import Span

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONG = 86_400_000_000  # a day: longer spans would make every search reach far back, so they are kept apart


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def overlapping(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """All pairs (i, j), i < j, of positions whose spans share time, sorted; O(n log n + pairs)."""
    rows = sorted(
        (_number(span.start), _number(span.end), index) for index, span in enumerate(spans) if span.start < span.end
    )
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
        rows = sorted(
            (_number(span.start), _number(span.end), index) for index, span in enumerate(spans) if span.start < span.end
        )
        self._short = [row for row in rows if row[1] - row[0] <= _LONG]
        self._long = [row for row in rows if row[1] - row[0] > _LONG]
        self._starts = [row[0] for row in self._short]
        self._reach = max((row[1] - row[0] for row in self._short), default=0)

    def of(self, span: Span) -> list[int]:
        """Positions of the spans that share time with ``span``, ascending."""
        start, end = _number(span.start), _number(span.end)
        if start >= end:
            return []
        first = bisect_left(self._starts, start - self._reach)
        last = bisect_left(self._starts, end)
        hits = [index for _, row_end, index in self._short[first:last] if row_end > start]
        hits += [index for row_start, row_end, index in self._long if row_start < end and start < row_end]
        return sorted(hits)
