"""What keeps the service alive: nothing that one pass raises ends it, and a pass that hangs is noticed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
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
    """The watchdog's idea of whether the service still gets somewhere."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._busy = threading.Event()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around one piece of work; whatever it raises is survived."""
        self._at = time.monotonic()
        self._busy.set()
        try:
            with Surviving():
                yield
        finally:
            self._busy.clear()
            self._at = time.monotonic()

    def is_stalled(self) -> bool:
        return self._busy.is_set() and time.monotonic() - self._at > STALLED.total_seconds()
