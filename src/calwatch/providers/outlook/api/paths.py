"""Addresses below Microsoft Graph's root: written with ids and texts of others in them, followed when they come back.

A link is followed exactly as it was given, and nowhere but to where the account is configured: the access token goes
with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from calwatch.providers.outlook.scopes import Feature

_VISIBLE = re.compile(r"[\x21-\x7e]{1,100000}", re.ASCII)
_UPWARD = re.compile(r"/(?:\.|%2e){1,2}(?:[/?]|\Z)", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(r"\('[^']*'\)")
_FOLDERS = frozenset({"archive", "deleteditems", "drafts", "inbox", "junkemail", "outbox", "sentitems"})
_COLLECTIONS = frozenset({"attachments", "calendars", "events", "mailfolders", "messages", "instances"})


def segment(identifier: str) -> str:
    """``identifier`` as one segment of a path; its case stays, and so does everything else."""
    return quote(identifier, safe="")


def literal(text: str) -> str:
    """``text`` as a literal of OData."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def address(root: str, path: str, params: Mapping[str, str] | None) -> str:
    """The whole address; the names of parameters keep their ``$``."""
    query = urlencode(dict(params or {}), safe="$", quote_via=quote)
    return f"{root}{path}" + (f"?{query}" if query else "")


def belongs(link: str, root: str) -> bool:
    """Whether ``link`` leads below ``root`` for every parser: same scheme, host and port, no way up, no user in it."""
    if not _VISIBLE.fullmatch(link) or "#" in link or "\\" in link or _UPWARD.search(link):
        return False
    try:
        there, here = urlsplit(link), urlsplit(root)
        ports = there.port or _port(there.scheme), here.port or _port(here.scheme)
    except ValueError:
        return False
    return (
        there.scheme == here.scheme
        and "@" not in there.netloc
        and there.hostname == here.hostname
        and ports[0] == ports[1]
        and there.path.startswith(f"{here.path}/")
    )


def template(path: str) -> str:
    """``path`` with ids taken out, to be counted and logged: ``/me/events/{id}/decline``."""
    bare = _NAMED.sub("/{id}", path.partition("?")[0])
    shown: list[str] = []
    for part in bare.replace("/users/{id}/", "/me/", 1).split("/"):
        before = shown[-1].lower() if shown else ""
        known = part.lower() in _FOLDERS or part == "delta" or not part
        shown.append("{id}" if before in _COLLECTIONS and not known else part)
    return "/".join(shown)


def feature_of(method: str, path: str) -> Feature:
    """What a request needs the person's consent for."""
    parts = path.lower().split("/")
    if parts[-1] in ("send", "sendmail"):
        return Feature.SEND_MAIL
    if "messages" in parts or "mailfolders" in parts:
        return Feature.READ_MAIL if method == "GET" else Feature.WRITE_DRAFTS
    return Feature.READ_EVENTS if method == "GET" or parts[-1] == "getschedule" else Feature.WRITE_EVENTS


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
