"""calendarView/delta of the fake Outlook: rounds in pages, what changed since a link, and links that die."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from fakes.microsoft.calendar_books import Book, Books, Entry, Item, whole
from fakes.microsoft.calendar_ids import Ids
from fakes.microsoft.calendar_times import Json, Window, ends, occurrences, starts, window_of
from fakes.microsoft.calendar_view import TYPE, asked, full, light, removed
from fakes.microsoft.call import Answer, ApiError, Call

UNSUPPORTED = ("$select", "$filter", "$orderby", "$search", "$expand", "$top", "$count")
DEFAULT_PAGE = 10
Piece = Item | Ids
"""An event as it was when the round began, or the ids of a removed one."""


@dataclass(frozen=True)
class Token:
    """What a delta link stands for; ``last`` is where the round before it began."""

    calendar: str
    low: str
    high: str
    change: int
    last: int
    epoch: int

    @property
    def window(self) -> Window:
        return Window(datetime.fromisoformat(self.low), datetime.fromisoformat(self.high))


@dataclass(frozen=True)
class Round:
    """A round on its way through its pages: what it tells was fixed when it began. A series is in one group."""

    groups: tuple[tuple[Piece, ...], ...]
    following: Token
    at: int = 0
    begun: bool = False


def delta(books: Books, call: Call) -> Answer:
    calendar = call.path_ids.get("calendar", "")
    if calendar and not books.per_calendar_delta:
        message = "Unsupported request: Change tracking is not supported against 'microsoft.graph.event'."
        raise ApiError(400, "ErrorInvalidRequest", message)
    book = books.book(calendar)
    refused = [name for name in UNSUPPORTED if name in call.params]
    if refused:
        message = (
            "The following parameters are not supported with change tracking over the 'CalendarView' resource: "
            f"'{', '.join(refused)}'."
        )
        raise ApiError(400, "ErrorInvalidUrlQuery", message)
    if "$skiptoken" in call.params:
        way = _begun(books, book, call.params["$skiptoken"])
    elif "$deltatoken" in call.params:
        token = _token(books, book, call.params["$deltatoken"])
        following = replace(token, change=books.change, last=token.change)
        way = Round(tuple(_changed(books, book, token)), following)
    else:
        window = window_of(call.params)
        ends_of = (window.low.isoformat(), window.high.isoformat())
        following = Token(book.id, *ends_of, books.change, books.change, books.epoch)
        way = Round(tuple(_everything(books, book, window)), following)
    return Answer(200, _page(books, call, way))


def _begun(books: Books, book: Book, token: str) -> Round:
    way = books.rounds.get(token)
    if not isinstance(way, Round) or way.following.calendar != book.id:
        raise ApiError(400, "BadRequest", "Badly formed token.")
    if way.following.epoch != books.epoch:
        raise lost(books, way.following)
    return way


def _page(books: Books, call: Call, way: Round) -> Json:
    size = min(int(asked(call, "odata.maxpagesize", str(DEFAULT_PAGE))), books.page_size)
    pieces: list[Piece] = []
    at = way.at
    while (way.begun or not books.empty_pages) and at < len(way.groups) and len(pieces) < size:
        if books.repeats_long_series and len(way.groups[at]) > size:
            pieces = list(way.groups[at][:size])  # and this page again behind its link, for ever
            break
        pieces += way.groups[at]
        at += 1
    path = f"{books.root}{_path(call)}"
    page: Json = {
        "@odata.context": f"{books.root}/$metadata#Collection(event)",
        "value": [_shown(books, piece, call) for piece in pieces],
    }
    if at < len(way.groups):
        key = base64.b64encode(f"round\xfb{len(books.rounds)}".encode("latin-1")).decode()
        books.rounds[key] = replace(way, at=at, begun=True)
        return {**page, "@odata.nextLink": f"{path}?$skiptoken={quote(key, safe='')}"}
    return {**page, "@odata.deltaLink": f"{path}?$deltatoken={quote(_encoded(way.following), safe='')}"}


def _path(call: Call) -> str:
    calendar = call.path_ids.get("calendar", "")
    return f"/me/calendars/{quote(calendar, safe='')}/calendarView/delta" if calendar else "/me/calendarView/delta"


def _shown(books: Books, piece: Piece, call: Call) -> Json:
    if isinstance(piece, Ids):
        return removed(piece, call)
    if piece.type == "occurrence":
        return light(piece, call)
    return {"@odata.type": TYPE, **full(books, piece, call)}


# -- what a round tells ----------------------------------------------------------------------------------------------


def _everything(books: Books, book: Book, window: Window) -> Iterator[tuple[Piece, ...]]:
    for entry in book.entries.values():
        if not entry.is_series:
            if window.holds(entry.raw):
                yield from _single(books, entry)
        elif found := book.expanded(entry, window):
            yield _series(books, entry, found)


def _changed(books: Books, book: Book, token: Token) -> Iterator[tuple[Piece, ...]]:
    since, window = token.last if books.replays else token.change, token.window
    told = False
    for ref, entry in book.entries.items():
        if entry.change > since and (ref, entry.change) not in books.silent:
            for group in _news(books, book, entry, window):
                told = True
                yield group
    for ref, tomb in book.tombs.items():
        if tomb.change > since and (ref, tomb.change) not in books.silent:
            entry = tomb.entry
            inside = bool(book.expanded(entry, window)) if entry.is_series else _was_in(entry, window)
            if inside or books.removed_for_out_of_window:
                told = True
                yield (entry.ids, *_of_series(books, book, entry, window))
    if told and books.spurious_removed:
        yield (Ids(f"AAMkUnknown{books.change}=", f"AAkAUnknown{books.change}="),)


def _news(books: Books, book: Book, entry: Entry, window: Window) -> Iterator[tuple[Piece, ...]]:
    """What a changed entry looks like from a window: itself, the whole series anew, or as if it were removed.

    Of a single occurrence that is gone nothing is said: the series comes without it.
    """
    if entry.is_series:
        if _reaches(entry.raw, window) or _was_in(entry, window):
            yield _series(books, entry, book.expanded(entry, window))
            return
    elif window.holds(entry.raw):
        yield from _single(books, entry)
        return
    if books.removed_for_out_of_window or _was_in(entry, window):
        yield (entry.ids,)


def _single(books: Books, entry: Entry) -> Iterator[tuple[Piece, ...]]:
    if books.duplicates:
        yield (entry.versions[-1] if entry.versions else whole(entry),)
    yield (whole(entry),)


def _series(books: Books, entry: Entry, found: list[Item]) -> tuple[Piece, ...]:
    if books.omit_masters:
        return tuple(found)
    return (whole(entry), *found) if books.masters_first else (*found, whole(entry))


def _of_series(books: Books, book: Book, entry: Entry, window: Window) -> tuple[Ids, ...]:
    if not entry.is_series or books.removed_series == "master":
        return ()
    return tuple(item.ids for item in book.expanded(entry, window))


def _was_in(entry: Entry, window: Window) -> bool:
    versions = (*(version.raw for version in entry.versions), entry.raw)
    return any(_reaches(raw, window) if raw.get("recurrence") else window.holds(raw) for raw in versions)


def _reaches(master: Json, window: Window) -> bool:
    """Whether the pattern alone, without what became of single occurrences, has anything in a window."""
    length = ends(master) - starts(master)
    return any(window.holds({"start": o.start, "end": o.end}) for o in occurrences(master, window.high + length))


# -- links -----------------------------------------------------------------------------------------------------------


def _encoded(token: Token) -> str:
    text = json.dumps([token.calendar, token.low, token.high, token.change, token.last, token.epoch])
    return base64.b64encode(f"\xfb\xef{text}".encode("latin-1")).decode()


def _token(books: Books, book: Book, text: str) -> Token:
    try:
        token = Token(*json.loads(base64.b64decode(text, validate=True)[2:]))
    except (ValueError, TypeError) as unreadable:
        raise ApiError(400, "BadRequest", "Badly formed token.") from unreadable
    if token.calendar != book.id:
        raise ApiError(400, "BadRequest", "Badly formed token.")
    if token.epoch != books.epoch:
        raise lost(books, token)
    return token


def lost(books: Books, token: Token) -> ApiError:
    """The answer to a link of another time; its window stays the one it was made for."""
    status, code, names_another = books.lost.value
    again = f"{books.root}/me/calendarView/delta?startDateTime={quote(token.low)}&endDateTime={quote(token.high)}"
    headers = {"Location": again} if names_another else {}
    message = "The sync state generation is not found; a full synchronization is required."
    return ApiError(status, code, message, headers)
