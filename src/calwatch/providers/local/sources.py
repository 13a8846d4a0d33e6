"""The two shapes a calendar on disk has: a folder with one file per event, and one big file; both only read here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from calwatch.errors import Resync, Retry, Stop
from calwatch.formats.ical import LARGEST_FILE, Parsed, Unreadable, read, read_header, read_resource, resources
from calwatch.model.event import Event, Series
from calwatch.model.span import Span
from calwatch.ports import Changes, Known, Problem
from calwatch.providers.local.files import Seen, scan, settled
from calwatch.providers.measure import measured

LARGEST_EVENT = 50_000_000
"""Bytes of one file in a folder of events; a larger one is named and left out."""

_MOST_REASONS = 5

Item = Event | Series


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom files are read: the user's lower-case addresses, and the zone of floating and all-day events."""

    me: frozenset[str]
    zone: str


@dataclass(slots=True)
class Counters:
    """How much work was done since the start; free of noise, so tests and benchmarks can rely on them."""

    files_opened: int = 0
    events_parsed: int = 0


class Source(Protocol):
    """One calendar on disk."""

    writable: bool

    def changes(self, cursor: str | None, window: Span, known: Known) -> Changes: ...

    def items(self, window: Span) -> Iterator[Item]: ...

    def get(self, ref: str, window: Span) -> tuple[Item, ...]: ...


@dataclass(slots=True)
class _Baseline:
    """What was handed over last, and the cursor that says so; a cursor of another process means: ask the store."""

    etags: dict[str, str] = field(default_factory=dict)
    count: int = 0
    instance: str = field(default_factory=lambda: uuid.uuid4().hex[:12])

    @property
    def cursor(self) -> str:
        return f"files-1:{self.instance}:{self.count}"

    def before(self, cursor: str | None, known: Known) -> dict[str, str]:
        if cursor is None:
            return {}
        if not cursor.startswith("files-1:"):
            raise Resync("the calendar cursor is not one of a calendar on disk")
        return self.etags if cursor == self.cursor else dict(known())

    def after(self, etags: dict[str, str]) -> None:
        if etags != self.etags or not self.count:
            self.etags = etags
            self.count += 1


@dataclass(slots=True)
class Vdir:
    """A folder with one .ics file per event, as khal, vdirsyncer and Radicale keep it. ``ref`` is the file name."""

    folder: Path
    viewer: Viewer
    counters: Counters
    writable: bool = True
    _last: _Baseline = field(default_factory=_Baseline)

    def changes(self, cursor: str | None, window: Span, known: Known) -> Changes:
        before = self._last.before(cursor, known)
        listing = scan(self.folder)
        wanted = [name for name, seen in listing.items() if before.get(name) != seen.etag]
        if wanted:
            listing = settled(self.folder, listing, wanted)
            wanted = [name for name, seen in listing.items() if before.get(name) != seen.etag]
        etags = {name: seen.etag for name, seen in listing.items()}
        told = {name: etags[name] for name in (etags if cursor is None else wanted)}
        items: list[Item] = []
        problems: list[Problem] = []
        for name in wanted:
            parsed = self._read(listing[name], window)
            if parsed.problems and listing[name].fresh:
                # Half-written, most likely: as if the change had not happened yet. The etag of before, or an empty one
                # for a new file, makes sure that it is read again.
                earlier = (before or known()).get(name)
                del told[name]
                if cursor is not None and earlier is None:
                    told[name] = ""
                etags[name] = earlier or ""
                if cursor != self._last.cursor:  # the first look of this process, which may be its only one
                    reason = f"{parsed.problems[0].reason}; it was written just now and will be read again"
                    problems.append(Problem(name, reason))
                continue
            problems += _problems(parsed, name, listing[name].etag)
            items += parsed.items
        items, problems = measured(items, problems, window)
        gone = tuple(name for name in before if name not in listing)
        self._last.after(etags)
        return Changes(
            items=tuple(items),
            etags=told,
            gone=gone,
            problems=tuple(problems),
            cursor=self._last.cursor,
            window=window,
            complete=cursor is None,
        )

    def items(self, window: Span) -> Iterator[Item]:
        for seen in scan(self.folder).values():
            yield from self._read(seen, window).items

    def get(self, ref: str, window: Span) -> tuple[Item, ...]:
        seen = scan(self.folder).get(ref)
        if seen is None:
            return ()
        found = self._read(seen, window)
        if found.problems and not found.items:
            raise Retry(f"{ref} cannot be read at the moment: {found.problems[0].reason}")
        return found.items

    def _read(self, seen: Seen, window: Span) -> Parsed:
        name = seen.path.name
        if seen.size > LARGEST_EVENT:
            size = f"{LARGEST_EVENT // 1_000_000} MB"
            return _unreadable(name, f"the file is larger than {size}; one event never is")
        self.counters.files_opened += 1
        try:
            data = seen.path.read_bytes()
        except PermissionError:
            return _unreadable(name, "the file cannot be read; give this user access to it")
        except OSError as error:
            return _unreadable(name, f"the file cannot be read: {error.strerror or error}")
        parsed = read(data, me=self.viewer.me, viewer_zone=self.viewer.zone, window=window, ref=name, etag=seen.etag)
        self.counters.events_parsed += parsed.parsed
        return parsed


