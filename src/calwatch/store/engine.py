"""The one place that talks to SQLite: connections, transactions, counters, and errors translated into our names.

Every write runs in BEGIN IMMEDIATE, because a deferred transaction that upgrades fails at once with
SQLITE_BUSY_SNAPSHOT whatever the timeout; ``synchronous=FULL``, because NORMAL loses acknowledged commits in a power
cut.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import QueuePool, StaticPool

from calwatch.errors import CalwatchError, NotFound, Retry, Stop, StoreDamaged

_WRITING = "calwatch_writing"
_PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
    "PRAGMA temp_store=MEMORY",  # spilled rows are personal data too
    "PRAGMA secure_delete=FAST",  # what is dropped is gone from the pages as well
    "PRAGMA cell_size_check=ON",
    "PRAGMA trusted_schema=OFF",
)


@dataclass(slots=True)
class Counters:
    """Work done so far; free of noise where timings are not."""

    statements: int = 0
    rows_written: int = 0


class Database:
    """One SQLite file (``path`` is ``None`` for an empty stand-in in memory), shared by all threads of this process."""

    def __init__(self, path: Path | None, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self.counters = Counters()
        self.engine = self._engine()
        self._local = threading.local()
        self._writer = threading.RLock()  # threads queue here; only other processes meet the busy timeout

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction; a nested one joins it. Raises Stop when the store was opened read-only."""
        joined: Connection | None = getattr(self._local, "writing", None)
        if joined is not None:
            yield joined
            return
        if self.read_only:
            raise Stop("the store was opened for reading only; nothing was changed")
        if getattr(self._local, "reading", None) is not None:
            raise RuntimeError("a write transaction cannot start inside a read transaction")
        with self._writer, self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITING: True})
            with connection.begin():
                self._local.writing = connection
                try:
                    yield connection
                finally:
                    self._local.writing = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; inside a write transaction, that transaction's own."""
        joined: Connection | None = getattr(self._local, "writing", None) or getattr(self._local, "reading", None)
        if joined is not None:
            yield joined
            return
        with self.engine.connect() as connection, connection.begin():
            self._local.reading = connection
            try:
                yield connection
            finally:
                self._local.reading = None

    def close(self) -> None:
        self.engine.dispose()

    def _engine(self) -> Engine:
        if self.path is None:
            engine = create_engine(
                "sqlite://",
                poolclass=StaticPool,
                connect_args={"check_same_thread": False},
                hide_parameters=True,
            )
        else:
            path = self.path
            engine = create_engine(
                "sqlite://",
                creator=lambda: connect(path, read_only=self.read_only),
                poolclass=QueuePool,
                pool_size=4,
                max_overflow=12,
                hide_parameters=True,  # an error may be logged, and the values are titles and letters
            )
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "handle_error", _translate)
        event.listen(engine, "after_cursor_execute", self._count)
        return engine

    def _count(
        self, _connection: Any, cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: Any
    ) -> None:
        self.counters.statements += 1
        if context is not None and (context.isinsert or context.isupdate or context.isdelete):
            self.counters.rows_written += max(cursor.rowcount, 0)


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A bare connection to an existing file; nothing is ever created here.

    A file in a folder we may not write to cannot have its WAL index made; without a journal lying beside it, it is then
    read as immutable.
    """
    uri = path.absolute().as_uri()
    if not read_only:
        return sqlite3.connect(f"{uri}?mode=rw", uri=True, check_same_thread=False, timeout=5)
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, check_same_thread=False, timeout=5)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        journal = path.with_name(path.name + "-wal")
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} or (
            journal.exists() and journal.stat().st_size
        ):
            raise
        connection = sqlite3.connect(f"{uri}?immutable=1", uri=True, check_same_thread=False)
    return connection


def translated(error: BaseException | None, path: Path | None) -> CalwatchError | None:
    """Our name for an error of SQLite, or ``None`` when it is not about the file (a broken constraint)."""
    if not isinstance(error, sqlite3.DatabaseError):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = path or "the database"
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Retry(f"{name} is busy: another calwatch process is writing; try again in a moment")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_FULL:
        return Stop(f"the disk that holds {name} is full; nothing is sent until there is room")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return Stop(f"{name} cannot be written to ({error}); check the permissions of its folder")
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}:
        return Stop(f"{name} cannot be used ({error}); check its disk and the permissions of its folder")
    return None


def damaged(path: Path | None, reason: str) -> StoreDamaged:
    """The error for a database that is not as it should be, with what to do."""
    return StoreDamaged(
        f"{path or 'the database'} is damaged ({reason}). Nothing was changed and nothing is sent. "
        "Keep a copy of the folder, then put back a backup (calwatch.db.before-v* beside it is one, if it is there)."
    )


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Said straight to SQLite, because SQLAlchemy's own way takes as long as answering a small question."""
    immediate = connection.get_execution_options().get(_WRITING)
    plain: Any = connection.connection.dbapi_connection
    try:
        plain.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")
    except sqlite3.DatabaseError as error:
        raise translated(error, None) or error from error


def _translate(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, OverflowError):  # more than 64 bits, such as in an address of the page
        raise NotFound("there is nothing with such a number") from context.original_exception
    ours = translated(context.original_exception, None)
    if ours is not None:
        raise ours from context.original_exception
