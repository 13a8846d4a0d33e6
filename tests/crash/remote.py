"""A provider behind a network for crash stories: every request that changes something is a checkpoint."""

from __future__ import annotations

import copy
import itertools
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from calwatch.model.event import Response
from crash.harness import Checkpoints, Theatre, approve, watched_files
from fakes.clock import ManualClock
from worlds import PREFERENCES, World, a_clash, an_arranged_interview


class Outside(ABC):
    """One fake provider as these trials see it. ``SEND`` and ``CREATE`` are its names for what a draft goes through."""

    NAME: ClassVar[str]
    SEND: ClassVar[str]
    CREATE: ClassVar[str]

    def __init__(self, server: Any, clock: ManualClock) -> None:
        self.server = server
        self.clock = clock

    @abstractmethod
    def person(self, folder: Path) -> Any:
        """The account, opened anew by the real client; its files are in ``folder``."""

    @abstractmethod
    def watch(self, person: Any, checkpoint: Checkpoints) -> None:
        """From now on every request of ``person`` that changes something is a checkpoint."""

    @abstractmethod
    def fault(self, name: str) -> Any:
        """One of its faults, by name."""

    @abstractmethod
    def state(self) -> Any:
        """Everything the provider knows."""

    @abstractmethod
    def take(self, state: Any) -> None:
        """The provider knows that now."""

    def kept(self) -> Any:
        """A copy of everything the provider knows, and of what befalls it next."""
        return self._copy(self.state()), self.server.faults.copied()

    def restore(self, kept: Any) -> None:
        """The provider is as that copy, which stays as it is."""
        state, faults = kept
        self.take(self._copy(state))
        self.server.faults = faults.copied()

    def _copy(self, state: Any) -> Any:
        return copy.deepcopy(state, {id(self.clock): self.clock})

    @abstractmethod
    def drafts(self) -> list[tuple[str, str]]:
        """Id and version of the letters that lie unsent in the mailbox."""

    @abstractmethod
    def held(self) -> int:
        """How many times are held."""

    @abstractmethod
    def told(self) -> list[str]:
        """The answers the organizer was told."""

    @property
    @abstractmethod
    def mailbox(self) -> Any: ...


class RemoteTheatre(Theatre):
    """A provider that lives on, calwatch's files as well; what a life knew only in memory dies with it.

    ``operation`` meets the fault ``answer`` the first time it is called.
    """

    def __init__(self, state: Path, folder: Path, outside: Outside, preferences: Any = PREFERENCES) -> None:
        super().__init__(state)
        self.folder, self.provider, self.preferences = folder, outside, preferences
        self.operation, self.answer = outside.SEND, "ok"
        self._copies = folder.with_name("copies")
        self._numbers = itertools.count()
        self._person: Any = None

    def outside(self) -> Any:
        files = self._copies / str(next(self._numbers))
        shutil.copytree(self.folder, files)
        return files, copy.copy(self.provider.clock), self.provider.kept()

    def forget(self, outside: Any) -> None:
        shutil.rmtree(outside[0])

    def put_back(self, outside: Any) -> None:
        files, clock, kept = outside
        shutil.rmtree(self.folder)
        shutil.copytree(files, self.folder)
        vars(self.provider.clock).update(vars(clock))  # the provider has the one clock for good
        self.provider.restore(kept)

    def life(self, *, first: bool) -> World:
        if first:
            self.provider.server.faults.plan(self.operation, self.provider.fault(self.answer))
        return World(Path(), self, self.provider.clock, self.preferences, opener=lambda _folder: self.store)  # type: ignore[arg-type]  # stands in for a fake's two ports

    def delivered(self) -> int:
        self.provider.server.faults.release_late()
        self.provider.mailbox.settle()
        return sum(mail.by == "calwatch" for mail in self.provider.mailbox.delivered)

    # --- what ``worlds.World`` wants of a provider: a new client for every life -------------------------------------

    @property
    def calendar(self) -> Any:
        self._person = self.provider.person(self.folder)
        self.provider.watch(self._person, self.checkpoints)
        return self._person.calendar

    @property
    def mail(self) -> Any:
        return self._person.mail


@contextmanager
def a_theatre(base: Path, outside: Outside, preferences: Any, *, approved: bool) -> Iterator[RemoteTheatre]:
    """An interview and its clash; when ``approved``, its draft waits in the mailbox and the approval was noted."""
    folder, state = base / "account", base / "store"
    person = outside.person(folder)
    world = World(state, person, outside.clock, preferences)
    event = an_arranged_interview(person, response=Response.ACCEPTED)
    world.look()
    a_clash(person, event)
    if approved:
        world.look()
        approve(world)
    world.stop()
    theatre = RemoteTheatre(state, folder, outside, preferences)
    with watched_files(theatre.checkpoints, folder):
        yield theatre
    theatre.close()
