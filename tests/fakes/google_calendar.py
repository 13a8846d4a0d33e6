"""A calendar that misbehaves as Google Calendar does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from calwatch.errors import Resync, Stop
from calwatch.model.event import Event, Response, Series
from calwatch.model.span import Span
from calwatch.ports import Cancelled, Changes, Found, Gone, Known
from fakes.memory_calendar import Item, MemoryCalendar, around


@dataclass
class GoogleLikeCalendar(MemoryCalendar):
    """Masters and exceptions apart, a delta that knows no window, and tombstones that do not say who deleted.

    An exception of a series is an entry of its own (``<master>_<original start>``); a cancelled one is only a hole in
    its master. Cancelled by the organizer and deleted by the person look the same: the id is gone.
    """

    exceptions: dict[str, tuple[str, str]] = field(default_factory=dict)  # ref → (master ref, original start)
    holes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # master ref → original starts without an entry

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        answer = self.faults.begin("changes")
        entries = self._entries(calendar)
        log = self._log.get(calendar, [])
        start = 0
        if cursor is not None:
            epoch, _, index = cursor.partition(":")
            if epoch != str(self._epoch) or not index.isdigit() or int(index) > len(log):
                raise Resync("410 fullSyncRequired")
            start = int(index)
        refs = dict.fromkeys(log[start:]) if cursor is not None else dict.fromkeys(entries)
        for ref in list(refs):  # an exception never comes without its master: our side reads the master again
            if ref in self.exceptions:
                refs[self.exceptions[ref][0]] = None
        items = [entries[ref] for ref in refs if ref in entries]
        if cursor is None:
            items = [i for i in items if isinstance(i, Series) or i.span.overlaps(window)]
        result = Changes(
            items=tuple(items),
            etags={ref: entries[ref].etag for ref in refs if ref in entries},
            gone=tuple(ref for ref in refs if ref not in entries) if cursor is not None else (),
            replaced_occurrences={i.ref: self._replaced(i.ref) for i in items if isinstance(i, Series)},
            cursor=f"{self._epoch}:{len(log)}",
            window=window,
            complete=cursor is None,
        )
        self.faults.end("changes", answer)
        return result

    def get(self, calendar: str, ref: str, window: Span) -> Found | Cancelled | Gone:
        answer = self.faults.begin("get")
        item = self._entries(calendar).get(ref)
        self.faults.end("get", answer)
        return Gone() if item is None else Found(item)

    def cancel_by_organizer(self, ref: str, calendar: str = "primary") -> None:
        """A minimal tombstone; whether a CANCEL mail comes as well is the mailbox's business."""
        self._drop(calendar, ref)

    def except_occurrence(self, master: str, recurrence_id: str, event: Event | None, calendar: str = "primary") -> str:
        """One occurrence of a series becomes ``event``, or a hole with ``None``; gives its ref."""
        ref = f"{master}_{recurrence_id}"
        if event is None:
            self.holes[master] = (*self.holes.get(master, ()), recurrence_id)
            self._put(calendar, self._entries(calendar)[master])
            return ref
        self.exceptions[ref] = (master, recurrence_id)
        series = self._entries(calendar)[master]
        self._put(calendar, replace(event, ref=ref, uid=series.uid, recurrence_id=recurrence_id, recurring=True))
        return ref

    def _replaced(self, master: str) -> tuple[str, ...]:
        own = [original for of, original in self.exceptions.values() if of == master]
        return tuple(sorted({*own, *self.holes.get(master, ())}))

    def occurrences(self, calendar: str, window: Span) -> list[Event]:
        replaced = {(i.ref, o) for i in self._entries(calendar).values() for o in self._replaced(i.ref)}
        found = super().occurrences(calendar, window)
        return [e for e in found if (e.ref, e.recurrence_id) not in replaced]

    def _set_answer(self, calendar: str, item: Item, recurrence_id: str | None, answer: Response) -> None:
        if isinstance(item, Event):
            self._put(calendar, self._answered(item, answer))
        elif recurrence_id is None:
            if item.master is None:
                raise Stop("404 there is no such event")
            self._put(calendar, replace(item, master=self._answered(item.master, answer)))
        else:
            instance = self._instance(calendar, item, recurrence_id)
            self.except_occurrence(item.ref, recurrence_id, self._answered(instance, answer), calendar)

    def _instance(self, calendar: str, series: Series, recurrence_id: str) -> Event:
        for event in self.expanded(series, around(recurrence_id)):
            if event.recurrence_id == recurrence_id:
                return event
        raise Stop("404 there is no such occurrence")
