"""The sign-in of one account on disk: ``STATE/tokens/ACCOUNT.json``, readable by its owner only, always whole."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calwatch.errors import Stop
from calwatch.providers.durable import write_whole

_LARGEST = 100_000  # bytes
Stamp = tuple[int, int, int, int]
"""What changes with every replacement or edit of a file: its times, size and inode."""


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


def path_of(state: Path, account: str) -> Path:
    """Where the sign-in of ``account`` is kept."""
    return state / "tokens" / f"{account}.json"


def stamp(path: Path) -> Stamp | None:
    """``None`` when there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def read(path: Path) -> SignIn | None:
    """The sign-in in ``path``; ``None`` when there is none, or nothing that could be used as one."""
    try:
        with path.open("rb") as file:
            found: Any = json.loads(file.read(_LARGEST))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Stop(f"the sign-in {path} cannot be read ({(error.strerror or 'error').lower()})") from None
    except (ValueError, RecursionError):
        return None
    return _sign_in(found) if isinstance(found, dict) else None


def write(path: Path, sign_in: SignIn) -> None:
    """Replaces ``path`` in one step that survives a power cut; nobody else can read it at any moment."""
    data = json.dumps(_plain(sign_in), indent=1).encode()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, data)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody else writes ``path`` meanwhile. Held for a comparison and a write, never for a request."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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
