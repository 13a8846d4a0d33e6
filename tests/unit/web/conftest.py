"""What tests of the page start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import ALEX
from fakes.clock import ManualClock
from fakes.gmail_like import GmailLike
from visits import Visit, the_settings
from worlds import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """One person's calwatch on fakes, with nothing in it yet."""
    clock = ManualClock()
    world = World(tmp_path / "state", GmailLike(ALEX, clock), clock)
    yield world
    world.stop()


@pytest.fixture
def visit(world: World, tmp_path: Path) -> Visit:
    """The page of that world, and the person before it."""
    return Visit(world, the_settings(tmp_path))
