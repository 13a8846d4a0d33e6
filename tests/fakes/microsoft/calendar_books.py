"""The fake Outlook's calendars as they are kept: events, series with their exceptions, and what was removed."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from calwatch.model.event import Event, Person, Response
from calwatch.model.message import Method
from calwatch.model.span import Span
from calwatch.ports import Clock
from fakes.microsoft import calendar_ids as ids_of
from fakes.microsoft.calendar_ids import REGULAR, Ids
from fakes.microsoft.calendar_manners import Manners
from fakes.microsoft.calendar_times import FOREVER, Json, Window, occurrences, stamp, starts
from fakes.microsoft.call import ApiError

Type = Literal["singleInstance", "occurrence", "exception", "seriesMaster"]


@dataclass
class Entry:
    """One event or one whole series.

    ``raw`` is its JSON as it is kept (times in its own zone, without ids and change keys), ``change`` the number of its
    last change, ``props`` its extended properties. Of a series, ``exceptions`` and ``holes`` are by the date of the
    original start. ``versions`` are the earlier ones.
    """

    ids: Ids
    raw: Json
    created: datetime
    modified: datetime
    change: int = 0
    props: dict[str, str] = field(default_factory=dict)
    exceptions: dict[str, Json] = field(default_factory=dict)
    holes: set[str] = field(default_factory=set)
    versions: list[Item] = field(default_factory=list)

    @property
    def is_series(self) -> bool:
        return bool(self.raw.get("recurrence"))


@dataclass(frozen=True)
class Item:
    """What an id names: an event, a series, or one of its occurrences (``key``: the date it was planned for)."""

    entry: Entry
    ids: Ids
    raw: Json
    type: Type
    change: int
    key: str = ""

    @property
    def alone(self) -> bool:
        return not self.key


@dataclass(frozen=True)
class Tomb:
    """What is left of a removed entry, and the number of that change."""

    entry: Entry
    change: int


@dataclass
class Book:
    """One calendar. ``readable`` off: for the person it does not exist."""

    id: str
    name: str
    can_edit: bool = True
    readable: bool = True
    entries: dict[str, Entry] = field(default_factory=dict)
    tombs: dict[str, Tomb] = field(default_factory=dict)

    def items(self, window: Window) -> list[Item]:
        """Everything in a window, series expanded, by start."""
        found: list[Item] = []
        for entry in self.entries.values():
            if entry.is_series:
                found += self.expanded(entry, window)
            elif window.holds(entry.raw):
                found.append(whole(entry))
        return sorted(found, key=lambda item: starts(item.raw))

    def expanded(self, entry: Entry, window: Window) -> list[Item]:
        """The occurrences and exceptions of a series in a window; an exception counts where it was moved to."""
        made = [
            _occurrence(entry, found.key, {"start": found.start, "end": found.end})
            for found in occurrences(entry.raw, window.high)
            if found.key not in entry.exceptions and found.key not in entry.holes
        ]
        moved = [_exception(entry, key) for key in entry.exceptions]
        return [item for item in (*made, *moved) if window.holds(item.raw)]

    def find(self, ref: str) -> Item | None:
        """What either form of an id names."""
        for entry in self.entries.values():
            if ref in (entry.ids.immutable, entry.ids.regular):
                return whole(entry)
        head, key = ids_of.split(ref)
        for entry in self.entries.values() if key else ():
            if entry.is_series and head in (entry.ids.immutable.rstrip("="), entry.ids.regular.rstrip("=")):
                return _instance(entry, key)
        return None


def whole(entry: Entry) -> Item:
    """An entry itself."""
    return Item(entry, entry.ids, entry.raw, "seriesMaster" if entry.is_series else "singleInstance", entry.change)


def _instance(entry: Entry, key: str) -> Item | None:
    if key in entry.exceptions:
        return _exception(entry, key)
    if key in entry.holes:
        return None
    end = datetime.strptime(f"{key}+0000", "%Y%m%d%z") + timedelta(days=2)
    found = next((o for o in occurrences(entry.raw, min(end, FOREVER)) if o.key == key), None)
    return _occurrence(entry, key, {"start": found.start, "end": found.end}) if found else None


def _occurrence(entry: Entry, key: str, times: Json) -> Item:
    raw = {name: value for name, value in entry.raw.items() if name != "recurrence"} | times
    raw["originalStart"] = stamp(starts(raw))
    return Item(entry, entry.ids.occurrence(key), copy.deepcopy(raw), "occurrence", entry.change, key)


def _exception(entry: Entry, key: str) -> Item:
    return Item(entry, entry.ids.occurrence(key), entry.exceptions[key], "exception", entry.change, key)


@dataclass(frozen=True)
class Reply:
    """What the organizer was told; with ``sent`` off they were not."""

    ref: str
    organizer: str
    response: str
    comment: str
    proposal: Json | None
    sent: bool


class EventMessages(Protocol):
    """The mailbox's side of meetings."""

    def event_message(self, event: Event, *, sender: Person, method: Method, answer: Response | None = None) -> object:
        """A mail about a meeting arrives."""

    def answered(self, event: Event, answer: Response, *, told: bool, comment: str, proposal: Span | None) -> object:
        """The person has answered an invitation, and the organizer was ``told`` by a mail of the person's."""


