"""Times in letters: the recipient's zone first, the user's in brackets, right on both sides of every DST change."""

from __future__ import annotations

import pytest

from builders import NOW, at
from calwatch.draft.times import TimePrinter
from letter_briefs import a_span


def printer(zone: str, own: str = "Europe/Berlin") -> TimePrinter:
    return TimePrinter(zone, own, NOW)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("America/New_York", "Tuesday, May 5 at 9:00 am EDT"),
        ("America/Los_Angeles", "Tuesday, May 5 at 6:00 am PDT"),
        ("Europe/Berlin", "Tuesday 5 May at 15:00 CEST"),
        ("Europe/London", "Tuesday 5 May at 14:00 BST"),
        ("Asia/Kolkata", "Tuesday 5 May at 6:30 pm IST"),
        ("Asia/Tokyo", "Tuesday 5 May at 22:00 JST"),
        ("Asia/Singapore", "Tuesday 5 May at 9:00 pm UTC+8"),
        ("UTC", "Tuesday 5 May at 13:00 UTC"),
    ],
)
def test_an_appointment_is_written_as_people_write_it_there(zone: str, expected: str) -> None:
    assert printer(zone).appointment(at("2026-05-05 13:00")) == expected


def test_the_year_is_named_only_when_it_is_not_this_one() -> None:
    assert printer("Europe/Berlin").day(at("2027-01-04 09:00")) == "Monday 4 January 2027"
    assert printer("America/New_York").day(at("2027-01-04 15:00"), short=True) == "Mon, Jan 4, 2027"


def test_lists_name_both_zones_once_and_the_users_times_in_brackets() -> None:
    printed = printer("America/New_York").listed([a_span("2026-05-06 13:00"), a_span("2026-05-07 15:30")])
    assert printed.zone_line == "New York, EDT, UTC-4; Berlin, CEST, in brackets"
    assert printed.slot_lines == (
        "Wed, May 6, 9:00–10:00 am (15:00–16:00)",
        "Thu, May 7, 11:30 am–12:30 pm (17:30–18:30)",
    )


def test_an_unknown_recipient_gets_the_users_zone_by_name() -> None:
    printed = printer("Europe/Berlin").listed([a_span("2026-05-06 07:00")])
    assert (printed.zone_line, printed.slot_lines) == ("Berlin, CEST, UTC+2", ("Wed 6 May, 09:00–10:00",))


def test_zones_with_the_same_clock_need_no_brackets() -> None:
    printed = printer("Europe/Paris").listed([a_span("2026-05-06 07:00")])
    assert (printed.zone_line, printed.slot_lines) == ("Paris, CEST, UTC+2", ("Wed 6 May, 09:00–10:00",))


def test_another_date_on_the_users_side_is_said_in_the_brackets() -> None:
    printed = printer("Australia/Sydney", "America/Los_Angeles").listed([a_span("2026-05-06 00:00")])
    assert printed.slot_lines == ("Wed 6 May, 10:00–11:00 am (Tue 5 May, 5:00–6:00 pm)",)


@pytest.mark.parametrize(
    ("zone", "own", "before", "after", "expected"),
    [
        # Berlin leaves summer time on 25 October 2026, New York on 1 November: in between they are 5 hours apart
        (
            "Europe/Berlin",
            "Europe/Berlin",
            "2026-10-23 08:00",
            "2026-10-26 09:00",
            "Mon 26 October, 10:00–11:00 CET, UTC+1",
        ),
        (
            "America/New_York",
            "Europe/Berlin",
            "2026-10-23 13:00",
            "2026-10-26 13:00",
            "Mon, Oct 26, 9:00–10:00 am (14:00–15:00 CET)",
        ),
        (
            "America/New_York",
            "Europe/Berlin",
            "2026-10-30 13:00",
            "2026-11-02 14:00",
            "Mon, Nov 2, 9:00–10:00 am EST, UTC-5 (15:00–16:00)",
        ),
        (
            "Europe/London",
            "America/New_York",
            "2026-03-27 14:00",
            "2026-03-30 13:00",
            "Mon 30 March, 14:00–15:00 BST, UTC+1 (9:00–10:00 am)",
        ),
        # Sydney ends its summer on 5 April 2026, a week after Berlin began its own
        (
            "Australia/Sydney",
            "Europe/Berlin",
            "2026-04-02 06:00",
            "2026-04-07 06:00",
            "Tue 7 April, 4:00–5:00 pm AEST, UTC+10 (08:00–09:00)",
        ),
    ],
)
def test_a_slot_beyond_a_clock_change_names_its_own_offset(
    zone: str, own: str, before: str, after: str, expected: str
) -> None:
    printed = printer(zone, own).listed([a_span(before), a_span(after)])
    assert printed.slot_lines[1] == expected
    assert not any(mark in printed.slot_lines[0] for mark in ("UTC", "CE", "ES", "ED", "GM", "BS", "AE"))


def test_an_alternative_is_printed_so_that_it_can_stand_in_the_same_list() -> None:
    slots, others = [a_span("2026-10-23 08:00")], [a_span("2026-10-26 09:00")]
    assert printer("Europe/Berlin").listed(slots, others).alternative_lines == (
        "Mon 26 October, 10:00–11:00 CET, UTC+1",
    )


def test_nothing_to_offer_prints_nothing() -> None:
    printed = printer("Europe/Berlin").listed([])
    assert (printed.zone_line, printed.slot_lines, printed.alternative_lines) == ("", (), ())
