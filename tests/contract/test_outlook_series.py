"""Series in an Outlook calendar: occurrences that say only when they are, and those that vanish without a word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import DANA, at
from calwatch.errors import Resync
from calwatch.model.event import Response, Status
from calwatch.ports import Found
from contract.calendar_suite import HOUR, START, WINDOW, Ledger, nothing_new
from contract.outlook_calendar_world import DELTA, GET, OutlookCalendarWorld
from fakes.clock import ManualClock
from fakes.microsoft.server import FakeMicrosoft

WEEK = timedelta(weeks=1)


@pytest.fixture
def world(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[OutlookCalendarWorld]:
    yield OutlookCalendarWorld(microsoft, clock, tmp_path)
    assert not microsoft.violations
    assert not microsoft.faults.pending()


@pytest.fixture
def ledger(world: OutlookCalendarWorld) -> Ledger:
    return Ledger(world)


def starts(ledger: Ledger) -> list[Any]:
    return [event.start for event in ledger.events()]


def test_an_occurrence_has_what_its_series_says_and_the_series_is_no_appointment(
    world: OutlookCalendarWorld, ledger: Ledger
) -> None:
    master = world.add(at("2023-05-02 13:00"), "Coaching", weekly=170)
    changes = ledger.pull()
    assert master in changes.etags
    events = ledger.events()
    assert events
    assert {(event.summary, event.organizer, event.response) for event in events} == {
        ("Coaching", DANA, Response.ACCEPTED)
    }
    assert all(event.start >= WINDOW.start and event.ref != master for event in events)
    assert len({event.ref for event in events}) == len(events)


def test_a_removed_occurrence_nobody_names_is_gone_after_one_look(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    master = world.add(START, weekly=4)
    ledger.pull()
    second = world.outlook.occurrence(master, START + WEEK)
    world.remove(second)
    world.microsoft.seen.clear()
    changes = ledger.pull()
    assert changes.gone == (second,)
    assert world.asked() == [DELTA, GET]
    assert starts(ledger) == [START, START + 2 * WEEK, START + 3 * WEEK]


def test_a_declined_occurrence_is_gone_or_stays_declined(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    master = world.add(START, weekly=2)
    ledger.pull()
    world.outlook.answer(world.outlook.occurrence(master, START), Response.DECLINED)
    ledger.pull()
    assert [event.start for event in ledger.events() if event.busy] == [START + WEEK]
    world.outlook.preserve_declined = True
    world.outlook.answer(world.outlook.occurrence(master, START + WEEK), Response.DECLINED)
    ledger.pull()
    assert [event.response for event in ledger.events()] == [Response.DECLINED]
    assert not [event for event in ledger.events() if event.busy]


def test_a_moved_occurrence_keeps_the_key_of_its_original_start(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    master = world.add(START, weekly=3)
    ledger.pull()
    second = world.outlook.occurrence(master, START + WEEK)
    world.move(second, START + WEEK + 2 * HOUR)
    ledger.pull()
    moved = next(event for event in ledger.events() if event.ref == second)
    assert (moved.start, moved.recurrence_id) == (START + WEEK + 2 * HOUR, "20260512T130000Z")
    assert moved.response is Response.NEEDS_ACTION
    assert len({event.uid for event in ledger.events()}) == 1
    assert starts(ledger) == [START, START + WEEK + 2 * HOUR, START + 2 * WEEK]


@pytest.mark.parametrize("per_occurrence", [True, False])
@pytest.mark.parametrize("uid", ["", "4s0r7rm5pq3@google.com"])
def test_all_have_one_uid_whatever_exchange_calls_each(
    world: OutlookCalendarWorld, ledger: Ledger, per_occurrence: bool, uid: str
) -> None:
    world.outlook.uid_per_occurrence, world.outlook.wraps_foreign_uids = per_occurrence, True
    given: dict[str, Any] = {"iCalUId": uid} if uid else {}
    master = world.outlook.add(START, answer=Response.ACCEPTED, weeks=3, **given)
    world.move(world.outlook.occurrence(master, START + WEEK), START + WEEK + HOUR)
    ledger.pull()
    uids = {event.uid for event in ledger.events()}
    for event in ledger.events():
        found = world.calendar.get(world.name, event.ref, WINDOW)
        assert isinstance(found, Found)
        uids.add(found.item.uid)
    assert len(uids) == 1
    assert not uid or uids == {uid}


def test_a_series_that_moves_takes_all_of_it_along(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    master = world.add(START, weekly=4)
    ledger.pull()
    world.move(master, START + WEEK)
    ledger.pull()
    assert starts(ledger) == [START + WEEK + n * WEEK for n in range(4)]


@pytest.mark.parametrize("named", ["all", "master"])
def test_a_series_that_is_removed_takes_all_of_it_along(
    world: OutlookCalendarWorld, ledger: Ledger, named: Any
) -> None:
    world.outlook.removed_series = named
    master = world.add(START, weekly=10)
    kept = world.add(START + HOUR)
    ledger.pull()
    world.remove(master)
    world.microsoft.seen.clear()
    ledger.pull()
    assert [event.ref for event in ledger.events()] == [kept]
    assert set(ledger.etags) == {kept}
    assert world.asked() == [DELTA, GET], "with the series gone, nothing more has to be asked"


def test_a_cancelled_series_is_cancelled_throughout(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    master = world.add(START, weekly=3)
    ledger.pull()
    world.cancel(master)
    ledger.pull()
    assert [event.status for event in ledger.events()] == [Status.CANCELLED] * 3


@pytest.mark.parametrize("masters_first", [True, False])
@pytest.mark.parametrize("omitted", [True, False])
def test_neither_the_place_of_a_master_nor_its_absence_matters(
    world: OutlookCalendarWorld, ledger: Ledger, masters_first: bool, omitted: bool
) -> None:
    world.outlook.masters_first, world.outlook.omit_masters = masters_first, omitted
    master = world.add(START, "Coaching", weekly=4)
    ledger.pull()
    assert [event.summary for event in ledger.events()] == ["Coaching"] * 4
    world.outlook.edit(master, subject="Mentoring")
    world.remove(world.outlook.occurrence(master, START + WEEK))
    ledger.pull()
    assert [event.summary for event in ledger.events()] == ["Mentoring"] * 3


def test_a_changed_series_costs_no_look_at_what_stays(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    master = world.add(START, "Coaching", weekly=8)
    ledger.pull()
    world.outlook.edit(master, subject="Mentoring")
    world.microsoft.seen.clear()
    ledger.pull()
    assert world.asked() == [DELTA]
    kept = ledger.cursor
    assert nothing_new(ledger.pull(), kept)


def test_days_that_repeat_stay_days(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    master = world.add_day(date(2026, 5, 5), weekly=3, zone="Europe/Berlin")
    ledger.pull()
    events = ledger.events()
    assert [event.start_date for event in events] == [date(2026, 5, 5), date(2026, 5, 12), date(2026, 5, 19)]
    assert [event.recurrence_id for event in events] == ["20260505", "20260512", "20260519"]
    world.remove(world.outlook.occurrence(master, START))
    ledger.pull()
    assert [event.recurrence_id for event in ledger.events()] == ["20260512", "20260519"]


def test_more_silence_than_can_be_looked_into_is_read_whole(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    masters = [world.add(START + n * HOUR, weekly=12) for n in range(6)]
    ledger.pull()
    for master in masters:
        for n in range(8):
            world.remove(world.outlook.occurrence(master, START + masters.index(master) * HOUR + n * WEEK))
    with pytest.raises(Resync):
        ledger.pull()
    ledger.cursor = None
    ledger.pull()
    assert len(ledger.events()) == 6 * 4
