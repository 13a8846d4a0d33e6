"""Sending, killed at every checkpoint and every pair of checkpoints, with every answer of the other side.

The promise (design.md, "Sending once"): 0 duplicates, 0 silent losses, every doubt asked exactly once.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import DraftState, EffectState, RequestKind
from calwatch.model.event import Response
from crash.harness import Fused, Result, Stage, fresh_clock, judge, prepare, run_out
from fakes.faults import Answer
from worlds import PREFERENCES, World, a_clash, an_arranged_interview, providers

WISHES = replace(PREFERENCES, replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True))

ANSWERS = {
    "ok": Answer.OK,
    "refused": Answer.REFUSED,
    "reply lost": Answer.LOST,
    "lost, and it did not happen": Answer.UNDONE,
    "happens late": Answer.LATE,
}


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    # A RAM disk where there is one: thousands of trials commit with full synchronisation.
    base = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with tempfile.TemporaryDirectory(dir=base if base.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module", params=["gmail-like", "graph-like"])
def stage(request: pytest.FixtureRequest, room: Path) -> Iterator[Stage]:
    """A draft waits in the mailbox, and the person's approval was just written down by a command."""
    clock = fresh_clock()
    provider = providers(clock)[request.param]
    folder = room / request.param
    world = World(folder, provider, clock, WISHES)
    event = an_arranged_interview(provider, response=Response.ACCEPTED)
    a_clash(provider, event)
    world.look()
    draft = world.draft()
    world.store.requests.add(
        RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": draft.hash}, who="test", now=clock.now()
    )
    world.stop()
    prepared = prepare(folder, provider, clock)
    yield prepared
    prepared.close()


def trial(stage: Stage, plan: tuple[int, ...], answer: Answer) -> Result:
    """One life: killed at the planned checkpoints, with this first answer to the send."""
    provider, clock = stage.reset()
    provider.mail.faults.plan("send_draft", answer)
    fuse = stage.fuse
    fuse.reset(plan)
    world = World(
        Path(),
        provider,
        clock,
        WISHES,
        wrap_mail=lambda mail: Fused(mail, fuse),
        wrap_calendar=lambda calendar: Fused(calendar, fuse),
        opener=lambda _folder: stage.store,
    )
    run_out(world, fuse)
    provider.mail.settle()
    (draft,) = world.store.drafts.all()
    result = judge(world, draft.id, len(provider.mail.delivered), fuse)
    if result.state is DraftState.SENT:
        states = {e.state for e in world.store.effects.of_draft(draft.id)}
        assert states == {EffectState.DONE}, (plan, answer, states)
        held = [e for e in provider.calendar.entries["primary"].values() if e.ref.startswith("hold")]
        assert len(held) == len(draft.letter.slots), (plan, answer)
        assert len(provider.calendar.replies) == 1, (plan, answer)
    return result


def check(result: Result, plan: tuple[int, ...], answer: Answer) -> None:
    told = f"killed at {plan}, answer {answer.value}: {result}"
    assert not result.duplicate, told
    assert not result.silently_lost, told
    assert not result.wrongly_unsent, told
    assert result.state not in (DraftState.APPROVED, DraftState.SENDING), told
    assert result.asked == (1 if result.state is DraftState.UNSURE else 0), told


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_killed_at_every_checkpoint(stage: Stage, answer: Answer) -> None:
    unharmed = trial(stage, (), answer)
    check(unharmed, (), answer)
    assert len(unharmed.checkpoints) >= 8, "the protocol has that many moments at which it can die"
    for first in range(1, len(unharmed.checkpoints) + 1):
        check(trial(stage, (first,), answer), (first,), answer)


@pytest.mark.parametrize("answer", [Answer.OK, Answer.REFUSED, Answer.LOST], ids=["ok", "refused", "reply lost"])
def test_killed_at_every_pair_of_checkpoints(stage: Stage, answer: Answer) -> None:
    firsts = len(trial(stage, (), answer).checkpoints)
    trials = 0
    for first in range(1, firsts + 1):
        for second in itertools.count(1):
            result = trial(stage, (first, second), answer)
            trials += 1
            check(result, (first, second), answer)
            if len(result.checkpoints) < first + second:
                break  # the second life ended before its checkpoint
    assert trials >= firsts


def test_an_undisturbed_send_is_sent_once(stage: Stage) -> None:
    result = trial(stage, (), Answer.OK)
    assert (result.state, result.delivered) == (DraftState.SENT, 1)


def test_a_lost_answer_is_found_in_sent(stage: Stage) -> None:
    result = trial(stage, (), Answer.LOST)
    assert (result.state, result.delivered, result.asked) == (DraftState.SENT, 1, 0)
