"""One Microsoft account for ``worlds.World``: the real provider over HTTP, with the hands of ``GraphLike`` beside it.

The pipeline's own tests run on it, so that what they say of the fakes in memory is said of the real client as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from builders import ALEX, the_surroundings
from calwatch.model.event import Event, Response, Status
from calwatch.ports import Calendar, Clock, Mailbox
from fakes.faults import WRITES, Answer
from fakes.memory_calendar import Item, Reply
from fakes.microsoft import person_mail
from fakes.microsoft.calendar import CalendarState
from fakes.microsoft.calendar_events import RESPONSES, raw_of, raw_of_series
from fakes.microsoft.calendar_manners import Lost
from fakes.microsoft.calendar_times import stamp
from fakes.microsoft.faults import Fault
from fakes.microsoft.server import FakeMicrosoft

ATTEMPTS = 4
"""How often the client asks by itself."""
_CHANGES = (("calendarView.delta",), person_mail.OPERATIONS["changes"])
_METHODS = {
    **person_mail.OPERATIONS,
    "changes": tuple(operation for operations in _CHANGES for operation in operations),
    "get": ("events.get",),
    "respond": ("events.accept", "events.tentativelyAccept", "events.decline"),
    "hold": ("events.create",),
    "release": ("events.delete",),
}
_OPERATIONS = {operation: name for name, operations in _METHODS.items() for operation in operations}
_FAULTS = {
    Answer.OK: (Fault.OK,),
    Answer.REFUSED: (Fault.REFUSED,),
    Answer.DOWN: (Fault.TOO_MANY,),  # the one refusal after which it is certain that nothing was written
    Answer.LOST: (Fault.LOST,),
    Answer.UNDONE: (Fault.UNDONE,),
    Answer.LATE: (Fault.LATE,),
    Answer.SIGN_IN: (Fault.UNAUTHORIZED,) * 3,  # renewing the token helps nothing
}
_WRITTEN = {
    "start": "start",
    "end": "end",
    "summary": "subject",
    "description": "body",
    "location": "location",
    "attendees": "attendees",
    "organizer": "organizer",
    "transparent": "showAs",
}


@dataclass(frozen=True, slots=True)
class Faults:
    """``fakes.faults.Faults`` in the words of the server: one operation of a port is one of Graph's, or one of each."""

    microsoft: FakeMicrosoft

    def plan(self, operation: str, *answers: Answer) -> None:
        """A read that is to fail fails as often as the client tries it again by itself.

        Calendar and mail are asked for changes in turn, the calendar first.
        """
        if operation == "changes":
            for number, operations in enumerate(_CHANGES):
                self._plan(operations, answers[number::2], down=(Fault.DOWN,) * ATTEMPTS)
        elif operation in WRITES:
            if operation == "respond":  # refused with a time proposed, it is tried once more without
                answers = tuple(one for answer in answers for one in (answer,) * (1 + (answer is Answer.REFUSED)))
            self._plan(_METHODS[operation], answers, down=_FAULTS[Answer.DOWN])
        else:
            self._plan(_METHODS[operation], answers, down=(Fault.DOWN,) * ATTEMPTS)

    def _plan(self, operations: Iterable[str], answers: Iterable[Answer], *, down: tuple[Fault, ...]) -> None:
        """Operations of which the client needs only one have one plan."""
        first, *others = operations
        self.microsoft.faults.join(first, *others)
        for answer in answers:
            self.microsoft.faults.plan(first, *(down if answer is Answer.DOWN else _FAULTS[answer]))

    def clear(self) -> None:
        self.microsoft.faults.clear()

    @property
    def log(self) -> list[tuple[str, Answer]]:
        """What was asked, in the words of the ports."""
        return [(_OPERATIONS[s.operation], Answer.OK) for s in self.microsoft.seen if s.operation in _OPERATIONS]


