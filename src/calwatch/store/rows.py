"""Events, sightings and bookings to rows and back; shared by everything that reads or writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, bindparam, select

from calwatch.model.booking import Booking, Sighting, Source
from calwatch.model.event import Event
from calwatch.model.span import Span
from calwatch.store import codec
from calwatch.store.tables import bookings, resources, sightings

T = TypeVar("T")

LONG = timedelta(days=2)
"""Appointments longer than this are looked up apart, so that searching by start stays a short stretch of an index."""

CHUNK = 400
"""How many values one IN list holds; SQLite allows 32,766, but compiled statements and rows in memory grow with it."""


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists of at most CHUNK."""
    chunk: list[T] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


_APART = {"ref", "etag"}


def event_to_text(event: Event) -> str:
    """JSON of an event without what is stored apart: its ref (a column) and its etag (of the resource)."""
    return codec.to_json(Event, event, without=_APART)


def event_from_text(text: str, ref: str, etag: str) -> Event:
    """The event ``event_to_text`` wrote, with the ref (as its column has it) and etag it has now.

    They are put into the text before it is parsed: replacing fields of so large a value costs more than parsing it.
    """
    whole = codec.from_json(Event, f'{{"ref":{json.dumps(ref)},"etag":{json.dumps(etag)},{text[1:]}')
    plain = codec.uncolumn(ref)
    return whole if plain == ref else replace(whole, ref=plain)


def time_only(event: Event) -> Event:
    """What may be kept of an event of a ``use = "busy"`` account: when, and whether it takes time; no words."""
    return Event(
        ref=event.ref,
        uid=event.uid,
        start=event.start,
        end=event.end,
        recurrence_id=event.recurrence_id,
        etag=event.etag,
        sequence=event.sequence,
        dtstamp=event.dtstamp,
        all_day=event.all_day,
        start_date=event.start_date,
        end_date=event.end_date,
        floating=event.floating,
        timezone=event.timezone,
        status=event.status,
        response=event.response,
        transparent=event.transparent,
        kind=event.kind,
        recurring=event.recurring,
        busy_only=True,
    )


def booking_columns(event: Event, *, left_calendars: bool) -> dict[str, Any]:
    """The columns of a booking that follow from its event.

    What the person removed from every calendar takes no time any more, even if an old invitation mail still names it.
    """
    text = event_to_text(event)
    busy = event.busy and not left_calendars
    ref = codec.column(event.ref)
    return {
        "start": codec.seconds(event.start),
        "end": codec.seconds(event.end),
        "busy": busy,
        "long": event.end - event.start > LONG,
        "ref": ref,
        "title": codec.column(event.summary[:200].casefold()),
        "digest": codec.digest(f"{ref}\n{busy}\n{text}"),
        "event": text,
    }


_SIGHTINGS = (
    select(
        sightings.c.id,
        sightings.c.booking_id,
        sightings.c.account,
        sightings.c.source,
        sightings.c.calendar,
        sightings.c.ref,
        sightings.c.method,
        sightings.c.busy_account,
        sightings.c.event,
        resources.c.etag,
    )
    .select_from(
        sightings.outerjoin(
            resources,
            and_(
                sightings.c.source == Source.CALENDAR.value,
                resources.c.person == sightings.c.person,
                resources.c.account == sightings.c.account,
                resources.c.calendar == sightings.c.calendar,
                resources.c.ref == sightings.c.ref,
            ),
        )
    )
    .where(
        sightings.c.person == bindparam("person"),
        sightings.c.booking_id.in_(bindparam("bookings", expanding=True)),
    )
)


def load_sightings(connection: Connection, person: str, booking_ids: Sequence[int]) -> dict[int, list[Sighting]]:
    """The sightings of some bookings, in an order that does not depend on when they were seen."""
    found: dict[int, list[Sighting]] = {booking_id: [] for booking_id in booking_ids}
    for chunk in chunks(booking_ids):
        rows = connection.execute(_SIGHTINGS, {"person": person, "bookings": chunk})
        # Sorted here: asked to sort, SQLite walks the whole index by resource instead of looking the bookings up.
        for row in sorted(rows, key=_steadily):
            ref, calendar = codec.uncolumn(row.ref), row.source == Source.CALENDAR.value
            event = event_from_text(row.event, row.ref, row.etag or "")
            found[row.booking_id].append(
                Sighting(
                    account=row.account,
                    source=Source(row.source),
                    calendar=codec.uncolumn(row.calendar),
                    event=event,
                    method=row.method,
                    message_ref="" if calendar else ref,
                    busy_account=row.busy_account,
                )
            )
    return found


def _steadily(row: Any) -> tuple[str, str, str, str, int]:
    return row.account, row.source, row.calendar, row.ref, row.id


BOOKING_COLUMNS = (bookings.c.id, bookings.c.twin_of, bookings.c.ref, bookings.c.event)


def load_bookings(connection: Connection, person: str, rows: Sequence[Any]) -> list[Booking]:
    """Bookings from rows of BOOKING_COLUMNS, in their order, with their sightings."""
    seen = load_sightings(connection, person, [row.id for row in rows])
    return [a_booking(row, seen[row.id]) for row in rows]


def a_booking(row: Any, seen: Sequence[Sighting]) -> Booking:
    ref = codec.uncolumn(row.ref)
    etag = next((s.event.etag for s in seen if s.event.ref == ref), "")
    event = event_from_text(row.event, row.ref, etag)
    return Booking(id=row.id, event=event, sightings=tuple(seen), twin_of=row.twin_of)


def a_span(start: int, end: int) -> Span:
    return Span(codec.moment(start), codec.moment(end))
