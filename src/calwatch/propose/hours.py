"""When interviews may take place on a day: wall-clock hours of one zone as epoch seconds, cached per day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from calwatch.propose.options import Hours

Stretch = tuple[int, int]
"""``[start, end)`` in seconds since the epoch."""

OFFICE: tuple[Hours, ...] = ((time(8), time(18)),)
"""When people at the other side can be expected to work, Monday to Friday in their zone."""
_DAY = timedelta(days=1)


@lru_cache(maxsize=8192)
def hours_on(day: date, zone: str, hours: tuple[Hours, ...]) -> tuple[Stretch, ...]:
    """The stretches of ``hours`` on ``day`` in ``zone``, merged and sorted.

    Where a wall time exists twice or not at all, the reading that makes the stretch shorter counts: no slot can then
    lie outside the hours as the clock on the wall shows them.
    """
    place = ZoneInfo(zone)
    found: list[Stretch] = []
    for opens, closes in sorted(hours):
        start, end = max(_readings(day, opens, place)), min(_readings(day, closes, place))
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple(found)


def _readings(day: date, wall: time, place: ZoneInfo) -> tuple[int, int]:
    moment = datetime.combine(day, wall, tzinfo=place)
    return int(moment.timestamp()), int(moment.replace(fold=1).timestamp())


def office_hours(first: date, last: date, zone: str) -> Iterator[Stretch]:
    """Monday to Friday, 8 to 18 in ``zone``, from ``first`` to ``last`` inclusive."""
    day = first
    while day <= last:
        if day.weekday() < 5:
            yield from hours_on(day, zone, OFFICE)
        day += _DAY
