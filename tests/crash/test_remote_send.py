"""The same promise on the real clients: killed before every request that changes something, file and commit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import DraftState, EffectState
from crash.google import Google
from crash.harness import Result, fresh_clock
from crash.remote import Room, a_room
from fakes.google.server import FakeGoogle, Fault
from worlds import PREFERENCES, World

WISHES = replace(PREFERENCES, replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True))

ANSWERS = {
    "ok": Fault.OK,
    "refused": Fault.REFUSED,
    "reply lost": Fault.LOST,
    "lost, and it did not happen": Fault.UNDONE,
    "happens late": Fault.LATE,
}


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    ram = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(dir=ram if ram.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module", params=["approved", "in trouble"])
def room(request: pytest.FixtureRequest, base: Path) -> Iterator[Room]:
    clock = fresh_clock()
    with FakeGoogle(clock) as google:
        made = a_room(base / request.param, Google(google, clock), WISHES, approved=request.param == "approved")
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
    outside = room.outside
    if result.state is DraftState.SENT:
        assert {e.state for e in world.store.effects.of_draft(draft.id)} == {EffectState.DONE}, told
        assert outside.held() == len(draft.letter.slots), told
        assert outside.told() == ["tentative"], told
        assert outside.drafts() == [], told
    else:
        assert (outside.held(), outside.told()) == (0, []), told
    if result.delivered == 0:
        assert len(outside.drafts()) == 1, told  # the person's letter lies there still, once


@pytest.mark.parametrize("room", ["approved"], indirect=True)
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_sending_is_once_wherever_it_is_killed(room: Room, answer: Fault) -> None:
    send = room.outside.SEND
    world, unharmed = room.trial((), send, answer)
    check(room, world, unharmed, f"unharmed, answer {answer}")
    assert send in unharmed.checkpoints
    assert len(unharmed.checkpoints) >= 8, "the protocol has that many moments at which it can die"
    for moment in range(1, len(unharmed.checkpoints) + 1):
        world, result = room.trial((moment,), send, answer)
        check(room, world, result, f"killed at {moment}, answer {answer}")


@pytest.mark.parametrize("room", ["in trouble"], indirect=True)
@pytest.mark.parametrize("answer", [Fault.OK, Fault.LOST, Fault.UNDONE], ids=["ok", "reply lost", "it did not happen"])
def test_a_draft_is_stored_once_wherever_it_is_killed(room: Room, answer: Fault) -> None:
    create = room.outside.CREATE
    _, unharmed = room.trial((), create, answer)
    assert create in unharmed.checkpoints
    for moment in range(len(unharmed.checkpoints) + 1):
        world, result = room.trial((moment,) if moment else (), create, answer, longer=timedelta(minutes=6))
        told = f"killed at {moment}, answer {answer}: {result}"
        (draft,) = world.store.drafts.all()
        (there,) = room.outside.drafts()
        assert (draft.state, result.delivered) == (DraftState.WAITING, 0), told
        assert draft.stored is not None, told
        assert (draft.stored.ref.split()[0], draft.stored.version) == there, told
        assert not draft.touched, told
