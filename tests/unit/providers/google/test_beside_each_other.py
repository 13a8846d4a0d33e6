"""One account read by two threads at once, as when a slow reading and one before a letter leaves meet."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

from builders import the_surroundings
from calwatch.model.span import Span
from calwatch.ports import Changes, nothing_known
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.calendar.google_calendar import GoogleCalendar
from fakes.google.server import ALL
from unit.providers.google.conftest import Line

FAMILY, WORK = "family1234@group.calendar.google.com", "alex@work.example"
QUERY = "calendar.freebusy.query"


def test_taken_time_that_another_pass_asked_for_is_not_taken_for_new(line: Line) -> None:
    line.sign_in(*ALL)
    account, around = line.account(busy_calendars=(FAMILY, WORK)), the_surroundings(line.clock, line.state)
    calendar = GoogleCalendar(Connection(account, around, pause=line.paused.append), account, around)
    for name in (FAMILY, WORK):
        line.google.calendar.add_calendar(name)
    now = line.clock.now()
    window = Span(now, now + timedelta(days=14))
    told: list[Changes] = []

    def read(name: str) -> None:
        told.append(calendar.changes(name, None, window, nothing_known))

    def another_pass() -> None:
        read(WORK)

    read(FAMILY)
    line.google.calendar.add(now + timedelta(days=1), "Taken meanwhile", calendar=WORK)
    line.clock.advance(10)
    thread = Thread(target=another_pass)
    thread.start()
    thread.join()
    assert [len(changes.items) for changes in told] == [0, 1]
    assert line.asked(QUERY) == 2
