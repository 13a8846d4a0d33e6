"""How fast each of Google's APIs may be asked, and when it is left alone; both APIs apart from each other.

``Pace`` keeps below the quota, so that no answer says "too fast"; ``Gate`` shuts an API for the time Google asked for,
or after whole calls have failed, so that other threads and accounts do not run into the same wall.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from calwatch.errors import Retry
from calwatch.ports import Clock

GMAIL_UNITS_PER_MINUTE = 5000  # of 6,000 per person and project; older projects may use more
CALENDAR_REQUESTS_PER_MINUTE = 500  # of 600 per person and project
LONGEST_SHUT = 15 * 60.0
SPENT_SHUT = 60 * 60.0
LONGEST_BACKOFF = 64.0

_UNITS = {
    "gmail.users.getProfile": 1,
    "gmail.users.labels.list": 1,
    "gmail.users.history.list": 2,
    "gmail.users.messages.list": 5,
    "gmail.users.messages.get": 20,
    "gmail.users.messages.attachments.get": 20,
    "gmail.users.messages.send": 100,
    "gmail.users.threads.list": 10,
    "gmail.users.threads.get": 40,
    "gmail.users.drafts.list": 5,
    "gmail.users.drafts.get": 20,
    "gmail.users.drafts.create": 10,
    "gmail.users.drafts.update": 15,
    "gmail.users.drafts.delete": 10,
    "gmail.users.drafts.send": 100,
    "calendar.events.patch": 3,
}
_OTHER_GMAIL = 20
_OTHER_CALENDAR = 1


def units(method: str) -> int:
    """What one call of ``method`` costs of its API's quota."""
    return _UNITS.get(method, _OTHER_GMAIL if method.startswith("gmail.") else _OTHER_CALENDAR)


class Pace:
    """A bucket that fills with ``per_minute``: a burst of a fifth of that is free, then calls are spread.

    Google counts over a sliding minute and allows a fifth more than we ask: a burst and what fills up in the minute
    after it must stay below that together.
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
