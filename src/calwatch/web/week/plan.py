"""Where everything of the picture lies, in its own units: columns, rows, and a box for each piece of a block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from calwatch.web.week.clocks import OtherClock, hours, other_clock
from calwatch.web.week.days import MOST, Piece, days, gaps, pieces
from calwatch.web.week.lanes import Placed, side_by_side
from calwatch.web.week.lettering import width
from calwatch.web.week.values import Block, Kind, Week

WIDTH = 360.0
"""About the pixels of a phone, so that text there is about as large as its font size says."""
SMALL, TEXT = 10.0, 11.0
"""Font sizes."""
SEAM = 6.0
"""Room between blocks side by side; the jagged line between interview and clash is drawn in it."""

_MARGIN, _CAPTION, _HEAD, _STRIP = 5.0, 15.0, 32.0, 16.0
_ROWS, _LOW_ROW, _HIGH_ROW = 300.0, 15.0, 28.0
_GUTTER, _GAP = 2.0, 12.0
_EMPTY, _BESIDE = 0.6, 1.4
_MOST_STRIPS = 3
_WEIGHT = tuple(reversed(Kind))


@dataclass(frozen=True, slots=True)
class Column:
    """One day. ``gap`` tells that days are missing before it."""

    day: date
    x: float
    width: float
    gap: bool

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of a block, or whole days of it, as a rectangle. ``lane`` counts blocks side by side from the left."""

    block: Block
    x: float
    y: float
    width: float
    height: float
    lane: int = 0

    @property
    def kind(self) -> Kind:
        return self.block.kind

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Seam:
    """Where the interview and what clashes with it touch."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole picture: days from ``left`` to ``right``, rows from ``top`` to ``bottom``, days' names above ``head``.

    ``strips`` are whole days, between ``head`` and ``top``; ``behind`` are their columns, under everything else.
    """

    columns: Sequence[Column]
    hours: range
    row: float
    other: OtherClock | None
    left: float
    right: float
    head: float
    top: float
    strips: Sequence[Box]
    behind: Sequence[Box]
    boxes: Sequence[Box]
    seams: Sequence[Seam]

    @property
    def bottom(self) -> float:
        return self.y(self.hours[-1])

    def y(self, hour: float) -> float:
        """Where that time of the day is."""
        return self.top + (hour - self.hours[0]) * self.row


def plan(week: Week) -> Plan | None:
    """``None`` when nothing but taken time would be on it."""
    shown = days(week.blocks, week.zone)
    if not shown:
        return None
    cut = pieces(week.blocks, shown, week.zone)
    rows = hours(cut)
    row = min(max(_ROWS / (len(rows) - 1), _LOW_ROW), _HIGH_ROW)
    other = other_clock(shown, cut, week.zone, week.other_zone)
    left = width("00:00", SMALL) + _MARGIN
    right = WIDTH - (max(width(other.says(hour), SMALL) for hour in rows) if other else 0.0) - _MARGIN
    placed = {day: side_by_side((p for p in cut if p.day == day), rows, row) for day in shown}
    telling = {piece.day for piece in cut if piece.kind is not Kind.BUSY}
    shares = [_share(placed[day]) if day in telling else _EMPTY for day in shown]
    columns = _columns(shown, shares, left, right)
    head = _HEAD + (_CAPTION if other else 0.0)
    whole = [piece for piece in cut if piece.whole]
    strips = _strips(whole, columns, head)
    top = max([head, *(strip.bottom + _GUTTER for strip in strips)])
    boxes = [[_box(one, column, top) for one in placed[column.day]] for column in columns]
    return Plan(
        columns=columns,
        hours=rows,
        row=row,
        other=other,
        left=left,
        right=right,
        head=head,
        top=top,
        strips=strips,
        behind=list(_behind(whole, columns, top, (rows[-1] - rows[0]) * row)),
        boxes=[box for of_day in boxes for box in of_day],
        seams=[seam for of_day in boxes for seam in _seams(of_day)],
    )


def _columns(shown: Sequence[date], shares: Sequence[float], left: float, right: float) -> list[Column]:
    missing = gaps(shown)
    unit = (right - left - _GAP * sum(missing)) / sum(shares)
    found, x = [], left
    for day, share, gap in zip(shown, shares, missing, strict=True):
        x += _GAP if gap else 0.0
        found.append(Column(day, x, share * unit, gap))
        x += share * unit
    return found


def _share(placed: Iterable[Placed]) -> float:
    """How much room a day gets: more where blocks stand side by side."""
    return 1.0 + _BESIDE * max((one.lanes - 1 for one in placed), default=0)


def _box(one: Placed, column: Column, top: float) -> Box:
    room = column.width - 2 * _GUTTER
    seam = min(SEAM, room / 4)
    wide = (room - seam * (one.lanes - 1)) / one.lanes
    x = column.x + _GUTTER + one.lane * (wide + seam)
    return Box(one.piece.block, x, top + one.top, wide, one.bottom - one.top, one.lane)


def _seams(boxes: Sequence[Box]) -> Iterator[Seam]:
    interviews = [box for box in boxes if box.kind is Kind.INTERVIEW]
    clashes = [box for box in boxes if box.kind is Kind.CLASH]
    for one, other in product(interviews, clashes):
        top, bottom = max(one.y, other.y), min(one.bottom, other.bottom)
        if abs(one.lane - other.lane) == 1 and top < bottom:
            first, second = sorted((one, other), key=lambda box: box.x)
            yield Seam((first.x + first.width + second.x) / 2, top, bottom)


def _strips(whole: Sequence[Piece], columns: Sequence[Column], head: float) -> list[Box]:
    """Whole days as bars over neighbouring columns, one below the other where they share a day."""
    by_day = {column.day: number for number, column in enumerate(columns)}
    found: list[Box] = []
    taken: list[set[int]] = []
    of_weight = sorted({id(p.block): p.block for p in whole}.values(), key=lambda b: _WEIGHT.index(b.kind))
    for block in of_weight[: _MOST_STRIPS * MOST]:
        for run in _runs([by_day[p.day] for p in whole if p.block is block], columns):
            level = next((n for n, used in enumerate(taken) if not used & set(run)), len(taken))
            if level == _MOST_STRIPS:
                continue  # its columns are drawn all the same
            if level == len(taken):
                taken.append(set())
            taken[level] |= set(run)
            first, last = columns[run[0]], columns[run[-1]]
            x, end = first.x + _GUTTER, last.x + last.width - _GUTTER
            found.append(Box(block, x, head + level * _STRIP, end - x, _STRIP - _GUTTER))
    return found


def _runs(numbers: Sequence[int], columns: Sequence[Column]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1 and not columns[number].gap:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _behind(whole: Sequence[Piece], columns: Sequence[Column], top: float, height: float) -> Iterator[Box]:
    for column in columns:
        of_day = [piece.block for piece in whole if piece.day == column.day]
        for kind in (Kind.CLASH, Kind.BUSY):
            block = next((block for block in of_day if block.kind is kind), None)
            if block is not None:
                yield Box(block, column.x + _GUTTER, top, column.width - 2 * _GUTTER, height)
                break
