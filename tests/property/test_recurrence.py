"""Our walk over rules against dateutil's, and whole expansions against recurring-ical-events, on random rules."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from calwatch.formats.ical import read
from calwatch.model.event import Event
from calwatch.model.span import Span
from calwatch.recur.expand import expand
from calwatch.recur.rules import parse_rule
from calwatch.recur.walk import Walk

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules with the parts people and programs use, in the combinations RFC 5545 gives one meaning."""
    frequency = draw(st.sampled_from(("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")))
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 5))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 40))}")
    if draw(st.booleans()):
        parts.append("BYMONTH=" + numbers(draw, 1, 12))
    if frequency in ("MONTHLY", "YEARLY", "DAILY") and draw(st.booleans()):
        parts.append("BYMONTHDAY=" + numbers(draw, -31, 31))
    if draw(st.booleans()):
        days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True))
        # Of "MO,1TU" dateutil makes an empty set; the RFC unites them, as a test of ours says.
        nth = frequency in ("MONTHLY", "YEARLY") and draw(st.booleans())
        parts.append(
            "BYDAY=" + ",".join((draw(st.sampled_from(("1", "2", "-1"))) if nth else "") + day for day in days)
        )
    # dateutil counts BYSETPOS from DTSTART inside the first week, where the RFC counts in the whole week.
    if frequency in ("MONTHLY", "YEARLY") and len(parts) > 2 and draw(st.booleans()):
        parts.append("BYSETPOS=" + numbers(draw, -3, 3))
    if frequency != "HOURLY" and draw(st.booleans()):  # dateutil refuses hours that the interval cannot reach
        parts.append("BYHOUR=" + numbers(draw, 0, 23, zero=True))
    parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    return ";".join(parts)


def numbers(draw: st.DrawFn, low: int, high: int, *, zero: bool = False) -> str:
    values = st.integers(low, high) if zero else st.integers(low, high).filter(bool)
    return ",".join(map(str, draw(st.lists(values, min_size=1, max_size=3, unique=True))))


starts = st.datetimes(datetime(2016, 1, 1), datetime(2026, 6, 1)).map(  # noqa: DTZ001 - wall times
    lambda moment: moment.replace(second=0, microsecond=0)
)


@settings(max_examples=80, deadline=None)
@given(rule=rules(), start=starts)
def test_the_walk_agrees_with_dateutil(rule: str, start: datetime) -> None:
    first = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall time
    last = first + timedelta(days=120)
    oracle = []
    for moment in rrulestr(rule, dtstart=start):
        if moment > last:
            break
        if moment >= first:
            oracle.append(moment)
    assert list(Walk(parse_rule(rule), start, first, last)) == oracle


@st.composite
def simple_rules(draw: st.DrawFn) -> tuple[datetime, str]:
    """A start (in UTC, so that no DST edge is near) and a rule that matches it: what the peer reads as we do."""
    start = draw(starts)
    frequency = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY")))
    rule = f"FREQ={frequency};INTERVAL={draw(st.integers(1, 4))}"
    if frequency == "WEEKLY":
        days = {start.weekday(), *draw(st.sets(st.integers(0, 6), max_size=3))}
        rule += ";BYDAY=" + ",".join(WEEKDAYS[day] for day in sorted(days))
    end = draw(st.sampled_from(("", "COUNT", "UNTIL")))
    if end == "COUNT":
        rule += f";COUNT={draw(st.integers(1, 500))}"
    elif end == "UNTIL":
        rule += f";UNTIL={start + timedelta(days=draw(st.integers(0, 4000))):%Y%m%dT%H%M%SZ}"
    return start, rule


@settings(max_examples=60, deadline=None)
@given(case=simple_rules(), minutes=st.integers(1, 3000), skipped=st.lists(st.integers(0, 60), max_size=4))
def test_expansion_agrees_with_recurring_ical_events(
    case: tuple[datetime, str], minutes: int, skipped: list[int]
) -> None:
    start, rule = case
    excluded = "".join(f"EXDATE:{start + timedelta(days=days):%Y%m%dT%H%M%SZ}\r\n" for days in skipped)
    data = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDURATION:PT{minutes}M\r\nRRULE:{rule}\r\n{excluded}"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()
    window = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    (series,) = read(data, me=frozenset(), viewer_zone="UTC", window=window).items
    assert not isinstance(series, Event)
    ours = sorted((event.start, event.end) for event in expand(series, window, viewer_zone="UTC").events)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the peer's own
        found = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(window.start, window.end)
    assert ours == sorted((event.start, event.end) for event in found)
