"""What the fake Microsoft's sign-in gives out, and how it says no."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fakes.wire import Reply


class Refused(Exception):
    """A no of the token endpoint; ``number`` is the one in "AADSTS…"."""

    def __init__(self, error: str, number: int, words: str, suberror: str = "") -> None:
        super().__init__(error)
        self.error, self.number, self.words, self.suberror = error, number, words, suberror

    @property
    def status(self) -> int:
        return 401 if self.error == "invalid_client" else 400

    @property
    def said(self) -> str:
        return f"AADSTS{self.number}: {self.words}"


@dataclass
class Grant:
    """What ``username`` allowed one client; ``alive`` until it is revoked. ``used``: when it was renewed last."""

    client_id: str
    scopes: frozenset[str]
    username: str
    used: datetime
    alive: bool = True


@dataclass
class Code:
    """A code of the browser's way, or of a device; ``user_code`` is the one that is typed."""

    client_id: str
    scope: str
    issued: datetime
    redirect_uri: str = ""
    challenge: str = ""
    nonce: str = ""
    user_code: str = ""
    typed: bool = False
    used: bool = False


def encoded(value: dict[str, Any]) -> str:
    """JSON as one part of a JWT (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def short(scope: str) -> str:
    return scope.rpartition("/")[2]


def led_back(asked: dict[str, str], answer: dict[str, str]) -> Reply:
    """Where the browser is led; posted as a form when that was asked for."""
    given = {**answer, **({"state": asked["state"]} if "state" in asked else {})}
    if asked.get("response_mode") == "form_post":
        fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in given.items())
        return page(200, f'<form method="POST" action="{asked["redirect_uri"]}">{fields}</form>')
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return Reply(302, b"", {"Location": asked["redirect_uri"] + joint + urlencode(given)})


def page(status: int, content: str) -> Reply:
    return Reply(status, f"<html><body>{content}</body></html>".encode(), {"Content-Type": "text/html; charset=utf-8"})


def as_json(status: int, body: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=utf-8"})
