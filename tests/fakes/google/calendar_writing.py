"""events.insert, patch, update, delete and move of the fake Google, with what a guest may and may not do."""

from __future__ import annotations

import copy
import re
from typing import Any

from fakes.google.calendar_books import Book, Books, Entry, Reply
from fakes.google.calendar_times import Json, instant, stamp
from fakes.google.calendar_view import is_self, shown
from fakes.google.call import ApiError, Call

OWN_OF_A_GUEST = frozenset({"attendees", "attendeesOmitted", "colorId", "reminders", "transparency", "visibility"})
MADE_BY_GOOGLE = ("kind", "etag", "htmlLink", "updated", "created", "creator", "organizer", "hangoutLink", "locked")
WRITERS = frozenset({"owner", "writer"})
NOT_THE_ORGANIZER = "Shared properties can only be changed by the organizer of the event."


def insert_event(books: Books, call: Call) -> Json:
    book = _writable(books, call)
    body = copy.deepcopy(call.body or {})
    ref = body.get("id") or books.new_id()
    if not re.fullmatch(r"[a-v0-9]{5,1024}", ref):
        raise ApiError(400, "invalid", "Invalid resource id value.")
    if ref in book.entries:
        raise ApiError(409, "duplicate", "The requested identifier already exists.")
    _check_times(body)
    _check_kind(body)
    people = [{"responseStatus": "needsAction", **a} for a in body.pop("attendees", [])]
    raw = {
        "status": "confirmed",
        "eventType": "default",
        "sequence": 0,
        "reminders": {"useDefault": True},
        **_settable(body),
        "id": ref,
        "iCalUID": body.get("iCalUID", f"{ref}@google.com"),
        "creator": {"email": books.owner},
        "organizer": {"email": book.id},
        **({"attendees": people} if people else {}),
    }
    entry = books.keep(book, raw)
    _mail_guests(books, book, call, raw)
    return shown(book, entry)


def patch_event(books: Books, call: Call) -> Json:
    book = _writable(books, call)
    entry = _present(books, book, call)
    body = copy.deepcopy(call.body or {})
    if entry.cancelled and body.get("status") != "confirmed":
        raise ApiError(410, "deleted", "Resource has been deleted")
    if organizes(book, entry.raw):
        return _changed_by_organizer(books, book, call, entry, _merged(entry.raw, _settable(body)))
    _refuse_shared(entry, body)
    return _changed_by_guest(books, book, call, entry, body)


def update_event(books: Books, call: Call) -> Json:
    """PUT: what is left out is set back to its default, which a guest may not do to what is shared."""
    book = _writable(books, call)
    entry = _present(books, book, call)
    body = copy.deepcopy(call.body or {})
    _check_times(body)
    if not organizes(book, entry.raw):
        left_out: Json = {k: None for k in ("summary", "description", "location", "recurrence") if k in entry.raw}
        _refuse_shared(entry, {**left_out, **body})
        return _changed_by_guest(books, book, call, entry, body)
    fixed = {k: entry.raw[k] for k in (*MADE_BY_GOOGLE, "id", "iCalUID", "eventType", "status") if k in entry.raw}
    fixed |= {k: entry.raw[k] for k in ("recurringEventId", "originalStartTime", "sequence") if k in entry.raw}
    return _changed_by_organizer(books, book, call, entry, {**fixed, **_settable(body)})


def delete_event(books: Books, call: Call) -> None:
    """A guest removes their copy, an organizer cancels; details stay with the one who did it."""
    book = _writable(books, call)
    ref = call.params["eventId"]
    entry = _present(books, book, call)
    if entry.cancelled:
        raise ApiError(410, "deleted", "Resource has been deleted")
    if not organizes(book, entry.raw):
        _tell_organizer(books, call, entry.raw, {"responseStatus": "declined"})
    else:
        _mail_guests(books, book, call, entry.raw)
    books.tombstone(book, ref, bare=False)


def move_event(books: Books, call: Call) -> Json:
    """To another calendar of the person's: there it has a new organizer, here only its id is left."""
    book, there = _writable(books, call), books.book(call.params["destination"])
    entry = _present(books, book, call)
    if not organizes(book, entry.raw):
        raise ApiError(403, "forbiddenForNonOrganizer", NOT_THE_ORGANIZER, "calendar")
    if entry.raw.get("eventType", "default") != "default" or "recurringEventId" in entry.raw:
        raise ApiError(400, "cannotChangeOrganizer", "Cannot change the organizer of this event.", "calendar")
    raw = {**copy.deepcopy(entry.raw), "organizer": {"email": there.id}}
    books.tombstone(book, entry.raw["id"], bare=True)
    return shown(there, books.keep(there, raw))


