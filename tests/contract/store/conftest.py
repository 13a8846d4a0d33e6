"""A store on disk, and a second person's in the same database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from calwatch.store import Store, open_store
from calwatch.store.opening import DATABASE_NAME


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a database just made; copied, because making one runs the migrations."""
    folder = tmp_path_factory.mktemp("fresh") / "state"
    open_store(folder).close()
    return folder


@pytest.fixture
def folder(tmp_path: Path, fresh: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    shutil.copy(fresh / DATABASE_NAME, folder)
    return folder


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """Alex's store."""
    with open_store(folder, "alex") as opened:
        yield opened


@pytest.fixture
def other(folder: Path) -> Iterator[Store]:
    """Sam's store in Alex's database."""
    with open_store(folder, "sam") as opened:
        yield opened
