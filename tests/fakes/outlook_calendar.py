"""A calendar that misbehaves as Outlook's does through Microsoft Graph."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from calwatch.errors import Resync, Stop
from calwatch.model.event import Event, Response, Series
from calwatch.model.span import Span
from calwatch.ports import NO_NOTE, Cancelled, Changes, Found, Gone, Known, Note
from fakes.memory_calendar import Item, MemoryCalendar, around, cancelled, stamped

DEATHS = ("410 Gone", "400 SyncStateNotFound", "404 resyncRequired", "400 (no code)")


@dataclass
class OutlookLikeCalendar(MemoryCalendar):
    """The server expands; a delta is bound to the window of its first round and dies in several ways.

    Every occurrence is a resource of its own (``<master>/<original start>``). A declined meeting leaves
    the calendar unless ``keeps_declined``; a cancelled one stays, cancelled. A delta also names refs nobody has seen
    (``spurious_gone``), and repeats the last round's changes (``replays``).
    """

    keeps_declined: bool = False
    spurious_gone: bool = True
    replays: bool = True
    seen: dict[str, dict[str, str]] = field(default_factory=dict)  # calendar → occurrence refs given out → etag
    _deaths: int = 0

    proposes = True

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        answer = self.faults.begin("changes")
        log = self._log.get(calendar, [])
        start = 0
        if cursor is not None:
            epoch, index, begin, end = cursor.split("|") if cursor.count("|") == 3 else ("", "", "", "")
            if epoch != str(self._epoch) or not index.isdigit() or int(index) > len(log):
                self._deaths += 1
                raise Resync(DEATHS[self._deaths % len(DEATHS)])
            start = max(0, int(index) - (1 if self.replays else 0))
            window = Span(datetime.fromisoformat(begin), datetime.fromisoformat(end))
        present = {e.ref: e for e in self.occurrences(calendar, window) if e.span.overlaps(window)}
        seen = self.seen.setdefault(calendar, {})
        touched = dict.fromkeys(log[start:]) if cursor is not None else {}
        gone = [ref for ref in {**seen, **touched} if ref not in present and master_of(ref) in touched]
        items = [e for e in present.values() if cursor is None or master_of(e.ref) in touched]
        if self.spurious_gone and cursor is not None and log[start:]:
            gone.append(self.new_id("AAMk-unknown"))
        seen.update({ref: e.etag for ref, e in present.items()})
        result = Changes(
            items=tuple(items),
            etags={e.ref: e.etag for e in items},
            gone=tuple(gone),
            cursor=f"{self._epoch}|{len(log)}|{window.start.isoformat()}|{window.end.isoformat()}",
            window=window,
            complete=cursor is None,
        )
        self.faults.end("changes", answer)
        return result

    def get(self, calendar: str, ref: str, window: Span) -> Found | Cancelled | Gone:
        answer = self.faults.begin("get")
        item = self._one(calendar, ref)
        self.faults.end("get", answer)
        if item is None:
            return Gone()
        return Cancelled(item) if item.status.value == "cancelled" else Found(item)

    def respond(
        self, calendar: str, ref: str, recurrence_id: str | None, answer: Response, etag: str, note: Note = NO_NOTE
    ) -> str:
        entries = self._entries(calendar)
        if ref in entries or master_of(ref) not in entries:
            return super().respond(calendar, ref, recurrence_id, answer, etag, note)
        return super().respond(calendar, master_of(ref), ref.partition("/")[2], answer, etag, note)

    def cancel_by_organizer(self, ref: str, calendar: str = "primary") -> None:
        """The copy stays and says that it is cancelled."""
        self._put(calendar, cancelled(self.event(ref, calendar)))

    def occurrences(self, calendar: str, window: Span) -> list[Event]:
        found = super().occurrences(calendar, window)
        return [replace(e, ref=f"{e.ref}/{e.recurrence_id}") if e.recurring else e for e in found]

    def _one(self, calendar: str, ref: str) -> Event | None:
        item = self._entries(calendar).get(master_of(ref))
        if isinstance(item, Series):
            wanted = ref.partition("/")[2]
            found = self.occurrences(calendar, around(wanted)) if wanted else []
            return next((e for e in found if e.ref == ref), None)
        return item

    def _set_answer(self, calendar: str, item: Item, recurrence_id: str | None, answer: Response) -> None:
        if isinstance(item, Event):
            if answer is Response.DECLINED and not self.keeps_declined:
                self._drop(calendar, item.ref)
            else:
                self._put(calendar, self._answered(item, answer))
            return
        if recurrence_id is None or item.master is None:
            raise Stop("404 ErrorItemNotFound")
        if answer is Response.DECLINED and not self.keeps_declined:
            self._put(calendar, replace(item, exdates=(*item.exdates, recurrence_id)))
            return
        found = self.occurrences(calendar, around(recurrence_id))
        instance = next((e for e in found if e.ref == f"{item.ref}/{recurrence_id}"), None)
        if instance is None:
            raise Stop("404 ErrorItemNotFound")
        kept = tuple(o for o in item.overrides if o.recurrence_id != recurrence_id)
        answered = replace(self._answered(instance, answer), ref=item.ref)
        self._put(calendar, stamped(replace(item, overrides=(*kept, answered)), ""))


def master_of(ref: str) -> str:
    return ref.partition("/")[0]
