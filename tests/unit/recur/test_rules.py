"""RRULE values: what they are read into, and the calendar arithmetic of the rarer parts."""

from __future__ import annotations

from datetime import datetime

import pytest

from calwatch.recur.rules import Frequency, parse_rule
from calwatch.recur.walk import Walk


def days(rule: str, start: str, last: str) -> list[str]:
    begin, end = datetime.fromisoformat(start), datetime.fromisoformat(last)
    return [f"{moment:%Y-%m-%d}" for moment in Walk(parse_rule(rule), begin, begin, end)]


def test_case_and_spaces_do_not_matter() -> None:
    rule = parse_rule(" rrule:freq=weekly;byday=mo, we ;wkst=su")
    assert rule.frequency is Frequency.WEEKLY
    assert rule.weekdays == ((0, 0), (0, 2))
    assert rule.week_start == 6


@pytest.mark.parametrize(
    "text",
    [
        "",
        "COUNT=3",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;UNTIL=20260231",
        "FREQ=YEARLY;RSCALE=HEBREW",
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"rule|day is out of range|unconverted|month"):
        parse_rule(text)


def test_an_until_for_ever_is_none() -> None:
    assert parse_rule("FREQ=DAILY;UNTIL=99991231T235959Z").until is None


def test_a_zero_interval_counts_as_one() -> None:
    assert parse_rule("FREQ=DAILY;INTERVAL=0").interval == 1


def test_a_week_number_takes_the_weekday_of_the_start() -> None:
    assert days("FREQ=YEARLY;BYWEEKNO=20", "2026-05-12", "2028-01-01") == ["2026-05-12", "2027-05-18"]


def test_week_one_may_begin_in_december() -> None:
    assert days("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2024-12-30", "2027-01-01") == ["2024-12-30", "2025-12-29"]


def test_the_last_day_of_the_year_by_number() -> None:
    assert days("FREQ=YEARLY;BYYEARDAY=-1", "2024-12-31", "2026-12-31") == ["2024-12-31", "2025-12-31", "2026-12-31"]


def test_the_twenty_ninth_of_february_waits_for_leap_years() -> None:
    assert days("FREQ=YEARLY", "2020-02-29", "2029-01-01") == ["2020-02-29", "2024-02-29", "2028-02-29"]


def test_friday_the_thirteenth() -> None:
    found = days("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2026-02-13", "2026-12-31")
    assert found == ["2026-02-13", "2026-03-13", "2026-11-13"]


def test_the_week_start_decides_which_days_share_a_fortnight() -> None:
    assert days("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "1997-12-31") == [
        "1997-08-05",
        "1997-08-10",
        "1997-08-19",
        "1997-08-24",
    ]
    assert days("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "1997-12-31") == [
        "1997-08-05",
        "1997-08-17",
        "1997-08-19",
        "1997-08-31",
    ]


def test_plain_and_numbered_weekdays_are_united() -> None:
    found = days("FREQ=MONTHLY;BYDAY=1MO,FR", "2026-05-01", "2026-05-31")
    assert found == ["2026-05-01", "2026-05-04", "2026-05-08", "2026-05-15", "2026-05-22", "2026-05-29"]


def test_positions_count_in_the_whole_week_of_the_start() -> None:
    assert days("FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1", "2026-02-21", "2026-03-08") == ["2026-02-23", "2026-03-02"]
