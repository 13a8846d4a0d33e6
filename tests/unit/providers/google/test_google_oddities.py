"""Answers of Google's that are not as promised: none of them may pass for "nothing there"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from builders import NOW, at, knowing, the_surroundings
from calwatch.errors import Retry, Stop
from calwatch.model.event import Event
from calwatch.model.span import Span
from calwatch.ports import Unknown, nothing_known
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.calendar.google_calendar import GoogleCalendar
from calwatch.providers.google.options import GoogleAccount
from fakes.clock import ManualClock

WINDOW = Span(NOW - timedelta(days=14), NOW + timedelta(days=60))
EVENT = {
    "id": "abcde",
    "etag": '"1"',
    "status": "confirmed",
    "start": {"dateTime": "2026-05-05T13:00:00Z"},
    "end": {"dateTime": "2026-05-05T14:00:00Z"},
    "organizer": {"email": "me@example.com", "self": True},
}


class Canned:
    """A connection that has one answer after the other ready, and remembers what it was asked."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked: list[Mapping[str, Any]] = []
        methods = SimpleNamespace(list=dict, get=dict, query=dict)
        self.calendar = SimpleNamespace(events=lambda: methods, freebusy=lambda: methods)

    def require(self, feature: object) -> None:
        """Everything is granted."""

    def read(self, request: dict[str, Any]) -> object:
        self.asked.append(request)
        return self._answers.pop(0)


def opened(*answers: object, clock: ManualClock | None = None, **fields: Any) -> tuple[GoogleCalendar, Canned]:
    canned = Canned(*answers)
    account = GoogleAccount(name="google", provider="google", client_file=Path("client.json"), **fields)
    around = the_surroundings(clock or ManualClock(), Path("state"))
    return GoogleCalendar(cast("Connection", canned), account, around), canned


def page(*items: object, **fields: Any) -> dict[str, Any]:
    return {"kind": "calendar#events", "timeZone": "Europe/Berlin", "items": list(items), **fields}


class TestAList:
    def test_whose_last_page_has_no_token_is_not_taken_over(self) -> None:
        for cursor in (None, "token"):
            calendar, _ = opened(page(EVENT, nextSyncToken="t1"), page(EVENT))
            known = calendar.changes("primary", None, WINDOW, nothing_known).cursor
            with pytest.raises(Retry, match="nextSyncToken"):
                calendar.changes("primary", known if cursor else None, WINDOW, nothing_known)

    def test_that_never_ends_is_given_up(self) -> None:
        calendar, canned = opened(*[page(nextPageToken="again")] * 3)
        with pytest.raises(Retry, match="end"):
            calendar.changes("primary", None, WINDOW, nothing_known)
        assert len(canned.asked) == 2

    @pytest.mark.parametrize(
        "answer", [[], "", None, {}, 5, page() | {"items": {"a": 1}}, page() | {"nextPageToken": 5}]
    )
    def test_of_another_shape_is_neither_empty_nor_free(self, answer: object) -> None:
        calendar, _ = opened(answer, answer)
        with pytest.raises(Retry):
            calendar.changes("primary", None, WINDOW, nothing_known)
        assert isinstance(calendar.busy(["primary"], WINDOW)["primary"], Unknown)

    def test_with_an_event_without_an_id_says_so_and_gives_the_others(self) -> None:
        calendar, _ = opened(page({"summary": "?"}, EVENT, 5, nextSyncToken="t1"))
        changes = calendar.changes("primary", None, WINDOW, nothing_known)
        assert [item.ref for item in changes.items] == ["abcde"]
        assert ["2 entries" in problem.reason for problem in changes.problems] == [True]

    def test_with_an_event_that_cannot_be_read_leaves_the_time_unknown(self) -> None:
        calendar, _ = opened(page(EVENT, {**EVENT, "id": "other", "start": {}}))
        assert isinstance(calendar.busy(["primary"], WINDOW)["primary"], Unknown)

    def test_of_hostile_repetition_costs_a_budget_and_names_what_was_left_out(self) -> None:
        rules = {"recurrence": ["RRULE:FREQ=SECONDLY;BYMONTHDAY=30;BYMONTH=2"]}
        items = [{**EVENT, **rules, "id": f"evil{number}"} for number in range(50)]
        calendar, _ = opened(page(*items, {**EVENT, "recurrence": ["RRULE:FREQ=WEEKLY"]}, nextSyncToken="t1"))
        changes = calendar.changes("primary", None, WINDOW, nothing_known)
        assert "abcde" in [item.ref for item in changes.items]
        assert changes.problems

    def test_of_a_zone_nobody_knows_is_read_in_the_viewers(self) -> None:
        day = {**EVENT, "start": {"date": "2026-05-05"}, "end": {"date": "2026-05-06"}}
        calendar, _ = opened(
            page(day, nextSyncToken="t1", timeZone="Mars/Olympus"), page(nextSyncToken="t2", timeZone="")
        )
        first = calendar.changes("primary", None, WINDOW, nothing_known)
        (item,) = first.items
        assert isinstance(item, Event)
        assert item.start == at("2026-05-04 22:00")
        assert not calendar.changes("primary", first.cursor, WINDOW, nothing_known).items


