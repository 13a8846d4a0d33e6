"""Answers of Microsoft's that are not as promised: none of them may pass for "nothing there"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import NOW, at, knowing, the_surroundings
from calwatch.errors import CalwatchError, Doubt, Resync, Retry, Stop
from calwatch.model.event import Event
from calwatch.model.span import Span
from calwatch.ports import Gone, Unknown, nothing_known
from calwatch.providers.outlook.api.connection import Connection
from calwatch.providers.outlook.calendar.holds import MARK
from calwatch.providers.outlook.calendar.outlook_calendar import OutlookCalendar
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.remote.faults import Refusal
from fakes.clock import ManualClock

WINDOW = Span(NOW - timedelta(days=14), NOW + timedelta(days=60))
ROOT = "https://graph.microsoft.com/v1.0"
EVENT = {
    "id": "AAk1",
    "@odata.etag": 'W/"1"',
    "type": "singleInstance",
    "subject": "Interview",
    "start": {"dateTime": "2026-05-05T13:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2026-05-05T14:00:00.0000000", "timeZone": "UTC"},
}
LIGHT = {name: EVENT[name] for name in ("@odata.etag", "start", "end")} | {
    "id": "O1",
    "type": "occurrence",
    "seriesMasterId": "M",
}
NOT_FOUND = Refusal("not found", status=404, reason="ErrorItemNotFound")
LAST = {"@odata.deltaLink": f"{ROOT}/me/calendarView/delta?$deltatoken=1"}
NEXT = {"@odata.nextLink": f"{ROOT}/me/calendarView/delta?$skiptoken=1"}


class Canned:
    """A connection that has one answer after the other ready, and remembers what it was asked."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def require(self, feature: object) -> None:
        """Everything is granted."""

    def read(self, path: str, params: Mapping[str, str] | None = None, **rest: object) -> Any:
        return self._answer(path)

    def follow(self, link: str, **rest: object) -> Any:
        return self._answer(link)

    def write(self, method: str, path: str, *given: object, **rest: object) -> Any:
        return self._answer(path)

    def pages(self, path: str, params: Mapping[str, str] | None = None, **rest: object) -> Iterator[Any]:
        yield self._answer(path)

    def _answer(self, path: str) -> Any:
        self.asked.append(path)
        answer = self._answers.pop(0)
        if isinstance(answer, CalwatchError):
            raise answer
        return answer


def opened(*answers: object, **fields: Any) -> tuple[OutlookCalendar, Canned]:
    canned = Canned(*answers)
    client = "11111111-2222-3333-4444-555555555555"
    account = OutlookAccount(name="outlook", provider="outlook", client_id=client, **fields)
    around = the_surroundings(ManualClock(), Path("state"))
    return OutlookCalendar(cast("Connection", canned), account, around), canned


def page(*items: object, **fields: Any) -> dict[str, Any]:
    return {"value": list(items), **fields}


def starts(items: object) -> list[Any]:
    return [item.start for item in cast("tuple[Event, ...]", items)]


class TestARound:
    @pytest.mark.parametrize("links", [{}, {**LAST, **NEXT}, {"@odata.deltaLink": 5}, {"@odata.nextLink": ""}])
    def test_that_does_not_say_where_it_goes_on_is_not_taken_over(self, links: dict[str, Any]) -> None:
        calendar, _ = opened(page(EVENT, **links))
        with pytest.raises(Retry, match="goes on"):
            calendar.changes("primary", None, WINDOW, nothing_known)

    def test_that_never_ends_is_given_up(self) -> None:
        calendar, canned = opened(*[page(**NEXT)] * 3)
        with pytest.raises(Retry, match="end"):
            calendar.changes("primary", None, WINDOW, nothing_known)
        assert len(canned.asked) == 2

    @pytest.mark.parametrize("value", [None, {}, "none", 5, {"value": 1}])
    def test_of_another_shape_is_neither_empty_nor_free(self, value: object) -> None:
        calendar, _ = opened({"value": value, **LAST}, {"value": value})
        with pytest.raises(Retry):
            calendar.changes("primary", None, WINDOW, nothing_known)
        assert isinstance(calendar.busy(["primary"], WINDOW)["primary"], Unknown)

    @pytest.mark.parametrize("item", [None, 5, "AAk1", {}, {"id": 5}, {"id": ".."}, [EVENT]])
    def test_with_an_entry_that_has_no_name_says_so_and_keeps_the_rest(self, item: object) -> None:
        calendar, _ = opened(page(item, EVENT, **LAST))
        changes = calendar.changes("primary", None, WINDOW, nothing_known)
        assert starts(changes.items) == [at("2026-05-05 13:00")]
        assert [problem.ref for problem in changes.problems] == ["(without id)"]

    def test_with_an_event_without_a_time_names_it(self) -> None:
        calendar, _ = opened(page({**EVENT, "start": None}, **LAST))
        changes = calendar.changes("primary", None, WINDOW, nothing_known)
        assert [(problem.ref, problem.etag) for problem in changes.problems] == [("AAk1", 'W/"1"')]
        assert not changes.items

    @pytest.mark.parametrize("end", [None, {}, {"dateTime": None}, "never"])
    def test_with_an_event_without_an_end_names_it_and_is_not_free(self, end: object) -> None:
        event = {**EVENT, "end": end}
        calendar, _ = opened(page(event, **LAST), page(event))
        changes = calendar.changes("primary", None, WINDOW, nothing_known)
        assert [problem.ref for problem in changes.problems] == ["AAk1"]
        assert isinstance(calendar.busy(["primary"], WINDOW)["primary"], Unknown)

    def test_that_takes_back_what_it_said_means_the_last(self) -> None:
        removed = {"id": "AAk1", "@removed": {"reason": "changed"}}
        calendar, _ = opened(page(EVENT, removed, **LAST), page(removed, EVENT, **LAST))
        assert not calendar.changes("primary", None, WINDOW, nothing_known).items
        assert calendar.changes("primary", None, WINDOW, nothing_known).items


