"""The picture of the days around an interview, as inline SVG: what is taken, what clashes, and what is offered.

Pure: spans and zone names in, markup out. It is styled by classes only (``static/week.css``), so that the page's
policy needs no exception. Times of the person are on the left axis, the recipient's on the right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from html import escape
from math import ceil, floor
from zoneinfo import ZoneInfo

from calwatch.model.span import Span

WIDTH = 360
"""Units of the drawing; about the pixels of a phone, so that its text is as large as the page's small print."""

_AXIS, _HEAD, _HOUR, _GAP = 31.0, 30.0, 17.0, 7.0
_MOST_DAYS = 8
_CONTIGUOUS = 7
_LOWEST = 5.0
"""So high is drawn at least what is shorter."""
_FROM, _TO = 8.0, 18.0
_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What a block is, in the order they are drawn: later ones lie above."""

    BUSY = "busy"
    ALTERNATIVE = "alternative"
    OFFERED = "offered"
    CLASH = "clash"
    INTERVIEW = "interview"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time. ``label`` is shown in it: a name, or the number of an offered time; a stranger's words."""

    span: Span
    kind: Kind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """The picture's words: its name, all of it in a sentence or two, and the legend."""

    name: str
    described: str
    busy: str
    interview: str
    clash: str
    offered: str
    alternative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What to draw. ``zone`` is the person's (IANA), ``other_zone`` the recipient's where that is known."""

    blocks: Sequence[Block]
    zone: str
    other_zone: str | None
    today: date | None
    labels: Labels
    locale: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """The part of a block on one day; hours of its wall clock."""

    block: Block
    day: date
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where things are drawn."""

    days: Sequence[date]
    first: float
    last: float
    left: float
    right: float

    def x(self, day: date) -> float:
        number = self.days.index(day)
        return self.left + number * self.width + self._gaps(number)

    @property
    def width(self) -> float:
        return (WIDTH - self.left - self.right - self._gaps(len(self.days) - 1)) / max(len(self.days), 1)

    def y(self, hour: float) -> float:
        return _HEAD + (hour - self.first) * _HOUR

    @property
    def bottom(self) -> float:
        return self.y(self.last)

    def _gaps(self, before: int) -> float:
        pairs = zip(self.days, self.days[1 : before + 1], strict=False)
        return _GAP * sum(after - day > _DAY for day, after in pairs)


def draw(week: Week, *, prefix: str = "week") -> str:
    """The SVG element; "" when nothing but taken time would be on it. ``prefix`` keeps ids apart on one page."""
    pieces = list(_pieces(week))
    days = _days(pieces)
    if not days:
        return ""
    shown = [piece for piece in pieces if piece.day in days]
    grid = _grid(week, shown, days)
    height = grid.bottom + 24
    parts = [
        f'<svg class="week" viewBox="0 0 {WIDTH} {_n(height)}" role="img" aria-labelledby="{prefix}-t {prefix}-d">',
        f'<title id="{prefix}-t">{_text(week.labels.name)}</title>',
        f'<desc id="{prefix}-d">{_text(week.labels.described)}</desc>',
        f'<defs><pattern id="{prefix}-h" width="5" height="5" patternUnits="userSpaceOnUse"',
        ' patternTransform="rotate(45)"><path class="week-hatch" d="M0 0V5"/></pattern></defs>',
        *_axes(week, grid),
        *_heads(week, grid),
    ]
    order = list(Kind)
    for piece in sorted(shown, key=lambda p: order.index(p.block.kind)):
        parts += _drawn(piece, shown, grid, prefix)
    parts += _legend(week.labels, shown, grid, prefix)
    return "".join([*parts, "</svg>"])


# -- what is on it ---------------------------------------------------------------------------------------------------


