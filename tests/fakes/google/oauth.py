"""The fake Google's sign-in: consent with scopes that can be unticked, PKCE, access and refresh tokens by the clock."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from calwatch.ports import Clock
from fakes.wire import Reply

CLIENT_ID = "1094711-calwatch.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-not-a-secret"
TESTING_LIFE = timedelta(days=7)
CODE_LIFE = timedelta(minutes=10)


class OAuthError(Exception):
    """An answer of the token endpoint that is a no."""

    def __init__(self, status: int, error: str, description: str, **more: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": description, **more}


@dataclass
class Grant:
    """What the person allowed one client once; its refresh token is the key of ``OAuthState.grants``."""

    client_id: str
    scopes: frozenset[str]
    issued: datetime
    revoked: bool = False


@dataclass
class Code:
    client_id: str
    redirect_uri: str
    challenge: str
    scopes: frozenset[str]
    issued: datetime
    offline: bool
    used: bool = False


@dataclass
class OAuthState:
    """Switches: ``unticked`` scopes are not granted, ``denies`` is the person's no, ``testing`` the publishing status.

    ``rotates``: every refresh gives a new refresh token. ``subtype`` is the ``error_subtype`` of an invalid grant.
    """

    clock: Clock
    owner: str
    clients: dict[str, str] = field(default_factory=lambda: {CLIENT_ID: CLIENT_SECRET})
    unticked: frozenset[str] = frozenset()
    denies: bool = False
    testing: bool = False
    rotates: bool = False
    subtype: str = ""
    access_life: int = 3599
    codes: dict[str, Code] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, tuple[Grant, frozenset[str], datetime]] = field(default_factory=dict)
    consents: list[dict[str, str]] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    # -- the person's hands --------------------------------------------------------------------------------------

    def revoke(self) -> None:
        """The person takes away everything they allowed."""
        for grant in self.grants.values():
            grant.revoked = True

    def change_password(self) -> None:
        """Ends what includes any Gmail scope, and nothing else."""
        for grant in self.grants.values():
            grant.revoked |= any("gmail" in s or "mail.google" in s for s in grant.scopes)

    def expire_access(self) -> None:
        """Access tokens given out so far are no longer accepted."""
        self.access.clear()

    def allow(self, scopes: frozenset[str], client_id: str = CLIENT_ID) -> str:
        """Consent without a browser; gives the refresh token."""
        refresh_token = f"1//0fake-refresh-{next(self._numbers)}"
        self.grants[refresh_token] = Grant(client_id, scopes, self.clock.now())
        return refresh_token

    # -- what the APIs ask ---------------------------------------------------------------------------------------

    def scopes_of(self, access_token: str) -> frozenset[str] | None:
        """The scopes of a live access token, ``None`` for any other."""
        grant, scopes, expires = self.access.get(access_token, (None, frozenset(), None))
        if grant is None or expires is None or self.clock.now() >= expires or grant.revoked:
            return None
        return scopes

    def issue_access(self, grant: Grant, scopes: frozenset[str]) -> str:
        token = f"ya29.fake-{next(self._numbers)}"
        self.access[token] = (grant, scopes, self.clock.now() + timedelta(seconds=self.access_life))
        return token

    # -- authorize -----------------------------------------------------------------------------------------------

    def authorize(self, asked: dict[str, str]) -> Reply:
        """The consent screen, answered at once: sends the browser back to the loopback address."""
        self.consents.append(asked)
        problem = self._problem(asked)
        if problem:
            return Reply(400, f"<html><h1>Error 400: {problem}</h1></html>".encode(), {"Content-Type": "text/html"})
        if self.denies:
            return _back(asked, {"error": "access_denied"})
        wanted = frozenset(asked["scope"].split())
        granted = wanted - self.unticked
        if asked.get("include_granted_scopes") == "true":
            granted |= {s for g in self.grants.values() if not g.revoked for s in g.scopes}
        code = f"4/0fake-code-{next(self._numbers)}"
        known = any(g.client_id == asked["client_id"] and not g.revoked for g in self.grants.values())
        offline = asked.get("access_type") == "offline" and (not known or "consent" in asked.get("prompt", ""))
        self.codes[code] = Code(
            asked["client_id"],
            asked["redirect_uri"],
            asked.get("code_challenge", ""),
            granted,
            self.clock.now(),
            offline,
        )
        return _back(asked, {"code": code, "scope": " ".join(sorted(granted))})

    def _problem(self, asked: dict[str, str]) -> str:
        if asked.get("client_id") not in self.clients:
            return "invalid_client"
        where = urlsplit(asked.get("redirect_uri", ""))
        if where.scheme != "http" or where.hostname not in ("127.0.0.1", "localhost", "::1"):
            return "redirect_uri_mismatch"
        if asked.get("response_type") != "code" or not asked.get("scope"):
            return "invalid_request"
        if asked.get("code_challenge_method", "S256") != "S256":
            return "invalid_request"
        return ""

    # -- token ---------------------------------------------------------------------------------------------------

    def token(self, form: dict[str, str]) -> Reply:
        try:
            self._check_client(form)
            return _json(200, self._granted(form))
        except OAuthError as no:
            return _json(no.status, no.body)

    def revoke_token(self, token: str) -> Reply:
        grant = self.grants.get(token) or self.access.get(token, (None,))[0]
        if grant is None or grant.revoked:
            return _json(400, {"error": "invalid_token", "error_description": "Token expired or revoked"})
        grant.revoked = True
        return _json(200, {})

    def _check_client(self, form: dict[str, str]) -> None:
        client_id = form.get("client_id", "")
        if client_id not in self.clients:
            raise OAuthError(401, "invalid_client", "The OAuth client was not found.")
        if "client_secret" not in form:
            raise OAuthError(400, "invalid_request", "client_secret is missing.")
        if form["client_secret"] != self.clients[client_id]:
            raise OAuthError(401, "invalid_client", "Unauthorized")

    def _granted(self, form: dict[str, str]) -> dict[str, Any]:
        match form.get("grant_type", ""):
            case "authorization_code":
                return self._exchange(form)
            case "refresh_token":
                return self._refresh(form)
            case other:
                raise OAuthError(400, "unsupported_grant_type", f"Invalid grant_type: {other}")

    def _exchange(self, form: dict[str, str]) -> dict[str, Any]:
        code = self.codes.get(form.get("code", ""))
        if code is None or code.used or self.clock.now() - code.issued > CODE_LIFE:
            raise OAuthError(400, "invalid_grant", "Malformed auth code.")
        code.used = True
        if code.client_id != form["client_id"]:
            raise OAuthError(401, "unauthorized_client", "Unauthorized")
        if code.redirect_uri != form.get("redirect_uri"):
            raise OAuthError(400, "redirect_uri_mismatch", "Bad Request")
        if code.challenge and code.challenge != challenge_of(form.get("code_verifier", "")):
            raise OAuthError(400, "invalid_grant", "Invalid code verifier.")
        if code.offline:
            refresh_token = self.allow(code.scopes, code.client_id)
            return self._answer(self.grants[refresh_token], code.scopes) | {"refresh_token": refresh_token}
        return self._answer(Grant(code.client_id, code.scopes, self.clock.now()), code.scopes)

    def _refresh(self, form: dict[str, str]) -> dict[str, Any]:
        refresh_token = form.get("refresh_token", "")
        grant = self.grants.get(refresh_token)
        if grant is not None and grant.client_id != form["client_id"]:
            raise OAuthError(401, "unauthorized_client", "Unauthorized")
        if grant is None or grant.revoked or (self.testing and self.clock.now() - grant.issued >= TESTING_LIFE):
            more = {"error_subtype": self.subtype} if self.subtype else {}
            raise OAuthError(400, "invalid_grant", "Token has been expired or revoked.", **more)
        asked = frozenset(form.get("scope", "").split())
        if not asked <= grant.scopes:
            raise OAuthError(400, "invalid_scope", "Some requested scopes were invalid or not granted.")
        answer = self._answer(grant, asked or grant.scopes)
        if self.rotates:
            del self.grants[refresh_token]
            renewed = f"1//0fake-refresh-{next(self._numbers)}"
            self.grants[renewed] = grant
            answer["refresh_token"] = renewed
        return answer

    def _answer(self, grant: Grant, scopes: frozenset[str]) -> dict[str, Any]:
        return {
            "access_token": self.issue_access(grant, scopes),
            "expires_in": self.access_life,
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
        }


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _back(asked: dict[str, str], answer: dict[str, str]) -> Reply:
    state = {"state": asked["state"]} if "state" in asked else {}
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return Reply(302, b"", {"Location": asked["redirect_uri"] + joint + urlencode({**state, **answer})})


def _json(status: int, body: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8"})
