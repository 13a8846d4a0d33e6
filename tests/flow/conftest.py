"""What flow tests start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from flow.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty calendar, an empty mailbox and a right configuration."""
    return World(tmp_path)
