"""The fake Outlook's calendars: what the API's operations do, for one person and everybody who writes to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fakes.microsoft import calendar_answers, calendar_delta, calendar_reading, calendar_schedule, calendar_writing
from fakes.microsoft.calendar_books import Book, Books, Item, whole
from fakes.microsoft.calendar_hands import Hands
from fakes.microsoft.calendar_settings import get_me, get_settings
from fakes.microsoft.calendar_times import Json, point
from fakes.microsoft.calendar_view import full
from fakes.microsoft.call import Answer, Call


class CalendarState(Hands):
    """Hands, switches and what is kept are the base classes'."""

    def handle(self, call: Call) -> Answer:
        if call.operation not in OPERATIONS:
            raise AssertionError(f"the fake Outlook's calendar has no {call.operation}")
        return OPERATIONS[call.operation](self, call)

    def linked_event(self, call: Call, uid: str, recurrence_id: str | None) -> Json | None:
        """The event a mail is about, as a GET shows it; ``None`` when it is not in the calendar any more."""
        for book in self.books.values():
            for entry in book.entries.values():
                if str(entry.raw.get("iCalUId", "")).casefold() == uid.casefold():
                    item: Item | None = whole(entry)
                    if recurrence_id and entry.is_series:
                        item = _planned_for(book, whole(entry), recurrence_id)
                    return full(self, item, call) if item else None
        return None


def _planned_for(book: Book, series: Item, recurrence_id: str) -> Item | None:
    """The occurrence of an original start."""
    key = recurrence_id
    if len(key) > len("20260505"):
        local = point(datetime.strptime(f"{key}+0000", "%Y%m%dT%H%M%SZ%z"), series.raw["start"]["timeZone"])
        key = local["dateTime"][:10].replace("-", "")
    return book.find(series.ids.occurrence(key).immutable)


OPERATIONS: dict[str, Callable[[Books, Call], Answer]] = {
    "me": get_me,
    "mailboxSettings": get_settings,
    "calendars.list": calendar_reading.list_calendars,
    "calendars.get": calendar_reading.get_calendar,
    "calendarView": calendar_reading.view,
    "calendarView.delta": calendar_delta.delta,
    "events.list": calendar_reading.list_events,
    "events.get": calendar_reading.get_event,
    "events.instances": calendar_reading.list_instances,
    "events.create": calendar_writing.create_event,
    "events.patch": calendar_writing.patch_event,
    "events.delete": calendar_writing.delete_event,
    "events.cancel": calendar_writing.cancel_event,
    "events.accept": calendar_answers.respond,
    "events.tentativelyAccept": calendar_answers.respond,
    "events.decline": calendar_answers.respond,
    "getSchedule": calendar_schedule.get_schedule,
}
