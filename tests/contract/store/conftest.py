"""A store on disk, and a second person's in the same database: every test here runs with company."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from calwatch.store import Store, open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with open_store(folder, "alex") as opened:
        yield opened


@pytest.fixture
def other(folder: Path, store: Store) -> Iterator[Store]:
    """Sam's store in Alex's database."""
    with open_store(folder, "sam") as opened:
        yield opened