def _pieces(week: Week) -> Iterator[_Piece]:
    place = ZoneInfo(week.zone)
    for block in week.blocks:
        day = block.span.start.astimezone(place).date()
        while (midnight := datetime.combine(day, time(0), place).astimezone(UTC)) < block.span.end:
            begin = max(block.span.start, midnight)
            end = min(block.span.end, datetime.combine(day + _DAY, time(0), place).astimezone(UTC))
            if begin < end:
                yield _Piece(block, day, _hour(begin, place, day), _hour(end, place, day))
            day += _DAY


def _hour(moment: datetime, place: ZoneInfo, day: date) -> float:
    local = moment.astimezone(place)
    if local.date() > day:
        return 24.0
    return local.hour + local.minute / 60 + local.second / 3600


def _days(pieces: Sequence[_Piece]) -> list[date]:
    """The days that matter: all between them while that is a week at most, else only those, the latest left out."""
    telling = (Kind.INTERVIEW, Kind.OFFERED), (Kind.CLASH,), (Kind.ALTERNATIVE,)
    chosen: set[date] = set()
    for kinds in telling:
        for day in sorted({p.day for p in pieces if p.block.kind in kinds}):
            if len(chosen | {day}) <= _MOST_DAYS and (kinds[0] is not Kind.ALTERNATIVE or len(chosen) < 5):
                chosen.add(day)
    if not chosen:
        return []
    first, last = min(chosen), max(chosen)
    if (last - first).days < _CONTIGUOUS:
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sorted(chosen)


def _grid(week: Week, pieces: Sequence[_Piece], days: Sequence[date]) -> _Grid:
    telling = [p for p in pieces if p.block.kind is not Kind.BUSY]
    first = floor(min([_FROM, *(p.begin for p in telling)]))
    last = ceil(max([_TO, *(p.end for p in telling)]))
    return _Grid(days, first, last, _AXIS, _AXIS if _has_other(week) else 6.0)


def _has_other(week: Week) -> bool:
    return week.other_zone is not None and week.other_zone != week.zone


# -- how it is drawn -------------------------------------------------------------------------------------------------


def _axes(week: Week, grid: _Grid) -> Iterator[str]:
    end = WIDTH - grid.right
    lines = "".join(f"M{_n(grid.left)} {_n(grid.y(h))}H{_n(end)}" for h in _hours(grid, 1))
    yield f'<path class="week-line" d="{lines}"/>'
    for hour in _hours(grid, 2):
        yield _words("week-hour", grid.left - 4, grid.y(hour) + 3, f"{hour % 24:02d}:00", "end")
    if not _has_other(week):
        return
    place, other = ZoneInfo(week.zone), ZoneInfo(week.other_zone or week.zone)
    day = next((p.day for p in _pieces(week) if p.block.kind is Kind.INTERVIEW), grid.days[0])
    for hour in _hours(grid, 2):
        moment = datetime.combine(day, time(0), place) + timedelta(hours=hour)
        theirs = moment.astimezone(other)
        yield _words("week-hour week-theirs", end + 4, grid.y(hour) + 3, f"{theirs:%H:%M}", "start")
    here, there = (zone.rpartition("/")[2].replace("_", " ") for zone in (week.zone, week.other_zone or ""))
    yield _words("week-zone", 0, 8, _cut(here, 90), "start")
    yield _words("week-zone week-theirs", WIDTH, 8, _cut(there, 90), "end")


def _hours(grid: _Grid, step: int) -> range:
    first = int(grid.first)
    return range(first + (-first % step), int(grid.last) + 1, step)


def _heads(week: Week, grid: _Grid) -> Iterator[str]:
    from babel.dates import format_date

    usual = _apart(week, grid.days[0])
    before: date | None = None
    for day in grid.days:
        x, middle = grid.x(day), grid.x(day) + grid.width / 2
        if before is not None and day - before > _DAY:
            gap = x - _GAP / 2
            yield f'<path class="week-gap" d="M{_n(gap)} {_n(_HEAD - 4)}V{_n(grid.bottom)}"/>'
        classes = "week-day week-today" if day == week.today else "week-day"
        name = format_date(day, "EEE d", locale=week.locale).replace(".", "")
        apart = _apart(week, day) - usual
        mark = f" ({apart:+g} h)" if apart else ""
        yield _words(classes, middle, _HEAD - 8, name + mark, "middle")
        yield f'<path class="week-line" d="M{_n(x)} {_n(_HEAD)}V{_n(grid.bottom)}"/>'
        before = day


