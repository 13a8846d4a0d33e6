"""The troubles of the person's interviews: opened, moved by compare-and-set, closed and remembered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from calwatch.errors import NotFound, Rejected
from calwatch.model.booking import Interview
from calwatch.model.case import CaseState, Intent, Occasion, Outcome, Situation, Weight
from calwatch.model.trouble import CASE_TRANSITIONS, SETTLED_OUTCOMES, Case
from calwatch.store import codec
from calwatch.store.concern import Records
from calwatch.store.history import History
from calwatch.store.tables import bookings, case_bookings, cases, drafts, effects, questions

_OPEN = cases.c.state != CaseState.CLOSED.value
_IN_STATES = cases.c.state.in_(bindparam("states", expanding=True))
_DUE = cases.c.due <= bindparam("now")
_OF_BOOKINGS = cases.c.id.in_(
    select(case_bookings.c.case_id).where(
        case_bookings.c.person == bindparam("person"),
        case_bookings.c.booking_id.in_(bindparam("bookings", expanding=True)),
    )
)
_NEXT_DUE = select(
    *(
        select(func.min(table.c.due)).where(table.c.person == bindparam("person")).scalar_subquery()
        for table in (cases, drafts, effects, questions)
    )
)
_KNOWN_BOOKINGS = select(bookings.c.id).where(
    bookings.c.person == bindparam("person"), bookings.c.id.in_(bindparam("bookings", expanding=True))
)
_NAMED_BOOKINGS = select(case_bookings.c.booking_id).where(case_bookings.c.case_id == bindparam("case"))


class CaseChanges(TypedDict, total=False):
    """What may change about a case besides its state."""

    interview_id: int
    booking_ids: tuple[int, ...]
    situation: Situation
    weight: Weight
    key: str
    start: datetime
    end: datetime
    account: str
    occasion: Occasion | None
    intent: Intent | None
    clashing_ids: tuple[int, ...]
    why: tuple[str, ...]
    settle_until: datetime | None
    due_at: datetime | None
    outcome: Outcome | None
    snapshot: Interview | None
    requests_made: int
    movable: bool
    ends_process: bool
    promises_times: bool


class Cases(Records[Case]):
    """``store.cases``."""

    _table = cases
    _kind = Case
    _noun = "case"

    def open(
        self,
        interview: Interview,
        *,
        situation: Situation,
        weight: Weight,
        key: str,
        now: datetime,
        state: CaseState = CaseState.SETTLING,
        occasion: Occasion | None = None,
        intent: Intent | None = None,
        clashing_ids: Collection[int] = (),
        why: Sequence[str] = (),
        settle_until: datetime | None = None,
        due_at: datetime | None = None,
        requests_made: int = 0,
        movable: bool = False,
        ends_process: bool = False,
        promises_times: bool = False,
        who: str = "calwatch",
        what: str = "",
    ) -> Case:
        """Opens a case with the interview as its snapshot; raises Rejected when one is open for it already."""
        case = Case(
            id=0,
            interview_id=interview.id,
            booking_ids=interview.booking_ids,
            state=state,
            situation=situation,
            weight=weight,
            key=key,
            start=interview.span.start,
            end=interview.span.end,
            account=interview.account,
            first_seen=now,
            occasion=occasion,
            intent=intent,
            clashing_ids=tuple(sorted(clashing_ids)),
            why=tuple(why),
            settle_until=settle_until,
            due_at=due_at,
            snapshot=interview,
            requests_made=requests_made,
            movable=movable,
            ends_process=ends_process,
            promises_times=promises_times,
        )
        with self._database.write() as connection:
            self._own_bookings(connection, case)
            try:
                case = self._add(connection, case)
            except IntegrityError as error:
                raise Rejected(f"there is an open case for event {interview.id} already") from error
            self._name_bookings(connection, case)
            self._note(case, now, who, what or f"opened: {situation.value}", before=None)
        return case

    def move(
        self,
        case_id: int,
        from_state: CaseState,
        to_state: CaseState,
        *,
        now: datetime,
        who: str,
        what: str = "",
        **changes: Unpack[CaseChanges],
    ) -> Case:
        """Moves a case whose state still is ``from_state``, with a history row; otherwise raises Rejected.

        Closing sets ``closed_at`` and clears what was due; reopening clears ``closed_at`` and the outcome.
        """
        with self._database.write() as connection:
            case = self.get(case_id)
            if case.state is not from_state:
                raise Rejected(f"case {case_id} is {case.state.value} by now, no longer {from_state.value}")
            if to_state not in CASE_TRANSITIONS[from_state]:
                raise Rejected(f"case {case_id} is {from_state.value}; it cannot become {to_state.value}")
            moved = replace(case, **changes, state=to_state)
            if to_state is CaseState.CLOSED:
                moved = replace(moved, closed_at=now, due_at=None, settle_until=None)
            elif from_state is CaseState.CLOSED:
                moved = replace(moved, closed_at=None, outcome=changes.get("outcome"))
            self._write(connection, moved)
            reason = f" ({moved.outcome.value})" if to_state is CaseState.CLOSED and moved.outcome else ""
            self._note(moved, now, who, what or f"{to_state.value}{reason}", before=from_state)
        return moved

    def change(
        self,
        case_id: int,
        state: CaseState,
        *,
        now: datetime,
        who: str = "calwatch",
        what: str = "",
        **changes: Unpack[CaseChanges],
    ) -> Case:
        """Changes a case that still is in ``state``; a history row only when ``what`` says something for the person."""
        with self._database.write() as connection:
            case = self.get(case_id)
            if case.state is not state:
                raise Rejected(f"case {case_id} is {case.state.value} by now, no longer {state.value}")
            changed = replace(case, **changes)
            if changed != case:
                self._write(connection, changed)
            if what:
                self._note(changed, now, who, what, before=state)
        return changed

    def open_cases(self) -> list[Case]:
        """Every case that is not closed, oldest first."""
        return self._find(_OPEN)

    def in_states(self, states: Collection[CaseState]) -> list[Case]:
        """Cases in any of these states, oldest first."""
        return self._find(_IN_STATES, states=sorted(states))

    def all(self, limit: int = -1) -> list[Case]:
        """Every case, newest first."""
        return self._find(limit=limit, newest_first=True)

    def open_for(self, booking_ids: Collection[int]) -> Case | None:
        """The open case that concerns any of these bookings; the oldest if interviews were regrouped."""
        found = [case for case in self.of_bookings(booking_ids) if case.state is not CaseState.CLOSED]
        return found[0] if found else None

    def of_bookings(self, booking_ids: Collection[int]) -> list[Case]:
        """Every case, open or closed, that concerns any of these bookings, oldest first."""
        if not booking_ids:
            return []
        return self._find(_OF_BOOKINGS, bookings=sorted(set(booking_ids)))

    def dismissed_keys(self, booking_ids: Collection[int]) -> frozenset[str]:
        """Keys of the troubles of these bookings that were dealt with for good and must not be raised again."""
        return frozenset(
            case.key
            for case in self.of_bookings(booking_ids)
            if case.state is CaseState.CLOSED and case.outcome in SETTLED_OUTCOMES
        )

    def due(self, now: datetime) -> list[Case]:
        """Open cases whose settle time or ``due_at`` has come."""
        return self._find(_DUE, now=codec.seconds(now))

    def next_due(self) -> datetime | None:
        """The earliest moment at which a case, draft, effect or question must be looked at (rounded up to a second)."""
        with self._database.read() as connection:
            earliest = connection.execute(_NEXT_DUE, {"person": self._person}).one()
        moments = [value for value in earliest if value is not None]
        return codec.moment(min(moments)) if moments else None

    def _columns(self, record: Case) -> dict[str, Any]:
        moments = [m for m in (record.settle_until, record.due_at) if m is not None]
        if record.state is not CaseState.SETTLING:
            moments = [record.due_at] if record.due_at is not None else []
        return {
            "interview_id": record.interview_id,
            "state": record.state.value,
            "key": codec.column(record.key),
            "outcome": None if record.outcome is None else record.outcome.value,
            "due": codec.due_seconds(min(moments)) if moments and record.state is not CaseState.CLOSED else None,
            "closed_at": None if record.closed_at is None else codec.seconds(record.closed_at),
        }

    def _write(self, connection: Connection, case: Case) -> None:
        self._own_bookings(connection, case)
        try:
            self._put(connection, case)
        except IntegrityError as error:
            raise Rejected(f"there is another open case for event {case.interview_id}") from error
        self._name_bookings(connection, case)

    def _own_bookings(self, connection: Connection, case: Case) -> None:
        wanted = sorted(set(case.booking_ids))
        known = connection.scalars(_KNOWN_BOOKINGS, {"person": self._person, "bookings": wanted})
        missing = set(wanted) - set(known)
        if missing:
            raise NotFound(f"there is no event {min(missing)}")

    def _name_bookings(self, connection: Connection, case: Case) -> None:
        named = set(connection.scalars(_NAMED_BOOKINGS, {"case": case.id}))
        key = {"person": self._person, "case_id": case.id}
        new = [{**key, "booking_id": booking_id} for booking_id in sorted(set(case.booking_ids) - named)]
        if new:
            connection.execute(insert(case_bookings), new)
        old = named - set(case.booking_ids)
        if old:
            connection.execute(
                delete(case_bookings).where(
                    case_bookings.c.case_id == case.id, case_bookings.c.booking_id.in_(sorted(old))
                )
            )

    def _note(self, case: Case, now: datetime, who: str, what: str, *, before: CaseState | None) -> None:
        History(self._database, self._person).add(
            at=now,
            who=who,
            kind="case",
            what=what,
            case_id=case.id,
            before=None if before is None else before.value,
            after=case.state.value,
        )
