"""A provider behind a network for crash trials: it lives on, calwatch's files as well, and what a life knew only in
memory dies with it. Every request that changes something is a checkpoint."""

from __future__ import annotations

import copy
import shutil
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from calwatch.model.case import RequestKind
from calwatch.model.event import Response
from crash.harness import Fuse, Result, Stage, fused_files, judge, prepare, run_out
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
    def fuse(self, person: Any, fuse: Fuse) -> None:
        """From now on every request of ``person`` that changes something is a checkpoint."""

    @abstractmethod
    def fault(self, name: str) -> Any:
        """One of its faults, by name."""

    @abstractmethod
    def kept(self) -> Any:
        """A copy of everything the provider knows."""

    @abstractmethod
    def restore(self, kept: Any) -> None:
        """The provider knows that again, and nothing is planned."""

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
    def delivered(self) -> int:
        """How many mails left."""
        return sum(mail.by == "calwatch" for mail in self.mailbox.delivered)

    @property
    @abstractmethod
    def mailbox(self) -> Any: ...


@dataclass
class Room:
    """A provider, calwatch's folder for it, and both as they were when the trials began."""

    outside: Outside
    preferences: Any
    clock: ManualClock
    folder: Path
    stage: Stage
    kept: Any
    _person: Any = field(default=None, init=False)

    # --- what ``worlds.World`` wants of a provider: a new client for every life -------------------------------------

    @property
    def calendar(self) -> Any:
        self._person = self.outside.person(self.folder)
        self.outside.fuse(self._person, self.stage.fuse)
        return self._person.calendar

    @property
    def mail(self) -> Any:
        return self._person.mail

    # --- one trial ---------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        _, clock = self.stage.reset()
        vars(self.clock).update(vars(clock))
        self.outside.restore(copy.deepcopy(self.kept, {id(self.clock): self.clock}))
        shutil.rmtree(self.folder)
        shutil.copytree(self.folder.with_name("template"), self.folder)

    def trial(
        self, plan: tuple[int, ...], operation: str, answer: str, *, longer: timedelta = timedelta()
    ) -> tuple[World, Result]:
        """One story: killed at the planned checkpoints, with this first answer to the operation; some time longer."""
        self.reset()
        fuse = self.stage.fuse
        fuse.reset(plan)
        faults = self.outside.server.faults
        faults.plan(operation, self.outside.fault(answer))
        with fused_files(fuse, self.folder):
            world = World(Path(), self, self.clock, self.preferences, opener=lambda _folder: self.stage.store)  # type: ignore[arg-type]  # stands in for a fake's two ports
            run_out(world, fuse)
            world.live(longer, step=timedelta(minutes=1))
        faults.release_late()
        self.outside.mailbox.settle()
        (draft,) = world.store.drafts.all()
        return world, judge(world, draft.id, self.outside.delivered, fuse)


def a_room(base: Path, outside: Outside, preferences: Any = PREFERENCES, *, approved: bool) -> Room:
    """An interview and its clash; when ``approved``, its draft waits in the mailbox and the approval was noted."""
    folder, state, clock = base / "account", base / "store", outside.clock
    person = outside.person(folder)
    world = World(state, person, clock, preferences)
    event = an_arranged_interview(person, response=Response.ACCEPTED)
    world.look()
    a_clash(person, event)
    if approved:
        world.look()
        draft = world.draft()
        payload = {"version": draft.version, "hash": draft.hash}
        world.store.requests.add(RequestKind.APPROVE, draft.id, payload, who="test", now=clock.now())
    world.stop()
    shutil.copytree(folder, folder.with_name("template"))
    stage = prepare(state, None, copy.deepcopy(clock))
    return Room(outside, preferences, clock, folder, stage, outside.kept())
