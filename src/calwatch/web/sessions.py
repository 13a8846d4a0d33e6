"""Who may look at the page: addresses that work once, sessions on this machine, and paired devices.

Keys and tokens are random (128 bits and more) and kept as hashes, under names of the store: whoever reads the database
or a backup cannot open the page with it. What is over is forgotten when the next one is made.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calwatch.store.book import Store
    from calwatch.web.site import Site

_ONCE = "page:once:"
_OPEN = "page:session:"


class Kind(StrEnum):
    """``loopback``: a key in the address, on this machine. ``paired``: a cookie, behind the public address."""

    LOOPBACK = "loopback"
    PAIRED = "paired"


INVITED_FOR = {Kind.LOOPBACK: timedelta(minutes=5), Kind.PAIRED: timedelta(minutes=10)}
LASTING = {Kind.LOOPBACK: timedelta(hours=12), Kind.PAIRED: timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class Session:
    """One place where the page is open. ``id`` is the hash of its key; ``name`` what its browser calls itself."""

    id: str
    kind: Kind
    name: str
    since: datetime
    until: datetime


def invite(store: Store, now: datetime, kind: Kind, path: str = "/") -> str:
    """A token that opens one session within ``INVITED_FOR``, which then goes on at ``path`` (a local one)."""
    _forget_old(store, now)
    token = secrets.token_urlsafe(24)
    until = now + INVITED_FOR[kind]
    store.meta.set(_ONCE + _hash(token), {"until": until.timestamp(), "kind": kind.value, "path": path})
    return token


def is_invited(store: Store, now: datetime, kind: Kind, token: str) -> bool:
    """Whether ``accept`` would take this token now."""
    return _invitation(store, now, kind, token) is not None


def accept(store: Store, now: datetime, kind: Kind, token: str, name: str = "") -> tuple[str, str] | None:
    """The key of a new session, and the path to go on at; ``None`` for a token that is unknown, over or used."""
    key = secrets.token_urlsafe(16)
    with store.write():  # of two at once one gets it
        found = _invitation(store, now, kind, token)
        if found is None:
            return None
        store.meta.delete(_ONCE + _hash(token))
        until = now + LASTING[kind]
        row = {"kind": kind.value, "name": name, "since": now.timestamp(), "until": until.timestamp()}
        store.meta.set(_OPEN + _hash(key), row)
    return key, found["path"]


def find(store: Store, now: datetime, kind: Kind, key: str) -> Session | None:
    """The session of a key, while it lasts."""
    digest = _hash(key)
    found = _session(digest, store.meta.get(_OPEN + digest))
    return found if found is not None and found.kind is kind and now < found.until else None


def listed(site: Site) -> list[Session]:
    """Where the page is open now, the newest first."""
    rows = site.store.meta.beginning(_OPEN)
    found = [_session(name.removeprefix(_OPEN), row) for name, row in rows.items()]
    return sorted((s for s in found if s is not None and site.now() < s.until), key=lambda s: s.since, reverse=True)


def revoke(site: Site, session_id: str) -> None:
    """Closes one session."""
    site.store.meta.delete(_OPEN + session_id)


def revoke_all(store: Store) -> int:
    """Closes every session and takes back every address not yet used; gives how many sessions there were."""
    opened = store.meta.beginning(_OPEN)
    with store.write():
        for name in (*opened, *store.meta.beginning(_ONCE)):
            store.meta.delete(name)
    return len(opened)


def _invitation(store: Store, now: datetime, kind: Kind, token: str) -> dict[str, Any] | None:
    found = store.meta.get(_ONCE + _hash(token))
    if not isinstance(found, dict) or found["kind"] != kind.value or now.timestamp() >= found["until"]:
        return None
    return found


def _session(digest: str, row: Any) -> Session | None:
    if not isinstance(row, dict):
        return None
    since, until = (datetime.fromtimestamp(row[name], tz=UTC) for name in ("since", "until"))
    return Session(digest, Kind(row["kind"]), row["name"], since, until)


def _forget_old(store: Store, now: datetime) -> None:
    kept = {**store.meta.beginning(_ONCE), **store.meta.beginning(_OPEN)}
    over = [name for name, row in kept.items() if now.timestamp() >= row["until"]]
    with store.write():
        for name in over:
            store.meta.delete(name)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
