"""msal's way to Microsoft's sign-in, over ours: one request is one request, and nothing odd reaches msal.

msal takes whatever comes, puts it into its errors and logs, and keeps refusals for a minute of its own. So an answer is
checked field by field here, and what passes is ``Retry`` at once.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from calwatch.errors import Retry, Stop
from calwatch.model.plain import one_line
from calwatch.ports import Clock
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.remote.address import is_address
from calwatch.providers.remote.faults import Fault, retry_after
from calwatch.providers.remote.token_answer import is_token, seconds
from calwatch.providers.remote.wire import Reply, Wire

PENDING = frozenset({"authorization_pending", "slow_down"})
_PASSING = frozenset({"temporarily_unavailable", "server_error"})
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "device_authorization_endpoint")
_KEPT = {
    "error": ("error", "error_description", "suberror", "error_codes"),
    "device": ("device_code", "user_code", "verification_uri", "message", "expires_in", "interval"),
    "token": ("access_token", "refresh_token", "id_token", "client_info", "scope", "token_type", "expires_in"),
}
_PART = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)
_DAY = 86_400
_NO_USE = "Microsoft's sign-in gave an answer that is no use"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer in msal's words."""

    status_code: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        """Nothing: an answer that should raise has done so."""


class Carrier:
    """What msal takes for its ``http_client``. Talks to the configured authority and to nobody else."""

    def __init__(self, account: OutlookAccount, wire: Wire, clock: Clock) -> None:
        self._account = account
        self._wire = wire
        self._clock = clock

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, **_: object) -> Answered:
        """The addresses of the authority; the only thing msal asks for by GET here."""
        reply = self._sent("GET", url, headers, None)
        found = _object(reply)
        if reply.status != 200:
            raise Stop(
                f'Microsoft knows no tenant "{self._account.tenant}" ({_said(found)}); correct tenant of account '
                f"{self._account.name}"
            )
        if not all(isinstance(found.get(name), str) and is_address(found[name]) for name in _ENDPOINTS):
            raise Retry(f"{_NO_USE}: it does not say where to sign in")
        for name in _ENDPOINTS:
            self._stay(found[name])
        return Answered(200, json.dumps({name: found[name] for name in (*_ENDPOINTS, "issuer") if name in found}))

    def post(
        self, url: str, *, data: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> Answered:
        """A device code, or tokens, or a lasting refusal."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = self._sent("POST", url, {**(headers or {}), **form}, urlencode(dict(data or {})).encode())
        return Answered(reply.status, json.dumps(_believed(reply)))

    def close(self) -> None:
        """Nothing: the connections are the account's."""

    def _sent(self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None) -> Reply:
        self._stay(url)
        try:
            reply = self._wire.send(method, url, headers=headers, body=body)
        except Fault as fault:
            raise Retry(str(fault)) from fault
        if reply.status in (408, 429) or not 200 <= reply.status < 500:
            wait = retry_after(reply.headers, self._clock.now())
            raise Retry(f"Microsoft's sign-in cannot answer now (HTTP {reply.status})", after=wait)
        return reply

    def _stay(self, url: str) -> None:
        there, here = urlsplit(url), urlsplit(self._account.authority)
        if (there.scheme, there.netloc.lower()) != (here.scheme, here.netloc.lower()):
            raise Stop(
                f"{here.netloc} sends account {self._account.name} to {one_line(there.netloc, 80)} for its sign-in; "
                f"if that is your national cloud, set authority of the account to it"
            )


def claims_in(id_token: str) -> dict[str, Any] | None:
    """What an id token says, unchecked: it came from the token endpoint itself (OpenID Connect Core §3.1.3.7)."""
    parts = id_token.split(".")
    return _decoded(parts[1]) if len(parts) >= 2 else None


def _object(reply: Reply) -> dict[str, Any]:
    try:
        found: Any = json.loads(reply.content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Retry(f"{_NO_USE} (HTTP {reply.status}); is a proxy or a sign-in page in between?")
    return {name: value for name, value in found.items() if value not in (None, "")}


def _believed(reply: Reply) -> dict[str, Any]:
    """The fields that msal may see."""
    found = _object(reply)
    if "error" in found:
        kind, good = "error", _is_refusal(found)
    elif reply.status != 200:
        kind, good = "error", False
    elif "device_code" in found:
        kind, good = "device", _is_device_code(found)
    else:
        kind, good = "token", _is_token_answer(found)
    if not good:
        raise Retry(f"{_NO_USE} (HTTP {reply.status})")
    if found.get("error") in _PASSING:
        raise Retry(f"Microsoft's sign-in cannot answer now ({_said(found)})")
    return {name: found[name] for name in _KEPT[kind] if name in found}


def _is_refusal(found: Mapping[str, Any]) -> bool:
    texts = all(isinstance(found.get(name, ""), str) for name in ("error", "error_description", "suberror"))
    return texts and bool(found["error"]) and isinstance(found.get("error_codes", []), list)


def _is_device_code(found: Mapping[str, Any]) -> bool:
    texts = all(isinstance(found.get(name), str) and found[name] for name in ("device_code", "user_code"))
    address = found.get("verification_uri")
    times = [seconds(found, name) for name in ("expires_in", "interval")]
    return (
        texts
        and isinstance(address, str)
        and is_address(address)
        and isinstance(found.get("message", ""), str)
        and all(time is not None and time <= _DAY for time in times)
    )


def _is_token_answer(found: Mapping[str, Any]) -> bool:
    if not is_token(found.get("access_token")) or seconds(found, "expires_in") is None:
        return False
    if any(not isinstance(found.get(name, ""), str) for name in _KEPT["token"] if name != "expires_in"):
        return False
    return _names_somebody(found) and ("refresh_token" not in found or is_token(found["refresh_token"]))


def _names_somebody(found: Mapping[str, Any]) -> bool:
    """Whether the two places that say whose tokens these are can be read, where they are there."""
    if found.get("id_token"):
        claims = claims_in(found["id_token"])
        names = ("sub", "oid", "tid", "preferred_username", "upn", "nonce")
        if claims is None or not claims.get("sub") or not all(isinstance(claims.get(n, ""), str) for n in names):
            return False
    if found.get("client_info"):
        info = _decoded(found["client_info"])
        if info is None or not all(_PART.fullmatch(str(info.get(name, "x"))) for name in ("uid", "utid")):
            return False
    return True


def _decoded(part: str) -> dict[str, Any] | None:
    try:
        found: Any = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _said(found: Mapping[str, Any]) -> str:
    described = found.get("error_description") or found.get("error") or "no reason given"
    return one_line(str(described).partition("Trace ID:")[0], 160)
