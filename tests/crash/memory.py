"""Providers in memory for crash stories: what they know is copied whole."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crash.harness import Theatre, Watched
from fakes.clock import ManualClock
from worlds import PREFERENCES, InMemory, World


class MemoryTheatre(Theatre):
    """``provider`` and ``clock`` are those of the life that is on, or was last.

    ``begins`` is told of the provider before the first life of a story: the place to plan its answers.
    """

    def __init__(self, folder: Path, provider: InMemory, clock: ManualClock, preferences: Any = PREFERENCES) -> None:
        super().__init__(folder)
        self.provider = provider
        self.clock = clock
        self.preferences = preferences
        self.begins: Callable[[InMemory], None] = lambda provider: None

    def outside(self) -> Any:
        return copy.deepcopy((self.provider, self.clock))

    def put_back(self, outside: Any) -> None:
        self.provider, self.clock = copy.deepcopy(outside)

    def life(self, *, first: bool) -> World:
        if first:
            self.begins(self.provider)
        return World(
            Path(),
            self.provider,
            self.clock,
            self.preferences,
            wrap_mail=lambda mail: Watched(mail, self.checkpoints),
            wrap_calendar=lambda calendar: Watched(calendar, self.checkpoints),
            opener=lambda _folder: self.store,
        )

    def delivered(self) -> int:
        self.provider.mail.settle()
        return len(self.provider.mail.delivered)
