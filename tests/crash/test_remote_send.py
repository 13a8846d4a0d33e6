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
from crash.harness import Result, Story, fresh_clock, keeps_the_promise
from crash.microsoft import Microsoft
from crash.remote import Outside, RemoteTheatre, a_theatre
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle
from fakes.microsoft.server import FakeMicrosoft
from worlds import PREFERENCES

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
def theatre(request: pytest.FixtureRequest, base: Path) -> Iterator[RemoteTheatre]:
    """An account at the provider named, its letter ``approved`` or still to be written (``in trouble``)."""
    name, state = request.param
    folder = base / name / state
    folder.mkdir(parents=True)
    with (
        OUTSIDES[name](fresh_clock(), folder) as outside,
        a_theatre(folder, outside, WISHES, approved=state == "approved") as theatre,
    ):
        yield theatre


def at_each(state: str) -> pytest.MarkDecorator:
    """The theatre of every provider in that state."""
    return pytest.mark.parametrize("theatre", [(name, state) for name in OUTSIDES], indirect=True, ids=list(OUTSIDES))


def check(theatre: RemoteTheatre, story: Story) -> None:
    told = f"killed at {story.plan}, answer {theatre.answer}: {story.result}"
    keeps_the_promise(story.result, told)
    outside = theatre.provider
    if story.result.state is DraftState.SENT:
        effects = story.world.store.effects.of_draft(story.draft.id)
        assert {effect.state for effect in effects} == {EffectState.DONE}, told
        assert outside.held() == len(story.draft.letter.slots), told
        assert outside.told() == ["tentative"], told
        assert outside.drafts() == [], told
    else:
        assert (outside.held(), outside.told()) == (0, []), told
    if story.result.delivered == 0:
        assert len(outside.drafts()) == 1, told  # the person's letter lies there still, once


@at_each("approved")
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_sending_is_once_wherever_it_is_killed(theatre: RemoteTheatre, answer: str) -> None:
    theatre.operation, theatre.answer = theatre.provider.SEND, answer
    told: list[Result] = []
    for story in theatre.stories(1):
        check(theatre, story)
        told.append(story.result)
    unharmed = told[0].checkpoints
    assert theatre.operation in unharmed
    assert len(unharmed) >= 8, "the protocol has that many moments at which it can die"
    assert len(told) == 1 + len(unharmed)


@at_each("in trouble")
@pytest.mark.parametrize("answer", ["ok", "lost", "undone"])
def test_a_draft_is_stored_once_wherever_it_is_killed(theatre: RemoteTheatre, answer: str) -> None:
    theatre.operation, theatre.answer = theatre.provider.CREATE, answer
    reached: list[tuple[str, ...]] = []
    for story in theatre.stories(1, longer=timedelta(minutes=6)):
        told = f"killed at {story.plan}, answer {answer}: {story.result}"
        (there,) = theatre.provider.drafts()
        assert (story.draft.state, story.result.delivered) == (DraftState.WAITING, 0), told
        assert story.draft.stored is not None, told
        assert (story.draft.stored.ref.split()[0], story.draft.stored.version) == there, told
        assert not story.draft.touched, told
        reached.append(story.result.checkpoints)
    assert theatre.operation in reached[0]
    assert len(reached) == 1 + len(reached[0])
