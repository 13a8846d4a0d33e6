"""Lets calwatch die at chosen checkpoints and live on from what it left, and the truth outside decide what happened.

A checkpoint lies before every effect that outlives the process: each writing call of a port and each commit (for files:
each rename, link, removal as well). Killed before effect n + 1 is killed after effect n, and between two effects
nothing can be told apart from outside, so this enumeration is complete. A killed process runs no handler and no
``finally``; so nothing is thrown: at each checkpoint what outlives the process is copied, and every copy is where
another life begins.
"""

from __future__ import annotations

import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event

from builders import NOW
from calwatch.model.case import DraftState, RequestKind
from calwatch.model.draft import Draft
from calwatch.store import Store, open_store
from fakes.clock import ManualClock
from worlds import World

CALLS = ("save_draft", "update_draft", "send_draft", "discard", "respond", "hold", "release")
FILE_CALLS = ("rename", "replace", "link", "unlink")


@dataclass
class Checkpoints:
    """Passed one by one while ``armed``; ``at_each``, if there is one, is called at every one of them."""

    armed: bool = False
    names: list[str] = field(default_factory=list)
    at_each: Callable[[], None] | None = None

    def __call__(self, name: str) -> None:
        if not self.armed:
            return
        self.names.append(name)
        if self.at_each is not None:
            self.armed = False
            self.at_each()
            self.armed = True


class Watched:
    """Any port with a checkpoint before each call that changes something outside."""

    def __init__(self, port: Any, checkpoint: Checkpoints) -> None:
        self._port, self._checkpoint = port, checkpoint

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in CALLS:
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._checkpoint(name)
            return found(*args, **kwargs)

        return call


def watch_commits(store: Store, checkpoint: Checkpoints) -> None:
    """A checkpoint before every commit that writes."""

    def before_commit(connection: Any) -> None:
        if connection.get_execution_options().get("calwatch_writing"):
            checkpoint("commit")

    sqlalchemy_event.listen(store._database.engine, "commit", before_commit)


@contextmanager
def watched_files(checkpoint: Checkpoints, root: Path) -> Iterator[None]:
    """A checkpoint before every change of a name below ``root``, the state folder left out."""
    patch = pytest.MonkeyPatch()
    for name in FILE_CALLS:
        real = getattr(os, name)

        def call(*args: Any, _real: Callable[..., Any] = real, _name: str = name, **kwargs: Any) -> Any:
            if str(root) in str(args[0]) and "/state" not in str(args[0]):
                checkpoint(f"os.{_name}")
            return _real(*args, **kwargs)

        patch.setattr(os, name, call)
    try:
        yield
    finally:
        patch.undo()


@dataclass(frozen=True, slots=True)
class Result:
    """What a story came to: the draft's state, how often the mail really left, how often the person was asked.

    ``checkpoints`` are those of its last life.
    """

    state: DraftState
    delivered: int
    asked: int
    told: bool
    checkpoints: tuple[str, ...]

    @property
    def duplicate(self) -> bool:
        return self.delivered > 1

    @property
    def silently_lost(self) -> bool:
        """Nothing left, and the person believes it did or never hears of it."""
        settled = self.state in (DraftState.FAILED, DraftState.UNSURE, DraftState.WAITING)
        return self.delivered == 0 and not (settled and self.told)

    @property
    def wrongly_unsent(self) -> bool:
        """It left, and the draft says it did not."""
        return self.delivered > 0 and self.state not in (DraftState.SENT, DraftState.UNSURE)


def keeps_the_promise(result: Result, told: str) -> None:
    """design.md, "Sending once": 0 duplicates, 0 silent losses, every doubt asked exactly once."""
    told = f"{told}: {result}"
    assert not result.duplicate, told
    assert not result.silently_lost, told
    assert not result.wrongly_unsent, told
    assert result.state not in (DraftState.APPROVED, DraftState.SENDING), told
    assert result.asked == (1 if result.state is DraftState.UNSURE else 0), told


@dataclass(frozen=True, slots=True)
class Moment:
    """All that outlives the process, as it lay there right before a checkpoint."""

    database: sqlite3.Connection
    outside: Any


@dataclass(frozen=True, slots=True)
class Story:
    """calwatch killed at ``plan`` (each number counts the checkpoints of one life), and ``world`` as its last life
    left it; it is that only until the next story is told."""

    plan: tuple[int, ...]
    world: World
    result: Result

    @property
    def draft(self) -> Draft:
        (draft,) = self.world.store.drafts.all()
        return draft


