"""Taken time as sorted stretches that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from calwatch.model.span import Span

Taken = tuple[Span, ...]


def merged(spans: Iterable[Span], window: Span) -> Taken:
    """Taken time clipped to ``window``, overlapping stretches as one; those that only touch stay apart."""
    inside = (Span(max(s.start, window.start), min(s.end, window.end)) for s in spans if s.overlaps(window))
    return joined(inside, frozenset())


def joined(spans: Iterable[Span], seams: Iterable[datetime]) -> Taken:
    """Touching spans are two appointments, unless they touch where one question ended and the next began."""
    cut = frozenset(seams)
    joined: list[Span] = []
    for span in sorted(s for s in spans if s.start < s.end):
        last = joined[-1] if joined else None
        if last is not None and (span.start < last.end or (span.start == last.end and last.end in cut)):
            joined[-1] = Span(last.start, max(last.end, span.end))
        else:
            joined.append(span)
    return tuple(joined)
