"""Calendars on disk behind ``ports.Calendar``: which there are, what changed, what is taken, and the user's answer."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from calwatch.errors import Retry, Stop, Touched
from calwatch.model.event import Event, Person, Response, Series, Status
from calwatch.model.span import Span
from calwatch.ports import NO_NOTE, Cancelled, Changes, Clock, Found, Gone, Known, Note, Unknown
from calwatch.providers.local.answers import a_hold, answered
from calwatch.providers.local.files import Seen, write
from calwatch.providers.local.mail import LocalMail
from calwatch.providers.local.sources import Counters, IcsFile, Item, Source, Vdir, Viewer
from calwatch.providers.measure import measured
from calwatch.recur.expand import expand


class LocalCalendar:
    """The calendars of one local account.

    ``watched`` is a vdir, a folder of vdirs, or one .ics file; ``busy`` are more of them that are only taken time, as
    is everything of an account with ``busy_only``. ``mail`` carries answers to organizers, if it transmits.
    """

    def __init__(
        self,
        watched: Path,
        *,
        busy: Sequence[Path] = (),
        busy_only: bool = False,
        me: Person,
        addresses: frozenset[str],
        viewer_zone: str,
        clock: Clock,
        mail: LocalMail | None = None,
    ) -> None:
        self._watched = watched
        self._busy = tuple(busy)
        self._busy_only = busy_only
        self._me = me
        self._viewer = Viewer(addresses | {me.email}, viewer_zone)
        self._clock = clock
        self._mail = mail
        self._sources: dict[Path, Source] = {}
        self.counters = Counters()

    proposes = False

    def calendars(self) -> Sequence[str]:
        """The watched calendars first, then the busy ones; see ``busy_calendars``."""
        return tuple(self._named())

    def busy_calendars(self) -> frozenset[str]:
        """Those of ``calendars`` that are only taken time."""
        named = self._named()
        return frozenset(n for n, path in named.items() if self._busy_only or self._is_busy(path))

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        path = self._path(calendar)
        changes = self._source(path).changes(cursor, window, known)
        if self._busy_only or self._is_busy(path):
            return replace(changes, items=tuple(_time_only(item) for item in changes.items))
        return changes

    def get(self, calendar: str, ref: str, window: Span) -> Found | Cancelled | Gone:
        path = self._path(calendar)
        items = self._source(path).get(ref, window)
        if not items:
            return Gone()
        item = next((i for i in items if not _is_cancelled(i)), items[0])
        if self._busy_only or self._is_busy(path):
            item = _time_only(item)
        return Cancelled(item) if _is_cancelled(item) else Found(item)

    def busy(self, calendars: Sequence[str], window: Span) -> Mapping[str, tuple[Span, ...] | Unknown]:
        taken: dict[str, tuple[Span, ...] | Unknown] = {}
        for name in calendars:
            try:
                taken[name] = self._taken(self._source(self._path(name)), window)
            except (Stop, Retry) as error:
                taken[name] = Unknown(str(error))
        return taken

    def respond(
        self, calendar: str, ref: str, recurrence_id: str | None, answer: Response, etag: str, note: Note = NO_NOTE
    ) -> str:
        """Sets PARTSTAT in the file; before that, mails the organizer an iTIP REPLY if the account can send.

        The mail goes first: should the file then fail, the next attempt finds the answer in .Sent and sends no second.
        """
        path = self._file(calendar, ref)
        try:
            with path.open("rb") as file:
                data = file.read()
            seen = Seen.of(path, path.stat())
        except FileNotFoundError:
            raise Touched(f"{ref} is no longer there") from None
        except OSError as error:
            raise Stop(f"{path} cannot be read: {error.strerror or error}") from None
        if seen.etag != etag:
            raise Touched(f"{ref} has changed")
        new = answered(
            data,
            me=self._viewer.me,
            who=self._me,
            recurrence_id=recurrence_id,
            answer=answer,
            comment=note.comment,
            viewer_zone=self._viewer.zone,
            now=self._clock.now(),
        )
        if new is None:
            return etag
        if new.organizer is not None and self._mail is not None and self._mail.transmits:
            self._mail.send_answer(new.organizer, new.subject, new.text, new.reply, new.key)
        return write(path, new.data).etag

    def hold(self, calendar: str, key: str, span: Span) -> str:
        uid = str(uuid.UUID(bytes=hashlib.sha256(f"hold\0{key}".encode()).digest()[:16], version=4))
        ref = f"{uid}.ics"
        path = self._file(calendar, ref)
        if not path.exists():
            write(path, a_hold(uid, span.start, span.end, self._clock.now()))
        return ref

    def release(self, calendar: str, ref: str) -> None:
        path = self._file(calendar, ref)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise Stop(f"{path} cannot be read: {error.strerror or error}") from None
        if f"UID:{ref.removesuffix('.ics')}".encode() not in data or b"SUMMARY:Busy" not in data:
            raise Touched(f"{ref} is not an entry of ours")
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise Stop(f"{path} cannot be removed: {error.strerror or error}") from None

    # -- which calendars there are -------------------------------------------------------------------------------

    def _named(self) -> dict[str, Path]:
        """Name → folder or file. Names are those of the folders; a second one of the same name gets a number."""
        named: dict[str, Path] = {}
        for path in (*_calendars_in(self._watched), *(p for given in self._busy for p in _calendars_in(given))):
            name, number = path.name or "calendar", 2
            while name in named:
                name, number = f"{path.name}-{number}", number + 1
            named[name] = path
        return named

    def _path(self, calendar: str) -> Path:
        named = self._named()
        if calendar not in named:
            raise Stop(f"There is no calendar {calendar!r} any more below {self._watched}.")
        return named[calendar]

    def _is_busy(self, path: Path) -> bool:
        return path not in _calendars_in(self._watched)

    def _source(self, path: Path) -> Source:
        source = self._sources.get(path)
        single = _is_single(path)
        if source is None or isinstance(source, IcsFile) != single:
            source = IcsFile(path, self._viewer, self.counters) if single else Vdir(path, self._viewer, self.counters)
            self._sources[path] = source
        return source

    def _file(self, calendar: str, ref: str) -> Path:
        """The file to write to; raises ``Stop`` where nothing is ever written."""
        path = self._path(calendar)
        if self._busy_only or self._is_busy(path):
            raise Stop(f"The calendar {calendar!r} is only read for taken time; nothing is written to it.")
        if not self._source(path).writable:
            raise Stop(f"{path.name} is one .ics file and only read; a folder of .ics files can be written to.")
        if Path(ref).name != ref or ref.startswith("."):
            raise Stop(f"{ref!r} is not the name of a calendar file.")
        if not path.is_dir():
            raise Stop(f"There is no calendar folder {path}. Create it, or correct the account's calendar.")
        return path / ref

    def _taken(self, source: Source, window: Span) -> tuple[Span, ...]:
        spans: set[Span] = set()
        for item in measured([*source.items(window)], (), window)[0]:
            if isinstance(item, Series):
                expansion = expand(item, window, viewer_zone=self._viewer.zone)
                spans.update(e.span for e in expansion.events if e.busy)
            elif item.busy and item.span.overlaps(window):
                spans.add(item.span)
        return tuple(sorted(spans))


def _calendars_in(path: Path) -> tuple[Path, ...]:
    """The path itself, or its sub-folders when it is a folder without .ics files of its own."""
    try:
        if not path.is_dir() or any(p.suffix.lower() == ".ics" for p in path.iterdir()):
            return (path,)
        below = sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError:
        return (path,)
    return tuple(below) or (path,)


def _is_single(path: Path) -> bool:
    return path.is_file() or (path.suffix.lower() == ".ics" and not path.is_dir())


def _is_cancelled(item: Item) -> bool:
    event = item.master if isinstance(item, Series) else item
    return event is not None and event.status is Status.CANCELLED


def _time_only(item: Item) -> Item:
    """Nothing but time is kept of a busy calendar: no title, no people, no place, no words."""
    if isinstance(item, Series):
        master = _bare(item.master) if item.master else None
        return replace(item, master=master, overrides=tuple(_bare(o) for o in item.overrides))
    return _bare(item)


def _bare(event: Event) -> Event:
    return replace(
        event,
        summary="",
        description="",
        location="",
        url="",
        organizer=None,
        attendees=(),
        categories=(),
        busy_only=True,
    )
