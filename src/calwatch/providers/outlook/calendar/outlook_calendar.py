"""One Outlook account's calendars behind ``ports.Calendar``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from calwatch.errors import Retry, Stop
from calwatch.model.event import Response
from calwatch.model.span import Span
from calwatch.ports import NO_NOTE, Cancelled, Changes, Found, Gone, Known, Note, Unknown
from calwatch.providers.outlook.calendar.answering import Answering, Invitation
from calwatch.providers.outlook.calendar.events import Events
from calwatch.providers.outlook.calendar.holds import Holds
from calwatch.providers.outlook.calendar.parse import Sort, read_entry
from calwatch.providers.outlook.calendar.people import Viewer
from calwatch.providers.outlook.calendar.sync import Sync
from calwatch.providers.outlook.calendar.times import viewer_zone
from calwatch.providers.outlook.scopes import Feature
from calwatch.providers.remote.faults import Refusal
from calwatch.providers.remote.taken import merged

if TYPE_CHECKING:
    from calwatch.providers import Surroundings
    from calwatch.providers.outlook.api.connection import Connection
    from calwatch.providers.outlook.options import OutlookAccount

_DAY = timedelta(days=1)


class OutlookCalendar:
    """The watched calendars of an account, and those that are only taken time. Nothing is asked before it is used."""

    def __init__(self, connection: Connection, account: OutlookAccount, around: Surroundings) -> None:
        self._account = account
        address = (account.email or around.me.email).lower()
        viewer = Viewer(replace(around.me, email=address), around.addresses, viewer_zone(around.viewer_zone))
        feature = Feature.FREE_BUSY if account.use == "busy" else Feature.READ_EVENTS
        self._events = Events(connection, viewer, feature)
        self.counters = self._events.counters
        self._sync = Sync(self._events, around.clock, account.api_root, address)
        self._answering = Answering(connection, self._events, around.clock)
        self._holds = Holds(connection, self._events)

    proposes = True

    def calendars(self) -> Sequence[str]:
        """The watched calendars first, then the busy ones; see ``busy_calendars``."""
        return (*self._account.calendars, *self._account.busy_calendars)

    def busy_calendars(self) -> frozenset[str]:
        """Those of ``calendars`` that are only taken time."""
        if self._account.use == "busy":
            return frozenset(self.calendars())
        return frozenset(self._account.busy_calendars)

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        return self._sync.changes(calendar, cursor, window, known, time_only=calendar in self.busy_calendars())

    def get(self, calendar: str, ref: str, window: Span) -> Found | Cancelled | Gone:
        """Of the account's calendars Outlook finds an event in any, also where it was moved to."""
        entry = self._events.entry(ref, time_only=calendar in self.busy_calendars())
        if entry is None or entry.sort is Sort.MASTER:
            return Gone()
        if entry.item is None:
            raise Retry(f"one event of the calendar {calendar} cannot be read at the moment: {entry.problem}")
        return Cancelled(entry.item) if entry.cancelled else Found(entry.item)

    def busy(self, calendars: Sequence[str], window: Span) -> Mapping[str, tuple[Span, ...] | Unknown]:
        known = self.calendars()
        return {
            name: self._taken(name, window)
            if name in known
            else Unknown(f"{name} is not a calendar of the account {self._account.name}")
            for name in calendars
        }

    def respond(
        self, calendar: str, ref: str, recurrence_id: str | None, answer: Response, etag: str, note: Note = NO_NOTE
    ) -> str:
        self._refuse_busy(calendar)
        return self._answering.answer(Invitation(ref, recurrence_id, etag), answer, note)

    def hold(self, calendar: str, key: str, span: Span) -> str:
        self._refuse_busy(calendar)
        return self._holds.hold(calendar, key, span)

    def release(self, calendar: str, ref: str) -> None:
        self._refuse_busy(calendar)
        self._holds.release(ref)

    def _refuse_busy(self, calendar: str) -> None:
        if calendar in self.busy_calendars():
            raise Stop(f"The calendar {calendar!r} is only read for taken time; nothing is written to it.")

    def _taken(self, calendar: str, window: Span) -> tuple[Span, ...] | Unknown:
        """Outlook expands the series itself here; one event that cannot be read leaves the whole unknown."""
        spans: list[Span] = []
        try:
            for raw in self._events.view(calendar, Span(window.start - _DAY, window.end + _DAY), times_only=True):
                entry = read_entry(raw, self._events.viewer, time_only=True)
                if entry.item is None and entry.sort is not Sort.MASTER:
                    return Unknown(f"not every event of the calendar {calendar} can be read: {entry.problem}")
                if entry.item is not None and entry.item.busy:
                    spans.append(entry.item.span)
        except Refusal as refusal:
            if refusal.status == 404:
                return Unknown(str(self._events.calendars.forget(calendar)))
            return Unknown(str(refusal))
        except (Retry, Stop) as error:
            return Unknown(str(error))
        return merged(spans, window)
