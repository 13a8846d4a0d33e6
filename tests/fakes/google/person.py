"""One Google account for ``worlds.World``: the real provider over HTTP, with the hands of ``GmailLike`` beside it.

The pipeline's own tests run on it, so that what they say of the fakes in memory is said of the real client as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from builders import ALEX, the_surroundings
from calwatch.model.event import Event, Kind, Person, Response, Status
from calwatch.ports import Calendar, Clock, Mailbox
from calwatch.providers.google.api.connection import ATTEMPTS, Connection
from fakes.faults import WRITES, Answer
from fakes.google.calendar_hands import worded
from fakes.google.calendar_times import Json, stamp
from fakes.google.server import FakeGoogle, Fault
from fakes.memory_calendar import Item, Reply

_CHANGES = (("calendar.events.list",), ("gmail.users.history.list", "gmail.users.getProfile"))
_METHODS = {
    "changes": tuple(method for methods in _CHANGES for method in methods),
    "get": ("calendar.events.get",),
    "respond": ("calendar.events.patch",),
    "hold": ("calendar.events.insert",),
    "release": ("calendar.events.delete",),
    "find": ("gmail.users.messages.list",),
    "save_draft": ("gmail.users.drafts.create",),
    "update_draft": ("gmail.users.drafts.update",),
    "look": ("gmail.users.drafts.get",),
    "send_draft": ("gmail.users.drafts.send",),
    "discard": ("gmail.users.drafts.delete",),
}
_OPERATIONS = {method: operation for operation, methods in _METHODS.items() for method in methods}
_FAULTS = {
    Answer.OK: (Fault.OK,),
    Answer.REFUSED: (Fault.REFUSED,),
    Answer.DOWN: (Fault.RATE,),  # the one refusal after which it is certain that nothing was written
    Answer.LOST: (Fault.LOST,),
    Answer.UNDONE: (Fault.UNDONE,),
    Answer.LATE: (Fault.LATE,),
    Answer.SIGN_IN: (Fault.UNAUTHORIZED,) * 3,  # renewing the token helps nothing
}
_KINDS = {
    Kind.OUT_OF_OFFICE: "outOfOffice",
    Kind.FOCUS_TIME: "focusTime",
    Kind.WORKING_LOCATION: "workingLocation",
    Kind.UNKNOWN: "somethingNew",
}


@dataclass(frozen=True, slots=True)
class Faults:
    """``fakes.faults.Faults`` in the words of the server: one operation of a port is one method, or one of each API."""

    google: FakeGoogle

    def plan(self, operation: str, *answers: Answer) -> None:
        """A read that is to fail fails as often as the client tries it again by itself.

        The two APIs are asked for changes in turn, the calendar first.
        """
        if operation == "changes":
            for number, methods in enumerate(_CHANGES):
                self._plan(methods, answers[number::2], down=(Fault.DOWN,) * ATTEMPTS)
        elif operation in WRITES:
            self._plan(_METHODS[operation], answers, down=_FAULTS[Answer.DOWN])
        else:
            self._plan(_METHODS[operation], answers, down=(Fault.DOWN,) * ATTEMPTS)

    def _plan(self, methods: Iterable[str], answers: Iterable[Answer], *, down: tuple[Fault, ...]) -> None:
        for method in methods:
            for answer in answers:
                self.google.faults.plan(method, *(down if answer is Answer.DOWN else _FAULTS[answer]))

    def clear(self) -> None:
        self.google.faults.clear()

    @property
    def log(self) -> list[tuple[str, Answer]]:
        """What was asked, in the words of the ports."""
        return [(_OPERATIONS[s.method_id], Answer.OK) for s in self.google.seen if s.method_id in _OPERATIONS]


class _Hands:
    """A port, and beside it the hands that ``worlds`` and the pipeline's tests use."""

    def __init__(self, port: Any, google: FakeGoogle) -> None:
        self._port = port
        self._google = google

    @property
    def faults(self) -> Faults:
        return Faults(self._google)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)


