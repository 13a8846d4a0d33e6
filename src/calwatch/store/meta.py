"""Small things by name: notes of the service, the person's corrections, and sources that could not be read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from calwatch.model.ledger import Quarantined
from calwatch.store import codec
from calwatch.store.concern import Concern
from calwatch.store.tables import marks, meta, quarantine
from calwatch.watch.bookings import normal_uid

_INTERVIEW = "interview"
_COVER = "cover"

_VALUE = select(meta.c.value).where(meta.c.person == bindparam("person"), meta.c.key == bindparam("key"))


class Meta(Concern):
    """``store.meta``: named JSON values."""

    def get(self, key: str, default: Any = None) -> Any:
        """The value kept under a name."""
        with self._database.read() as connection:
            text = connection.scalar(_VALUE, {"person": self._person, "key": key})
        return default if text is None else json.loads(text)

    def beginning(self, prefix: str) -> dict[str, Any]:
        """Every value whose name begins so, by its whole name."""
        query = select(meta.c.key, meta.c.value).where(
            meta.c.person == self._person, meta.c.key >= prefix, meta.c.key < prefix + "\U0010ffff"
        )
        with self._database.read() as connection:
            return {row.key: json.loads(row.value) for row in connection.execute(query)}

    def set(self, key: str, value: Any) -> None:
        """Keeps a plain JSON value under a name; an equal one writes nothing."""
        text = codec.plain_json(value)
        with self._database.write() as connection:
            present = connection.scalar(_VALUE, {"person": self._person, "key": key})
            if present is None:
                connection.execute(insert(meta).values(person=self._person, key=key, value=text))
            elif present != text:
                connection.execute(
                    update(meta).where(meta.c.person == self._person, meta.c.key == key).values(value=text)
                )

    def delete(self, key: str) -> None:
        """Forgets a name; an unknown one is fine."""
        with self._database.write() as connection:
            connection.execute(delete(meta).where(meta.c.person == self._person, meta.c.key == key))


class Marks(Concern):
    """``store.marks``: what the person said about an event, by uid, for good (every occurrence of a series alike)."""

    def mark(self, uid: str, is_interview: bool, *, now: datetime) -> None:
        """The person's word that this is, or is not, an interview of theirs."""
        self._set(_INTERVIEW, uid, value=is_interview, now=now)

    def get(self, uid: str) -> bool | None:
        """The person's word on one event; ``None`` when they said nothing."""
        where = (marks.c.person == self._person, marks.c.kind == _INTERVIEW, marks.c.uid == _uid(uid))
        with self._database.read() as connection:
            return connection.scalar(select(marks.c.value).where(*where))

    def all(self) -> dict[str, bool]:
        """Every normalised uid the person marked."""
        return self._all(_INTERVIEW)

    def clear(self, uid: str) -> None:
        """Takes the person's word back."""
        with self._database.write() as connection:
            connection.execute(
                delete(marks).where(
                    marks.c.person == self._person, marks.c.kind == _INTERVIEW, marks.c.uid == _uid(uid)
                )
            )

    def set_cover(self, uid: str, *, now: datetime) -> None:
        """The person's word that this block is their own cover for an interview."""
        self._set(_COVER, uid, value=True, now=now)

    def covers(self) -> frozenset[str]:
        """Normalised uids of the blocks the person called their own cover."""
        return frozenset(self._all(_COVER))

    def _set(self, kind: str, uid: str, *, value: bool, now: datetime) -> None:
        where = (marks.c.person == self._person, marks.c.kind == kind, marks.c.uid == _uid(uid))
        with self._database.write() as connection:
            present = connection.scalar(select(marks.c.value).where(*where))
            if present is None:
                row = {"person": self._person, "kind": kind, "uid": _uid(uid), "value": value, "at": codec.seconds(now)}
                connection.execute(insert(marks).values(row))
            elif present != value:
                connection.execute(update(marks).where(*where).values(value=value, at=codec.seconds(now)))

    def _all(self, kind: str) -> dict[str, bool]:
        query = select(marks.c.uid, marks.c.value).where(marks.c.person == self._person, marks.c.kind == kind)
        with self._database.read() as connection:
            return {codec.uncolumn(row[0]): row[1] for row in connection.execute(query)}


class Quarantine(Concern):
    """``store.quarantine``: sources that could not be read, shown in ``status`` until they can."""

    def put(self, source: str, reason: str, *, now: datetime) -> None:
        """Names a source and why; the same again writes nothing and keeps its first date."""
        where = (quarantine.c.person == self._person, quarantine.c.source == codec.column(source))
        kept = codec.column(reason)
        with self._database.write() as connection:
            present = connection.scalar(select(quarantine.c.reason).where(*where))
            if present is None:
                row = {"person": self._person, "source": codec.column(source), "reason": kept}
                connection.execute(insert(quarantine).values(**row, since=codec.seconds(now)))
            elif present != kept:
                connection.execute(update(quarantine).where(*where).values(reason=kept))

    def clear(self, source: str) -> bool:
        """The source can be read again, or is gone; tells whether it was in quarantine."""
        where = (quarantine.c.person == self._person, quarantine.c.source == codec.column(source))
        with self._database.write() as connection:
            return connection.execute(delete(quarantine).where(*where)).rowcount > 0

    def all(self) -> list[Quarantined]:
        """Everything that cannot be read at present, by name."""
        query = select(quarantine).where(quarantine.c.person == self._person).order_by(quarantine.c.source)
        with self._database.read() as connection:
            return [
                Quarantined(
                    source=codec.uncolumn(row.source),
                    reason=codec.uncolumn(row.reason),
                    since=codec.moment(row.since),
                )
                for row in connection.execute(query)
            ]


def _uid(uid: str) -> str:
    return codec.column(normal_uid(uid))
