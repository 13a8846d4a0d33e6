"""Google's events as entries: a calendar listed page by page, and direct looks at one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from calwatch.errors import Retry, Stop
from calwatch.formats.moments import Zone
from calwatch.providers.google.calendar.parse import Entry, read_entry
from calwatch.providers.google.calendar.times import zone_named
from calwatch.providers.google.scopes import Feature
from calwatch.providers.remote.faults import Refusal
from calwatch.providers.remote.fields import Fields

if TYPE_CHECKING:
    from calwatch.providers.google.api.connection import Connection

MOST_PAGES = 1000

_GONE = (404, 410)


@dataclass(slots=True)
class Counters:
    """How much was asked and read since the start; free of noise, so tests and benchmarks can rely on them."""

    pages: int = 0
    entries: int = 0
    looks: int = 0
    busy_queries: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """All pages of one list. ``token`` is where the next reading goes on, ``zone`` the calendar's as Google names it.

    ``nameless`` counts the entries that have no usable id.
    """

    entries: tuple[Entry, ...]
    token: str
    zone: str
    nameless: int


class Events:
    """Reads the events of one account's calendars. A calendar's zone is that of its latest list."""

    def __init__(self, connection: Connection, viewer_zone: str) -> None:
        self._connection = connection
        self._viewer_zone = zone_named(viewer_zone) or Zone(viewer_zone, ZoneInfo(viewer_zone), viewer_zone)
        self._zones: dict[str, Zone] = {}
        self._time_only: dict[str, bool] = {}
        self.counters = Counters()

    def zone(self, calendar: str) -> Zone:
        """Where the days of a calendar begin."""
        return self._zones.get(calendar, self._viewer_zone)

    def listing(self, calendar: str, **given: Any) -> Listing:
        """Every page of ``events.list``; ``given`` are its parameters. A refusal comes as Google gave it, but 404."""
        self._connection.require(Feature.READ_EVENTS)
        entries: list[Entry] = []
        zone, page, pages = "", "", set[str]()
        while True:
            answer = self._page(calendar, page, given)
            zone = zone or answer.word("timeZone")
            if (known := zone_named(zone)) is not None:
                self._zones[calendar] = known
            if "accessRole" in answer:
                self._time_only[calendar] = answer.word("accessRole") == "freeBusyReader"
            entries += [self._entry(calendar, raw) for raw in answer.raw_items("items")]
            pages.add(page)
            page = answer.word("nextPageToken")
            if answer.odd or not ("items" in answer or answer.word("kind") == "calendar#events"):
                raise Retry(f"Google's list of the calendar {calendar} cannot be understood; it is read again later")
            if not page:
                break
            if page in pages or len(pages) >= MOST_PAGES:
                raise Retry(f"Google's list of the calendar {calendar} does not come to an end")
        self.counters.entries += len(entries)
        named = tuple(entry for entry in entries if entry.ref)
        return Listing(named, answer.word("nextSyncToken"), zone, len(entries) - len(named))

    def look(self, calendar: str, ref: str) -> Entry | None:
        """One event as it is now, cancelled ones included; ``None`` when Google no longer has it."""
        self._connection.require(Feature.READ_EVENTS)
        self.counters.looks += 1
        try:
            raw = self._connection.read(self._connection.calendar.events().get(calendarId=calendar, eventId=ref))
        except Refusal as refusal:
            if refusal.status in _GONE:
                return None
            raise
        entry = self._entry(calendar, raw)
        if entry.ref != ref:
            raise Retry(f"Google's answer about one event of the calendar {calendar} is about another")
        return entry

    def _entry(self, calendar: str, raw: object) -> Entry:
        return read_entry(raw, self.zone(calendar), time_only=self._time_only.get(calendar, False))

    def _page(self, calendar: str, page: str, given: dict[str, Any]) -> Fields:
        self.counters.pages += 1
        request = self._connection.calendar.events().list(calendarId=calendar, pageToken=page or None, **given)
        try:
            return Fields(self._connection.read(request))
        except Refusal as refusal:
            if refusal.status == 404:
                raise Stop(no_such_calendar(calendar)) from refusal
            raise


def no_such_calendar(calendar: str) -> str:
    """What the person is told about an id Google does not know."""
    return (
        f"Google knows no calendar {calendar!r}, or it is not shared with this account; correct the account's "
        "calendars, or have it shared"
    )
