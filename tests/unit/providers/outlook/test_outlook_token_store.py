"""What is in the file of a sign-in is read only when msal could use it; whoever spoils it is not signed in."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import NOW
from calwatch.providers.outlook.sign_in import token_store
from calwatch.providers.outlook.sign_in.authority import Authority
from calwatch.providers.outlook.sign_in.token_store import SignIn
from fakes.clock import ManualClock
from unit.providers.outlook.microsoft_answers import AUTHORITY, CLIENT, Script, ScriptedWire, an_account, device, tokens


def a_sign_in(**fields: Any) -> SignIn:
    """With a cache that msal has written."""
    script = Script([device(), tokens()])
    authority = Authority(an_account(), ScriptedWire(script), ManualClock())
    authority.polled(authority.device_code(["User.Read"]))
    given: dict[str, Any] = {
        "client_id": CLIENT,
        "authority": AUTHORITY,
        "tenant": "common",
        "home_account_id": authority.account_ids()[0],
        "scopes": ("User.Read",),
        "granted_scopes": ("User.Read", "openid"),
        "cache": json.dumps(json.loads(authority.kept())),
        "token": "access-1",
        "expiry": NOW + timedelta(hours=1),
        "signed_in": NOW,
        "email": "alex.rivera@example.com",
        "home_tenant": "t",
    }
    return SignIn(**{**given, **fields})


def test_what_is_stored_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tokens" / "o.json"
    token_store.write(path, a_sign_in())
    assert token_store.read(path) == a_sign_in()
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_no_sign_in(tmp_path: Path) -> None:
    assert token_store.read(tmp_path / "o.json") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"5", b"\xff", b"[" * 100_000, b"{}"])
def test_what_is_no_sign_in_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "o.json"
    path.write_bytes(content)
    assert token_store.read(path) is None


@pytest.mark.parametrize("odd", [None, 5, "", [], {}, "x", [5], {"x": 5}, {"x": {}}, {"x": {"secret": 5}}])
@pytest.mark.parametrize(
    "name",
    [
        "client_id",
        "authority",
        "home_account_id",
        "scopes",
        "granted_scopes",
        "signed_in",
        "token",
        "expiry",
        "cache",
        "cache.RefreshToken",
        "cache.Account",
        "cache.AccessToken",
        "cache.AppMetadata",
    ],
)
def test_a_spoilt_field_is_none_or_no_sign_in_and_msal_can_take_the_rest(tmp_path: Path, name: str, odd: Any) -> None:
    path = tmp_path / "o.json"
    token_store.write(path, a_sign_in())
    stored = json.loads(path.read_bytes())
    outer, _, inner = name.partition(".")
    if inner:
        stored[outer][inner] = odd
    else:
        stored[outer] = odd
    path.write_text(json.dumps(stored))
    found = token_store.read(path)
    if found is not None:
        authority = Authority(an_account(), ScriptedWire(Script([tokens()])), ManualClock())
        assert authority.renewed(found.cache, found.home_account_id, ["User.Read"]) is None or authority.kept()
