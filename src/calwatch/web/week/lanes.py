"""The blocks of one day beside each other where they share time, so that none hides another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from calwatch.web.week.days import Piece
from calwatch.web.week.values import Kind

MOST = 3
"""What would need more lanes than this lies over the last one."""

_LOWEST, _LOWEST_BUSY = 13.0, 3.0
"""So high is drawn at least what is shorter; the number of an offer still fits."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece from ``top`` to ``bottom`` (units below the first row), in lane ``lane`` of ``lanes``."""

    piece: Piece
    top: float
    bottom: float
    lane: int = 0
    lanes: int = 1

    @property
    def kind(self) -> Kind:
        return self.piece.kind


def side_by_side(pieces: Iterable[Piece], rows: range, row: float) -> list[Placed]:
    """One day's pieces within the rows, each ``row`` high; taken time stays behind the others, as wide as the day."""
    parts = [piece for piece in pieces if not piece.whole]
    taken = [p for p in parts if p.kind is Kind.BUSY and p.begin < rows[-1] and rows[0] < p.end]
    telling = [_within(p, rows, row) for p in parts if p.kind is not Kind.BUSY]
    telling.sort(key=lambda placed: (placed.top, -placed.bottom, placed.kind))
    return [*(_within(piece, rows, row) for piece in taken), *_in_lanes(telling)]


def _within(piece: Piece, rows: range, row: float) -> Placed:
    first, last = 0.0, (rows[-1] - rows[0]) * row
    top = max((piece.begin - rows[0]) * row, first)
    bottom = min((piece.end - rows[0]) * row, last)
    bottom = max(bottom, top + (_LOWEST_BUSY if piece.kind is Kind.BUSY else _LOWEST))
    sunk = max(bottom - last, 0.0)  # what is short and late grows upwards
    return Placed(piece, top - sunk, bottom - sunk)


def _in_lanes(placed: Sequence[Placed]) -> Iterator[Placed]:
    """Sorted by their tops: each in the first lane that is free, as wide as its cluster of overlapping ones allows."""
    cluster: list[Placed] = []
    ends: list[float] = []
    for one in placed:
        if ends and one.top >= max(ends):
            yield from (replace(p, lanes=len(ends)) for p in cluster)
            cluster, ends = [], []
        lane = next((number for number, end in enumerate(ends) if end <= one.top), len(ends))
        if lane == len(ends) < MOST:
            ends.append(one.bottom)
        else:
            lane = min(lane, MOST - 1)
            ends[lane] = max(ends[lane], one.bottom)
        cluster.append(replace(one, lane=lane))
    yield from (replace(p, lanes=len(ends)) for p in cluster)
