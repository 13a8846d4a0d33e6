"""The real provider before a Google calendar over HTTP, with the hands of the person, of organizers and of Google."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from builders import the_surroundings
from calwatch.model.event import Response
from calwatch.ports import Calendar, nothing_known
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.calendar.google_calendar import GoogleCalendar
from contract.calendar_suite import WINDOW
from fakes.clock import ManualClock
from fakes.faults import Answer
from fakes.google.faults import Fault
from fakes.google.server import FakeGoogle

METHODS = {
    "changes": "calendar.events.list",
    "get": "calendar.events.get",
    "busy": "calendar.events.list",
    "respond": "calendar.events.patch",
    "hold": "calendar.events.insert",
    "release": "calendar.events.delete",
}
FAULTS = {
    Answer.OK: Fault.OK,
    Answer.REFUSED: Fault.REFUSED,
    Answer.DOWN: Fault.DOWN,
    Answer.LOST: Fault.LOST,
    Answer.UNDONE: Fault.UNDONE,
    Answer.LATE: Fault.LATE,
    Answer.SIGN_IN: Fault.FORBIDDEN_SCOPE,
}
LAG = timedelta(seconds=2)


class GoogleCalendarWorld:
    """``google`` in small pages, the first of them empty, with other people's changes arriving late."""

    def __init__(self, google: FakeGoogle, clock: ManualClock, root: Path) -> None:
        self.google = google
        self.clock = clock
        self._account = google.account(root)
        self._around = the_surroundings(clock, root / "state")
        google.sign_in(root / "state", self._account.name)
        google.calendar.page_cap = 2
        google.calendar.empty_pages = True
        google.calendar.lag = LAG
        self.restart()

    @property
    def calendar(self) -> Calendar:
        return self.provider

    @property
    def name(self) -> str:
        return "primary"

    def restart(self) -> None:
        connection = Connection(self._account, self._around, pause=self._pause)
        self.provider = GoogleCalendar(connection, self._account, self._around)

    def add(
        self, start: datetime, title: str = "Interview", answer: Response = Response.ACCEPTED, *, weekly: int = 0
    ) -> str:
        return self.google.calendar.add(start, title, answer, weekly=weekly)

    def block(self, start: datetime, *, transparent: bool) -> None:
        transparency = "transparent" if transparent else "opaque"
        self.google.calendar.add(start, "Own", Response.OWN, transparency=transparency)

    def move(self, ref: str, start: datetime) -> None:
        self.google.calendar.move(ref, start)
        self.clock.advance(LAG)

    def remove(self, ref: str) -> None:
        self.google.calendar.remove(ref)

    def cancel(self, ref: str) -> None:
        self.google.calendar.cancel(ref)
        self.clock.advance(LAG)

    def forget_cursors(self) -> str:
        cursor = self.calendar.changes(self.name, None, WINDOW, nothing_known).cursor
        self.google.calendar.forget_tokens()
        return cursor

    def break_next(self, operation: str, answer: Answer) -> None:
        self.google.faults.plan(METHODS[operation], FAULTS[answer])

    def make_unreadable(self) -> None:
        self.google.calendar.take_away(self.name)

    def told(self) -> list[Response]:
        answers = [r for r in self.google.calendar.replies if r.mailed]
        return [Response({"needsAction": "needs-action"}.get(r.response, r.response)) for r in answers]

    def _pause(self, seconds: float) -> None:
        self.clock.advance(seconds)
