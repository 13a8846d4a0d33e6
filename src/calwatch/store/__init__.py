"""The memory of calwatch: one SQLite file that holds what was seen, decided, approved and done.

``open_store`` gives a ``Store``; it has one object per concern (``store.sightings``, ``store.bookings``,
``store.cases``, ``store.drafts`` ...) and ``with store.write():`` for transactions. Start reading in ``book.py``.
Nothing heavy is imported until a store is opened, because the settings tree only wants ``store.options``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calwatch.store.book import Store

__all__ = ["Store", "open_store"]


def open_store(path: Path, person: str = "me", *, read_only: bool = False) -> Store:
    """Opens the store in the state folder ``path``, making or migrating it as needed, for one ``person``.

    ``read_only`` never writes: a folder without a database reads as empty. Raises SchemaTooNew, StoreDamaged (never an
    empty start over a damaged file), Retry when another process holds it too long, Stop when the folder cannot be used.
    """
    from calwatch.store.book import Store
    from calwatch.store.opening import open_database

    return Store(open_database(path, read_only=read_only), person)


def __getattr__(name: str) -> Any:
    if name == "Store":
        from calwatch.store.book import Store

        return Store
    raise AttributeError(name)
