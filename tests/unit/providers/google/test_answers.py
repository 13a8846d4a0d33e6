"""Every shape of Google's errors is told apart by its own body."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from builders import NOW
from calwatch.providers.google.api.answers import fault_of
from calwatch.providers.remote.faults import Fault, Reaction

UNGRANTED_NEW = {
    "error": {
        "code": 403,
        "message": "Request had insufficient authentication scopes.",
        "errors": [{"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}],
        "status": "PERMISSION_DENIED",
        "details": [{"@type": "…ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}],
    }
}


def calendar_error(status: int, reason: str, message: str = "Said.") -> dict[str, Any]:
    return {
        "error": {
            "errors": [{"domain": "global", "reason": reason, "message": message}],
            "code": status,
            "message": message,
        }
    }


def new_error(status: int, word: str, **info: str) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **info}] if info else []
    return {"error": {"code": status, "message": "Said.", "status": word, "details": details}}


def fault(status: int, body: Any, **headers: str) -> Fault:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return fault_of(status, {name.replace("_", "-"): value for name, value in headers.items()}, content, NOW)


@pytest.mark.parametrize(
    ("status", "body", "reaction", "reason"),
    [
        (400, calendar_error(400, "invalid"), Reaction.REFUSED, "invalid"),
        (400, new_error(400, "INVALID_ARGUMENT"), Reaction.REFUSED, "INVALID_ARGUMENT"),
        (401, calendar_error(401, "authError"), Reaction.UNAUTHORIZED, "authError"),
        (403, calendar_error(403, "rateLimitExceeded"), Reaction.BUSY, "rateLimitExceeded"),
        (403, calendar_error(403, "userRateLimitExceeded"), Reaction.BUSY, "userRateLimitExceeded"),
        (403, new_error(403, "X", reason="RATE_LIMIT_EXCEEDED"), Reaction.BUSY, "RATE_LIMIT_EXCEEDED"),
        (429, calendar_error(429, "rateLimitExceeded"), Reaction.BUSY, "rateLimitExceeded"),
        (429, new_error(429, "RESOURCE_EXHAUSTED"), Reaction.BUSY, "RESOURCE_EXHAUSTED"),
        (403, calendar_error(403, "quotaExceeded"), Reaction.SPENT, "quotaExceeded"),
        (403, calendar_error(403, "dailyLimitExceeded"), Reaction.SPENT, "dailyLimitExceeded"),
        (403, UNGRANTED_NEW, Reaction.UNGRANTED, "insufficientPermissions"),
        (
            403,
            new_error(403, "X", reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            Reaction.UNGRANTED,
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        ),
        (403, calendar_error(403, "forbiddenForNonOrganizer"), Reaction.REFUSED, "forbiddenForNonOrganizer"),
        (403, calendar_error(403, "accessNotConfigured"), Reaction.REFUSED, "accessNotConfigured"),
        (404, calendar_error(404, "notFound"), Reaction.REFUSED, "notFound"),
        (409, calendar_error(409, "duplicate"), Reaction.REFUSED, "duplicate"),
        (410, calendar_error(410, "fullSyncRequired"), Reaction.REFUSED, "fullSyncRequired"),
        (412, calendar_error(412, "conditionNotMet"), Reaction.REFUSED, "conditionNotMet"),
        (408, calendar_error(408, "timeout"), Reaction.BROKEN, "timeout"),
        (500, calendar_error(500, "backendError"), Reaction.BROKEN, "backendError"),
        (503, new_error(503, "UNAVAILABLE"), Reaction.BROKEN, "UNAVAILABLE"),
    ],
)
def test_each_error_calls_for_one_reaction(status: int, body: Any, reaction: Reaction, reason: str) -> None:
    found = fault(status, body)
    assert (found.reaction, found.status, found.reason) == (reaction, status, reason)


@pytest.mark.parametrize("status", [302, 400, 403, 404, 410, 502, 503])
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>404. That's an error.</html>", b'{"error": {"code"', b"[]", b"null", b'{"error": 5}', b"[" * 99999],
)
def test_an_answer_that_is_not_googles_never_says_that_something_is_gone(status: int, body: bytes) -> None:
    found = fault(status, body)
    assert found.reaction is Reaction.BROKEN
    assert f"HTTP {status}" in str(found)


def test_an_api_that_is_off_says_where_to_switch_it_on() -> None:
    assert "not enabled in your Google project" in str(fault(403, calendar_error(403, "accessNotConfigured")))


def test_nothing_changed_is_a_refusal_with_its_status() -> None:
    assert (fault(304, b"").reaction, fault(304, b"").status) == (Reaction.REFUSED, 304)


@pytest.mark.parametrize(
    ("message", "headers", "wait"),
    [
        ("User-rate limit exceeded.  Retry after 2026-04-20T08:05:00.000Z", {}, 300),
        ("User-rate limit exceeded.  Retry after 2026-04-20T10:05:00+02:00 (Mail sending)", {}, 300),
        ("Retry after 2026-04-20T07:00:00.000Z", {}, 0),
        ("Retry after a while", {}, None),
        ("Slow down", {}, None),
        ("Slow down", {"retry_after": "120"}, 120),
        ("Slow down", {"retry_after": "Mon, 20 Apr 2026 08:10:00 GMT"}, 600),
        ("Slow down", {"retry_after": "soon"}, None),
        ("Slow down", {"retry_after": "9" * 400}, 999_999_999),
    ],
)
def test_the_wait_is_read_from_the_header_or_from_the_message(
    message: str, headers: dict[str, str], wait: float | None
) -> None:
    assert fault(403, calendar_error(403, "rateLimitExceeded", message), **headers).wait == wait


def test_what_google_says_is_one_short_line() -> None:
    said = str(fault(400, calendar_error(400, "invalid", "evil\x1b[31m\n" + "long " * 1000)))
    assert "\x1b" not in said
    assert "\n" not in said
    assert len(said) < 300


def test_a_wait_far_in_the_future_is_just_a_long_one() -> None:
    body = calendar_error(403, "rateLimitExceeded", "Retry after 9999-12-31T23:59:59Z")
    assert fault(403, body).wait == pytest.approx(
        timedelta(days=2912273, hours=15, minutes=59, seconds=59).total_seconds(), rel=0.01
    )
