"""One Google account's calendars behind ``ports.Calendar``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from calwatch.errors import Retry, Stop
from calwatch.model.event import Event, Response
from calwatch.model.span import Span
from calwatch.ports import NO_NOTE, Cancelled, Changes, Found, Gone, Known, Note, Unknown
from calwatch.providers.google.calendar.answering import Invitation, set_answer
from calwatch.providers.google.calendar.busy_feed import BusyFeed
from calwatch.providers.google.calendar.events import Events
from calwatch.providers.google.calendar.freebusy import FreeBusy, Unanswered
from calwatch.providers.google.calendar.holds import hold, release
from calwatch.providers.google.calendar.sync import Sync
from calwatch.providers.google.calendar.times import written
from calwatch.providers.remote.taken import merged

if TYPE_CHECKING:
    from calwatch.providers import Surroundings
    from calwatch.providers.google.api.connection import Connection
    from calwatch.providers.google.options import GoogleAccount


class GoogleCalendar:
    """The watched calendars of an account, and those that are only taken time. Nothing is asked before it is used."""

    def __init__(self, connection: Connection, account: GoogleAccount, around: Surroundings) -> None:
        self._connection = connection
        self._account = account
        self._events = Events(connection, around.viewer_zone)
        self.counters = self._events.counters
        self._sync = Sync(self._events, around.clock)
        self._freebusy = FreeBusy(connection, account.email or around.me.email, self.counters)
        self._busy_feed = BusyFeed(self._freebusy, around.clock, self._only_taken)

    proposes = False  # Google has no way to propose a time

    def calendars(self) -> Sequence[str]:
        """The watched calendars first, then the busy ones; see ``busy_calendars``."""
        return (*self._account.calendars, *self._account.busy_calendars)

    def busy_calendars(self) -> frozenset[str]:
        """Those of ``calendars`` that are only taken time."""
        return frozenset(self._only_taken())

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        if self._is_watched(calendar):
            return self._sync.changes(calendar, cursor, window, known)
        return self._busy_feed.changes(calendar, cursor, window, known)

    def get(self, calendar: str, ref: str, window: Span) -> Found | Cancelled | Gone:
        """Who cancelled an event Google does not say: what is cancelled is only gone."""
        if not self._is_watched(calendar):
            return self._busy_feed.get(calendar, ref)
        entry = self._events.look(calendar, ref)
        if entry is None or entry.cancelled:
            return Gone()
        if entry.item is None:
            raise Retry(f"one event of the calendar {calendar} cannot be read at the moment: {entry.problem}")
        return Found(entry.item)

    def busy(self, calendars: Sequence[str], window: Span) -> Mapping[str, tuple[Span, ...] | Unknown]:
        """Of watched calendars from their events, so that a declined one is free; of the others by free/busy."""
        taken: dict[str, tuple[Span, ...] | Unknown] = {}
        known = self.calendars()
        for name in calendars:
            if name not in known:
                taken[name] = Unknown(f"{name} is not a calendar of the account {self._account.name}")
            elif self._is_watched(name):
                taken[name] = self._taken_by_events(name, window)
        rest = [name for name in calendars if name not in taken]
        return {**taken, **self._taken_by_freebusy(rest, window)}

    def respond(
        self, calendar: str, ref: str, recurrence_id: str | None, answer: Response, etag: str, note: Note = NO_NOTE
    ) -> str:
        self._refuse_busy(calendar)
        return set_answer(
            self._connection, self._events, Invitation(calendar, ref, recurrence_id, etag), answer, note.comment
        )

    def hold(self, calendar: str, key: str, span: Span) -> str:
        self._refuse_busy(calendar)
        return hold(self._connection, self._events, calendar, f"{calendar}\0{key}", span)

    def release(self, calendar: str, ref: str) -> None:
        self._refuse_busy(calendar)
        release(self._connection, self._events, calendar, ref)

    def _only_taken(self) -> tuple[str, ...]:
        if self._account.use == "busy":
            return (*self._account.calendars, *self._account.busy_calendars)
        return self._account.busy_calendars

    def _is_watched(self, calendar: str) -> bool:
        return calendar not in self._only_taken()

    def _refuse_busy(self, calendar: str) -> None:
        if not self._is_watched(calendar):
            raise Stop(f"The calendar {calendar!r} is only read for taken time; nothing is written to it.")

    def _taken_by_events(self, calendar: str, window: Span) -> tuple[Span, ...] | Unknown:
        """Google expands the series itself here; one event that cannot be read leaves the whole unknown."""
        try:
            listing = self._events.listing(
                calendar,
                timeMin=written(window.start),
                timeMax=written(window.end),
                singleEvents=True,
                showHiddenInvitations=True,
                maxResults=2500,
            )
        except (Retry, Stop) as error:
            return Unknown(str(error))
        unread = [entry.problem for entry in listing.entries if not entry.cancelled and entry.item is None]
        if unread or listing.nameless:
            return Unknown(f"not every event of the calendar {calendar} can be read: {(unread or ['no id'])[0]}")
        events = [entry.item for entry in listing.entries if isinstance(entry.item, Event)]
        return merged((event.span for event in events if event.busy), window)

    def _taken_by_freebusy(self, calendars: Sequence[str], window: Span) -> dict[str, tuple[Span, ...] | Unknown]:
        if not calendars:
            return {}
        try:
            answers = self._freebusy.taken(calendars, window)
        except (Retry, Stop) as error:
            return dict.fromkeys(calendars, Unknown(str(error)))
        return {name: Unknown(a.reason) if isinstance(a, Unanswered) else a for name, a in answers.items()}
