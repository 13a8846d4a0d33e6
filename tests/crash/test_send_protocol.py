"""Sending, killed at every checkpoint and every pair of checkpoints, with every answer of the other side.

The promise (design.md, "Sending once"): 0 duplicates, 0 silent losses, every doubt asked exactly once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import DraftState, EffectState
from calwatch.model.event import Response
from crash.harness import Story, approve, fresh_clock, keeps_the_promise
from crash.memory import MemoryTheatre
from fakes.faults import Answer
from worlds import PREFERENCES, World, a_clash, an_arranged_interview, providers

WISHES = replace(PREFERENCES, replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True))

ANSWERS = {
    "ok": (Answer.OK, 2),
    "refused": (Answer.REFUSED, 2),
    "reply lost": (Answer.LOST, 2),
    "lost, and it did not happen": (Answer.UNDONE, 1),
    "happens late": (Answer.LATE, 1),
}
"""The first answer to the send, and how often calwatch dies."""


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    # A RAM disk where there is one: thousands of lives commit with full synchronisation.
    base = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(dir=base if base.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module", params=["gmail-like", "graph-like"])
def theatre(request: pytest.FixtureRequest, room: Path) -> Iterator[MemoryTheatre]:
    """A draft waits in the mailbox, and the person's approval was just written down by a command."""
    clock = fresh_clock()
    provider = providers(clock)[request.param]
    world = World(room / request.param, provider, clock, WISHES)
    event = an_arranged_interview(provider, response=Response.ACCEPTED)
    a_clash(provider, event)
    world.look()
    approve(world)
    world.stop()
    theatre = MemoryTheatre(world.folder, provider, clock, WISHES)
    yield theatre
    theatre.close()


def stories(theatre: MemoryTheatre, deaths: int, answer: Answer) -> Iterator[Story]:
    """With this first answer to the send."""
    theatre.begins = lambda provider: provider.mail.faults.plan("send_draft", answer)
    return theatre.stories(deaths)


def check(theatre: MemoryTheatre, story: Story, answer: Answer) -> None:
    told = f"killed at {story.plan}, answer {answer.value}"
    keeps_the_promise(story.result, told)
    if story.result.state is DraftState.SENT:
        effects = story.world.store.effects.of_draft(story.draft.id)
        assert {effect.state for effect in effects} == {EffectState.DONE}, told
        calendar = theatre.provider.calendar
        held = [entry for entry in calendar.entries["primary"].values() if entry.ref.startswith("hold")]
        assert len(held) == len(story.draft.letter.slots), told
        assert len(calendar.replies) == 1, told


@pytest.mark.parametrize(("answer", "deaths"), ANSWERS.values(), ids=ANSWERS.keys())
def test_killed_at_every_checkpoint_and_at_every_one_after(theatre: MemoryTheatre, answer: Answer, deaths: int) -> None:
    told: dict[tuple[int, ...], int] = {}
    for story in stories(theatre, deaths, answer):
        check(theatre, story, answer)
        told[story.plan] = len(story.result.checkpoints)
    assert told[()] >= 8, "the protocol has that many moments at which it can die"
    expected: set[tuple[int, ...]] = {()}
    for _ in range(deaths):
        expected |= {(*plan, number) for plan in expected for number in range(1, told[plan] + 1)}
    assert told.keys() == expected


def test_an_undisturbed_send_is_sent_once(theatre: MemoryTheatre) -> None:
    (told,) = stories(theatre, 0, Answer.OK)
    assert (told.result.state, told.result.delivered) == (DraftState.SENT, 1)


def test_a_lost_answer_is_found_in_sent(theatre: MemoryTheatre) -> None:
    (told,) = stories(theatre, 0, Answer.LOST)
    assert (told.result.state, told.result.delivered, told.result.asked) == (DraftState.SENT, 1, 0)
