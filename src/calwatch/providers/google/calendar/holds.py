"""Times held free: private entries that say nothing but "Busy", and are known as ours by their id alone."""

from __future__ import annotations

import base64
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from calwatch.errors import Stop, Touched
from calwatch.model.event import Event
from calwatch.model.span import Span
from calwatch.providers.google.calendar.events import Events
from calwatch.providers.google.calendar.times import written
from calwatch.providers.google.scopes import Feature
from calwatch.providers.remote.faults import Refusal

if TYPE_CHECKING:
    from calwatch.providers.google.api.connection import Connection

_SUMMARY = "Busy"
_CHECK = 8
_MOST_TIMES = 10
"""How often a hold can be removed by hand and asked for again: every time it needs a new id."""


def hold(connection: Connection, events: Events, calendar: str, key: str, span: Span) -> str:
    """See ``ports.Calendar.hold``. The id is made from the key, so that Google itself refuses a second one."""
    connection.require(Feature.WRITE_EVENTS)
    for time in range(_MOST_TIMES):
        ref = _ref(f"{key}\0{time}")
        request: Any = connection.calendar.events().insert(
            calendarId=calendar, body=_body(ref, span), sendUpdates="none"
        )
        try:
            connection.write(request)
        except Refusal as refusal:
            if refusal.status != 409:
                raise
        else:
            return ref
        found = events.look(calendar, ref)
        if found is not None and not found.cancelled:
            return ref
    raise Stop(f"the time was held and freed {_MOST_TIMES} times already; it is not held again")


def release(connection: Connection, events: Events, calendar: str, ref: str) -> None:
    """See ``ports.Calendar.release``. What the person has made something of is theirs."""
    connection.require(Feature.WRITE_EVENTS)
    if not _is_ours(ref):
        raise Touched("the entry is not one of ours")
    entry = events.look(calendar, ref)
    if entry is None or entry.cancelled:
        return
    if not isinstance(entry.item, Event) or not _says_nothing(entry.item):
        raise Touched("the time that was held is an appointment of yours now; it is left as it is")
    request: Any = connection.calendar.events().delete(calendarId=calendar, eventId=ref, sendUpdates="none")
    request.headers["If-Match"] = entry.etag
    try:
        connection.write(request)
    except Refusal as refusal:
        if refusal.status == 412:
            raise Touched("the entry changed while it was to be removed") from refusal
        if refusal.status not in (404, 410):
            raise


def _says_nothing(event: Event) -> bool:
    return event.summary == _SUMMARY and not (event.attendees or event.description or event.location)


def _body(ref: str, span: Span) -> dict[str, object]:
    return {
        "id": ref,
        "status": "tentative",
        "summary": _SUMMARY,
        "visibility": "private",
        "transparency": "opaque",
        "start": {"dateTime": written(span.start), "timeZone": "UTC"},
        "end": {"dateTime": written(span.end), "timeZone": "UTC"},
        "reminders": {"useDefault": False, "overrides": []},
    }


def _ref(key: str) -> str:
    """An id in Google's alphabet (base32hex, lower case); its last characters prove that it was made here."""
    body = _base32hex(blake2b(f"hold\0{key}".encode(), digest_size=20).digest())
    return body + _check(body)


def _is_ours(ref: str) -> bool:
    return len(ref) > _CHECK and ref[-_CHECK:] == _check(ref[:-_CHECK])


def _check(body: str) -> str:
    return _base32hex(blake2b(f"ours\0{body}".encode(), digest_size=5).digest())


def _base32hex(data: bytes) -> str:
    return base64.b32hexencode(data).decode("ascii").rstrip("=").lower()
