"""The same promise on the real Google client: killed before every request that changes something, file and commit.

Google lives on, calwatch's files as well; what a life knew only in memory dies with it.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import DraftState, EffectState, RequestKind
from calwatch.model.event import Response
from calwatch.providers.google.api.connection import Connection
from crash.harness import Result, Stage, fresh_clock, fused_files, judge, prepare, run_out
from fakes.clock import ManualClock
from fakes.google.faults import Fault, Faults
from fakes.google.person import GooglePerson
from fakes.google.server import FakeGoogle
from worlds import PREFERENCES, World, a_clash, an_arranged_interview

WISHES = replace(PREFERENCES, replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True))

ANSWERS = {
    "ok": Fault.OK,
    "refused": Fault.REFUSED,
    "reply lost": Fault.LOST,
    "lost, and it did not happen": Fault.UNDONE,
    "happens late": Fault.LATE,
}
SEND, CREATE = "gmail.users.drafts.send", "gmail.users.drafts.create"


@dataclass
class Room:
    """Google, calwatch's folder for it, and both as they were when the trials began."""

    google: FakeGoogle
    clock: ManualClock
    folder: Path
    stage: Stage
    kept: Any
    resources: tuple[Any, Any] = (None, None)
    _person: GooglePerson | None = field(default=None, init=False)

    # --- what ``worlds.World`` wants of a provider: a new client for every life -------------------------------------

    @property
    def calendar(self) -> Any:
        self._person = GooglePerson(self.google, self.clock, self.folder)
        _fuse_writes(self._person.connection, self.stage.fuse)
        self._know_the_apis(self._person.connection)
        return self._person.calendar

    @property
    def mail(self) -> Any:
        assert self._person is not None
        return self._person.mail

    def _know_the_apis(self, connection: Connection) -> None:
        """What is built from the discovery documents is the same in every life, and slow to build."""
        if self.resources[0] is None:
            self.resources = (connection.calendar, connection.gmail)
        connection._calendar.resource, connection._gmail.resource = self.resources

    # --- one trial ---------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        _, clock = self.stage.reset()
        vars(self.clock).update(vars(clock))
        google = self.google
        google.calendar, google.gmail, google.oauth = copy.deepcopy(self.kept, {id(self.clock): self.clock})
        google._handlers = {"calendar": google.calendar, "gmail": google.gmail}
        google.faults = Faults(self.clock)
        shutil.rmtree(self.folder)
        shutil.copytree(self.folder.with_name("template"), self.folder)

    def trial(
        self, plan: tuple[int, ...], method: str, answer: Fault, *, longer: timedelta = timedelta()
    ) -> tuple[World, Result]:
        """One story: killed at the planned checkpoints, with this first answer to ``method``; some time ``longer``."""
        self.reset()
        fuse = self.stage.fuse
        fuse.reset(plan)
        self.google.faults.plan(method, answer)
        with fused_files(fuse, self.folder):
            world = World(Path(), self, self.clock, WISHES, opener=lambda _folder: self.stage.store)  # type: ignore[arg-type]  # stands in for a fake's two ports
            run_out(world, fuse)
            world.live(longer, step=timedelta(minutes=1))
        self.google.faults.release_late()
        (draft,) = world.store.drafts.all()
        return world, judge(world, draft.id, len(self.google.gmail.delivered), fuse)


def _fuse_writes(connection: Connection, fuse: Callable[[str], None]) -> None:
    real = connection.write

    def write(request: Any, **more: Any) -> Any:
        fuse(request.methodId)
        return real(request, **more)

    connection.write = write  # type: ignore[method-assign]  # a checkpoint before each change at Google


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    ram = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(dir=ram if ram.is_dir() else None) as folder:
        yield Path(folder)


def a_room(base: Path, google: FakeGoogle, clock: ManualClock, *, approved: bool) -> Room:
    """An interview and its clash; when ``approved``, its draft waits in Gmail and the approval was written down."""
    folder, state = base / "google", base / "store"
    person = GooglePerson(google, clock, folder)
    world = World(state, person, clock, WISHES)
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
    kept = copy.deepcopy((google.calendar, google.gmail, google.oauth), {id(clock): clock})
    return Room(google, clock, folder, stage, kept)


@pytest.fixture(scope="module", params=["approved", "in trouble"])
def room(request: pytest.FixtureRequest, base: Path) -> Iterator[Room]:
    clock = fresh_clock()
    with FakeGoogle(clock) as google:
        made = a_room(base / request.param, google, clock, approved=request.param == "approved")
        yield made
        made.stage.close()
        assert google.violations == []


def check(room: Room, world: World, result: Result, told: str) -> None:
    told = f"{told}: {result}"
    assert not result.duplicate, told
    assert not result.silently_lost, told
    assert not result.wrongly_unsent, told
    assert result.state not in (DraftState.APPROVED, DraftState.SENDING), told
    assert result.asked == (1 if result.state is DraftState.UNSURE else 0), told
    (draft,) = world.store.drafts.all()
    held = [e for e in room.google.calendar.book().entries.values() if e.raw.get("summary") == "Busy"]
    replies = [reply for reply in room.google.calendar.replies if reply.mailed]
    if result.state is DraftState.SENT:
        assert {e.state for e in world.store.effects.of_draft(draft.id)} == {EffectState.DONE}, told
        assert len(held) == len(draft.letter.slots), told
        assert [reply.response for reply in replies] == ["tentative"], told
        assert room.google.gmail.drafts == {}, told
    else:
        assert (held, replies) == ([], []), told
    if result.delivered == 0:
        assert len(room.google.gmail.drafts) == 1, told  # the person's letter lies there still, once


@pytest.mark.parametrize("room", ["approved"], indirect=True)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_sending_is_once_wherever_it_is_killed(room: Room, answer: Fault) -> None:
    world, unharmed = room.trial((), SEND, answer)
    check(room, world, unharmed, f"unharmed, answer {answer}")
    assert SEND in unharmed.checkpoints
    assert len(unharmed.checkpoints) >= 8, "the protocol has that many moments at which it can die"
    for moment in range(1, len(unharmed.checkpoints) + 1):
        world, result = room.trial((moment,), SEND, answer)
        check(room, world, result, f"killed at {moment}, answer {answer}")


@pytest.mark.parametrize("room", ["in trouble"], indirect=True)
@pytest.mark.parametrize("answer", [Fault.OK, Fault.LOST, Fault.UNDONE], ids=["ok", "reply lost", "it did not happen"])
def test_a_draft_is_stored_once_wherever_it_is_killed(room: Room, answer: Fault) -> None:
    _, unharmed = room.trial((), CREATE, answer)
    assert CREATE in unharmed.checkpoints
    for moment in range(len(unharmed.checkpoints) + 1):
        world, result = room.trial((moment,) if moment else (), CREATE, answer, longer=timedelta(minutes=6))
        told = f"killed at {moment}, answer {answer}: {result}"
        (draft,) = world.store.drafts.all()
        (there,) = room.google.gmail.drafts.values()
        assert (draft.state, result.delivered) == (DraftState.WAITING, 0), told
        assert draft.stored is not None, told
        assert draft.stored.ref.split()[0] == there.id, told
        assert draft.stored.version == there.version, told
        assert not draft.touched, told
