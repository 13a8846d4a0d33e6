"""The audit trail: who did what, when. Rows are only ever added, and go only when the record is pruned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam

from calwatch.model.ledger import HistoryEntry
from calwatch.store import codec
from calwatch.store.concern import Records
from calwatch.store.tables import history

_OF_DRAFT = history.c.draft_id == bindparam("draft")
_OF_CASE = history.c.case_id == bindparam("case")


class History(Records[HistoryEntry]):
    """``store.history``."""

    _table = history
    _kind = HistoryEntry
    _noun = "history entry"

    def add(
        self,
        *,
        at: datetime,
        who: str,
        kind: str,
        what: str,
        draft_id: int | None = None,
        case_id: int | None = None,
        before: str | None = None,
        after: str | None = None,
        version: int | None = None,
    ) -> HistoryEntry:
        """Adds one line, in the transaction that is open if there is one."""
        entry = HistoryEntry(
            id=0,
            at=at,
            who=who,
            kind=kind,
            what=what,
            draft_id=draft_id,
            case_id=case_id,
            before=before,
            after=after,
            version=version,
        )
        with self._database.write() as connection:
            return self._add(connection, entry)

    def of_draft(self, draft_id: int) -> list[HistoryEntry]:
        """What happened to one draft, oldest first."""
        return self._find(_OF_DRAFT, draft=draft_id)

    def newest_of_draft(self, draft_id: int) -> HistoryEntry | None:
        """The last thing that happened to one draft."""
        return next(iter(self._find(_OF_DRAFT, draft=draft_id, limit=1, newest_first=True)), None)

    def of_case(self, case_id: int) -> list[HistoryEntry]:
        """What happened to one case and its drafts, oldest first."""
        return self._find(_OF_CASE, case=case_id)

    def all(self, limit: int = 200) -> list[HistoryEntry]:
        """The newest lines, newest first."""
        return self._find(limit=limit, newest_first=True)

    def _columns(self, record: HistoryEntry) -> dict[str, Any]:
        return {"draft_id": record.draft_id, "case_id": record.case_id, "at": codec.seconds(record.at)}