@dataclass
class Books(Manners):
    """The calendars of ``owner``. ``root`` is the API's address; ``mail`` where event messages go, if anywhere."""

    clock: Clock = field(kw_only=True)
    owner: str = field(kw_only=True)
    owner_name: str = ""
    root: str = "https://graph.microsoft.com/v1.0"
    zone: str = "Europe/Berlin"
    mail: EventMessages | None = None
    books: dict[str, Book] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    mailed: list[tuple[str, str]] = field(default_factory=list)  # (kind, event id) the person's guests were mailed
    transactions: dict[str, tuple[Json, str]] = field(default_factory=dict)
    away: dict[str, tuple[str, Entry]] = field(default_factory=dict)  # declined or removed, until the organizer's next
    rounds: dict[str, Any] = field(default_factory=dict)
    epoch: int = 1
    change: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count())

    def __post_init__(self) -> None:
        self.primary = self.add_calendar("Calendar")

    def add_calendar(self, name: str, *, can_edit: bool = True) -> str:
        """Gives its id; calendars have only the regular one."""
        ref = f"{REGULAR}zkq_4lnYoTYlnaHm8XYZaBwDPHmRV-cal{len(self.books):03d}AAA="
        self.books[ref] = Book(ref, name, can_edit)
        return ref

    def book(self, ref: str = "primary") -> Book:
        """Raises the 404 of a calendar the person cannot see."""
        book = self.books.get(self.primary if ref in ("", "primary") else ref)
        if book is None or not book.readable:
            raise not_found()
        return book

    def locate(self, ref: str) -> tuple[Book, Item]:
        """What an id names in any calendar; raises its 404, or 400 for what is no id."""
        if ids_of.is_malformed(ref):
            raise ApiError(400, "ErrorInvalidIdMalformed", "Id is malformed.")
        for book in self.books.values():
            item = book.find(ref) if book.readable else None
            if item is not None:
                return book, item
        raise not_found()

    def number(self) -> int:
        return next(self._numbers)

    def keep(self, book: Book, entry: Entry) -> Entry:
        """Writes an entry: one more change."""
        self.change += 1
        entry.change, entry.modified = self.change, self.clock.now()
        book.entries[entry.ids.immutable] = entry
        book.tombs.pop(entry.ids.immutable, None)
        return entry

    def write(self, book: Book, item: Item, raw: Json) -> Item:
        """Changes what an id names; an occurrence becomes an exception by it."""
        entry = item.entry
        if not item.alone:
            entry.exceptions[item.key] = {**raw, "originalStart": item.raw["originalStart"]}
            self.keep(book, entry)
            return _exception(entry, item.key)
        entry.versions.append(Item(entry, entry.ids, entry.raw, item.type, entry.change))
        if entry.is_series and any(raw.get(name) != entry.raw.get(name) for name in ("start", "end", "recurrence")):
            entry.exceptions, entry.holes = {}, set()
        entry.raw = raw
        return whole(self.keep(book, entry))

    def take_out(self, book: Book, item: Item) -> None:
        """Takes something out of a calendar: an entry leaves a tombstone, an occurrence a hole."""
        if not item.alone:
            item.entry.exceptions.pop(item.key, None)
            item.entry.holes.add(item.key)
            self.keep(book, item.entry)
            return
        self.change += 1
        del book.entries[item.ids.immutable]
        book.tombs[item.ids.immutable] = Tomb(item.entry, self.change)


def not_found() -> ApiError:
    return ApiError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
