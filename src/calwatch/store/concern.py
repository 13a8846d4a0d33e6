"""What every object of the store is made of: the database, the person, and values kept beside index columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from calwatch.errors import NotFound, Rejected
from calwatch.store import codec
from calwatch.store.engine import Database

T = TypeVar("T")


class Concern:
    """One concern of one person's store."""

    def __init__(self, database: Database, person: str) -> None:
        self._database = database
        self._person = person

    def _calendar(self, table: Table, account: str, calendar: str) -> tuple[ColumnElement[bool], ...]:
        """The conditions that name one calendar of this person in a table."""
        return (
            table.c.person == self._person,
            table.c.account == account,
            table.c.calendar == codec.column(calendar),
        )


class Records(Concern, ABC, Generic[T]):
    """Frozen values with an ``id``, kept whole as JSON beside the columns one searches by.

    A subclass says how its columns follow from the value (``_columns``); they are derived on every write, so that the
    two cannot disagree.
    """

    _table: ClassVar[Table]
    _kind: ClassVar[type[Any]]
    _noun: ClassVar[str]

    def get(self, record_id: int) -> T:
        """One record of this person; raises NotFound."""
        found = self._find(self._table.c.id == record_id)
        if not found:
            raise NotFound(f"there is no {self._noun} {record_id}")
        return found[0]

    def some(self, ids: Iterable[int]) -> list[T]:
        """These records, in the order asked for; ids there are none for are left out."""
        wanted = list(ids)
        known = {cast("Any", record).id: record for record in self._find(self._table.c.id.in_(wanted))}
        return [known[number] for number in wanted if number in known]

    @abstractmethod
    def _columns(self, record: T) -> dict[str, Any]:
        """The columns one searches by."""

    def _find(self, *where: ColumnElement[bool], limit: int | None = None, newest_first: bool = False) -> list[T]:
        identity = self._table.c.id
        query = (
            select(identity, self._table.c.body)
            .where(self._table.c.person == self._person, *where)
            .order_by(identity.desc() if newest_first else identity)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows: Sequence[Any] = connection.execute(query).all()
        return [self._value(row.id, row.body) for row in rows]

    def _value(self, record_id: int, body: str) -> T:
        return cast("T", replace(codec.from_json(self._kind, body), id=record_id))

    def _add(self, connection: Connection, record: T) -> T:
        values = {"person": self._person, **self._columns(record), "body": codec.to_json(self._kind, record)}
        key = connection.execute(insert(self._table).values(**values)).inserted_primary_key
        if key is None:
            raise RuntimeError(f"the database gave no id for a new {self._noun}")
        return cast("T", replace(cast("Any", record), id=key[0]))

    def _put(self, connection: Connection, record: T, *unchanged: ColumnElement[bool]) -> T:
        """Writes a changed record if ``unchanged`` still holds of its row; otherwise raises Rejected."""
        record_id = cast("Any", record).id
        statement = (
            update(self._table)
            .where(self._table.c.person == self._person, self._table.c.id == record_id, *unchanged)
            .values(**self._columns(record), body=codec.to_json(self._kind, record))
        )
        if connection.execute(statement).rowcount != 1:
            raise Rejected(f"{self._noun} {record_id} changed in the meantime; look at it again")
        return record

    def _remove(self, connection: Connection, *where: ColumnElement[bool]) -> int:
        return connection.execute(delete(self._table).where(self._table.c.person == self._person, *where)).rowcount
