"""What the fake Google's network and servers do to a call: planned per method id, or lost at random."""

from __future__ import annotations

from enum import StrEnum

from calwatch.ports import Clock
from fakes.google.call import ApiError
from fakes.planned import Planned


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


class Faults(Planned[Fault]):
    """The next answers by method id ("calendar.events.list", "oauth.token"); what is not planned is lost by chance.

    ``wait`` is how long RATE_UNTIL and TOO_MANY ask the client to stay away.
    """

    def __init__(self, clock: Clock, *, lose: float = 0.0, seed: int = 0) -> None:
        super().__init__(clock, Fault.OK, Fault.LOST, spared="oauth.", lose=lose, seed=seed)

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
