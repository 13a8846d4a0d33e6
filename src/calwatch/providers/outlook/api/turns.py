"""Who may ask Microsoft Graph now: at most four requests of one mailbox are under way, and none while it rests.

Outlook counts concurrent requests per app and mailbox, and answers the fifth with an error.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

AT_ONCE = 4


class Turns:
    """A context manager around one request. A thread that has its turn may ask something else first, within it."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self._pause = pause
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._awake = threading.Lock()
        self._mine = threading.local()

    def __enter__(self) -> None:
        held = getattr(self._mine, "held", 0)
        if not held:
            self._free.acquire()
        self._mine.held = held + 1
        with self._awake:
            return

    def __exit__(self, *_: object) -> None:
        self._mine.held -= 1
        if not self._mine.held:
            self._free.release()

    def rest(self, seconds: float) -> None:
        """Nobody's turn comes before ``seconds`` have passed."""
        with self._awake:
            self._pause(seconds)
