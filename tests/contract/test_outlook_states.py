"""What becomes of an appointment in Outlook: moved, cancelled, declined, removed, come back; and what takes time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import ALEX, DANA, at
from calwatch.model.event import Event, Person, Response, Status
from calwatch.model.span import Span
from calwatch.ports import Cancelled, Found, Gone, Unknown
from contract.calendar_suite import HOUR, START, WINDOW, Ledger, only_event, shown
from contract.outlook_calendar_world import DELTA, GET, OutlookCalendarWorld
from fakes.clock import ManualClock
from fakes.microsoft.faults import Fault
from fakes.microsoft.server import FakeMicrosoft

BOB = Person("bob@acme.example", "Bob Ray")
DAY = timedelta(days=1)


@pytest.fixture
def world(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[OutlookCalendarWorld]:
    yield OutlookCalendarWorld(microsoft, clock, tmp_path)
    assert not microsoft.violations
    assert not microsoft.faults.pending()


@pytest.fixture
def ledger(world: OutlookCalendarWorld) -> Ledger:
    return Ledger(world)


class TestMoved:
    def test_by_its_organizer_it_is_the_same_event_at_another_time_and_wants_an_answer_again(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        before = only_event(ledger)
        world.move(ref, START + HOUR)
        changes = ledger.pull()
        after = only_event(ledger)
        assert not changes.gone
        assert (after.ref, after.uid) == (before.ref, before.uid)
        assert (after.start, after.response) == (START + HOUR, Response.NEEDS_ACTION)

    @pytest.mark.parametrize("by", [timedelta(days=300), timedelta(days=-120)])
    def test_out_of_the_window_it_is_told_where_it_is_now(
        self, world: OutlookCalendarWorld, ledger: Ledger, by: timedelta
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        world.move(ref, START + by)
        world.microsoft.seen.clear()
        changes = ledger.pull()
        assert [(item.ref, item.start) for item in changes.items if isinstance(item, Event)] == [(ref, START + by)]
        assert not changes.gone
        assert world.asked() == [DELTA, GET]

    def test_just_beyond_the_window_it_is_told_where_it_is_now(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        world.move(ref, WINDOW.end + HOUR)
        changes = ledger.pull()
        assert [item.ref for item in changes.items] == [ref]
        assert not changes.gone

    def test_out_of_the_window_and_back_it_is_shown_again(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.move(ref, WINDOW.end + 30 * DAY)
        ledger.pull()
        world.move(ref, START + DAY)
        ledger.pull()
        assert only_event(ledger).start == START + DAY

    def test_to_another_calendar_of_the_persons_it_is_still_there(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        other = world.outlook.add_calendar("Jobs")
        ref = world.add(START)
        ledger.pull()
        world.outlook.move_to_calendar(ref, other)
        changes = ledger.pull()
        assert not changes.gone
        found = world.calendar.get(world.name, ref, WINDOW)
        assert isinstance(found, Found)


class TestRemoved:
    def test_it_is_gone_after_a_look_and_its_time_is_free(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.remove(ref)
        world.microsoft.seen.clear()
        assert ledger.pull().gone == (ref,)
        assert world.asked() == [DELTA, GET]
        assert isinstance(world.calendar.get(world.name, ref, WINDOW), Gone)
        assert world.calendar.busy([world.name], WINDOW)[world.name] == ()


class TestCancelledByTheOrganizer:
    @pytest.mark.parametrize("prefix", ["Canceled: ", "Abgesagt: Abgesagt: ", "Annulé : ", ""])
    @pytest.mark.parametrize("free", [True, False])
    def test_it_stays_and_takes_no_time_whatever_it_is_called(
        self, world: OutlookCalendarWorld, ledger: Ledger, prefix: str, free: bool
    ) -> None:
        world.outlook.cancel_prefix, world.outlook.cancelled_is_free = prefix, free
        ref = world.add(START, "Onsite")
        ledger.pull()
        world.cancel(ref)
        assert not ledger.pull().gone
        event = only_event(ledger)
        assert (event.status, event.response, event.busy) == (Status.CANCELLED, Response.ACCEPTED, False)
        assert event.summary == "Onsite"
        assert isinstance(world.calendar.get(world.name, ref, WINDOW), Cancelled)
        assert world.calendar.busy([world.name], WINDOW)[world.name] == ()

    def test_and_removed_by_the_person_it_is_only_gone(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.cancel(ref)
        ledger.pull()
        world.remove(ref)
        assert ledger.pull().gone == (ref,)


class TestDeclinedByThePerson:
    @pytest.mark.parametrize("preserved", [True, False])
    def test_it_takes_no_time_whether_it_stays_or_goes(
        self, world: OutlookCalendarWorld, ledger: Ledger, preserved: bool
    ) -> None:
        world.outlook.preserve_declined = preserved
        ref = world.add(START)
        ledger.pull()
        world.outlook.answer(ref, Response.DECLINED)
        ledger.pull()
        assert [event.response for event in ledger.events()] == [Response.DECLINED] * preserved
        assert world.calendar.busy([world.name], WINDOW)[world.name] == ()

    @pytest.mark.parametrize("renamed", [True, False])
    def test_it_comes_back_with_the_organizers_next_update_under_the_same_uid(
        self, world: OutlookCalendarWorld, ledger: Ledger, renamed: bool
    ) -> None:
        world.outlook.returns_with_new_id = renamed
        ref = world.add(START)
        ledger.pull()
        uid = only_event(ledger).uid
        world.outlook.answer(ref, Response.DECLINED)
        ledger.pull()
        world.outlook.edit(ref, subject="Interview, please")
        ledger.pull()
        event = only_event(ledger)
        assert (event.uid, event.response, event.busy) == (uid, Response.NEEDS_ACTION, True)
        assert (event.ref == ref) is not renamed


class TestOtherPeoplesAnswers:
    def test_are_unknown_in_a_guests_copy(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.outlook.add(START, answer=Response.ACCEPTED, others=(BOB,))
        ledger.pull()
        event = only_event(ledger)
        answers = {attendee.person.email: attendee.response for attendee in event.attendees}
        assert answers == {ALEX.email: Response.ACCEPTED, BOB.email: Response.NEEDS_ACTION}
        assert event.organizer == DANA

    def test_are_known_in_the_organizers(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.outlook.add(START, answer=Response.OWN, others=(BOB,))
        ledger.pull()
        world.outlook.guest_answers(ref, BOB, Response.DECLINED, Span(START + DAY, START + DAY + HOUR))
        ledger.pull()
        event = only_event(ledger)
        assert event.response is Response.OWN
        assert [(a.person.email, a.response) for a in event.attendees] == [(BOB.email, Response.DECLINED)]

    def test_are_not_read_into_a_list_that_is_hidden(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.outlook.hide_attendees = True
        world.add(START)
        ledger.pull()
        assert only_event(ledger).guests_hidden


def test_properties_that_are_null_missing_or_new_break_nothing(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    world.outlook.null_fields = frozenset(
        {"attendees", "organizer", "subject", "location", "body", "categories", "showAs", "onlineMeeting", "iCalUId"}
    )
    world.outlook.left_out = frozenset({"responseRequested", "createdDateTime", "isCancelled", "responseStatus"})
    world.add(START, somethingNew={"a": 1}, importance="quantum")
    changes = ledger.pull()
    assert not changes.problems
    assert only_event(ledger).busy


def test_a_day_is_that_day_and_a_time_is_in_the_zone_of_its_author(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    world.add_day(date(2026, 5, 8), zone="America/Los_Angeles")
    world.add(START, "Call", zone="America/Los_Angeles")
    ledger.pull()
    call, holiday = ledger.events()
    assert (call.start, call.timezone) == (START, "America/Los_Angeles")
    assert (holiday.start_date, holiday.end_date) == (date(2026, 5, 8), date(2026, 5, 9))
    assert (holiday.start, holiday.end) == (at("2026-05-07 22:00"), at("2026-05-08 22:00"))


@pytest.mark.parametrize("names", ["windows", "iana", "custom"])
def test_the_time_is_right_however_the_zone_is_called(world: OutlookCalendarWorld, ledger: Ledger, names: Any) -> None:
    world.outlook.zone_names = names
    world.add(START)
    ledger.pull()
    event = only_event(ledger)
    assert (event.start, event.timezone) == (START, None if names == "custom" else "Europe/Berlin")


class TestTakenTime:
    def test_is_on_all_pages(self, world: OutlookCalendarWorld) -> None:
        world.outlook.page_size = 10
        for number in range(25):
            world.add(START + number * HOUR)
        taken = world.calendar.busy([world.name], Span(START, START + 2 * DAY))[world.name]
        assert taken == tuple(Span(START + n * HOUR, START + (n + 1) * HOUR) for n in range(25))

    def test_of_a_day_is_the_persons_day(self, world: OutlookCalendarWorld) -> None:
        world.add_day(date(2026, 5, 8))
        window = Span(at("2026-05-07 22:00"), at("2026-05-07 23:00"))
        assert world.calendar.busy([world.name], window)[world.name] == (window,)

    def test_is_not_what_is_offered_elsewhere_or_free(self, world: OutlookCalendarWorld) -> None:
        for number, shows in enumerate(["free", "workingElsewhere", "oof", "tentative", "unknown", "brandNew"]):
            world.add(START + number * DAY, "Own", Response.OWN, showAs=shows)
        taken = world.calendar.busy([world.name], WINDOW)[world.name]
        assert taken == tuple(Span(START + n * DAY, START + n * DAY + HOUR) for n in (2, 3, 4, 5))

    def test_of_one_event_that_cannot_be_read_is_unknown(self, world: OutlookCalendarWorld) -> None:
        world.outlook.left_out = frozenset({"start"})
        world.add(START)
        assert isinstance(world.calendar.busy([world.name], WINDOW)[world.name], Unknown)

    def test_nobody_tells_is_unknown(self, world: OutlookCalendarWorld) -> None:
        world.microsoft.faults.plan("calendarView", *[Fault.EMPTY_504] * 4)
        assert isinstance(world.calendar.busy([world.name], WINDOW)[world.name], Unknown)


def test_titles_are_shown_as_they_are_now(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    ref = world.add(START, "Interview")
    ledger.pull()
    world.outlook.edit(ref, subject="Final interview")
    ledger.pull()
    assert shown(ledger) == [("Final interview", "05-05 13:00")]
