"""The calendar contract, kept by a folder of .ics files and by both misbehaving fakes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import ALEX, DANA, an_event
from calwatch.model.event import Attendee, Event, Response, Series
from calwatch.ports import Calendar, nothing_known
from contract.calendar_suite import WINDOW, BreakableCalendarSuite, CalendarSuite
from contract.local_calendar_world import LocalCalendarWorld
from fakes.faults import Answer, Faults
from fakes.gmail_like import GmailLike
from fakes.google_calendar import GoogleLikeCalendar
from fakes.graph_like import GraphLike
from fakes.outlook_calendar import OutlookLikeCalendar


class MemoryCalendarWorld:
    """A fake and its faults."""

    def __init__(self, fake: GoogleLikeCalendar | OutlookLikeCalendar, faults: Faults) -> None:
        self._fake = fake
        self._faults = faults
        self._numbers = itertools.count(1)

    @property
    def calendar(self) -> Calendar:
        return self._fake

    @property
    def name(self) -> str:
        return "primary"

    def add(
        self, start: datetime, title: str = "Interview", answer: Response = Response.ACCEPTED, *, weekly: int = 0
    ) -> str:
        ref = f"event{next(self._numbers)}"
        people: dict[str, Any] = {}
        if answer is not Response.OWN:
            guests = (Attendee(DANA, Response.ACCEPTED), Attendee(ALEX, answer))
            people = {"organizer": DANA, "attendees": guests, "response": answer}
        event = an_event(start, ref=ref, uid=f"{ref}@acme.example", summary=title, **people)
        return self._fake.add(_weekly(event, weekly) if weekly else event)

    def block(self, start: datetime, *, transparent: bool) -> None:
        self._fake.add(an_event(start, ref=f"block{next(self._numbers)}", transparent=transparent))

    def move(self, ref: str, start: datetime) -> None:
        self._fake.move(ref, start, start + timedelta(hours=1))

    def remove(self, ref: str) -> None:
        self._fake.remove_by_hand(ref)

    def cancel(self, ref: str) -> None:
        self._fake.cancel_by_organizer(ref)

    def forget_cursors(self) -> str:
        cursor = self.calendar.changes(self.name, None, WINDOW, nothing_known).cursor
        self._fake.kill_cursor()
        return cursor

    def break_next(self, operation: str, answer: Answer) -> None:
        self._faults.plan(operation, answer)

    def make_unreadable(self) -> None:
        self._fake.unreadable.add(self.name)

    def told(self) -> list[Response]:
        return [reply.answer for reply in self._fake.replies]

    def restart(self) -> None:
        """The other side does not notice."""


def _weekly(event: Event, count: int) -> Series:
    return Series(
        ref=event.ref,
        uid=event.uid,
        master=replace(event, recurring=True),
        local_start=event.start.replace(tzinfo=None),
        zone_key="UTC",
        rrules=(f"FREQ=WEEKLY;COUNT={count}",),
    )


class TestGoogleLike(BreakableCalendarSuite):
    @pytest.fixture
    def world(self) -> MemoryCalendarWorld:
        fake = GmailLike()
        return MemoryCalendarWorld(fake.calendar, fake.faults)


class TestOutlookLike(BreakableCalendarSuite):
    @pytest.fixture
    def world(self) -> MemoryCalendarWorld:
        fake = GraphLike()
        return MemoryCalendarWorld(fake.calendar, fake.faults)


class TestOutlookLikeThatKeepsDeclinedMeetings(BreakableCalendarSuite):
    @pytest.fixture
    def world(self) -> MemoryCalendarWorld:
        fake = GraphLike()
        fake.calendar.keeps_declined = True
        return MemoryCalendarWorld(fake.calendar, fake.faults)


class TestVdir(CalendarSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> LocalCalendarWorld:
        return LocalCalendarWorld(tmp_path)
