"""Times in which the person is away: out of office, vacation, sick, for whole days or halves of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from calwatch.detect.words import says
from calwatch.model.event import Event, Kind
from calwatch.model.me import Me
from calwatch.model.span import Span

_AM = re.compile(r"(?<![\w.])(?:AM|[Aa]\.[Mm]\.)(?!\w)")
_PM = re.compile(r"(?<![\w.])(?:PM|[Pp]\.[Mm]\.)(?!\w)")
_CLOCK = re.compile(r"\d\s?(?:[AaPp]\.?[Mm]\b)")
_OF_SOMEBODY = re.compile(r"(\w+)['’]s\s")
_DAYS_AT_MOST = 400
_NOON = time(12)


class Half(StrEnum):
    WHOLE = "whole"
    FIRST = "first"
    SECOND = "second"
    UNKNOWN = "unknown"  # "half day", and nobody says which


@dataclass(frozen=True, slots=True)
class Absence:
    """When the person is away. ``spans`` are what is taken; ``half`` says whether that is sure."""

    spans: tuple[Span, ...]
    half: Half

    @property
    def within_a_day(self) -> bool:
        """Whether it is a day or less (a day has 25 hours when the clocks go back)."""
        return max(s.end for s in self.spans) - min(s.start for s in self.spans) <= timedelta(hours=25)


def absence_of(event: Event, me: Me, zone: str) -> Absence | None:
    """The person's absence that ``event`` stands for, or ``None``.

    A provider's out-of-office kind is one; otherwise the title must say so in one of seven languages and be the
    person's own (somebody else's invitation or possessive is not their absence). All-day ones that speak of a half of
    the day count for that half only: the first half ends and the second begins at 12:00 in ``zone``.
    """
    if event.kind is not Kind.OUT_OF_OFFICE and not _says_absent(event, me):
        return None
    half = half_of(event.summary) if event.all_day else Half.WHOLE
    if half in {Half.WHOLE, Half.UNKNOWN}:
        return Absence((event.span,), half)
    return Absence(_halves(event, half, ZoneInfo(zone)) or (event.span,), half)


def _says_absent(event: Event, me: Me) -> bool:
    if not event.summary or not says("absence", event.summary) or says("no_absence", event.summary):
        return False
    if event.organizer is not None and not me.owns(event.organizer.email):
        return False
    if any(not me.owns(attendee.person.email) for attendee in event.attendees):
        return False
    somebody = _OF_SOMEBODY.search(event.summary[:300])
    return somebody is None or somebody[1].casefold() == me.first_name


def half_of(title: str) -> Half:
    """Which half of the day a title speaks of. "9 AM - 1 PM" are clock times and no halves."""
    clock = _CLOCK.search(title) is not None
    first = says("first_half", title) or (not clock and _AM.search(title) is not None)
    second = says("second_half", title) or (not clock and _PM.search(title) is not None)
    if first and second:
        return Half.WHOLE
    if first:
        return Half.FIRST
    if second:
        return Half.SECOND
    return Half.UNKNOWN if says("some_half", title) else Half.WHOLE


def _halves(event: Event, half: Half, zone: ZoneInfo) -> tuple[Span, ...]:
    first = event.start_date or event.start.astimezone(zone).date()
    last = event.end_date or event.end.astimezone(zone).date()
    days = min((last - first).days, _DAYS_AT_MOST)
    spans = []
    for number in range(days):
        day = first + timedelta(days=number)
        midnight = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
        noon = datetime.combine(day, _NOON, tzinfo=zone).astimezone(UTC)
        following = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
        spans.append(Span(midnight, noon) if half is Half.FIRST else Span(noon, following))
    return tuple(spans)