class Theatre(ABC):
    """A prepared world, begun anew for every story.

    One open store serves all lives: only what is in its file passes from one to the next.
    """

    def __init__(self, folder: Path) -> None:
        """``folder`` holds the state, which the caller has prepared and closed."""
        self.store = open_store(folder)
        self.checkpoints = Checkpoints()
        self.begin: Moment | None = None
        watch_commits(self.store, self.checkpoints)
        path = self.store._database.path
        assert path is not None
        self._file = sqlite3.connect(path, check_same_thread=False)

    @abstractmethod
    def outside(self) -> Any:
        """A copy of everything outside that outlives the process, its clock as well."""

    def forget(self, outside: Any) -> None:  # noqa: B027 - most copies are only values
        """That copy is not needed any more."""

    @abstractmethod
    def put_back(self, outside: Any) -> None:
        """The outside is as that copy, which stays as it is."""

    @abstractmethod
    def life(self, *, first: bool) -> World:
        """calwatch, just started, with a checkpoint before each of its effects."""

    @abstractmethod
    def delivered(self) -> int:
        """How often the mail has left, once everything late has happened."""

    def matters(self) -> bool:
        """Whether a life that begins here can end differently from those of other stories."""
        return True

    def stories(self, deaths: int, *, longer: timedelta = timedelta()) -> Iterator[Story]:
        """Every story in which calwatch dies at most so often: at each checkpoint, and in every next life at each.

        Each goes on until nothing more can happen, and that much ``longer``.
        """
        self.begin = self.begin or self.now()
        yield from self._from(self.begin, (), deaths, longer)

    def undisturbed(self) -> Story:
        return next(self.stories(0))

    def now(self) -> Moment:
        """What would be left if calwatch died here."""
        database = sqlite3.connect(":memory:", check_same_thread=False)
        self._file.backup(database)
        return Moment(database, self.outside())

    def return_to(self, moment: Moment) -> None:
        moment.database.backup(self._file)
        self.put_back(moment.outside)

    def let_go(self, moment: Moment) -> None:
        moment.database.close()
        self.forget(moment.outside)

    def close(self) -> None:
        if self.begin is not None:
            self.let_go(self.begin)
        self._file.close()
        self.store.close()

    def _from(self, moment: Moment, plan: tuple[int, ...], deaths: int, longer: timedelta) -> Iterator[Story]:
        moments: list[Moment | None] = []
        self.return_to(moment)
        self.checkpoints.names.clear()
        self.checkpoints.at_each = (lambda: moments.append(self.now() if self.matters() else None)) if deaths else None
        world = self.life(first=not plan)
        if plan:  # the service is started again when something is due, and not in the same instant
            world.clock.advance(_until_due(world))
        run_out(world, self.checkpoints)
        world.live(longer, step=timedelta(minutes=1))
        yield Story(plan, world, self._judge(world))
        for number, after in enumerate(moments, 1):
            if after is not None:
                yield from self._from(after, (*plan, number), deaths - 1, longer)
                self.let_go(after)

    def _judge(self, world: World) -> Result:
        delivered = self.delivered()
        (draft,) = world.store.drafts.all()
        questions = [q for q in world.store.questions.open_questions() if q.kind == "sent"]
        names = tuple(self.checkpoints.names)
        return Result(draft.state, delivered, len(questions), bool(draft.notice), names)


def run_out(world: World, checkpoints: Checkpoints, *, horizon: timedelta = timedelta(minutes=40)) -> None:
    """Lets the service run until nothing more can happen."""
    checkpoints.armed = True
    until = world.clock.now() + horizon
    world.pipeline.pull_all()  # a service that starts reads its accounts before anything else
    while world.clock.now() < until:
        world.pipeline.assess()
        world.pipeline.act()  # reads the accounts itself before anything leaves
        if not _under_way(world):
            break
        world.clock.advance(_until_due(world))
    checkpoints.armed = False
    world.look()  # whatever a later pass might still do


def _until_due(world: World) -> timedelta:
    """To the next moment at which something is due, as the service sleeps; no longer than five minutes."""
    due = world.store.cases.next_due()
    wait = due - world.clock.now() if due is not None else timedelta(minutes=5)
    return min(max(wait, timedelta(seconds=1)), timedelta(minutes=5))


def _under_way(world: World) -> bool:
    drafts = world.store.drafts.all()
    moving = any(d.state in (DraftState.APPROVED, DraftState.SENDING) for d in drafts)
    asked = bool(world.store.requests.pending())
    return moving or asked or bool(world.store.effects.due(world.clock.now() + timedelta(hours=1)))


def approve(world: World) -> None:
    """The person approves the waiting draft by a command, which only writes it down."""
    draft = world.draft()
    payload = {"version": draft.version, "hash": draft.hash}
    world.store.requests.add(RequestKind.APPROVE, draft.id, payload, who="test", now=world.clock.now())


def fresh_clock() -> ManualClock:
    return ManualClock(NOW)
