"""freebusy.query of the fake Google: a range limit, errors per calendar, no titles and no ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fakes.google.calendar_books import Book, Books, Entry
from fakes.google.calendar_times import Json, clipped, merged
from fakes.google.calendar_view import is_self
from fakes.google.call import ApiError, Call

MOST_CALENDARS = 50


def query(books: Books, call: Call) -> Json:
    body = call.body or {}
    if "timeMin" not in body or "timeMax" not in body:
        raise ApiError(400, "required", "Missing timeMin or timeMax parameter.")
    low, high = (datetime.fromisoformat(body[name]).astimezone(UTC) for name in ("timeMin", "timeMax"))
    if high <= low:
        raise ApiError(400, "timeRangeEmpty", "The specified time range is empty.", "calendar", "timeMax")
    if high - low > books.range_limit:
        raise ApiError(400, "timeRangeTooLong", "The requested time range is too long.", "calendar", "timeMax")
    zone = ZoneInfo(body.get("timeZone", "UTC"))
    most = min(body.get("calendarExpansionMax", MOST_CALENDARS), MOST_CALENDARS)
    answers: dict[str, Any] = {}
    for number, item in enumerate(body.get("items", [])):
        if number >= most:
            answers[item["id"]] = _failed("tooManyCalendarsRequested")
            continue
        try:
            book = books.book(item["id"])
        except ApiError as no:
            answers[item["id"]] = _failed(no.reason)
            continue
        spans = [s for e in _taking(books, book, high) if (s := clipped(book.starts(e), book.ends(e), low, high))]
        spans = merged(spans) if books.merges else sorted(spans)
        answers[item["id"]] = {"busy": [{"start": _at(s, zone), "end": _at(e, zone)} for s, e in spans]}
    ends = {"timeMin": _at(low, ZoneInfo("UTC")), "timeMax": _at(high, ZoneInfo("UTC"))}
    return {"kind": "calendar#freeBusy", **ends, "calendars": answers}


def _failed(reason: str) -> Json:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _taking(books: Books, book: Book, high: datetime) -> list[Entry]:
    """What takes time: opaque, not cancelled, not declined. Unanswered and tentative do."""
    return [e for e in book.singly(high) if _takes(books, book, e)]


def _takes(books: Books, book: Book, entry: Entry) -> bool:
    raw = entry.raw
    declined = any(is_self(book, a) and a.get("responseStatus") == "declined" for a in raw.get("attendees", []))
    if entry.cancelled or entry.hidden or raw.get("transparency") == "transparent":
        return False
    return books.declined_is_busy or not declined


def _at(when: datetime, zone: ZoneInfo) -> str:
    return when.astimezone(zone).isoformat(timespec="seconds").replace("+00:00", "Z")
