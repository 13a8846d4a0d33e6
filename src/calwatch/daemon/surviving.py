"""What keeps the service alive: nothing that one pass raises ends it, and a pass that hangs is noticed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from calwatch.errors import CalwatchError
from calwatch.logs import log_bug

log = logging.getLogger(__name__)

STALLED = timedelta(minutes=15)
"""A pull that has not finished for so long is a hang: the watchdog is no longer fed."""


class Surviving:
    """The outer loop's protection: nothing that a pass raises ends the service."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, CalwatchError):
            log.error("a pass did not finish", exc_info=error)
        elif isinstance(error, Exception):
            log_bug(log, "a pass did not finish", error)
        return isinstance(error, Exception)


class Progress:
    """The idea of whether the service still gets somewhere: the watchdog's, and that of whoever asks the page."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._turned = seconds()
        self._begun: dict[object, float] = {}  # the work at hand, of all threads

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around one piece of work; whatever it raises is survived."""
        piece = object()
        self._begun[piece] = self._seconds()
        try:
            with Surviving():
                yield
        finally:
            del self._begun[piece]

    def turn(self) -> None:
        """The service's loop has come round once more."""
        self._turned = self._seconds()

    def is_stalled(self) -> bool:
        """Whether a piece of work hangs, whatever else goes on beside it."""
        now = self._seconds()
        return now - min(list(self._begun.values()), default=now) > STALLED.total_seconds()

    def is_alive(self) -> bool:
        """Whether the loop comes round and nothing hangs."""
        return not self.is_stalled() and self._seconds() - self._turned <= STALLED.total_seconds()
