"""events.list, get and instances of the fake Google: full and incremental, in pages, with Google's refusals."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fakes.google.calendar_books import Book, Books, Entry
from fakes.google.calendar_times import MONTHS_AHEAD, Json, stamp
from fakes.google.calendar_view import shown
from fakes.google.call import ApiError, Call

FORBIDDEN_WITH_TOKEN = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
WITHOUT_TOKEN = frozenset(
    {"orderBy", "q", "iCalUID", "updatedMin", "privateExtendedProperty", "sharedExtendedProperty"}
)
SAME_IN_A_SYNC = ("singleEvents", "showHiddenInvitations", "eventTypes", "maxAttendees", "timeZone")
DETAILS = ("calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly", "calendar.app.created")
OWNED = ("calendar.events.owned", "calendar.events.owned.readonly")


@dataclass(frozen=True)
class Traversal:
    """A list on its way through its pages: what it holds was fixed when it began, how that looks is not."""

    calendar: str
    question: str
    refs: tuple[str, ...]
    entries: dict[str, Entry]
    sync_token: str
    at: int = 0


def list_events(books: Books, call: Call) -> Json:
    book = books.book(call.params["calendarId"])
    question = _question(call.params, ("pageToken", "maxResults"))
    if "pageToken" in call.params:
        way = books.traversals.get(call.params["pageToken"])
        if way is None or (way.calendar, way.question) != (book.id, question):
            raise ApiError(400, "invalid", "Invalid page token value.", location="pageToken")
    else:
        way = _begin(books, book, call, question)
    answer: Json = {
        "kind": "calendar#events",
        "etag": f'"p{book.seq:012d}o"',
        "summary": book.summary,
        "description": "",
        "updated": stamp(max((e.updated for e in book.entries.values()), default=books.clock.now())),
        "timeZone": call.params.get("timeZone", book.zone),
        "accessRole": book.role,
        "defaultReminders": [{"method": "popup", "minutes": 10}] if book.role == "owner" else [],
    }
    return answer | _page(books, book, call, way)


def get_event(books: Books, call: Call) -> Json:
    book = books.book(call.params["calendarId"])
    entry = books.entry(book, call.params["eventId"])
    if call.headers.get("if-none-match") == entry.etag:
        raise ApiError(304, "notModified", "Not Modified")
    return _shown(book, entry, call)


def list_instances(books: Books, call: Call) -> Json:
    """One series' occurrences; the cancelled ones only if asked for."""
    book = books.book(call.params["calendarId"])
    master = books.entry(book, call.params["eventId"])
    if "recurrence" not in master.raw:
        raise ApiError(400, "invalid", "Invalid value", location="eventId")
    window = _Window(call.params)
    wanted = call.params.get("showDeleted", False)
    until = window.high or books.clock.now() + books.horizon
    found = [e for e in book.instances(master.raw["id"], until) if wanted or not e.cancelled]
    items = [_shown(book, e, call) for e in found if window.holds(book, e)]
    start, size = int(call.params.get("pageToken", 0)), _size(books, call)
    more = {"nextPageToken": str(start + size)} if start + size < len(items) else {}
    head = {"kind": "calendar#events", "etag": '"p0"', "summary": book.summary, "timeZone": book.zone}
    return {**head, "accessRole": book.role, "items": items[start : start + size], **more}


def _begin(books: Books, book: Book, call: Call, question: str) -> Traversal:
    entries = list(_changed(books, book, call)) if "syncToken" in call.params else _all(books, book, call)
    given = not WITHOUT_TOKEN & call.params.keys()
    same = _question(call.params, (), SAME_IN_A_SYNC)
    token = _encoded({"calendar": book.id, "epoch": book.epoch, "same": same, "seq": book.seq}) if given else ""
    by_ref = {e.raw["id"]: e for e in entries}
    return Traversal(book.id, question, tuple(by_ref), by_ref, token)


def _page(books: Books, book: Book, call: Call, way: Traversal) -> Json:
    size = _size(books, call)
    paged = len(way.refs) > size
    empty = books.empty_pages and paged and way.at == 0 and "pageToken" not in call.params
    end = way.at if empty else way.at + size
    deleted = "syncToken" in call.params or call.params.get("showDeleted", False)
    items: list[Json] = []
    for ref in way.refs[way.at : end]:
        entry = book.entries.get(ref, way.entries[ref])
        if deleted or not entry.cancelled or "recurringEventId" in entry.raw:
            items.append(_shown(book, entry, call, in_list=True))
    answer: Json = {"items": items}
    if end < len(way.refs):
        following = Traversal(way.calendar, way.question, way.refs, way.entries, way.sync_token, end)
        answer["nextPageToken"] = f"page-{len(books.traversals) + 1}-{end}"
        books.traversals[answer["nextPageToken"]] = following
    elif way.sync_token:
        answer["nextSyncToken"] = way.sync_token
    return answer


