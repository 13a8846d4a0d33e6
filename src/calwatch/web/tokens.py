"""What a form of the page carries: proof that this session was shown exactly these facts, by this process.

A token holds once wherever what it allows changes the facts it was made of, such as a draft's version and state.
"""

from __future__ import annotations

import hashlib
import json
import secrets

from flask import g
from itsdangerous import BadData, TimestampSigner

from calwatch.errors import Rejected

LASTING = 12 * 3600
"""Seconds: as long as a session on this machine."""

_KEY = secrets.token_bytes(32)  # a restart makes every form stale, which costs one more look


class Stale(Rejected):
    """The form is not of this session, not for this purpose, or shows what is no longer so."""


class _Signer(TimestampSigner):
    """Signs with the service's own clock."""

    def get_timestamp(self) -> int:
        return int(g.site.now().timestamp())


_SIGNER = _Signer(_KEY, salt="calwatch.page", digest_method=hashlib.sha256)


def make(purpose: str, *facts: object) -> str:
    """A token for one purpose and these facts (compared as text), good in this session only."""
    return _SIGNER.sign(_digest(purpose, facts)).decode("ascii")


def check(token: str, purpose: str, *facts: object) -> None:
    """Raises Stale unless ``token`` was made here for this session, this purpose and the same facts."""
    try:
        said = _SIGNER.unsign(token, max_age=LASTING)
    except BadData as error:
        raise Stale("this form is not one of calwatch's, or too old; look again") from error
    if not secrets.compare_digest(said, _digest(purpose, facts).encode("ascii")):
        raise Stale("this has changed since you looked; look again")


def _digest(purpose: str, facts: tuple[object, ...]) -> str:
    told = json.dumps([g.session.id, purpose, *map(str, facts)])  # escapes whatever is not ASCII
    return hashlib.sha256(told.encode("ascii")).hexdigest()
