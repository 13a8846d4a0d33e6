"""Times held free: private entries that say nothing but "Busy", and carry a mark by which they are known as ours."""

from __future__ import annotations

import uuid
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from calwatch.errors import Doubt, Retry, Stop, Touched
from calwatch.model.span import Span
from calwatch.providers.outlook.api.paths import literal, segment
from calwatch.providers.outlook.calendar.events import PREFER, Events, Raw
from calwatch.providers.outlook.calendar.parse import is_ref, read_entry
from calwatch.providers.outlook.calendar.times import in_body
from calwatch.providers.outlook.scopes import Feature
from calwatch.providers.remote.faults import Refusal
from calwatch.providers.remote.fields import Fields

if TYPE_CHECKING:
    from calwatch.providers.outlook.api.connection import Connection

MARK = "String {5d3d2f1c-8a0e-4c55-9a6b-0f6c5b7f1e2a} Name held-key"
"""The extended property of every hold; its value is made from the key."""

_NAMESPACE = uuid.UUID("5d3d2f1c-8a0e-4c55-9a6b-0f6c5b7f1e2a")
_SUBJECT = "Busy"
_MOST_ALIKE = 100
_MOST_TIMES = 10
"""How often a hold can be removed by hand and asked for again: every time it needs a new transaction."""


class Holds:
    """The holds of one account."""

    def __init__(self, connection: Connection, events: Events) -> None:
        self._connection = connection
        self._events = events

    def hold(self, calendar: str, key: str, span: Span) -> str:
        """See ``ports.Calendar.hold``. Microsoft itself refuses a second one: a transactionId makes one event."""
        self._connection.require(Feature.WRITE_EVENTS)
        path = f"{self._events.calendars.place(calendar)}/events"
        for time in range(_MOST_TIMES):
            number = str(uuid.uuid5(_NAMESPACE, f"{calendar}\0{key}\0{time}"))
            try:
                made = self._connection.write("POST", path, _body(number, span))
            except Refusal as refusal:
                if refusal.status == 404:
                    raise self._events.calendars.forget(calendar) from refusal
                if refusal.status != 409:
                    raise
                found = self._found(path, number)
                if found:
                    return found
                continue
            ref = made.get("id")
            if isinstance(ref, str) and is_ref(ref):
                return ref
            raise Doubt("Microsoft took the time to be held, but does not say under which name")
        raise Stop(f"the time was held and freed {_MOST_TIMES} times already; it is not held again")

    def release(self, ref: str) -> None:
        """See ``ports.Calendar.release``. What the person has made something of is theirs."""
        self._connection.require(Feature.WRITE_EVENTS)
        raw = self._untouched(ref)
        if raw is None:
            return
        etag = raw.get("@odata.etag")
        if not isinstance(etag, str) or not is_ref(etag):
            raise Retry("Microsoft does not say which version of the time that was held is there")
        path = f"/me/events/{segment(ref)}"
        try:
            self._connection.write("DELETE", path, if_match=etag, look=lambda: self._untouched(ref))
        except Refusal as refusal:
            if refusal.status == 412:
                raise Touched("the entry changed while it was to be removed") from refusal
            if refusal.status not in (404, 410):
                raise

    def _untouched(self, ref: str) -> Raw | None:
        """The hold; ``None`` when it is gone. Raises ``Touched`` when it is none, or none any more."""
        raw = self._look(ref)
        if raw is not None and not _is_marked(raw):
            raise Touched("the entry is not one of ours")
        if raw is not None and not self._says_nothing(raw):
            raise Touched("the time that was held is an appointment of yours now; it is left as it is")
        return raw

    def _found(self, path: str, number: str) -> str:
        """The ref of the hold that has this number already; ``""`` when it was removed by hand."""
        asked = (
            f"singleValueExtendedProperties/Any(ep: ep/id eq {literal(MARK)} and ep/value eq {literal(_value(number))})"
        )
        for page in self._connection.pages(path, {"$filter": asked, "$select": "id"}, prefer=PREFER):
            for one in Fields(page).several("value", _MOST_ALIKE):
                if is_ref(one.word("id")):
                    return one.word("id")
        return ""

    def _look(self, ref: str) -> Raw | None:
        expand = f"singleValueExtendedProperties($filter=id eq {literal(MARK)})"
        try:
            return self._connection.read(f"/me/events/{segment(ref)}", {"$expand": expand}, prefer=PREFER)
        except Refusal as refusal:
            if refusal.status in (404, 410):
                return None
            raise

    def _says_nothing(self, raw: Raw) -> bool:
        event = read_entry(raw, self._events.viewer).item
        return (
            event is not None
            and event.summary == _SUBJECT
            and not (event.attendees or event.description.strip() or event.location or event.recurring)
        )


def _is_marked(raw: Raw) -> bool:
    marks = raw.get("singleValueExtendedProperties")
    found = marks if isinstance(marks, list) else []
    return any(isinstance(m, dict) and m.get("id") == MARK and isinstance(m.get("value"), str) for m in found)


def _body(number: str, span: Span) -> dict[str, Any]:
    return {
        "transactionId": number,
        "subject": _SUBJECT,
        "start": in_body(span.start),
        "end": in_body(span.end),
        "showAs": "tentative",
        "sensitivity": "private",
        "isReminderOn": False,
        "singleValueExtendedProperties": [{"id": MARK, "value": _value(number)}],
    }


def _value(number: str) -> str:
    return blake2b(number.encode(), digest_size=12).hexdigest()
