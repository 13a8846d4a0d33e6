"""What an answer of Google's means: every error, told apart by the body we read ourselves, becomes one reaction.

The library's own reading of errors differs by the shape of the body and hides the reason we need (see
``_reason``). ``connection`` acts on what is decided here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calwatch.model.plain import one_line
from calwatch.providers.remote.faults import Fault, Reaction, retry_after, seconds_until

_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_UNGRANTED = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_RETRY_AFTER = re.compile(r"Retry after (\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Body:
    reason: str
    message: str


def fault_of(status: int, headers: Mapping[str, str], content: bytes, now: datetime) -> Fault:
    """The one reaction to an answer that is not a success."""
    if status == 304:
        return Fault(Reaction.REFUSED, "nothing changed", status=status, reason="notModified")
    body = _body(content)
    if body is None:
        return _without_words(status, headers, now)
    said = f"{body.message} ({body.reason})" if body.reason else body.message
    wait = _wait(headers, body.message, now)
    reaction = _reaction(status, body, wait)
    if body.reason in _OFF:
        said = f"this API is not enabled in your Google project; enable it there, then wait some minutes ({said})"
    return Fault(reaction, said, status=status, reason=body.reason, wait=wait)


def unreadable(status: int) -> Fault:
    """A success whose body cannot be read: cut short, or a page of somebody in between."""
    return Fault(Reaction.BROKEN, "Google's answer could not be read", status=status)


def _reaction(status: int, body: _Body, wait: float | None) -> Reaction:
    if status == 401:
        return Reaction.UNAUTHORIZED
    if status in (403, 429) and body.reason in _SPENT:
        return Reaction.SPENT
    if status == 429 or (status == 403 and (body.reason in _RATE or wait is not None)):
        return Reaction.BUSY
    if status == 403 and body.reason in _UNGRANTED:
        return Reaction.UNGRANTED
    if status == 408 or not 400 <= status < 500:
        return Reaction.BROKEN
    return Reaction.REFUSED


def _without_words(status: int, headers: Mapping[str, str], now: datetime) -> Fault:
    """No JSON: a front end, a proxy or a sign-in page in between. A 404 of theirs must not look like Google's."""
    said = f"an answer that is not Google's API (HTTP {status}); is a proxy or a sign-in page in between?"
    if status == 401:
        return Fault(Reaction.UNAUTHORIZED, said, status=status)
    wait = _wait(headers, "", now)
    if status == 429:
        return Fault(Reaction.BUSY, said, status=status, wait=wait)
    return Fault(Reaction.BROKEN, said, status=status, wait=wait)


def _body(content: bytes) -> _Body | None:
    try:
        found: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    error = found.get("error") if isinstance(found, dict) else None
    if isinstance(error, str):  # the shape of OAuth: {"error": "invalid_grant", "error_description": …}
        return _Body(one_line(error, 80), one_line(str(found.get("error_description") or error)))
    if not isinstance(error, dict):
        return None
    return _Body(_reason(error), one_line(str(error.get("message") or "no reason given")))


def _reason(error: Mapping[str, Any]) -> str:
    """``errors[0].reason``, else ``details[].reason``, else ``status``: the order in which they say most."""
    for key in ("errors", "details"):
        entries = error.get(key)
        for entry in entries if isinstance(entries, list) else ():
            reason = entry.get("reason") if isinstance(entry, dict) else None
            if isinstance(reason, str) and reason:
                return one_line(reason, 80)
    status = error.get("status")
    return one_line(status, 80) if isinstance(status, str) else ""


def _wait(headers: Mapping[str, str], message: str, now: datetime) -> float | None:
    """The seconds the other side asks for: by header, or inside Gmail's message."""
    if headers.get("retry-after", "").strip():
        return retry_after(headers, now)
    found = _RETRY_AFTER.search(message)
    if found is None:
        return None
    try:
        until = datetime.fromisoformat(found[1].rstrip(".,;").replace("Z", "+00:00"))
    except ValueError:
        return None
    return seconds_until(until, now)
