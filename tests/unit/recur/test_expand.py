"""What a series becomes inside a window, beyond the minimal cases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from builders import an_event, at
from calwatch.model.event import Event, Series, Status
from calwatch.model.span import Span
from calwatch.recur.expand import Expansion, expand

BERLIN = "Europe/Berlin"
MAY = Span(at("2026-05-01 00:00"), at("2026-06-01 00:00"))


def a_series(*rules: str, start: str = "2026-05-04 09:00", minutes: int = 60, **fields: Any) -> Series:
    """A series that starts at ``start`` UTC and repeats by ``rules``."""
    master = an_event(start, minutes, recurring=True, **fields.pop("master", {}))
    given: dict[str, Any] = {
        "ref": master.ref,
        "uid": master.uid,
        "master": master,
        "local_start": master.start.replace(tzinfo=None),
        "rrules": rules,
    }
    return Series(**{**given, **fields})


def an_all_day_series(*rules: str, day: date, days: int = 1, **fields: Any) -> Series:
    start = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall time
    master = an_event(
        at(f"{day - timedelta(days=1)} 22:00"),
        days * 24 * 60,
        all_day=True,
        start_date=day,
        end_date=day + timedelta(days=days),
    )
    return Series(ref="a", uid="a", master=master, local_start=start.date(), rrules=rules, **fields)


def expanded(series: Series, window: Span = MAY, **options: Any) -> Expansion:
    return expand(series, window, viewer_zone=BERLIN, **options)


def starts(series: Series, window: Span = MAY) -> list[str]:
    return [f"{event.start:%m-%d %H:%M}" for event in expanded(series, window).events]


def an_override(original: str, start: str, minutes: int = 60, **fields: Any) -> Event:
    return an_event(start, minutes, recurrence_id=original, recurring=True, **fields)


def test_only_occurrences_that_overlap_the_window_come() -> None:
    series = a_series("FREQ=WEEKLY", start="2026-04-24 23:30", minutes=60)
    assert starts(series, Span(at("2026-05-02 00:00"), at("2026-05-09 00:00"))) == ["05-01 23:30", "05-08 23:30"]


def test_a_rule_without_end_costs_what_the_window_costs_however_old_it_is() -> None:
    old = expanded(a_series("FREQ=DAILY", start="1990-01-01 09:00"))
    assert len(old.events) == 31
    assert not old.truncated


def test_a_second_by_second_rule_is_cut_and_says_so() -> None:
    result = expanded(a_series("FREQ=SECONDLY", start="2020-01-01 00:00", minutes=0))
    assert len(result.events) == 1000
    assert result.truncated


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=5",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    ],
)
def test_a_rule_that_never_matches_ends_and_leaves_the_first_instance(rule: str) -> None:
    result = expanded(a_series(rule))
    assert [event.start for event in result.events] == [at("2026-05-04 09:00")]
    assert not result.truncated


def test_a_rule_of_too_many_steps_gives_up_and_says_so() -> None:
    result = expanded(a_series("FREQ=MINUTELY;BYDAY=MO;COUNT=100000000", start="2000-01-01 00:00"))
    assert result.truncated


def test_a_plain_count_need_not_be_counted_out() -> None:
    result = expanded(a_series("FREQ=MINUTELY;INTERVAL=1440;COUNT=1000000", start="1990-01-01 09:00"))
    assert len(result.events) == 31
    assert not result.truncated


def test_a_cancelled_override_stays_visible_as_cancelled_and_takes_no_time() -> None:
    override = an_override("20260505T090000Z", "2026-05-05 09:00", status=Status.CANCELLED)
    events = expanded(a_series("FREQ=DAILY;COUNT=3", overrides=(override,))).events
    assert [(event.recurrence_id, event.busy) for event in events] == [
        ("20260504T090000Z", True),
        ("20260505T090000Z", False),
        ("20260506T090000Z", True),
    ]


def test_an_override_named_by_a_date_replaces_that_day_of_a_timed_series() -> None:
    override = an_override("20260505", "2026-05-05 15:00")
    assert starts(a_series("FREQ=DAILY;COUNT=3", overrides=(override,))) == [
        "05-04 09:00",
        "05-05 15:00",
        "05-06 09:00",
    ]


def test_the_first_instance_can_be_excluded() -> None:
    assert starts(a_series("FREQ=DAILY;COUNT=3", exdates=("20260504T090000Z",))) == ["05-05 09:00", "05-06 09:00"]


def test_this_and_future_changes_time_length_and_words_of_all_later_ones() -> None:
    override = an_override("20260505T090000Z", "2026-05-05 11:00", 30, summary="Shorter and later")
    series = a_series("FREQ=DAILY;COUNT=4", overrides=(override,), this_and_future=("20260505T090000Z",))
    events = expanded(series).events
    assert starts(series) == ["05-04 09:00", "05-05 11:00", "05-06 11:00", "05-07 11:00"]
    assert [event.end - event.start for event in events[1:]] == [timedelta(minutes=30)] * 3
    assert {event.summary for event in events[1:]} == {"Shorter and later"}
    assert events[2].recurrence_id == "20260506T090000Z"


def test_a_cancellation_of_this_and_future_cancels_all_later_ones() -> None:
    override = an_override("20260505T090000Z", "2026-05-05 09:00", status=Status.CANCELLED)
    series = a_series("FREQ=DAILY;COUNT=4", overrides=(override,), this_and_future=("20260505T090000Z",))
    assert [event.busy for event in expanded(series).events] == [True, False, False, False]


def test_overrides_without_a_master_stand_alone() -> None:
    series = Series(ref="a", uid="a", overrides=(an_override("20260505T090000Z", "2026-05-05 11:00"),))
    assert starts(series) == ["05-05 11:00"]


def test_all_day_occurrences_carry_dates_and_the_viewers_midnights() -> None:
    event = expanded(an_all_day_series("FREQ=WEEKLY", day=date(2026, 3, 23), days=2)).events[0]
    assert (event.start_date, event.end_date) == (date(2026, 5, 4), date(2026, 5, 6))
    assert (event.start, event.end) == (at("2026-05-03 22:00"), at("2026-05-05 22:00"))
    assert event.recurrence_id == "20260504"


def test_an_all_day_series_ends_with_the_day_of_a_timed_until() -> None:
    series = an_all_day_series("FREQ=DAILY;UNTIL=20260506T215959Z", day=date(2026, 5, 4))
    assert [event.recurrence_id for event in expanded(series).events] == ["20260504", "20260505", "20260506"]


def test_until_in_utc_is_compared_as_an_instant() -> None:
    local = datetime(2026, 5, 4, 9, 0)  # noqa: DTZ001 - a wall time
    rule = "FREQ=DAILY;UNTIL=20260506T070000Z"
    assert starts(a_series(rule, zone_key=BERLIN, start="2026-05-04 07:00", local_start=local)) == [
        "05-04 07:00",
        "05-05 07:00",
        "05-06 07:00",
    ]


def test_a_length_in_days_follows_the_wall_clock_and_one_in_hours_does_not() -> None:
    local = datetime(2026, 3, 27, 12, 0)  # noqa: DTZ001 - a wall time
    common: dict[str, Any] = {"local_start": local, "zone_key": BERLIN, "start": "2026-03-27 11:00", "minutes": 24 * 60}
    window = Span(at("2026-03-28 00:00"), at("2026-03-29 00:00"))
    nominal = expanded(a_series("FREQ=DAILY;COUNT=2", nominal_days=1, **common), window).events[-1]
    exact = expanded(a_series("FREQ=DAILY;COUNT=2", **common), window).events[-1]
    assert nominal.end - nominal.start == timedelta(hours=23)
    assert exact.end - exact.start == timedelta(hours=24)


def test_a_rule_nobody_can_read_is_named_and_the_first_instance_remains() -> None:
    result = expanded(a_series("FREQ=FORTNIGHTLY"))
    assert len(result.events) == 1
    assert "FORTNIGHTLY" in result.problem


def test_a_zone_nobody_knows_is_named_and_does_not_crash() -> None:
    result = expanded(a_series("FREQ=DAILY", zone_key="Nowhere/At_All"))
    assert result.events == ()
    assert "Nowhere/At_All" in result.problem


def test_times_at_the_end_of_the_calendar_do_not_crash() -> None:
    window = Span(at("9999-12-01 00:00"), at("9999-12-31 00:00"))
    assert expanded(a_series("FREQ=DAILY", start="2026-05-04 09:00"), window).events


def test_a_period_rdate_has_its_own_length() -> None:
    series = a_series(rdates=("20260506T090000Z",), rdate_durations=(("20260506T090000Z", 7200),))
    assert [event.end - event.start for event in expanded(series).events] == [timedelta(hours=1), timedelta(hours=2)]


def test_days_of_a_calendar_with_a_place_of_its_own_begin_there() -> None:
    series = an_all_day_series("FREQ=DAILY", day=date(2026, 5, 4), zone_key="America/New_York")
    first = expanded(series).events[0]
    assert (first.start, first.end) == (at("2026-05-04 04:00"), at("2026-05-05 04:00"))


def test_a_day_lasts_as_long_as_it_lasts_where_its_calendar_is() -> None:
    series = an_all_day_series("FREQ=DAILY;COUNT=2", day=date(2026, 3, 28), zone_key="Europe/London")
    window = Span(at("2026-03-01 00:00"), at("2026-05-01 00:00"))
    lengths = [event.end - event.start for event in expanded(series, window).events]
    assert lengths == [timedelta(hours=24), timedelta(hours=23)]