def organizes(book: Book, raw: Json) -> bool:
    return is_self(book, raw.get("organizer", {"email": book.id}))


def without_answers(raw: Json) -> Json:
    """Guests are asked again: their answers are back to needsAction, the organizer's own stays."""
    organizer = raw.get("organizer", {}).get("email")
    people = [a if a["email"] == organizer else {**a, "responseStatus": "needsAction"} for a in raw["attendees"]]
    for person in people:
        if person["responseStatus"] == "needsAction":
            person.pop("comment", None)
    return {**raw, "attendees": people}


def asks_again(old: Json, new: Json, zone: str) -> bool:
    """Whether a change resets the answers: another start or recurrence, not another length, title or place."""
    moved = instant(old["start"], zone) != instant(new["start"], zone)
    return (
        moved or ("date" in old["start"]) != ("date" in new["start"]) or old.get("recurrence") != new.get("recurrence")
    )


def rewritten(books: Books, book: Book, entry: Entry, raw: Json) -> Entry:
    """The organizer's change as it is kept: sequence and answers follow the time; stray exceptions go."""
    if asks_again(entry.raw, raw, book.zone) or instant(entry.raw["end"], book.zone) != instant(raw["end"], book.zone):
        raw = {**raw, "sequence": entry.raw.get("sequence", 0) + 1}
    if asks_again(entry.raw, raw, book.zone):
        raw = without_answers(raw) if "attendees" in raw else raw
        for exception in book.exceptions(raw["id"]):
            del book.entries[exception]
    return books.keep(book, raw, hidden=entry.hidden)


# -- the person as organizer -----------------------------------------------------------------------------------------


def _changed_by_organizer(books: Books, book: Book, call: Call, entry: Entry, raw: Json) -> Json:
    _check_times(raw)
    if call.body and "attendees" in call.body:
        given = [{"responseStatus": "needsAction", **a} for a in call.body["attendees"]]
        raw["attendees"] = _with(entry.raw.get("attendees", []), given) if call.body.get("attendeesOmitted") else given
    after = rewritten(books, book, entry, raw)
    _mail_guests(books, book, call, raw)
    return shown(book, after)


def _mail_guests(books: Books, book: Book, call: Call, raw: Json) -> None:
    if call.params.get("sendUpdates", "none") != "none":
        books.invited += [(raw["id"], a["email"]) for a in raw.get("attendees", []) if not is_self(book, a)]


# -- the person as guest ---------------------------------------------------------------------------------------------


def _refuse_shared(entry: Entry, body: Json) -> None:
    """403 for anything that is everybody's, unless the organizer lets guests change it."""
    if entry.raw.get("guestsCanModify"):
        return
    for name, value in body.items():
        same = value == entry.raw.get(name) or (value is None and name not in entry.raw)
        if name in ("start", "end") and value is not None and not same:
            same = instant(value, "UTC") == instant(entry.raw[name], "UTC")
        if name not in OWN_OF_A_GUEST and name not in MADE_BY_GOOGLE and not same:
            raise ApiError(403, "forbiddenForNonOrganizer", NOT_THE_ORGANIZER, "calendar")


def _changed_by_guest(books: Books, book: Book, call: Call, entry: Entry, body: Json) -> Json:
    before = entry.raw.get("attendees", [])
    given, partial = body.pop("attendees", None), body.pop("attendeesOmitted", False)
    raw = _merged(entry.raw, _settable(body))
    if given is not None:
        raw["attendees"] = _guests_array(books, book, before, given, partial=partial)
    if raw == entry.raw:
        return shown(book, entry)
    mine, earlier = _own(book, raw), _own(book, entry.raw)
    after = books.keep(book, raw)
    if mine and (earlier is None or mine.get("responseStatus") != earlier.get("responseStatus")):
        _tell_organizer(books, call, raw, mine)
    return shown(book, after)


def _guests_array(books: Books, book: Book, before: list[Json], given: list[Json], *, partial: bool) -> list[Json]:
    """The attendees after a guest wrote them.

    Only the own entry takes effect; who is new is invited as well. Without ``attendeesOmitted`` the array is taken
    for the whole: whoever is missing is gone from this copy, and an own entry without an answer has none.
    """
    known = {a["email"].casefold(): a for a in before}
    written: list[Json] = []
    for person in given:
        old = known.get(person.get("email", "").casefold())
        if old is None:
            written.append({"responseStatus": "needsAction", **person})
        elif not is_self(book, old):
            written.append(old)
        elif partial:
            taken = ("responseStatus", "comment") if books.keeps_comments else ("responseStatus",)
            written.append({**old, **{k: v for k, v in person.items() if k in taken}})
        else:
            kept = {k: v for k, v in old.items() if k not in ("responseStatus", "comment")}
            written.append({"responseStatus": "needsAction", **kept, **_plain(person)})
    return _with(before, written) if partial else written


def _with(before: list[Json], changed: list[Json]) -> list[Json]:
    """``before`` with the changed entries in place and new ones at the end."""
    by_address = {a["email"].casefold(): a for a in changed}
    merged = [by_address.pop(a["email"].casefold(), a) for a in before]
    return [*merged, *by_address.values()]


def _tell_organizer(books: Books, call: Call, raw: Json, mine: Json) -> None:
    """Google's own organizers see the answer anyway; a mail is sent if the caller asks. A private copy tells nobody."""
    if raw.get("privateCopy"):
        return
    outside = raw["id"].startswith("_")
    mailed = call.params.get("sendUpdates", "none") in (("all", "externalOnly") if outside else ("all",))
    if mailed or not outside:
        told = (raw["organizer"]["email"], mine["responseStatus"], mine.get("comment", ""))
        books.replies.append(Reply(raw["id"], *told, mailed))


def _own(book: Book, raw: Json) -> Json | None:
    return next((a for a in raw.get("attendees", []) if is_self(book, a)), None)


# -- both ------------------------------------------------------------------------------------------------------------


def _writable(books: Books, call: Call) -> Book:
    book = books.book(call.params["calendarId"])
    if book.role not in WRITERS:
        message = "You need to have writer access to this calendar."
        raise ApiError(403, "requiredAccessLevel", message, "calendar")
    if book.role != "owner" and {s.rpartition("/")[2] for s in call.scopes} & {"calendar", "calendar.events"} == set():
        raise ApiError(403, "forbidden", "Forbidden")
    return book


def _present(books: Books, book: Book, call: Call) -> Entry:
    """The entry a call is about. Raises 404, and 412 when it is not the one If-Match names."""
    entry = books.entry(book, call.params["eventId"])
    if call.headers.get("if-match", "*") not in ("*", entry.etag):
        raise ApiError(412, "conditionNotMet", "Precondition Failed", location="If-Match")
    if entry.raw["id"] not in book.entries:  # an occurrence becomes an exception when it is written
        return Entry({**entry.raw, "created": stamp(books.clock.now())}, entry.updated, entry.seq)
    return entry


def _merged(raw: Json, patch: Json) -> Json:
    """JSON merge patch (RFC 7396): null removes, objects merge, arrays are replaced; a time is replaced whole."""
    result = copy.deepcopy(raw)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict) and name not in ("start", "end"):
            result[name] = _merged(result[name], value)
        else:
            result[name] = value
    return result


def _settable(body: Json) -> Json:
    return {k: v for k, v in body.items() if k not in (*MADE_BY_GOOGLE, "id", "attendeesOmitted")}


def _plain(person: Json) -> Json:
    return {k: v for k, v in person.items() if k not in ("self", "organizer", "id")}


def _check_times(body: Json) -> None:
    for name in ("start", "end"):
        point: dict[str, Any] = body.get(name) or {}
        if ("date" in point) + ("dateTime" in point) != 1:
            raise ApiError(400, "required", f"Missing {name} time.")
    if ("date" in body["start"]) != ("date" in body["end"]):
        raise ApiError(400, "invalid", "Invalid start time.")
    if body.get("recurrence") and "dateTime" in body["start"] and "timeZone" not in body["start"]:
        raise ApiError(400, "required", "Missing time zone definition for start time.")
    if instant(body["end"], "UTC") < instant(body["start"], "UTC"):
        raise ApiError(400, "timeRangeEmpty", "The specified time range is empty.", "calendar")


def _check_kind(body: Json) -> None:
    """What Google asks of status events."""
    kind = body.get("eventType", "default")
    if kind in ("outOfOffice", "focusTime") and ("date" in body["start"] or body.get("transparency") == "transparent"):
        raise ApiError(400, "invalid", "An out of office or focus time event must be timed and opaque.")
    location = (body.get("transparency"), body.get("visibility"))
    if kind == "workingLocation" and location != ("transparent", "public"):
        raise ApiError(400, "malformedWorkingLocationEvent", "A working location event must be transparent and public.")
