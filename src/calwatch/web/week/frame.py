"""What stands around the blocks: the names of the days, the hours of both sides, and below it what everything means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise

from calwatch.model.plain import one_line
from calwatch.web.week import markup
from calwatch.web.week.clocks import OtherClock, place_name
from calwatch.web.week.lettering import clip, width
from calwatch.web.week.plan import SMALL, TEXT, WIDTH, Column, Plan
from calwatch.web.week.values import Kind, Week

_LEGEND = (Kind.INTERVIEW, Kind.CLASH, Kind.OFFERED, Kind.ALTERNATIVE, Kind.BUSY)
_LINE, _SWATCH, _BETWEEN, _ROOM = 16.0, 13.0, 4.0, 11.0
_EVERY_HOUR = 20.0
"""Rows at least that high have each hour written beside them."""
_STARS = "*†‡§"


def lines(planned: Plan) -> Iterator[str]:
    """The hours across all days, the edges between days, and dots where days are missing."""
    across = f"H{markup.number(planned.right)}"
    left = markup.number(planned.left)
    yield markup.path("line", "".join(f"M{left} {markup.number(planned.y(hour))}{across}" for hour in planned.hours))
    top, bottom = markup.number(planned.head - 4), markup.number(planned.bottom)
    edges = {False: "", True: ""}
    for before, column in pairwise(planned.columns):
        x = (before.x + before.width + column.x) / 2
        edges[column.gap] += f"M{markup.number(x)} {top}V{bottom}"
    yield markup.path("line", edges[False])
    yield markup.path("gap", edges[True])


def hours(planned: Plan, week: Week) -> Iterator[str]:
    """The person's hours on the left, the recipient's on the right."""
    written = planned.hours[:: 1 if planned.row >= _EVERY_HOUR else 2]
    heights = {hour: planned.y(hour) + SMALL * 0.36 for hour in written}
    size = f' font-size="{SMALL:g}"'
    left, right, room = planned.left - 4, planned.right + 4, WIDTH / 2 - 4
    mine = [markup.text(left, y, f"{hour % 24:02}:00") for hour, y in heights.items()]
    yield markup.group("mine", mine, f'{size} text-anchor="end"')
    if planned.other is None:
        return
    yield markup.group("theirs", [markup.text(right, y, planned.other.says(h)) for h, y in heights.items()], size)
    names = [clip(place_name(zone), room, SMALL) for zone in (week.zone, planned.other.zone)]
    yield markup.group("mine", [markup.text(0, SMALL, names[0])], size)
    yield markup.group("theirs", [markup.text(WIDTH, SMALL, names[1])], f'{size} text-anchor="end"')


def heads(planned: Plan, week: Week) -> Iterator[str]:
    """Each day's name and date, with its month where that is new; a star where the right axis is not that day's."""
    names: list[str] = []
    before: date | None = None
    for column in planned.columns:
        day = column.day
        star = _star(planned, day)
        with_month = before is None or before.month != day.month
        dated = _dated(column, week.locale, with_month=with_month, star=star)
        if day == week.today:
            wide = min(width(dated, TEXT, bold=True) + 6, column.width)
            yield markup.rectangle(column.middle - wide / 2, planned.head - 17, wide, 14, ' class="week-today"')
        names.append(markup.text(column.middle, planned.head - 20, _formatted(day, "E", week.locale)))
        state = ' class="week-date week-on-today"' if day == week.today else ' class="week-date"'
        names.append(markup.text(column.middle, planned.head - 6, dated, state))
        before = day
    yield markup.group("days", names, ' text-anchor="middle"')


def _dated(column: Column, locale: str, *, with_month: bool, star: str) -> str:
    """The longest way to write the date that fits."""
    for skeleton in ("MMMd", "Md") if with_month else ():
        dated = _formatted(column.day, skeleton, locale) + star
        if width(dated, TEXT, bold=True) <= column.width:
            return dated
    return f"{column.day.day}{star}"


@lru_cache(maxsize=512)
def _formatted(day: date, skeleton: str, locale: str) -> str:
    from babel.dates import format_skeleton

    return str(format_skeleton(skeleton, day, locale=locale))


# -- below the days --------------------------------------------------------------------------------------------------


def notes(planned: Plan, week: Week) -> list[str]:
    """What the axes alone would tell wrong, or not at all."""
    found: list[str] = []
    if planned.other is not None:
        for day in {_star(planned, column.day): column.day for column in planned.columns[::-1]}.values():
            star = _star(planned, day)
            if star:
                found.append(f"{star} {_equal(planned.other, day)}")
    drawn = {box.block for box in (*planned.boxes, *planned.strips)}
    hidden = [block for block in week.blocks if block.kind is Kind.OFFERED and block not in drawn]
    if hidden:
        more = ", ".join(block.label for block in hidden if block.label) or str(len(hidden))
        found.append(f"… {week.labels.offered}: {more}")
    return found


def _equal(other: OtherClock, day: date) -> str:
    return f"12:00 {place_name(other.own_zone)} = {other.says(12, day)} {place_name(other.zone)}"


def _star(planned: Plan, day: date) -> str:
    if planned.other is None or not planned.other.differs(day):
        return ""
    kinds = dict.fromkeys(planned.other.ahead(c.day) for c in planned.columns if planned.other.differs(c.day))
    return _STARS[min(list(kinds).index(planned.other.ahead(day)), len(_STARS) - 1)]


def _meaning(kind: Kind, week: Week) -> str:
    """The legend's word; with the name of what clashes, which seldom fits into its block on a phone."""
    word = week.labels.of(kind)
    names = [one_line(b.label) for b in week.blocks if b.kind is kind and b.label]
    if kind not in (Kind.INTERVIEW, Kind.CLASH) or not names:
        return word
    return f"{word}: {names[0]}" + (f" +{len(names) - 1}" if len(names) > 1 else "")


def legend(planned: Plan, week: Week, fills: dict[Kind, str]) -> tuple[list[str], float]:
    """A swatch and a word for each kind there is, below the notes; and where all of it ends."""
    parts: list[str] = []
    y = planned.bottom + 12
    for note in notes(planned, week):
        parts.append(markup.text(_BETWEEN, y + 9, clip(note, WIDTH - _BETWEEN, SMALL), f' font-size="{SMALL:g}"'))
        y += _LINE
    present = {box.kind for box in (*planned.boxes, *planned.strips, *planned.behind)}
    x = _BETWEEN
    for kind in _LEGEND:
        if kind not in present:
            continue
        word = clip(_meaning(kind, week), WIDTH - 2 * _BETWEEN - _SWATCH, TEXT)
        wide = _SWATCH + _BETWEEN + width(word, TEXT)
        if x > _BETWEEN and x + wide > WIDTH:
            x, y = _BETWEEN, y + _LINE
        swatch = [markup.rectangle(x, y, _SWATCH, _SWATCH - 2)]
        if kind is Kind.OFFERED:
            swatch.append(markup.circle(x + _SWATCH / 2, y + _SWATCH / 2 - 1, 3.5))
        parts.append(markup.group(kind.value, swatch, fills.get(kind, "")))
        parts.append(markup.text(x + _SWATCH + _BETWEEN, y + 9.5, word))
        x += wide + _ROOM
    return [markup.group("legend", parts)], y + _LINE
