"""A Google calendar read whole or from where the last reading ended, as ``ports.Changes``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from calwatch.errors import Resync, Retry
from calwatch.model.event import Event, Series
from calwatch.model.span import Span
from calwatch.ports import Changes, Clock, Known, Problem, nothing_known
from calwatch.providers.google.calendar.cursor import PARAMETERS, Cursor, read_cursor
from calwatch.providers.google.calendar.delta import Delta
from calwatch.providers.google.calendar.events import Events, Listing
from calwatch.providers.google.calendar.parse import Entry
from calwatch.providers.google.calendar.times import written
from calwatch.providers.measure import measured
from calwatch.providers.remote.faults import Refusal

_FEW = 20
"""So many refs are looked up one by one; for more, everything that is known is asked for once."""

_KEPT = timedelta(days=1)
"""How long a calendar in which nothing happens is read from one stored cursor; so long a quiet poll writes nothing."""


@dataclass(frozen=True, slots=True)
class _Quiet:
    """Since ``cursor`` nothing has changed until ``token``, at least since ``since``."""

    cursor: str
    token: str
    since: datetime


class Sync:
    """The change feed of one account's calendars."""

    def __init__(self, events: Events, clock: Clock) -> None:
        self._events = events
        self._clock = clock
        self._quiet: dict[str, _Quiet] = {}

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        """See ``ports.Calendar.changes``."""
        if cursor is None:
            return self._everything(calendar, window, known)
        return self._since(calendar, cursor, window, known)

    def _everything(self, calendar: str, window: Span, known: Known) -> Changes:
        # No timeMax: what was moved out of the window must be seen, or it would be shown where it was.
        listing = self._events.listing(calendar, timeMin=written(window.start), **PARAMETERS)
        whole = Delta((entry for entry in listing.entries if _standing(entry)), window, nothing_known, lambda ref: None)
        return _told(whole, listing, window, known, cursor=self._cursor(calendar, listing), complete=True)

    def _since(self, calendar: str, cursor: str, window: Span, known: Known) -> Changes:
        last = read_cursor(cursor)
        quiet = self._quiet.get(calendar)
        token = quiet.token if quiet is not None and quiet.cursor == cursor else last.token
        try:
            listing = self._events.listing(calendar, syncToken=token, **PARAMETERS)
        except Refusal as refusal:
            if _is_dead(refusal):
                raise Resync(str(refusal)) from refusal
            raise
        if listing.zone and listing.zone != last.zone:
            raise Resync("the calendar has another time zone now: its days begin at another time")
        reached = self._cursor(calendar, listing)
        if not listing.entries and not listing.nameless:
            return Changes(cursor=self._still(calendar, cursor, reached), window=window)
        delta = Delta(listing.entries, window, known, partial(self._events.look, calendar))
        delta.complete()
        return _told(delta, listing, window, known, cursor=reached, complete=False)

    def _cursor(self, calendar: str, listing: Listing) -> Cursor:
        if not listing.token:
            raise Retry(
                f"Google did not say where the next reading of the calendar {calendar} goes on (no nextSyncToken on "
                "the last page); nothing was taken over, and it is read again later"
            )
        return Cursor(listing.zone or self._events.zone(calendar).key, listing.token)

    def _still(self, calendar: str, cursor: str, reached: Cursor) -> str:
        """The cursor after a poll without news: for a day the one that is stored already."""
        now = self._clock.now()
        quiet = self._quiet.get(calendar)
        since = quiet.since if quiet is not None and quiet.cursor == cursor else now
        if now - since >= _KEPT:
            self._quiet.pop(calendar, None)
            return str(reached)
        self._quiet[calendar] = _Quiet(cursor, reached.token, since)
        return cursor


def _is_dead(refusal: Refusal) -> bool:
    """Whether Google no longer accepts the token. Other refusals would meet a whole listing as well."""
    invalid = refusal.reason == "invalid" or "invalid sync token" in str(refusal).lower()
    return refusal.status == 410 or (refusal.status == 400 and invalid)


def _standing(entry: Entry) -> bool:
    """Whether a whole listing says anything by it: a cancelled occurrence leaves a hole, other cancelled ones none."""
    return not entry.cancelled or bool(entry.series)


def _told(delta: Delta, listing: Listing, window: Span, known: Known, *, cursor: Cursor, complete: bool) -> Changes:
    entries = delta.entries.values()
    problems = [Problem(entry.ref, entry.problem, entry.etag) for entry in entries if entry.problem]
    if listing.nameless:
        problems.append(Problem("(without id)", f"{listing.nameless} entries have no usable id"))
    items, problems = measured(list(_wanted(entries, window, known)), problems, window)
    series = [item.ref for item in items if isinstance(item, Series)]
    return Changes(
        items=tuple(items),
        etags={entry.ref: entry.etag for entry in entries},
        gone=tuple(delta.gone),
        replaced_occurrences=_replaced(delta, series),
        problems=tuple(problems),
        cursor=str(cursor),
        window=window,
        complete=complete,
    )


def _replaced(delta: Delta, series: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    return {ref: delta.originals(ref) for ref in series}


def _wanted(entries: Iterable[Entry], window: Span, known: Known) -> Iterable[Event | Series]:
    """Google's feed knows no window: what lies outside is known, but not shown.

    What is known already is shown as well where it was moved further ahead: it stands, only later.
    """
    beyond: list[Event] = []
    for entry in entries:
        item = entry.item
        if isinstance(item, Series) or (item is not None and _touches(item, window)):
            yield item
        elif item is not None and item.start >= window.end:
            beyond.append(item)
    everything = known() if len(beyond) > _FEW else None
    for event in beyond:
        if event.ref in (known(event.ref) if everything is None else everything):
            yield event


def _touches(event: Event, window: Span) -> bool:
    return event.span.overlaps(window) or event.start == event.end
