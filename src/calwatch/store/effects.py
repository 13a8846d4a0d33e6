"""Outside actions of a draft besides the mail: the row is committed before the call, and reconciled after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam

from calwatch.errors import Rejected
from calwatch.model.case import EffectKind, EffectState
from calwatch.model.draft import Effect
from calwatch.store import codec
from calwatch.store.concern import Records
from calwatch.store.drafts import Drafts
from calwatch.store.history import History
from calwatch.store.tables import effects

_PENDING = (EffectState.PLANNED, EffectState.ATTEMPTED)

_OF_DRAFT = effects.c.draft_id == bindparam("draft")
_SAME = and_(_OF_DRAFT, effects.c.kind == bindparam("kind"), effects.c.key == bindparam("key"))
_DUE = effects.c.due <= bindparam("now")
_IN_STATE = effects.c.state == bindparam("state")
_OF_KIND_IN_STATE = and_(effects.c.kind == bindparam("kind"), _IN_STATE)
_UNMOVED = effects.c.state == bindparam("was_state")


class Effects(Records[Effect]):
    """``store.effects``."""

    _table = effects
    _kind = Effect
    _noun = "effect"

    def plan(
        self,
        draft_id: int,
        kind: EffectKind,
        key: str,
        *,
        now: datetime,
        value: str = "",
        detail: str = "",
        due_at: datetime | None = None,
    ) -> Effect:
        """Plans an action; the same (draft, kind, key) again gives the one there is. Due now unless told."""
        effect = Effect(
            id=0,
            draft_id=draft_id,
            kind=kind,
            key=key,
            state=EffectState.PLANNED,
            value=value,
            detail=detail,
            due_at=due_at or now.replace(microsecond=0),  # a second that has begun: "now" is not rounded up to later
        )
        with self._database.write() as connection:
            Drafts(self._database, self._person).get(draft_id)
            present = self._find(_SAME, draft=draft_id, kind=kind.value, key=codec.column(key))
            if present:
                return present[0]
            effect = self._add(connection, effect)
            self._note(effect, now, f"planned {kind.value}: {detail or value}", before=None)
        return effect

    def attempt(self, effect_id: int, *, now: datetime, due_at: datetime | None = None) -> Effect:
        """Says, before the call, that it is being made. ``due_at``: when to reconcile should nothing more be heard."""
        effect = self.get(effect_id)
        return self._move(
            effect_id,
            _PENDING,
            EffectState.ATTEMPTED,
            now,
            f"trying {effect.kind.value}",
            attempts=effect.attempts + 1,
            due_at=due_at or now,
        )

    def done(self, effect_id: int, *, now: datetime, provider_ref: str = "", detail: str | None = None) -> Effect:
        """It happened; ``provider_ref`` is what it made, such as a hold."""
        effect = self.get(effect_id)
        return self._move(
            effect_id,
            _PENDING,
            EffectState.DONE,
            now,
            f"done: {effect.kind.value}",
            provider_ref=provider_ref or effect.provider_ref,
            detail=effect.detail if detail is None else detail,
            due_at=None,
        )

    def fail(self, effect_id: int, reason: str, *, now: datetime, retry_at: datetime | None = None) -> Effect:
        """It did not happen: tried again at ``retry_at``, or failed for good (until ``retry``) without."""
        state = EffectState.FAILED if retry_at is None else EffectState.PLANNED
        return self._move(effect_id, _PENDING, state, now, f"not done: {reason}", detail=reason, due_at=retry_at)

    def skip(self, effect_id: int, reason: str, *, now: datetime) -> Effect:
        """It is no longer wanted."""
        pending = (*_PENDING, EffectState.FAILED)
        return self._move(
            effect_id, pending, EffectState.SKIPPED, now, f"left out: {reason}", detail=reason, due_at=None
        )

    def retry(self, effect_id: int, *, now: datetime) -> Effect:
        """Tries a failed one again."""
        return self._move(effect_id, (EffectState.FAILED,), EffectState.PLANNED, now, "to be tried again", due_at=now)

    def of_draft(self, draft_id: int) -> list[Effect]:
        """The actions of one draft, in the order they were planned."""
        return self._find(_OF_DRAFT, draft=draft_id)

    def of_case(self, case_id: int) -> list[Effect]:
        """The actions of all drafts of one case, in the order they were planned."""
        return [e for draft in Drafts(self._database, self._person).of_case(case_id) for e in self.of_draft(draft.id)]

    def due(self, now: datetime) -> list[Effect]:
        """Actions to be tried or reconciled now, oldest first."""
        return self._find(_DUE, now=codec.seconds(now))

    def in_state(self, state: EffectState) -> list[Effect]:
        """Every action in one state, such as the failed ones to show."""
        return self._find(_IN_STATE, state=state.value)

    def holds(self, case_id: int | None = None) -> list[Effect]:
        """Holds that were made (of one case): their ``provider_ref`` is on the calendar unless released since."""
        made = self._find(_OF_KIND_IN_STATE, kind=EffectKind.HOLD.value, state=EffectState.DONE.value)
        if case_id is None:
            return made
        ids = {draft.id for draft in Drafts(self._database, self._person).of_case(case_id)}
        return [effect for effect in made if effect.draft_id in ids]

    def _columns(self, record: Effect) -> dict[str, Any]:
        pending = record.state in _PENDING
        return {
            "draft_id": record.draft_id,
            "kind": record.kind.value,
            "key": codec.column(record.key),
            "state": record.state.value,
            "due": codec.due_seconds(record.due_at) if pending else None,
        }

    def _move(
        self,
        effect_id: int,
        allowed: tuple[EffectState, ...],
        state: EffectState,
        now: datetime,
        what: str,
        **changes: Any,
    ) -> Effect:
        with self._database.write() as connection:
            effect = self.get(effect_id)
            if effect.state not in allowed:
                raise Rejected(f"effect {effect_id} is {effect.state.value}; it cannot become {state.value}")
            changed = replace(effect, state=state, **changes)
            moved = self._put(connection, changed, _UNMOVED, was_state=effect.state.value)
            self._note(moved, now, what, before=effect.state)
        return moved

    def _note(self, effect: Effect, now: datetime, what: str, *, before: EffectState | None) -> None:
        draft = Drafts(self._database, self._person).get(effect.draft_id)
        History(self._database, self._person).add(
            at=now,
            who="calwatch",
            kind="effect",
            what=what,
            draft_id=draft.id,
            case_id=draft.case_id,
            before=None if before is None else before.value,
            after=effect.state.value,
            version=draft.version,
        )
