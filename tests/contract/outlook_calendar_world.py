"""The real provider before an Outlook calendar over HTTP, with the hands of the person and of organizers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from builders import the_surroundings
from calwatch.model.event import Response
from calwatch.ports import Calendar, nothing_known
from calwatch.providers.outlook.api.connection import Connection
from calwatch.providers.outlook.calendar.outlook_calendar import OutlookCalendar
from contract.calendar_suite import WINDOW
from fakes.clock import ManualClock
from fakes.faults import Answer
from fakes.microsoft.calendar_times import weekly as repeated
from fakes.microsoft.faults import Fault
from fakes.microsoft.server import ALL, FakeMicrosoft

DELTA = "calendarView.delta"
GET = "events.get"
OPERATIONS = {
    "changes": DELTA,
    "get": GET,
    "busy": "calendarView",
    "respond": "events.tentativelyAccept",
    "hold": "events.create",
    "release": "events.delete",
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
ANSWERS = {
    "accepted": Response.ACCEPTED,
    "tentativelyAccepted": Response.TENTATIVE,
    "declined": Response.DECLINED,
}


class OutlookCalendarWorld:
    """``microsoft`` with a calendar of its person's.

    ``manners`` are how it behaves (``fakes.microsoft.calendar_manners``), ``scopes`` what was
    granted, ``fields`` the account's own.
    """

    def __init__(
        self,
        microsoft: FakeMicrosoft,
        clock: ManualClock,
        root: Path,
        *,
        manners: dict[str, Any] | None = None,
        scopes: tuple[str, ...] = ALL,
        **fields: Any,
    ) -> None:
        self.microsoft = microsoft
        self.clock = clock
        self.outlook = microsoft.calendar
        for name, value in (manners or {}).items():
            setattr(self.outlook, name, value)
        self._account = microsoft.account(**fields)
        self._around = the_surroundings(clock, root / "state")
        microsoft.sign_in(root / "state", self._account.name, scopes)
        self.restart()

    @property
    def calendar(self) -> Calendar:
        return self.provider

    @property
    def name(self) -> str:
        return "primary"

    def restart(self) -> None:
        self.connection = Connection(self._account, self._around, pause=self._pause)
        self.provider = OutlookCalendar(self.connection, self._account, self._around)

    def add(
        self,
        start: datetime,
        title: str = "Interview",
        answer: Response = Response.ACCEPTED,
        *,
        weekly: int = 0,
        **fields: Any,
    ) -> str:
        return self.outlook.add(start, title, answer, weeks=weekly, **fields)

    def add_day(self, first: date, title: str = "Holiday", *, weekly: int = 0, zone: str = "UTC") -> str:
        """A whole day of the person's own, as somebody in ``zone`` would write it."""
        days = [{"dateTime": f"{one.isoformat()}T00:00:00", "timeZone": zone} for one in (first, first + timedelta(1))]
        raw: dict[str, Any] = {"subject": title, "start": days[0], "end": days[1], "isAllDay": True}
        if weekly:
            raw["recurrence"] = repeated(datetime.combine(first, time(12), UTC), weekly, "UTC")
        return self.outlook.put(raw)

    def block(self, start: datetime, *, transparent: bool) -> None:
        self.outlook.add(start, "Own", Response.OWN, showAs="free" if transparent else "busy")

    def move(self, ref: str, start: datetime) -> None:
        self.outlook.move(ref, start)

    def remove(self, ref: str) -> None:
        self.outlook.remove(ref)

    def cancel(self, ref: str) -> None:
        self.outlook.cancel(ref)

    def forget_cursors(self) -> str:
        cursor = self.calendar.changes(self.name, None, WINDOW, nothing_known).cursor
        self.outlook.forget_tokens()
        return cursor

    def break_next(self, operation: str, answer: Answer) -> None:
        self.microsoft.faults.plan(OPERATIONS[operation], FAULTS[answer])

    def make_unreadable(self) -> None:
        self.outlook.take_away()

    def told(self) -> list[Response]:
        return [ANSWERS[reply.response] for reply in self.outlook.replies if reply.sent]

    def asked(self, operation: str = "") -> list[str]:
        """What has been asked for so far, in order, sign-in apart; only one operation with a name."""
        operations = [seen.operation for seen in self.microsoft.seen if not seen.operation.startswith("identity.")]
        return [one for one in operations if operation in ("", one)]

    def _pause(self, seconds: float) -> None:
        self.clock.advance(seconds)
