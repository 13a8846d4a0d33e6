"""What every object of the store is made of: the database, the person, and values kept beside index columns.

Statements that run often are built once, with ``bindparam`` where the values go: building one takes SQLAlchemy longer
than answering it takes SQLite.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)

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
        found = self._find(_is_it(self._table), id=record_id)
        if not found:
            raise NotFound(f"there is no {self._noun} {record_id}")
        return found[0]

    def some(self, ids: Iterable[int]) -> list[T]:
        """These records, in the order asked for; ids there are none for are left out."""
        wanted = list(ids)
        known = {cast("Any", record).id: record for record in self._find(_is_among(self._table), ids=wanted)}
        return [known[number] for number in wanted if number in known]

    @abstractmethod
    def _columns(self, record: T) -> dict[str, Any]:
        """The columns one searches by."""

    def _find(
        self, where: ColumnElement[bool] | None = None, *, limit: int = -1, newest_first: bool = False, **values: Any
    ) -> list[T]:
        """Those of this person for which ``where`` holds with ``values``; it is a constant, its statement is kept."""
        query = _looking(self._table, where, newest_first)
        with self._database.read() as connection:
            rows: Sequence[Any] = connection.execute(query, {"person": self._person, "limit": limit, **values}).all()
        return [self._value(row.id, row.body) for row in rows]

    def _value(self, record_id: int, body: str) -> T:
        return cast("T", replace(codec.from_json(self._kind, body), id=record_id))

    def _add(self, connection: Connection, record: T) -> T:
        values = {"person": self._person, **self._columns(record), "body": codec.to_json(self._kind, record)}
        key = connection.execute(_adding(self._table), values).inserted_primary_key
        if key is None:
            raise RuntimeError(f"the database gave no id for a new {self._noun}")
        return cast("T", replace(cast("Any", record), id=key[0]))

    def _put(self, connection: Connection, record: T, unchanged: ColumnElement[bool] | None = None, **was: Any) -> T:
        """Writes a changed record if ``unchanged`` (a constant) still holds of its row with the values it ``was`` of;
        otherwise raises Rejected."""
        record_id = cast("Any", record).id
        values = {**self._columns(record), "body": codec.to_json(self._kind, record)}
        which = {"of_person": self._person, "of_id": record_id, **was}
        if connection.execute(_changing(self._table, unchanged), {**values, **which}).rowcount != 1:
            raise Rejected(f"{self._noun} {record_id} changed in the meantime; look at it again")
        return record

    def _remove(self, connection: Connection, *where: ColumnElement[bool]) -> int:
        return connection.execute(delete(self._table).where(self._table.c.person == self._person, *where)).rowcount


@cache
def _is_it(table: Table) -> ColumnElement[bool]:
    return table.c.id == bindparam("id")


@cache
def _is_among(table: Table) -> ColumnElement[bool]:
    return table.c.id.in_(bindparam("ids", expanding=True))


@cache
def _looking(table: Table, where: ColumnElement[bool] | None, newest_first: bool) -> Select[Any]:
    identity = table.c.id
    query = select(identity, table.c.body).where(table.c.person == bindparam("person")).limit(bindparam("limit"))
    if where is not None:
        query = query.where(where)
    return query.order_by(identity.desc() if newest_first else identity)


@cache
def _adding(table: Table) -> Insert:
    return insert(table)


@cache
def _changing(table: Table, unchanged: ColumnElement[bool] | None) -> Update:
    statement = update(table).where(table.c.person == bindparam("of_person"), table.c.id == bindparam("of_id"))
    return statement if unchanged is None else statement.where(unchanged)
