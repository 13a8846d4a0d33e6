"""Kills calwatch at a chosen checkpoint, starts it again, and lets the truth outside decide what happened.

A checkpoint lies before every effect that outlives the process: each writing call of a port and each commit (for files:
each rename, link, removal as well). Killed before effect n + 1 is killed after effect n, and between two effects
nothing can be
told apart from outside, so this enumeration is complete.
"""

from __future__ import annotations

import copy
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event

from builders import NOW
from calwatch.model.case import DraftState
from calwatch.model.draft import Draft
from calwatch.store import Store, open_store
from fakes.clock import ManualClock
from fakes.faults import Crash
from worlds import World

CALLS = ("save_draft", "update_draft", "send_draft", "discard", "respond", "hold", "release")
FILE_CALLS = ("rename", "replace", "link", "unlink")


@dataclass
class Fuse:
    """Counts checkpoints and blows at the planned ones; each plan entry counts from the crash before it."""

    plan: list[int] = field(default_factory=list)
    passed: int = 0
    names: list[str] = field(default_factory=list)
    armed: bool = False

    def reset(self, plan: Sequence[int]) -> None:
        """A new life with a new plan."""
        self.plan, self.passed, self.names, self.armed = list(plan), 0, [], False

    def __call__(self, name: str) -> None:
        if not self.armed:
            return
        self.passed += 1
        self.names.append(name)
        if self.plan and self.passed == self.plan[0]:
            self.plan.pop(0)
            self.passed = 0
            raise Crash(name)


class Fused:
    """Any port with a checkpoint before each call that changes something outside."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port, self._fuse = port, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in CALLS:
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._fuse(name)
            return found(*args, **kwargs)

        return call


def fuse_store(store: Store, fuse: Fuse) -> None:
    """A checkpoint before every commit that writes."""
    engine = store._database.engine

    def before_commit(connection: Any) -> None:
        if connection.get_execution_options().get("calwatch_writing"):
            fuse("commit")

    sqlalchemy_event.listen(engine, "commit", before_commit)


@contextmanager
def fused_files(fuse: Fuse, root: Path) -> Iterator[None]:
    """A checkpoint before every change of a name below ``root``, the state folder left out."""
    patch = pytest.MonkeyPatch()
    for name in FILE_CALLS:
        real = getattr(os, name)

        def call(*args: Any, _real: Callable[..., Any] = real, _name: str = name, **kwargs: Any) -> Any:
            if str(root) in str(args[0]) and "/state" not in str(args[0]):
                fuse(f"os.{_name}")
            return _real(*args, **kwargs)

        patch.setattr(os, name, call)
    try:
        yield
    finally:
        patch.undo()


@dataclass(frozen=True, slots=True)
class Result:
    """What a trial came to: the draft's state, how often the mail really left, how often the person was asked."""

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


def run_out(world: World, fuse: Fuse, *, horizon: timedelta = timedelta(minutes=40)) -> None:
    """Lets the service run, restarting it after every crash, until nothing more can happen."""
    fuse.armed = True
    until = world.clock.now() + horizon
    born = True
    while world.clock.now() < until:
        try:
            if born:  # a service that starts reads its accounts before anything else
                world.pipeline.pull_all()
                born = False
            world.pipeline.assess()
            world.pipeline.act()  # reads the accounts itself before anything leaves
            if not _under_way(world):
                break
        except Crash:
            fuse.armed = False
            world.start()
            fuse.armed = born = True
        world.clock.advance(_until_due(world))
    fuse.armed = False
    fuse.plan.clear()
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


def judge(world: World, draft_id: int, delivered: int, fuse: Fuse) -> Result:
    draft: Draft = world.store.drafts.get(draft_id)
    questions = [q for q in world.store.questions.open_questions() if q.kind == "sent"]
    return Result(draft.state, delivered, len(questions), bool(draft.notice), tuple(fuse.names))


@dataclass
class Stage:
    """A prepared world, put back before every trial: a waiting draft and the person's approval on its way.

    One open store serves all trials: only what is in its file survives a crash, and a crash inside a transaction
    rolls it
    back as a killed process would.
    """

    store: Store
    template: sqlite3.Connection
    provider: Any
    clock: ManualClock
    fuse: Fuse

    def reset(self) -> tuple[Any, ManualClock]:
        """The state file as it was prepared, and fresh copies of the outside and its clock."""
        path = self.store._database.path
        assert path is not None
        with closing(sqlite3.connect(path)) as target:
            self.template.backup(target)
        provider, clock = copy.deepcopy((self.provider, self.clock))
        return provider, clock

    def close(self) -> None:
        self.store.close()
        self.template.close()


def prepare(folder: Path, provider: Any, clock: ManualClock) -> Stage:
    """A stage of the state in ``folder``, which the caller has prepared and closed."""
    store, fuse = open_store(folder), Fuse()
    fuse_store(store, fuse)
    path = store._database.path
    assert path is not None
    template = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(path)) as source:
        source.backup(template)
    return Stage(store, template, provider, clock, fuse)


def fresh_clock() -> ManualClock:
    return ManualClock(NOW)
