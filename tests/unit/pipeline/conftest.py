"""One person's calwatch on each of the two misbehaving providers; every test says only what it is about."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.clock import ManualClock
from worlds import Provider, World, providers


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


@pytest.fixture
def state(room: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=room))


@pytest.fixture
def world(state: Path, provider: Provider, clock: ManualClock) -> Iterator[World]:
    """An empty calendar and mailbox that calwatch has not looked at yet; no settle time."""
    world = World(state, provider, clock)
    yield world
    world.stop()
