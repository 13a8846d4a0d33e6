"""What a series may cost to expand, told from its rules alone, so that foreign files can be given a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import lru_cache

from calwatch.model.event import Event, Series
from calwatch.model.span import Span
from calwatch.recur.rules import Frequency, Rule, parse_rule
from calwatch.recur.walk import BUDGET

LABOUR = 1_000_000
"""Units for one reading of a calendar, some five seconds; the four hundred series of a large real one need a third."""

_OCCURRENCE = 20
"""Units of one occurrence, made and stored, where one day (or shorter period) looked at is one."""

_MOST_OCCURRENCES = 1000
_ALWAYS = 30
_DAYS = {Frequency.YEARLY: 366, Frequency.MONTHLY: 31, Frequency.WEEKLY: 7, Frequency.DAILY: 1}
_PER_DAY = {Frequency.HOURLY: 24, Frequency.MINUTELY: 1440, Frequency.SECONDLY: 86_400}


def labour(series: Series, window: Span) -> int:
    """At most about so many units does ``expand`` work on ``series``; broken rules cost nothing."""
    start = series.local_start
    if start is None:
        return _ALWAYS
    begin = start if isinstance(start, datetime) else datetime.combine(start, time())
    total = _ALWAYS + 2 * len(series.rdates)
    for text in series.rrules:
        try:
            total += _of_rule(_parsed(text), begin, window)
        except ValueError:
            continue
    return total


def within(items: Sequence[Event | Series], window: Span, budget: int) -> tuple[list[Event | Series], list[Series]]:
    """``items`` with as many series as ``budget`` allows, the cheapest first; and the others as they were.

    Of those others the first date and the replaced occurrences stay, if any lie inside ``window``.
    """
    dear: list[Series] = []
    costs = sorted((labour(item, window), index) for index, item in enumerate(items) if isinstance(item, Series))
    over: set[int] = set()
    for cost, index in costs:
        budget -= cost
        if budget < 0:
            over.add(index)
    if not over:
        return list(items), dear
    kept: list[Event | Series] = []
    for index, item in enumerate(items):
        if index not in over or not isinstance(item, Series):
            kept.append(item)
            continue
        dear.append(item)
        if any(event.span.overlaps(window) for event in (item.master, *item.overrides) if event is not None):
            kept.append(replace(item, rrules=(), rdates=(), rdate_durations=()))
    return kept, dear


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Rule:
    return parse_rule(text)


def _of_rule(rule: Rule, start: datetime, window: Span) -> int:
    margin = timedelta(days=2)
    first, last = (moment.replace(tzinfo=None) for moment in (window.start - margin, window.end + margin))
    if start > last or (rule.until is not None and rule.until.local < first):
        return 0
    counting = rule.count is not None and not rule.plain  # such a rule is walked from its start
    days = max(1, (last - (start if counting else max(start, first))).days)
    if rule.frequency > Frequency.DAILY:
        periods = days * _PER_DAY[rule.frequency] // rule.interval + 1
        looked_at, bearing = periods, 1
    else:
        periods = days // (_DAYS[rule.frequency] * rule.interval) + 2
        looked_at, bearing = periods * _DAYS[rule.frequency], _per_period(rule)
    made = min(_MOST_OCCURRENCES, periods * bearing, rule.count or _MOST_OCCURRENCES)
    return min(looked_at, BUDGET) + _OCCURRENCE * made


def _per_period(rule: Rule) -> int:
    """How many occurrences one year, month, week or day can have at most."""
    times = max(1, len(rule.hours)) * max(1, len(rule.minutes)) * max(1, len(rule.seconds))
    match rule.frequency:
        case Frequency.YEARLY:
            chosen = bool(rule.weekdays or rule.month_days or rule.year_days or rule.week_numbers)
            return times * (366 if chosen else max(1, len(rule.months)))
        case Frequency.MONTHLY:
            return times * max(1, len(rule.month_days), 5 * len(rule.weekdays))
        case Frequency.WEEKLY:
            return times * max(1, len(rule.weekdays))
        case _:
            return times