class TestAnOccurrence:
    def test_whose_series_is_nowhere_is_passed_over(self) -> None:
        calendar, canned = opened(page(LIGHT, EVENT, **LAST), NOT_FOUND)
        changes = calendar.changes("primary", None, WINDOW, nothing_known)
        assert [item.ref for item in changes.items] == ["AAk1"]
        assert canned.asked[1:] == ["/me/events/M"]
        assert not changes.problems

    def test_whose_series_comes_separately_asks_for_it_once(self) -> None:
        master = {**EVENT, "id": "M", "type": "seriesMaster", "subject": "Coaching"}
        calendar, canned = opened(page(LIGHT, {**LIGHT, "id": "O2"}, **LAST), master)
        changes = calendar.changes("primary", None, WINDOW, nothing_known)
        assert [cast("Event", item).summary for item in changes.items] == ["Coaching"] * 2
        assert len(canned.asked) == 2

    @pytest.mark.parametrize("series", [None, 5, "", "..", {}])
    def test_of_no_series_is_passed_over(self, series: object) -> None:
        calendar, _ = opened(page({**LIGHT, "seriesMasterId": series}, **LAST))
        assert not calendar.changes("primary", None, WINDOW, nothing_known).items


class TestALook:
    def test_at_one_event_that_shows_another_is_no_answer(self) -> None:
        calendar, _ = opened({**EVENT, "id": "aaK1"})
        with pytest.raises(Retry):
            calendar.get("primary", "AAk1", WINDOW)

    def test_at_an_event_that_cannot_be_read_is_no_proof_that_it_is_gone(self) -> None:
        calendar, _ = opened({**EVENT, "start": "soon"})
        with pytest.raises(Retry):
            calendar.get("primary", "AAk1", WINDOW)

    def test_at_a_name_that_is_none_finds_nothing(self) -> None:
        calendar, _ = opened(Refusal("malformed", status=400, reason="ErrorInvalidIdMalformed"))
        assert isinstance(calendar.get("primary", "AAk1", WINDOW), Gone)

    def test_at_a_whole_series_finds_no_appointment(self) -> None:
        calendar, _ = opened({**EVENT, "type": "seriesMaster"})
        assert isinstance(calendar.get("primary", "AAk1", WINDOW), Gone)

    def test_asks_for_the_event_letter_by_letter(self) -> None:
        calendar, canned = opened({**EVENT, "id": "kQ/a+b=_-"})
        calendar.get("primary", "kQ/a+b=_-", WINDOW)
        assert canned.asked == ["/me/events/kQ%2Fa%2Bb%3D_-"]


def test_a_hold_without_a_name_is_in_doubt() -> None:
    calendar, _ = opened({})
    with pytest.raises(Doubt):
        calendar.hold("primary", "key", Span(NOW, NOW + timedelta(hours=1)))


@pytest.mark.parametrize("value", [5, "x", {"id": "A"}, [None, 5, {"id": ".."}]])
def test_a_hold_that_is_there_and_cannot_be_found_is_given_up(value: object) -> None:
    taken = Refusal("taken", status=409)
    calendar, _ = opened(*[taken, {"value": value}] * 10)
    with pytest.raises(Stop):
        calendar.hold("primary", "key", Span(NOW, NOW + timedelta(hours=1)))


@pytest.mark.parametrize("etag", [None, 5, "", 'W/"1"\r\nX: y', 'W/"\u2019"'])
def test_a_hold_whose_version_nobody_knows_is_not_removed(etag: object) -> None:
    mark = [{"id": MARK, "value": "x"}]
    hold = {**EVENT, "subject": "Busy", "@odata.etag": etag, "singleValueExtendedProperties": mark}
    calendar, canned = opened(hold)
    with pytest.raises(Retry):
        calendar.release("primary", "AAk1")
    assert len(canned.asked) == 1


def test_a_hold_removed_again_and_again_is_given_up() -> None:
    taken = Refusal("taken", status=409, reason="ErrorDuplicateTransactionId")
    calendar, _ = opened(*[taken, page()] * 10)
    with pytest.raises(Stop, match="10 times"):
        calendar.hold("primary", "key", Span(NOW, NOW + timedelta(hours=1)))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
ENTRIES = st.dictionaries(st.sampled_from([*EVENT, "seriesMasterId", "@removed", "isAllDay"]), ANYTHING, max_size=5)


@given(st.lists(st.tuples(st.sampled_from([EVENT, LIGHT, {}]), ENTRIES), max_size=4), st.data())
def test_any_page_is_taken_over_or_asked_for_again(
    entries: list[tuple[dict[str, Any], dict[str, Any]]], data: st.DataObject
) -> None:
    items = [{**base, **changed} for base, changed in entries]
    answers = [data.draw(ENTRIES) for _ in range(20)]
    calendar, _ = opened(page(**LAST), page(*items, **LAST), *answers)
    cursor = calendar.changes("primary", None, WINDOW, nothing_known).cursor
    try:
        changes = calendar.changes("primary", cursor, WINDOW, knowing({"AAk1": "old", "M": "series old"}))
    except (Retry, Resync):
        return
    assert changes.cursor
    assert changes.etags.keys() >= {item.ref for item in changes.items}
