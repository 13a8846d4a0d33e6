"""The fake Google's calendars as they are kept: entries, their change numbers, their stamps."""

from __future__ import annotations

import base64
import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from calwatch.ports import Clock
from fakes.google.calendar_times import FOREVER, Json, instant, occurrences, stamp, suffix
from fakes.google.call import ApiError


@dataclass
class Entry:
    """One event, master or exception.

    ``raw`` is its JSON without what is made for every answer (kind, etag, updated, self). ``seq`` is the number of
    its last change. A ``bare`` one is cancelled and shows no more than its id; ``hidden`` waits for the person's mail
    answer before it is in the calendar.
    """

    raw: Json
    updated: datetime
    seq: int
    bare: bool = False
    hidden: bool = False

    @property
    def cancelled(self) -> bool:
        return bool(self.raw["status"] == "cancelled")

    @property
    def etag(self) -> str:
        """Twice ``updated`` in microseconds, as Google's are."""
        return f'"{2 * round(self.updated.timestamp() * 1000) * 1000}"'


@dataclass
class Book:
    """One calendar. ``role`` is what the person may do there; ``readable`` off: for them it does not exist."""

    id: str
    summary: str
    zone: str
    role: str = "owner"
    readable: bool = True
    entries: dict[str, Entry] = field(default_factory=dict)
    seq: int = 0
    epoch: int = 1

    def exceptions(self, master: str) -> dict[str, Entry]:
        """The exceptions of a series by id."""
        return {k: e for k, e in self.entries.items() if e.raw.get("recurringEventId") == master}

    def instances(self, master: str, until: datetime = FOREVER) -> Iterator[Entry]:
        """Every occurrence in order: exceptions as they are, the others made from the master."""
        entry, own = self.entries[master], self.exceptions(master)
        for start, end in occurrences(entry.raw, self.zone, until):
            ref = f"{master}_{suffix(start, self.zone)}"
            yield own[ref] if ref in own else self._instance(entry, ref, start, end)

    def singly(self, until: datetime) -> Iterator[Entry]:
        """Everything as single events, by id; also what is cancelled."""
        for ref, entry in sorted(self.entries.items()):
            if "recurrence" in entry.raw:
                yield from (e for e in self.instances(ref, until) if e.raw["id"] not in self.entries)
            else:
                yield entry

    def instance(self, ref: str) -> Entry | None:
        """The occurrence an instance id names, if its series has it."""
        master, _, key = ref.rpartition("_")
        entry = self.entries.get(master)
        if entry is None or "recurrence" not in entry.raw or not key[:8].isdigit():
            return None
        for start, end in occurrences(entry.raw, self.zone):
            found = suffix(start, self.zone)
            if found == key:
                return self._instance(entry, ref, start, end)
            if found > key:
                return None
        return None

    def _instance(self, master: Entry, ref: str, start: Json, end: Json) -> Entry:
        raw = {k: v for k, v in copy.deepcopy(master.raw).items() if k != "recurrence"}
        raw |= {"id": ref, "recurringEventId": master.raw["id"], "originalStartTime": start, "start": start, "end": end}
        return Entry(raw, master.updated, master.seq, master.bare, master.hidden)

    def starts(self, entry: Entry) -> datetime:
        return instant(entry.raw["start"], self.zone)

    def ends(self, entry: Entry) -> datetime:
        return instant(entry.raw["end"], self.zone)


@dataclass(frozen=True)
class Reply:
    """What the organizer's copy shows of the person's answer, and whether a mail told them (``mailed``)."""

    ref: str
    organizer: str
    response: str
    comment: str
    mailed: bool


@dataclass
class Books:
    """The calendars of ``owner``; the primary one has the owner's address as its id.

    ``lag`` is what other people's changes need to reach a calendar here. ``page_cap`` bounds every page,
    ``empty_pages`` begins each paged list with a page without items. ``detailed_cancellations``: what an organizer
    cancelled keeps its details. ``gone_reason`` is the reason of a 410 for a dead token. ``keeps_comments``: a comment
    is taken over under ``attendeesOmitted``. ``declined_is_busy``, ``merges`` and ``range_limit`` are freebusy's.
    ``horizon``: how far a series without an end is listed as instances.
    """

    clock: Clock
    owner: str
    zone: str = "Europe/Berlin"
    books: dict[str, Book] = field(default_factory=dict)
    lag: timedelta = timedelta(0)
    page_cap: int = 2500
    empty_pages: bool = False
    detailed_cancellations: bool = False
    gone_reason: str = "fullSyncRequired"
    keeps_comments: bool = False
    declined_is_busy: bool = False
    merges: bool = True
    range_limit: timedelta = timedelta(days=62)
    horizon: timedelta = timedelta(days=365 * 14)
    replies: list[Reply] = field(default_factory=list)
    invited: list[tuple[str, str]] = field(default_factory=list)  # (event id, address) of mails the person caused
    traversals: dict[str, Any] = field(default_factory=dict)
    _coming: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _last: datetime | None = None

    def __post_init__(self) -> None:
        self.add_calendar(self.owner, self.owner)

    def add_calendar(self, ref: str, summary: str = "", *, zone: str = "", role: str = "owner") -> str:
        self.books[ref] = Book(ref, summary or ref, zone or self.zone, role)
        return ref

    def book(self, ref: str = "primary") -> Book:
        """Raises the 404 of a calendar the person cannot see."""
        book = self.books.get(self.owner if ref == "primary" else ref)
        if book is None or not book.readable:
            raise ApiError(404, "notFound", "Not Found")
        return book

    def entry(self, book: Book, ref: str) -> Entry:
        """The entry or instance an id names; raises the 404 of one that never was, or was purged."""
        entry = book.entries.get(ref) or book.instance(ref)
        if entry is None:
            raise ApiError(404, "notFound", "Not Found")
        return entry

    def new_id(self) -> str:
        """26 characters of base32hex, as Google makes them."""
        number = next(self._numbers)
        seed = base64.b32hexencode(f"event-{number:010d}".encode()).decode().rstrip("=").lower()
        return seed[:26].ljust(26, "0")

    def tick(self) -> datetime:
        """The moment of a change: now, and never twice the same millisecond."""
        now = self.clock.now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if self._last is not None and now <= self._last:
            now = self._last + timedelta(milliseconds=1)
        self._last = now
        return now

    def keep(self, book: Book, raw: Json, *, bare: bool = False, hidden: bool = False) -> Entry:
        """Writes an entry: a new change of its calendar with a new stamp."""
        book.seq += 1
        raw.setdefault("created", stamp(self.clock.now()))
        entry = Entry(raw, self.tick(), book.seq, bare, hidden)
        book.entries[raw["id"]] = entry
        return entry

    def tombstone(self, book: Book, ref: str, *, bare: bool) -> None:
        """Cancels an entry or one occurrence; what was cancelled for a whole series takes its exceptions along."""
        entry = self.entry(book, ref)
        for exception in book.exceptions(ref):
            del book.entries[exception]
        self.keep(book, {**entry.raw, "status": "cancelled"}, bare=bare)

    # -- other people's changes take their time ------------------------------------------------------------------

    def later(self, change: Callable[[], object]) -> None:
        """Does a change of somebody else's after the lag."""
        if self.lag:
            self._coming.append((self.clock.now() + self.lag, change))
        else:
            change()

    def settle(self) -> None:
        """Lets what is due arrive."""
        now = self.clock.now()
        due = [change for when, change in self._coming if when <= now]
        self._coming = [(when, change) for when, change in self._coming if when > now]
        for change in due:
            change()
