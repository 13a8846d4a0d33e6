"""Fifty seeds per provider with one reply in five unclear or missing: never two mails, never a silent loss."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crash.harness import approve, fresh_clock, keeps_the_promise
from crash.memory import MemoryTheatre
from fakes.faults import Answer, Faults
from worlds import InMemory, World, a_waiting_draft, providers

CHANCES = {Answer.LOST: 0.05, Answer.UNDONE: 0.05, Answer.LATE: 0.05, Answer.DOWN: 0.05}


@pytest.fixture(scope="module", params=["gmail-like", "graph-like"])
def theatre(request: pytest.FixtureRequest, room: Path) -> Iterator[MemoryTheatre]:
    """A draft waits in the mailbox, and the person's approval was just written down by a command."""
    clock = fresh_clock()
    provider = providers(clock)[request.param]
    world = World(room / f"lost-{request.param}", provider, clock)
    a_waiting_draft(world)
    approve(world)
    world.stop()
    theatre = MemoryTheatre(world.folder, provider, clock)
    yield theatre
    theatre.close()


@pytest.mark.parametrize("seed", range(50))
def test_no_mail_leaves_twice_or_is_lost_without_a_word(theatre: MemoryTheatre, seed: int) -> None:
    def unclear(provider: InMemory) -> None:
        provider.mail.faults = provider.calendar.faults = provider.faults = Faults(seed=seed, chances=CHANCES)

    theatre.begins = unclear
    keeps_the_promise(theatre.undisturbed().result, f"seed {seed}")
