"""Taken time in Google calendars: of watched ones by events, of the others by free/busy; no answer is no "free"."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import NOW, at, knowing
from calwatch.errors import NeedsSignIn, Resync, Retry, Stop
from calwatch.model.event import Event, Response
from calwatch.model.span import Span
from calwatch.ports import Changes, Found, Gone, Unknown, nothing_known
from calwatch.providers.google.calendar.google_calendar import GoogleCalendar
from contract.calendar_suite import HOUR, START, WINDOW, nothing_new
from contract.google_calendar_world import GoogleCalendarWorld
from contract.google_calendars import FREEBUSY, LIST, open_calendar, requests_of
from fakes.clock import ManualClock
from fakes.google.faults import Fault
from fakes.google.server import ALL, FakeGoogle

DAY = timedelta(days=1)
FAMILY = "family1234@group.calendar.google.com"
WORK = "alex@work.example"


def hour(start: datetime) -> Span:
    return Span(start, start + HOUR)


class TestAWatchedCalendar:
    def test_takes_time_by_its_events_so_that_a_declined_one_is_free(
        self, google: FakeGoogle, world: GoogleCalendarWorld
    ) -> None:
        google.calendar.declined_is_busy = True
        world.add(START, answer=Response.DECLINED)
        world.add(START + DAY)
        assert world.calendar.busy(["primary"], WINDOW) == {"primary": (hour(START + DAY),)}
        assert set(requests_of(google)) == {LIST}

    def test_takes_time_with_every_occurrence_where_it_is_now(
        self, google: FakeGoogle, world: GoogleCalendarWorld
    ) -> None:
        ref = world.add(START, weekly=3)
        world.move(f"{ref}_{START + 7 * DAY:%Y%m%dT%H%M%SZ}", START + 8 * DAY)
        google.calendar.remove(f"{ref}_{START + 14 * DAY:%Y%m%dT%H%M%SZ}")
        assert world.calendar.busy(["primary"], WINDOW)["primary"] == (hour(START), hour(START + 8 * DAY))

    def test_takes_overlapping_time_once_and_none_outside_the_window(self, world: GoogleCalendarWorld) -> None:
        world.block(START, transparent=False)
        world.block(START + HOUR / 2, transparent=False)
        short = Span(START + HOUR / 4, START + HOUR)
        assert world.calendar.busy(["primary"], short)["primary"] == (short,)

    def test_that_cannot_be_read_is_unknown(self, google: FakeGoogle, world: GoogleCalendarWorld) -> None:
        google.faults.plan(LIST, *[Fault.DOWN] * 4)
        assert isinstance(world.calendar.busy(["primary"], WINDOW)["primary"], Unknown)


@pytest.fixture
def calendar(google: FakeGoogle, clock: ManualClock, tmp_path: Path) -> GoogleCalendar:
    """The primary calendar watched, two more that are only taken time."""
    google.calendar.add_calendar(FAMILY)
    google.calendar.add_calendar(WORK, role="freeBusyReader")
    return open_calendar(google, clock, tmp_path, busy_calendars=(FAMILY, WORK))


class TestACalendarThatIsOnlyTakenTime:
    def test_is_asked_for_no_more(self, google: FakeGoogle, calendar: GoogleCalendar) -> None:
        google.calendar.add(START, "Dentist", Response.OWN, calendar=FAMILY)
        assert calendar.calendars() == ("primary", FAMILY, WORK)
        assert calendar.busy_calendars() == {FAMILY, WORK}
        assert calendar.busy([FAMILY], WINDOW) == {FAMILY: (hour(START),)}
        (event,) = changes(calendar, FAMILY).items
        assert isinstance(event, Event)
        assert (event.busy_only, event.summary, event.span, event.busy) == (True, "", hour(START), True)
        assert set(requests_of(google)) == {FREEBUSY}

    def test_is_asked_in_stretches_google_answers(self, google: FakeGoogle, calendar: GoogleCalendar) -> None:
        google.calendar.range_limit = timedelta(days=31)
        google.calendar.put({"start": {"date": "2026-04-28"}, "end": {"date": "2026-05-12"}}, FAMILY)
        taken = calendar.busy([FAMILY], WINDOW)[FAMILY]
        assert taken == (Span(at("2026-04-27 22:00"), at("2026-05-11 22:00")),)
        assert requests_of(google) == [FREEBUSY] * 4

    def test_keeps_two_appointments_that_touch_apart_where_google_does(
        self, google: FakeGoogle, calendar: GoogleCalendar
    ) -> None:
        google.calendar.merges = False
        for start in (START, START + HOUR, START + HOUR * 1.5):
            google.calendar.add(start, "x", Response.OWN, calendar=FAMILY)
        assert calendar.busy([FAMILY], WINDOW)[FAMILY] == (hour(START), Span(START + HOUR, START + HOUR * 2.5))

    def test_that_google_does_not_know_is_unknown_and_never_free(
        self, google: FakeGoogle, calendar: GoogleCalendar
    ) -> None:
        google.calendar.add(START, "Dentist", Response.OWN, calendar=FAMILY)
        google.calendar.take_away(WORK)
        taken = calendar.busy([FAMILY, WORK], WINDOW)
        assert taken[FAMILY] == (hour(START),)
        unknown = taken[WORK]
        assert isinstance(unknown, Unknown)
        assert WORK in unknown.reason
        with pytest.raises(Stop, match=WORK):
            changes(calendar, WORK)

    def test_is_unknown_as_long_as_google_is_down(self, google: FakeGoogle, calendar: GoogleCalendar) -> None:
        google.faults.plan(FREEBUSY, *[Fault.DOWN] * 8)
        assert isinstance(calendar.busy([FAMILY], WINDOW)[FAMILY], Unknown)
        with pytest.raises(Retry):
            changes(calendar, FAMILY)

    def test_is_never_written_to(self, google: FakeGoogle, calendar: GoogleCalendar) -> None:
        with pytest.raises(Stop):
            calendar.respond(FAMILY, "x", None, Response.DECLINED, "e")
        with pytest.raises(Stop):
            calendar.hold(FAMILY, "key", hour(START))
        with pytest.raises(Stop):
            calendar.release(FAMILY, "x")
        assert not requests_of(google)

    def test_is_looked_at_directly_by_the_stretch_itself(self, google: FakeGoogle, calendar: GoogleCalendar) -> None:
        ref = google.calendar.add(START, "Dentist", Response.OWN, calendar=FAMILY)
        (event,) = changes(calendar, FAMILY).items
        assert calendar.get(FAMILY, event.ref, WINDOW) == Found(event)
        google.calendar.remove(ref, FAMILY)
        assert calendar.get(FAMILY, event.ref, WINDOW) == Gone()
        assert calendar.get(FAMILY, "not one of these", WINDOW) == Gone()


class TestTheChangeFeedOfTakenTime:
    def test_asks_once_for_all_calendars_of_a_pass_and_anew_in_the_next(
        self, google: FakeGoogle, calendar: GoogleCalendar
    ) -> None:
        cursors: dict[str, str | None] = {FAMILY: None, WORK: None}
        for expected in (4, 8, 12):
            for name in (FAMILY, WORK):
                cursors[name] = changes(calendar, name, cursors[name]).cursor
            assert len(requests_of(google)) == expected

    def test_tells_nothing_when_nothing_changed(self, google: FakeGoogle, calendar: GoogleCalendar) -> None:
        google.calendar.add(START, "Dentist", Response.OWN, calendar=FAMILY)
        first = changes(calendar, FAMILY)
        assert first.complete
        again = changes(calendar, FAMILY, first.cursor, first.etags)
        assert nothing_new(again, first.cursor)

    def test_tells_what_came_and_what_went(self, google: FakeGoogle, calendar: GoogleCalendar) -> None:
        old = google.calendar.add(START, "Dentist", Response.OWN, calendar=FAMILY)
        google.calendar.add(START + DAY, "School", Response.OWN, calendar=FAMILY)
        first = changes(calendar, FAMILY)
        google.calendar.remove(old, FAMILY)
        google.calendar.add(START + 2 * DAY, "Holiday", Response.OWN, calendar=FAMILY)
        second = changes(calendar, FAMILY, first.cursor, first.etags)
        assert [item.span for item in second.items if isinstance(item, Event)] == [hour(START + 2 * DAY)]
        assert [ref.partition("-")[0] for ref in second.gone] == ["20260505T130000Z"]
        assert not second.complete

    def test_lets_the_past_rest(self, google: FakeGoogle, clock: ManualClock, calendar: GoogleCalendar) -> None:
        for days in range(3):
            google.calendar.add(NOW + days * DAY, "Dentist", Response.OWN, calendar=FAMILY)
        first = changes(calendar, FAMILY)
        clock.advance(timedelta(days=2, hours=3))
        second = changes(calendar, FAMILY, first.cursor, first.etags)
        assert not second.items
        assert not second.gone

    def test_knows_a_long_absence_again_when_its_beginning_is_past(
        self, google: FakeGoogle, clock: ManualClock, calendar: GoogleCalendar
    ) -> None:
        google.calendar.put(
            {"start": {"dateTime": "2026-04-21T08:00:00Z"}, "end": {"dateTime": "2026-05-21T08:00:00Z"}}, FAMILY
        )
        first = changes(calendar, FAMILY)
        clock.advance(timedelta(days=10))
        second = changes(calendar, FAMILY, first.cursor, first.etags)
        assert not second.items
        assert not second.gone

    def test_does_not_go_on_from_a_cursor_of_another_kind(self, calendar: GoogleCalendar) -> None:
        with pytest.raises(Resync):
            changes(calendar, FAMILY, "google:0000:Europe/Berlin:token")


class TestAnAccountUsedForTakenTimeOnly:
    def test_needs_no_more_than_free_busy(self, google: FakeGoogle, clock: ManualClock, tmp_path: Path) -> None:
        scope = tuple(name for name in ALL if name.endswith("calendar.freebusy"))
        calendar = open_calendar(google, clock, tmp_path, scope, use="busy")
        google.calendar.add(START, "Dentist", Response.OWN)
        assert calendar.busy_calendars() == {"primary"}
        assert len(changes(calendar, "primary").items) == 1
        assert set(requests_of(google)) == {FREEBUSY}

    def test_is_told_which_permission_is_missing_before_anything_is_asked(
        self, google: FakeGoogle, clock: ManualClock, tmp_path: Path
    ) -> None:
        scope = tuple(name for name in ALL if name.endswith("calendar.events"))
        calendar = open_calendar(google, clock, tmp_path, scope, use="busy")
        with pytest.raises(NeedsSignIn, match="busy"):
            changes(calendar, "primary")
        assert not requests_of(google)


def changes(
    calendar: GoogleCalendar, name: str, cursor: str | None = None, known: Any = None, window: Span = WINDOW
) -> Changes:
    return calendar.changes(name, cursor, window, knowing(known) if known else nothing_known)
