"""Where a reading of a Google calendar goes on: Google's token, and what it was made for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b

from calwatch.errors import Resync

PARAMETERS: dict[str, object] = {"maxResults": 2500, "showHiddenInvitations": True, "singleEvents": False}
"""Of every list, the first and all later ones: Google promises nothing when they differ."""

_READING = 1
"""Counts up when the same JSON is read differently, so that everything is read anew once."""

_MADE_FOR = blake2b(json.dumps([_READING, PARAMETERS], sort_keys=True).encode(), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True)
class Cursor:
    """``zone`` is that of the calendar when it was read: where its days begin."""

    zone: str
    token: str

    def __str__(self) -> str:
        return f"google:{_MADE_FOR}:{self.zone}:{self.token}"


def read_cursor(text: str) -> Cursor:
    """Raises ``Resync`` for a cursor of another kind, or one that other parameters were used for."""
    kind, _, rest = text.partition(":")
    made_for, _, rest = rest.partition(":")
    zone, _, token = rest.partition(":")
    if kind != "google" or made_for != _MADE_FOR or not token:
        raise Resync("the calendar was last read in another way")
    return Cursor(zone, token)