class _Mail(_Hands):
    """``GmailMail``; whatever it does not know is done by the fake mailbox's own hands."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port if hasattr(self._port, name) else self._google.gmail, name)

    def settle(self) -> None:
        """What was to happen late has happened."""
        self._google.faults.release_late()


class CalendarWithHands(_Hands):
    """``GoogleCalendar`` with the hands of ``MemoryCalendar``, in the primary calendar."""

    def __init__(self, port: Any, google: FakeGoogle) -> None:
        super().__init__(port, google)
        self._added: dict[str, Item] = {}

    def add(self, item: Item, calendar: str = "primary") -> str:
        """An entry appears, or one with the same ref is replaced; gives its ref."""
        self._added[item.ref] = item
        return self._google.calendar.put(raw(item), calendar)

    def event(self, ref: str) -> Event:
        """An entry as it was added."""
        item = self._added[ref]
        assert isinstance(item, Event), "a series is changed by replacing it"
        return item

    def titles(self, calendar: str = "primary") -> list[str]:
        """What stands in the calendar, by its titles."""
        entries = self._google.calendar.book(calendar).entries.values()
        return sorted(entry.raw.get("summary", "") for entry in entries if not entry.cancelled)

    def change(self, ref: str, calendar: str = "primary", **fields: Any) -> None:
        """The organizer changes anything, the person their answer; what is cancelled leaves a bare tombstone."""
        if "response" in fields:
            self.answer_by_hand(ref, fields.pop("response"), calendar)
            if not fields:
                return
        if fields.get("status") is Status.CANCELLED:
            self.cancel_by_organizer(ref, calendar)
            return
        given = {name: value for name, value in fields.items() if name not in ("created", "dtstamp")}
        changed = raw(Event(**{"ref": ref, "uid": "", "start": _START, "end": _START, **given}))
        names = {word for name in given for word in _WRITTEN[name]}
        self._google.calendar.change(ref, calendar, **{name: changed.get(name) for name in names})

    def move(self, ref: str, start: datetime, end: datetime, calendar: str = "primary") -> None:
        self.change(ref, calendar, start=start, end=end)

    def answer_by_hand(self, ref: str, answer: Response, calendar: str = "primary") -> None:
        self._google.calendar.answer(ref, answer, calendar=calendar)

    def remove_by_hand(self, ref: str, calendar: str = "primary") -> None:
        self._google.calendar.remove(ref, calendar)

    def cancel_by_organizer(self, ref: str, calendar: str = "primary") -> None:
        self._google.calendar.cancel(ref, calendar)

    def kill_cursor(self) -> None:
        self._google.calendar.forget_tokens()

    @property
    def replies(self) -> list[Reply]:
        """What organizers were told, by calwatch or by hand."""
        return [Reply(told.ref, None, _ANSWERS[told.response]) for told in self._google.calendar.replies]


class GooglePerson:
    """Alex's Google account. ``folder`` holds the client file and the sign-in."""

    def __init__(self, google: FakeGoogle, clock: Clock, folder: Path, **fields: Any) -> None:
        from calwatch.providers.google.calendar.google_calendar import GoogleCalendar
        from calwatch.providers.google.mail.gmail import GmailMail

        self.me = replace(ALEX, email=ALEX.email.lower())
        self.google = google
        self.folder = folder
        self.clock = clock
        google.faults.late = timedelta(seconds=60)
        folder.mkdir(parents=True, exist_ok=True)
        account = google.account(folder, **fields)
        google.sign_in(folder, account.name)
        around = the_surroundings(clock, folder)
        self.connection = Connection(account, around, pause=lambda _seconds: None)
        calendar = GoogleCalendar(self.connection, account, around)
        mail = GmailMail(self.connection, account, around)
        self.busy_calendars = calendar.busy_calendars
        self.calendar: Any = CalendarWithHands(calendar, google)
        self.mail: Any = _Mail(mail, google)

    def ports(self) -> tuple[Calendar, Mailbox]:
        return self.calendar, self.mail

    def __deepcopy__(self, memo: object) -> GooglePerson:
        raise AssertionError("a server cannot be copied")


_ANSWERS = {worded(answer): answer for answer in Response if answer is not Response.OWN}
_START = datetime(2026, 1, 1, tzinfo=UTC)
_WRITTEN: Mapping[str, Iterable[str]] = {
    "start": ("start",),
    "end": ("end",),
    "summary": ("summary",),
    "description": ("description",),
    "location": ("location",),
    "attendees": ("attendees",),
    "organizer": ("organizer",),
    "status": ("status",),
    "transparent": ("transparency",),
    "sequence": ("sequence",),
}


def raw(item: Item) -> Json:
    """An event or a series as Google's JSON has it."""
    if isinstance(item, Event):
        return _event(item)
    assert item.master is not None, "what is left of a series without its master Google does not show"
    assert isinstance(item.local_start, datetime), "a series of days is put as JSON"
    length = item.master.end - item.master.start
    begins, ends = (
        {"dateTime": at.isoformat(), "timeZone": item.zone_key} for at in (item.local_start, item.local_start + length)
    )
    rules = [f"RRULE:{rule}" for rule in item.rrules]
    return {
        **_event(item.master),
        "id": item.ref,
        "iCalUID": item.uid,
        "start": begins,
        "end": ends,
        "recurrence": rules,
    }


def _event(event: Event) -> Json:
    found: Json = {"start": _point(event, event.start), "end": _point(event, event.end), "summary": event.summary}
    if event.uid:  # an id is opaque, so the event may keep its ref
        found |= {"id": event.ref, "iCalUID": event.uid}
    for name in ("description", "location"):
        if getattr(event, name):
            found[name] = getattr(event, name)
    if event.created is not None:
        found["created"] = stamp(event.created)
    if event.sequence:
        found["sequence"] = event.sequence
    if event.transparent:
        found["transparency"] = "transparent"
    if event.kind in _KINDS:
        found["eventType"] = _KINDS[event.kind]
    if event.status is not Status.CONFIRMED:
        found["status"] = event.status.value
    if event.organizer is not None:
        found["organizer"] = found["creator"] = _person(event.organizer)
    if event.attendees:
        found["attendees"] = [
            {
                **_person(attendee.person),
                "responseStatus": worded(attendee.response),
                **({"optional": True} if attendee.optional else {}),
                **({"resource": True} if attendee.cutype in ("RESOURCE", "ROOM") else {}),
                **({"organizer": True} if attendee.person == event.organizer else {}),
            }
            for attendee in event.attendees
        ]
    return found


def _point(event: Event, when: datetime) -> Json:
    if event.all_day and event.start_date is not None and event.end_date is not None:
        return {"date": (event.start_date if when == event.start else event.end_date).isoformat()}
    return {"dateTime": when.isoformat(timespec="seconds"), **({"timeZone": event.timezone} if event.timezone else {})}


def _person(person: Person) -> Json:
    return {"email": person.email, **({"displayName": person.name} if person.name else {})}
