"""The times a letter may offer: free on the user's side, reasonable on the other's, spread over days.

Everything inside is epoch seconds; zones enter only through the cached hours of a day, so that both sides' daylight
saving changes are right by construction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from calwatch.model.span import Span
from calwatch.model.workdays import add_working_days, full_working_day_after
from calwatch.propose.choice import choose
from calwatch.propose.free import common, merged, stretches, without
from calwatch.propose.hours import Stretch, hours_on, office_hours
from calwatch.propose.request import GRID, Offer, SlotRequest

__all__ = ["Offer", "SlotRequest", "bounds", "candidates", "free_stretches", "offer"]

DAYS_BEFORE = 3
"""Working days before the original from which on a time may be offered."""
ALTERNATIVES = 6
_DAYS_AT_MOST = 400
_DAY = timedelta(days=1)
_LUNCH = 13
_LONG_WINDOW = 5 * 3600


def offer(request: SlotRequest) -> Offer:
    """The best few times for ``request`` (product.md §2, "Offered times"), and why there are fewer than wanted."""
    wanted = request.count or request.options.count
    free = free_stretches(request)
    if request.offers_windows:
        possible = list(_windows(free, request))
    else:
        length = request.seconds
        possible = [(start, start + length) for start in _starts(free, length)]
    slots, alternatives = choose(possible, request, wanted=wanted, spare=ALTERNATIVES)
    return Offer(
        slots=tuple(_span(stretch) for stretch in slots),
        alternatives=tuple(_span(stretch) for stretch in alternatives),
        windows=request.offers_windows,
        why=_why(request, found=len(slots), wanted=wanted),
    )


def candidates(request: SlotRequest) -> Iterator[Span]:
    """Every possible slot of ``request`` on the grid, by time; they overlap each other."""
    seconds = request.seconds
    length = timedelta(seconds=seconds)
    for number in _starts(free_stretches(request), seconds):
        start = datetime.fromtimestamp(number, UTC)
        yield Span(start, start + length)


def bounds(request: SlotRequest) -> Stretch:
    """The stretch of time in which offers may lie; empty (start == end) when there is none.

    From the later of ``notice``, a full working day, and three working days before the original; to ``within`` after
    the later of the original and now.
    """
    options = request.options
    earliest = max(
        request.now + options.notice,
        full_working_day_after(request.now, request.zone, request.holidays),
    )
    base = request.now
    if request.original is not None:
        earliest = max(earliest, add_working_days(request.original.start, -DAYS_BEFORE, request.zone, request.holidays))
        base = max(base, request.original.start)
    latest = min(base + options.within, earliest + _DAY * _DAYS_AT_MOST)
    start = -int(-earliest.timestamp() // 1)
    return start, max(start, int(latest.timestamp()))


def free_stretches(request: SlotRequest) -> list[Stretch]:
    """Time that is free and within everybody's hours, sorted and disjoint; holidays and full days are left out."""
    start, end = bounds(request)
    if start >= end:
        return []
    first = datetime.fromtimestamp(start, UTC).date() - _DAY
    last = datetime.fromtimestamp(end, UTC).date() + _DAY
    allowed = merged(_own_hours(request, first, last))
    if request.recipient_zone is not None:
        allowed = common(allowed, merged(office_hours(first, last, request.recipient_zone)))
    allowed = common(allowed, [(start, end)])
    margin = max(request.options.buffer, request.in_person_travel)
    blocked = stretches(request.busy, margin) + stretches(request.reserved, margin)
    if request.original is not None:
        blocked += stretches([request.original])
    return without(allowed, merged([stretch for stretch in blocked if stretch[0] < end and start < stretch[1]]))


def _own_hours(request: SlotRequest, first: date, last: date) -> Iterator[Stretch]:
    by_weekday = [request.options.hours_on(weekday) for weekday in range(7)]
    day = first
    while day <= last:
        full = request.interviews_on.get(day, 0) >= request.options.per_day
        if by_weekday[day.weekday()] and not full and day not in request.holidays:
            yield from hours_on(day, request.zone_on(day), by_weekday[day.weekday()])
        day += _DAY


def _starts(free: Sequence[Stretch], seconds: int) -> Iterator[int]:
    for start, end in free:
        yield from range(-(-start // GRID) * GRID, end - seconds + 1, GRID)


def _windows(free: Sequence[Stretch], request: SlotRequest) -> Iterator[Stretch]:
    """Free stretches that hold the interview, on half hours where that leaves room, cut at lunch when they are long."""
    for start, end in free:
        for part_start, part_end in _around_lunch((start, end), request):
            for step in (2 * GRID, GRID):
                opens, closes = -(-part_start // step) * step, part_end // step * step
                if closes - opens >= request.seconds:
                    yield opens, closes
                    break


def _around_lunch(stretch: Stretch, request: SlotRequest) -> tuple[Stretch, ...]:
    """A stretch of more than five hours in two, where both halves or the longer one still hold the interview."""
    start, end = stretch
    if end - start <= _LONG_WINDOW or request.seconds > _LONG_WINDOW // 2:
        return (stretch,)
    day = datetime.fromtimestamp(start, ZoneInfo(request.zone)).date()
    noon = datetime(day.year, day.month, day.day, _LUNCH, tzinfo=ZoneInfo(request.zone_on(day)))
    cut = int(noon.timestamp())
    return ((start, cut), (cut, end)) if start < cut < end else (stretch,)


def _span(stretch: Stretch) -> Span:
    return Span(datetime.fromtimestamp(stretch[0], UTC), datetime.fromtimestamp(stretch[1], UTC))


def _why(request: SlotRequest, *, found: int, wanted: int) -> tuple[str, ...]:
    if found >= wanted:
        return ()
    start, end = bounds(request)
    if start >= end:
        return ("No time can be offered: notice and a full working day reach beyond slots.within.",)
    number = "No free time" if found == 0 else f"Only {found} free {'time' if found == 1 else 'times'}"
    last = datetime.fromtimestamp(end, ZoneInfo(request.zone))
    sentences = [f"{number} of {int(request.seconds / 60)} minutes was found until {last.date().isoformat()}."]
    if found == 0 and request.recipient_zone is not None and _without_recipient(request):
        sentences.append(f"Your hours and office hours in {request.recipient_zone} leave no common free time.")
    return tuple(sentences)


def _without_recipient(request: SlotRequest) -> bool:
    return any(True for _ in candidates(replace(request, recipient_zone=None)))
