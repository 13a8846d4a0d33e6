"""Half-open stretches of time between aware instants; the one shape in which all busy time is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """``[start, end)`` between two aware datetimes; ``start == end`` is allowed, blocks nothing (RFC 5545 §3.6.1)."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span needs aware datetimes")
        if self.end < self.start:
            raise ValueError("a span ends before it starts")

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Whether both share at least one instant; touching ends do not overlap."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def padded(self, margin: timedelta) -> Span:
        """This span with ``margin`` added on each side."""
        return Span(self.start - margin, self.end + margin)


def merge(spans: Iterable[Span]) -> list[Span]:
    """The same time as sorted, disjoint spans; touching ones are joined and empty ones dropped."""
    merged: list[Span] = []
    for span in sorted(s for s in spans if s.start < s.end):
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged
