"""How the fake's entries look in an answer: whole, as a tombstone, or as nothing but taken time."""

from __future__ import annotations

import base64
import copy

from fakes.google.calendar_books import Book, Entry
from fakes.google.calendar_times import Json, rendered, stamp

BUSY_FIELDS = ("id", "status", "iCalUID", "start", "end", "recurringEventId", "originalStartTime", "recurrence")
DEFAULTS: Json = {
    "transparency": "opaque",
    "visibility": "default",
    "guestsCanModify": False,
    "guestsCanInviteOthers": True,
    "guestsCanSeeOtherGuests": True,
    "privateCopy": False,
    "locked": False,
}
"""What is absent from an answer."""
TOMBSTONE_FIELDS = ("id", "status", "recurringEventId", "originalStartTime")


def shown(
    book: Book,
    entry: Entry,
    *,
    zone: str = "",
    most_attendees: int = 0,
    only_times: bool = False,
    minimal: bool = False,
) -> Json:
    """One event of an answer.

    ``most_attendees``: with more, only the person is shown. ``only_times``: a calendar or a token that gives no
    details. ``minimal``: cancelled entries without theirs.
    """
    zone = zone or book.zone
    raw = copy.deepcopy(entry.raw)
    head: Json = {"kind": "calendar#event", "etag": entry.etag}
    for point in ("start", "end", "originalStartTime"):
        if point in raw:
            raw[point] = rendered(raw[point], zone)
    if entry.bare or (entry.cancelled and minimal):
        return head | {k: raw[k] for k in TOMBSTONE_FIELDS if k in raw}
    if only_times:
        return head | {k: raw[k] for k in BUSY_FIELDS if k in raw} | {"visibility": "private"}
    for name, usual in DEFAULTS.items():
        if raw.get(name) == usual:
            del raw[name]
    people = [_person(book, a) for a in raw.pop("attendees", [])]
    if people:
        raw["attendees"], omitted = _visible(raw, people, most_attendees)
        if omitted:
            raw["attendeesOmitted"] = True
    for role in ("organizer", "creator"):
        if role in raw:
            raw[role] = _person(book, raw[role])
    key = base64.urlsafe_b64encode(f"{raw['id']} {book.id}".encode()).decode().rstrip("=")
    link = f"https://www.google.com/calendar/event?eid={key}"
    return {**head, "htmlLink": link, **raw, "updated": stamp(entry.updated)}


def is_self(book: Book, person: Json) -> bool:
    """Whether an attendee, organizer or creator is the calendar's owner."""
    return str(person.get("email", "")).casefold() == book.id.casefold()


def _person(book: Book, person: Json) -> Json:
    """False booleans are absent, ``self`` is there when it is true."""
    kept = {k: v for k, v in person.items() if v is not False and v != ""}
    return {**kept, "self": True} if is_self(book, person) else kept


def _visible(raw: Json, people: list[Json], most: int) -> tuple[list[Json], bool]:
    organized = bool(raw.get("organizer", {}).get("email") in [p["email"] for p in people if p.get("self")])
    if raw.get("guestsCanSeeOtherGuests") is False and not organized:
        return [p for p in people if p.get("self") or p.get("organizer")], False
    if most and len(people) > most:
        return [p for p in people if p.get("self")], True
    return people, False