def _apart(week: Week, day: date) -> float:
    """Hours the recipient's clock is ahead at noon of a day: where it changes, the right axis is not that day's."""
    if not _has_other(week):
        return 0.0
    noon = datetime.combine(day, time(12), ZoneInfo(week.zone))
    mine, theirs = noon.utcoffset(), noon.astimezone(ZoneInfo(week.other_zone or week.zone)).utcoffset()
    return ((theirs or timedelta(0)) - (mine or timedelta(0))).total_seconds() / 3600


def _drawn(piece: _Piece, pieces: Sequence[_Piece], grid: _Grid, prefix: str) -> Iterator[str]:
    begin, end = max(piece.begin, grid.first), min(piece.end, grid.last)
    if begin >= end:
        return
    kind, label = piece.block.kind, piece.block.label
    x, width = grid.x(piece.day) + 1.5, grid.width - 3
    if kind in (Kind.CLASH, Kind.INTERVIEW) and _meets_other(piece, pieces):
        width = width / 2 - 0.5
        x += width + 1 if kind is Kind.CLASH else 0
    y, height = grid.y(begin) + 0.5, max((end - begin) * _HOUR - 1, _LOWEST)
    fill = f' fill="url(#{prefix}-h)"' if kind is Kind.BUSY else ""
    yield (
        f'<rect class="week-{kind.value}"{fill} x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" '
        'rx="2.5"/>'
    )
    if not label or height < 9:
        return
    if kind is Kind.OFFERED:
        yield _words("week-number", x + width / 2, y + height / 2 + 3.5, _cut(label, width), "middle")
    elif width > 30 or _cut(label, width - 4) == label:  # a letter and three dots tell nothing; the legend does
        yield _words(f"week-label week-on-{kind.value}", x + 2.5, y + 8.5, _cut(label, width - 4), "start")


def _meets_other(piece: _Piece, pieces: Sequence[_Piece]) -> bool:
    """Whether the interview and what clashes with it overlap here: then they stand side by side."""
    other = Kind.CLASH if piece.block.kind is Kind.INTERVIEW else Kind.INTERVIEW
    return any(
        p.block.kind is other and p.day == piece.day and p.begin < piece.end and piece.begin < p.end for p in pieces
    )


def _legend(labels: Labels, pieces: Sequence[_Piece], grid: _Grid, prefix: str) -> Iterator[str]:
    words = {
        Kind.INTERVIEW: labels.interview,
        Kind.CLASH: labels.clash,
        Kind.OFFERED: labels.offered,
        Kind.ALTERNATIVE: labels.alternative,
        Kind.BUSY: labels.busy,
    }
    present = {piece.block.kind for piece in pieces}
    x, y = 4.0, grid.bottom + 12
    for kind, word in words.items():
        if kind not in present:
            continue
        fill = f' fill="url(#{prefix}-h)"' if kind is Kind.BUSY else ""
        yield f'<rect class="week-{kind.value}"{fill} x="{_n(x)}" y="{_n(y - 1)}" width="9" height="9" rx="2"/>'
        yield _words("week-legend", x + 12, y + 7, word, "start")
        x += 20 + len(word) * 5.1


def _words(classes: str, x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="{classes}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{_text(text)}</text>'


def _cut(text: str, width: float) -> str:
    """As much of a label as fits; a letter is about five units wide."""
    most = max(int(width / 4.7), 1)
    return text if len(text) <= most else text[: max(most - 1, 1)].rstrip() + "…"


def _text(text: str) -> str:
    """Anybody's words as text of the markup: escaped, and without control characters, which XML does not know."""
    return escape("".join(c for c in text if c.isprintable()), quote=True)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
