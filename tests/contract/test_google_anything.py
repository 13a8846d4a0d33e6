"""Whatever people do in a Google calendar, reading on, or all anew, shows what Google itself shows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import at
from calwatch.errors import Resync
from calwatch.model.event import Response
from contract.calendar_suite import HOUR, START, WINDOW, Ledger
from contract.google_calendar_world import GoogleCalendarWorld
from fakes.clock import ManualClock
from fakes.google.calendar_books import Entry
from fakes.google.server import FakeGoogle

WEEK = timedelta(weeks=1)
UNTIL = at("2027-01-01 00:00")
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "single",
                "weekly",
                "move",
                "move",
                "remove",
                "cancel",
                "decline",
                "words",
                "split",
                "end",
                "restore",
                "repeat",
            ]
        ),
        st.integers(0, 9),
        st.integers(0, 6),
        st.booleans(),
    ),
    min_size=3,
    max_size=12,
)
"""What is done, to which entry, how, and whether we read on afterwards."""


class Person:
    """Does things in a calendar, each as far as it is possible."""

    def __init__(self, google: FakeGoogle) -> None:
        self._calendar = google.calendar
        self._book = google.calendar.book()

    def do(self, deed: str, which: int, number: int) -> None:
        if deed in ("single", "weekly"):
            start = START + timedelta(days=number, hours=which % 5)
            self._calendar.add(start, answer=Response.ACCEPTED, weekly=5 if deed == "weekly" else 0)
            return
        entries = sorted(self._book.entries)
        if not entries:
            return
        ref = entries[which % len(entries)]
        entry = self._book.entries[ref]
        if deed == "restore":
            if entry.cancelled:
                self._calendar.restore(ref)
            return
        if entry.cancelled:
            return
        self._change(deed, ref, entry, number)

    def _change(self, deed: str, ref: str, entry: Entry, number: int) -> None:
        repeats = "recurrence" in entry.raw
        occurrences = [e for e in self._book.instances(ref, UNTIL) if not e.cancelled] if repeats else []
        target = ref
        if occurrences and number < 5:
            target = occurrences[number % len(occurrences)].raw["id"]
        match deed:
            case "move":
                self._calendar.move(target, self._book.starts(self._calendar.entry(self._book, target)) + number * HOUR)
            case "remove" | "cancel":
                getattr(self._calendar, deed)(target)
            case "decline":
                self._calendar.answer(target, Response.DECLINED)
            case "words":
                self._calendar.change(ref, summary=f"Words {number}")
            case "split" if len(occurrences) > 2:
                original = self._book.starts(
                    Entry({"start": occurrences[2].raw["originalStartTime"]}, entry.updated, 0)
                )
                self._calendar.split(ref, original, original + number * HOUR)
            case "end" if repeats:
                self._calendar.change(ref, recurrence=None)
            case "repeat" if not repeats and "recurringEventId" not in entry.raw:
                self._calendar.change(ref, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])


def what_google_shows(google: FakeGoogle) -> list[tuple[Any, ...]]:
    book = google.calendar.book()
    entries = [entry for entry in book.singly(UNTIL) if not entry.cancelled]
    return sorted(
        (book.starts(e), book.ends(e), e.raw["summary"], e.raw["iCalUID"]) for e in entries if _inside(book.starts(e))
    )


def what_we_show(ledger: Ledger) -> list[tuple[Any, ...]]:
    return sorted((e.start, e.end, e.summary, e.uid) for e in ledger.events())


def _inside(start: Any) -> bool:
    return bool(WINDOW.start <= start < WINDOW.end)


def poll(world: GoogleCalendarWorld, ledger: Ledger) -> None:
    try:
        ledger.pull()
    except Resync:
        ledger.cursor = None
        ledger.pull()


@pytest.fixture
def server(clock: ManualClock) -> Iterator[FakeGoogle]:
    with FakeGoogle(clock) as google:
        yield google


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS)
def test_reading_on_ends_where_google_is(
    server: FakeGoogle, clock: ManualClock, deeds: list[tuple[str, int, int, bool]]
) -> None:
    server.calendar.books.clear()
    server.calendar.add_calendar(server.owner, server.owner)
    with tempfile.TemporaryDirectory() as folder:
        world = GoogleCalendarWorld(server, clock, Path(folder))
        server.calendar.lag = timedelta(0)
        ledger, person = Ledger(world), Person(server)
        world.add(START, weekly=5)
        poll(world, ledger)
        for deed, which, number, read_on in deeds:
            person.do(deed, which, number)
            if read_on:
                poll(world, ledger)
        poll(world, ledger)
        assert what_we_show(ledger) == what_google_shows(server)
        ledger.cursor = None
        poll(world, ledger)
        assert what_we_show(ledger) == what_google_shows(server)
    assert not server.violations
