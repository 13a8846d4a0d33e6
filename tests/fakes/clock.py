"""A clock that moves only when a test says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from builders import NOW


class ManualClock:
    """``ports.Clock`` by hand: ``advance`` moves both clocks, ``step`` only the wall, ``reboot`` the monotonic one."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._boot = 1

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def boot_id(self) -> str:
        return f"boot-{self._boot}"

    def advance(self, delta: timedelta | float) -> datetime:
        """Lets ``delta`` (a timedelta or seconds) pass."""
        passed = delta if isinstance(delta, timedelta) else timedelta(seconds=delta)
        self._now += passed
        self._monotonic += passed.total_seconds()
        return self._now

    def step(self, delta: timedelta) -> None:
        """Somebody set the wall clock."""
        self._now += delta

    def reboot(self) -> None:
        self._boot += 1
        self._monotonic = 5.0
