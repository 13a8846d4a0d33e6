"""The fake Google: one server with its sign-in, its Calendar and its Gmail, which records what it was asked.

Requests and answers are checked against the installed discovery documents. ``violations`` lists what a client sent
that no document knows; a fault of the fake itself is raised when the server is closed.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from builders import ALEX
from calwatch.ports import Clock
from fakes.google.calendar import CalendarState
from fakes.google.call import ApiError, Call, Handler, bad_credentials, insufficient_scopes
from fakes.google.discovery import Method, Violation, documents, find_method
from fakes.google.faults import CUT_BEFORE, Fault, Faults
from fakes.google.fields import only
from fakes.google.gmail import GmailState
from fakes.google.oauth import CLIENT_ID, CLIENT_SECRET, OAuthState
from fakes.wire import Reply, Request, Wire

if TYPE_CHECKING:
    from calwatch.providers.google.options import GoogleAccount

__all__ = ["ALL", "ApiError", "Call", "FakeGoogle", "Fault", "Handler", "Seen"]

ROOT = "https://www.googleapis.com/auth/"
ALL = tuple(ROOT + name for name in ("calendar.events", "calendar.freebusy", "gmail.readonly", "gmail.compose"))
OAUTH_PATHS = {
    "/o/oauth2/auth": "oauth.authorize",
    "/o/oauth2/v2/auth": "oauth.authorize",
    "/token": "oauth.token",
    "/revoke": "oauth.revoke",
}
HTML = {"Content-Type": "text/html; charset=UTF-8"}
JSON = {"Content-Type": "application/json; charset=UTF-8"}
PROXY_ERROR = b"<html><head><title>502. That's an error.</title></head><body>The server encountered an error.</body>"


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; ``status`` is 0 when the connection was cut, ``sent`` the bytes of the answer."""

    method_id: str
    params: dict[str, Any]
    body: dict[str, Any] | None
    headers: dict[str, str]
    connection: int
    status: int
    sent: int
    at: datetime


@dataclass
class _Asked:
    """A request on its way through the server."""

    request: Request
    method_id: str
    method: Method | None = None
    segments: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None


