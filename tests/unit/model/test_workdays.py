"""Working days, and what follows from them: when to reply, and how urgent it is."""

from __future__ import annotations

from datetime import date

import pytest

from builders import at
from calwatch.model.case import Urgency
from calwatch.model.workdays import (
    add_working_days,
    full_working_day_after,
    full_working_day_before,
    respond_by,
    urgency,
    working_days_between,
)

BERLIN = "Europe/Berlin"
MAY_DAY = frozenset({date(2026, 5, 1)})  # a Friday


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-04-30 10:00", 1, "2026-05-04 10:00"),  # Thursday, May Day, weekend
        ("2026-05-02 10:00", 1, "2026-05-04 10:00"),  # Saturday
        ("2026-05-04 10:00", -1, "2026-04-30 10:00"),
        ("2026-05-05 10:00", 0, "2026-05-05 10:00"),
        ("2026-05-05 10:00", 5, "2026-05-12 10:00"),
    ],
)
def test_working_days_skip_weekends_and_holidays(start: str, days: int, end: str) -> None:
    assert add_working_days(at(start), days, BERLIN, MAY_DAY) == at(end)


def test_the_wall_time_is_kept_when_the_clocks_change() -> None:
    friday = at("2026-03-27 09:00")  # 10:00 in Berlin, still winter time
    assert add_working_days(friday, 1, BERLIN) == at("2026-03-30 08:00")


@pytest.mark.parametrize(("days"), range(12))
def test_counting_is_the_inverse_of_adding(days: int) -> None:
    start = at("2026-04-29 10:00")
    assert working_days_between(start, add_working_days(start, days, BERLIN, MAY_DAY), BERLIN, MAY_DAY) == days


def test_nothing_lies_between_a_moment_and_an_earlier_one() -> None:
    assert working_days_between(at("2026-05-05 10:00"), at("2026-05-01 10:00"), BERLIN) == 0


def test_the_local_day_counts() -> None:
    late = at("2026-05-05 22:30")  # already Wednesday in Berlin
    assert working_days_between(late, at("2026-05-06 10:00"), BERLIN) == 0
    assert working_days_between(late, at("2026-05-06 10:00"), "America/New_York") == 1


@pytest.mark.parametrize(
    ("start", "before"),
    [
        ("2026-05-07 08:00", "2026-05-05 22:00"),  # Thursday: the whole of Wednesday
        ("2026-05-04 08:00", "2026-04-29 22:00"),  # Monday: May Day does not count, so the whole of Thursday
        ("2026-05-09 08:00", "2026-05-07 22:00"),  # Saturday: the whole of Friday
    ],
)
def test_a_full_working_day_lies_before_the_start(start: str, before: str) -> None:
    assert full_working_day_before(at(start), BERLIN, MAY_DAY) == at(before)


@pytest.mark.parametrize(
    ("now", "after"),
    [
        ("2026-05-04 08:00", "2026-05-05 22:00"),  # Monday 10:00: Tuesday is full, so from Wednesday 00:00
        ("2026-05-03 22:00", "2026-05-04 22:00"),  # Monday 00:00: Monday itself is full
        ("2026-04-30 08:00", "2026-05-04 22:00"),  # Thursday before May Day: Monday is the next full one
        ("2026-05-08 20:00", "2026-05-11 22:00"),  # Friday night
    ],
)
def test_a_full_working_day_passes_before_an_offer(now: str, after: str) -> None:
    assert full_working_day_after(at(now), BERLIN, MAY_DAY) == at(after)


def test_a_reply_is_due_a_full_working_day_before_and_never_in_the_past() -> None:
    start, early, late = at("2026-05-07 08:00"), at("2026-04-20 08:00"), at("2026-05-06 15:00")
    assert respond_by(start, early, BERLIN) == at("2026-05-05 22:00")
    assert respond_by(start, late, BERLIN) == late


@pytest.mark.parametrize(
    ("now", "how"),
    [
        ("2026-04-20 08:00", Urgency.LATER),
        ("2026-04-29 23:00", Urgency.SOON),
        ("2026-05-05 21:59", Urgency.SOON),
        ("2026-05-05 22:00", Urgency.TODAY),
        ("2026-05-07 04:00", Urgency.TODAY),
        ("2026-05-07 04:01", Urgency.NOW),
        ("2026-05-07 09:00", Urgency.NOW),
    ],
)
def test_urgency_grows_towards_the_start(now: str, how: Urgency) -> None:
    start = at("2026-05-07 08:00")  # a Thursday
    due = respond_by(start, at("2026-04-20 08:00"), BERLIN)
    assert urgency(start, due, at(now), BERLIN) is how