def _all(books: Books, book: Book, call: Call) -> list[Entry]:
    """A full list: what the filters leave, cancelled entries only where Google shows them."""
    params = call.params
    single, order, deleted = params.get("singleEvents", False), params.get("orderBy"), params.get("showDeleted", False)
    if order == "startTime" and not single:
        raise ApiError(400, "badRequest", "The requested ordering is not available for the particular query.")
    window = _Window(params)
    if single:
        found = list(book.singly(window.high or books.clock.now() + books.horizon))
    else:
        found = [e for _, e in sorted(book.entries.items())]
    found = [e for e in found if deleted or not e.cancelled or (not single and "recurringEventId" in e.raw)]
    found = [e for e in found if _wanted(e, params) and window.holds(book, e) and _updated_since(books, e, params)]
    if order == "startTime":
        found.sort(key=book.starts)
    elif order == "updated":
        found.sort(key=lambda e: e.updated)
    return found


def _changed(books: Books, book: Book, call: Call) -> Iterator[Entry]:
    """What changed since a token: each entry once, in its present state, deletions always."""
    params = call.params
    if any(name in params for name in FORBIDDEN_WITH_TOKEN) or params.get("showDeleted") is False:
        message = "Sync token cannot be used with other request restrictions."
        raise ApiError(400, "syncTokenWithRequestRestrictions", message, "calendar", "syncToken")
    token = _decoded(params["syncToken"])
    if token is None or token["calendar"] != book.id:
        raise ApiError(400, "invalid", "Invalid sync token value.", location="syncToken")
    if token["epoch"] != book.epoch:
        message = "Sync token is no longer valid, a full sync is required."
        raise ApiError(410, books.gone_reason, message, "calendar", "syncToken")
    if token["same"] != _question(params, (), SAME_IN_A_SYNC):
        raise ApiError(400, "badRequest", "The sync token was made with other parameters.", location="syncToken")
    single = params.get("singleEvents", False)
    for ref, entry in sorted(book.entries.items()):
        if entry.seq <= token["seq"] or not _wanted(entry, params):
            continue
        if single and "recurrence" in entry.raw:
            ahead = MONTHS_AHEAD if entry.cancelled else books.horizon
            yield from book.instances(ref, books.clock.now() + ahead)
        else:
            yield entry


class _Window:
    """``timeMin`` and ``timeMax``: exclusive bounds on end and start."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.low = datetime.fromisoformat(params["timeMin"]).replace(microsecond=0) if "timeMin" in params else None
        self.high = datetime.fromisoformat(params["timeMax"]).replace(microsecond=0) if "timeMax" in params else None
        if self.low and self.high and self.high <= self.low:
            message = "The specified time range is empty."
            raise ApiError(400, "timeRangeEmpty", message, "calendar", "timeMax")

    def holds(self, book: Book, entry: Entry) -> bool:
        """Whether the event, or any occurrence of the master, lies in it; a bare tombstone has no time."""
        if "start" not in entry.raw:
            return True
        if "recurrence" in entry.raw:
            return any(self._between(book, e) for e in book.instances(entry.raw["id"], self.high or _far(book, entry)))
        return self._between(book, entry)

    def _between(self, book: Book, entry: Entry) -> bool:
        return (self.low is None or book.ends(entry) > self.low) and (
            self.high is None or book.starts(entry) < self.high
        )


def _far(book: Book, entry: Entry) -> datetime:
    return book.starts(entry).replace(year=2099)


def _wanted(entry: Entry, params: dict[str, Any]) -> bool:
    raw = entry.raw
    if entry.hidden and not params.get("showHiddenInvitations", False):
        return False
    if "eventTypes" in params and raw.get("eventType", "default") not in params["eventTypes"]:
        return False
    if "iCalUID" in params and raw.get("iCalUID") != params["iCalUID"]:
        return False
    for kind in ("private", "shared"):
        for pair in params.get(f"{kind}ExtendedProperty", ()):
            name, _, value = pair.partition("=")
            if raw.get("extendedProperties", {}).get(kind, {}).get(name) != value:
                return False
    searched = json.dumps([raw.get(k) for k in ("summary", "description", "location", "attendees", "organizer")])
    return str(params.get("q", "")).casefold() in searched.casefold()


def _updated_since(books: Books, entry: Entry, params: dict[str, Any]) -> bool:
    if "updatedMin" not in params:
        return True
    since = datetime.fromisoformat(params["updatedMin"])
    if (books.clock.now() - since).days >= 3:
        message = "The requested minimum modification time lies too far in the past."
        raise ApiError(410, "updatedMinTooLongAgo", message, "calendar", "updatedMin")
    return entry.updated >= since


def _shown(book: Book, entry: Entry, call: Call, *, in_list: bool = False) -> Json:
    return shown(
        book,
        entry,
        zone=call.params.get("timeZone", ""),
        most_attendees=call.params.get("maxAttendees", 0),
        only_times=book.role == "freeBusyReader" or not _details(book, call.scopes),
        minimal=in_list and not call.params.get("showDeleted", False),
    )


def _details(book: Book, scopes: frozenset[str]) -> bool:
    """Whether a token shows more than times."""
    named = {s.rpartition("/")[2] for s in scopes}
    return bool(named & {*DETAILS, *(OWNED if book.role == "owner" else ())})


def _size(books: Books, call: Call) -> int:
    return min(int(call.params.get("maxResults", 250)), books.page_cap, 2500)


def _question(params: dict[str, Any], without: tuple[str, ...], among: tuple[str, ...] = ()) -> str:
    return json.dumps({k: v for k, v in sorted(params.items()) if k not in without and (not among or k in among)})


def _encoded(token: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(token, sort_keys=True).encode()).decode()


def _decoded(token: str) -> Json | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
