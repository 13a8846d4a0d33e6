"""Series in a Google calendar: masters, occurrences with changes of their own, holes, and series that were split."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import at
from calwatch.errors import Resync
from calwatch.model.event import Event, Response, Series
from calwatch.model.twins import normal_uid
from contract.calendar_suite import HOUR, START, WINDOW, Ledger
from contract.google_calendar_world import LAG, GoogleCalendarWorld
from contract.google_calendars import GET, LIST, asked, requests_of
from fakes.google.server import FakeGoogle

WEEK = timedelta(weeks=1)


def occurrence(ref: str, number: int) -> str:
    """The id of one occurrence of a weekly series from ``START``."""
    return f"{ref}_{START + number * WEEK:%Y%m%dT%H%M%SZ}"


def starts(ledger: Ledger) -> list[str]:
    return [f"{event.start:%m-%d %H:%M}" for event in ledger.events()]


class TestOccurrencesWithChangesOfTheirOwn:
    def test_are_told_in_the_first_reading_and_not_shown_twice(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        google.calendar.remove(occurrence(ref, 1))
        world.move(occurrence(ref, 2), START + 2 * WEEK + HOUR)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-19 14:00", "05-26 13:00"]
        moved = ledger.events()[1]
        assert (moved.ref, moved.recurrence_id, moved.recurring) == (occurrence(ref, 2), "20260519T130000Z", True)

    def test_come_alone_and_leave_a_hole_in_their_series_for_one_more_request(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        ledger.pull()
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        world.move(occurrence(ref, 2), START + 2 * WEEK + HOUR)
        google.seen.clear()
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-12 14:00", "05-19 14:00", "05-26 13:00"]
        assert requests_of(google) == [LIST, GET]
        assert asked(google, GET)[0]["eventId"] == ref

    def test_keep_their_place_beside_one_that_changes_later(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        google.calendar.remove(occurrence(ref, 3))
        ledger.pull()
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-12 14:00", "05-19 13:00"]

    def test_that_are_cancelled_take_only_themselves_away(self, world: GoogleCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START, weekly=3)
        ledger.pull()
        world.cancel(occurrence(ref, 1))
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-19 13:00"]

    def test_that_moved_and_are_then_cancelled_are_gone_from_both_places(
        self, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=3)
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        ledger.pull()
        world.cancel(occurrence(ref, 1))
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-19 13:00"]

    def test_that_moved_out_of_the_window_are_not_shown_where_they_were(
        self, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=3)
        world.move(occurrence(ref, 1), at("2027-05-05 13:00"))
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-19 13:00"]

    def test_stay_when_only_the_words_of_their_series_change(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        google.calendar.remove(occurrence(ref, 3))
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        ledger.pull()
        google.calendar.change(ref, summary="Other words")
        world.clock.advance(LAG)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-12 14:00", "05-19 13:00"]
        assert ledger.events()[0].summary == "Other words"

    def test_that_google_drops_without_a_word_are_dropped(self, world: GoogleCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START, weekly=3)
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        ledger.pull()
        world.move(ref, START + 4 * HOUR)
        ledger.pull()
        assert starts(ledger) == ["05-05 17:00", "05-12 17:00", "05-19 17:00"]
        assert ledger.etags.keys() == {ref}

    def test_that_google_drops_where_the_new_series_meets_them_show_the_series_again(
        self, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=3)
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        ledger.pull()
        world.move(ref, START + WEEK)
        ledger.pull()
        assert starts(ledger) == ["05-12 13:00", "05-19 13:00", "05-26 13:00"]

    def test_of_a_series_nobody_gave_us_stand_alone(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        guest = {
            "id": "elsewhere_20260512T130000Z",
            "recurringEventId": "elsewhere",
            "originalStartTime": {"dateTime": "2026-05-12T13:00:00Z"},
            "start": {"dateTime": "2026-05-12T15:00:00Z"},
            "end": {"dateTime": "2026-05-12T16:00:00Z"},
        }
        ledger.pull()
        google.calendar.put(guest)
        google.seen.clear()
        ledger.pull()
        assert starts(ledger) == ["05-12 15:00"]
        assert requests_of(google) == [LIST]
        world.cancel("elsewhere_20260512T130000Z")
        ledger.pull()
        assert not ledger.events()

    def test_whose_series_has_vanished_meanwhile_stand_alone(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=3)
        ledger.pull()
        google.calendar.lag = timedelta(0)
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        del google.calendar.book().entries[ref]
        ledger.pull()
        assert starts(ledger) == ["05-12 14:00"]

    def test_that_are_too_many_to_look_at_ask_for_a_whole_reading(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        google.calendar.page_cap = 2500
        ref = google.calendar.add(START, recurrence=["RRULE:FREQ=DAILY;COUNT=80"])
        for number in range(70):
            google.calendar.remove(f"{ref}_{START + timedelta(days=number):%Y%m%dT%H%M%SZ}")
        ledger.pull()
        google.calendar.touch(ref)
        with pytest.raises(Resync):
            ledger.pull()
        ledger.cursor = None
        ledger.pull()
        assert len(ledger.events()) == 10


class TestWholeSeries:
    def test_without_an_end_are_one_entry_and_shown_inside_the_window_only(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = google.calendar.add(START, recurrence=["RRULE:FREQ=WEEKLY"])
        ledger.pull()
        google.calendar.change(ref, summary="Other words")
        world.clock.advance(LAG)
        changes = ledger.pull()
        assert [item.ref for item in changes.items] == [ref]
        assert all(event.start < WINDOW.end for event in ledger.events())

    def test_that_are_deleted_take_their_changed_occurrences_along(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=10)
        world.move(occurrence(ref, 2), START + 2 * WEEK + HOUR)
        world.cancel(occurrence(ref, 3))
        ledger.pull()
        world.cancel(ref)
        google.seen.clear()
        ledger.pull()
        assert not ledger.events()
        assert not ledger.etags
        assert requests_of(google) == [LIST]

    def test_that_become_single_events_leave_no_occurrence_behind(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=3)
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        ledger.pull()
        google.calendar.change(ref, recurrence=None)
        world.clock.advance(LAG)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00"]

    def test_that_single_events_become_repeat(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        google.calendar.change(ref, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
        world.clock.advance(LAG)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-12 13:00"]

    def test_a_direct_look_finds_the_series_and_the_occurrence(self, world: GoogleCalendarWorld) -> None:
        ref = world.add(START, weekly=3)
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        found = [world.calendar.get("primary", one, WINDOW) for one in (ref, occurrence(ref, 1))]
        series, changed = (getattr(one, "item", None) for one in found)
        assert isinstance(series, Series)
        assert isinstance(changed, Event)
        assert changed.start == START + WEEK + HOUR


class TestSplitSeries:
    def test_at_the_same_times_lose_and_add_nothing(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        ledger.pull()
        before = {(normal_uid(e.uid), e.recurrence_id, e.span) for e in ledger.events()}
        google.calendar.split(ref, START + 2 * WEEK, START + 2 * WEEK)
        world.clock.advance(LAG)
        ledger.pull()
        assert {(normal_uid(e.uid), e.recurrence_id, e.span) for e in ledger.events()} == before
        assert len(ledger.events()) == 4
        assert len({event.ref for event in ledger.events()}) == 2

    def test_moved_to_another_time_go_on_there(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        world.move(occurrence(ref, 3), START + 3 * WEEK + 5 * HOUR)
        ledger.pull()
        google.calendar.split(ref, START + 2 * WEEK, START + 2 * WEEK + HOUR)
        world.clock.advance(LAG)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-12 13:00", "05-19 14:00", "05-26 14:00"]

    def test_have_one_part_deleted_and_keep_what_was_changed_in_the_other(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        world.move(occurrence(ref, 1), START + WEEK + HOUR)
        later = google.calendar.split(ref, START + 2 * WEEK, START + 2 * WEEK)
        world.clock.advance(LAG)
        ledger.pull()
        world.cancel(later)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-12 14:00"]

    def test_name_changed_occurrences_of_the_later_part_by_the_plain_id_too(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        later = google.calendar.split(ref, START + 2 * WEEK, START + 2 * WEEK)
        world.clock.advance(LAG)
        ledger.pull()
        moved = {**google.calendar.raw(f"{later}_{START + 3 * WEEK:%Y%m%dT%H%M%SZ}"), "id": occurrence(ref, 3)}
        moved |= {"start": {"dateTime": "2026-05-27T13:00:00Z"}, "end": {"dateTime": "2026-05-27T14:00:00Z"}}
        google.calendar.put(moved)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-12 13:00", "05-19 13:00", "05-27 13:00"]
        google.calendar.touch(later)
        ledger.pull()
        assert starts(ledger) == ["05-05 13:00", "05-12 13:00", "05-19 13:00", "05-27 13:00"]


def test_an_answer_to_one_occurrence_by_hand_is_that_occurrences_alone(
    google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
) -> None:
    ref = world.add(START, weekly=3)
    ledger.pull()
    google.calendar.answer(occurrence(ref, 1), Response.DECLINED)
    ledger.pull()
    assert [e.response for e in ledger.events()] == [Response.ACCEPTED, Response.DECLINED, Response.ACCEPTED]
