"""Wall times, instants and custom zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calwatch.model.walltime import custom_zone, instant, occurrence_key, read_occurrence_key, wall_time, zone_of

BERLIN = ZoneInfo("Europe/Berlin")
LIKE_BERLIN = """BEGIN:VTIMEZONE
TZID:Own
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE"""


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-10-25 02:30", "2026-10-25 00:30"),  # the first of two
        ("2026-03-29 02:30", "2026-03-29 01:30"),  # the offset before the gap
        ("2026-03-29 03:00", "2026-03-29 01:00"),
        ("2026-10-25 03:00", "2026-10-25 02:00"),
        ("2026-07-01 12:00", "2026-07-01 10:00"),
    ],
)
def test_a_custom_zone_reads_gaps_and_folds_as_iana_zones_do(local: str, utc: str) -> None:
    expected = wall(utc).replace(tzinfo=UTC)
    assert instant(wall(local), BERLIN) == expected
    assert instant(wall(local), custom_zone(LIKE_BERLIN)) == expected


def test_a_custom_zone_agrees_with_its_model_all_year_long() -> None:
    zone, moment = custom_zone(LIKE_BERLIN), datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year < 2028:
        assert wall_time(moment, zone) == wall_time(moment, BERLIN)
        assert instant(wall_time(moment, BERLIN), zone) == instant(wall_time(moment, BERLIN), BERLIN)
        moment += timedelta(minutes=397)


@pytest.mark.parametrize(
    "text",
    ["", "BEGIN:STANDARD\nEND:STANDARD", LIKE_BERLIN.replace("+0200", "2 hours"), LIKE_BERLIN.replace("19810329", "x")],
)
def test_a_broken_definition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"zone|offset|observances"):
        custom_zone(text)


def test_a_rule_by_day_numbers_finds_the_same_sundays() -> None:
    zone = custom_zone(
        LIKE_BERLIN.replace("BYMONTH=3;BYDAY=-1SU", "BYMONTH=3;BYMONTHDAY=25,26,27,28,29,30,31;BYDAY=SU")
    )
    assert instant(wall("2026-03-29 03:00"), zone) == wall("2026-03-29 01:00").replace(tzinfo=UTC)


def test_a_hostile_rule_gives_no_onsets() -> None:
    zone = custom_zone(LIKE_BERLIN.replace("FREQ=YEARLY", "FREQ=SECONDLY"))
    assert instant(wall("2026-07-01 12:00"), zone) == wall("2026-07-01 11:00").replace(tzinfo=UTC)


def test_keys_are_read_back() -> None:
    moment = datetime(2026, 9, 16, 15, 0, tzinfo=BERLIN)
    assert occurrence_key(moment) == "20260916T130000Z"
    assert read_occurrence_key("20260916T130000Z") == moment
    assert occurrence_key(date(2026, 9, 16)) == "20260916"
    assert read_occurrence_key("20260916") == date(2026, 9, 16)


def test_zones_by_key() -> None:
    assert zone_of("UTC", "Europe/Berlin", {}) is UTC
    assert zone_of("floating", "Europe/Berlin", {}) == BERLIN
    assert zone_of("Own", "Europe/Berlin", {"Own": LIKE_BERLIN}) is custom_zone(LIKE_BERLIN)
