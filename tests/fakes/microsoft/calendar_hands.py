"""Everybody's hands in the fake Outlook's calendars: the person's own, organizers', guests' and the service's."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any

from builders import DANA
from calwatch.model.event import Person, Response
from calwatch.model.message import Method
from calwatch.model.span import Span
from fakes.microsoft.calendar_answers import answer as give_answer
from fakes.microsoft.calendar_answers import answered, vanish
from fakes.microsoft.calendar_books import Book, Books, Entry, Item, whole
from fakes.microsoft.calendar_events import WORDS, event_of, guest, person, stamped_answer, without_statuses
from fakes.microsoft.calendar_ids import Ids, global_object_id, named, numbered, split
from fakes.microsoft.calendar_manners import Lost
from fakes.microsoft.calendar_times import NEVER, Json, ends, point, starts, weekly

HOUR = timedelta(hours=1)


class Hands(Books):
    """What people do. Refs are immutable ids, those of occurrences included."""

    # -- entries appear ------------------------------------------------------------------------------------------

    def add(
        self,
        start: datetime,
        title: str = "Interview",
        answer: Response = Response.NEEDS_ACTION,
        *,
        length: timedelta = HOUR,
        weeks: int = 0,
        organizer: Person = DANA,
        others: tuple[Person, ...] = (),
        calendar: str = "primary",
        zone: str = "",
        **fields: Any,
    ) -> str:
        """Somebody invites the person (``OWN``: an entry of their own); gives its id.

        ``others`` are further guests, whom a person's own entry makes a meeting. ``fields`` are any of an event's own.
        """
        zone = zone or self.zone
        raw: Json = {"subject": title, "start": point(start, zone), "end": point(start + length, zone)}
        if weeks:
            raw["recurrence"] = weekly(start, weeks, zone)
        if answer is Response.OWN:
            word = "organizer" if others else "none"
            raw |= {"responseStatus": {"response": word, "time": NEVER}, "attendees": [guest(o) for o in others]}
        else:
            me = Person(self.owner, self.owner_name)
            raw |= {"isOrganizer": False, "organizer": person(organizer)}
            raw["attendees"] = without_statuses([guest(one) for one in (me, *others)])
            raw = answered(self, raw, WORDS[answer])
        return self.put({**raw, **fields}, calendar)

    def put(self, raw: Json, calendar: str = "primary", *, ref: str = "") -> str:
        """Any event as Outlook might have it, what every event has filled in; one of the same ``ref`` is replaced."""
        book = self.book(calendar)
        now, number = self.clock.now(), self.number()
        there = book.entries.get(ref)
        me = person(Person(self.alias or self.owner, self.owner_name))
        given: Json = {"iCalUId": global_object_id(number), "isOrganizer": True, "organizer": me, "attendees": []}
        entry = there or Entry(named(ref) if ref else numbered(number), {}, now, now)
        if there is not None:
            entry.versions.append(whole(Entry(there.ids, there.raw, there.created, there.modified, there.change)))
        entry.raw, entry.exceptions, entry.holes = {**given, **copy.deepcopy(raw)}, {}, set()
        self.away.pop(entry.ids.immutable, None)
        self._told(whole(self.keep(book, entry)), Method.REQUEST)
        return entry.ids.immutable

    # -- organizers ----------------------------------------------------------------------------------------------

    def edit(self, ref: str, **fields: Any) -> str:
        """The organizer changes anything; a new time asks for an answer again. Gives its id.

        What the person declined or removed comes back by it.
        """
        book, item = self._again(ref)
        raw = {**copy.deepcopy(item.raw), **fields}
        if not item.raw.get("isOrganizer") and (starts(raw), ends(raw)) != (starts(item.raw), ends(item.raw)):
            raw = answered(self, raw, "notResponded")
        written = self.write(book, item, raw)
        self._told(written, Method.REQUEST)
        return written.ids.immutable

    def move(self, ref: str, start: datetime, end: datetime | None = None) -> str:
        """The organizer moves an event, a series or one occurrence; without an ``end`` its length stays."""
        _, item = self._again(ref)
        zone = str(item.raw["start"].get("timeZone", "UTC"))
        until = end or start + (ends(item.raw) - starts(item.raw))
        return self.edit(item.ids.immutable, start=point(start, zone), end=point(until, zone))

    def cancel(self, ref: str) -> None:
        """The organizer cancels, or takes the person off the list: the copy stays and says so."""
        book, item = self.locate(ref)
        for key, exception in item.entry.exceptions.items() if item.alone else ():
            item.entry.exceptions[key] = self._called_off(exception)
        self._told(self.write(book, item, self._called_off(item.raw)), Method.CANCEL)

    def guest_answers(self, ref: str, who: Person, answer: Response, proposal: Span | None = None) -> None:
        """A guest of the person's own meeting answers; nobody else's copy shows that."""
        book, item = self.locate(ref)
        if not item.raw.get("isOrganizer"):
            return
        offered = {"proposedNewTime": {"start": point(proposal.start), "end": point(proposal.end)}} if proposal else {}
        status = stamped_answer(answer, self.clock.now())
        people = [
            {**one, "status": status, **offered} if one["emailAddress"]["address"].casefold() == who.email else one
            for one in item.raw["attendees"]
        ]
        written = self.write(book, item, {**copy.deepcopy(item.raw), "attendees": people})
        if self.mail is not None:
            self.mail.event_message(event_of(written), sender=who, method=Method.REPLY, answer=answer)

    # -- the person, in Outlook ----------------------------------------------------------------------------------

    def answer(self, ref: str, answer: Response, comment: str = "", *, send: bool = True) -> None:
        """The person answers; by default a declined meeting leaves the calendar."""
        book, item = self.locate(ref)
        give_answer(self, book, item, WORDS[answer], comment=comment, send=send)

    def remove(self, ref: str) -> None:
        """The person deletes their copy, an occurrence, or what was cancelled; nobody is told."""
        vanish(self, *self.locate(ref))

    def edit_own_copy(self, ref: str, **fields: Any) -> None:
        """The person changes what only their copy will show, until the organizer's next update."""
        book, item = self.locate(ref)
        self.write(book, item, {**copy.deepcopy(item.raw), **fields})

    def move_to_calendar(self, ref: str, calendar: str) -> str:
        """Into another calendar of the person's: only the regular id changes. Gives the new one."""
        book, item = self.locate(ref)
        self.take_out(book, item)
        item.entry.ids = Ids(named(ref, self.number()).regular, item.ids.immutable)
        self.keep(self.book(calendar), item.entry)
        return item.entry.ids.regular

    # -- the service ---------------------------------------------------------------------------------------------

    def distort(self, ref: str, **fields: Any) -> None:
        """An entry shows these, whatever it is: null, another type, a word nobody knows."""
        book, item = self.locate(ref)
        self.write(book, item, {**copy.deepcopy(item.raw), "_shown": fields})

    def touch(self, ref: str) -> None:
        """A change nobody sees: only its change key moves."""
        book, item = self.locate(ref)
        self.write(book, item, copy.deepcopy(item.raw))

    def forget_tokens(self, lost: Lost | None = None) -> None:
        """Every link of a delta given out so far is dead."""
        self.lost = lost or self.lost
        self.epoch += 1

    def drop_change(self, ref: str) -> None:
        """No delta tells of the last change of an entry."""
        for book in self.books.values():
            left = book.entries.get(ref) or book.tombs.get(ref)
            if left is not None:
                self.silent.add((ref, left.change))

    def take_away(self, calendar: str = "primary") -> None:
        """The person loses sight of a calendar."""
        self.book(calendar).readable = False

    # -- looking -------------------------------------------------------------------------------------------------

    def raw(self, ref: str) -> Json:
        """What stands in the calendar under an id."""
        return self.locate(ref)[1].raw

    def occurrence(self, ref: str, start: datetime) -> str:
        """The id of a series' occurrence that was planned to start then."""
        _, master = self.locate(ref)
        zone = str(master.raw["start"]["timeZone"])
        return master.ids.occurrence(point(start, zone)["dateTime"][:10].replace("-", "")).immutable

    def titles(self, calendar: str = "primary") -> list[str]:
        """What stands in a calendar and is not cancelled, by its titles."""
        entries = self.book(calendar).entries.values()
        return sorted(str(e.raw.get("subject") or "") for e in entries if not e.raw.get("isCancelled"))

    def _again(self, ref: str) -> tuple[Book, Item]:
        """An entry, brought back into the calendar if the person had put it away."""
        if ref not in self.away:
            self._refill(ref)
            return self.locate(ref)
        where, entry = self.away.pop(ref)
        book = self.book(where)
        entry.raw = answered(self, entry.raw, "notResponded")
        if self.returns_with_new_id:
            entry = Entry(numbered(self.number()), entry.raw, self.clock.now(), self.clock.now(), props=entry.props)
        return book, whole(self.keep(book, entry))

    def _refill(self, ref: str) -> None:
        """An occurrence the person put away is planned again."""
        head, key = split(ref)
        for book in self.books.values():
            for entry in book.entries.values():
                if key and entry.ids.immutable.rstrip("=") == head:
                    entry.holes.discard(key)

    def _called_off(self, raw: Json) -> Json:
        own = {"isCancelled": True, "subject": f"{self.cancel_prefix}{raw.get('subject') or ''}"}
        return {**copy.deepcopy(raw), **own, **({"showAs": "free"} if self.cancelled_is_free else {})}

    def _told(self, item: Item, method: Method) -> None:
        """The organizer's mail about it, where a mailbox takes it."""
        if self.mail is not None and not item.raw.get("isOrganizer"):
            event = event_of(item)
            assert event.organizer is not None
            self.mail.event_message(event, sender=event.organizer, method=method)
