"""The same promise on the real clients: killed before every request that changes something, file and commit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import DraftState, EffectState
from crash.google import Google
from crash.harness import Result, fresh_clock
from crash.microsoft import Microsoft
from crash.remote import Outside, Room, a_room
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle
from fakes.microsoft.server import FakeMicrosoft
from worlds import PREFERENCES, World

WISHES = replace(PREFERENCES, replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True))

ANSWERS = {
    "ok": "ok",
    "refused": "refused",
    "reply lost": "lost",
    "lost, and it did not happen": "undone",
    "happens late": "late",
}


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    ram = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(dir=ram if ram.is_dir() else None) as folder:
        yield Path(folder)


@contextmanager
def at_google(clock: ManualClock, base: Path) -> Iterator[Outside]:
    with FakeGoogle(clock) as google:
        yield Google(google, clock)
        assert google.violations == []


@contextmanager
def at_microsoft(clock: ManualClock, base: Path) -> Iterator[Outside]:
    with FakeMicrosoft(clock) as microsoft, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(microsoft.ca_file(base)))
        yield Microsoft(microsoft, clock)
        assert microsoft.violations == []


OUTSIDES = {"google": at_google, "outlook": at_microsoft}


@pytest.fixture(scope="module")
def room(request: pytest.FixtureRequest, base: Path) -> Iterator[Room]:
    """An account at the provider named, its letter ``approved`` or still to be written (``in trouble``)."""
    name, state = request.param
    folder = base / name / state
    folder.mkdir(parents=True)
    with OUTSIDES[name](fresh_clock(), folder) as outside:
        made = a_room(folder, outside, WISHES, approved=state == "approved")
        yield made
        made.stage.close()


def at_each(state: str) -> pytest.MarkDecorator:
    """The room of every provider in that state."""
    return pytest.mark.parametrize("room", [(name, state) for name in OUTSIDES], indirect=True, ids=list(OUTSIDES))


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


@at_each("approved")
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_sending_is_once_wherever_it_is_killed(room: Room, answer: str) -> None:
    send = room.outside.SEND
    world, unharmed = room.trial((), send, answer)
    check(room, world, unharmed, f"unharmed, answer {answer}")
    assert send in unharmed.checkpoints
    assert len(unharmed.checkpoints) >= 8, "the protocol has that many moments at which it can die"
    for moment in range(1, len(unharmed.checkpoints) + 1):
        world, result = room.trial((moment,), send, answer)
        check(room, world, result, f"killed at {moment}, answer {answer}")


@at_each("in trouble")
@pytest.mark.parametrize("answer", ["ok", "lost", "undone"])
def test_a_draft_is_stored_once_wherever_it_is_killed(room: Room, answer: str) -> None:
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