@dataclass(slots=True)
class IcsFile:
    """One .ics file with all events, only read. Every UID is a resource of its own; ``ref`` is the UID."""

    path: Path
    viewer: Viewer
    counters: Counters
    writable: bool = False
    _last: _Baseline = field(default_factory=_Baseline)
    _signature: str = ""

    def changes(self, cursor: str | None, window: Span, known: Known) -> Changes:
        before = self._last.before(cursor, known)
        seen = self._seen()
        if cursor == self._last.cursor and seen.etag == self._signature:
            return Changes(cursor=cursor, window=window)
        if seen.size > LARGEST_FILE:
            problem = Problem(self.path.name, f"the file is larger than {LARGEST_FILE // 1_000_000} MB", seen.etag)
            return Changes(problems=(problem,), cursor=cursor or self._last.cursor, window=window)
        data = self._bytes()
        whole = _is_whole(data)
        if not whole and seen.fresh:
            raise Retry(f"{self.path} is being written")
        header = read_header(data)
        etags: dict[str, str] = {}
        items: list[Item] = []
        problems: list[Problem] = []
        for raw in resources(data):
            etags[raw.uid] = raw.digest
            if before.get(raw.uid) == raw.digest:
                continue
            parsed = read_resource(raw, header, me=self.viewer.me, viewer_zone=self.viewer.zone, window=window)
            self.counters.events_parsed += parsed.parsed
            items += parsed.items
            problems += _problems(parsed, raw.uid, raw.digest)
        items, problems = measured(items, problems, window)
        told = etags if cursor is None else {ref: e for ref, e in etags.items() if before.get(ref) != e}
        if not whole:
            # What is missing at the end is not known to be gone: keep what the store has, and say so.
            reason = "the file ends before END:VCALENDAR" if etags else "the file is not an iCalendar file"
            problems.append(Problem(self.path.name, reason, seen.etag))
            self._last.after({**before, **etags})
            self._signature = seen.etag
            return Changes(
                items=tuple(items), etags=told, problems=tuple(problems), cursor=self._last.cursor, window=window
            )
        self._last.after(etags)
        self._signature = seen.etag
        return Changes(
            items=tuple(items),
            etags=told,
            gone=tuple(ref for ref in before if ref not in etags),
            problems=tuple(problems),
            cursor=self._last.cursor,
            window=window,
            complete=cursor is None,
        )

    def items(self, window: Span) -> Iterator[Item]:
        self._seen()
        data = self._bytes()
        parsed = read(data, me=self.viewer.me, viewer_zone=self.viewer.zone, window=window, ref=self.path.name)
        self.counters.events_parsed += parsed.parsed
        if not _is_whole(data):
            raise Retry(f"{self.path} ends before END:VCALENDAR")
        yield from parsed.items

    def get(self, ref: str, window: Span) -> tuple[Item, ...]:
        self._seen()
        data = self._bytes()
        if not _is_whole(data):
            raise Retry(f"{self.path} ends before END:VCALENDAR")
        for raw in resources(data):
            if raw.uid == ref:
                header = read_header(data)
                return read_resource(raw, header, me=self.viewer.me, viewer_zone=self.viewer.zone, window=window).items
        return ()

    def _seen(self) -> Seen:
        try:
            return Seen.of(self.path, self.path.stat())
        except FileNotFoundError:
            raise Stop(f"There is no calendar file {self.path}. Correct the account's calendar.") from None
        except OSError as error:
            raise Stop(f"The calendar file {self.path} cannot be read: {error.strerror or error}") from None

    def _bytes(self) -> bytes:
        # Not mapped into memory: a file cut short by somebody else while it is mapped would kill the process.
        self.counters.files_opened += 1
        try:
            return self.path.read_bytes()
        except PermissionError:
            raise Stop(f"The calendar file {self.path} cannot be read. Give this user access to it.") from None
        except OSError as error:
            raise Retry(f"The calendar file {self.path} cannot be read: {error.strerror or error}") from None


def _is_whole(data: bytes) -> bool:
    return data[-2000:].rstrip().upper().endswith(b"END:VCALENDAR")


def _unreadable(name: str, reason: str) -> Parsed:
    return Parsed(problems=(Unreadable(name, reason),))


def _problems(parsed: Parsed, ref: str, etag: str) -> Iterable[Problem]:
    """All that is to be said about one resource, in one problem: under its name only one is kept."""
    said = [*parsed.problems, *parsed.remarks]
    if said:
        reasons = [u.reason if u.name == ref else f"{u.name}: {u.reason}" for u in said[:_MOST_REASONS]]
        more = [f"{len(said) - _MOST_REASONS} more"] if len(said) > _MOST_REASONS else []
        yield Problem(ref, "; ".join(reasons + more), etag)
