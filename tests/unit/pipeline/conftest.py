"""One person's calwatch on each of the misbehaving providers; every test says only what it is about.

Two are in memory; the others are the real clients with the fake Google and the fake Microsoft at the other end of a
connection. What only an account in memory can show, or where the provider makes no difference, is marked ``in_memory``.
``tells_sequence`` marks what follows from the SEQUENCE of an appointment, which Graph does not tell.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calwatch.store import Store, open_store
from fakes.clock import ManualClock
from worlds import Provider, Waiting, World, a_waiting_draft, providers

if TYPE_CHECKING:
    from fakes.google.person import GooglePerson
    from fakes.google.server import FakeGoogle
    from fakes.microsoft.person import OutlookPerson
    from fakes.microsoft.server import FakeMicrosoft

IN_MEMORY = ("gmail-like", "graph-like")
REMOTE = ("google", "outlook")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "account" in metafunc.fixturenames:
        in_memory = metafunc.definition.get_closest_marker("in_memory") is not None
        told = metafunc.definition.get_closest_marker("tells_sequence") is not None
        remote = tuple(name for name in REMOTE if not (told and name == "outlook"))
        metafunc.parametrize("account", IN_MEMORY if in_memory else (*IN_MEMORY, *remote))


@pytest.fixture
def google(clock: ManualClock) -> Iterator[FakeGoogle]:
    """Google; at the end it has seen nothing that its documents do not know."""
    from fakes.google.server import FakeGoogle

    with FakeGoogle(clock) as google:
        yield google
        assert google.violations == []


@pytest.fixture
def google_person(google: FakeGoogle, clock: ManualClock, room: Path) -> Iterator[GooglePerson]:
    from fakes.google.person import GooglePerson

    with tempfile.TemporaryDirectory(dir=room) as folder:
        yield GooglePerson(google, clock, Path(folder))


@pytest.fixture
def microsoft(clock: ManualClock, room: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMicrosoft]:
    """Microsoft; at the end it has seen nothing that Graph does not know, and nothing a careful client never does."""
    from fakes.microsoft.server import FakeMicrosoft

    with FakeMicrosoft(clock) as microsoft:
        monkeypatch.setenv("SSL_CERT_FILE", str(microsoft.ca_file(room)))
        yield microsoft
        assert microsoft.violations == []


@pytest.fixture
def outlook_person(microsoft: FakeMicrosoft, clock: ManualClock, room: Path) -> Iterator[OutlookPerson]:
    from fakes.microsoft.person import OutlookPerson

    with tempfile.TemporaryDirectory(dir=room) as folder:
        yield OutlookPerson(microsoft, clock, Path(folder))


@pytest.fixture
def provider(account: str, request: pytest.FixtureRequest, clock: ManualClock) -> Provider:
    if account in IN_MEMORY:
        return providers(clock)[account]
    person: Provider = request.getfixturevalue(f"{account}_person")
    return person


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the state folders lie: a RAM disk where there is one, for every commit is synchronised."""
    base = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(dir=base if base.is_dir() else tmp_path_factory.mktemp("state")) as folder:
        yield Path(folder)


@dataclass(frozen=True, slots=True)
class Memory:
    """One store for all tests, emptied before each: what SQLAlchemy compiled for one serves the next."""

    store: Store
    path: Path
    empty: sqlite3.Connection

    def forget(self) -> None:
        with closing(sqlite3.connect(self.path)) as target:
            self.empty.backup(target)


@pytest.fixture(scope="session")
def memory(room: Path) -> Iterator[Memory]:
    store = open_store(room / "state")
    path = store._database.path
    assert path is not None
    empty = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(path)) as source:
        source.backup(empty)
    yield Memory(store, path, empty)
    store.close()
    empty.close()


@pytest.fixture
def world(memory: Memory, provider: Provider, clock: ManualClock) -> Iterator[World]:
    """An empty calendar and mailbox that calwatch has not looked at yet; no settle time."""
    memory.forget()
    world = World(memory.path.parent, provider, clock, opener=lambda _folder: memory.store)
    yield world
    world.stop()


@pytest.fixture
def waiting(world: World) -> Waiting:
    """A clash whose letter waits in the mailbox."""
    return a_waiting_draft(world)