class TestALook:
    def test_that_shows_another_event_is_not_believed(self) -> None:
        calendar, _ = opened({**EVENT, "id": "other"})
        with pytest.raises(Retry):
            calendar.get("primary", "abcde", WINDOW)

    def test_that_cannot_be_read_is_no_absence(self) -> None:
        calendar, _ = opened({**EVENT, "start": 5})
        with pytest.raises(Retry):
            calendar.get("primary", "abcde", WINDOW)


class TestAQuietCalendar:
    def test_keeps_its_cursor_for_a_day_though_google_gives_new_tokens(self) -> None:
        clock = ManualClock()
        tokens = [page(nextSyncToken=f"t{number}") for number in range(1, 6)]
        calendar, canned = opened(*tokens, clock=clock)
        first = calendar.changes("primary", None, WINDOW, nothing_known).cursor
        for hours in (1, 12):
            clock.advance(timedelta(hours=hours))
            assert calendar.changes("primary", first, WINDOW, nothing_known).cursor == first
        clock.advance(timedelta(hours=14))
        renewed = calendar.changes("primary", first, WINDOW, nothing_known).cursor
        assert renewed != first
        calendar.changes("primary", renewed, WINDOW, nothing_known)
        assert [request.get("syncToken") for request in canned.asked] == [None, "t1", "t2", "t3", "t4"]

    def test_reads_on_from_where_the_store_is_when_news_were_not_taken_over(self) -> None:
        calendar, canned = opened(
            page(nextSyncToken="t1"),
            page(nextSyncToken="t2"),
            page(EVENT, nextSyncToken="t3"),
            page(EVENT, nextSyncToken="t4"),
        )
        first = calendar.changes("primary", None, WINDOW, nothing_known).cursor
        for _ in range(3):
            changes = calendar.changes("primary", first, WINDOW, nothing_known)
        assert [request.get("syncToken") for request in canned.asked] == [None, "t1", "t2", "t2"]
        assert len(changes.items) == 1


def freebusy(**calendars: Any) -> dict[str, Any]:
    return {"kind": "calendar#freeBusy", "calendars": calendars}


BUSY = {"start": "2026-04-21T08:00:00Z", "end": "2026-04-21T09:00:00Z"}
SHORT = Span(NOW, NOW + timedelta(days=7))


class TestFreeBusy:
    @pytest.mark.parametrize(
        "answer",
        [
            None,
            [],
            {},
            freebusy(),
            freebusy(other={"busy": []}),
            freebusy(primary=None),
            freebusy(primary={}),
            freebusy(primary={"busy": "none"}),
            freebusy(primary={"busy": [{"start": "2026-04-21T08:00:00Z"}]}),
            freebusy(primary={"busy": [{"start": "soon", "end": "late"}]}),
            freebusy(primary={"busy": [{"start": BUSY["end"], "end": BUSY["start"]}]}),
            freebusy(primary={"busy": [], "errors": [{"reason": "internalError"}]}),
            freebusy(primary={"busy": [], "errors": ["?"]}),
        ],
    )
    def test_that_is_not_an_answer_is_never_free(self, answer: object) -> None:
        calendar, _ = opened(answer, answer, answer, answer, use="busy")
        assert isinstance(calendar.busy(["primary"], SHORT)["primary"], Unknown)
        with pytest.raises(Retry):
            calendar.changes("primary", None, SHORT, nothing_known)

    @pytest.mark.parametrize("key", ["primary", "alex.rivera@example.com"])
    def test_may_answer_for_the_primary_calendar_by_its_address(self, key: str) -> None:
        calendar, _ = opened(freebusy(**{key: {"busy": [BUSY]}}), use="busy", email="Alex.Rivera@Example.com")
        assert calendar.busy(["primary"], SHORT)["primary"] == (Span(at("2026-04-21 08:00"), at("2026-04-21 09:00")),)

    def test_is_clipped_to_what_was_asked_whatever_google_does(self) -> None:
        long = {"start": "2026-01-01T00:00:00Z", "end": "2026-12-31T00:00:00Z"}
        calendar, canned = opened(*[freebusy(primary={"busy": [long]})] * 3, use="busy")
        assert calendar.busy(["primary"], WINDOW)["primary"] == (WINDOW,)
        assert len(canned.asked) == 3

    def test_of_a_calendar_google_will_never_tell_about_is_for_the_person_to_mend(self) -> None:
        calendar, _ = opened(freebusy(primary={"errors": [{"reason": "notFound"}]}), use="busy")
        with pytest.raises(Stop, match="primary"):
            calendar.changes("primary", None, SHORT, nothing_known)

    def test_forgets_refs_that_are_no_stretches(self) -> None:
        calendar, _ = opened(*[freebusy(primary={"busy": [BUSY]})] * 2, use="busy")
        calendar.changes("primary", None, SHORT, nothing_known)
        again = calendar.changes("primary", "busy:other", SHORT, knowing({"abcde": "1"}))
        assert again.gone == ("abcde",)
