"""The fake Outlook calendar's change tracking: rounds, what they leave out, and links that die."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX
from calwatch.model.event import Response
from contract.outlook_caller import START, WINDOW, Caller, query, refs
from fakes.clock import ManualClock
from fakes.microsoft.calendar import CalendarState
from fakes.microsoft.calendar_manners import Lost
from fakes.microsoft.call import ApiError

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)
FAR = START + timedelta(days=200)
LIGHT = {"@odata.type", "@odata.etag", "seriesMasterId", "type", "start", "end", "id"}


@pytest.fixture
def calendar() -> CalendarState:
    return CalendarState(clock=ManualClock(), owner=ALEX.email, owner_name=ALEX.name)


@pytest.fixture
def caller(calendar: CalendarState) -> Caller:
    return Caller(calendar)


def removed(items: list[dict[str, object]]) -> list[object]:
    return [item["id"] for item in items if "@removed" in item]


class TestRounds:
    def test_the_first_tells_everything_and_the_next_nothing(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        pages, link = caller.round()
        assert refs(pages[0]) == [ref]
        assert caller.changes(link) == []

    @pytest.mark.parametrize("name", ["$select", "$filter", "$orderby", "$search", "$expand", "$top"])
    def test_no_query_options_are_taken(self, caller: Caller, name: str) -> None:
        assert caller.refusal("calendarView.delta", {**WINDOW, name: "subject"}) == "400 ErrorInvalidUrlQuery"

    def test_pages_are_as_long_as_preferred_and_ten_otherwise(self, calendar: CalendarState, caller: Caller) -> None:
        for n in range(12):
            calendar.add(START + n * DAY)
        caller.prefer["odata.maxpagesize"] = "5"
        assert [len(page) for page in caller.round()[0]] == [5, 5, 2]
        del caller.prefer["odata.maxpagesize"]
        assert [len(page) for page in caller.round()[0]] == [10, 2]

    def test_a_page_may_be_empty_and_not_the_last(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.add(START)
        calendar.empty_pages = True
        assert [len(page) for page in caller.round()[0]] == [0, 1]

    def test_what_happens_between_two_pages_is_told_by_the_next_round(
        self, calendar: CalendarState, caller: Caller
    ) -> None:
        for n in range(3):
            calendar.add(START + n * DAY)
        caller.prefer["odata.maxpagesize"] = "2"
        page = caller.get("calendarView.delta", WINDOW)
        late = calendar.add(START + 3 * DAY)
        last = caller.get("calendarView.delta", query(page["@odata.nextLink"]))
        assert late not in refs(last["value"])
        assert refs(caller.changes(last["@odata.deltaLink"])) == [late]

    def test_a_link_keeps_its_window_whatever_stands_beside_it(self, calendar: CalendarState, caller: Caller) -> None:
        _, link = caller.round()
        ref = calendar.add(FAR)
        beside = {**query(link), "startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2027-12-01T00:00:00Z"}
        assert removed(caller.get("calendarView.delta", beside)["value"]) == [ref]

    def test_a_link_belongs_to_its_calendar(self, calendar: CalendarState, caller: Caller) -> None:
        other = calendar.add_calendar("Other")
        ref = calendar.add(START, calendar=other)
        pages, link = caller.round(calendar=other)
        assert refs(pages[0]) == [ref]
        assert caller.refusal("calendarView.delta", query(link)) == "400 BadRequest"

    def test_only_the_default_calendar_may_have_one(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.per_calendar_delta = False
        other = calendar.add_calendar("Other")
        assert caller.refusal("calendarView.delta", WINDOW, calendar=other) == "400 ErrorInvalidRequest"

    def test_a_round_may_repeat_the_one_before(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.replays = True
        _, link = caller.round()
        ref = calendar.add(START)
        pages, link = caller.round(link)
        assert refs(pages[0]) == [ref]
        pages, link = caller.round(link)
        assert refs(pages[0]) == [ref]
        assert caller.changes(link) == []

    def test_an_event_may_come_twice_and_the_last_counts(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        _, link = caller.round()
        calendar.edit(ref, subject="Second interview")
        calendar.duplicates = True
        assert [(e["id"], e["subject"]) for e in caller.changes(link)] == [
            (ref, "Interview"),
            (ref, "Second interview"),
        ]

    def test_a_change_may_not_be_told_at_all(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        _, link = caller.round()
        calendar.move(ref, START + DAY)
        calendar.drop_change(ref)
        assert caller.changes(link) == []
        assert caller.view()[0]["start"]["dateTime"] == "2026-05-06T13:00:00.0000000"


class TestRemoved:
    def test_a_tombstone_has_an_id_and_nothing_else(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        _, link = caller.round()
        calendar.remove(ref)
        tombstone = {"@odata.type": "#microsoft.graph.event", "id": ref, "@removed": {"reason": "deleted"}}
        assert caller.changes(link) == [tombstone]

    def test_a_declined_event_is_removed(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        _, link = caller.round()
        calendar.answer(ref, Response.DECLINED)
        assert removed(caller.changes(link)) == [ref]

    def test_a_cancelled_one_is_not(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        _, link = caller.round()
        calendar.cancel(ref)
        (event,) = caller.changes(link)
        assert (event["id"], event["isCancelled"]) == (ref, True)

    def test_what_left_the_window_is_called_removed_and_is_there(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        _, link = caller.round()
        calendar.removed_for_out_of_window = False
        calendar.move(ref, FAR)
        assert removed(caller.changes(link)) == [ref]
        assert caller.event(ref)["id"] == ref

    @pytest.mark.parametrize("told", [True, False])
    def test_what_was_never_in_the_window_may_be_called_removed(
        self, calendar: CalendarState, caller: Caller, told: bool
    ) -> None:
        calendar.removed_for_out_of_window = told
        _, link = caller.round()
        ref = calendar.add(FAR)
        assert removed(caller.changes(link)) == ([ref] if told else [])

    def test_an_id_nobody_knows_may_be_among_them(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.spurious_removed = True
        _, link = caller.round()
        calendar.add(START)
        (unknown,) = removed(caller.changes(link))
        assert caller.refusal("events.get", event=str(unknown)) == "404 ErrorItemNotFound"

    def test_moved_to_another_calendar_it_is_removed_here_and_found_by_its_id(
        self, calendar: CalendarState, caller: Caller
    ) -> None:
        other = calendar.add_calendar("Other")
        ref = calendar.add(START)
        _, link = caller.round()
        _, there = caller.round(calendar=other)
        calendar.move_to_calendar(ref, other)
        assert removed(caller.changes(link)) == [ref]
        assert refs(caller.round(there, calendar=other)[0][0]) == [ref]
        assert caller.event(ref)["id"] == ref


class TestSeries:
    @pytest.mark.parametrize("first", [True, False])
    def test_occurrences_are_light_and_their_master_comes_along(
        self, calendar: CalendarState, caller: Caller, first: bool
    ) -> None:
        calendar.masters_first = first
        begun = START - timedelta(weeks=150)
        series = calendar.add(begun, weeks=152)
        items = caller.round()[0][0]
        master = items[0 if first else -1]
        assert (master["id"], master["type"]) == (series, "seriesMaster")
        assert master["start"]["dateTime"].startswith("2023-06-20T")
        light = [item for item in items if item is not master]
        assert all(item.keys() == LIGHT for item in light)
        assert [item["start"]["dateTime"][:10] for item in light][-2:] == ["2026-05-05", "2026-05-12"]

    def test_the_master_may_be_left_out(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.omit_masters = True
        calendar.add(START, weeks=2)
        assert {item["type"] for item in caller.round()[0][0]} == {"occurrence"}

    def test_an_exception_comes_whole(self, calendar: CalendarState, caller: Caller) -> None:
        series = calendar.add(START, weeks=3)
        second = calendar.occurrence(series, START + WEEK)
        _, link = caller.round()
        calendar.move(second, START + WEEK + HOUR)
        items = {item["id"]: item for item in caller.changes(link)}
        assert (items[second]["type"], items[second]["subject"]) == ("exception", "Interview")
        assert items[second]["originalStart"] == "2026-05-12T13:00:00.0000000Z"
        assert len(items) == 4

    def test_of_a_deleted_occurrence_nothing_is_said(self, calendar: CalendarState, caller: Caller) -> None:
        series = calendar.add(START, weeks=3)
        second = calendar.occurrence(series, START + WEEK)
        _, link = caller.round()
        calendar.remove(second)
        items = caller.changes(link)
        assert removed(items) == []
        assert series in refs(items)
        assert second not in refs(items)
        assert len(items) == 3

    def test_without_any_occurrence_left_the_master_comes_alone(self, calendar: CalendarState, caller: Caller) -> None:
        series = calendar.add(START, weeks=1)
        _, link = caller.round()
        calendar.remove(calendar.occurrence(series, START))
        assert refs(caller.changes(link)) == [series]

    def test_other_days_are_other_ids(self, calendar: CalendarState, caller: Caller) -> None:
        series = calendar.add(START, weeks=2)
        pages, link = caller.round()
        before = set(refs(pages[0]))
        raw = calendar.raw(calendar.occurrence(series, START))
        pattern = {**calendar.raw(series)["recurrence"]["pattern"], "daysOfWeek": ["wednesday"]}
        recurrence = {**calendar.raw(series)["recurrence"], "pattern": pattern}
        assert raw["start"]["dateTime"].startswith("2026-05-05")
        calendar.edit(series, recurrence=recurrence)
        calendar.move(series, START + DAY)
        items = caller.changes(link)
        assert removed(items) == []
        assert before & set(refs(items)) == {series}

    @pytest.mark.parametrize(("names", "count"), [("all", 4), ("master", 1)])
    def test_a_deleted_series_leaves_its_own_id_and_perhaps_others(
        self, calendar: CalendarState, caller: Caller, names: str, count: int
    ) -> None:
        calendar.removed_series = "all" if names == "all" else "master"
        series = calendar.add(START, weeks=3)
        _, link = caller.round()
        calendar.remove(series)
        gone = removed(caller.changes(link))
        assert len(gone) == count
        assert series in gone

    def test_a_series_is_not_split_between_pages(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.add(START)
        calendar.add(START, weeks=4)
        caller.prefer["odata.maxpagesize"] = "2"
        assert [len(page) for page in caller.round()[0]] == [6]


class TestLostLinks:
    @pytest.mark.parametrize("lost", list(Lost))
    def test_a_link_dies_in_many_ways(self, calendar: CalendarState, caller: Caller, lost: Lost) -> None:
        _, link = caller.round()
        calendar.forget_tokens(lost)
        status, code, elsewhere = lost.value
        with pytest.raises(ApiError) as refused:
            caller.round(link)
        assert (refused.value.status, refused.value.code) == (status, code)
        assert ("Location" in refused.value.headers) is elsewhere
        assert caller.round()[0] == [[]]

    def test_so_does_a_link_in_the_middle_of_a_round(self, calendar: CalendarState, caller: Caller) -> None:
        for n in range(3):
            calendar.add(START + n * DAY)
        caller.prefer["odata.maxpagesize"] = "2"
        page = caller.get("calendarView.delta", WINDOW)
        calendar.forget_tokens(Lost.GONE)
        assert caller.refusal("calendarView.delta", query(page["@odata.nextLink"])) == "410 syncStateNotFound"

    def test_a_link_that_was_tampered_with_is_none(self, caller: Caller) -> None:
        _, link = caller.round()
        token = query(link)["$deltatoken"]
        assert caller.refusal("calendarView.delta", {"$deltatoken": token.replace("+", " ")}) == "400 BadRequest"
