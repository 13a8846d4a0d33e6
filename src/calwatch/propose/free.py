"""Free time as sorted stretches of epoch seconds, and whether times offered earlier are still free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import ceil, floor

from calwatch.model.span import Span
from calwatch.propose.hours import Stretch


def still_free(
    spans: Sequence[Span],
    busy: Sequence[Span],
    reserved: Sequence[Span] = (),
    buffer: timedelta = timedelta(0),
) -> tuple[Span, ...]:
    """Those of the offered ``spans`` that are *not* free any more, in their order; empty when all still are.

    ``buffer`` is kept free around ``busy`` and ``reserved``. A window counts as taken as soon as any part of it is:
    the letter promised all of it.
    """
    blocked = merged([*stretches(busy, buffer), *stretches(reserved, buffer)])
    return tuple(span for span in spans if common(stretches([span]), blocked))


def stretches(spans: Iterable[Span], margin: timedelta = timedelta(0)) -> list[Stretch]:
    """Spans as epoch seconds, rounded outward, with ``margin`` on both sides; spans without length block nothing."""
    pad = int(margin.total_seconds())
    return [
        (floor(span.start.timestamp()) - pad, ceil(span.end.timestamp()) + pad)
        for span in spans
        if span.start < span.end
    ]


def merged(blocked: Iterable[Stretch]) -> list[Stretch]:
    """The same time sorted and disjoint; empty stretches are dropped, touching ones joined."""
    found: list[Stretch] = []
    last = None
    for start, end in sorted(blocked):
        if start >= end:
            continue
        if last is None or start > last:
            found.append((start, end))
            last = end
        elif end > last:
            found[-1] = (found[-1][0], end)
            last = end
    return found


def common(one: Sequence[Stretch], other: Sequence[Stretch]) -> list[Stretch]:
    """The time in both of two sorted, disjoint sequences: one pass with two pointers."""
    found: list[Stretch] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found


def without(allowed: Sequence[Stretch], blocked: Sequence[Stretch]) -> list[Stretch]:
    """``allowed`` less ``blocked``, both sorted and disjoint: one pass with two pointers."""
    found: list[Stretch] = []
    j = 0
    for start, end in allowed:
        while j < len(blocked) and blocked[j][1] <= start:
            j += 1
        at, k = start, j
        while k < len(blocked) and blocked[k][0] < end:
            if blocked[k][0] > at:
                found.append((at, blocked[k][0]))
            at = max(at, blocked[k][1])
            k += 1
        if at < end:
            found.append((at, end))
    return found
