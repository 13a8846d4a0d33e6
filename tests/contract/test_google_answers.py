"""Answers to invitations and held times in a Google calendar: what is sent, what is refused, and what is left alone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import ALEX
from calwatch.errors import Doubt, NeedsSignIn, Retry, Stop, Touched
from calwatch.model.event import Event, Person, Response, Status
from calwatch.model.span import Span
from calwatch.ports import Note
from contract.calendar_suite import HOUR, START, Ledger, only_event
from contract.google_calendar_world import GoogleCalendarWorld
from contract.google_calendars import DELETE, GET, INSERT, PATCH, asked, open_calendar, requests_of
from fakes.clock import ManualClock
from fakes.google.faults import Fault
from fakes.google.server import ALL, FakeGoogle

WEEK = timedelta(weeks=1)
BOB = Person("bob@acme.example", "Bob Ray")
SLOT = Span(START, START + HOUR)


def decline(world: GoogleCalendarWorld, event: Event) -> str:
    return world.calendar.respond("primary", event.ref, event.recurrence_id, Response.DECLINED, event.etag)


class TestAnAnswer:
    def test_is_one_conditional_patch_of_the_own_entry_alone(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = google.calendar.add(START, answer=Response.ACCEPTED, others=(BOB,))
        before = google.calendar.raw(ref)
        ledger.pull()
        event = only_event(ledger)
        google.seen.clear()
        etag = decline(world, event)
        assert requests_of(google) == [GET, PATCH, GET]
        (patch,) = [seen for seen in google.seen if seen.method_id == PATCH]
        assert patch.headers["if-match"] == event.etag
        assert patch.params["sendUpdates"] == "all"
        mine = {"email": ALEX.email, "responseStatus": "declined"}
        assert patch.body == {"attendeesOmitted": True, "attendees": [mine]}
        after = google.calendar.raw(ref)
        others = [[guest for guest in raw["attendees"] if guest["email"] != ALEX.email] for raw in (before, after)]
        assert others[0] == others[1]
        assert {k: v for k, v in before.items() if k != "attendees"} == {
            k: v for k, v in after.items() if k != "attendees"
        }
        ledger.pull()
        assert (only_event(ledger).etag, only_event(ledger).response) == (etag, Response.DECLINED)

    def test_carries_its_line_in_the_own_entry(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = google.calendar.add(START, answer=Response.ACCEPTED)
        ledger.pull()
        note = Note("I have asked for another time by mail.", SLOT)
        world.calendar.respond("primary", ref, None, Response.DECLINED, only_event(ledger).etag, note)
        (patch,) = [seen for seen in google.seen if seen.method_id == PATCH]
        mine = {"email": ALEX.email, "responseStatus": "declined", "comment": note.comment}
        assert patch.body == {"attendeesOmitted": True, "attendees": [mine]}

    def test_to_an_event_that_was_moved_meanwhile_is_not_sent(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        world.move(ref, START + HOUR)
        with pytest.raises(Touched):
            decline(world, only_event(ledger))
        assert google.count(PATCH) == 0

    def test_that_meets_a_change_at_the_last_moment_is_not_set(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        """The organizer's change arrives between our look and our answer: Google refuses by If-Match."""
        ref = world.add(START)
        ledger.pull()
        event = only_event(ledger)
        original = google.calendar.handle

        def and_then_it_moves(call: Any) -> Any:
            answer = original(call)
            if call.method_id == GET:
                google.calendar.touch(ref)
            return answer

        google._handlers["calendar"] = _Handler(and_then_it_moves)
        with pytest.raises(Touched):
            decline(world, event)
        assert google.count(PATCH) == 1
        assert not world.told()

    def test_to_an_event_that_is_gone_is_not_sent(self, world: GoogleCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.cancel(ref)
        with pytest.raises(Touched):
            decline(world, only_event(ledger))

    def test_is_not_given_where_the_person_is_not_on_the_list(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        guests = [{"email": "team@groups.example", "responseStatus": "needsAction"}]
        google.calendar.add(START, attendees=guests)
        ledger.pull()
        with pytest.raises(Stop, match="guest list"):
            decline(world, only_event(ledger))
        assert google.count(PATCH) == 0

    def test_is_not_given_to_a_private_copy_which_tells_nobody(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        google.calendar.add(START, privateCopy=True)
        ledger.pull()
        with pytest.raises(Stop, match="by mail"):
            decline(world, only_event(ledger))
        assert google.count(PATCH) == 0

    def test_that_google_does_not_allow_names_the_event_and_is_not_tried_again(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START, "Technical interview")
        ledger.pull()
        google.faults.plan(PATCH, Fault.REFUSED)
        with pytest.raises(Stop, match="Technical interview"):
            decline(world, only_event(ledger))
        assert google.count(PATCH) == 1

    def test_needs_the_permission_to_write_and_says_so_before_asking_google(
        self, google: FakeGoogle, clock: ManualClock, tmp_path: Path
    ) -> None:
        scopes = tuple(name.replace("calendar.events", "calendar.events.readonly") for name in ALL)
        calendar = open_calendar(google, clock, tmp_path, scopes)
        with pytest.raises(NeedsSignIn, match="answering invitations"):
            calendar.respond("primary", "x", None, Response.DECLINED, "e")
        with pytest.raises(NeedsSignIn, match="holding times"):
            calendar.hold("primary", "key", SLOT)
        assert not requests_of(google)

    def test_that_may_not_have_arrived_is_in_doubt_and_looked_at_before_it_is_given_again(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START)
        ledger.pull()
        google.faults.plan(PATCH, Fault.UNDONE)
        with pytest.raises(Doubt):
            decline(world, only_event(ledger))
        ledger.pull()
        decline(world, only_event(ledger))
        assert world.told() == [Response.DECLINED]

    def test_that_google_certainly_did_not_take_can_be_given_again(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START)
        ledger.pull()
        google.faults.plan(PATCH, Fault.RATE)
        with pytest.raises(Retry):
            decline(world, only_event(ledger))
        world.clock.advance(timedelta(minutes=2))
        decline(world, only_event(ledger))
        assert world.told() == [Response.DECLINED]

    def test_that_cannot_be_read_back_is_in_doubt(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START)
        ledger.pull()
        google.faults.plan(GET, Fault.OK, *[Fault.DOWN] * 4)
        with pytest.raises(Doubt):
            decline(world, only_event(ledger))


class TestAnAnswerToOneOccurrence:
    def test_goes_to_that_occurrence(self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START, weekly=3)
        ledger.pull()
        decline(world, ledger.events()[1])
        assert asked(google, PATCH)[0]["eventId"] == f"{ref}_20260512T130000Z"

    def test_that_is_an_entry_of_its_own_already_keeps_its_id(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=3)
        world.move(f"{ref}_20260512T130000Z", START + WEEK + HOUR)
        ledger.pull()
        decline(world, ledger.events()[1])
        assert asked(google, PATCH)[0]["eventId"] == f"{ref}_20260512T130000Z"
        ledger.pull()
        answers = [event.response for event in ledger.events()]
        assert answers == [Response.ACCEPTED, Response.DECLINED, Response.ACCEPTED]

    def test_that_was_moved_by_itself_meanwhile_is_not_sent(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=3)
        ledger.pull()
        second = ledger.events()[1]
        world.move(f"{ref}_20260512T130000Z", START + WEEK + HOUR)
        with pytest.raises(Touched):
            decline(world, second)
        world.cancel(f"{ref}_20260512T130000Z")
        with pytest.raises(Touched):
            decline(world, second)
        assert google.count(PATCH) == 0

    def test_of_the_later_part_of_a_split_series_finds_it(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, weekly=4)
        google.calendar.split(ref, START + 2 * WEEK, START + 2 * WEEK)
        world.clock.advance(timedelta(minutes=1))
        ledger.pull()
        decline(world, ledger.events()[3])
        ledger.pull()
        assert [event.response is Response.DECLINED for event in ledger.events()] == [False, False, False, True]

    def test_of_days_goes_to_that_day(self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger) -> None:
        invitation = google.calendar.raw(world.add(START, weekly=2))
        days = {"start": {"date": "2026-05-05"}, "end": {"date": "2026-05-06"}}
        ref = google.calendar.put({**invitation, **days})
        ledger.pull()
        decline(world, ledger.events()[1])
        assert asked(google, PATCH)[0]["eventId"] == f"{ref}_20260512"


class TestAHold:
    def test_is_a_private_tentative_entry_that_says_nothing_and_tells_nobody(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.calendar.hold("primary", "draft-1", SLOT)
        (sent,) = [seen for seen in google.seen if seen.method_id == INSERT]
        assert sent.body is not None
        assert re.fullmatch("[a-v0-9]{5,1024}", sent.body["id"])
        assert sent.body["id"] == ref
        assert "calwatch" not in str(sent.body)
        assert sent.params["sendUpdates"] == "none"
        raw = google.calendar.raw(ref)
        assert (raw["status"], raw["summary"], raw["visibility"]) == ("tentative", "Busy", "private")
        assert raw["reminders"] == {"useDefault": False, "overrides": []}
        assert "attendees" not in raw
        ledger.pull()
        event = only_event(ledger)
        assert (event.status, event.busy, event.span) == (Status.TENTATIVE, True, SLOT)

    def test_removed_by_hand_and_wanted_again_is_made_anew_and_is_still_one(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        first = world.calendar.hold("primary", "draft-1", SLOT)
        google.calendar.remove(first)
        second = world.calendar.hold("primary", "draft-1", SLOT)
        assert second != first
        assert world.calendar.hold("primary", "draft-1", SLOT) == second
        ledger.pull()
        assert only_event(ledger).ref == second

    def test_of_another_key_or_calendar_is_another(self, google: FakeGoogle, world: GoogleCalendarWorld) -> None:
        refs = {world.calendar.hold("primary", key, SLOT) for key in ("draft-1", "draft-2")}
        assert len(refs) == 2

    def test_is_released_without_telling_anybody(self, google: FakeGoogle, world: GoogleCalendarWorld) -> None:
        ref = world.calendar.hold("primary", "draft-1", SLOT)
        world.calendar.release("primary", ref)
        (sent,) = [seen for seen in google.seen if seen.method_id == DELETE]
        assert sent.params["sendUpdates"] == "none"
        assert sent.headers["if-match"]

    def test_that_became_an_appointment_of_the_persons_is_left_to_them(
        self, google: FakeGoogle, world: GoogleCalendarWorld
    ) -> None:
        ref = world.calendar.hold("primary", "draft-1", SLOT)
        google.calendar.change(ref, summary="Lunch with Sam")
        world.clock.advance(timedelta(minutes=1))
        with pytest.raises(Touched):
            world.calendar.release("primary", ref)
        assert google.count(DELETE) == 0

    def test_is_the_only_thing_that_is_ever_deleted(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = google.calendar.add(START, "Busy", Response.OWN, visibility="private")
        google.seen.clear()
        with pytest.raises(Touched):
            world.calendar.release("primary", ref)
        assert not requests_of(google)

    def test_that_is_gone_or_purged_is_released_already(self, google: FakeGoogle, world: GoogleCalendarWorld) -> None:
        ref = world.calendar.hold("primary", "draft-1", SLOT)
        google.calendar.remove(ref)
        world.calendar.release("primary", ref)
        google.calendar.purge()
        world.calendar.release("primary", ref)
        assert google.count(DELETE) == 0

    def test_whose_deletion_was_lost_can_be_released_again(
        self, google: FakeGoogle, world: GoogleCalendarWorld
    ) -> None:
        ref = world.calendar.hold("primary", "draft-1", SLOT)
        google.faults.plan(DELETE, Fault.LOST)
        with pytest.raises(Doubt):
            world.calendar.release("primary", ref)
        world.calendar.release("primary", ref)
        assert google.count(DELETE) == 1


class _Handler:
    """A calendar that answers through a function."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle
