"""The budget of one reading: a file full of hostile series costs seconds, and the person is told what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from calwatch.model.event import Event, Series
from calwatch.model.span import Span
from calwatch.ports import Problem
from calwatch.recur.labour import LABOUR, within

_MOST_NAMED = 50
_SENTENCE = "repeats beyond all measure; only its first date is considered; correct its RRULE, or remove it"


def measured(
    items: Sequence[Event | Series], problems: Sequence[Problem], window: Span, budget: int = LABOUR
) -> tuple[list[Event | Series], list[Problem]]:
    """``items`` within the budget, and ``problems`` with one word per resource about the series beyond it."""
    kept, dear = within(items, window, budget)
    said = {problem.ref: problem for problem in problems}
    by_ref: dict[str, list[Series]] = {}
    for series in dear:
        by_ref.setdefault(series.ref, []).append(series)
    for ref, several in list(by_ref.items())[:_MOST_NAMED]:
        first = several[0]
        reason = f"{first.uid} {_SENTENCE}" if first.uid != ref else f"it {_SENTENCE}"
        if len(several) > 1:
            reason += f"; and so do {len(several) - 1} more in this file"
        earlier = f"{said[ref].reason}; " if ref in said else ""
        said[ref] = Problem(ref, earlier + reason, first.etag)
    return kept, list(said.values())
