"""Events made, changed, deleted and cancelled through the fake Outlook, by the person as organizer or as a guest."""

from __future__ import annotations

import copy
from datetime import timedelta

from fakes.microsoft.calendar_answers import CANNOT, vanish
from fakes.microsoft.calendar_books import Book, Books, Entry, Item, not_found, whole
from fakes.microsoft.calendar_ids import etag, global_object_id, numbered
from fakes.microsoft.calendar_times import NEVER, UNSET, Json, ends, instant, starts, wall, zone_named
from fakes.microsoft.calendar_view import GIVEN, full
from fakes.microsoft.call import Answer, ApiError, Call

SETTABLE = {*GIVEN, "start", "end", "singleValueExtendedProperties"} - {
    "bodyPreview",
    "hasAttachments",
    "isCancelled",
    "isOrganizer",
    "seriesMasterId",
    "onlineMeetingUrl",
    "onlineMeeting",
    "isDraft",
    "responseStatus",
    "organizer",
}
NOTHING = {"response": "none", "time": NEVER}


def create_event(books: Books, call: Call) -> Answer:
    """A second request with a transactionId gives the event of the first, unless it asks for something else."""
    book = _writable(books.book(call.path_ids.get("calendar", "")))
    body = copy.deepcopy(call.body or {})
    _check(body)
    key = body.get("transactionId")
    if key and key in books.transactions:
        asked, ref = books.transactions[key]
        there = book.find(ref)
        if there is not None and asked == body:
            return Answer(201, full(books, there, call))
        if there is not None or books.transactions_outlive:
            message = "The TransactionId specified in the request has already been used to create a different event."
            raise ApiError(409, "ErrorDuplicateTransactionId", CANNOT + message)
    asked = copy.deepcopy(body)
    props = _properties(body)
    people = [{"type": "required", **guest, "status": NOTHING} for guest in body.pop("attendees", [])]
    me = {"emailAddress": {"name": books.owner_name, "address": books.alias or books.owner}}
    number = books.number()
    raw = {
        **_in_own_zones(body),
        "iCalUId": global_object_id(number),
        "organizer": me,
        "isOrganizer": True,
        "responseStatus": {"response": "organizer", "time": NEVER},
        "attendees": people,
    }
    now = books.clock.now()
    entry = books.keep(book, Entry(numbered(number), raw, now, now, props=props))
    if key:
        books.transactions[key] = (asked, entry.ids.immutable)
    mail_guests(books, whole(entry), "meetingRequest")
    return Answer(201, full(books, whole(entry), call))


def patch_event(books: Books, call: Call) -> Answer:
    """An organizer's change goes to everybody, a guest's only into their own copy, until the next update."""
    book, item = _present(books, call)
    body = copy.deepcopy(call.body or {})
    if "transactionId" in body:
        raise ApiError(400, "ErrorInvalidPropertySet", "The property 'transactionId' cannot be changed.")
    unasked: Json = {
        name: item.raw[name] for name in ("start", "end", "isAllDay") if name not in body and name in item.raw
    }
    _check({**unasked, **body})
    item.entry.props |= _properties(body)
    if "attendees" in body and item.raw.get("isOrganizer"):
        before = {_address(guest): guest.get("status", NOTHING) for guest in item.raw.get("attendees", [])}
        body["attendees"] = [{**g, "status": before.get(_address(g), NOTHING)} for g in body["attendees"]]
    changed = {**copy.deepcopy(item.raw), **_in_own_zones(body)}
    if item.raw.get("isOrganizer") and starts(changed) != starts(item.raw):
        changed = asked_again(changed)
    written = books.write(book, item, changed)
    if item.raw.get("isOrganizer"):
        mail_guests(books, written, "meetingRequest")
    return Answer(200, full(books, written, call))


def delete_event(books: Books, call: Call) -> Answer:
    """An organizer calls the meeting off, a guest only loses their copy; either way it is not found afterwards."""
    book, item = _present(books, call)
    if item.raw.get("isOrganizer"):
        mail_guests(books, item, "meetingCancelled")
        books.take_out(book, item)
    else:
        vanish(books, book, item)
    return Answer(204)


def cancel_event(books: Books, call: Call) -> Answer:
    book, item = books.locate(call.path_ids["event"])
    if not item.raw.get("isOrganizer") or not item.raw.get("attendees"):
        raise ApiError(400, "ErrorInvalidRequest", CANNOT + "You need to be an organizer to cancel a meeting.")
    mail_guests(books, item, "meetingCancelled")
    books.take_out(book, item)
    return Answer(202)


def asked_again(raw: Json) -> Json:
    """The organizer's own copy after a new time: nobody has answered it yet."""
    status = {"response": "notResponded", "time": UNSET}
    people = [{**_without_proposal(guest), "status": dict(status)} for guest in raw.get("attendees", [])]
    return {**raw, "attendees": people}


def mail_guests(books: Books, item: Item, kind: str) -> None:
    if item.raw.get("attendees"):
        books.mailed.append((kind, item.ids.immutable))


def _without_proposal(guest: Json) -> Json:
    return {name: value for name, value in guest.items() if name != "proposedNewTime"}


def _address(guest: Json) -> str:
    return str(guest.get("emailAddress", {}).get("address", "")).casefold()


def _writable(book: Book) -> Book:
    if not book.can_edit:
        raise ApiError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    return book


def _present(books: Books, call: Call) -> tuple[Book, Item]:
    """What a call is about. Raises 404, and 412 when it is not the version If-Match names."""
    book, item = books.locate(call.path_ids["event"])
    _writable(book)
    expected = next((value for name, value in call.headers.items() if name.casefold() == "if-match"), "*")
    if expected not in ("*", etag(item.change)):
        message = "The change key passed in the request does not match the current change key for the item."
        raise ApiError(412, "ErrorIrresolvableConflict", message)
    if item.alone and item.ids.immutable not in book.entries:
        raise not_found()
    return book, item


def _properties(body: Json) -> dict[str, str]:
    """Takes the extended properties out of a body."""
    return {given["id"]: given["value"] for given in body.pop("singleValueExtendedProperties", [])}


def _in_own_zones(body: Json) -> Json:
    """Zones as they are kept: by their IANA names."""
    for name in ("start", "end"):
        if name in body:
            body[name] = {**body[name], "timeZone": zone_named(body[name]["timeZone"]).key}
    return body


def _check(body: Json) -> None:
    unknown = sorted(body.keys() - SETTABLE)
    if unknown:
        message = f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.event' or cannot be set."
        raise ApiError(400, "RequestBodyRead", message)
    for name in ("start", "end"):
        given = body.get(name)
        if not isinstance(given, dict) or not given.get("timeZone"):
            raise ApiError(400, "ErrorPropertyValidationFailure", f"At least one property failed validation: {name}.")
        instant(given)
    if ends(body) < starts(body):
        raise ApiError(400, "ErrorPropertyValidationFailure", "At least one property failed validation.")
    if body.get("isAllDay"):
        _check_days(body)


def _check_days(body: Json) -> None:
    start, end = wall(body["start"]), wall(body["end"])
    if end - start < timedelta(hours=24):
        message = "The duration of an event marked as All day must be at least 24 hours."
        raise ApiError(400, "ErrorInvalidRequest", message)
    if any((moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)) for moment in (start, end)):
        message = "The Event.Start property for an all-day event needs to be set to midnight."
        raise ApiError(400, "ErrorPropertyValidationFailure", message)
