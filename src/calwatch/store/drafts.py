"""The life of every draft: ``move`` is the only way to change a state, and it knows nothing but TRANSITIONS."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, and_, bindparam, func, select

from calwatch.errors import Rejected
from calwatch.model.case import NEW_VERSION, OPEN_STATES, RESERVING, TRANSITIONS, CaseState, DraftState, Move
from calwatch.model.draft import Draft, Letter, Stored
from calwatch.model.span import Span
from calwatch.store import codec
from calwatch.store.concern import Records
from calwatch.store.history import History
from calwatch.store.tables import cases, drafts
from calwatch.store.wording import IS, MADE, refusal

_OF_CASE = drafts.c.case_id == bindparam("case")
_OF_KEY = drafts.c.key == bindparam("key")
_DUE = drafts.c.due <= bindparam("now")
_IN_STATES = drafts.c.state.in_(bindparam("states", expanding=True))
_SENT_IN_OPEN_CASE = and_(
    drafts.c.state == DraftState.SENT.value,
    drafts.c.case_id.in_(
        select(cases.c.id).where(cases.c.person == bindparam("person"), cases.c.state != CaseState.CLOSED.value)
    ),
)
_UNMOVED = and_(drafts.c.state == bindparam("was_state"), drafts.c.version == bindparam("was_version"))
_CASE = select(cases.c.id).where(cases.c.person == bindparam("person"), cases.c.id == bindparam("case"))


class DraftChanges(TypedDict, total=False):
    """What a move may change besides state and version; ``letter`` and ``hash`` go together."""

    letter: Letter
    hash: str
    account: str
    respond_by: datetime
    expires: datetime
    approved_hash: str
    approved_at: datetime | None
    stored: Stored | None
    touched: bool
    attempts: int
    attempted_at: datetime | None
    due_at: datetime | None
    notice: str
    sent_at: datetime | None


class Drafts(Records[Draft]):
    """``store.drafts``."""

    _table = drafts
    _kind = Draft
    _noun = "draft"

    def create(
        self,
        case_id: int,
        account: str,
        letter: Letter,
        *,
        hash: str,  # noqa: A002 - the field's name
        key: str,
        now: datetime,
        respond_by: datetime,
        expires: datetime,
        due_at: datetime | None = None,
        notice: str = "",
        who: str = "calwatch",
        what: str = "",
    ) -> Draft:
        """A new draft, waiting in version 1, with its history row. ``key`` marks it for good and must be new."""
        draft = Draft(
            id=0,
            case_id=case_id,
            version=1,
            state=DraftState.WAITING,
            account=account,
            letter=letter,
            hash=hash,
            key=key,
            created=now,
            changed=now,
            respond_by=respond_by,
            expires=expires,
            due_at=due_at,
            notice=notice,
        )
        with self._database.write() as connection:
            self._own_case(case_id)
            draft = self._add(connection, draft)
            self._note(draft, now, who, "created", what or f"drafted: {letter.intent.value}", before=None)
        return draft

    def move(
        self,
        draft_id: int,
        version: int,
        move: Move,
        *,
        now: datetime,
        who: str,
        what: str = "",
        **changes: Unpack[DraftChanges],
    ) -> Draft:
        """Moves a draft that still is in ``version`` and a state TRANSITIONS knows the move from; else raises Rejected.

        One update and one history row in one transaction. A move in NEW_VERSION makes the next version. Whatever leads
        back to waiting forgets the approval. An approval must carry ``approved_hash`` equal to the draft's own hash.
        ``attempts`` counts up on an attempt and from zero with every version, unless given.
        """
        with self._database.write() as connection:
            draft = self.get(draft_id)
            after = TRANSITIONS.get((draft.state, move))
            if after is None:
                raise Rejected(refusal(draft, move))
            if draft.version != version:
                raise Rejected(
                    f"draft {draft_id} has changed since: it is version {draft.version} now, not {version}; "
                    "look at it again"
                )
            self._check_content(draft, move, changes)
            moved = replace(draft, **_consequences(draft, move, after, now))
            moved = replace(moved, **changes)
            moved = replace(moved, state=after, changed=now)
            if move in NEW_VERSION:
                moved = replace(moved, version=draft.version + 1)
            self._put(connection, moved, _UNMOVED, was_state=draft.state.value, was_version=version)
            self._note(moved, now, who, move.value, what or MADE[move], before=draft.state)
        return moved

    def set_stored(
        self, draft_id: int, version: int, stored: Stored | None, *, now: datetime, who: str = "calwatch"
    ) -> Draft:
        """Notes where the draft lies in the mailbox, with a history row; equal values write nothing."""
        what = "kept in the mailbox's Drafts" if stored is not None else "no longer in the mailbox's Drafts"
        return self._set(draft_id, version, now, who, "stored", what, stored=stored)

    def set_touched(
        self,
        draft_id: int,
        version: int,
        *,
        now: datetime,
        letter: Letter | None = None,
        hash: str | None = None,  # noqa: A002 - the field's name
        stored: Stored | None = None,
        who: str = "you",
        what: str = "edited in the mailbox",
    ) -> Draft:
        """Notes that the person changed a waiting draft in their mailbox, and what it says now."""
        if (letter is None) != (hash is None):
            raise ValueError("a letter and its hash change together")
        changes: DraftChanges = {"touched": True}
        if letter is not None and hash is not None:
            changes["letter"], changes["hash"] = letter, hash
        if stored is not None:
            changes["stored"] = stored
        return self._set(draft_id, version, now, who, "touched", what, **changes)

    def set_due(
        self,
        draft_id: int,
        version: int,
        due_at: datetime | None,
        *,
        now: datetime,
        who: str = "calwatch",
        notice: str | None = None,
        what: str = "",
    ) -> Draft:
        """Notes when to look again (and a notice for the person); equal values write nothing."""
        changes: DraftChanges = {"due_at": due_at}
        if notice is not None:
            changes["notice"] = notice
        when = "no more" if due_at is None else f"at {due_at.isoformat(timespec='seconds')}"
        return self._set(draft_id, version, now, who, "due", what or f"looked at again {when}", **changes)

    def open_drafts(self) -> list[Draft]:
        """What ``calwatch drafts`` shows, oldest first."""
        return self.in_states(OPEN_STATES)

    def in_states(self, states: Collection[DraftState]) -> list[Draft]:
        """Drafts in any of these states, oldest first."""
        return self._find(_IN_STATES, states=sorted(states))

    def queue(self, states: Collection[DraftState]) -> list[int]:
        """The ids of drafts in any of these states, the one to answer first at the head; no letter is read for it."""
        respond_by = func.julianday(func.json_extract(drafts.c.body, "$.respond_by"))
        query = (
            select(drafts.c.id)
            .where(drafts.c.person == self._person, drafts.c.state.in_(sorted(states)))
            .order_by(respond_by, drafts.c.id)
        )
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def counts(self) -> dict[str, int]:
        """How many drafts there are in each state that has some, by the state's name; no letter is read for it."""
        query = select(drafts.c.state, func.count()).where(drafts.c.person == self._person).group_by(drafts.c.state)
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def waiting_since(self) -> datetime | None:
        """When the oldest draft that waits was made; no letter is read for it."""
        query = select(func.min(func.json_extract(drafts.c.body, "$.created"))).where(
            drafts.c.person == self._person, drafts.c.state == DraftState.WAITING.value
        )
        with self._database.read() as connection:
            made = connection.scalar(query)
        return datetime.fromisoformat(made) if made is not None else None

    def all(self, limit: int = -1) -> list[Draft]:
        """Every draft, newest first."""
        return self._find(limit=limit, newest_first=True)

    def of_case(self, case_id: int) -> list[Draft]:
        """The drafts of one case, oldest first."""
        return self._find(_OF_CASE, case=case_id)

    def by_key(self, key: str) -> Draft | None:
        """The draft that carries this marker."""
        found = self._find(_OF_KEY, key=codec.column(key))
        return found[0] if found else None

    def due(self, now: datetime) -> list[Draft]:
        """Open drafts whose ``due_at`` has come, or that wait or are approved past ``expires``."""
        return self._find(_DUE, now=codec.seconds(now))

    def reserved(
        self, now: datetime, *, exclude_case: int | None = None, valid_since: datetime | None = None
    ) -> list[Span]:
        """Times offered elsewhere that are still to come.

        By drafts that wait, are approved, sending or unsure, and by sent ones while their case is open and they were
        sent at or after ``valid_since`` (the caller counts working days).
        """
        held = self.in_states(RESERVING)
        held += [
            draft
            for draft in self._find(_SENT_IN_OPEN_CASE)
            if valid_since is None or draft.sent_at is None or draft.sent_at >= valid_since
        ]
        spans = {span for d in held if d.case_id != exclude_case for span in d.letter.slots if span.end > now}
        return sorted(spans)

    def blank(self, connection: Connection, draft: Draft) -> None:
        """Writes a finished draft without its words; the one change that leaves no history row."""
        self._put(connection, draft, _UNMOVED, was_state=draft.state.value, was_version=draft.version)

    def _columns(self, record: Draft) -> dict[str, Any]:
        moments = [record.due_at] if record.due_at is not None else []
        if record.state in {DraftState.WAITING, DraftState.APPROVED}:
            moments.append(record.expires)
        return {
            "case_id": record.case_id,
            "state": record.state.value,
            "version": record.version,
            "key": codec.column(record.key),
            "due": codec.due_seconds(min(moments)) if moments and record.state in OPEN_STATES else None,
        }

    def _set(
        self,
        draft_id: int,
        version: int,
        now: datetime,
        who: str,
        kind: str,
        what: str,
        **changes: Unpack[DraftChanges],
    ) -> Draft:
        with self._database.write() as connection:
            draft = self.get(draft_id)
            if draft.version != version:
                raise Rejected(f"draft {draft_id} is version {draft.version} now, not {version}; look at it again")
            if "letter" in changes and draft.state is not DraftState.WAITING:
                raise Rejected(f"draft {draft_id} {IS[draft.state]}; its text can no longer change")
            changed = replace(draft, **changes)
            if changed == draft:
                return draft
            changed = replace(changed, changed=now)
            self._put(connection, changed, _UNMOVED, was_state=draft.state.value, was_version=version)
            if kind != "due" or not self._said_last(draft_id, what):
                self._note(changed, now, who, kind, what, before=draft.state)
        return changed

    def _said_last(self, draft_id: int, what: str) -> bool:
        """Whether this is what the draft's history ends with: waiting for the same thing again is no news."""
        newest = History(self._database, self._person).newest_of_draft(draft_id)
        return newest is not None and newest.what == what

    def _check_content(self, draft: Draft, move: Move, changes: DraftChanges) -> None:
        """Content changes only with a new version or as what the person sent; an approval names exactly this."""
        if ("letter" in changes) != ("hash" in changes):
            raise ValueError("a letter and its hash change together")
        if "letter" in changes and move not in NEW_VERSION and move is not Move.HAND_SENT:
            raise ValueError(f"{move.value} does not change what a draft says")
        if move is Move.APPROVE and changes.get("approved_hash") != draft.hash:
            raise Rejected(f"draft {draft.id} is not the text that was shown; look at it again and approve that")

    def _own_case(self, case_id: int) -> None:
        with self._database.read() as connection:
            found = connection.scalar(_CASE, {"person": self._person, "case": case_id})
        if found is None:
            raise Rejected(f"there is no case {case_id} to draft for")

    def _note(self, draft: Draft, now: datetime, who: str, kind: str, what: str, *, before: DraftState | None) -> None:
        History(self._database, self._person).add(
            at=now,
            who=who,
            kind=kind,
            what=what,
            draft_id=draft.id,
            case_id=draft.case_id,
            before=None if before is None else before.value,
            after=draft.state.value,
            version=draft.version,
        )


def _consequences(draft: Draft, move: Move, after: DraftState, now: datetime) -> DraftChanges:
    """What follows from a move by itself; the caller's own changes win."""
    changes: DraftChanges = {}
    if after is DraftState.WAITING:
        changes = {"approved_hash": "", "approved_at": None}
    if move in NEW_VERSION:
        changes |= {"attempts": 0, "attempted_at": None}
    if move is Move.APPROVE:
        changes |= {"approved_at": now}
    if move is Move.ATTEMPT:
        changes |= {"attempts": draft.attempts + 1, "attempted_at": now}
    if after is DraftState.SENT:
        changes |= {"sent_at": now}
    if after not in OPEN_STATES:
        changes |= {"due_at": None}
    return changes
