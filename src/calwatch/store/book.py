"""One person's store: an object per concern, and the transactions that hold them together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType

from calwatch.store.bookings import Bookings
from calwatch.store.cases import Cases
from calwatch.store.drafts import Drafts
from calwatch.store.effects import Effects
from calwatch.store.engine import Counters, Database
from calwatch.store.history import History
from calwatch.store.mail import Mail
from calwatch.store.meta import Marks, Meta, Quarantine
from calwatch.store.pruning import Pruned, Pruning
from calwatch.store.questions import Questions
from calwatch.store.requests import Requests
from calwatch.store.sightings import Sightings


class Store:
    """Everything calwatch remembers for one person. Safe to use from several threads; ``close`` it at the end."""

    def __init__(self, database: Database, person: str) -> None:
        self._database = database
        self.person = person
        self.sightings = Sightings(database, person)
        self.bookings = Bookings(database, person)
        self.mail = Mail(database, person)
        self.cases = Cases(database, person)
        self.drafts = Drafts(database, person)
        self.effects = Effects(database, person)
        self.questions = Questions(database, person)
        self.requests = Requests(database, person)
        self.history = History(database, person)
        self.meta = Meta(database, person)
        self.marks = Marks(database, person)
        self.quarantine = Quarantine(database, person)

    @property
    def counters(self) -> Counters:
        """Statements and rows written through this store since it was opened."""
        return self._database.counters

    @property
    def read_only(self) -> bool:
        return self._database.read_only

    @contextmanager
    def write(self) -> Iterator[Store]:
        """One transaction (BEGIN IMMEDIATE): all of it is kept or nothing. Nested ones join the outer.

        Raises Retry when another process holds the database for more than 5 seconds. No network inside.
        """
        with self._database.write():
            yield self

    @contextmanager
    def read(self) -> Iterator[Store]:
        """One consistent view over several reads."""
        with self._database.read():
            yield self

    def check(self) -> list[str]:
        """What SQLite finds wrong in the file, empty when it is sound; reads all of it (about 0.1 s for 50 MB)."""
        with self._database.read() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(10)")]
        return [] if found == ["ok"] else found

    def prune(self, now: datetime, keep: timedelta) -> Pruned:
        """Lets go of what ``storage.keep`` no longer covers; see ``store.pruning``."""
        return Pruning(self._database, self.person).prune(now, keep)

    def drop_bodies(self, case_id: int) -> int:
        """Drops the words of a case's finished letters at once; gives how many."""
        return Pruning(self._database, self.person).drop_bodies(case_id)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
