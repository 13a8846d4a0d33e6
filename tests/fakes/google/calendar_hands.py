"""Everybody's hands in the fake Google's calendars: the person's own, organizers', other guests' and Google's."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any

from builders import ALEX, DANA
from calwatch.model.event import Person, Response
from fakes.google.calendar_books import Books, Reply
from fakes.google.calendar_times import Json, instant, suffix, timed
from fakes.google.calendar_writing import organizes, rewritten

HOUR = timedelta(hours=1)


class Hands(Books):
    """What people do; other people's changes arrive after ``lag``. Refs of occurrences are instance ids."""

    # -- entries appear ------------------------------------------------------------------------------------------

    def add(
        self,
        start: datetime,
        title: str = "Interview",
        answer: Response = Response.NEEDS_ACTION,
        *,
        length: timedelta = HOUR,
        weekly: int = 0,
        organizer: Person = DANA,
        others: tuple[Person, ...] = (),
        calendar: str = "primary",
        hidden: bool = False,
        **fields: Any,
    ) -> str:
        """Somebody invites the person (``OWN``: an entry of their own without guests); gives its id.

        ``weekly`` is a number of weeks; ``fields`` are any of an event's own.
        """
        book = self.book(calendar)
        raw: Json = {"summary": title, "start": timed(start, book.zone), "end": timed(start + length, book.zone)}
        if weekly:
            raw["recurrence"] = [f"RRULE:FREQ=WEEKLY;COUNT={weekly}"]
        if answer is not Response.OWN:
            host = {"email": organizer.email, "displayName": organizer.name}
            me = {"email": book.id, "displayName": ALEX.name, "responseStatus": worded(answer)}
            rest = [
                {"email": o.email, "displayName": o.name, "responseStatus": worded(Response.ACCEPTED)} for o in others
            ]
            raw |= {"organizer": host, "creator": host}
            raw["attendees"] = [{**host, "organizer": True, "responseStatus": "accepted"}, me, *rest]
        return self.put({**raw, **fields}, calendar, hidden=hidden)

    def put(self, raw: Json, calendar: str = "primary", *, hidden: bool = False) -> str:
        """Any event as Google might have it, arriving at once; what every event has is filled in."""
        book = self.book(calendar)
        ref = raw.get("id") or self.new_id()
        own = {"email": book.id}
        given: Json = {
            "id": ref,
            "iCalUID": f"{ref}@google.com",
            "status": "confirmed",
            "eventType": "default",
            "sequence": 0,
            "creator": own,
            "organizer": own,
            "reminders": {"useDefault": True},
        }
        self.keep(book, {**given, **copy.deepcopy(raw)}, hidden=hidden)
        return str(ref)

    # -- organizers ----------------------------------------------------------------------------------------------

    def change(self, ref: str, calendar: str = "primary", **fields: Any) -> None:
        """The organizer changes anything; a new time asks the guests again. ``None`` takes a field away."""

        def do() -> None:
            book = self.book(calendar)
            entry = self.entry(book, ref)
            raw = {k: v for k, v in {**copy.deepcopy(entry.raw), **fields}.items() if v is not None}
            rewritten(self, book, entry, raw)

        self.later(do)

    def move(self, ref: str, start: datetime, calendar: str = "primary") -> None:
        """The organizer moves an event, a series or one occurrence; its length stays."""
        book = self.book(calendar)
        raw = self.entry(book, ref).raw
        length = instant(raw["end"], book.zone) - instant(raw["start"], book.zone)
        self.change(ref, calendar, start=timed(start, book.zone), end=timed(start + length, book.zone))

    def cancel(self, ref: str, calendar: str = "primary") -> None:
        """The organizer cancels, or takes the person off the list: a tombstone, as a rule with only an id."""
        self.later(lambda: self.tombstone(self.book(calendar), ref, bare=not self.detailed_cancellations))

    def restore(self, ref: str, calendar: str = "primary") -> None:
        """The organizer brings back what they cancelled."""
        self.change(ref, calendar, status="confirmed")

    def split(self, ref: str, original: datetime, start: datetime, calendar: str = "primary") -> str:
        """The organizer changes "this and following": the series ends, one with an ``_R`` id goes on from ``start``."""
        book = self.book(calendar)
        old = self.entry(book, ref).raw
        count = sum(instant(e.raw["originalStartTime"], book.zone) >= original for e in book.instances(ref))
        length = instant(old["end"], book.zone) - instant(old["start"], book.zone)
        renewed = f"{ref}_R{suffix(timed(original, book.zone), book.zone).removesuffix('Z')}"
        until = f"{original - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
        series = {**copy.deepcopy(old), "id": renewed, "iCalUID": f"{renewed}@google.com"}
        series |= {"start": timed(start, book.zone), "end": timed(start + length, book.zone), "sequence": 0}
        series["recurrence"] = [f"RRULE:FREQ=WEEKLY;COUNT={count}"]

        def do() -> None:
            ended = {**copy.deepcopy(old), "recurrence": [f"RRULE:FREQ=WEEKLY;UNTIL={until}"]}
            for exception, entry in book.exceptions(ref).items():
                if instant(entry.raw["originalStartTime"], book.zone) >= original:
                    del book.entries[exception]
            self.keep(book, ended)
            self.keep(book, series)

        self.later(do)
        return renewed

    def guest_answers(
        self, ref: str, email: str, answer: Response, comment: str = "", calendar: str = "primary"
    ) -> None:
        """Another guest, or the organizer as one, answers."""
        self.later(lambda: self._write_answer(ref, email, answer, comment, calendar))

    # -- the person, in Google's own programs ---------------------------------------------------------------------

    def answer(self, ref: str, answer: Response, comment: str = "", calendar: str = "primary") -> None:
        """The person answers; the organizer gets a mail."""
        raw = self._write_answer(ref, self.book(calendar).id, answer, comment, calendar)
        self.replies.append(Reply(ref, raw["organizer"]["email"], worded(answer), comment, mailed=True))

    def out_of_office(self, start: datetime, end: datetime, message: str = "", *, declines: bool = True) -> str:
        """The person is away; with ``declines`` Google declines every invitation in the way, in their name."""
        book = self.book()
        mode = "declineAllConflictingInvitations" if declines else "declineNone"
        ref = self.put(
            {
                "summary": "Out of office",
                "eventType": "outOfOffice",
                "start": timed(start, book.zone),
                "end": timed(end, book.zone),
                "visibility": "public",
                "outOfOfficeProperties": {"autoDeclineMode": mode, "declineMessage": message},
            }
        )
        for entry in [e for e in book.entries.values() if declines and not e.cancelled]:
            invited = "attendees" in entry.raw and not organizes(book, entry.raw)
            if invited and book.starts(entry) < end and book.ends(entry) > start:
                self.answer(entry.raw["id"], Response.DECLINED, message)
        return ref

    def remove(self, ref: str, calendar: str = "primary") -> None:
        """The person removes the invitation or deletes an entry of their own."""
        self.tombstone(self.book(calendar), ref, bare=False)

    def touch(self, ref: str, calendar: str = "primary") -> None:
        """A change nobody sees: only stamps move."""
        book = self.book(calendar)
        entry = self.entry(book, ref)
        self.keep(book, entry.raw, bare=entry.bare, hidden=entry.hidden)

    def unhide(self, ref: str, calendar: str = "primary") -> None:
        """The person answered the invitation's mail, so it is in the calendar now."""
        book = self.book(calendar)
        self.keep(book, self.entry(book, ref).raw)

    # -- Google --------------------------------------------------------------------------------------------------

    def forget_tokens(self) -> None:
        """Every sync token given out so far is dead."""
        for book in self.books.values():
            book.epoch += 1

    def purge(self) -> None:
        """What is cancelled is forgotten for good."""
        for book in self.books.values():
            book.entries = {k: e for k, e in book.entries.items() if not e.cancelled}

    def take_away(self, calendar: str) -> None:
        """The person loses sight of a calendar."""
        self.book(calendar).readable = False

    def raw(self, ref: str, calendar: str = "primary") -> Json:
        """An entry as it is kept."""
        return self.entry(self.book(calendar), ref).raw

    def _write_answer(self, ref: str, email: str, answer: Response, comment: str, calendar: str) -> Json:
        book = self.book(calendar)
        entry = self.entry(book, ref)
        people = [_answered(a, email, answer, comment) for a in entry.raw["attendees"]]
        return self.keep(book, {**copy.deepcopy(entry.raw), "attendees": people}, hidden=entry.hidden).raw


def worded(answer: Response) -> str:
    """Google's word for an answer."""
    return {Response.NEEDS_ACTION: "needsAction"}.get(answer, answer.value)


def _answered(person: Json, email: str, answer: Response, comment: str) -> Json:
    if person["email"].casefold() != email.casefold():
        return person
    return {**person, "responseStatus": worded(answer), **({"comment": comment} if comment else {})}
