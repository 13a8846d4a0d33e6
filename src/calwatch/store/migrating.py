"""Making the database file and bringing an older one up to date: whole or not at all, and never without a backup.

A new file grows under another name and is renamed when complete. An older one is copied first; the copy is called
``.migrating`` until the migration is known to have worked, and a process that finds it puts it back.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from calwatch.store.engine import Database, connect, damaged
from calwatch.store.tables import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Schema:
    """A version of the schema (PRAGMA user_version) and the folder of migrations that lead to it."""

    version: int
    migrations: Path


CURRENT = Schema(SCHEMA_VERSION, Path(__file__).parent / "migrations")


def version_of(path: Path) -> int:
    """PRAGMA user_version; a file without it is damage, since ours are never without."""
    with closing(connect(path, read_only=True)) as connection:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version < 1:
        raise damaged(path, "it is empty or not ours")
    return version


def check(path: Path) -> list[str]:
    """What SQLite finds wrong in the file; empty when it is sound. Reads the whole file."""
    with closing(connect(path, read_only=True)) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(10)")]
    return [] if found == ["ok"] else found


def unfinished(path: Path) -> Path:
    """The backup of a migration that is not known to have worked."""
    return _beside(path, ".migrating")


def create(path: Path, schema: Schema) -> None:
    """Makes a new database; a crash leaves none, never half a one."""
    refuse_orphaned_journal(path)
    growing = _beside(path, ".new")
    _remove_database(growing)
    _touch(growing)
    with closing(connect(growing, read_only=False)) as connection:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
    _migrate(growing, schema)
    with closing(connect(growing, read_only=False)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    _sync(growing)
    growing.rename(path)
    _remove_database(growing)
    _sync(path.parent)


def upgrade(path: Path, schema: Schema) -> None:
    """Brings an older database up to date behind a backup; one that another process just did is left alone."""
    version = version_of(path)
    if version >= schema.version:
        return
    _refuse_damage(path)
    copying = _beside(path, ".copying")
    _remove_database(copying)
    _touch(copying)
    with closing(connect(path, read_only=True)) as source, closing(connect(copying, read_only=False)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE").fetchone()  # one file, whole in itself
    _sync(copying)
    copying.rename(unfinished(path))
    _sync(path.parent)
    _migrate(path, schema)
    restore(path, schema)


def restore(path: Path, schema: Schema) -> None:
    """Puts the backup of an unfinished migration back; one that worked only still lacks its backup's last name."""
    backup = unfinished(path)
    if not exists(backup):
        return
    if exists(path) and version_of(path) >= schema.version and not check(path):
        backup.rename(_beside(path, f".before-v{schema.version}"))
    else:
        for suffix in ("-wal", "-shm"):
            _beside(path, suffix).unlink(missing_ok=True)
        backup.replace(path)
        with closing(connect(path, read_only=False)) as connection:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
    _sync(path.parent)


def refuse_orphaned_journal(path: Path) -> None:
    """A journal without its database must not be replayed into a new one."""
    journal = _beside(path, "-wal")
    if exists(journal) and journal.stat().st_size:
        raise damaged(path, "the file is gone though its journal is still there")


def exists(path: Path) -> bool:
    """As ``Path.exists``, but a folder that may not be looked into is an error and not an absence."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Keeps two processes from creating or migrating at once; freed by the kernel when a process dies."""
    descriptor = os.open(folder / "migration.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _migrate(path: Path, schema: Schema) -> None:
    """Runs Alembic to the newest revision in one transaction; imported here because reading never needs it."""
    from alembic import command
    from alembic.config import Config

    database = Database(path, read_only=False)
    try:
        config = Config()
        config.set_main_option("script_location", str(schema.migrations).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        with database.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.exec_driver_sql(f"PRAGMA user_version={schema.version}")
    finally:
        database.close()


def _refuse_damage(path: Path) -> None:
    found = check(path)
    if found:
        raise damaged(path, found[0])


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _touch(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _remove_database(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        _beside(path, suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
