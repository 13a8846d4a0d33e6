"""A pass over an unchanged source does nothing, and one change costs one change; counters say so, not clocks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import NOW
from fakes.clock import ManualClock
from worlds import Files, World

EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:event-{number}@example.com
DTSTAMP:20260401T080000Z
DTSTART:202605{day:02}T{hour:02}0000Z
DTEND:202605{day:02}T{hour:02}3000Z
SUMMARY:Weekly sync {number}
END:VEVENT
END:VCALENDAR
"""


def event(number: int, *, hour: int = 9) -> str:
    return EVENT.format(number=number, day=1 + number % 28, hour=hour)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("calendar", "Maildir/cur", "Maildir/new", "Maildir/tmp"):
        (tmp_path / folder).mkdir(parents=True)
    for number in range(120):
        (tmp_path / "calendar" / f"{number}.ics").write_text(event(number))
    return tmp_path


def a_world(home: Path, clock: ManualClock) -> tuple[World, Any]:
    files = Files(home, "maildir", clock)
    return World(home / "state", files, clock), files.calendar  # type: ignore[arg-type]  # stands in for a fake


def test_an_unchanged_source_parses_no_event_and_writes_no_row(home: Path) -> None:
    world, calendar = a_world(home, ManualClock(NOW))
    world.look()
    assert calendar.counters.events_parsed == 120
    before = replace(calendar.counters), world.store.counters.rows_written
    world.look()
    assert (calendar.counters, world.store.counters.rows_written) == before
    world.stop()


def test_after_a_restart_an_unchanged_source_is_not_read_again(home: Path) -> None:
    world, _ = a_world(home, ManualClock(NOW))
    world.look()
    world.stop()
    world, calendar = a_world(home, ManualClock(NOW))
    world.look()
    assert calendar.counters.events_parsed == 0
    world.stop()


def test_one_changed_file_is_the_only_one_opened_and_parsed(home: Path) -> None:
    world, calendar = a_world(home, ManualClock(NOW))
    world.look()
    before = replace(calendar.counters)
    (home / "calendar" / "7.ics").write_text(event(7, hour=11) + "\n")
    world.look()
    assert calendar.counters.events_parsed - before.events_parsed == 1
    assert calendar.counters.files_opened - before.files_opened == 1
    world.stop()
