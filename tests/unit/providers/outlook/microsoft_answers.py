"""Answers of Microsoft's sign-in by hand, without a server: for what no fake of a good one would ever say."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.remote.faults import Fault
from calwatch.providers.remote.wire import Counters, Reply, Wire
from fakes.clock import ManualClock

AUTHORITY = "https://login.example"
CLIENT = "11111111-2222-3333-4444-555555555555"
CONFIGURATION = {
    "issuer": f"{AUTHORITY}/{{tenantid}}/v2.0",
    "authorization_endpoint": f"{AUTHORITY}/common/oauth2/v2.0/authorize",
    "token_endpoint": f"{AUTHORITY}/common/oauth2/v2.0/token",
    "device_authorization_endpoint": f"{AUTHORITY}/common/oauth2/v2.0/devicecode",
}


def an_account(**fields: Any) -> OutlookAccount:
    given = {"name": "o", "provider": "outlook", "email": "alex.rivera@example.com", "client_id": CLIENT}
    return OutlookAccount(**{**given, "authority": AUTHORITY, **fields})


def part(content: Any) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def tokens(**fields: Any) -> dict[str, Any]:
    """What comes with a success; ``None`` leaves a field out."""
    claims = {"sub": "s", "oid": "o", "tid": "t", "preferred_username": "alex.rivera@example.com"}
    given = {
        "token_type": "Bearer",
        "scope": "User.Read Calendars.ReadWrite Mail.ReadWrite Mail.Send",
        "expires_in": 3600,
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "id_token": f"{part({'alg': 'none'})}.{part(claims)}.",
        "client_info": part({"uid": "person", "utid": "tenant"}),
    }
    return {name: value for name, value in {**given, **fields}.items() if value is not None}


def device(**fields: Any) -> dict[str, Any]:
    given = {
        "user_code": "ABCD1234",
        "device_code": "device-secret",
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900,
        "interval": 5,
        "message": "To sign in, open https://microsoft.com/devicelogin and enter the code ABCD1234.",
    }
    return {name: value for name, value in {**given, **fields}.items() if value is not None}


@dataclass(frozen=True)
class Asked:
    """One request that was made."""

    method: str
    url: str
    form: Mapping[str, str]


@dataclass
class Script:
    """The answers to come, each a reply, a fault, or an object for a reply; the configuration is always there."""

    answers: list[Any] = field(default_factory=list)
    configuration: Any = field(default_factory=lambda: dict(CONFIGURATION))
    asked: list[Asked] = field(default_factory=list)


def reply(content: Any, status: int = 200, **headers: str) -> Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


class ScriptedWire(Wire):
    """A wire with nobody at its other end."""

    def __init__(self, script: Script) -> None:
        super().__init__(ManualClock(), Counters())
        self.script = script

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        bearer: str = "",
        fresh: bool = False,
    ) -> Reply:
        self.script.asked.append(Asked(method, url, dict(parse_qsl((body or b"").decode()))))
        configures = "openid-configuration" in url
        found = self.script.configuration if configures else self.script.answers.pop(0)
        if isinstance(found, Fault):
            raise found
        return found if isinstance(found, Reply) else reply(found, 400 if "error" in found else 200)
