"""What the network and the servers of a fake provider do to its calls: planned per operation, or lost at random."""

from __future__ import annotations

import copy
import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Self, TypeVar

from calwatch.ports import Clock

F = TypeVar("F", bound=StrEnum)


class Planned(Generic[F]):
    """The next answers by operation ("calendar.events.list"); what is not planned is lost by chance.

    ``works`` and ``lost`` are the two faults every provider has; operations that begin with ``spared`` are never lost
    by chance. ``wait`` is how long the client may be asked to stay away. ``late`` is when a call that was cut off as
    late is done by itself, at the first call after that; ``None``: only at ``release_late``.
    """

    def __init__(self, clock: Clock, works: F, lost: F, *, spared: str, lose: float = 0.0, seed: int = 0) -> None:
        self._clock = clock
        self._works = works
        self._lost = lost
        self._spared = spared
        self._plan: dict[str, deque[F]] = defaultdict(deque)
        self._random = random.Random(seed)
        self._late: list[tuple[datetime, Callable[[], object]]] = []
        self._slow = threading.Event()
        self.lose = lose
        self.wait = timedelta(minutes=5)
        self.late: timedelta | None = None

    def plan(self, operation: str, *faults: F) -> None:
        """The next calls of the operation meet these, in order."""
        self._plan[operation].extend(faults)

    def copied(self) -> Self:
        """The same plan, and the same calls that were cut off as late, for a provider put back to this moment."""
        copied = copy.copy(self)
        copied._plan = copy.deepcopy(self._plan)
        copied._late = list(self._late)
        return copied

    def clear(self) -> None:
        """From now on everything works."""
        self._plan.clear()
        self.lose = 0.0

    def reseed(self, seed: int, *, lose: float) -> None:
        """From now on this share of the answers is lost, drawn anew."""
        self._random = random.Random(seed)
        self.lose = lose

    def pending(self) -> dict[str, list[F]]:
        """What is planned and has not happened yet."""
        return {operation: list(faults) for operation, faults in self._plan.items() if faults}

    def draw(self, operation: str) -> F:
        if self._plan[operation]:
            return self._plan[operation].popleft()
        by_chance = self.lose and not operation.startswith(self._spared) and self._random.random() < self.lose
        return self._lost if by_chance else self._works

    def postpone(self, act: Callable[[], object]) -> None:
        self._late.append((self._clock.now(), act))

    def release_late(self) -> None:
        """What was cut as LATE is done now."""
        waiting, self._late = self._late, []
        for _, act in waiting:
            act()

    def release_due(self) -> None:
        """What was cut as LATE long enough ago is done now."""
        if self.late is None:
            return
        before = self._clock.now() - self.late
        due = [act for since, act in self._late if since <= before]
        self._late = [(since, act) for since, act in self._late if since > before]
        for act in due:
            act()

    def hold_slow(self) -> None:
        self._slow.wait()

    def release_slow(self) -> None:
        """SLOW calls go on, those to come as well."""
        self._slow.set()
