"""How fast a provider may be asked, and when it is left alone.

``Pace`` keeps below a quota, so that no answer says "too fast"; ``Gate`` shuts an API for the time its server asked
for, or after whole calls have failed, so that other threads do not run into the same wall.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from calwatch.errors import Retry
from calwatch.ports import Clock

LONGEST_SHUT = 15 * 60.0
LONGEST_BACKOFF = 64.0


class Pace:
    """A bucket that fills with ``per_minute``: a burst of a fifth of that is free, then calls are spread.

    Servers count over a sliding minute: a burst and what fills up in the minute after it must stay below the quota
    together, so ``per_minute`` is at most five sixths of it.
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._rate = per_minute / 60.0
        self._most = per_minute / 5
        self._left = self._most
        self._clock = clock
        self._at = clock.monotonic()
        self._lock = threading.Lock()

    def take(self, cost: int) -> float:
        """Takes ``cost`` units, on credit if need be; gives the seconds to wait before they may be used."""
        with self._lock:
            now = self._clock.monotonic()
            self._left = min(self._most, self._left + max(0.0, now - self._at) * self._rate) - cost
            self._at = now
            return max(0.0, -self._left / self._rate)


class Gate:
    """Shut until a moment; everybody who comes meanwhile is told to come later, without a request.

    All of them are told the same, with that moment on the clocks of ``zone``: what does not change is logged once.
    """

    def __init__(self, name: str, clock: Clock, zone: str, chance: Callable[[], float]) -> None:
        self._name = name
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._chance = chance
        self._until = 0.0
        self._opens = ""
        self._failed = 0
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Raises Retry while shut."""
        left = self._until - self._clock.monotonic()
        if left > 0:
            raise Retry(
                f"{self._name} is left alone until {self._opens}, because it asked for that or failed",
                after=left,
            )

    def shut(self, seconds: float) -> None:
        """Shuts for ``seconds``, or for longer if it already is."""
        with self._lock:
            self._shut(seconds)

    def failed(self) -> None:
        """A whole call failed, its repetitions included. From the second in a row the API is left alone a while."""
        with self._lock:
            self._failed += 1
            if self._failed < 2:
                return
            self._shut(min(2.0 ** min(self._failed - 1, 10) + self._chance(), LONGEST_BACKOFF))

    def succeeded(self) -> None:
        self._failed = 0

    def _shut(self, seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        if until > self._until:
            self._until = until
            opens = self._clock.now() + timedelta(seconds=seconds)
            self._opens = f"{opens.astimezone(self._zone):%H:%M:%S}"
