"""Opening the database file: made whole or not at all, migrated behind a backup, never started over empty."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from calwatch.errors import Retry, SchemaTooNew, Stop
from calwatch.store import lock
from calwatch.store.engine import Database, connect, damaged, translated
from calwatch.store.tables import SCHEMA_VERSION, metadata

DATABASE_NAME = "calwatch.db"


def open_database(folder: Path, *, read_only: bool) -> Database:
    """The database in the state folder ``folder``; see ``calwatch.store.open_store`` for what it raises."""
    path = folder / DATABASE_NAME
    unfinished = _beside(path, ".migrating")
    try:
        if read_only and not _exists(path) and not _exists(unfinished):
            _refuse_orphaned_journal(path)
            return _empty_database()
        if not read_only:
            _make_folder(folder)
            if not _exists(path) or _exists(unfinished):
                with _changing(folder):
                    _restore(path, unfinished)
                    if not _exists(path):
                        _create(path)
        version = _version(path)
        if version > SCHEMA_VERSION:
            raise SchemaTooNew(
                f"{path} was written by a newer calwatch (schema {version}, this one knows {SCHEMA_VERSION}); "
                "use that version again, or put back a backup from before"
            )
        if version < SCHEMA_VERSION:
            if read_only:
                raise Stop(f"{path} is from an older calwatch; start the service once to bring it up to date")
            _refuse_running_service(folder)
            with _changing(folder):
                _upgrade(path, unfinished)
    except sqlite3.DatabaseError as error:
        raise translated(error, path) or error from error
    except OSError as error:
        raise Stop(f"the state folder {folder} cannot be used: {error.strerror} ({error.filename})") from error
    return Database(path, read_only=read_only)


def check(path: Path) -> list[str]:
    """What SQLite finds wrong in the file; empty when it is sound. Reads the whole file."""
    with closing(connect(path, read_only=True)) as connection:
        found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(10)")]
    return [] if found == ["ok"] else found


def _version(path: Path) -> int:
    """PRAGMA user_version; a file without our tables is damage, since ours are never without."""
    with closing(connect(path, read_only=True)) as connection:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version < 1:
            raise damaged(path, "it is empty or not ours")
    return version


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)  # mkdir is subject to the umask, which may be stricter or laxer


def _create(path: Path) -> None:
    """A new database under another name, renamed when complete: a crash leaves none, never half a one."""
    _refuse_orphaned_journal(path)
    growing = _beside(path, ".new")
    _remove_database(growing)
    os.close(os.open(growing, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(connect(growing, read_only=False)) as connection:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
    _migrate(growing)
    with closing(connect(growing, read_only=False)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    _sync(growing)
    growing.rename(path)
    _remove_database(growing)
    _sync(path.parent)


def _upgrade(path: Path, unfinished: Path) -> None:
    version = _version(path)
    if version >= SCHEMA_VERSION:  # another process was quicker
        return
    found = check(path)
    if found:
        raise damaged(path, found[0])
    copying = _beside(path, ".copying")
    _remove_database(copying)
    os.close(os.open(copying, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(connect(path, read_only=True)) as source, closing(connect(copying, read_only=False)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE").fetchone()  # one file, whole in itself
    _sync(copying)
    copying.rename(unfinished)
    _sync(path.parent)
    _migrate(path)
    found = check(path)
    if found:
        _restore(path, unfinished)
        raise damaged(path, f"the migration did not work and was undone: {found[0]}")
    unfinished.rename(_beside(path, f".before-v{SCHEMA_VERSION}"))
    _sync(path.parent)


def _restore(path: Path, unfinished: Path) -> None:
    """Puts the backup of a migration that did not finish back; one that did finish only lost its last renaming."""
    if not _exists(unfinished):
        return
    if _exists(path) and _version(path) >= SCHEMA_VERSION and not check(path):
        unfinished.rename(_beside(path, f".before-v{SCHEMA_VERSION}"))
    else:
        for suffix in ("-wal", "-shm"):
            _beside(path, suffix).unlink(missing_ok=True)
        unfinished.replace(path)
        with closing(connect(path, read_only=False)) as connection:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
    _sync(path.parent)


def _migrate(path: Path) -> None:
    """Runs Alembic to the newest revision in one transaction; imported here because reading never needs it."""
    from alembic import command
    from alembic.config import Config

    database = Database(path, read_only=False)
    try:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "newline")
        with database.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
    finally:
        database.close()


def _empty_database() -> Database:
    database = Database(None, read_only=True)
    metadata.create_all(database.engine)
    return database


def _refuse_orphaned_journal(path: Path) -> None:
    journal = _beside(path, "-wal")
    if journal.exists() and journal.stat().st_size:
        raise damaged(path, "the file is gone though its journal is still there")


def _refuse_running_service(folder: Path) -> None:
    pid = lock.holder(folder)
    if pid is not None and pid != os.getpid():
        raise Retry(f"an older calwatch is still running (process {pid}); restart it, then try again")


@contextmanager
def _changing(folder: Path) -> Iterator[None]:
    """Keeps two processes from creating or migrating at once; freed by the kernel when a process dies."""
    descriptor = os.open(folder / "migration.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _exists(path: Path) -> bool:
    """As ``Path.exists``, but a folder that may not be looked into is an error and not an absence."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _remove_database(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        _beside(path, suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
