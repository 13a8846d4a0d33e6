"""Files and folders: private, made whole, migrated behind a backup, and never started over empty."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from builders import an_event
from calwatch.errors import Retry, SchemaTooNew, Stop, StoreDamaged
from calwatch.store import Store, lock, open_store
from calwatch.store.migrating import CURRENT, Schema
from calwatch.store.opening import DATABASE_NAME, open_database
from calwatch.store.tables import SCHEMA_VERSION, metadata
from stories import a_draft_in, put

WORKS = "op.add_column('meta', sa.Column('extra', sa.Text(), nullable=True))"
FAILS = WORKS + "\n    op.drop_table('nowhere')"
DIES = WORKS + "\n    import os; os._exit(9)"


def a_newer_schema(folder: Path, step: str) -> Schema:
    """The present migrations and one more, which does ``step``."""
    migrations = folder / f"migrations-{len(list(folder.glob('migrations-*')))}"
    shutil.copytree(CURRENT.migrations, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    newest = f"{SCHEMA_VERSION:04d}"
    (migrations / "versions" / "v9999_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision = '9999'\ndown_revision = '{newest}'\n\n\ndef upgrade():\n    {step}\n"
    )
    return Schema(SCHEMA_VERSION + 1, migrations)


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def columns(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(meta)")]


def test_everything_is_private_to_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "calwatch"
    old = os.umask(0)
    try:
        with open_store(folder) as store:
            store.meta.set("a", 1)
            modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    finally:
        os.umask(old)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert DATABASE_NAME in modes
    assert f"{DATABASE_NAME}-wal" in modes
    assert set(modes.values()) == {0o600}


def test_commits_are_made_to_last(store: Store) -> None:
    with store._database.read() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 5000, 1]


def test_the_migrations_make_exactly_the_tables(store: Store) -> None:
    with store._database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_folder_without_a_database_reads_as_empty_and_stays_so(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    with open_store(folder, read_only=True) as store:
        assert store.drafts.all() == []
        with pytest.raises(Stop, match="for reading only"):
            store.meta.set("a", 1)
    assert not folder.exists()


def test_a_reader_sees_what_a_writer_committed_and_writes_nothing(store: Store, folder: Path) -> None:
    with open_store(folder, "alex", read_only=True) as reader:
        store.meta.set("a", 1)
        assert reader.meta.get("a") == 1
        with pytest.raises(Stop):
            reader.meta.set("a", 2)
        with store.write():
            store.meta.set("a", 3)
            assert reader.meta.get("a") == 1


def test_one_view_stays_the_same_while_others_write(store: Store, folder: Path) -> None:
    store.meta.set("a", 1)
    with open_store(folder, "alex", read_only=True) as reader, reader.read():
        assert reader.meta.get("a") == 1
        store.meta.set("a", 2)
        assert reader.meta.get("a") == 1


def test_a_write_cannot_start_inside_a_view(store: Store) -> None:
    with store.read(), pytest.raises(RuntimeError, match="inside a read"):
        store.meta.set("a", 1)


def test_another_process_that_writes_too_long_means_try_again(store: Store, folder: Path) -> None:
    with store._database.read() as connection:  # the pool hands the same connection out again
        connection.exec_driver_sql("PRAGMA busy_timeout=10")
    with closing(sqlite3.connect(folder / DATABASE_NAME, isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retry, match="is busy"):
            store.meta.set("a", 1)
        another.execute("ROLLBACK")
    store.meta.set("a", 1)


def test_a_full_disk_is_said_and_loses_nothing(store: Store) -> None:
    store.meta.set("a", 1)
    with store._database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(Stop, match="full"):
        put(store, *(an_event(description="x" * 5000) for _ in range(20)))
    assert store.meta.get("a") == 1


@pytest.mark.parametrize("content", [b"", b"not a database, sorry" * 99, b"SQLite format 3\x00" + b"\x00" * 4080])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_damaged_file_is_never_started_over(folder: Path, content: bytes, read_only: bool) -> None:
    (folder / DATABASE_NAME).write_bytes(content)
    with pytest.raises(StoreDamaged, match="is damaged"):
        open_store(folder, read_only=read_only)
    assert (folder / DATABASE_NAME).read_bytes() == content


def test_damage_met_later_is_said_as_well(folder: Path) -> None:
    with open_store(folder, "alex") as store, store.write():
        for _ in range(60):
            put(store, an_event(description="x" * 2000))
    path = folder / DATABASE_NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = bytearray(path.read_bytes())
    whole[4096 * 60 :] = b"\xa5" * (len(whole) - 4096 * 60)
    path.write_bytes(whole)
    with open_store(folder, "alex") as store:
        with pytest.raises(StoreDamaged):
            store.bookings.matching("Weekly")
        assert store.check()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_journal_without_its_database_is_damage(folder: Path, read_only: bool) -> None:
    (folder / DATABASE_NAME).rename(folder / f"{DATABASE_NAME}-wal")
    with pytest.raises(StoreDamaged, match="its journal is still there"):
        open_store(folder, read_only=read_only)


def test_a_half_made_database_of_a_crash_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / f"{DATABASE_NAME}.new").write_bytes(b"half")
    with open_store(folder) as store:
        assert store.drafts.all() == []
    assert not (folder / f"{DATABASE_NAME}.new").exists()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_newer_schema_is_left_alone(folder: Path, read_only: bool) -> None:
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    with pytest.raises(SchemaTooNew) as refused:
        open_store(folder, read_only=read_only)
    assert refused.value.exit_code == 78


def test_a_state_folder_that_cannot_be_is_said_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for read_only in (True, False):
        with pytest.raises(Stop, match=r"state folder .*file/state cannot be used"):
            open_store(tmp_path / "file" / "state", read_only=read_only)


def test_a_migration_leaves_a_backup_and_everything_else(folder: Path, tmp_path: Path) -> None:
    with open_store(folder, "alex") as store:
        draft = a_draft_in(store)
    schema = a_newer_schema(tmp_path, WORKS)
    open_database(folder, read_only=False, schema=schema).close()
    path = folder / DATABASE_NAME
    backup = folder / f"{DATABASE_NAME}.before-v{schema.version}"
    assert (version(path), version(backup)) == (schema.version, SCHEMA_VERSION)
    assert "extra" in columns(path)
    assert "extra" not in columns(backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    backup.replace(path)
    with open_store(folder, "alex") as store:
        assert store.drafts.get(draft.id) == draft


def test_a_migration_that_fails_leaves_the_old_database(folder: Path, tmp_path: Path) -> None:
    with open_store(folder, "alex") as store:
        draft = a_draft_in(store)
    with pytest.raises(Exception, match="nowhere"):
        open_database(folder, read_only=False, schema=a_newer_schema(tmp_path, FAILS))
    with open_store(folder, "alex") as store:
        assert store.drafts.get(draft.id) == draft
    open_database(folder, read_only=False, schema=a_newer_schema(tmp_path, WORKS)).close()
    assert "extra" in columns(folder / DATABASE_NAME)


def test_a_migration_that_is_killed_is_done_again_from_its_backup(folder: Path, tmp_path: Path) -> None:
    with open_store(folder, "alex") as store:
        draft = a_draft_in(store)
    schema = a_newer_schema(tmp_path, DIES)
    code = f"""
        from pathlib import Path
        from calwatch.store.migrating import Schema
        from calwatch.store.opening import open_database
        schema = Schema({schema.version}, Path({str(schema.migrations)!r}))
        open_database(Path({str(folder)!r}), read_only=False, schema=schema)
    """
    assert subprocess.run([sys.executable, "-c", dedent(code)], check=False).returncode == 9
    assert (folder / f"{DATABASE_NAME}.migrating").exists()
    open_database(folder, read_only=False, schema=a_newer_schema(tmp_path, WORKS)).close()
    assert "extra" in columns(folder / DATABASE_NAME)
    assert not (folder / f"{DATABASE_NAME}.migrating").exists()
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection:
        assert connection.execute("SELECT id FROM drafts").fetchall() == [(draft.id,)]


def test_an_old_database_is_not_migrated_by_a_reader_or_under_a_running_service(folder: Path, tmp_path: Path) -> None:
    schema = a_newer_schema(tmp_path, WORKS)
    with pytest.raises(Stop, match="older calwatch"):
        open_database(folder, read_only=True, schema=schema)
    with a_process_that_holds_the_lock(folder) as process, pytest.raises(Retry, match=f"process {process.pid}"):
        open_database(folder, read_only=False, schema=schema)
    assert version(folder / DATABASE_NAME) == SCHEMA_VERSION


def test_everything_acknowledged_survives_a_kill(folder: Path) -> None:
    code = f"""
        import os
        from pathlib import Path
        from calwatch.store import open_store
        store = open_store(Path({str(folder)!r}))
        for number in range(50):
            store.meta.set("last", number)
            os.write(1, b"%d\\n" % number)
        with store.write():
            store.meta.set("last", "never acknowledged")
            os.kill(os.getpid(), 9)
    """
    done = subprocess.run([sys.executable, "-c", dedent(code)], capture_output=True, check=False)
    assert (done.returncode, done.stdout.split()[-1]) == (-9, b"49")
    with open_store(folder) as store:
        assert store.meta.get("last") == 49


def test_the_lock_is_held_by_one_and_names_its_process(tmp_path: Path) -> None:
    assert lock.holder(tmp_path) is None
    held = lock.acquire(tmp_path)
    assert held is not None
    assert lock.acquire(tmp_path) is None
    assert lock.holder(tmp_path) == os.getpid()
    held.release()
    held.release()
    assert lock.holder(tmp_path) is None
    assert (tmp_path / lock.LOCK_NAME).stat().st_mode & 0o777 == 0o600


def test_a_killed_service_leaves_the_lock_free(tmp_path: Path) -> None:
    with a_process_that_holds_the_lock(tmp_path) as process:
        assert lock.acquire(tmp_path) is None
        process.kill()
        process.wait()
        with lock.acquire(tmp_path) or pytest.fail("the lock is still held"):
            assert lock.holder(tmp_path) == os.getpid()


def a_process_that_holds_the_lock(folder: Path) -> subprocess.Popen[bytes]:
    code = f"""
        import sys
        from pathlib import Path
        from calwatch.store import lock
        held = lock.acquire(Path({str(folder)!r}))
        print("held", flush=True)
        sys.stdin.read()
    """
    process = subprocess.Popen([sys.executable, "-c", dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process
