"""A rule walked over naive wall time inside a stretch, with bounded work; ``recur.expand`` makes instants of it.

Why not dateutil's rrule: it walks from DTSTART every time, and a rule that never matches (30 February) keeps it busy to
the year 9999 with no way to stop it. Here every rule jumps to the stretch and spends a budget; dateutil is the
oracle of the tests.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from calwatch.recur.rules import Frequency, Rule

BUDGET = 30_000
"""Days (or shorter periods) looked at for one rule."""

_DAY = timedelta(days=1)
_UNITS = {Frequency.DAILY: 86400, Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}


@dataclass(slots=True)
class Budget:
    """How much work is left; ``spent`` tells that a walk ended because of it."""

    left: int = BUDGET

    @property
    def spent(self) -> bool:
        return self.left <= 0


@dataclass(frozen=True, slots=True)
class Walk:
    """A rule on its way: what its periods are, for a DTSTART and a stretch of wall time."""

    rule: Rule
    start: datetime
    first: datetime
    last: datetime
    budget: Budget = field(default_factory=Budget)

    def __iter__(self) -> Iterator[datetime]:
        """The wall times in ``[first, last]``, in order; COUNT counts from ``start``; UNTIL is the caller's."""
        rule, left = self.rule, self.rule.count
        index = self._jump()
        if left is not None and index:
            left -= index
        while self.budget.left > 0 and (left is None or left > 0):
            begin = self._period(index)
            if begin is None or begin > self.last:
                return
            index += 1
            found = self._occurrences(begin)
            if not found and rule.frequency > Frequency.DAILY:
                index = max(index, self._skip(begin))
                continue
            if rule.positions and found:
                size = len(found)
                places = {p - 1 if p > 0 else size + p for p in rule.positions}
                found = [found[place] for place in sorted(places) if 0 <= place < size]
            for moment in found:
                if moment < self.start:
                    continue
                if moment > self.last:
                    return
                if moment >= self.first:
                    yield moment
                if left is not None:
                    left -= 1
                    if left == 0:
                        return

    def _jump(self) -> int:
        """The first period worth looking at; COUNT forbids jumping unless every period counts one."""
        rule = self.rule
        if self.first <= self.start or (rule.count is not None and not rule.plain):
            return 0
        if rule.frequency is Frequency.YEARLY:
            units = self.first.year - self.start.year - 1
        elif rule.frequency is Frequency.MONTHLY:
            units = (self.first.year - self.start.year) * 12 + self.first.month - self.start.month - 1
        elif rule.frequency is Frequency.WEEKLY:
            units = (self.first - self.start).days // 7 - 1
        else:
            units = int((self.first - self.start).total_seconds()) // _UNITS[rule.frequency] - 1
        return max(0, units // rule.interval)

    def _skip(self, begin: datetime) -> int:
        """From a fruitless short period to the next that could bear: the next day, hour or minute."""
        rule = self.rule
        if not self._day_fits(begin.date()):
            target = datetime.combine(begin.date(), time()) + _DAY
        elif rule.frequency > Frequency.HOURLY and rule.hours and begin.hour not in rule.hours:
            target = begin.replace(minute=0, second=0) + timedelta(hours=1)
        elif rule.frequency is Frequency.SECONDLY and rule.minutes and begin.minute not in rule.minutes:
            target = begin.replace(second=0) + timedelta(minutes=1)
        else:
            return 0
        step = _UNITS[rule.frequency] * rule.interval
        return -(-int((target - self._origin()).total_seconds()) // step)

    def _origin(self) -> datetime:
        frequency = self.rule.frequency
        if frequency is Frequency.HOURLY:
            return self.start.replace(minute=0, second=0)
        return self.start.replace(second=0) if frequency is Frequency.MINUTELY else self.start

    def _period(self, index: int) -> datetime | None:
        """The beginning of the period number ``index``; ``None`` past the end of the calendar."""
        rule, start, step = self.rule, self.start, index * self.rule.interval
        try:
            if rule.frequency is Frequency.YEARLY:
                return datetime(start.year + step, 1, 1)  # noqa: DTZ001 - a wall time
            if rule.frequency is Frequency.MONTHLY:
                months = start.year * 12 + start.month - 1 + step
                return datetime(months // 12, months % 12 + 1, 1)  # noqa: DTZ001 - a wall time
            midnight = datetime.combine(start.date(), time())
            if rule.frequency is Frequency.WEEKLY:
                return midnight - timedelta(days=(start.weekday() - rule.week_start) % 7) + timedelta(weeks=step)
            if rule.frequency is Frequency.DAILY:
                return midnight + timedelta(days=step)
            return self._origin() + timedelta(seconds=step * _UNITS[rule.frequency])
        except (ValueError, OverflowError):
            return None

    def _occurrences(self, begin: datetime) -> list[datetime]:
        """All wall times of one period, sorted, before BYSETPOS."""
        rule = self.rule
        if rule.frequency > Frequency.DAILY:
            self.budget.left -= 1
            if not self._day_fits(begin.date()):
                return []
            return self._short_period(begin)
        days = self._days(begin.date())
        hours = rule.hours or (self.start.hour,)
        minutes = rule.minutes or (self.start.minute,)
        seconds = rule.seconds or (self.start.second,)
        size = len(days) * len(hours) * len(minutes) * len(seconds)
        self.budget.left -= size
        if size > BUDGET:  # every second of a year is nobody's appointment
            return []
        return [
            datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - a wall time
            for day in days
            for hour in hours
            for minute in minutes
            for second in seconds
        ]

    def _short_period(self, begin: datetime) -> list[datetime]:
        """HOURLY, MINUTELY, SECONDLY: longer BY parts limit, shorter ones expand (the table of §3.3.10)."""
        rule = self.rule
        if rule.hours and begin.hour not in rule.hours:
            return []
        if rule.frequency is Frequency.HOURLY:
            return [
                begin.replace(minute=minute, second=second)
                for minute in (rule.minutes or (self.start.minute,))
                for second in (rule.seconds or (self.start.second,))
            ]
        if rule.minutes and begin.minute not in rule.minutes:
            return []
        if rule.frequency is Frequency.MINUTELY:
            return [begin.replace(second=second) for second in (rule.seconds or (self.start.second,))]
        return [] if rule.seconds and begin.second not in rule.seconds else [begin]

    def _days(self, begin: date) -> list[date]:
        """The days of a period of a day or longer."""
        rule = self.rule
        if rule.frequency is Frequency.DAILY:
            self.budget.left -= 1
            return [begin] if self._day_fits(begin) else []
        if rule.frequency is Frequency.WEEKLY:
            length = 7
        elif rule.frequency is Frequency.MONTHLY:
            length = monthrange(begin.year, begin.month)[1]
        else:
            length = 366 if isleap(begin.year) else 365
            if rule.week_numbers:  # weeks number one and last may reach into the neighbouring years
                return self._days_of_weeks(begin.year)
        self.budget.left -= length
        return [day for day in _calendar(begin, length) if self._day_fits(day)]

    def _days_of_weeks(self, year: int) -> list[date]:
        """YEARLY with BYWEEKNO: all wanted days of those weeks, also beyond New Year."""
        rule, found = self.rule, set[date]()
        weekdays = {weekday for _, weekday in rule.weekdays} or {self.start.weekday()}
        first = _first_week(year, rule.week_start)
        if first is None or (following := _first_week(year + 1, rule.week_start)) is None:
            return []
        weeks = (following - first).days // 7
        self.budget.left -= 7 * len(rule.week_numbers)
        for number in rule.week_numbers:
            if -weeks <= number <= weeks:
                monday = first + timedelta(weeks=number - 1 if number > 0 else weeks + number)
                found |= {
                    day for day in _calendar(monday, 7) if day.weekday() in weekdays and self._month_and_day_fit(day)
                }
        return sorted(found)

    def _month_and_day_fit(self, day: date) -> bool:
        rule = self.rule
        if rule.months and day.month not in rule.months:
            return False
        if rule.month_days:
            length = monthrange(day.year, day.month)[1]
            if day.day not in rule.month_days and day.day - length - 1 not in rule.month_days:
                return False
        if rule.year_days:
            number, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
            if number not in rule.year_days and number - length - 1 not in rule.year_days:
                return False
        return True

    def _day_fits(self, day: date) -> bool:
        """Whether the BY parts allow a day; what they leave open comes from DTSTART (§3.3.10)."""
        rule = self.rule
        if not self._month_and_day_fit(day):
            return False
        if rule.weekdays:
            return any(day.weekday() == weekday and self._nth(day, ordinal) for ordinal, weekday in rule.weekdays)
        if rule.month_days or rule.year_days or rule.frequency >= Frequency.DAILY:
            return True
        if rule.frequency is Frequency.WEEKLY:
            return day.weekday() == self.start.weekday()
        if rule.frequency is Frequency.MONTHLY or rule.months:
            return day.day == self.start.day
        return (day.month, day.day) == (self.start.month, self.start.day)

    def _nth(self, day: date, ordinal: int) -> bool:
        """Whether a weekday is the n-th of its month (or of the year, for YEARLY without BYMONTH)."""
        rule = self.rule
        if ordinal == 0 or rule.frequency > Frequency.MONTHLY:
            return True
        if rule.frequency is Frequency.YEARLY and not rule.months:
            position, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
        else:
            position, length = day.day, monthrange(day.year, day.month)[1]
        return (position - 1) // 7 + 1 == ordinal if ordinal > 0 else (length - position) // 7 + 1 == -ordinal


def _calendar(begin: date, length: int) -> list[date]:
    ordinal = begin.toordinal()
    return [date.fromordinal(number) for number in range(ordinal, ordinal + length)]


def _first_week(year: int, week_start: int) -> date | None:
    """The first day of week number one: the first week with four days in the year (ISO 8601 for Monday)."""
    if not 1 < year < 9999:
        return None
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - week_start) % 7)
