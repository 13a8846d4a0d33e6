"""Fifty seeds per provider with one reply in five unclear or missing: never two mails, never a silent loss."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calwatch.model.case import DraftState, RequestKind
from crash.harness import Stage, fresh_clock, judge, prepare, run_out
from fakes.faults import Answer, Faults
from worlds import World, a_waiting_draft, providers

CHANCES = {Answer.LOST: 0.05, Answer.UNDONE: 0.05, Answer.LATE: 0.05, Answer.DOWN: 0.05}


@pytest.fixture(scope="module", params=["gmail-like", "graph-like"])
def stage(request: pytest.FixtureRequest, room: Path) -> Iterator[Stage]:
    """A draft waits in the mailbox, and the person's approval was just written down by a command."""
    clock = fresh_clock()
    world = World(room / f"lost-{request.param}", providers(clock)[request.param], clock)
    draft = a_waiting_draft(world).draft
    world.store.requests.add(
        RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": draft.hash}, who="test", now=clock.now()
    )
    world.stop()
    prepared = prepare(world.folder, world.provider, clock)
    yield prepared
    prepared.store.close()
    prepared.template.close()


@pytest.mark.parametrize("seed", range(50))
def test_no_mail_leaves_twice_or_is_lost_without_a_word(stage: Stage, seed: int) -> None:
    provider, clock = stage.reset()
    faults = Faults(seed=seed, chances=CHANCES)
    provider.mail.faults = provider.calendar.faults = provider.faults = faults
    stage.fuse.reset(())
    world = World(Path(), provider, clock, opener=lambda _folder: stage.store)
    run_out(world, stage.fuse)
    provider.mail.settle()
    (draft,) = world.store.drafts.all()
    result = judge(world, draft.id, len(provider.mail.delivered), stage.fuse)
    assert not result.duplicate
    assert not result.silently_lost
    assert not result.wrongly_unsent
    assert result.state not in (DraftState.APPROVED, DraftState.SENDING)
