"""calendarView, events by id, list and instances of the fake Outlook, in pages, with its refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from fakes.microsoft.calendar_books import Book, Books, Item, whole
from fakes.microsoft.calendar_times import Json, ends, starts, window_of
from fakes.microsoft.calendar_view import asked, selected
from fakes.microsoft.call import Answer, ApiError, Call

DEFAULT_PAGE = 10
MOST = 1000
_PROPERTY = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ?ep/id eq '((?:[^']|'')*)' and ep/value eq '((?:[^']|'')*)'\)",
    re.IGNORECASE,
)
_UID = re.compile(r"iCalUId eq '((?:[^']|'')*)'", re.IGNORECASE)
_ORDERS: dict[str, Callable[[Item], object]] = {
    "start/dateTime": lambda item: starts(item.raw),
    "end/dateTime": lambda item: ends(item.raw),
    "subject": lambda item: str(item.raw.get("subject", "")),
}


def view(books: Books, call: Call) -> Answer:
    """Everything that overlaps the window, series expanded and without their masters."""
    calendar = call.path_ids.get("calendar", "")
    book = books.book(calendar)
    window = window_of(call.params)
    items = _ordered(_filtered(books, book.items(window), call), call)
    return _paged(books, call, _below(calendar, "calendarView"), items)


def list_events(books: Books, call: Call) -> Answer:
    """Single events and masters of one calendar; nothing is expanded."""
    calendar = call.path_ids.get("calendar", "")
    book = books.book(calendar)
    items = _ordered(_filtered(books, [whole(e) for e in book.entries.values()], call), call)
    return _paged(books, call, _below(calendar, "events"), items)


def get_event(books: Books, call: Call) -> Answer:
    _, item = books.locate(call.path_ids["event"])
    return Answer(200, {"@odata.context": f"{books.root}/$metadata#event", **selected(books, item, call)})


def list_instances(books: Books, call: Call) -> Answer:
    """One series' occurrences and exceptions in a window."""
    book, master = books.locate(call.path_ids["event"])
    if master.type != "seriesMaster":
        raise ApiError(400, "ErrorInvalidRequest", "Expanding a view is only supported on a series master.")
    items = sorted(book.expanded(master.entry, window_of(call.params)), key=lambda item: starts(item.raw))
    return _paged(books, call, f"/me/events/{quote(call.path_ids['event'], safe='')}/instances", items)


def _below(calendar: str, rest: str) -> str:
    return f"/me/calendars/{quote(calendar, safe='')}/{rest}" if calendar else f"/me/{rest}"


def _filtered(books: Books, items: Iterable[Item], call: Call) -> list[Item]:
    """Only the filters that work: by iCalUId, and by an extended property with its value."""
    text = call.params.get("$filter", "").strip()
    if not text:
        return list(items)
    if found := _UID.fullmatch(text):
        wanted = found[1].replace("''", "'").casefold()
        return [i for i in items if str(selected(books, i, _bare(call)).get("iCalUId", "")).casefold() == wanted]
    if found := _PROPERTY.fullmatch(text):
        name, value = (part.replace("''", "'") for part in found.groups())
        return [item for item in items if item.entry.props.get(name) == value]
    raise ApiError(400, "ErrorInvalidUrlQueryFilter", "The query filter contains one or more invalid nodes.")


def _bare(call: Call) -> Call:
    return Call(call.operation, scopes=call.scopes, prefer=call.prefer)


def _ordered(items: list[Item], call: Call) -> list[Item]:
    name, _, direction = call.params.get("$orderby", "").partition(" ")
    if not name:
        return items
    if name not in _ORDERS:
        raise ApiError(400, "ErrorInvalidUrlQueryOrderBy", "The order by expression is not supported.")
    return sorted(items, key=_ORDERS[name], reverse=direction.strip().casefold() == "desc")  # type: ignore[arg-type]


def _paged(books: Books, call: Call, path: str, items: list[Item]) -> Answer:
    size = _number(call.params.get("$top") or asked(call, "odata.maxpagesize", str(DEFAULT_PAGE)))
    start = _number(call.params.get("$skip", "0"))
    if not 0 < size <= MOST:
        raise ApiError(400, "ErrorInvalidUrlQuery", f"The limit of '{MOST}' for Top query has been exceeded.")
    size = min(size, books.page_size)
    empty = books.empty_pages and "$skip" not in call.params and bool(items)
    end = start if empty else start + size
    answer: Json = {
        "@odata.context": f"{books.root}/$metadata#Collection(event)",
        "value": [selected(books, item, call) for item in items[start:end]],
    }
    if end < len(items):
        same = {name: value for name, value in call.params.items() if name != "$skip"}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in {**same, "$skip": str(end)}.items())
        answer["@odata.nextLink"] = f"{books.root}{path}?{query}"
    return Answer(200, answer)


def _number(text: str) -> int:
    if not text.isdigit():
        raise ApiError(400, "ErrorInvalidUrlQuery", f"'{text}' is not a number.")
    return int(text)


def calendar_of(books: Books, book: Book) -> Json:
    """A calendar as the list of calendars has it."""
    own = {"name": books.owner_name, "address": books.owner}
    return {
        "id": book.id,
        "name": book.name,
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": book.id == books.primary,
        "changeKey": "IAAtR7Ug1RWTa0K9mPLvmgAAlcn5Hg==",
        "canShare": book.can_edit,
        "canViewPrivateItems": True,
        "canEdit": book.can_edit,
        "allowedOnlineMeetingProviders": [],
        "defaultOnlineMeetingProvider": "unknown",
        "isTallyingResponses": True,
        "isRemovable": book.id != books.primary,
        "owner": own,
    }


def list_calendars(books: Books, call: Call) -> Answer:
    seen = [book for book in books.books.values() if book.readable]
    size = min(_number(call.params.get("$top", str(DEFAULT_PAGE))), books.page_size)
    start = _number(call.params.get("$skip", "0"))
    answer: Json = {
        "@odata.context": f"{books.root}/$metadata#users('me')/calendars",
        "value": [calendar_of(books, book) for book in seen[start : start + size]],
    }
    if start + size < len(seen):
        answer["@odata.nextLink"] = f"{books.root}/me/calendars?$top={size}&$skip={start + size}"
    return Answer(200, answer)


def get_calendar(books: Books, call: Call) -> Answer:
    return Answer(200, calendar_of(books, books.book(call.path_ids.get("calendar", ""))))
