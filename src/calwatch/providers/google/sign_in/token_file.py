"""What the file with the sign-in of one Google account says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calwatch.providers.remote import sign_in_file


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What Google gave us when the person agreed; the access token is renewed about every hour.

    ``ends`` is the moment the person limited their consent to, if they did.
    """

    refresh_token: str
    client_id: str
    client_secret: str
    token_uri: str
    scopes: tuple[str, ...]
    granted_scopes: tuple[str, ...]
    token: str = ""
    expiry: datetime | None = None
    signed_in: datetime | None = None
    email: str = ""
    ends: datetime | None = None


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
    """The fields of google-auth's own file, and ours after them."""
    return {
        "token": sign_in.token,
        "refresh_token": sign_in.refresh_token,
        "token_uri": sign_in.token_uri,
        "client_id": sign_in.client_id,
        "client_secret": sign_in.client_secret,
        "scopes": list(sign_in.scopes),
        "universe_domain": "googleapis.com",
        "account": sign_in.email,
        "expiry": _written(sign_in.expiry),
        "granted_scopes": list(sign_in.granted_scopes),
        "signed_in": _written(sign_in.signed_in),
        "email": sign_in.email,
        "ends": _written(sign_in.ends),
    }


def _sign_in(found: dict[str, Any]) -> SignIn | None:
    def text(key: str) -> str:
        return found[key] if isinstance(found.get(key), str) else ""

    scopes = _words(found.get("scopes"))
    if not text("refresh_token") or not text("client_id"):
        return None
    return SignIn(
        refresh_token=text("refresh_token"),
        client_id=text("client_id"),
        client_secret=text("client_secret"),
        token_uri=text("token_uri"),
        scopes=scopes,
        granted_scopes=_words(found.get("granted_scopes")) or scopes,
        token=text("token"),
        expiry=_moment(text("expiry")),
        signed_in=_moment(text("signed_in")),
        email=text("email"),
        ends=_moment(text("ends")),
    )


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _written(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z" if moment is not None else None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
