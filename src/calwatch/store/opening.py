"""Opening the database file: what is made, what is refused, and never an empty start over damage."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from calwatch.errors import Retry, SchemaTooNew, Stop
from calwatch.store import lock
from calwatch.store.engine import Database, translated
from calwatch.store.migrating import (
    CURRENT,
    Schema,
    changing,
    create,
    exists,
    refuse_orphaned_journal,
    restore,
    unfinished,
    upgrade,
    version_of,
)
from calwatch.store.tables import metadata

DATABASE_NAME = "calwatch.db"


def open_database(folder: Path, *, read_only: bool, schema: Schema = CURRENT) -> Database:
    """The database in the state folder ``folder``; see ``calwatch.store.open_store`` for what it raises."""
    path = folder / DATABASE_NAME
    try:
        if not read_only:
            _make_ready(folder, path, schema)
        elif not exists(path):
            refuse_orphaned_journal(path)
            return _empty_database()
        version = version_of(path)
    except (sqlite3.DatabaseError, DBAPIError) as error:
        raise translated(getattr(error, "orig", error), path) or error from error
    except OSError as error:
        raise Stop(f"the state folder {folder} cannot be used: {error.strerror} ({error.filename})") from error
    if version > schema.version:
        raise SchemaTooNew(
            f"{path} was written by a newer calwatch (schema {version}, this one knows {schema.version}); "
            "use that version again, or put back a backup from before"
        )
    if version < schema.version:
        raise Stop(f"{path} is from an older calwatch; start the service once to bring it up to date")
    return Database(path, read_only=read_only)


def _make_ready(folder: Path, path: Path, schema: Schema) -> None:
    """Creates, restores or migrates what needs it; a current database is only looked at."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # mkdir is subject to the umask
    if not exists(path) or exists(unfinished(path)):
        with changing(folder):
            restore(path, schema)
            if not exists(path):
                create(path, schema)
    if version_of(path) < schema.version:
        pid = lock.holder(folder)
        if pid is not None and pid != os.getpid():
            raise Retry(f"an older calwatch is still running (process {pid}); restart it, then try again")
        with changing(folder):
            upgrade(path, schema)


def _empty_database() -> Database:
    """What a folder without a database reads as."""
    database = Database(None, read_only=True)
    metadata.create_all(database.engine)
    return database
