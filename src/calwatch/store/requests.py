"""What commands and the page ask the one actor to do, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from calwatch.model.case import RequestKind
from calwatch.model.ledger import Request
from calwatch.store import codec
from calwatch.store.concern import Records
from calwatch.store.tables import requests

_PENDING = requests.c.pending.is_(True)


class Requests(Records[Request]):
    """``store.requests``."""

    _table = requests
    _kind = Request
    _noun = "request"

    def add(
        self, kind: RequestKind, draft_id: int | None, payload: dict[str, Any], *, who: str, now: datetime
    ) -> Request:
        """Leaves a request for the actor. ``payload`` holds plain JSON values, such as the hash that was shown."""
        request = Request(id=0, kind=kind, who=who, at=now, draft_id=draft_id, payload=dict(payload))
        with self._database.write() as connection:
            return self._add(connection, request)

    def pending(self) -> list[Request]:
        """What nobody has dealt with yet, oldest first."""
        return self._find(_PENDING)

    def finish(self, request_id: int, result: Any, ok: bool, *, now: datetime) -> Request:
        """Notes the outcome (any plain JSON); raises Rejected when the request was finished before."""
        with self._database.write() as connection:
            request = self.get(request_id)
            done = replace(request, result=result, ok=ok, finished_at=now)
            return self._put(connection, done, _PENDING)

    def _columns(self, record: Request) -> dict[str, Any]:
        finished = record.finished_at
        return {"pending": finished is None, "finished_at": None if finished is None else codec.seconds(finished)}
