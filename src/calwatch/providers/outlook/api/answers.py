"""What an answer of Microsoft Graph's means: every error becomes one reaction. ``connection`` acts on it."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calwatch.model.plain import one_line
from calwatch.providers.remote.faults import Fault, Reaction, retry_after
from calwatch.providers.remote.wire import Reply

log = logging.getLogger(__name__)

_BUSY = frozenset(
    {
        "activitylimitreached",
        "applicationthrottled",
        "errorexceededconnectioncount",
        "errorserverbusy",
        "errortoomanyobjectsopened",
        "mailboxconcurrency",
        "requestthrottled",
        "toomanyrequests",
    }
)
_UNGRANTED = frozenset({"erroraccessdenied", "authorization_requestdenied", "accessdenied"})
NO_MAILBOX = frozenset(
    {"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "mailboxnothostedinexchangeonline"}
)
"""Words, lower-case, for an account without a mailbox in the cloud; no request to it will ever work."""

_ID = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)
_CLAIMS = re.compile(r'\bclaims="([A-Za-z0-9+/=_-]{1,16000})"', re.ASCII)
_LEFT_UNDONE = frozenset({400, 410, 411, 414, 431})  # said by any server before it begins


@dataclass(frozen=True, slots=True)
class _Body:
    reason: str
    message: str
    request_id: str


def content_of(reply: Reply) -> dict[str, Any] | None:
    """The JSON object of a success; ``{}`` for an empty body, ``None`` for what cannot be read."""
    if not reply.content.strip():
        return {}
    try:
        found: Any = json.loads(reply.content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def unreadable(status: int) -> Fault:
    """A success whose body cannot be read: cut short, or a page of somebody in between."""
    return Fault(Reaction.BROKEN, "the answer could not be read", status=status)


def fault_of(reply: Reply, now: datetime, *, asked: str, correlation: str, writes: bool = False) -> Fault:
    """The one reaction to an answer that is not a success.

    ``asked`` names the request without ids and ``correlation`` is our name for it, for the log. ``writes``: only a word
    of Graph's own is believed when it says that nothing happened.
    """
    body = _body(reply.content)
    told = _id(reply.headers.get("request-id")) or (body.request_id if body is not None else "")
    log.debug(
        "%s: HTTP %d %s; request-id %s, client-request-id %s",
        asked,
        reply.status,
        body.reason if body is not None else "(no words)",
        told or "unknown",
        correlation,
    )
    tail = f"; request-id {told}" if told else ""
    wait = retry_after(reply.headers, now)
    if body is None:
        return _without_words(reply.status, wait, tail, writes=writes)
    said = " ".join(part for part in (body.message, f"({body.reason})" if body.reason else "") if part)
    said = f"{said or 'no reason given'} [HTTP {reply.status}{tail}]"
    return Fault(_reaction(reply.status, body), said, status=reply.status, reason=body.reason, wait=wait)


def claims_of(headers: Mapping[str, str]) -> str:
    """The claims a new access token must carry (JSON), when a 401 asks for some; else ``""``."""
    challenge = headers.get("www-authenticate", "")
    found = _CLAIMS.search(challenge) if "insufficient_claims" in challenge else None
    if found is None:
        return ""
    text = found[1].rstrip("=").replace("+", "-").replace("/", "_")
    try:
        claims = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        return claims if isinstance(json.loads(claims), dict) else ""
    except (ValueError, RecursionError):
        return ""


def _reaction(status: int, body: _Body) -> Reaction:
    reason = body.reason.lower()
    if status == 401:
        return Reaction.UNAUTHORIZED
    if status == 429 or (400 <= status < 500 and reason in _BUSY):
        return Reaction.BUSY
    if status == 403 and reason in _UNGRANTED:
        return Reaction.UNGRANTED
    if status == 408 or not 400 <= status < 500:
        return Reaction.BROKEN
    return Reaction.REFUSED


def _without_words(status: int, wait: float | None, tail: str, *, writes: bool) -> Fault:
    """No JSON: a front end, a proxy or a sign-in page in between. A 404 of theirs must not look like Graph's."""
    said = f"an answer that is not Microsoft Graph's [HTTP {status}{tail}]; is a proxy or a sign-in page in between?"
    if status == 401:
        return Fault(Reaction.UNAUTHORIZED, said, status=status)
    if status == 429:
        return Fault(Reaction.BUSY, said, status=status, wait=wait)
    if status in _LEFT_UNDONE and not writes:
        return Fault(Reaction.REFUSED, said, status=status)
    return Fault(Reaction.BROKEN, said, status=status, wait=wait)


def _body(content: bytes) -> _Body | None:
    try:
        found: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    error = found.get("error") if isinstance(found, dict) else None
    if isinstance(error, str):  # the shape of OAuth: {"error": "invalid_token", "error_description": …}
        return _Body(one_line(error, 80), _line(found.get("error_description")), "")
    if not isinstance(error, dict):
        return None
    inner: Mapping[str, Any] = next(
        (error[key] for key in ("innerError", "innererror") if isinstance(error.get(key), dict)), {}
    )
    return _Body(_line(error.get("code"), 80), _line(error.get("message")), _id(inner.get("request-id")))


def _line(value: Any, limit: int = 200) -> str:
    return one_line(value, limit) if isinstance(value, str) else ""


def _id(value: Any) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""
