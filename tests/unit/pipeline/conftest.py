"""One person's calwatch on each of the two misbehaving providers; every test says only what it is about."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from calwatch.store import open_store
from fakes.clock import ManualClock
from worlds import Provider, Waiting, World, a_waiting_draft, providers


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["gmail-like", "graph-like"])
def provider(request: pytest.FixtureRequest, clock: ManualClock) -> Provider:
    return providers(clock)[request.param]


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the state folders lie: a RAM disk where there is one, for every commit is synchronised."""
    base = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(dir=base if base.is_dir() else tmp_path_factory.mktemp("state")) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def empty_state(room: Path) -> Path:
    """A state folder in which nothing has happened; making the tables takes longer than most tests."""
    open_store(room / "empty").close()
    return room / "empty"


@pytest.fixture
def state(room: Path, empty_state: Path) -> Path:
    return shutil.copytree(empty_state, Path(tempfile.mkdtemp(dir=room)) / "state")


@pytest.fixture
def world(state: Path, provider: Provider, clock: ManualClock) -> Iterator[World]:
    """An empty calendar and mailbox that calwatch has not looked at yet; no settle time."""
    world = World(state, provider, clock)
    yield world
    world.stop()


@pytest.fixture
def waiting(world: World) -> Waiting:
    """A clash whose letter waits in the mailbox."""
    return a_waiting_draft(world)
