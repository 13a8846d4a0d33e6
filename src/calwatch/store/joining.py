"""Sightings joined into bookings as they are written: one per (uid, recurrence id), twins pointing to theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from calwatch.model.booking import Sighting, Source
from calwatch.model.event import Response
from calwatch.model.ledger import Applied
from calwatch.model.message import Method
from calwatch.store import codec
from calwatch.store.rows import (
    BOOKING_COLUMNS,
    CHUNK,
    a_span,
    booking_columns,
    chunks,
    event_from_text,
    event_to_text,
    load_bookings,
    load_sightings,
)
from calwatch.store.tables import bookings, sightings
from calwatch.store.twins import twins_among
from calwatch.watch.bookings import normal_uid, strongest

_TWIN_LIMIT = 100
"""How many bookings at exactly one time are compared with each other; the work grows with the square."""

_ANSWERS = frozenset({Method.REPLY, Method.COUNTER, Method.DECLINECOUNTER})
"""Mails that speak of an appointment without making one: when nothing else is left, it is gone."""


class Key(NamedTuple):
    """What makes sightings one booking. ``""`` stands for no recurrence id."""

    uid: str
    recurrence_id: str


class Place(NamedTuple):
    """The resource a sighting was read from."""

    account: str
    source: Source
    calendar: str
    ref: str


class _Known(NamedTuple):
    id: int
    booking_id: int
    digest: bytes


@dataclass(slots=True)
class _Effect:
    """What one writing touched so far."""

    ids: set[int] = field(default_factory=set)
    times: set[tuple[int, int]] = field(default_factory=set)
    left_calendar: set[int] = field(default_factory=set)  # bookings that lost a calendar sighting


def key_of(sighting: Sighting) -> Key:
    """The joining key; an event without a uid stands for itself by its resource."""
    event = sighting.event
    uid = normal_uid(event.uid) or f"{sighting.account}/{sighting.calendar}/{event.ref}"
    return Key(codec.column(uid), event.recurrence_id or "")


def _steady(sighting: Sighting) -> tuple[str, str, str, str]:
    """The order of ``rows.load_sightings``: of equals, the same one must win whenever a booking is joined."""
    return sighting.account, sighting.source, codec.column(sighting.calendar), codec.column(sighting.event.ref)


class Joiner:
    """Writes the sightings of resources in one transaction, with their bookings; ``finish`` joins the twins."""

    def __init__(self, connection: Connection, person: str, now: datetime) -> None:
        self._connection = connection
        self._person = person
        self._now = codec.seconds(now)
        self._effect = _Effect()

    def replace(self, account: str, source: Source, calendar: str, read: Mapping[str, Sequence[Sighting]]) -> None:
        """Makes ``read`` (ref → its sightings now) everything known of those refs; equal rows are not written."""
        for chunk in chunks(read):
            self._replace(account, source, calendar, {ref: read[ref] for ref in chunk})

    def finish(self) -> Applied:
        """Joins twins where times changed and tells what was touched."""
        self._join_twins()
        return Applied(
            booking_ids=frozenset(self._effect.ids), spans=tuple(a_span(*time) for time in sorted(self._effect.times))
        )

    def _replace(self, account: str, source: Source, calendar: str, read: Mapping[str, Sequence[Sighting]]) -> None:
        place = Place(account, source, codec.column(calendar), "")
        wanted: dict[tuple[str, Key], Sighting] = {}
        for ref, seen in read.items():
            for sighting in seen:
                wanted.setdefault((codec.column(ref), key_of(sighting)), sighting)
        known = self._known(place, [codec.column(ref) for ref in read])
        rows = {target: self._row(place, target, sighting) for target, sighting in wanted.items()}
        changed = [t for t, row in rows.items() if t in known and known[t].digest != row["digest"]]
        new = [target for target in rows if target not in known]
        lost = [known[target] for target in known if target not in rows]
        ids = self._bookings({target[1] for target in new})
        fresh = self._make_bookings({t: wanted[t] for t in new if t[1] not in ids})
        affected = {known[t].booking_id for t in changed} | {k.booking_id for k in lost}
        affected |= {ids[t[1]] for t in new if t[1] in ids}
        self._write(rows, changed, [(t, (ids | fresh)[t[1]]) for t in new], lost, known)
        self._effect.ids |= affected | set(fresh.values())
        if source is Source.CALENDAR:
            self._effect.left_calendar |= {k.booking_id for k in lost}
        self._rejoin(affected)

    def _known(self, place: Place, refs: Sequence[str]) -> dict[tuple[str, Key], _Known]:
        query = select(
            sightings.c.ref,
            sightings.c.uid,
            sightings.c.recurrence_id,
            sightings.c.id,
            sightings.c.booking_id,
            sightings.c.digest,
        ).where(
            sightings.c.person == self._person,
            sightings.c.account == place.account,
            sightings.c.source == place.source.value,
            sightings.c.calendar == place.calendar,
            sightings.c.ref.in_(refs),
        )
        return {(row[0], Key(row[1], row[2])): _Known(*row[3:]) for row in self._connection.execute(query)}

    def _row(self, place: Place, target: tuple[str, Key], sighting: Sighting) -> dict[str, Any]:
        text = event_to_text(sighting.event)
        return {
            "person": self._person,
            "account": place.account,
            "source": place.source.value,
            "calendar": place.calendar,
            "ref": target[0],
            "uid": target[1].uid,
            "recurrence_id": target[1].recurrence_id,
            "method": sighting.method,
            "busy_account": sighting.busy_account,
            "digest": codec.digest(f"{sighting.method}\n{sighting.busy_account}\n{text}"),
            "event": text,
        }

    def _bookings(self, keys: Collection[Key]) -> dict[Key, int]:
        found: dict[Key, int] = {}
        for chunk in chunks(sorted({key.uid for key in keys})):
            query = select(bookings.c.uid, bookings.c.recurrence_id, bookings.c.id).where(
                bookings.c.person == self._person, bookings.c.uid.in_(chunk)
            )
            found.update({Key(row[0], row[1]): row[2] for row in self._connection.execute(query)})
        return {key: found[key] for key in keys if key in found}

    def _make_bookings(self, new: Mapping[tuple[str, Key], Sighting]) -> dict[Key, int]:
        grouped: dict[Key, list[Sighting]] = {}
        for (_ref, key), sighting in new.items():
            grouped.setdefault(key, []).append(sighting)
        if not grouped:
            return {}
        rows = []
        for key, seen in grouped.items():
            columns = booking_columns(strongest(sorted(seen, key=_steady)), left_calendars=False)
            self._effect.times.add((columns["start"], columns["end"]))
            rows.append(
                {
                    "person": self._person,
                    "uid": key.uid,
                    "recurrence_id": key.recurrence_id,
                    "first_seen": self._now,
                    **columns,
                }
            )
        self._connection.execute(insert(bookings), rows)
        return self._bookings(grouped)

    def _write(
        self,
        rows: Mapping[tuple[str, Key], dict[str, Any]],
        changed: Sequence[tuple[str, Key]],
        new: Sequence[tuple[tuple[str, Key], int]],
        lost: Sequence[_Known],
        known: Mapping[tuple[str, Key], _Known],
    ) -> None:
        if changed:
            self._connection.execute(
                update(sightings)
                .where(sightings.c.id == bindparam("row_id"))
                .values({name: bindparam(name) for name in ("method", "busy_account", "digest", "event")}),
                [
                    {"row_id": known[t].id, **{n: rows[t][n] for n in ("method", "busy_account", "digest", "event")}}
                    for t in changed
                ],
            )
        if new:
            self._connection.execute(insert(sightings), [{**rows[t], "booking_id": booking} for t, booking in new])
        for chunk in chunks(lost):
            self._connection.execute(delete(sightings).where(sightings.c.id.in_([row.id for row in chunk])))

    def _rejoin(self, ids: Iterable[int]) -> None:
        """Recomputes existing bookings from their sightings; writes only those that differ."""
        for chunk in chunks(sorted(ids)):
            query = select(
                bookings.c.id,
                bookings.c.start,
                bookings.c.end,
                bookings.c.digest,
                bookings.c.gone_at,
                bookings.c.left_calendars_at,
                bookings.c.recurrence_id,
                bookings.c.ref,
                bookings.c.event,
            ).where(bookings.c.person == self._person, bookings.c.id.in_(chunk))
            seen = load_sightings(self._connection, self._person, chunk)
            for row in self._connection.execute(query).all():
                self._effect.times.add((row.start, row.end))
                values = self._rejoined(row, seen[row.id])
                if values:
                    self._connection.execute(update(bookings).where(bookings.c.id == row.id).values(values))
                    self._effect.times.add((values.get("start", row.start), values.get("end", row.end)))

    def _rejoined(self, row: Any, seen: Sequence[Sighting]) -> dict[str, Any]:
        """The columns of one booking that must change; empty when none."""
        if not any(sighting.method not in _ANSWERS for sighting in seen):
            left = self._now if row.id in self._effect.left_calendar else row.left_calendars_at
            if _said_no(seen):
                declined = replace(event_from_text(row.event, row.ref, ""), response=Response.DECLINED)
                return {**booking_columns(declined, left_calendars=True), "gone_at": None, "left_calendars_at": left}
            return {"gone_at": self._now, "left_calendars_at": left, "busy": False, "twin_of": None}
        on_calendar = any(sighting.source is Source.CALENDAR for sighting in seen)
        values: dict[str, Any] = {}
        left = row.left_calendars_at
        if on_calendar:
            left = None
        elif left is None and row.id in self._effect.left_calendar:
            left = self._now
        columns = booking_columns(strongest(seen), left_calendars=left is not None)
        if columns["digest"] != row.digest or row.gone_at is not None:
            values.update(columns)
        if row.gone_at is not None:
            values["gone_at"] = None
        if left != row.left_calendars_at:
            values["left_calendars_at"] = left
        return values

    def _join_twins(self) -> None:
        """Within each touched time, points the copies of an appointment to it and lets go of former copies."""
        for times in chunks(sorted(self._crowded(self._effect.times))):
            groups: dict[tuple[int, int], list[Any]] = {time: [] for time in times}
            query = (
                select(bookings.c.start, bookings.c.end, *BOOKING_COLUMNS)
                .where(
                    bookings.c.person == self._person,
                    bookings.c.gone_at.is_(None),
                    bookings.c.start.in_({start for start, _end in times}),
                )
                .order_by(bookings.c.id)
            )
            for row in self._connection.execute(query):
                if (row.start, row.end) in groups:
                    groups[row.start, row.end].append(row)
            for group in groups.values():
                members = load_bookings(self._connection, self._person, group[:_TWIN_LIMIT])
                for member, original in twins_among(members):
                    if member.twin_of != original:
                        self._connection.execute(
                            update(bookings).where(bookings.c.id == member.id).values(twin_of=original)
                        )
                        self._effect.ids.add(member.id)

    def _crowded(self, times: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
        """The touched times that hold several bookings, or one that still points to a former twin."""
        query = (
            select(bookings.c.start, bookings.c.end)
            .where(bookings.c.person == self._person, bookings.c.gone_at.is_(None))
            .group_by(bookings.c.start, bookings.c.end)
            .having((func.count() > 1) | (func.count(bookings.c.twin_of) > 0))
        )
        if len(times) <= CHUNK:  # by start alone: for pairs SQLite reads the whole index
            query = query.where(bookings.c.start.in_({start for start, _end in times}))
        return {(row[0], row[1]) for row in self._connection.execute(query)} & set(times)


def _said_no(seen: Sequence[Sighting]) -> bool:
    """Whether the person's own answer is all that is left: Outlook takes what they decline out of the calendar."""
    return any(s.method == Method.REPLY and s.event.response is Response.DECLINED for s in seen)
