"""What the file with the sign-in of one Outlook account says: msal's token cache, and ours around it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calwatch.providers.remote import sign_in_file

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant all personal Microsoft accounts are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What Microsoft gave us when the person agreed; the access token is renewed about every hour.

    ``cache`` is msal's own, serialised; the refresh token is in it and changes with every renewal. ``scopes`` is what
    was asked for, ``home_tenant`` the tenant the person's account is in ("" if unknown).
    """

    client_id: str
    authority: str
    tenant: str
    home_account_id: str
    scopes: tuple[str, ...]
    granted_scopes: tuple[str, ...]
    cache: str
    token: str = ""
    expiry: datetime | None = None
    signed_in: datetime | None = None
    email: str = ""
    home_tenant: str = ""


def read(path: Path) -> SignIn | None:
    """The sign-in in ``path``; ``None`` when there is none, or nothing that could be used as one."""
    data = sign_in_file.load(path)
    try:
        found: Any = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    return _sign_in(found) if isinstance(found, dict) else None


def write(path: Path, sign_in: SignIn) -> None:
    """Replaces ``path`` in one step; see ``sign_in_file.store``."""
    sign_in_file.store(path, json.dumps(_plain(sign_in), indent=1).encode())


def _plain(sign_in: SignIn) -> dict[str, Any]:
    return {
        "provider": "outlook",
        "email": sign_in.email,
        "client_id": sign_in.client_id,
        "authority": sign_in.authority,
        "tenant": sign_in.tenant,
        "home_account_id": sign_in.home_account_id,
        "home_tenant": sign_in.home_tenant,
        "scopes": list(sign_in.scopes),
        "granted_scopes": list(sign_in.granted_scopes),
        "signed_in": _written(sign_in.signed_in),
        "token": sign_in.token,
        "expiry": _written(sign_in.expiry),
        "cache": json.loads(sign_in.cache),
    }


def _sign_in(found: dict[str, Any]) -> SignIn | None:
    def text(key: str) -> str:
        return found[key] if isinstance(found.get(key), str) else ""

    cache = found.get("cache")
    if not _is_cache(cache) or not text("client_id") or not text("home_account_id"):
        return None
    scopes = _words(found.get("scopes"))
    return SignIn(
        client_id=text("client_id"),
        authority=text("authority"),
        tenant=text("tenant"),
        home_account_id=text("home_account_id"),
        home_tenant=text("home_tenant"),
        scopes=scopes,
        granted_scopes=_words(found.get("granted_scopes")) or scopes,
        cache=json.dumps(cache),
        token=text("token"),
        expiry=_moment(text("expiry")),
        signed_in=_moment(text("signed_in")),
        email=text("email"),
    )


def _is_cache(found: Any) -> bool:
    """Whether msal can look for a refresh token in it: it takes what it finds there for what it once wrote."""
    if not isinstance(found, dict) or not found.get("RefreshToken") or not found.get("Account"):
        return False
    if not all(isinstance(section, dict) for section in found.values()):
        return False
    entries = [entry for section in found.values() for entry in section.values()]
    if not all(
        isinstance(entry, dict) and all(isinstance(one, str | None) for one in entry.values()) for entry in entries
    ):
        return False
    return all(
        _has(entry, "home_account_id", "environment", "authority_type") for entry in found["Account"].values()
    ) and (
        all(
            _has(entry, "home_account_id", "environment", "client_id", "secret")
            and str(entry.get("last_modification_time", "0")).isdecimal()
            for entry in found["RefreshToken"].values()
        )
    )


def _has(entry: dict[str, str | None], *names: str) -> bool:
    return all(entry.get(name) for name in names)


def _words(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _written(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z" if moment is not None else None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
