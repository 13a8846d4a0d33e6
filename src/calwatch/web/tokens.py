"""What a form of the page carries: proof that this session was shown exactly these facts, by this process."""

from __future__ import annotations

import hashlib
import json
import secrets
from functools import cache

from flask import g
from itsdangerous import BadData, URLSafeTimedSerializer

from calwatch.errors import Rejected

LASTING = 12 * 3600
"""Seconds: as long as a session on this machine."""

_KEY = secrets.token_bytes(32)  # a restart makes every form stale, which costs one more look


class Stale(Rejected):
    """The form is not of this session, not for this purpose, or shows what is no longer so."""


@cache
def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_KEY, salt="calwatch.page", signer_kwargs={"digest_method": hashlib.sha256})


def make(purpose: str, *facts: object) -> str:
    """A token for one purpose and these facts (compared as text), good in this session only."""
    return str(_signer().dumps(_digest(purpose, facts)))


def check(token: str, purpose: str, *facts: object) -> None:
    """Raises Stale unless ``token`` was made here for this session, this purpose and the same facts."""
    try:
        said = _signer().loads(token, max_age=LASTING)
    except BadData as error:
        raise Stale("this form is not one of calwatch's, or too old; look again") from error
    if not isinstance(said, str) or not secrets.compare_digest(said, _digest(purpose, facts)):
        raise Stale("this has changed since you looked; look again")


def _digest(purpose: str, facts: tuple[object, ...]) -> str:
    told = json.dumps([g.session.id, purpose, *map(str, facts)])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
