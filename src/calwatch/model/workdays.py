"""Working-day arithmetic: when a reply is due, how urgent it is, and what counts as enough notice.

A working day is Monday to Friday and no public holiday, in the zone asked for. All results are aware UTC instants.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from calwatch.model.case import Urgency

NO_HOLIDAYS: frozenset[date] = frozenset()
LATER_FROM = 5
"""More working days ahead than this and a reply can wait."""
PHONE_WITHIN = timedelta(hours=4)
"""Closer than this only the telephone helps."""
_DAY = timedelta(days=1)
_DAYS_AT_MOST = 3660


def is_working_day(day: date, holidays: Collection[date] = NO_HOLIDAYS) -> bool:
    """Monday to Friday and not in ``holidays``."""
    return day.weekday() < 5 and day not in holidays


def add_working_days(moment: datetime, days: int, zone: str, holidays: Collection[date] = NO_HOLIDAYS) -> datetime:
    """``moment`` moved by ``days`` working days (backward when negative), at the same wall time in ``zone``.

    Every step lands on a working day, so Saturday plus one is Monday. A wall time that the clocks skip is read with the
    offset before the gap.
    """
    local = moment.astimezone(ZoneInfo(zone))
    step = _DAY if days >= 0 else -_DAY
    day, left, tried = local.date(), abs(days), 0
    while left and tried < _DAYS_AT_MOST:
        day, tried = day + step, tried + 1
        left -= is_working_day(day, holidays)
    return _at(day, local.time(), zone)


def working_days_between(start: datetime, end: datetime, zone: str, holidays: Collection[date] = NO_HOLIDAYS) -> int:
    """How many working days lie after the day of ``start`` up to and including that of ``end``; 0 when ``end`` is
    earlier.

    The inverse of ``add_working_days`` for ends that are working days. Counts at most ten years.
    """
    place = ZoneInfo(zone)
    first, last = start.astimezone(place).date(), end.astimezone(place).date()
    if last <= first:
        return 0
    return sum(
        is_working_day(first + timedelta(days=number), holidays)
        for number in range(1, min((last - first).days, _DAYS_AT_MOST) + 1)
    )


def full_working_day_before(start: datetime, zone: str, holidays: Collection[date] = NO_HOLIDAYS) -> datetime:
    """The last instant from which one whole working day, midnight to midnight in ``zone``, still lies before ``start``.

    Thursday 10:00 gives Wednesday 00:00; Monday gives the Friday before, 00:00.
    """
    day = start.astimezone(ZoneInfo(zone)).date() - _DAY
    return _at(_nearest(day, -_DAY, holidays), time(), zone)


def full_working_day_after(now: datetime, zone: str, holidays: Collection[date] = NO_HOLIDAYS) -> datetime:
    """The first instant by which one whole working day in ``zone`` has passed since ``now``.

    Monday 10:00 gives Wednesday 00:00, any time of Friday or Saturday gives Tuesday 00:00.
    """
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() == time() else local.date() + _DAY
    return _at(_nearest(day, _DAY, holidays) + _DAY, time(), zone)


def respond_by(start: datetime, now: datetime, zone: str, holidays: Collection[date] = NO_HOLIDAYS) -> datetime:
    """Until when a reply still gives the other side a full working day; never before ``now``."""
    return max(now.astimezone(UTC), full_working_day_before(start, zone, holidays))


def urgency(
    start: datetime, respond_by: datetime, now: datetime, zone: str, holidays: Collection[date] = NO_HOLIDAYS
) -> Urgency:
    """``now`` under four hours before the start, ``today`` from ``respond_by`` on, ``later`` over five working days
    ahead.
    """
    if start - now < PHONE_WITHIN:
        return Urgency.NOW
    if now >= respond_by:
        return Urgency.TODAY
    return Urgency.LATER if working_days_between(now, start, zone, holidays) > LATER_FROM else Urgency.SOON


def _nearest(day: date, step: timedelta, holidays: Collection[date]) -> date:
    """``day`` itself if it is a working day, else the next one in the direction of ``step``."""
    for _ in range(_DAYS_AT_MOST):
        if is_working_day(day, holidays):
            return day
        day += step
    return day


def _at(day: date, wall: time, zone: str) -> datetime:
    return datetime.combine(day, wall, tzinfo=ZoneInfo(zone)).astimezone(UTC)
