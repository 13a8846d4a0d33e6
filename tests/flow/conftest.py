"""What flow tests start from."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from flow.remote_providers import WORLDS, Remote
from flow.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty calendar, an empty mailbox and a right configuration."""
    return World(tmp_path)


@pytest.fixture(params=sorted(WORLDS))
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Remote:
    """Opens a world with an account at one of the remote providers."""
    return partial(WORLDS[request.param], tmp_path)
