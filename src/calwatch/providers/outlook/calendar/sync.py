"""An Outlook calendar read whole or from where the last reading ended, as ``ports.Changes``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

from calwatch.errors import Resync, Retry, Stop
from calwatch.model.event import Event
from calwatch.model.span import Span
from calwatch.ports import Changes, Clock, Known, Problem, nothing_known
from calwatch.providers.outlook.calendar.calendars import PRIMARY
from calwatch.providers.outlook.calendar.cursor import Cursor, made_for, read_cursor
from calwatch.providers.outlook.calendar.delta import Delta
from calwatch.providers.outlook.calendar.events import CIRCLING, PREFER, Events, Round
from calwatch.providers.outlook.calendar.parse import Entry
from calwatch.providers.remote.faults import Refusal

DAY = timedelta(days=1)
"""So often everything is read anew: not every change is told. So much wider is what is asked for: days are matched as
if they were days in UTC.
"""

_LISTED = "listed-"
"""The beginning of a cursor's link for a calendar of which Graph tracks no changes."""


@dataclass(frozen=True, slots=True)
class _Quiet:
    """Since ``cursor`` nothing has happened that would have to be known, until ``link``."""

    cursor: str
    link: str


class Sync:
    """The change feed of one account's calendars. ``root`` is where Graph answers, ``address`` whose account it is."""

    def __init__(self, events: Events, clock: Clock, root: str, address: str) -> None:
        self._events = events
        self._clock = clock
        self._given = (root, PREFER, address)
        self._quiet: dict[str, _Quiet] = {}
        self._refused: set[str] = set()

    def changes(
        self, calendar: str, cursor: str | None, window: Span, known: Known, *, time_only: bool = False
    ) -> Changes:
        """See ``ports.Calendar.changes``. ``time_only``: nothing but taken time is taken over."""
        if cursor is None:
            return self._everything(calendar, window, time_only=time_only)
        last = read_cursor(cursor, self._made_for(time_only=time_only))
        if not (last.window.start <= window.start and window.end <= last.window.end):
            raise Resync("the calendar was last read for another time")
        if self._clock.now() - last.read >= DAY:
            raise Resync("the calendar is read anew once a day")
        if last.link.startswith(_LISTED):
            return self._listed_again(calendar, last, window, time_only=time_only)
        return self._since(calendar, cursor, last, window, known, time_only=time_only)

    def _made_for(self, *, time_only: bool) -> str:
        """Also of how much is taken over: what is only taken time from now on keeps no words of before."""
        return made_for(*self._given, "time only" if time_only else "")

    # -- everything ----------------------------------------------------------------------------------------------

    def _everything(self, calendar: str, window: Span, *, time_only: bool) -> Changes:
        mark = self._made_for(time_only=time_only)
        cursor = Cursor(mark, Span(window.start - DAY, window.end + DAY), self._clock.now(), "")
        try:
            told = self._events.first_round(calendar, cursor.window)
        except Refusal as refusal:
            if refusal.status == 404 and not _names_state(refusal):
                raise self._events.calendars.forget(calendar) from refusal
            if refusal.status == 410 or _names_state(refusal):
                raise Retry(f"{refusal}; the calendar {calendar} is read from its beginning later") from refusal
            if refusal.reason == CIRCLING or (refusal.status == 400 and calendar != PRIMARY):
                return self._listed(calendar, cursor, window, time_only=time_only)
            raise
        return self._whole(calendar, told, cursor.at(told.link), window, time_only=time_only)

    def _whole(self, calendar: str, told: Round, cursor: Cursor, window: Span, *, time_only: bool) -> Changes:
        delta = Delta(self._events, told, nothing_known, time_only=time_only, bounded=False)
        # What only touches the widened edge is as good as not there: were it known, it would be looked at.
        entries = [entry for entry in delta.entries.values() if _touches(entry, window)]
        self._quiet.pop(calendar, None)
        return _told(entries, (), told.nameless, window, cursor=cursor, complete=True)

    # -- what changed --------------------------------------------------------------------------------------------

    def _since(
        self, calendar: str, cursor: str, last: Cursor, window: Span, known: Known, *, time_only: bool
    ) -> Changes:
        quiet = self._quiet.get(calendar)
        link = quiet.link if quiet is not None and quiet.cursor == cursor else last.link
        try:
            told = self._events.next_round(calendar, link)
        except Refusal as refusal:
            raise self._answer_to(refusal, calendar) from refusal
        self._refused.discard(calendar)
        delta = Delta(self._events, told, known, time_only=time_only)
        delta.complete()
        entries = [
            entry
            for entry in delta.entries.values()
            if (_touches(entry, window) or delta.etag_known(entry.ref) is not None) and delta.is_news(entry)
        ]
        if not entries and not delta.gone and not told.nameless:
            self._quiet[calendar] = _Quiet(cursor, told.link)
            return Changes(cursor=cursor, window=window)
        return _told(entries, delta.gone, told.nameless, window, cursor=last.at(told.link), complete=False)

    def _answer_to(self, refusal: Refusal, calendar: str) -> Resync | Stop:
        """A link that is no longer known is told in many ways. One that does not say so is believed once."""
        if refusal.status == 410 or refusal.reason == CIRCLING or _names_state(refusal):
            return Resync(str(refusal))
        if refusal.status in (0, 400, 404) and calendar not in self._refused:
            self._refused.add(calendar)
            return Resync(str(refusal))
        return refusal

    # -- without change tracking ---------------------------------------------------------------------------------

    def _listed(self, calendar: str, cursor: Cursor, window: Span, *, time_only: bool) -> Changes:
        told = self._list(calendar, cursor.window)
        return self._whole(calendar, told, cursor.at(told.link), window, time_only=time_only)

    def _listed_again(self, calendar: str, last: Cursor, window: Span, *, time_only: bool) -> Changes:
        """The whole list once more; it is told only when it is another one."""
        told = self._list(calendar, last.window)
        if told.link == last.link:
            return Changes(cursor=str(last), window=window)
        return self._whole(calendar, told, last.at(told.link), window, time_only=time_only)

    def _list(self, calendar: str, window: Span) -> Round:
        try:
            told = self._events.listing(calendar, window)
        except Refusal as refusal:
            if refusal.status == 404:
                raise self._events.calendars.forget(calendar) from refusal
            raise
        seen = sorted(f"{ref} {raw.get('@odata.etag')}" for ref, raw in told.told.items())
        told.link = _LISTED + blake2b("\0".join(seen).encode("utf-8", "replace"), digest_size=12).hexdigest()
        return told


def _names_state(refusal: Refusal) -> bool:
    reason = refusal.reason.lower()
    return "syncstate" in reason or "resync" in reason


def _touches(entry: Entry, window: Span) -> bool:
    """Whether an entry belongs to what is shown; a master and what cannot be read are at least to be known."""
    event = entry.item
    return (
        event is None
        or event.span.overlaps(window)
        or (event.start == event.end and window.start <= event.start < window.end)
    )


def _told(
    entries: Iterable[Entry], gone: Iterable[str], nameless: int, window: Span, *, cursor: Cursor, complete: bool
) -> Changes:
    items: list[Event] = []
    etags: dict[str, str] = {}
    problems: list[Problem] = []
    for entry in entries:
        etags[entry.ref] = entry.etag
        if entry.problem:
            problems.append(Problem(entry.ref, entry.problem, entry.etag))
        if entry.item is not None:
            items.append(entry.item)
    if nameless:
        problems.append(Problem("(without id)", f"{nameless} entries have no usable id"))
    return Changes(
        items=tuple(items),
        etags=etags,
        gone=tuple(gone),
        problems=tuple(problems),
        cursor=str(cursor),
        window=window,
        complete=complete,
    )
