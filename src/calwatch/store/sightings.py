"""What each calendar showed last: cursors, the refs and etags read, and the sightings, written by the change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from calwatch.model.booking import Sighting, Source
from calwatch.model.event import Event
from calwatch.model.ledger import Applied
from calwatch.model.span import Span
from calwatch.store import codec
from calwatch.store.concern import Concern
from calwatch.store.joining import Joiner
from calwatch.store.rows import chunks, time_only
from calwatch.store.tables import bookings, cursors, resources, sightings

_CURSOR = select(cursors.c.cursor, cursors.c.window_start, cursors.c.window_end).where(
    cursors.c.person == bindparam("person"),
    cursors.c.account == bindparam("account"),
    cursors.c.calendar == bindparam("calendar"),
)
_SHOWN_BY = select(sightings.c.booking_id).where(
    sightings.c.person == bindparam("person"),
    sightings.c.account == bindparam("account"),
    sightings.c.source == Source.CALENDAR.value,
    sightings.c.calendar == bindparam("calendar"),
    sightings.c.ref == bindparam("ref"),
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as it was read: ``events`` are all its occurrences inside the window, possibly none."""

    ref: str
    etag: str
    events: tuple[Event, ...]


class Sightings(Concern):
    """``store.sightings``: the calendars' side of what was seen."""

    def cursor(self, account: str, calendar: str) -> tuple[str, Span | None] | None:
        """The last cursor of a calendar and the window it was read for; ``None`` before the first reading."""
        with self._database.read() as connection:
            row = connection.execute(_CURSOR, self._key(account, calendar)).one_or_none()
        if row is None:
            return None
        window = None if row[1] is None else Span(codec.moment(row[1]), codec.moment(row[2]))
        return row[0], window

    def set_cursor(self, account: str, calendar: str, cursor: str, window: Span | None = None) -> None:
        """Remembers where to read on (window to whole seconds); writes nothing when it is what is known."""
        values = {
            "cursor": cursor,
            "window_start": None if window is None else codec.seconds(window.start),
            "window_end": None if window is None else codec.seconds(window.end),
        }
        with self._database.write() as connection:
            key = self._key(account, calendar)
            row = connection.execute(_CURSOR, key).one_or_none()
            if row is None:
                connection.execute(insert(cursors).values(**key, **values))
            elif tuple(row) != tuple(values.values()):
                where = self._calendar(cursors, account, calendar)
                connection.execute(update(cursors).where(*where).values(**values))

    def forget_cursor(self, account: str, calendar: str) -> None:
        """The next reading is a full one; what is known stays, to be diffed against it."""
        with self._database.write() as connection:
            connection.execute(delete(cursors).where(*self._calendar(cursors, account, calendar)))

    def calendars(self) -> list[tuple[str, str]]:
        """Every (account, calendar) that something is known of."""
        query = (
            select(resources.c.account, resources.c.calendar).where(resources.c.person == self._person).distinct()
        ).union(select(cursors.c.account, cursors.c.calendar).where(cursors.c.person == self._person))
        with self._database.read() as connection:
            return sorted((row[0], codec.uncolumn(row[1])) for row in connection.execute(query))

    def known(self, account: str, calendar: str, prefix: str = "") -> dict[str, str]:
        """Every resource of a calendar, or those whose ref starts with ``prefix`` (ASCII), as ref → etag."""
        query = select(resources.c.ref, resources.c.etag).where(*self._calendar(resources, account, calendar))
        if prefix:  # a range and no LIKE: the primary key finds it, and "_" is only itself
            query = query.where(resources.c.ref >= prefix, resources.c.ref < prefix + "\x7f")
        with self._database.read() as connection:
            return {codec.uncolumn(row[0]): row[1] for row in connection.execute(query)}

    def known_among(self, account: str, calendar: str, refs: Iterable[str]) -> set[str]:
        """Those of ``refs`` that are known resources of a calendar."""
        where = self._calendar(resources, account, calendar)
        found: set[str] = set()
        with self._database.read() as connection:
            for chunk in chunks(refs):
                query = select(resources.c.ref).where(*where, resources.c.ref.in_([codec.column(r) for r in chunk]))
                found |= {codec.uncolumn(ref) for ref in connection.scalars(query)}
        return found

    def shown(self, account: str, calendar: str, window: Span, refs: Iterable[str] | None = None) -> set[str]:
        """The resources (all, or those among ``refs``) with an occurrence that touches ``window``."""
        query = (
            select(sightings.c.ref)
            .distinct()
            .join(bookings, bookings.c.id == sightings.c.booking_id)
            .where(
                sightings.c.person == self._person,
                sightings.c.account == account,
                sightings.c.source == Source.CALENDAR.value,
                sightings.c.calendar == codec.column(calendar),
                bookings.c.end > codec.seconds(window.start),
                bookings.c.start < codec.seconds(window.end),
            )
        )
        with self._database.read() as connection:
            if refs is None:
                return {codec.uncolumn(ref) for ref in connection.scalars(query)}
            found: set[str] = set()
            for chunk in chunks(refs):
                among = query.where(sightings.c.ref.in_([codec.column(ref) for ref in chunk]))
                found |= {codec.uncolumn(ref) for ref in connection.scalars(among)}
            return found

    def apply(
        self,
        account: str,
        calendar: str,
        resources_read: Iterable[Resource] = (),
        *,
        now: datetime,
        gone: Iterable[str] = (),
        listed: Collection[str] | None = None,
        busy_account: bool = False,
    ) -> Applied:
        """Writes what changed in one calendar, in one transaction, and tells which bookings and times it concerns.

        Each resource in ``resources_read`` replaces everything known of its ref; ``gone`` refs are dropped. ``listed``
        is a complete listing: refs that are known but neither in it nor in ``resources_read`` are dropped too. Of a
        busy account only times are kept. Resources equal to what is known write no row.
        """
        with self._database.write() as connection:
            joiner = Joiner(connection, self._person, now)
            kept: set[str] = set()
            for chunk in chunks(resources_read):
                kept |= {resource.ref for resource in chunk}
                self._write_etags(connection, account, calendar, {r.ref: r.etag for r in chunk})
                read = {r.ref: self._sightings(account, calendar, r, busy_account=busy_account) for r in chunk}
                joiner.replace(account, Source.CALENDAR, calendar, read)
            dropped = set(gone)
            if listed is not None:
                dropped |= self.known(account, calendar).keys() - set(listed)
            self._drop(connection, joiner, account, calendar, dropped - kept)
            return joiner.finish()

    def put_resource(
        self,
        account: str,
        calendar: str,
        ref: str,
        etag: str,
        events: Sequence[Event],
        busy_account: bool = False,
        *,
        now: datetime,
    ) -> Applied:
        """Replaces everything known of one resource."""
        resource = Resource(ref, etag, tuple(events))
        return self.apply(account, calendar, [resource], now=now, busy_account=busy_account)

    def drop_resource(self, account: str, calendar: str, ref: str, *, now: datetime) -> Applied:
        """Forgets one resource; its bookings stay, flagged gone when nothing else shows them."""
        return self.apply(account, calendar, now=now, gone=[ref])

    def drop_calendar(self, account: str, calendar: str, *, now: datetime) -> Applied:
        """Forgets a calendar that is no longer configured, with its cursor."""
        with self._database.write():
            self.forget_cursor(account, calendar)
            return self.apply(account, calendar, now=now, listed=())

    def set_etags(self, account: str, calendar: str, etags: dict[str, str]) -> None:
        """Notes new etags of resources whose events were not touched; unknown refs become known, without events."""
        with self._database.write() as connection:
            for chunk in chunks(etags):
                self._write_etags(connection, account, calendar, {ref: etags[ref] for ref in chunk})

    def booking_ids(self, account: str, calendar: str, ref: str) -> list[int]:
        """The bookings one resource shows, such as the hold an effect made."""
        place = {**self._key(account, calendar), "ref": codec.column(ref)}
        with self._database.read() as connection:
            return sorted(set(connection.scalars(_SHOWN_BY, place)))

    def _key(self, account: str, calendar: str) -> dict[str, str]:
        return {"person": self._person, "account": account, "calendar": codec.column(calendar)}

    def _sightings(self, account: str, calendar: str, resource: Resource, *, busy_account: bool) -> list[Sighting]:
        events = [time_only(event) for event in resource.events] if busy_account else resource.events
        return [
            Sighting(
                account=account,
                source=Source.CALENDAR,
                calendar=calendar,
                event=event if event.ref == resource.ref else replace(event, ref=resource.ref),
                busy_account=busy_account,
            )
            for event in events
        ]

    def _write_etags(self, connection: Connection, account: str, calendar: str, etags: dict[str, str]) -> None:
        where = self._calendar(resources, account, calendar)
        wanted = {codec.column(ref): codec.column(etag) for ref, etag in etags.items()}
        query = select(resources.c.ref, resources.c.etag).where(*where, resources.c.ref.in_(list(wanted)))
        known = {row[0]: row[1] for row in connection.execute(query)}
        key = self._key(account, calendar)
        new = [{**key, "ref": ref, "etag": etag} for ref, etag in wanted.items() if ref not in known]
        if new:
            connection.execute(insert(resources), new)
        changed = [{"at": ref, "now": etag} for ref, etag in wanted.items() if known.get(ref, etag) != etag]
        if changed:
            statement = (
                update(resources).where(*where, resources.c.ref == bindparam("at")).values(etag=bindparam("now"))
            )
            connection.execute(statement, changed)

    def _drop(self, connection: Connection, joiner: Joiner, account: str, calendar: str, refs: Collection[str]) -> None:
        where = self._calendar(resources, account, calendar)
        for chunk in chunks(sorted(refs)):
            joiner.replace(account, Source.CALENDAR, calendar, dict.fromkeys(chunk, ()))
            connection.execute(delete(resources).where(*where, resources.c.ref.in_([codec.column(r) for r in chunk])))
