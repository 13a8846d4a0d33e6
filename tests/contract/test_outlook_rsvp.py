"""Answers to invitations in Outlook: one request with what it may carry, and a look afterwards; and times held free."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import DANA, NOW
from calwatch.errors import Doubt, Stop, Touched
from calwatch.model.event import Person, Response
from calwatch.model.span import Span
from calwatch.ports import NO_NOTE, Note
from contract.calendar_suite import HOUR, START, WINDOW, Ledger, only_event
from contract.outlook_calendar_world import OutlookCalendarWorld
from fakes.clock import ManualClock
from fakes.microsoft.faults import Fault
from fakes.microsoft.server import FakeMicrosoft

DAY = timedelta(days=1)
ANOTHER_TIME = Span(START + DAY, START + DAY + HOUR)
NOTE = Note("I wrote to you about another time.", ANOTHER_TIME)
PROPOSED = {
    "start": {"dateTime": "2026-05-06T13:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-05-06T14:00:00", "timeZone": "UTC"},
}
DECLINE = "events.decline"


@pytest.fixture
def world(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[OutlookCalendarWorld]:
    yield OutlookCalendarWorld(microsoft, clock, tmp_path)
    assert not microsoft.violations
    assert not microsoft.faults.pending()


@pytest.fixture
def ledger(world: OutlookCalendarWorld) -> Ledger:
    return Ledger(world)


def posted(world: OutlookCalendarWorld, operation: str = DECLINE) -> list[Any]:
    return [seen.body for seen in world.microsoft.seen if seen.operation == operation]


def respond(world: OutlookCalendarWorld, ledger: Ledger, ref: str, answer: Response, note: Note = NO_NOTE) -> str:
    event = next(event for event in ledger.events() if event.ref == ref)
    return world.calendar.respond(world.name, ref, event.recurrence_id, answer, event.etag, note)


class TestWhatAnAnswerCarries:
    def test_is_a_word_for_the_organizer_and_another_time(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        assert respond(world, ledger, ref, Response.DECLINED, NOTE) == ""
        assert posted(world) == [{"sendResponse": True, "comment": NOTE.comment, "proposedNewTime": PROPOSED}]
        (reply,) = world.outlook.replies
        assert (reply.organizer, reply.response, reply.sent) == (DANA.email, "declined", True)

    def test_is_said_outright_even_when_it_is_nothing_more(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        respond(world, ledger, ref, Response.DECLINED)
        assert posted(world) == [{"sendResponse": True}]

    def test_is_no_other_time_when_it_says_yes(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START, answer=Response.NEEDS_ACTION)
        ledger.pull()
        respond(world, ledger, ref, Response.ACCEPTED, NOTE)
        assert posted(world, "events.accept") == [{"sendResponse": True, "comment": NOTE.comment}]

    def test_is_no_other_time_for_an_organizer_who_wants_none(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, allowNewTimeProposals=False)
        ledger.pull()
        respond(world, ledger, ref, Response.DECLINED, NOTE)
        assert posted(world) == [{"sendResponse": True, "comment": NOTE.comment}]

    def test_is_no_other_time_for_one_of_a_series(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.add(START, weekly=3)
        ledger.pull()
        respond(world, ledger, ledger.events()[1].ref, Response.DECLINED, NOTE)
        assert posted(world) == [{"sendResponse": True, "comment": NOTE.comment}]
        ledger.pull()
        assert [event.start for event in ledger.events()] == [START, START + timedelta(weeks=2)]

    def test_is_nothing_at_all_for_an_organizer_who_asked_for_no_answer(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, responseRequested=False)
        ledger.pull()
        respond(world, ledger, ref, Response.DECLINED, NOTE)
        assert posted(world) == [{"sendResponse": False}]
        assert not world.told()

    @pytest.mark.parametrize("curly", [True, False])
    def test_is_left_out_when_microsoft_says_that_nobody_asked(
        self, world: OutlookCalendarWorld, ledger: Ledger, curly: bool
    ) -> None:
        world.outlook.curly_apostrophe = curly
        world.outlook.left_out = frozenset({"responseRequested"})
        ref = world.add(START, responseRequested=False)
        ledger.pull()
        respond(world, ledger, ref, Response.DECLINED, Note("Sorry"))
        assert posted(world) == [{"sendResponse": True, "comment": "Sorry"}, {"sendResponse": False}]
        ledger.pull()
        assert not ledger.events()

    def test_is_left_out_when_microsoft_refuses_another_time(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.outlook.left_out = frozenset({"allowNewTimeProposals"})
        ref = world.add(START, allowNewTimeProposals=False)
        ledger.pull()
        respond(world, ledger, ref, Response.TENTATIVE, NOTE)
        bodies = posted(world, "events.tentativelyAccept")
        assert ["proposedNewTime" in body for body in bodies] == [True, False]
        assert world.told() == [Response.TENTATIVE]


class TestALostConfirmation:
    @pytest.mark.parametrize("preserved", [True, False])
    def test_is_looked_into_and_nothing_is_sent_twice(
        self, world: OutlookCalendarWorld, ledger: Ledger, preserved: bool
    ) -> None:
        world.outlook.preserve_declined = preserved
        ref = world.add(START)
        ledger.pull()
        world.microsoft.faults.plan(DECLINE, Fault.LOST)
        with pytest.raises(Doubt):
            respond(world, ledger, ref, Response.DECLINED, NOTE)
        if preserved:
            ledger.pull()
            respond(world, ledger, ref, Response.DECLINED, NOTE)
        else:
            with pytest.raises(Touched):
                respond(world, ledger, ref, Response.DECLINED, NOTE)
        assert len(posted(world)) == 1
        assert world.told() == [Response.DECLINED]

    def test_of_something_that_did_not_happen_lets_it_be_tried_again(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        world.microsoft.faults.plan(DECLINE, Fault.DOWN)
        with pytest.raises(Doubt):
            respond(world, ledger, ref, Response.DECLINED)
        assert not world.told()
        respond(world, ledger, ref, Response.DECLINED)
        assert world.told() == [Response.DECLINED]


class TestNoAnswer:
    def test_is_given_to_what_was_cancelled(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        world.cancel(ref)
        ledger.pull()
        with pytest.raises(Stop, match="cancelled"):
            respond(world, ledger, ref, Response.DECLINED)
        assert not world.outlook.replies

    def test_is_given_to_what_is_over(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(NOW - DAY)
        ledger.pull()
        with pytest.raises(Stop, match="over"):
            respond(world, ledger, ref, Response.DECLINED)
        assert not world.outlook.replies

    def test_is_given_to_the_persons_own_meeting(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START, answer=Response.OWN, others=(Person("bob@acme.example"),))
        ledger.pull()
        assert respond(world, ledger, ref, Response.DECLINED) == ledger.etags[ref]
        assert not world.outlook.replies

    @pytest.mark.parametrize("curly", [True, False])
    def test_is_taken_for_a_meeting_that_turns_out_to_be_the_persons_own(
        self, world: OutlookCalendarWorld, ledger: Ledger, curly: bool
    ) -> None:
        world.outlook.curly_apostrophe = curly
        world.outlook.left_out = frozenset({"isOrganizer"})
        ref = world.add(START, isOrganizer=True, organizer=Person("outlook_12ab@outlook.com"))
        ledger.pull()
        with pytest.raises(Stop, match="your own"):
            respond(world, ledger, ref, Response.DECLINED)

    def test_is_given_to_what_changed_or_went_meanwhile(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.outlook.edit(ref, subject="Another interview")
        with pytest.raises(Touched):
            respond(world, ledger, ref, Response.DECLINED)
        world.remove(ref)
        with pytest.raises(Touched):
            respond(world, ledger, ref, Response.DECLINED)
        assert not posted(world)

    def test_is_given_to_an_occurrence_that_moved(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.add(START, weekly=3)
        ledger.pull()
        second = ledger.events()[1]
        world.move(second.ref, second.start + HOUR)
        with pytest.raises(Touched):
            respond(world, ledger, second.ref, Response.DECLINED)

    def test_is_other_than_yes_no_and_perhaps(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        with pytest.raises(Stop):
            respond(world, ledger, ref, Response.NEEDS_ACTION)


def test_an_occurrence_of_a_series_that_changed_elsewhere_can_still_be_answered(
    world: OutlookCalendarWorld, ledger: Ledger
) -> None:
    master = world.add(START, weekly=3)
    ledger.pull()
    third = ledger.events()[2]
    world.remove(world.outlook.occurrence(master, START))
    respond(world, ledger, third.ref, Response.TENTATIVE)
    assert world.told() == [Response.TENTATIVE]


class TestAHold:
    SPAN = Span(START, START + HOUR)

    def test_is_private_and_known_as_ours_by_nothing_anybody_sees(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        world.calendar.hold(world.name, "key", self.SPAN)
        (body,) = posted(world, "events.create")
        assert (body["sensitivity"], body["showAs"], body["isReminderOn"]) == ("private", "tentative", False)
        assert "attendees" not in body
        ledger.pull()
        event = only_event(ledger)
        assert (event.summary, event.description, event.location) == ("Busy", "", "")

    @pytest.mark.parametrize("outlive", [True, False])
    def test_removed_by_hand_can_be_asked_for_again(
        self, world: OutlookCalendarWorld, ledger: Ledger, outlive: bool
    ) -> None:
        world.outlook.transactions_outlive = outlive
        first = world.calendar.hold(world.name, "key", self.SPAN)
        world.remove(first)
        second = world.calendar.hold(world.name, "key", self.SPAN)
        assert second != first
        assert world.calendar.hold(world.name, "key", self.SPAN) == second
        ledger.pull()
        assert only_event(ledger).ref == second

    @pytest.mark.parametrize("change", [{"subject": "Dentist"}, {"location": {"displayName": "Main Street"}}])
    def test_the_person_made_something_of_is_theirs(self, world: OutlookCalendarWorld, change: dict[str, Any]) -> None:
        ref = world.calendar.hold(world.name, "key", self.SPAN)
        world.outlook.edit_own_copy(ref, **change)
        with pytest.raises(Touched):
            world.calendar.release(world.name, ref)
        assert world.outlook.titles()

    def test_is_all_that_is_ever_removed(self, world: OutlookCalendarWorld) -> None:
        ref = world.add(START, "Busy", Response.OWN)
        with pytest.raises(Touched):
            world.calendar.release(world.name, ref)
        assert world.outlook.titles() == ["Busy"]

    def test_that_changes_while_it_is_removed_is_left(self, world: OutlookCalendarWorld) -> None:
        ref = world.calendar.hold(world.name, "key", self.SPAN)
        world.microsoft.faults.plan("events.delete", Fault.CONFLICT)
        with pytest.raises(Touched):
            world.calendar.release(world.name, ref)
        assert world.calendar.busy([world.name], WINDOW)[world.name] == (self.SPAN,)
