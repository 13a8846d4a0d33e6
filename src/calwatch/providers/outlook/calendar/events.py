"""Outlook's events as Graph gives them: rounds of changes in pages, whole views, and direct looks at one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from calwatch.errors import Retry
from calwatch.model.span import Span
from calwatch.providers.outlook.api.paths import segment
from calwatch.providers.outlook.calendar.calendars import Calendars
from calwatch.providers.outlook.calendar.parse import Entry, is_ref, read_entry
from calwatch.providers.outlook.calendar.people import Viewer
from calwatch.providers.outlook.calendar.times import written
from calwatch.providers.outlook.scopes import Feature
from calwatch.providers.remote.faults import Refusal

if TYPE_CHECKING:
    from calwatch.providers.outlook.api.connection import Connection

PREFER = 'odata.maxpagesize=100, outlook.body-content-type="text"'
MOST_PAGES = 1000
CIRCLING = "circling"
"""The reason of the refusal of a round that tells the same again and again."""
_PAGES_OF_NO_NEWS = 3

_GONE = (404, 410)
_MALFORMED = "errorinvalididmalformed"
_TIMES_ONLY = "id,start,end,isAllDay,showAs,isCancelled,isOrganizer,organizer,responseStatus,type,originalStartTimeZone"

Raw = Mapping[str, Any]


@dataclass(slots=True)
class Counters:
    """How much was asked and read since the start; free of noise, so tests and benchmarks can rely on them."""

    pages: int = 0
    entries: int = 0
    looks: int = 0


@dataclass(slots=True)
class Round:
    """What a round tells, of each id the last word. ``link`` is where the next one begins.

    ``nameless`` counts the entries that have no usable id.
    """

    told: dict[str, Raw] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    nameless: int = 0
    link: str = ""


class Events:
    """Reads the events of one account's calendars. ``feature`` is what the account's consent has to cover."""

    def __init__(self, connection: Connection, viewer: Viewer, feature: Feature) -> None:
        self._connection = connection
        self._feature = feature
        self._lock = threading.Lock()
        self.viewer = viewer
        self.calendars = Calendars(connection)
        self.counters = Counters()

    def first_round(self, calendar: str, window: Span) -> Round:
        """Everything in ``window``; a refusal comes as Graph gave it."""
        self._connection.require(self._feature)
        path = f"{self.calendars.place(calendar)}/calendarView/delta"
        return self._round(calendar, lambda: self._connection.read(path, _ends(window), prefer=PREFER))

    def next_round(self, calendar: str, link: str) -> Round:
        """What changed since ``link`` was given; it is asked for as it stands."""
        self._connection.require(self._feature)
        return self._round(calendar, lambda: self._connection.follow(link, prefer=PREFER))

    def view(self, calendar: str, window: Span, *, times_only: bool = False) -> Iterator[Raw]:
        """Everything that touches ``window``, every occurrence whole."""
        self._connection.require(self._feature)
        path = f"{self.calendars.place(calendar)}/calendarView"
        params = _ends(window) | ({"$select": _TIMES_ONLY} if times_only else {})
        for page in self._connection.pages(path, params, prefer=PREFER):
            for raw in self._values(calendar, page):
                yield raw if isinstance(raw, dict) else {}

    def listing(self, calendar: str, window: Span) -> Round:
        """As ``view``, as a round that leads nowhere."""
        found = Round()
        for raw in self.view(calendar, window):
            _put(found, raw)
        return found

    def look(self, ref: str) -> Raw | None:
        """One event as it is now; ``None`` when it is in none of the account's calendars."""
        self._connection.require(self._feature)
        with self._lock:
            self.counters.looks += 1
        try:
            raw = self._connection.read(f"/me/events/{segment(ref)}", prefer=PREFER)
        except Refusal as refusal:
            if refusal.status in _GONE or refusal.reason.lower() == _MALFORMED:
                return None
            raise
        if raw.get("id") != ref:
            raise Retry("Microsoft's answer about one event is about another; it is asked again later")
        return raw

    def entry(self, ref: str, *, time_only: bool = False) -> Entry | None:
        """As ``look``, read."""
        raw = self.look(ref)
        return None if raw is None else read_entry(raw, self.viewer, time_only=time_only)

    def _round(self, calendar: str, begin: Callable[[], Raw]) -> Round:
        found = Round()
        seen = set[str]()
        known = no_news = 0
        page = begin()
        while True:
            values = self._values(calendar, page)
            for raw in values:
                _put(found, raw)
            told, known = known, len(found.told) + len(found.removed) + found.nameless
            no_news = no_news + 1 if values and told == known else 0
            if no_news == _PAGES_OF_NO_NEWS:
                # Since 2026 a series longer than a page comes for ever, each time with a new link (msgraph-sdk-dotnet
                # #3070, #3082).
                raise Refusal(
                    f"Microsoft repeats itself in the changes of the calendar {calendar}", status=0, reason=CIRCLING
                )
            following, found.link = page.get("@odata.nextLink"), _text(page.get("@odata.deltaLink"))
            if following is None and found.link:
                return found
            if not isinstance(following, str) or not following or found.link:
                raise Retry(
                    f"Microsoft did not say where the next reading of the calendar {calendar} goes on; nothing was "
                    "taken over, and it is read again later"
                )
            if following in seen or len(seen) >= MOST_PAGES:
                raise Retry(f"Microsoft's list of the calendar {calendar} does not come to an end")
            seen.add(following)
            page = self._connection.follow(following, prefer=PREFER)

    def _values(self, calendar: str, page: Raw) -> list[object]:
        values = page.get("value")
        if not isinstance(values, list):
            raise Retry(f"Microsoft's list of the calendar {calendar} cannot be understood; it is read again later")
        with self._lock:
            self.counters.pages += 1
            self.counters.entries += len(values)
        return values


def _put(found: Round, raw: object) -> None:
    ref = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(ref, str) or not is_ref(ref):
        found.nameless += 1
    elif raw.get("@removed") is not None:
        found.told.pop(ref, None)
        found.removed[ref] = None
    else:
        found.removed.pop(ref, None)
        found.told[ref] = raw


def _ends(window: Span) -> dict[str, str]:
    return {"startDateTime": written(window.start), "endDateTime": written(window.end)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
