"""What the two fake calendars have in common: entries, a change log, answers, holds, and everybody's hands."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from calwatch.errors import Stop, Touched
from calwatch.model.event import Attendee, Event, Person, Response, Series, Status
from calwatch.model.span import Span
from calwatch.ports import NO_NOTE, Clock, Note, Unknown
from fakes.faults import Answer, Faults

Item = Event | Series


@dataclass(frozen=True, slots=True)
class Reply:
    """What the organizer was told."""

    ref: str
    recurrence_id: str | None
    answer: Response
    note: Note = field(default=NO_NOTE, compare=False)


@dataclass
class MemoryCalendar:
    """Calendars in memory; ``replies`` is what organizers were told, ``unreadable`` what cannot be read."""

    me: Person
    clock: Clock
    faults: Faults = field(default_factory=Faults)
    names: tuple[str, ...] = ("primary",)
    zone: str = "Europe/Berlin"
    replies: list[Reply] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    entries: dict[str, dict[str, Item]] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)  # key → ref
    _log: dict[str, list[str]] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: itertools.count(1))
    _epoch: int = 1

    proposes = False

    # -- ports.Calendar, the common part -------------------------------------------------------------------------

    def calendars(self) -> Sequence[str]:
        return self.names

    def busy(self, calendars: Sequence[str], window: Span) -> Mapping[str, tuple[Span, ...] | Unknown]:
        answer = self.faults.begin("busy")
        taken: dict[str, tuple[Span, ...] | Unknown] = {}
        for name in calendars:
            if name in self.unreadable or name not in self.names:
                taken[name] = Unknown("notFound")
            else:
                events = self.occurrences(name, window)
                taken[name] = tuple(sorted(e.span for e in events if e.busy and e.span.overlaps(window)))
        self.faults.end("busy", answer)
        return taken

    def respond(
        self, calendar: str, ref: str, recurrence_id: str | None, answer: Response, etag: str, note: Note = NO_NOTE
    ) -> str:
        fate = self.faults.begin("respond")
        item = self._entries(calendar).get(ref)
        if item is None or item.etag != etag:
            raise Touched("412 the event has changed")
        if fate is Answer.REFUSED:
            raise Stop("403 you cannot answer this event")
        if self.answer_of(item, recurrence_id) in (answer, Response.OWN):
            return etag
        self._set_answer(calendar, item, recurrence_id, answer)
        self.replies.append(Reply(ref, recurrence_id, answer, note))
        self.faults.end("respond", fate)
        after = self._entries(calendar).get(ref)
        return after.etag if after else ""

    def hold(self, calendar: str, key: str, span: Span) -> str:
        fate = self.faults.begin("hold")
        if fate is Answer.REFUSED:
            raise Stop("403 this calendar is read only")
        ref = self.holds.get(key)
        if ref is None or ref not in self._entries(calendar):
            ref = self.holds[key] = self.new_id("hold")
            self._put(calendar, Event(ref=ref, uid=ref, start=span.start, end=span.end, summary="Busy"))
        self.faults.end("hold", fate)
        return ref

    def release(self, calendar: str, ref: str) -> None:
        fate = self.faults.begin("release")
        if ref in self.holds.values() and ref in self._entries(calendar):
            self._drop(calendar, ref)
        self.faults.end("release", fate)

    # -- everybody's hands ---------------------------------------------------------------------------------------

    def add(self, item: Item, calendar: str = "primary") -> str:
        """An entry appears, or one with the same ref is replaced; gives its ref."""
        self._put(calendar, item)
        return item.ref

    def change(self, ref: str, calendar: str = "primary", **fields: Any) -> None:
        """Any change of a single event, by whomever."""
        event = self.event(ref, calendar)
        self._put(calendar, replace(event, dtstamp=self.clock.now(), **fields))

    def move(self, ref: str, start: datetime, end: datetime, calendar: str = "primary") -> None:
        """The organizer moves it."""
        self.change(ref, calendar, start=start, end=end, sequence=self.event(ref, calendar).sequence + 1)

    def answer_by_hand(self, ref: str, answer: Response, calendar: str = "primary") -> None:
        """The person answers in their own program."""
        self._set_answer(calendar, self._entries(calendar)[ref], None, answer)

    def remove_by_hand(self, ref: str, calendar: str = "primary") -> None:
        """The person deletes their copy."""
        self._drop(calendar, ref)

    def cancel_by_organizer(self, ref: str, calendar: str = "primary") -> None:
        raise AssertionError("a subclass says what a cancellation looks like")

    def kill_cursor(self) -> None:
        """Every cursor given out so far is dead."""
        self._epoch += 1

    def titles(self, calendar: str = "primary") -> list[str]:
        """What stands in the calendar, by its titles."""
        items = [i if isinstance(i, Event) else i.master for i in self._entries(calendar).values()]
        return sorted(i.summary for i in items if i is not None and i.status is not Status.CANCELLED)

    def event(self, ref: str, calendar: str = "primary") -> Event:
        item = self._entries(calendar)[ref]
        assert isinstance(item, Event), "a series is changed by replacing it"
        return item

    # -- machinery -----------------------------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._ids):06d}"

    def occurrences(self, calendar: str, window: Span) -> list[Event]:
        """Single events and expanded series that touch ``window``."""
        found: list[Event] = []
        for item in self._entries(calendar).values():
            found += self.expanded(item, window) if isinstance(item, Series) else (item,)
        return found

    def expanded(self, series: Series, window: Span) -> tuple[Event, ...]:
        from calwatch.recur.expand import expand

        return expand(series, window, viewer_zone=self.zone).events

    def answer_of(self, item: Item, recurrence_id: str | None) -> Response:
        if isinstance(item, Event):
            return item.response
        for override in item.overrides:
            if override.recurrence_id == recurrence_id:
                return override.response
        return item.master.response if item.master else Response.OWN

    def _answered(self, event: Event, answer: Response) -> Event:
        attendees = tuple(
            Attendee(a.person, answer, a.optional, a.cutype) if a.person.email == self.me.email else a
            for a in event.attendees
        )
        return replace(event, response=answer, attendees=attendees)

    def _set_answer(self, calendar: str, item: Item, recurrence_id: str | None, answer: Response) -> None:
        raise AssertionError("a subclass says what an answer does")

    def _entries(self, calendar: str) -> dict[str, Item]:
        if calendar in self.unreadable or calendar not in self.names:
            raise Stop(f"there is no calendar {calendar}")
        return self.entries.setdefault(calendar, {})

    def _put(self, calendar: str, item: Item) -> None:
        self._entries(calendar)[item.ref] = stamped(item, self.new_id("etag"))
        self._log.setdefault(calendar, []).append(item.ref)

    def _drop(self, calendar: str, ref: str) -> None:
        del self._entries(calendar)[ref]
        self._log.setdefault(calendar, []).append(ref)


def stamped(item: Item, etag: str) -> Item:
    """The same item with a new etag, its master and overrides too."""
    if isinstance(item, Event):
        return replace(item, etag=etag)
    master = replace(item.master, etag=etag, ref=item.ref) if item.master else None
    overrides = tuple(replace(o, etag=etag, ref=item.ref) for o in item.overrides)
    return replace(item, etag=etag, master=master, overrides=overrides)


def cancelled(item: Event) -> Event:
    return replace(item, status=Status.CANCELLED, sequence=item.sequence + 1)


def around(recurrence_id: str) -> Span:
    """A few days around an original start, wide enough for every zone."""
    day = datetime.strptime(recurrence_id[:8], "%Y%m%d").replace(tzinfo=UTC)
    return Span(day - timedelta(days=2), day + timedelta(days=3))
