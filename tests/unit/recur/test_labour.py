"""The labour told from a rule is what expanding it takes, near enough for a budget."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from calwatch.formats.ical import read
from calwatch.model.event import Event, Series
from calwatch.model.span import Span
from calwatch.recur.expand import expand
from calwatch.recur.labour import LABOUR, labour, within

WINDOW = Span(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


def items(*rules: str, start: str = "20200101T090000Z") -> tuple[Event | Series, ...]:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@x\r\nDTSTART:{start}\r\nRRULE:{rule}\r\nEND:VEVENT\r\n"
        for n, rule in enumerate(rules)
    )
    data = f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n".encode()
    return read(data, me=frozenset(), viewer_zone="Europe/Berlin").items


def the_series(rule: str) -> Series:
    (found,) = items(rule)
    assert isinstance(found, Series)
    return found


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=YEARLY;BYDAY=MO",
        "FREQ=HOURLY",
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3,4,5",
        "FREQ=DAILY;BYMONTHDAY=13;COUNT=500",
    ],
)
def test_no_rule_has_more_occurrences_than_its_labour_pays_for(rule: str) -> None:
    series = the_series(rule)
    found = expand(series, WINDOW, viewer_zone="Europe/Berlin")
    assert found.events
    assert labour(series, WINDOW) >= 20 * len(found.events)


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY;UNTIL=20210101T000000Z", "FREQ=NONSENSE", "FREQ=WEEKLY;INTERVAL=500"])
def test_what_is_over_or_broken_or_rare_costs_next_to_nothing(rule: str) -> None:
    assert labour(the_series(rule), WINDOW) < 200


def test_four_hundred_busy_series_are_within_the_budget() -> None:
    real = items(*["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"] * 200, *["FREQ=DAILY"] * 100, *["FREQ=MONTHLY"] * 100)
    kept, dear = within(real, WINDOW, LABOUR)
    assert kept == list(real)
    assert not dear


def test_thousands_of_hostile_series_cost_seconds_and_leave_the_others_alone() -> None:
    began = time.process_time()
    mixed = items(*["FREQ=SECONDLY"] * 3000, "FREQ=WEEKLY")
    kept, dear = within(mixed, WINDOW, LABOUR)
    unfolded = [expand(s, WINDOW, viewer_zone="Europe/Berlin") for s in kept if isinstance(s, Series)]
    assert time.process_time() - began < 10
    assert len(dear) > 2900
    assert len(unfolded[-1].events) == 15
    assert isinstance(mixed[0], Series)


def test_the_first_date_of_a_series_beyond_the_budget_stays_if_it_is_near() -> None:
    near = items("FREQ=SECONDLY", start="20260501T090000Z")
    ((cut,), (dear,)) = within(near, WINDOW, 100)
    assert isinstance(cut, Series)
    assert dear == near[0]
    (event,) = expand(cut, WINDOW, viewer_zone="Europe/Berlin").events
    assert event.start - datetime(2026, 5, 1, 9, tzinfo=UTC) == timedelta()
    assert within(items("FREQ=SECONDLY"), WINDOW, 100)[0] == []