class FakeGoogle:
    """A context manager; ``lose`` is the share of the APIs' answers that get lost after acting."""

    def __init__(self, clock: Clock, *, lose: float = 0.0, seed: int = 0, owner: str = ALEX.email) -> None:
        self.clock = clock
        self.owner = owner
        self.faults = Faults(clock, lose=lose, seed=seed)
        self.oauth = OAuthState(clock, owner)
        self.calendar = CalendarState(clock, owner)
        self.gmail = GmailState(clock, owner)
        self._handlers: dict[str, Handler] = {"calendar": self.calendar, "gmail": self.gmail}
        self.seen: list[Seen] = []
        self.violations: list[str] = []
        self._lock = threading.RLock()
        self._wire = Wire(self._serve)
        self.url = ""

    @property
    def api_root(self) -> str:
        return self.url

    @property
    def gmail_root(self) -> str:
        return self.url

    def __enter__(self) -> Self:
        self.url = self._wire.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.faults.release_slow()
        self._wire.stop()
        if self._wire.bugs and kind is None:
            raise AssertionError("the fake Google is broken:\n" + "\n".join(self._wire.bugs))

    # -- for tests -----------------------------------------------------------------------------------------------

    def count(self, method_id: str) -> int:
        """How often a method was called."""
        return sum(s.method_id == method_id for s in self.seen)

    def client_file(self, folder: Path, client_id: str = CLIENT_ID) -> Path:
        """The file a person downloads for a Desktop client, with this server's addresses."""
        path = folder / "client.json"
        client = {
            "client_id": client_id,
            "project_id": "calwatch-test",
            "auth_uri": f"{self.url}/o/oauth2/auth",
            "token_uri": f"{self.url}/token",
            "auth_provider_x509_cert_url": f"{self.url}/oauth2/v1/certs",
            "client_secret": CLIENT_SECRET,
            "redirect_uris": ["http://localhost"],
        }
        path.write_text(json.dumps({"installed": client}), encoding="utf-8")
        return path

    def sign_in(self, state_folder: Path, account_name: str, scopes: tuple[str, ...] = ALL) -> Path:
        """Writes the token file of an account, as ``calwatch auth`` would have."""
        granted = frozenset(scopes)
        refresh_token = self.oauth.allow(granted)
        now = self.clock.now().astimezone(UTC)
        expiry = now + timedelta(seconds=self.oauth.access_life)
        token = {
            "token": self.oauth.issue_access(self.oauth.grants[refresh_token], granted),
            "refresh_token": refresh_token,
            "token_uri": f"{self.url}/token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scopes": sorted(granted),
            "universe_domain": "googleapis.com",
            "account": "",
            "expiry": f"{expiry:%Y-%m-%dT%H:%M:%S.%f}Z",
            "granted_scopes": sorted(granted),
            "signed_in": f"{now:%Y-%m-%dT%H:%M:%S}Z",
            "email": self.owner,
        }
        path = state_folder / "tokens" / f"{account_name}.json"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(json.dumps(token), encoding="utf-8")
        return path

    def account(self, folder: Path, **fields: Any) -> GoogleAccount:
        """The options of an account here; ``folder`` gets its client file."""
        from calwatch.providers.google.options import GoogleAccount

        given: dict[str, Any] = {
            "name": "google",
            "provider": "google",
            "email": self.owner,
            "client_file": self.client_file(folder),
            "api_root": self.api_root,
            "gmail_root": self.gmail_root,
        }
        return GoogleAccount(**{**given, **fields})

    # -- one request ---------------------------------------------------------------------------------------------

    def _serve(self, request: Request) -> Reply | None:
        asked = _Asked(request, OAUTH_PATHS.get(request.path, "unknown"))
        try:
            with self._lock:
                self.faults.release_due()
                self._understand(asked)
                fault = self.faults.draw(asked.method_id)
            reply = self._meet(fault, asked)
        except Violation as violation:
            with self._lock:
                self.violations.append(str(violation))
            reply = _error(ApiError(400, "badRequest", str(violation)), asked)
        self._note(asked, reply)
        return reply

    def _understand(self, asked: _Asked) -> None:
        """Finds the method and checks what was sent. Raises ``Violation``."""
        request = asked.request
        if asked.method_id.startswith("oauth."):
            source = request.body.decode() if request.verb == "POST" else ""
            asked.params = dict(parse_qsl(source)) if source else dict(request.query)
            return
        found = find_method(request.verb, request.path)
        if found is None:
            raise Violation(f"there is no {request.verb} {request.path}")
        asked.method, asked.segments = found
        asked.method_id = asked.method.id
        asked.params = asked.method.arguments(asked.segments, request.query)
        if asked.method.request is not None:
            asked.body = _json_body(asked)
            documents()[asked.method.api].check(asked.method_id, asked.body, asked.method.request)
        elif request.body:
            raise Violation(f"{asked.method_id} takes no body")

    def _meet(self, fault: Fault, asked: _Asked) -> Reply | None:
        """Lets the fault happen around the method."""
        if fault in CUT_BEFORE:
            if fault is Fault.LATE:
                self.faults.postpone(lambda: self._act(asked))
            return None
        if fault is Fault.SLOW:
            self.faults.hold_slow()
        if fault is Fault.HTML_502:
            return Reply(502, PROXY_ERROR, HTML)
        refusal = self.faults.refusal(fault)
        if fault is Fault.UNAUTHORIZED:
            refusal = bad_credentials()
        if fault is Fault.FORBIDDEN_SCOPE:
            refusal = insufficient_scopes(_api(asked), asked.method_id)
        if refusal is not None:
            headers = {"Retry-After": str(int(self.faults.wait.total_seconds()))} if fault is Fault.TOO_MANY else {}
            return _error(refusal, asked, headers)
        reply = self._act(asked)
        if fault is Fault.LOST:
            return None
        if fault is Fault.TRUNCATED:
            return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
        return Reply(reply.status, reply.body, reply.headers, broken_off=fault is Fault.BROKEN_OFF)

    def _act(self, asked: _Asked) -> Reply:
        with self._lock:
            if asked.method is not None:
                return self._call(asked, asked.method)
            if asked.method_id == "oauth.authorize":
                return self.oauth.authorize(asked.params)
            if asked.method_id == "oauth.revoke":
                return self.oauth.revoke_token(asked.params.get("token", ""))
            return self.oauth.token(asked.params)

    def _call(self, asked: _Asked, method: Method) -> Reply:
        try:
            scopes = self._admitted(asked, method)
            params = {n: v for n, v in asked.params.items() if n not in ("alt", "fields", "prettyPrint", "quotaUser")}
            call = Call(method.id, params, asked.body, asked.request.headers, scopes)
            answer = self._handlers[method.api].handle(call)
        except ApiError as no:
            return _error(no, asked)
        if answer is None:
            return Reply(204)
        if method.response is None:
            raise AssertionError(f"{method.id} has no answer, and the fake gives one")
        documents()[method.api].check(f"answer of {method.id}", answer, method.response)
        if "fields" in asked.params:
            answer = only(answer, asked.params["fields"])
        return Reply(200, json.dumps(answer, ensure_ascii=False).encode(), JSON)

    def _admitted(self, asked: _Asked, method: Method) -> frozenset[str]:
        """The scopes of the caller's token; raises the 401 and the 403 of a token that will not do."""
        token = asked.request.headers.get("authorization", "").removeprefix("Bearer ")
        scopes = self.oauth.scopes_of(token)
        if scopes is None:
            raise bad_credentials()
        if not scopes & method.scopes:
            raise insufficient_scopes(method.api, method.id)
        return scopes

    def _note(self, asked: _Asked, reply: Reply | None) -> None:
        kept = {n: v for n, v in asked.request.headers.items() if n != "authorization"}
        status, sent = (reply.status, len(reply.body)) if reply else (0, 0)
        connection = asked.request.connection
        seen = Seen(asked.method_id, asked.params, asked.body, kept, connection, status, sent, self.clock.now())
        with self._lock:
            self.seen.append(seen)


def _json_body(asked: _Asked) -> dict[str, Any]:
    if not asked.request.headers.get("content-type", "").startswith("application/json"):
        raise Violation(f"{asked.method_id}: the body is not JSON")
    try:
        body = json.loads(asked.request.body)
    except ValueError as problem:
        raise Violation(f"{asked.method_id}: the body is not JSON: {problem}") from problem
    if not isinstance(body, dict):
        raise Violation(f"{asked.method_id}: the body is not an object")
    return body


def _api(asked: _Asked) -> str:
    return asked.method.api if asked.method else "calendar"


def _error(no: ApiError, asked: _Asked, headers: dict[str, str] | None = None) -> Reply:
    body = b"" if no.status == 304 else json.dumps(no.body(_api(asked))).encode()
    return Reply(no.status, body, {**JSON, **(headers or {})})
