"""Which calendars of an Outlook account are read, under which names, and what of those that are only taken time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from calwatch.errors import NeedsSignIn, Resync, Stop
from calwatch.model.event import Event, Response
from calwatch.model.span import Span
from calwatch.ports import Unknown, nothing_known
from contract.calendar_suite import HOUR, START, WINDOW, nothing_new
from contract.outlook_calendar_world import DELTA, GET, OutlookCalendarWorld
from fakes.clock import ManualClock
from fakes.microsoft.server import FakeMicrosoft

Open = Callable[..., OutlookCalendarWorld]
LIST = "calendars.list"


@pytest.fixture
def opened(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[Open]:
    def open_world(**fields: Any) -> OutlookCalendarWorld:
        return OutlookCalendarWorld(microsoft, clock, tmp_path, **fields)

    yield open_world
    assert not microsoft.violations


def first(world: OutlookCalendarWorld, name: str) -> list[str]:
    changes = world.calendar.changes(name, None, WINDOW, nothing_known)
    return [item.summary for item in changes.items if isinstance(item, Event)]


class TestAName:
    def test_or_an_id_is_found_once(self, microsoft: FakeMicrosoft, opened: Open) -> None:
        jobs = microsoft.calendar.add_calendar("Job search")
        world = opened(calendars=("primary", "job search", jobs))
        world.outlook.add(START, "Own")
        world.outlook.add(START, "Onsite", calendar=jobs)
        assert first(world, "primary") == ["Own"]
        assert world.asked() == [DELTA]
        for name in ("job search", "job search", jobs):
            assert first(world, name) == ["Onsite"]
        assert world.asked(LIST) == [LIST] * 2

    def test_of_the_calendar_everybody_has_is_that_one(self, opened: Open) -> None:
        world = opened(calendars=("Calendar",))
        world.outlook.per_calendar_delta = False
        world.add(START, "Own")
        assert first(world, "Calendar") == ["Own"]

    def test_nobody_has_is_told_with_what_to_do(self, opened: Open) -> None:
        world = opened(calendars=("Nope",))
        with pytest.raises(Stop, match=r"'Nope'.*correct"):
            first(world, "Nope")
        assert isinstance(world.calendar.busy(["Nope"], WINDOW)["Nope"], Unknown)

    def test_two_calendars_have_is_not_guessed(self, microsoft: FakeMicrosoft, opened: Open) -> None:
        for _ in range(2):
            microsoft.calendar.add_calendar("Jobs")
        with pytest.raises(Stop, match="2 calendars"):
            first(opened(calendars=("Jobs",)), "Jobs")

    def test_whose_calendar_was_made_anew_is_looked_for_again(self, microsoft: FakeMicrosoft, opened: Open) -> None:
        old = microsoft.calendar.add_calendar("Jobs")
        world = opened(calendars=("Jobs",))
        assert first(world, "Jobs") == []
        del world.outlook.books[old]
        with pytest.raises(Stop):
            first(world, "Jobs")
        new = microsoft.calendar.add_calendar("Jobs")
        world.outlook.add(START, "Onsite", calendar=new)
        assert first(world, "Jobs") == ["Onsite"]


class TestACalendarWhoseChangesNobodyTracks:
    def test_is_listed_and_told_when_it_is_another(self, microsoft: FakeMicrosoft, opened: Open) -> None:
        jobs = microsoft.calendar.add_calendar("Jobs")
        world = opened(calendars=("Jobs",))
        world.outlook.per_calendar_delta = False
        ref = world.outlook.add(START, "Onsite", calendar=jobs, weeks=2)
        whole = world.calendar.changes("Jobs", None, WINDOW, nothing_known)
        assert whole.complete
        assert len(whole.items) == 2
        microsoft.seen.clear()
        again = world.calendar.changes("Jobs", whole.cursor, WINDOW, nothing_known)
        assert nothing_new(again, whole.cursor)
        assert world.asked() == ["calendarView"]
        world.move(ref, START + HOUR)
        moved = world.calendar.changes("Jobs", whole.cursor, WINDOW, nothing_known)
        assert moved.complete
        assert [item.start for item in moved.items if isinstance(item, Event)] == [
            START + HOUR,
            START + HOUR + timedelta(weeks=1),
        ]

    @pytest.mark.parametrize("calendar", ["primary", "Jobs"])
    def test_is_listed_when_its_changes_come_again_and_again(
        self, microsoft: FakeMicrosoft, opened: Open, calendar: str
    ) -> None:
        jobs = microsoft.calendar.add_calendar("Jobs")
        world = opened(calendars=("primary", "Jobs"))
        world.outlook.repeats_long_series, world.outlook.page_size = True, 4
        cursor = world.calendar.changes(calendar, None, WINDOW, nothing_known).cursor
        world.outlook.add(START, "Onsite", calendar=jobs if calendar == "Jobs" else "primary", weeks=6)
        with pytest.raises(Resync):
            world.calendar.changes(calendar, cursor, WINDOW, nothing_known)
        whole = world.calendar.changes(calendar, None, WINDOW, nothing_known)
        assert (whole.complete, len(whole.items)) == (True, 6)
        again = world.calendar.changes(calendar, whole.cursor, WINDOW, nothing_known)
        assert nothing_new(again, whole.cursor)

    def test_is_tried_again_the_next_day(self, microsoft: FakeMicrosoft, opened: Open) -> None:
        microsoft.calendar.add_calendar("Jobs")
        world = opened(calendars=("Jobs",))
        world.outlook.per_calendar_delta = False
        cursor = world.calendar.changes("Jobs", None, WINDOW, nothing_known).cursor
        world.clock.advance(86400)
        with pytest.raises(Resync):
            world.calendar.changes("Jobs", cursor, WINDOW, nothing_known)


class TestABusyCalendar:
    def test_gives_away_nothing_but_times(self, opened: Open) -> None:
        world = opened(use="busy", scopes=("User.Read", "Calendars.ReadBasic"))
        ref = world.add(START, "Surgery", Response.OWN, location={"displayName": "Clinic"})
        changes = world.calendar.changes("primary", None, WINDOW, nothing_known)
        (event,) = (item for item in changes.items if isinstance(item, Event))
        assert (event.ref, event.span, event.busy_only) == (ref, Span(START, START + HOUR), True)
        assert (event.summary, event.location, event.organizer, event.attendees) == ("", "", None, ())
        assert world.calendar.busy(["primary"], WINDOW)["primary"] == (event.span,)

    def test_is_read_and_never_written(self, opened: Open) -> None:
        world = opened(busy_calendars=("Calendar",))
        assert world.provider.busy_calendars() == {"Calendar"}
        assert list(world.calendar.calendars()) == ["primary", "Calendar"]
        ref = world.add(START)
        for write in (
            lambda: world.calendar.hold("Calendar", "key", Span(START, START + HOUR)),
            lambda: world.calendar.release("Calendar", ref),
            lambda: world.calendar.respond("Calendar", ref, None, Response.DECLINED, ""),
        ):
            with pytest.raises(Stop):
                write()
        assert GET not in world.asked()


def test_of_a_calendar_that_is_only_busy_from_now_on_nothing_else_is_kept(opened: Open) -> None:
    before = opened()
    before.add(START, "Surgery", Response.OWN)
    cursor = before.calendar.changes("primary", None, WINDOW, nothing_known).cursor
    for after in (opened(use="busy"), opened(calendars=("Calendar",), busy_calendars=("primary",))):
        with pytest.raises(Resync):
            after.calendar.changes("primary", cursor, WINDOW, nothing_known)


def test_another_account_is_read_from_its_beginning(opened: Open) -> None:
    cursor = opened().calendar.changes("primary", None, WINDOW, nothing_known).cursor
    other = opened(email="sam@example.com")
    with pytest.raises(Resync):
        other.calendar.changes("primary", cursor, WINDOW, nothing_known)


def test_nothing_is_asked_for_that_was_not_granted(opened: Open) -> None:
    world = opened(scopes=("User.Read", "Calendars.Read"))
    ref = world.add(START)
    assert first(world, "primary") == ["Interview"]
    world.microsoft.seen.clear()
    with pytest.raises(NeedsSignIn, match="answering invitations"):
        world.calendar.respond("primary", ref, None, Response.DECLINED, "")
    with pytest.raises(NeedsSignIn):
        world.calendar.hold("primary", "key", Span(START, START + HOUR))
    with pytest.raises(NeedsSignIn):
        world.calendar.release("primary", ref)
    assert not world.microsoft.seen