class CalendarWithHands:
    """``OutlookCalendar`` with the hands of ``MemoryCalendar``, in the default calendar."""

    def __init__(self, port: Any, calendar: CalendarState, faults: Any) -> None:
        self._port = port
        self._calendar = calendar
        self._added: dict[str, Item] = {}
        self._deaths = itertools.cycle(Lost)
        self.faults = faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def add(self, item: Item, calendar: str = "primary") -> str:
        """An entry appears, or one with the same ref is replaced; gives its ref."""
        self._added[item.ref] = item
        event = item if isinstance(item, Event) else item.master
        assert event is not None
        raw = raw_of(item, ALEX) if isinstance(item, Event) else raw_of_series(item, ALEX)
        if event.created is not None:
            raw["createdDateTime"] = stamp(event.created)
        return self._calendar.put(raw, calendar, ref=item.ref)

    def event(self, ref: str) -> Event:
        """An entry as it was added, and changed since."""
        item = self._added[ref]
        assert isinstance(item, Event), "a series is changed by replacing it"
        return item

    def titles(self, calendar: str = "primary") -> list[str]:
        """What stands in the calendar, by its titles."""
        return self._calendar.titles(calendar)

    def change(self, ref: str, **fields: Any) -> None:
        """The organizer changes anything, the person their answer; what is cancelled stays and says so."""
        if "response" in fields:
            self.answer_by_hand(ref, fields.pop("response"))
        cancelled = fields.pop("status", None) is Status.CANCELLED
        names = [_WRITTEN[name] for name in fields if name in _WRITTEN]
        if names:
            event = self._added[ref] = replace(self.event(ref), **fields)
            raw = raw_of(event, ALEX)
            self._calendar.edit(ref, **{name: raw[name] for name in names})
        if cancelled:
            self.cancel_by_organizer(ref)

    def move(self, ref: str, start: datetime, end: datetime) -> None:
        self.change(ref, start=start, end=end)

    def answer_by_hand(self, ref: str, answer: Response) -> None:
        self._calendar.answer(ref, answer)

    def remove_by_hand(self, ref: str) -> None:
        self._calendar.remove(ref)

    def cancel_by_organizer(self, ref: str) -> None:
        self._calendar.cancel(ref)

    def kill_cursor(self) -> None:
        """Every time in another way."""
        self._calendar.forget_tokens(next(self._deaths))

    @property
    def replies(self) -> list[Reply]:
        """What organizers were told, by calwatch or by hand."""
        return [Reply(told.ref, None, RESPONSES[told.response]) for told in self._calendar.replies if told.sent]


class OutlookPerson:
    """Alex's Microsoft account. ``folder`` holds the sign-in."""

    def __init__(self, microsoft: FakeMicrosoft, clock: Clock, folder: Path, **fields: Any) -> None:
        from calwatch.providers.outlook.api.connection import Connection
        from calwatch.providers.outlook.calendar.outlook_calendar import OutlookCalendar
        from calwatch.providers.outlook.mail.outlook_mail import OutlookMail

        self.me = replace(ALEX, email=ALEX.email.lower())
        self.microsoft = microsoft
        self.folder = folder
        self.clock = clock
        microsoft.faults.late = timedelta(seconds=60)
        outlook = microsoft.calendar
        outlook.replays = outlook.duplicates = outlook.spurious_removed = True
        folder.mkdir(parents=True, exist_ok=True)
        account = microsoft.account(**fields)
        microsoft.sign_in(folder, account.name)
        around = the_surroundings(clock, folder, responds=True, holds=True, sends=True)
        self.connection = Connection(account, around, pause=lambda _seconds: None)
        calendar = OutlookCalendar(self.connection, account, around)
        mail = OutlookMail(self.connection, account, around)
        faults = Faults(microsoft)
        self.busy_calendars = calendar.busy_calendars
        self.calendar: Any = CalendarWithHands(calendar, microsoft.calendar, faults)
        self.mail: Any = person_mail.MailWithHands(mail, microsoft.mail, faults, microsoft.faults.release_late)

    def ports(self) -> tuple[Calendar, Mailbox]:
        return self.calendar, self.mail

    def __deepcopy__(self, memo: object) -> OutlookPerson:
        raise AssertionError("a server cannot be copied")
