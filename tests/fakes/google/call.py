"""What the HTTP side of the fake Google hands to its Calendar and its Gmail, and the errors they answer with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class Call:
    """One call of a method, already checked against the discovery document.

    ``params`` are path and query parameters, typed; repeated ones are lists, absent ones are absent (no defaults are
    filled in). ``headers`` have lower-case names. ``scopes`` are those of the access token it came with.
    """

    method_id: str
    params: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()


class Handler(Protocol):
    """A Calendar or a Gmail."""

    def handle(self, call: Call) -> dict[str, Any] | None:
        """The JSON answered, ``None`` for 204; raises ``ApiError``. Nobody else is in here meanwhile."""


STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class ApiError(Exception):
    """An error as Google words it.

    ``location`` names the parameter or header at fault. ``shape`` "calendar" is the older body without ``status``,
    "new" the one with it; without a shape it is the one its API uses. ``details`` go into the body as they are.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        domain: str = "global",
        location: str = "",
        shape: Literal["", "calendar", "new"] = "",
        details: tuple[dict[str, Any], ...] = (),
    ) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.shape = shape
        self.details = details

    def body(self, api: str) -> dict[str, Any]:
        """The JSON of this error as ``api`` ("calendar" or "gmail") answers it."""
        short = self.message.partition("  Retry after")[0]
        if self.reason == "insufficientPermissions":
            short = "Insufficient Permission"
        entry = {"domain": self.domain, "reason": self.reason, "message": short}
        if self.location:
            kind = "header" if self.location in ("Authorization", "If-Match", "If-None-Match") else "parameter"
            entry |= {"locationType": kind, "location": self.location}
        error: dict[str, Any] = {"errors": [entry], "code": self.status, "message": self.message}
        if (self.shape or ("calendar" if api == "calendar" else "new")) == "new":
            error["status"] = STATUS_NAMES.get(self.status, "UNKNOWN")
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}


def insufficient_scopes(api: str, method_id: str) -> ApiError:
    """The 403 of a token that lacks the method's scopes."""
    service = f"{'calendar-json' if api == 'calendar' else 'gmail'}.googleapis.com"
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": service, "method": method_id},
    }
    message = "Request had insufficient authentication scopes."
    return ApiError(403, "insufficientPermissions", message, shape="new", details=(info,))


def bad_credentials() -> ApiError:
    """The 401 of an access token that is unknown, expired or revoked."""
    return ApiError(401, "authError", "Invalid Credentials", location="Authorization")
