"""Every shape of Graph's errors is one reaction, and only Graph's own word counts where something may have happened."""

from __future__ import annotations

import base64
import json
import logging
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from builders import NOW
from calwatch.providers.outlook.api.answers import claims_of, content_of, fault_of
from calwatch.providers.remote.faults import Fault, Reaction
from calwatch.providers.remote.wire import Reply

REQUEST = "a7c1f2d4-0000-4000-8000-1234567890ab"
HTML = b"<html><body><h1>504 Gateway Time-out</h1></body></html>"


def error(code: str, message: str = "Said.", **inner: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message, "innerError": inner}}).encode()


def fault(status: int, content: bytes, *, writes: bool = False, **headers: str) -> Fault:
    lower = {name.replace("_", "-"): value for name, value in headers.items()}
    return fault_of(Reply(status, lower, content), NOW, asked="GET /me/events", correlation="ours", writes=writes)


@pytest.mark.parametrize(
    ("status", "code", "reaction"),
    [
        (400, "ErrorInvalidRequest", Reaction.REFUSED),
        (400, "SyncStateNotFound", Reaction.REFUSED),
        (401, "InvalidAuthenticationToken", Reaction.UNAUTHORIZED),
        (403, "ErrorAccessDenied", Reaction.UNGRANTED),
        (403, "Authorization_RequestDenied", Reaction.UNGRANTED),
        (403, "ErrorSendAsDenied", Reaction.REFUSED),
        (404, "ErrorItemNotFound", Reaction.REFUSED),
        (408, "RequestTimeout", Reaction.BROKEN),
        (410, "resyncRequired", Reaction.REFUSED),
        (412, "ErrorIrresolvableConflict", Reaction.REFUSED),
        (429, "ApplicationThrottled", Reaction.BUSY),
        (429, "anything", Reaction.BUSY),
        (400, "MailboxConcurrency", Reaction.BUSY),
        (500, "ErrorInternalServerError", Reaction.BROKEN),
        (503, "serviceNotAvailable", Reaction.BROKEN),
        (504, "UnknownError", Reaction.BROKEN),
        (302, "moved", Reaction.BROKEN),
    ],
)
def test_each_error_has_one_reaction(status: int, code: str, reaction: Reaction) -> None:
    found = fault(status, error(code))
    assert (found.reaction, found.status, found.reason) == (reaction, status, code)


@pytest.mark.parametrize("content", [HTML, b"", b"{", b"[]", b'{"error": 5}', b"\xff\xfe", b"[" * 100_000])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 500, 504])
def test_what_has_no_words_of_graphs_is_never_a_no_to_something_that_changes(status: int, content: bytes) -> None:
    found = fault(status, content, writes=True)
    assert found.reaction is {401: Reaction.UNAUTHORIZED, 429: Reaction.BUSY}.get(status, Reaction.BROKEN)
    assert "proxy" in str(found)


def test_somebody_elses_not_found_is_not_graphs() -> None:
    assert fault(404, HTML).reaction is Reaction.BROKEN


def test_a_request_that_nobody_could_read_is_refused_also_without_words() -> None:
    assert fault(400, b"").reaction is Reaction.REFUSED
    assert fault(410, b"").reaction is Reaction.REFUSED


def test_an_empty_message_is_no_message() -> None:
    assert str(fault(504, error("UnknownError", ""))) == "(UnknownError) [HTTP 504]"


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("3", 3.0),
        ("2.128", 2.128),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        ("soon", None),
        ("-1", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_waits_are_understood_in_every_form(header: str, wait: float | None) -> None:
    assert fault(429, error("TooManyRequests"), retry_after=header).wait == wait


def test_microsofts_name_for_the_request_is_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        found = fault(500, error("X", "Broken.", **{"request-id": REQUEST}))
    assert f"request-id {REQUEST}" in str(found)
    assert f"GET /me/events: HTTP 500 X; request-id {REQUEST}, client-request-id ours" in caplog.text
    assert REQUEST in str(fault(504, HTML, request_id=REQUEST))


def test_neither_names_nor_words_of_a_server_reach_a_terminal_as_they_are() -> None:
    said = str(fault(400, error("X\x1b[2J", "a\r\nb\u202e" + "x" * 900, **{"request-id": "\x1b]0;x"})))
    assert said.isprintable()
    assert len(said) < 400


def test_an_error_in_the_manner_of_oauth_is_read_too() -> None:
    assert fault(401, b'{"error": "invalid_token", "error_description": "Expired."}').reason == "invalid_token"


@pytest.mark.parametrize("code", [None, 5, {}, "ErrorX"])
@pytest.mark.parametrize("inner", [None, 5, [], {"request-id": 5}])
def test_fields_of_any_type_are_read(code: Any, inner: Any) -> None:
    content = json.dumps({"error": {"code": code, "message": None, "innerError": inner}}).encode()
    assert fault(404, content).reason == (code if isinstance(code, str) else "")


def challenge(claims: bytes) -> dict[str, str]:
    text = base64.b64encode(claims).decode()
    return {"www-authenticate": f'Bearer realm="", error="insufficient_claims", claims="{text}"'}


def test_claims_that_a_new_token_must_carry_are_taken_from_the_challenge() -> None:
    wanted = b'{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
    assert claims_of(challenge(wanted)) == wanted.decode()


@pytest.mark.parametrize("claims", [b"", b"{", b"[]", b"\xff", b"null"])
def test_claims_that_are_none_are_left_out(claims: bytes) -> None:
    assert claims_of(challenge(claims)) == ""
    assert claims_of({"www-authenticate": 'Bearer error="invalid_token"'}) == ""


def test_a_success_is_an_object_or_nothing() -> None:
    assert content_of(Reply(202, {}, b"")) == {}
    assert content_of(Reply(200, {}, b'{"id": "x"}')) == {"id": "x"}
    assert [content_of(Reply(200, {}, bad)) for bad in (HTML, b"[]", b"{", b"[" * 100_000)] == [None] * 4
