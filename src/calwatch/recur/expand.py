"""A recurring appointment made into its occurrences inside a window, with the readings calwatch has decided on.

The decisions, each with a case in the tests: of an ambiguous pair the first, in a gap the offset before it; the exact
length of the first occurrence for all; dates that do not exist are skipped; instants are compared, not spellings;
EXDATE as a date drops that day of a timed series; several RRULEs are united; a date-only UNTIL includes its day.
DTSTART is always the first instance and counts in COUNT (§3.3.10: "always counts as the first occurrence"), whether or
not the rule would have made it, for it is the one time somebody typed in.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from calwatch.model.event import Event, Series
from calwatch.model.span import Span
from calwatch.model.walltime import (
    FLOATING_KEY,
    UTC_KEY,
    instant,
    occurrence_key,
    read_occurrence_key,
    wall_time,
    zone_of,
)
from calwatch.recur.rules import Frequency, Rule, Until, parse_rule
from calwatch.recur.walk import Budget, Walk

_SLACK = timedelta(hours=25)
_SHORT_SLACK = timedelta(hours=3)
"""How far wall time may mislead near a window: a zone once skipped a day; for rules by the hour only gaps matter."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What ``expand`` found.

    ``truncated``: there were more than the limit, or the rule was too laborious. ``problem`` names a broken rule.
    """

    events: tuple[Event, ...]
    truncated: bool = False
    problem: str = ""


def expand(series: Series, window: Span, *, viewer_zone: str, limit: int = 1000) -> Expansion:
    """The occurrences that overlap ``window``, by start; zero-length ones count when they start in it.

    Each has its normalised ``recurrence_id`` and ``recurring`` set. Overrides stand in for what they replace; cancelled
    ones come as cancelled events, never busy, so that "called off" can be told from "vanished". A rule that cannot be
    read leaves the first instance and a ``problem``.
    """
    overrides = {event.recurrence_id or "": event for event in series.overrides}
    events: list[Event] = []
    truncated, problem = False, ""
    if series.master is not None and series.local_start is not None:
        try:
            unfolding = _Unfolding(series, series.master, series.local_start, window, viewer_zone)
        except (ValueError, LookupError, OSError) as error:
            return Expansion(
                tuple(e for e in overrides.values() if _overlap(e.start, e.end, window)), problem=str(error)
            )
        for event in unfolding.occurrences(overrides.keys()):
            if len(events) == limit:
                truncated = True
                break
            events.append(event)
        truncated = truncated or unfolding.budget.spent
        problem = unfolding.problem
    events += [event for event in overrides.values() if _overlap(event.start, event.end, window)]
    events.sort(key=lambda event: (event.start, event.recurrence_id or ""))
    return Expansion(tuple(events[:limit]), truncated or len(events) > limit, problem)


def _overlap(start: datetime, end: datetime, window: Span) -> bool:
    if start == end:
        return window.start <= start < window.end
    return start < window.end and window.start < end


@dataclass(frozen=True, slots=True)
class _Shift:
    """What a THISANDFUTURE override does to all later occurrences (RFC 5545 §3.2.13).

    ``distance`` is in wall time; everything but the time comes from ``template``.
    """

    since: datetime
    distance: timedelta
    template: Event


class _Unfolding:
    """One master on its way through one window."""

    def __init__(self, series: Series, master: Event, local: datetime | date, window: Span, viewer_zone: str) -> None:
        self.series, self.master = series, master
        self.budget, self.problem = Budget(), ""
        self.all_day = not isinstance(local, datetime)
        self.start = local if isinstance(local, datetime) else datetime.combine(local, time())
        # Days are the viewer's, unless the calendar they stand in names a place of its own.
        key = FLOATING_KEY if self.all_day and series.zone_key == UTC_KEY else series.zone_key
        self.zone: tzinfo = zone_of(key, viewer_zone, dict(series.zones))
        self.exact = master.end - instant(self.start + timedelta(days=series.nominal_days), self.zone)
        self.window = window
        self.shifts = sorted(self._shifts(), key=lambda shift: shift.since)
        reach = master.end - master.start
        for shift in self.shifts:
            reach += abs(shift.distance) + (shift.template.end - shift.template.start)
        self.first = _moved(wall_time(window.start, self.zone), -reach)
        self.last = _moved(wall_time(window.end, self.zone), reach if self.shifts else timedelta())

    def occurrences(self, replaced: Collection[str]) -> Iterator[Event]:
        """Every occurrence in the window that no override replaces, by original start, exceptions left out."""
        excluded = {*replaced, *self.series.exdates}
        lengths = dict(self.series.rdate_durations)
        seen: set[str] = set()
        for local, key in self._originals():
            if key in seen:
                continue
            seen.add(key)
            if key not in excluded and local.strftime("%Y%m%d") not in excluded:
                event = self._event(local, key, lengths.get(key))
                if event is not None:
                    yield event

    def _originals(self) -> Iterator[tuple[datetime, str]]:
        """Wall time and key of DTSTART, the rules' and the RDATEs' instances, in order of wall time."""
        sources: list[Iterator[datetime]] = [iter([self.start]), iter(sorted(self._added()))]
        sources += [self._rule_instances(rule, counted) for rule, counted in self._rules()]
        for local in heapq.merge(*sources):
            yield local, self._key(local)

    def _key(self, local: datetime) -> str:
        return local.strftime("%Y%m%d") if self.all_day else occurrence_key(instant(local, self.zone))

    def _added(self) -> Iterator[datetime]:
        for key in self.series.rdates:
            original = read_occurrence_key(key)
            if isinstance(original, datetime):
                yield wall_time(original, self.zone)
            elif self.all_day:
                yield datetime.combine(original, time())
            else:  # a bare date for a timed series means that day at the usual time
                yield datetime.combine(original, self.start.time())

    def _rules(self) -> list[tuple[Rule, bool]]:
        """The rules that can be read, each with whether it makes DTSTART or must count it besides."""
        rules: list[Rule] = []
        for text in self.series.rrules:
            try:
                rules.append(parse_rule(text))
            except ValueError as error:
                self.problem = str(error)
        # Two rules are one set: DTSTART that any of them makes is no stranger to the others.
        synchronised = any(self.start in Walk(rule, self.start, self.start, self.start, Budget(1000)) for rule in rules)
        return [(rule, synchronised) for rule in rules]

    def _rule_instances(self, rule: Rule, synchronised: bool) -> Iterator[datetime]:
        if rule.count is not None and not synchronised:
            rule = replace(rule, count=rule.count - 1)
        until = rule.until
        slack = _SHORT_SLACK if rule.frequency > Frequency.DAILY else _SLACK
        first, last = _moved(self.first, -slack), _moved(self.last, slack)
        for local in Walk(rule, self.start, first, last, self.budget):
            if until is not None and self._past(local, until):
                return
            yield local

    def _past(self, local: datetime, until: Until) -> bool:
        """Whether a wall time lies beyond UNTIL, whatever its type.

        A bare date includes its whole day also for timed series (the types should match, §3.3.10; losing the last
        meeting is the worse misreading). For all-day series a time means its date: as written at
        midnight, else the viewer's.
        """
        if not until.utc:
            return local > until.local
        if not self.all_day:
            return instant(local, self.zone) > until.local.replace(tzinfo=UTC)
        if until.local.time() == time():
            return local > until.local
        return local > wall_time(until.local.replace(tzinfo=UTC), self.zone)

    def _shifts(self) -> Iterator[_Shift]:
        names = set(self.series.this_and_future)
        for override in self.series.overrides:
            if override.recurrence_id in names and override.recurrence_id is not None:
                original = read_occurrence_key(override.recurrence_id)
                since = original if isinstance(original, datetime) else instant(original, self.zone)
                distance = wall_time(override.start, self.zone) - wall_time(since, self.zone)
                yield _Shift(since, distance, override)

    def _event(self, local: datetime, key: str, seconds: int | None) -> Event | None:
        """The occurrence; ``None`` when it lies outside the window or beyond the end of the calendar."""
        original = instant(local, self.zone)
        index = bisect_left(self.shifts, original, key=lambda shift: shift.since)
        shift = self.shifts[index - 1] if index else None
        template = self.master if shift is None else shift.template
        try:
            if shift is not None:
                local += shift.distance
            start = instant(local, self.zone)
            days: dict[str, date] = {}
            if self.all_day and template.start_date and template.end_date:
                last = local.date() + (template.end_date - template.start_date)
                days = {"start_date": local.date(), "end_date": last}
                end = instant(last, self.zone)
            elif seconds is not None:
                end = start + timedelta(seconds=seconds)
            elif shift is not None:
                end = start + (template.end - template.start)
            else:
                end = max(start, instant(local + timedelta(days=self.series.nominal_days), self.zone) + self.exact)
        except OverflowError:
            return None
        if not _overlap(start, end, self.window):
            return None
        return replace(template, start=start, end=end, recurrence_id=key, recurring=True, **days)  # type: ignore[arg-type] # only dates


def _moved(local: datetime, distance: timedelta) -> datetime:
    try:
        return local + distance
    except OverflowError:
        return datetime.min if distance < timedelta() else datetime.max  # noqa: DTZ901 - wall times
