"""The fake Google's Calendar: calendars and events of one person, and everybody who writes into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakes.google import calendar_busy, calendar_reading, calendar_writing
from fakes.google.calendar_books import Book, Books
from fakes.google.calendar_hands import Hands
from fakes.google.calendar_times import Json
from fakes.google.call import ApiError, Call


class CalendarState(Hands):
    """What the API's methods do; hands, switches and what is kept are the base classes'."""

    def handle(self, call: Call) -> dict[str, Any] | None:
        self.settle()
        if call.method_id not in METHODS:
            raise AssertionError(f"the fake Google has no {call.method_id}")
        return METHODS[call.method_id](self, call)


def _list_calendars(books: Books, call: Call) -> Json:
    seen = [b for b in books.books.values() if b.readable]
    return {"kind": "calendar#calendarList", "etag": '"p1"', "items": [_listed(books, b) for b in seen]}


def _get_calendar(books: Books, call: Call) -> Json:
    return _listed(books, books.book(call.params["calendarId"]))


def _listed(books: Books, book: Book) -> Json:
    entry = {"kind": "calendar#calendarListEntry", "id": book.id, "summary": book.summary, "timeZone": book.zone}
    return {**entry, "accessRole": book.role, **({"primary": True} if book.id == books.owner else {})}


def _get_setting(books: Books, call: Call) -> Json:
    if call.params["setting"] != "timezone":
        raise ApiError(404, "notFound", "Not Found")
    return {"kind": "calendar#setting", "etag": '"0"', "id": "timezone", "value": books.zone}


METHODS: dict[str, Callable[[Books, Call], Json | None]] = {
    "calendar.calendarList.list": _list_calendars,
    "calendar.calendarList.get": _get_calendar,
    "calendar.settings.get": _get_setting,
    "calendar.events.list": calendar_reading.list_events,
    "calendar.events.get": calendar_reading.get_event,
    "calendar.events.instances": calendar_reading.list_instances,
    "calendar.events.insert": calendar_writing.insert_event,
    "calendar.events.patch": calendar_writing.patch_event,
    "calendar.events.update": calendar_writing.update_event,
    "calendar.events.delete": calendar_writing.delete_event,
    "calendar.events.move": calendar_writing.move_event,
    "calendar.freebusy.query": calendar_busy.query,
}
