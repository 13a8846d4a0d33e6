"""What the fake Google's network and servers do to a call: planned per method id, or lost at random."""

from __future__ import annotations

import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from calwatch.ports import Clock
from fakes.google.call import ApiError


class Fault(StrEnum):
    """One answer. Those up to ``REFUSED`` come before anything is done."""

    OK = "ok"
    UNDONE = "undone"  # the connection is cut before acting
    LATE = "late"  # cut now; it is done at ``release_late``
    DOWN = "down"  # 503 backendError
    HTML_502 = "html-502"
    RATE = "rate"  # 403 rateLimitExceeded
    RATE_UNTIL = "rate-until"  # 403 with the moment in its message
    TOO_MANY = "too-many"  # 429 with Retry-After
    DAILY_LIMIT = "daily-limit"  # 403 dailyLimitExceeded
    UNAUTHORIZED = "unauthorized"  # 401
    FORBIDDEN_SCOPE = "forbidden-scope"  # 403 insufficientPermissions
    REFUSED = "refused"  # 400 invalidArgument
    GONE_410 = "gone-410"  # fullSyncRequired
    BAD_TOKEN_400 = "bad-token-400"  # "Invalid sync token value."
    SLOW = "slow"  # it is done after ``release_slow``
    LOST = "lost"  # it is done, then the connection is cut without an answer
    TRUNCATED = "truncated"  # it is done; half a JSON arrives, as if it were whole
    BROKEN_OFF = "broken-off"  # it is done; half an answer arrives, then the connection is cut


CUT_BEFORE = frozenset({Fault.UNDONE, Fault.LATE})


class Faults:
    """The next answers by method id ("calendar.events.list", "oauth.token"); what is not planned is lost by chance.

    ``wait`` is how long RATE_UNTIL and TOO_MANY ask the client to stay away. ``late`` is when a LATE one is done by
    itself, at the first call after that; ``None``: only at ``release_late``.
    """

    def __init__(self, clock: Clock, *, lose: float = 0.0, seed: int = 0) -> None:
        self._clock = clock
        self._plan: dict[str, deque[Fault]] = defaultdict(deque)
        self._random = random.Random(seed)
        self._late: list[tuple[datetime, Callable[[], object]]] = []
        self._slow = threading.Event()
        self.lose = lose
        self.wait = timedelta(minutes=5)
        self.late: timedelta | None = None

    def plan(self, method_id: str, *faults: Fault) -> None:
        """The next calls of the method meet these, in order."""
        self._plan[method_id].extend(faults)

    def clear(self) -> None:
        """From now on everything works."""
        self._plan.clear()
        self.lose = 0.0

    def reseed(self, seed: int, *, lose: float) -> None:
        """From now on this share of the answers is lost, drawn anew."""
        self._random = random.Random(seed)
        self.lose = lose

    def pending(self) -> dict[str, list[Fault]]:
        """What is planned and has not happened yet."""
        return {method_id: list(faults) for method_id, faults in self._plan.items() if faults}

    def draw(self, method_id: str) -> Fault:
        if self._plan[method_id]:
            return self._plan[method_id].popleft()
        by_chance = self.lose and not method_id.startswith("oauth.") and self._random.random() < self.lose
        return Fault.LOST if by_chance else Fault.OK

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

    def refusal(self, fault: Fault) -> ApiError | None:
        """The error this fault answers instead of acting, if it is one of those."""
        match fault:
            case Fault.DOWN:
                return ApiError(503, "backendError", "Backend Error")
            case Fault.RATE:
                return ApiError(403, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits")
            case Fault.RATE_UNTIL:
                until = f"{self._clock.now() + self.wait:%Y-%m-%dT%H:%M:%S}.000Z"
                message = f"User-rate limit exceeded.  Retry after {until}"
                return ApiError(403, "rateLimitExceeded", message, "usageLimits", shape="new")
            case Fault.TOO_MANY:
                message = "Too many concurrent requests for user"
                return ApiError(429, "rateLimitExceeded", message, "usageLimits")
            case Fault.DAILY_LIMIT:
                return ApiError(403, "dailyLimitExceeded", "Daily Limit Exceeded", "usageLimits")
            case Fault.REFUSED:
                return ApiError(400, "invalidArgument", "Invalid argument.")
            case Fault.GONE_410:
                message = "Sync token is no longer valid, a full sync is required."
                return ApiError(410, "fullSyncRequired", message, "calendar")
            case Fault.BAD_TOKEN_400:
                return ApiError(400, "invalid", "Invalid sync token value.", location="syncToken")
        return None
