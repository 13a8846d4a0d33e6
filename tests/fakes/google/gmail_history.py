"""The fake mailbox's history log: what was added, deleted and relabelled, under ids that grow with gaps."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"]
_KINDS: dict[str, Kind] = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


@dataclass(frozen=True)
class Record:
    """One change; ``labels`` are the mail's after it, ``changed`` those that came or went."""

    id: int
    kind: Kind
    message: str
    thread: str
    labels: tuple[str, ...]
    changed: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        brief = {"id": self.message, "threadId": self.thread}
        change: dict[str, Any] = {"message": {**brief, "labelIds": list(self.labels)}}
        if self.changed:
            change["labelIds"] = list(self.changed)
        return {"id": str(self.id), "messages": [brief], self.kind: [change]}


class History:
    """``current`` is the id of the newest record; older than ``floor`` nothing is known any more."""

    def __init__(self, numbers: random.Random) -> None:
        self._numbers = numbers
        self.current = numbers.randrange(100_000, 900_000)
        self.floor = self.current
        self.records: list[Record] = []

    def add(self, kind: Kind, message: str, thread: str, labels: Iterable[str], changed: Iterable[str] = ()) -> int:
        """Notes a change; gives its id."""
        self.current += self._numbers.randrange(1, 60)
        self.records.append(Record(self.current, kind, message, thread, tuple(sorted(labels)), tuple(sorted(changed))))
        return self.current

    def expire(self) -> None:
        """Every id given out so far is too old."""
        self.current += self._numbers.randrange(1, 60)
        self.floor = self.current
        self.records.clear()

    def known(self, start: int) -> bool:
        return self.floor <= start <= self.current

    def since(self, start: int, types: list[str], label: str) -> list[Record]:
        kinds = {_KINDS[t] for t in types} or set(_KINDS.values())
        return [
            record
            for record in self.records
            if record.id > start and record.kind in kinds and (not label or label in record.labels)
        ]
