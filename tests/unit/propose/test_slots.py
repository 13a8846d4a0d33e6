"""The times a letter offers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from builders import NOW, at
from calwatch.model.span import Span
from calwatch.propose.free import still_free
from calwatch.propose.options import SlotsOptions
from calwatch.propose.slots import Offer, SlotRequest, candidates, offer

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)
ORIGINAL = Span(at("2026-05-05 13:00"), at("2026-05-05 14:00"))  # Tuesday, 15:00 in Berlin


def wish(duration: timedelta = HOUR, **fields: Any) -> SlotRequest:
    given: dict[str, Any] = {"now": NOW, "busy": (), "zone": BERLIN, "original": ORIGINAL, **fields}
    return SlotRequest(duration=duration, **given)


def local(spans: tuple[Span, ...], zone: str = BERLIN) -> list[str]:
    return [f"{span.start.astimezone(ZoneInfo(zone)):%a %d %H:%M}" for span in spans]


def span(start: str, end: str) -> Span:
    return Span(at(start), at(end))


def test_the_three_days_after_the_original_alternating_the_half_of_the_day() -> None:
    found = offer(wish())
    assert local(found.slots) == ["Wed 06 15:00", "Thu 07 10:00", "Fri 08 15:00"]
    assert not found.windows
    assert found.why == ()


def test_alternatives_are_other_times() -> None:
    found = offer(wish())
    assert len(found.alternatives) == 6
    assert all(not other.overlaps(slot) for other in found.alternatives for slot in found.slots)


def test_busy_time_and_its_buffer_are_kept_free() -> None:
    busy = (span("2026-05-06 07:00", "2026-05-06 09:00"),)
    starts = {slot.start for slot in candidates(wish(busy=busy))}
    assert at("2026-05-06 09:15") in starts
    assert at("2026-05-06 09:00") not in starts
    assert at("2026-05-06 06:45") not in starts


def test_an_interview_in_person_keeps_the_way_free() -> None:
    busy = (span("2026-05-06 07:00", "2026-05-06 09:00"),)
    starts = {slot.start for slot in candidates(wish(busy=busy, in_person_travel=timedelta(minutes=45)))}
    assert min(start for start in starts if start.date() == date(2026, 5, 6)) == at("2026-05-06 09:45")


def test_reserved_times_are_not_offered_twice() -> None:
    first = offer(wish())
    second = offer(wish(reserved=first.slots))
    assert second.slots
    assert not any(a.overlaps(b) for a in first.slots for b in second.slots)


def test_the_old_time_is_never_offered() -> None:
    assert not any(slot.overlaps(ORIGINAL) for slot in candidates(wish()))


def test_the_first_day_is_three_working_days_before_the_original() -> None:
    assert min(candidates(wish())).start == at("2026-04-30 13:00")


def test_a_full_working_day_and_the_notice_lie_before_every_offer() -> None:
    soon = wish(original=None)  # it is Monday 10:00
    assert min(candidates(soon)).start == at("2026-04-22 07:00")
    patient = wish(original=None, options=SlotsOptions(notice=timedelta(days=4)))
    assert min(candidates(patient)).start == at("2026-04-24 08:00")


def test_the_last_offer_lies_within_the_wanted_stretch() -> None:
    assert max(slot.end for slot in candidates(wish())) <= ORIGINAL.start + timedelta(days=14)
    assert max(slot.end for slot in candidates(wish(original=None))) <= NOW + timedelta(days=14)


def test_no_time_is_left_when_notice_reaches_beyond_within() -> None:
    found = offer(wish(original=None, options=SlotsOptions(within=timedelta(days=1))))
    assert found == Offer(
        (), (), False, ("No time can be offered: notice and a full working day reach beyond slots.within.",)
    )


def test_the_other_sides_office_hours_count() -> None:
    there = ZoneInfo("America/New_York")
    found = list(candidates(wish(recipient_zone="America/New_York")))
    assert found
    assert all(time(8) <= slot.start.astimezone(there).time() for slot in found)
    assert all(slot.end.astimezone(there).time() <= time(18) for slot in found)
    assert min(slot.start.astimezone(ZoneInfo(BERLIN)).time() for slot in found) == time(14)


def test_zones_without_common_hours_say_so() -> None:
    found = offer(wish(recipient_zone="Pacific/Auckland"))
    assert found.slots == ()
    assert "Pacific/Auckland" in found.why[-1]


def test_public_holidays_and_weekends_are_skipped() -> None:
    days = {slot.start.date() for slot in candidates(wish(holidays=frozenset({date(2026, 5, 6), date(2026, 5, 14)})))}
    assert date(2026, 5, 6) not in days
    assert date(2026, 5, 14) not in days
    assert all(day.weekday() < 5 for day in days)


def test_a_day_with_enough_interviews_takes_no_more() -> None:
    on = {date(2026, 5, 6): 2, date(2026, 5, 7): 1}
    days = [slot.start.date() for slot in candidates(wish(interviews_on=on))]
    assert date(2026, 5, 6) not in days
    assert date(2026, 5, 7) in days


def test_per_day_counts_the_offers_too() -> None:
    only_wednesday = SlotsOptions(hours={"wed": (time(9), time(17))}, within=timedelta(days=3), count=5)
    found = offer(wish(options=only_wednesday))
    assert local(found.slots) == ["Wed 06 10:00", "Wed 06 15:00"]
    assert "Only 2 free times of 60 minutes" in found.why[0]
    one_already = offer(wish(options=only_wednesday, interviews_on={date(2026, 5, 6): 1}))
    assert len(one_already.slots) == 1


def test_preferred_times_come_first() -> None:
    noon = SlotsOptions(prefer=((time(12), time(13, 30)),))
    assert local(offer(wish(options=noon)).slots) == ["Wed 06 12:30", "Thu 07 12:00", "Fri 08 12:30"]


def test_starts_on_the_hour_or_half_hour_win() -> None:
    busy = (span("2026-05-06 07:00", "2026-05-06 12:30"),)  # free again from 14:45 in Berlin
    found = offer(wish(busy=busy))
    assert all(slot.start.minute % 30 == 0 for slot in found.slots)


def test_a_quarter_hour_is_offered_when_nothing_else_is_left() -> None:
    hours = SlotsOptions(hours={"wed": (time(9, 15), time(10, 15))}, within=timedelta(days=3))
    assert local(offer(wish(options=hours)).slots) == ["Wed 06 09:15"]


def test_a_letter_offers_as_many_as_wanted() -> None:
    assert len(offer(wish(count=5)).slots) == 5
    assert len(offer(wish(options=SlotsOptions(count=1))).slots) == 1


def test_the_hours_are_meant_where_the_person_is() -> None:
    away = ((date(2026, 5, 6), date(2026, 5, 8), "America/New_York"),)
    found = [slot for slot in candidates(wish(away=away)) if slot.start.date() == date(2026, 5, 6)]
    assert min(found).start == at("2026-05-06 13:00")


# --- windows -------------------------------------------------------------------------------------------------------


def test_windows_are_longer_than_the_interview_and_lie_on_different_days() -> None:
    found = offer(wish(windows=True))
    assert found.windows
    assert all(window.duration >= HOUR for window in found.slots)
    assert len({window.start.date() for window in found.slots}) == 3
    assert all(window.start.minute % 30 == 0 and window.end.minute % 30 == 0 for window in found.slots)


def test_every_part_of_a_window_is_free() -> None:
    busy = (span("2026-05-06 08:00", "2026-05-06 08:30"), span("2026-05-07 11:00", "2026-05-07 12:10"))
    found = offer(wish(busy=busy, windows=True))
    assert not any(window.overlaps(other.padded(timedelta(minutes=15))) for window in found.slots for other in busy)
    assert not any(window.overlaps(ORIGINAL) for window in found.slots)


@pytest.mark.parametrize(
    ("style", "windows", "minutes", "expected"),
    [
        ("auto", None, 60, False),
        ("auto", None, 120, True),
        ("auto", True, 30, True),
        ("times", True, 120, False),
        ("windows", False, 30, True),
    ],
)
def test_the_style_is_the_persons_word(style: Any, windows: bool | None, minutes: int, expected: bool) -> None:
    request = wish(timedelta(minutes=minutes), windows=windows, options=SlotsOptions(style=style))
    assert offer(request).windows is expected


def test_a_whole_day_interview_finds_a_whole_day_window() -> None:
    found = offer(wish(timedelta(hours=7), windows=True))
    assert found.slots
    assert all(window.duration >= timedelta(hours=7) for window in found.slots)


# --- daylight saving -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "there", "now"),
    [
        (
            BERLIN,
            "America/New_York",
            datetime(2026, 3, 2, 9, tzinfo=UTC),
        ),  # Berlin changes three weeks later
        (BERLIN, "Australia/Sydney", datetime(2026, 3, 26, 9, tzinfo=UTC)),
        ("Europe/London", "America/New_York", datetime(2026, 10, 19, 9, tzinfo=UTC)),
        ("Australia/Lord_Howe", "Asia/Tokyo", datetime(2026, 9, 28, 2, tzinfo=UTC)),
    ],
)
def test_both_sides_hours_hold_across_both_sides_clock_changes(zone: str, there: str, now: datetime) -> None:
    options = SlotsOptions(hours={"mon-fri": (time(7), time(20))}, within=timedelta(days=40))
    found = list(candidates(wish(original=None, now=now, zone=zone, recipient_zone=there, options=options)))
    assert found
    for slot in found:
        here_start, here_end = slot.start.astimezone(ZoneInfo(zone)), slot.end.astimezone(ZoneInfo(zone))
        far_start, far_end = slot.start.astimezone(ZoneInfo(there)), slot.end.astimezone(ZoneInfo(there))
        assert time(7) <= here_start.time() < here_end.time() <= time(20)
        assert time(8) <= far_start.time() < far_end.time() <= time(18)
        assert far_start.weekday() < 5


def test_hours_on_the_night_of_the_change_follow_the_wall_clock() -> None:
    night = SlotsOptions(hours={"sun": (time(1), time(5))}, within=timedelta(days=14), notice=timedelta(0))
    spring = wish(original=None, now=datetime(2026, 3, 20, 9, tzinfo=UTC), options=night)
    sunday = [slot for slot in candidates(spring) if slot.start.date() in {date(2026, 3, 28), date(2026, 3, 29)}]
    assert min(sunday).start == datetime(2026, 3, 29, 0, tzinfo=UTC)  # 01:00 CET
    assert max(sunday).end == datetime(2026, 3, 29, 3, tzinfo=UTC)  # 05:00 CEST: three hours, not four


# --- proving again -------------------------------------------------------------------------------------------------


def test_offered_times_that_filled_up_are_told() -> None:
    offered = offer(wish()).slots
    assert still_free(offered, ()) == ()
    assert still_free(offered, [offered[1]]) == (offered[1],)
    assert still_free(offered, (), reserved=[offered[0]]) == (offered[0],)


def test_touching_is_free_and_within_the_buffer_is_not() -> None:
    slot = span("2026-05-06 08:00", "2026-05-06 09:00")
    after = span("2026-05-06 09:00", "2026-05-06 10:00")
    assert still_free([slot], [after]) == ()
    assert still_free([slot], [after], buffer=timedelta(minutes=15)) == (slot,)


def test_an_empty_stretch_takes_nothing() -> None:
    slot = span("2026-05-06 08:00", "2026-05-06 09:00")
    assert still_free([slot], [span("2026-05-06 08:30", "2026-05-06 08:30")], buffer=timedelta(minutes=15)) == ()
