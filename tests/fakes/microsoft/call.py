"""What the HTTP side of the fake Microsoft hands to its calendar and its mail, and how they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Call:
    """One call of an operation, its path and its parameters already checked.

    ``path_ids`` are the decoded ids of the path by what they name ("calendar", "event", "folder", "message",
    "attachment"). ``params`` are the query's, with their ``$``. ``headers`` have lower-case names; ``prefer`` is what
    the Prefer header says, by name, quotes taken off. ``scopes`` are those of the access token, by their short names.
    """

    operation: str
    path_ids: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    prefer: dict[str, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """What is answered; without ``json`` the body is empty."""

    status: int
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Handler(Protocol):
    """A calendar or a mailbox."""

    def handle(self, call: Call) -> Answer:
        """The answer; raises ``ApiError``. Nobody else is in here meanwhile."""


class ApiError(Exception):
    """An error as Graph words it."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})
