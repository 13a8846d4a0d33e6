"""What the fake Microsoft's network and servers do to a call: planned per operation, or lost at random."""

from __future__ import annotations

import base64
from datetime import timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Literal

from calwatch.ports import Clock
from fakes.microsoft.call import ApiError
from fakes.planned import Planned


class Fault(StrEnum):
    """One answer. Those up to ``CONFLICT`` come before anything is done."""

    OK = "ok"
    UNDONE = "undone"  # the connection is cut before acting
    LATE = "late"  # cut now; it is done at ``release_late``
    DOWN = "down"  # 503 ErrorServerBusy
    HTML_504 = "html-504"
    EMPTY_504 = "empty-504"  # UnknownError with an empty message
    TOO_MANY = "too-many"  # 429, with Retry-After as ``retry_after`` says
    CONCURRENCY = "concurrency"  # 429 ApplicationThrottled: too many at once for one mailbox
    UNAUTHORIZED = "unauthorized"  # 401 InvalidAuthenticationToken
    INSUFFICIENT_CLAIMS = "insufficient-claims"  # 401 that wants a token with more in it
    FORBIDDEN_SCOPE = "forbidden-scope"  # 403 ErrorAccessDenied
    NO_MAILBOX = "no-mailbox"  # 404 MailboxNotEnabledForRESTAPI
    REFUSED = "refused"  # 400 ErrorInvalidRequest
    GONE_410 = "gone-410"
    SYNC_STATE_NOT_FOUND = "sync-state-not-found"  # 400
    RESYNC_REQUIRED = "resync-required"  # 404
    BARE_400 = "bare-400"
    CONFLICT = "conflict"  # 412
    SLOW = "slow"  # it is done after ``release_slow``
    LOST = "lost"  # it is done, then the connection is cut without an answer
    TRUNCATED = "truncated"  # it is done; half a JSON arrives, as if it were whole
    BROKEN_OFF = "broken-off"  # it is done; half an answer arrives, then the connection is cut


CUT_BEFORE = frozenset({Fault.UNDONE, Fault.LATE})
CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'


class Faults(Planned[Fault]):
    """The next answers by operation ("messages.send"); operations that are joined have one plan.

    ``retry_after`` is how a 429 words ``wait``, ``"absent"`` not at all. ``names_another``: a 410 says where to begin
    anew.
    """

    def __init__(self, clock: Clock, *, lose: float = 0.0, seed: int = 0) -> None:
        super().__init__(clock, Fault.OK, Fault.LOST, spared="identity.", lose=lose, seed=seed)
        self.wait = timedelta(seconds=1)
        self.retry_after: Literal["seconds", "fraction", "date", "absent"] = "seconds"
        self.names_another = True
        self._joined: dict[str, str] = {}

    def join(self, first: str, *others: str) -> None:
        """What is planned for ``first`` is met by whichever of them is called next."""
        self._joined |= dict.fromkeys(others, first)

    def draw(self, operation: str) -> Fault:
        if self._plan[operation]:
            return self._plan[operation].popleft()
        return super().draw(self._joined.get(operation, operation))

    def refusal(self, fault: Fault) -> ApiError | None:
        """The error this fault answers instead of acting, if it is one of those."""
        match fault:
            case Fault.DOWN:
                return ApiError(503, "ErrorServerBusy", "The server cannot service this request right now.")
            case Fault.EMPTY_504:
                return ApiError(504, "UnknownError", "")
            case Fault.TOO_MANY:
                return ApiError(429, "TooManyRequests", "Too many requests.", self._patience())
            case Fault.CONCURRENCY:
                message = "Application is over its MailboxConcurrency limit."
                return ApiError(429, "ApplicationThrottled", message, self._patience())
            case Fault.UNAUTHORIZED:
                return bad_token()
            case Fault.INSUFFICIENT_CLAIMS:
                return wants_claims()
            case Fault.FORBIDDEN_SCOPE:
                return no_access()
            case Fault.NO_MAILBOX:
                message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
                return ApiError(404, "MailboxNotEnabledForRESTAPI", message)
            case Fault.REFUSED:
                return ApiError(400, "ErrorInvalidRequest", "Your request can't be completed.")
            case Fault.GONE_410:
                return ApiError(410, "SyncStateNotFound", "The sync state generation is not found.")
            case Fault.SYNC_STATE_NOT_FOUND:
                return ApiError(400, "SyncStateNotFound", "The sync state generation is not found.")
            case Fault.RESYNC_REQUIRED:
                return ApiError(404, "resyncRequired", "Resync is required.")
            case Fault.BARE_400:
                return ApiError(400, "BadRequest", "")
            case Fault.CONFLICT:
                message = "The send or update operation could not be performed because the change key passed in the "
                return ApiError(412, "ErrorIrresolvableConflict", f"{message}request does not match the current one.")
        return None

    def _patience(self) -> dict[str, str]:
        seconds = self.wait.total_seconds()
        words = {
            "seconds": str(int(seconds)),
            "fraction": f"{seconds + 0.128:.3f}",
            "date": format_datetime(self._clock.now() + self.wait, usegmt=True),
        }
        return {"Retry-After": words[self.retry_after]} if self.retry_after in words else {}


def bad_token() -> ApiError:
    """The 401 of an access token that is unknown, expired or revoked."""
    challenge = 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    message = "Lifetime validation failed, the token is expired."
    return ApiError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": challenge})


def wants_claims() -> ApiError:
    """The 401 that says what a new token must carry."""
    claims = base64.b64encode(CLAIMS.encode()).decode()
    challenge = f'Bearer realm="", error="insufficient_claims", claims="{claims}"'
    message = "Continuous access evaluation resulted in challenge."
    return ApiError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": challenge})


def no_access() -> ApiError:
    """The 403 of a token that lacks the operation's permissions."""
    return ApiError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
