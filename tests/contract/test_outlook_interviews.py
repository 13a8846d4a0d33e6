"""What becomes of an interview in Outlook, as the person is told of it: once, for what it is, and never for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import at
from calwatch.model.case import Situation
from calwatch.model.event import Event
from contract.calendar_suite import HOUR
from fakes.clock import ManualClock
from fakes.microsoft.calendar_manners import Lost
from fakes.microsoft.faults import Fault
from fakes.microsoft.person import OutlookPerson
from fakes.microsoft.server import FakeMicrosoft
from worlds import World, an_arranged_interview, called_off

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Any:
    return OutlookPerson(microsoft, clock, tmp_path / "account")


@pytest.fixture
def world(person: Any, clock: ManualClock, tmp_path: Path) -> Iterator[World]:
    folder = tmp_path / "store"
    folder.mkdir()
    world = World(folder, person, clock)
    yield world
    world.stop()
    assert not person.microsoft.violations


def troubles(world: World) -> list[Situation]:
    return [case.situation for case in world.store.cases.open_cases()]


def seen_before(world: World, person: Any) -> Event:
    """An interview calwatch knows of; nothing is said about it any more."""
    event = an_arranged_interview(person)
    world.look()
    world.said.clear()
    return event


@pytest.mark.parametrize("lost", list(Lost))
def test_a_lost_link_brings_no_news_of_what_is_known(world: World, person: Any, lost: Lost) -> None:
    seen_before(world, person)
    person.microsoft.calendar.forget_tokens(lost)
    world.live(3 * MINUTE)
    assert not world.said
    assert not troubles(world)


def test_a_lost_link_hides_nothing_that_went_meanwhile(world: World, person: Any) -> None:
    ref = seen_before(world, person).ref
    person.calendar.remove_by_hand(ref)
    person.calendar.kill_cursor()
    world.live(3 * MINUTE)
    assert troubles(world) == [Situation.REMOVED]
    assert len(world.said) == 1


def test_a_round_that_breaks_off_is_done_again_and_told_once(world: World, person: Any) -> None:
    ref = seen_before(world, person).ref
    person.microsoft.calendar.page_size = 1
    for number in range(3):
        person.microsoft.calendar.add(at("2026-05-11 08:00") + number * DAY, "Dentist")
    person.calendar.remove_by_hand(ref)
    person.microsoft.faults.plan("calendarView.delta", Fault.OK, *[Fault.DOWN] * 4)
    world.look()
    assert not troubles(world)
    world.stop()
    world.start()
    world.live(3 * MINUTE)
    assert troubles(world) == [Situation.REMOVED]
    assert len([notice for notice in world.said if "question" in notice.title]) == 1


def test_the_passing_of_weeks_is_no_news(world: World, person: Any) -> None:
    seen_before(world, person)
    far = person.microsoft.calendar.add(at("2026-09-01 08:00"), "Offsite")
    for _ in range(60):
        world.clock.advance(DAY.total_seconds())
        world.look()
    assert not troubles(world)
    assert not [notice for notice in world.said if "question" in notice.title]
    known = world.store.sightings.known("personal", "primary")
    assert far in known, "what the window has come to reach is found"


def test_an_interview_that_was_cancelled_and_then_removed_is_told_once(world: World, person: Any) -> None:
    event = seen_before(world, person)
    called_off(person, event)
    world.live(3 * MINUTE)
    said = len(world.said)
    assert Situation.REMOVED not in troubles(world)
    person.calendar.remove_by_hand(event.ref)
    world.live(3 * MINUTE)
    assert len(world.said) == said


def test_an_interview_that_was_moved_is_the_same_one_at_another_time(world: World, person: Any) -> None:
    ref = seen_before(world, person).ref
    person.microsoft.calendar.move(ref, at("2026-05-06 13:00"))
    world.live(3 * MINUTE)
    (number,) = world.store.sightings.booking_ids("personal", "primary", ref)
    assert world.store.bookings.booking(number).event.start == at("2026-05-06 13:00")
    assert Situation.REMOVED not in troubles(world)


def test_an_unchanged_minute_is_one_request_for_the_calendar(world: World, person: Any) -> None:
    seen_before(world, person)
    world.look()
    person.microsoft.seen.clear()
    world.clock.advance(HOUR.total_seconds())
    world.look()
    asked = [seen.operation for seen in person.microsoft.seen]
    assert [one for one in asked if one.startswith(("calendar", "events"))] == ["calendarView.delta"]
