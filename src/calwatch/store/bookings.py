"""The appointments of the person: looked up by id, uid, time or words, and marked for assessment when they change."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    union_all,
    update,
)

from calwatch.errors import NotFound
from calwatch.model.booking import Booking, Recognition, Source
from calwatch.model.ledger import BookingFacts, Dirty
from calwatch.model.span import Span
from calwatch.store import codec
from calwatch.store.concern import Concern
from calwatch.store.rows import BOOKING_COLUMNS, LONG, a_span, chunks, load_bookings
from calwatch.store.tables import bookings, dirty
from calwatch.watch.bookings import normal_uid

_MOST_MATCHES = 50

_ONE = (bookings.c.person == bindparam("person"), bookings.c.id == bindparam("booking"))
_AMONG = (bookings.c.person == bindparam("person"), bookings.c.id.in_(bindparam("bookings", expanding=True)))
_THESE = select(*BOOKING_COLUMNS).where(*_AMONG).order_by(bookings.c.id)
_FIRST_SEEN = select(bookings.c.id, bookings.c.first_seen).where(*_AMONG)
_RECOGNITION = select(bookings.c.recognised, bookings.c.recognition).where(*_ONE)
_FACTS = select(
    bookings.c.first_seen,
    bookings.c.gone_at,
    bookings.c.left_calendars_at,
    bookings.c.recognised,
    bookings.c.snapshot,
).where(*_ONE)
_INTERVIEWS = (
    select(*BOOKING_COLUMNS, bookings.c.recognition)
    .where(
        bookings.c.person == bindparam("person"),
        bookings.c.recognised.is_(True),
        bookings.c.twin_of.is_(None),
        bookings.c.start < bindparam("until"),
        bookings.c.end > bindparam("since"),
    )
    .order_by(bookings.c.start, bookings.c.id)
)
_PRESENT_INTERVIEWS = _INTERVIEWS.where(bookings.c.gone_at.is_(None))
_DIRTY = select(dirty.c.id, dirty.c.booking_id, dirty.c.start, dirty.c.end).where(dirty.c.person == bindparam("person"))
_CLEAN = delete(dirty).where(dirty.c.person == bindparam("person"), dirty.c.id <= bindparam("token"))


def _overlapping() -> ColumnElement[bool]:
    """The person's, sharing an instant with ``since``–``until``: by a stretch of starts, and the few long ones apart.

    Two searches joined and not one OR, and no word about the person outside: either makes SQLite walk every
    booking of theirs in the order that is asked for.
    """
    mine = select(bookings.c.id).where(
        bookings.c.person == bindparam("person"),
        bookings.c.start < bindparam("until"),
        bookings.c.end > bindparam("since"),
    )
    ordinary = mine.where(bookings.c.long.is_(False), bookings.c.start >= bindparam("earliest"))
    return bookings.c.id.in_(union_all(ordinary, mine.where(bookings.c.long.is_(True))))


_OVERLAPPING = (
    select(*BOOKING_COLUMNS)
    .where(_overlapping(), bookings.c.gone_at.is_(None))
    .order_by(bookings.c.start, bookings.c.id)
)
_BUSY = (
    select(bookings.c.id, bookings.c.twin_of, bookings.c.start, bookings.c.end)
    .where(_overlapping(), bookings.c.busy.is_(True), bookings.c.gone_at.is_(None))
    .order_by(bookings.c.start, bookings.c.end)
)


class Bookings(Concern):
    """``store.bookings``."""

    def booking(self, booking_id: int) -> Booking:
        """One appointment, also a gone one (then without sightings); raises NotFound."""
        found = self.booking_list([booking_id])
        if not found:
            raise NotFound(f"there is no event {booking_id}")
        return found[0]

    def booking_list(self, booking_ids: Iterable[int]) -> list[Booking]:
        """Those of the given appointments that exist, by id."""
        found: list[Booking] = []
        for chunk in chunks(sorted(set(booking_ids))):
            found += self._load(_THESE, bookings=chunk)
        return found

    def by_uid(self, uid: str, recurrence_id: str | None = None) -> Booking | None:
        """The appointment with this uid (in any provider's spelling) and original start."""
        where = (bookings.c.uid == _uid(uid), bookings.c.recurrence_id == (recurrence_id or ""))
        found = self._load(self._query(*where))
        return found[0] if found else None

    def of_uid(self, uid: str) -> list[Booking]:
        """Every occurrence with this uid, by start."""
        return self._load(self._query(bookings.c.uid == _uid(uid)).order_by(bookings.c.start, bookings.c.id))

    def overlapping(self, span: Span) -> list[Booking]:
        """Every present appointment that shares an instant with ``span``, twins and free ones included, by start."""
        return self._load(_OVERLAPPING, **_around(span))

    def busy_spans(self, window: Span, exclude: Collection[int] = ()) -> list[Span]:
        """The taken stretches that touch ``window`` (whole, unmerged, by start), straight from columns.

        The bookings in ``exclude`` are left out, and their twins with them.
        """
        left_out = frozenset(exclude)
        with self._database.read() as connection:
            rows = connection.execute(_BUSY, {"person": self._person, **_around(window)}).all()
        return [a_span(row[2], row[3]) for row in rows if row[0] not in left_out and row[1] not in left_out]

    def same_time(self, start: datetime, end: datetime) -> list[Booking]:
        """Every present appointment with exactly these times (whole seconds), by id."""
        where = (
            bookings.c.gone_at.is_(None),
            bookings.c.start == codec.seconds(start),
            bookings.c.end == codec.seconds(end),
        )
        return self._load(self._query(*where).order_by(bookings.c.id))

    def interviews(
        self, since: datetime, until: datetime, *, include_gone: bool = False
    ) -> list[tuple[Booking, Recognition, str]]:
        """Appointments recognised as interviews that overlap [since, until), by start, with their account.

        Twins are left out. The account is that of a full calendar that shows it, else of a mail, else of any.
        """
        query = _INTERVIEWS if include_gone else _PRESENT_INTERVIEWS
        values = {"person": self._person, "until": codec.seconds(until), "since": codec.seconds(since)}
        with self._database.read() as connection:
            rows = connection.execute(query, values).all()
            loaded = load_bookings(connection, self._person, rows)
        return [
            (booking, codec.from_json(Recognition, row.recognition), account_of(booking))
            for row, booking in zip(rows, loaded, strict=True)
        ]

    def matching(self, text: str, *, since: datetime | None = None) -> list[Booking]:
        """What an EVENT argument may mean: our id, else a uid, else a piece of title; at most 50, by start.

        ``since`` leaves out titles of what ended before. Gone appointments are found by id and uid only.
        """
        wanted = text.strip()
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
            found = self.booking_list([int(wanted)])
            if found:
                return found
        if not wanted:
            return []
        by_uid = self.of_uid(wanted)[:_MOST_MATCHES]
        if by_uid:
            return by_uid
        where = [
            bookings.c.gone_at.is_(None),
            bookings.c.title.contains(codec.column(wanted.casefold()), autoescape=True),
        ]
        if since is not None:
            where.append(bookings.c.end > codec.seconds(since))
        return self._load(self._query(*where).order_by(bookings.c.start, bookings.c.id).limit(_MOST_MATCHES))

    def unassessed(self, limit: int = 1000) -> list[int]:
        """Ids of present appointments that were never looked at by recognition."""
        query = (
            select(bookings.c.id)
            .where(bookings.c.person == self._person, bookings.c.recognised.is_(None), bookings.c.gone_at.is_(None))
            .limit(limit)
        )
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def recognition(self, booking_id: int) -> Recognition | None:
        """What was last made of an appointment; ``None`` until it was assessed."""
        with self._database.read() as connection:
            row = connection.execute(_RECOGNITION, self._one(booking_id)).one_or_none()
        return None if row is None or row[1] is None else codec.from_json(Recognition, row[1])

    def set_recognition(self, booking_id: int, recognition: Recognition | None) -> None:
        """Keeps what recognition made of an appointment; ``None`` asks for a new look. Equal values write nothing."""
        text = None if recognition is None else codec.to_json(Recognition, recognition)
        flag = None if recognition is None else recognition.is_interview
        with self._database.write() as connection:
            present = connection.execute(_RECOGNITION, self._one(booking_id)).one_or_none()
            if present is None:
                raise NotFound(f"there is no event {booking_id}")
            if tuple(present) != (flag, text):
                self._set(connection, booking_id, recognised=flag, recognition=text)

    def facts(self, booking_id: int) -> BookingFacts:
        """When it was first seen, went, left the calendars, and what the pipeline noted; raises NotFound."""
        with self._database.read() as connection:
            row = connection.execute(_FACTS, self._one(booking_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no event {booking_id}")
        return BookingFacts(
            id=booking_id,
            first_seen=codec.moment(row.first_seen),
            gone_at=codec.optional_moment(row.gone_at),
            left_calendars_at=codec.optional_moment(row.left_calendars_at),
            recognised=row.recognised,
            snapshot=None if row.snapshot is None else json.loads(row.snapshot),
        )

    def first_seen(self, booking_ids: Iterable[int]) -> dict[int, datetime]:
        """When each of these bookings was first seen; unknown ids are left out."""
        found: dict[int, datetime] = {}
        with self._database.read() as connection:
            for chunk in chunks(sorted(set(booking_ids))):
                rows = connection.execute(_FIRST_SEEN, {"person": self._person, "bookings": chunk})
                found.update((row.id, codec.moment(row.first_seen)) for row in rows)
        return found

    def set_snapshot(self, booking_id: int, snapshot: dict[str, Any] | None) -> None:
        """Notes how an appointment looked (plain JSON values); equal values write nothing."""
        text = None if snapshot is None else codec.plain_json(snapshot)
        with self._database.write() as connection:
            if self.facts(booking_id).snapshot != snapshot:
                self._set(connection, booking_id, snapshot=text)

    def ahead(self, now: datetime) -> int:
        """How many interviews are still to come."""
        query = select(func.count()).where(
            bookings.c.person == self._person,
            bookings.c.recognised.is_(True),
            bookings.c.gone_at.is_(None),
            bookings.c.twin_of.is_(None),
            bookings.c.start > codec.seconds(now),
        )
        with self._database.read() as connection:
            return int(connection.scalar(query) or 0)

    def count(self) -> int:
        """How many present appointments are known at all."""
        query = select(func.count()).where(bookings.c.person == self._person, bookings.c.gone_at.is_(None))
        with self._database.read() as connection:
            return int(connection.scalar(query) or 0)

    def mark_dirty(self, booking_ids: Iterable[int] = (), spans: Iterable[Span] = ()) -> None:
        """Asks for another assessment of these appointments, and of interviews that touch these times."""
        rows = [{"booking_id": i, "start": None, "end": None} for i in sorted(set(booking_ids))]
        rows += [
            {"booking_id": None, "start": codec.seconds(s.start), "end": codec.seconds(s.end)}
            for s in sorted(set(spans))
        ]
        if rows:
            with self._database.write() as connection:
                connection.execute(insert(dirty), [{"person": self._person, **row} for row in rows])

    def take_dirty(self) -> Dirty:
        """Everything marked so far; it stays marked until ``clear_dirty`` gets the token back."""
        with self._database.read() as connection:
            rows = connection.execute(_DIRTY, {"person": self._person}).all()
        return Dirty(
            booking_ids=frozenset(row.booking_id for row in rows if row.booking_id is not None),
            spans=tuple(a_span(*time) for time in sorted({(r.start, r.end) for r in rows if r.booking_id is None})),
            token=max((row.id for row in rows), default=0),
        )

    def clear_dirty(self, token: int) -> None:
        """Clears what ``take_dirty`` gave with this token; what was marked since stays."""
        with self._database.write() as connection:
            connection.execute(_CLEAN, {"person": self._person, "token": token})

    def _one(self, booking_id: int) -> dict[str, Any]:
        return {"person": self._person, "booking": booking_id}

    def _set(self, connection: Connection, booking_id: int, **columns: Any) -> None:
        connection.execute(
            update(bookings).where(bookings.c.person == self._person, bookings.c.id == booking_id).values(columns)
        )

    def _query(self, *where: ColumnElement[bool]) -> Select[Any]:
        return select(*BOOKING_COLUMNS).where(bookings.c.person == self._person, *where)

    def _load(self, query: Select[Any], **values: Any) -> list[Booking]:
        with self._database.read() as connection:
            rows = connection.execute(query, {"person": self._person, **values}).all()
            return load_bookings(connection, self._person, rows)


def account_of(booking: Booking) -> str:
    """The account that deals with an appointment: a full calendar's, else a mail's, else any that shows it."""

    def preference(sighting: Any) -> tuple[bool, bool]:
        return sighting.busy_account, sighting.source is not Source.CALENDAR

    return min(booking.sightings, key=preference).account if booking.sightings else ""


def _around(span: Span) -> dict[str, int]:
    """The values of ``_overlapping``."""
    start = codec.seconds(span.start)
    return {"since": start, "until": codec.seconds(span.end), "earliest": start - int(LONG.total_seconds())}


def _uid(uid: str) -> str:
    return codec.column(normal_uid(uid))
