"""The markup of the picture: one SVG element without styles of its own, for the page of one draft."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from calwatch.model.plain import one_line
from calwatch.web.week import frame, markup
from calwatch.web.week.days import DAY
from calwatch.web.week.lettering import clip, width, wrap
from calwatch.web.week.plan import SEAM, SMALL, TEXT, WIDTH, Box, Plan, Seam, plan
from calwatch.web.week.values import Kind, Week

_PREFIX = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_LINE, _PAD, _DOT = 12.5, 4.0, 6.5
_MOST_LINES = 4
_NARROW = 60.0
_TWO_DIGITS = 8.5
_TOOTH = 3.5


def draw(week: Week, *, prefix: str = "week") -> str:
    """The SVG element; "" when nothing but taken time would be on it. ``prefix`` keeps ids apart on one page.

    Raises ValueError for a prefix that is no plain name, and ZoneInfoNotFoundError for a zone nobody knows.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"{prefix!r} cannot begin an id")
    planned = plan(week)
    if planned is None:
        return ""
    fills = {kind: f' fill="url(#{prefix}-{kind.value})"' for kind in (Kind.BUSY, Kind.CLASH)}
    legend, height = frame.legend(planned, week, fills)
    place = ZoneInfo(week.zone)
    described = " ".join([week.labels.described, *frame.notes(planned, week)])
    size, named = f"0 0 {WIDTH:g} {markup.number(height)}", f"{prefix}-name {prefix}-words"
    return "".join(
        [
            f'<svg class="week" viewBox="{size}" role="img" aria-labelledby="{named}" font-size="{TEXT:g}">',
            f'<title id="{prefix}-name">{markup.words(week.labels.name)}</title>',
            f'<desc id="{prefix}-words">{markup.words(described, 4000)}</desc>',
            "<defs>",
            *(_hatch(kind, prefix) for kind in fills),
            "</defs>",
            *frame.heads(planned, week),
            *(markup.group(f"behind week-{box.kind.value}", [_shape(box)], fills[box.kind]) for box in planned.behind),
            *frame.lines(planned),
            *frame.hours(planned, week),
            *(markup.group(kind.value, _blocks(planned, kind, place), fills.get(kind, "")) for kind in Kind),
            markup.path("seam", "".join(_teeth(seam) for seam in planned.seams)),
            *legend,
            "</svg>",
        ]
    )


def _hatch(kind: Kind, prefix: str) -> str:
    """Taken time leans one way, what clashes the other: they are told apart without colour."""
    turn, size = (45, 5) if kind is Kind.BUSY else (-45, 7)
    return (
        f'<pattern id="{prefix}-{kind.value}" width="{size}" height="{size}" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate({turn})"><rect class="week-wash-{kind.value}" width="{size}" height="{size}"/>'
        f'<path class="week-hatch-{kind.value}" d="M0 0V{size}"/></pattern>'
    )


def _blocks(planned: Plan, kind: Kind, place: ZoneInfo) -> Iterator[str]:
    for strip in planned.strips:
        if strip.kind is kind:
            yield _shape(strip) + _lettered(strip, "")
    for box in planned.boxes:
        if box.kind is not kind:
            continue
        yield _shape(box)
        if kind is Kind.OFFERED:
            yield from _numbered(box, *_times(box, place))
        elif kind in (Kind.INTERVIEW, Kind.CLASH):
            begin, end = _times(box, place)
            whole = f"{begin}–{end}" if begin else ""
            yield _lettered(box, whole if width(whole, SMALL) <= box.width - 2 * _PAD else begin)


def _times(box: Box, place: ZoneInfo) -> tuple[str, str]:
    span = box.block.span
    if span.duration >= DAY:  # it says nothing of this day, and may end in the year 9999
        return "", ""
    return f"{span.start.astimezone(place):%H:%M}", f"{span.end.astimezone(place):%H:%M}"


def _shape(box: Box) -> str:
    return markup.rectangle(box.x, box.y, box.width, box.height)


def _lettered(box: Box, hours: str) -> str:
    """The block's name as far as it fits, and its time below it where the name leaves room."""
    size, pad = (TEXT, _PAD) if box.width >= _NARROW else (SMALL, _PAD - 1)
    room = box.width - 2 * pad
    most = min(int((box.height - 1) / _LINE), _MOST_LINES)
    label = wrap(one_line(box.block.label), room, size, lines=max(most, 1), bold=True)
    first = 10 + min((box.height - _LINE) / 2, 2)
    small = f' font-size="{SMALL:g}"'
    named = f' class="week-name"{small if size == SMALL else ""}'
    parts = [markup.text(pad, first + n * _LINE, line, named) for n, line in enumerate(label)]
    if hours and len(label) < most and width(hours, SMALL) <= room:
        parts.append(markup.text(pad, first + len(label) * _LINE, hours, small))
    return markup.window(box.x, box.y, box.width, box.height, parts)


def _numbered(box: Box, begin: str, end: str) -> Iterator[str]:
    """The number that the list of times repeats, with the time beside or below it where there is room."""
    label = one_line(box.block.label)
    size = SMALL if len(label) == 1 else _TWO_DIGITS
    label = clip(label, 2 * _DOT, size, bold=True)
    wide = width(begin, SMALL)
    beside = 2 * _DOT + wide + 3 * _PAD <= box.width
    below = not beside and box.height >= 2 * _DOT + _LINE and wide <= box.width
    middle = box.y + (_DOT + 1.5 if below or box.height > 2 * _LINE + _PAD else box.height / 2)
    x = box.x + (_DOT + _PAD if beside else box.width / 2)
    if label and box.width >= 2 * _DOT:
        yield markup.circle(x, middle, min(_DOT, box.height / 2 - 0.5))
        yield markup.text(x, middle + 3.6, label, f' class="week-number" font-size="{size:g}" text-anchor="middle"')
    if beside:
        yield markup.text(x + _DOT + _PAD, middle + 3.6, begin, f' font-size="{SMALL:g}"')
    elif below:
        yield markup.text(x, middle + _DOT + 9.5, begin, f' font-size="{SMALL:g}" text-anchor="middle"')
    if box.height >= 4 * _LINE and wide + _PAD <= box.width:
        yield markup.text(box.x + box.width / 2, box.bottom - _PAD, end, f' font-size="{SMALL:g}" text-anchor="middle"')


def _teeth(seam: Seam) -> str:
    """A jagged line: two things that do not go together."""
    turns = max(round((seam.bottom - seam.top) / _TOOTH), 1)
    step = markup.number((seam.bottom - seam.top) / turns)
    half = min(SEAM / 2, _TOOTH) - 0.8
    there = f"l{markup.number(2 * half)} {step}"
    back = f"l-{markup.number(2 * half)} {step}"
    jag = "".join(back if turn % 2 else there for turn in range(turns))
    return f"M{markup.number(seam.x - half)} {markup.number(seam.top)}{jag}"
