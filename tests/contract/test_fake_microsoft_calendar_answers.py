"""The fake Outlook calendar and answers to invitations: what is refused, what becomes of the event, who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, DANA
from calwatch.model.event import Response
from contract.outlook_caller import START, Caller, refs
from fakes.clock import ManualClock
from fakes.microsoft.calendar import CalendarState
from fakes.microsoft.calendar_times import Json, point
from fakes.microsoft.call import ApiError

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)
PROPOSAL = {"start": point(START + DAY), "end": point(START + DAY + HOUR)}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def calendar(clock: ManualClock) -> CalendarState:
    return CalendarState(clock=clock, owner=ALEX.email, owner_name=ALEX.name)


@pytest.fixture
def caller(calendar: CalendarState) -> Caller:
    return Caller(calendar)


def answered(caller: Caller, word: str, ref: str, **body: object) -> None:
    answer = caller.call(f"events.{word}", event=ref, body=body)
    assert (answer.status, answer.json) == (202, None)


class TestRefused:
    @pytest.mark.parametrize(
        ("fields", "word", "body", "code"),
        [
            ({"isOrganizer": True}, "accept", {}, "ErrorInvalidRequest"),
            ({"responseRequested": False}, "accept", {"sendResponse": True}, "ErrorInvalidRequest"),
            ({"responseRequested": False}, "accept", {}, "ErrorInvalidRequest"),
            ({"allowNewTimeProposals": False}, "decline", {"proposedNewTime": PROPOSAL}, "ErrorInvalidParameter"),
            ({}, "decline", {"proposedNewTime": PROPOSAL, "sendResponse": False}, "ErrorInvalidParameter"),
            ({}, "decline", {"comment": "no", "sendResponse": False}, "ErrorInvalidParameter"),
            ({}, "accept", {"proposedNewTime": PROPOSAL}, "ErrorInvalidRequest"),
            ({}, "accept", {"answer": "yes"}, "ErrorInvalidRequest"),
        ],
    )
    def test_by_the_invitation_or_the_request(
        self, calendar: CalendarState, caller: Caller, fields: Json, word: str, body: Json, code: str
    ) -> None:
        ref = calendar.add(START, **fields)
        assert caller.refusal(f"events.{word}", event=ref, body=body) == f"400 {code}"
        assert calendar.replies == []

    def test_an_entry_of_the_persons_own(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, answer=Response.OWN)
        assert caller.refusal("events.decline", event=ref, body={}) == "400 ErrorInvalidRequest"

    def test_what_is_gone(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        calendar.remove(ref)
        assert caller.refusal("events.decline", event=ref, body={}) == "404 ErrorItemNotFound"

    @pytest.mark.parametrize("refuses", [True, False])
    def test_perhaps_what_is_cancelled(self, calendar: CalendarState, caller: Caller, refuses: bool) -> None:
        calendar.refuses_cancelled = refuses
        ref = calendar.add(START)
        calendar.cancel(ref)
        if refuses:
            assert caller.refusal("events.accept", event=ref, body={}) == "400 ErrorInvalidRequest"
        else:
            answered(caller, "accept", ref)

    @pytest.mark.parametrize("refuses", [True, False])
    def test_perhaps_what_is_over(
        self, calendar: CalendarState, caller: Caller, clock: ManualClock, refuses: bool
    ) -> None:
        calendar.refuses_past = refuses
        ref = calendar.add(START)
        clock.advance(START + DAY - clock.now())
        if refuses:
            assert caller.refusal("events.accept", event=ref, body={}) == "400 ErrorInvalidRequest"
        else:
            answered(caller, "accept", ref)

    @pytest.mark.parametrize(("curly", "mark"), [(True, "\u2019"), (False, "'")])
    def test_the_apostrophe_may_be_typeset(
        self, calendar: CalendarState, caller: Caller, curly: bool, mark: str
    ) -> None:
        calendar.curly_apostrophe = curly
        ref = calendar.add(START, responseRequested=False)
        with pytest.raises(ApiError, match=f"hasn{mark}t requested a response"):
            caller.call("events.accept", event=ref, body={})
        answered(caller, "accept", ref, sendResponse=False)


class TestGiven:
    @pytest.mark.parametrize(("word", "shown"), [("accept", "busy"), ("tentativelyAccept", "tentative")])
    def test_the_event_shows_it_and_the_organizer_hears(
        self, calendar: CalendarState, caller: Caller, word: str, shown: str
    ) -> None:
        ref = calendar.add(START)
        before = caller.event(ref)
        answered(caller, word, ref, Comment="See you", SendResponse=True)
        event = caller.event(ref)
        assert event["showAs"] == shown
        assert event["responseStatus"]["response"] == f"{word}ed"
        assert event["@odata.etag"] != before["@odata.etag"]
        (told,) = calendar.replies
        assert (told.ref, told.organizer, told.comment, told.sent) == (ref, DANA.email, "See you", True)

    def test_a_silent_one_tells_nobody(self, calendar: CalendarState, caller: Caller) -> None:
        answered(caller, "accept", calendar.add(START), sendResponse=False)
        assert [told.sent for told in calendar.replies] == [False]

    def test_a_proposal_goes_along(self, calendar: CalendarState, caller: Caller) -> None:
        answered(caller, "tentativelyAccept", calendar.add(START), proposedNewTime=PROPOSAL)
        assert calendar.replies[0].proposal == PROPOSAL

    def test_a_declined_event_leaves_the_calendar(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        answered(caller, "decline", ref, sendResponse=True)
        assert caller.refusal("events.get", event=ref) == "404 ErrorItemNotFound"
        assert caller.view() == []

    def test_it_stays_where_declined_ones_are_kept(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.preserve_declined = True
        ref = calendar.add(START)
        answered(caller, "decline", ref)
        assert caller.event(ref)["responseStatus"]["response"] == "declined"
        assert caller.event(ref)["showAs"] == "free"

    def test_one_occurrence_is_answered_alone(self, calendar: CalendarState, caller: Caller) -> None:
        series = calendar.add(START, weeks=3)
        answered(caller, "accept", calendar.occurrence(series, START + WEEK))
        answers = [(e["type"], e["responseStatus"]["response"]) for e in caller.view()]
        assert answers == [("occurrence", "notResponded"), ("exception", "accepted"), ("occurrence", "notResponded")]

    def test_one_declined_occurrence_vanishes_alone(self, calendar: CalendarState, caller: Caller) -> None:
        series = calendar.add(START, weeks=3)
        second = calendar.occurrence(series, START + WEEK)
        answered(caller, "decline", second)
        assert len(caller.view()) == 2
        assert caller.refusal("events.get", event=second) == "404 ErrorItemNotFound"

    def test_a_series_is_answered_as_a_whole(self, calendar: CalendarState, caller: Caller) -> None:
        series = calendar.add(START, weeks=3)
        calendar.edit(calendar.occurrence(series, START + WEEK), subject="Another room")
        answered(caller, "accept", series)
        assert {e["responseStatus"]["response"] for e in caller.view()} == {"accepted"}


class TestOrganizer:
    def test_a_new_time_asks_again_and_other_words_do_not(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, answer=Response.ACCEPTED)
        calendar.edit(ref, subject="Second interview")
        assert caller.event(ref)["responseStatus"]["response"] == "accepted"
        calendar.move(ref, START + DAY)
        assert (caller.event(ref)["responseStatus"]["response"], caller.event(ref)["showAs"]) == (
            "notResponded",
            "tentative",
        )

    @pytest.mark.parametrize("another", [True, False])
    def test_an_update_brings_a_declined_meeting_back(
        self, calendar: CalendarState, caller: Caller, another: bool
    ) -> None:
        calendar.returns_with_new_id = another
        ref = calendar.add(START)
        uid = caller.event(ref)["iCalUId"]
        answered(caller, "decline", ref)
        again = calendar.move(ref, START + DAY)
        (event,) = caller.view()
        assert (event["id"], event["iCalUId"], event["responseStatus"]["response"]) == (again, uid, "notResponded")
        assert (again == ref) is not another

    def test_an_update_brings_a_declined_occurrence_back(self, calendar: CalendarState, caller: Caller) -> None:
        second = calendar.occurrence(calendar.add(START, weeks=3), START + WEEK)
        answered(caller, "decline", second)
        calendar.move(second, START + WEEK + HOUR)
        assert second in refs(caller.view())

    @pytest.mark.parametrize(("free", "shown"), [(True, "free"), (False, "busy")])
    def test_a_cancelled_meeting_stays_with_its_answer(
        self, calendar: CalendarState, caller: Caller, free: bool, shown: str
    ) -> None:
        calendar.cancelled_is_free = free
        ref = calendar.add(START, answer=Response.ACCEPTED)
        calendar.cancel(ref)
        event = caller.event(ref)
        assert (event["isCancelled"], event["showAs"]) == (True, shown)
        assert event["responseStatus"]["response"] == "accepted"
        calendar.remove(ref)
        assert caller.refusal("events.get", event=ref) == "404 ErrorItemNotFound"

    def test_the_prefix_may_be_doubled_and_in_any_language(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.cancel_prefix = "Abgesagt: Abgesagt: "
        ref = calendar.add(START)
        calendar.cancel(ref)
        assert caller.event(ref)["subject"] == "Abgesagt: Abgesagt: Interview"

    def test_one_cancelled_occurrence_stays_as_an_exception(self, calendar: CalendarState, caller: Caller) -> None:
        series = calendar.add(START, weeks=3)
        calendar.cancel(calendar.occurrence(series, START + WEEK))
        assert [e["isCancelled"] for e in caller.view()] == [False, True, False]
