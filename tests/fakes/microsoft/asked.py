"""A request on its way through the fake Microsoft: which operation it is, and whether a careful client sends it so."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from fakes.microsoft.bodies import unknown
from fakes.microsoft.routes import Route, find_route
from fakes.wire import Request

ROOT = "/v1.0"
NEVER_ASKED = frozenset({"messages.reply", "sendMail"})  # nobody could find such a mail again after a lost answer
PREFERENCES = frozenset(
    {"IdType", "outlook.timezone", "odata.maxpagesize", "outlook.body-content-type", "outlook.allow-unsafe-html"}
)
_IDENTITY = {
    "v2.0/.well-known/openid-configuration": ("GET", "identity.configuration"),
    "oauth2/v2.0/authorize": ("GET", "identity.authorize"),
    "oauth2/v2.0/devicecode": ("POST", "identity.devicecode"),
    "oauth2/v2.0/token": ("POST", "identity.token"),
    "adminconsent": ("GET", "identity.adminconsent"),
}
_PREFERENCE = re.compile(r'\s*([\w.-]+)\s*=\s*(?:"([^"]*)"|([^,\s]*))\s*(?:,|\Z)')
_LINKED = frozenset({"$skiptoken", "$deltatoken"})


class Violation(Exception):
    """What a client must not do."""


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; ``status`` is 0 when the connection was cut, ``sent`` the bytes of the answer.

    ``in_flight`` is how many there were at that moment, this one included.
    """

    operation: str
    path: str
    params: dict[str, str]
    prefer: dict[str, str]
    if_match: str
    body: Any
    headers: dict[str, str]
    status: int
    sent: int
    connection: int
    in_flight: int
    at: datetime


@dataclass
class Asked:
    """Filled in by ``understand``; without a ``route`` it is the sign-in that is asked, in the name of ``tenant``.

    ``in_flight`` is how many requests there were at that moment, this one included.
    """

    request: Request
    operation: str = "unknown"
    route: Route | None = None
    path_ids: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    prefer: dict[str, str] = field(default_factory=dict)
    body: Any = None
    tenant: str = ""
    in_flight: int = 1

    @property
    def token(self) -> str:
        return self.request.headers.get("authorization", "").removeprefix("Bearer ")

    def understand(self, links: Container[str]) -> None:
        """Finds the operation and checks what was sent; ``links`` are those given out so far. Raises ``Violation``."""
        request = self.request
        tenant, _, what = request.path.removeprefix("/").partition("/")
        verb, operation = _IDENTITY.get(what, ("", ""))
        if verb:
            self.operation, self.tenant = operation, tenant
            if request.verb != verb:
                raise Violation(f"{operation} is asked for by {request.verb}")
            self.params = dict(parse_qsl(request.body.decode())) if verb == "POST" else dict(request.query)
            if "authorization" in request.headers:
                raise Violation(f"{operation} is shown an access token")
            return
        found = find_route(request.verb, request.path.removeprefix(ROOT)) if request.path.startswith(ROOT) else None
        if found is None:
            raise Violation(f"there is no {request.verb} {request.path}")
        self.route, self.path_ids = found
        self.operation = self.route.operation
        self.params = dict(request.query)
        self._check(self.route)
        if _LINKED & self.params.keys() and request.target not in links:
            raise Violation(f"{self.operation}: no such link was given out: {request.target}")

    def _check(self, route: Route) -> None:
        headers = self.request.headers
        if route.operation in NEVER_ASKED:
            raise Violation(f"{route.operation} is never asked for")
        strange = [name for name, _ in self.request.query if name not in route.params]
        if strange or len(self.params) != len(self.request.query):
            raise Violation(f"{route.operation} has no parameter {', '.join(strange) or 'twice'}")
        self._check_preferences(route)
        if "application/json" not in headers.get("accept", ""):
            raise Violation(f"{route.operation}: JSON is not what is accepted")
        if not _is_uuid(headers.get("client-request-id", "")):
            raise Violation(f"{route.operation}: no client-request-id")
        if self.request.body and route.body is None:
            raise Violation(f"{route.operation} takes no body")
        if route.body is not None:
            self.body = self._json()
            for problem in unknown(self.body, route.body):
                raise Violation(f"{route.operation}: {problem}")

    def _check_preferences(self, route: Route) -> None:
        given = self.request.headers.get("prefer", "")
        self.prefer = {m[1]: m[2] or m[3] or "" for m in _PREFERENCE.finditer(given)}
        strange = self.prefer.keys() - PREFERENCES
        if strange or len(self.prefer) != len(_PREFERENCE.findall(given)) or _PREFERENCE.sub("", given):
            raise Violation(f"{route.operation}: Prefer cannot be read: {given}")
        if route.outlook and self.prefer.get("IdType") != "ImmutableId":
            raise Violation(f"{route.operation}: Prefer asks for no immutable ids")
        if route.outlook and self.prefer.get("outlook.timezone") != "UTC":
            raise Violation(f"{route.operation}: Prefer does not ask for UTC")

    def _json(self) -> dict[str, Any]:
        if not self.request.headers.get("content-type", "").startswith("application/json"):
            raise Violation(f"{self.operation}: the body is not JSON")
        try:
            body = json.loads(self.request.body)
        except ValueError as problem:
            raise Violation(f"{self.operation}: the body is not JSON: {problem}") from problem
        if not isinstance(body, dict):
            raise Violation(f"{self.operation}: the body is not an object")
        return body


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
