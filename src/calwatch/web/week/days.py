"""The columns of the picture: which days it shows, and the part of each block that lies on each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from calwatch.model.span import Span, merge
from calwatch.web.week.values import Block, Kind

MOST = 8
"""So many columns can still be read on a phone."""
DAY = timedelta(days=1)

_A_WEEK = 7
_ENOUGH = 6
"""Times that are only alternatives bring no more days than this many."""
_ORDER = (Kind.INTERVIEW, Kind.CLASH, Kind.OFFERED, Kind.ALTERNATIVE)
_EARLIEST, _LATEST = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a block on one day, in hours of that day's wall clock (0 to 24)."""

    block: Block
    day: date
    begin: float
    end: float
    whole: bool
    """Whether it is all of that day, which may have 23 or 25 hours."""

    @property
    def kind(self) -> Kind:
        return self.block.kind


def days(blocks: Iterable[Block], zone: str) -> list[date]:
    """The days to show: all from the first that matters to the last if that is a week at most, else only those.

    At most ``MOST``; where there are more, the interview's and what clashes with it come first, then offers by time.
    """
    place, blocks = ZoneInfo(zone), list(blocks)
    interviews = [block.span for block in blocks if block.kind is Kind.INTERVIEW]
    chosen: set[date] = set()
    for kind in _ORDER:
        wanted = {day for b in blocks if b.kind is kind for day in _touched(_telling(b, interviews), place)}
        most = _ENOUGH if kind is Kind.ALTERNATIVE else MOST
        chosen.update(sorted(wanted - chosen)[: max(most - len(chosen), 0)])
    if chosen and (max(chosen) - min(chosen)).days < _A_WEEK:
        return [min(chosen) + n * DAY for n in range((max(chosen) - min(chosen)).days + 1)]
    return sorted(chosen)


def is_gap(before: date, after: date) -> bool:
    """Whether days are missing between two columns."""
    return after - before > DAY


def gaps(shown: Sequence[date]) -> list[bool]:
    """For each column whether days are missing before it."""
    return [False, *(is_gap(a, b) for a, b in pairwise(shown))][: len(shown)]


def pieces(blocks: Iterable[Block], shown: Iterable[date], zone: str) -> list[Piece]:
    """Every block cut at midnight, on the days shown; taken time is joined where it touches."""
    place, blocks = ZoneInfo(zone), list(blocks)
    telling = [block for block in blocks if block.kind is not Kind.BUSY]
    taken = [Block(span, Kind.BUSY) for span in merge(block.span for block in blocks if block.kind is Kind.BUSY)]
    return [piece for day in shown for piece in _on(day, (*taken, *telling), place)]


def midnight(day: date, place: ZoneInfo) -> datetime:
    """When that day begins there; the moment the clock is put forward, where it has no midnight."""
    return datetime.combine(day, time(0), place).astimezone(UTC)


def _on(day: date, blocks: Iterable[Block], place: ZoneInfo) -> Iterator[Piece]:
    opens, closes = midnight(day, place), midnight(day + DAY, place)
    for block in blocks:
        span = block.span
        if not ((span.start < closes and opens < span.end) or opens <= span.start == span.end < closes):
            continue
        begin, end = max(span.start, opens).astimezone(UTC), min(span.end, closes).astimezone(UTC)
        if (begin, end) == (opens, closes):
            yield Piece(block, day, 0.0, 24.0, whole=True)
        else:  # the clock may be put back in between
            first, last = sorted((_hour(begin, day, place), _hour(end, day, place)))
            yield Piece(block, day, first, last, whole=False)


def _hour(moment: datetime, day: date, place: ZoneInfo) -> float:
    local = moment.astimezone(place)
    if local.date() > day:
        return 24.0
    return local.hour + local.minute / 60 + local.second / 3600


def _telling(block: Block, interviews: Sequence[Span]) -> Span:
    """Of what clashes only the part that does: a fortnight away needs no column for each of its days."""
    if block.kind is not Kind.CLASH:
        return block.span
    for interview in interviews:
        if interview.overlaps(block.span):
            return Span(max(interview.start, block.span.start), min(interview.end, block.span.end))
    return Span(block.span.start, block.span.start)


def _touched(span: Span, place: ZoneInfo) -> Iterator[date]:
    """Its first few days."""
    if span.end < _EARLIEST or span.start > _LATEST:
        return
    day = max(span.start, _EARLIEST).astimezone(place).date()
    for _ in range(MOST):
        yield day
        day += DAY
        if midnight(day, place) >= span.end:
            return
