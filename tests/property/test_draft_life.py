"""Drafts of two people walked at random through the store, which is closed and opened again in between.

Nothing outside TRANSITIONS ever happens, every move leaves exactly one line in the history, and the version grows
exactly with the moves that make a new one.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from builders import NOW, an_invitation
from calwatch.errors import NotFound, Rejected
from calwatch.model.case import NEW_VERSION, OPEN_STATES, RESERVING, TRANSITIONS, DraftState, Move
from calwatch.model.draft import Stored
from calwatch.store import Store, open_store
from calwatch.store.drafts import DraftChanges
from stories import a_case_in, a_draft_in, a_letter, an_interview_in

PEOPLE = ("alex", "sam")


@dataclass
class Expected:
    """What the model says a draft must be."""

    state: DraftState = DraftState.WAITING
    version: int = 1
    hash: str = "hash-1"
    attempts: int = 0
    history: list[str] = field(default_factory=lambda: ["created"])


class DraftLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="calwatch-"))
        self.stores: dict[str, Store] = {}
        self.expected: dict[str, dict[int, Expected]] = {person: {} for person in PEOPLE}
        self.now = NOW

    @initialize()
    def open_the_store(self) -> None:
        self.stores = {person: open_store(self.folder, person) for person in PEOPLE}

    @precondition(lambda self: sum(map(len, self.expected.values())) < 6)
    @rule(person=st.sampled_from(PEOPLE))
    def create(self, person: str) -> None:
        store = self.stores[person]
        interview = an_interview_in(store, an_invitation())
        draft = a_draft_in(store, a_case_in(store, interview=interview))
        self.expected[person][draft.id] = Expected()

    @precondition(lambda self: any(self.expected.values()))
    @rule(data=st.data(), move=st.sampled_from(Move), stale=st.booleans(), wrong_hash=st.integers(0, 9))
    def move(self, data: st.DataObject, move: Move, stale: bool, wrong_hash: int) -> None:
        person, draft_id = self.pick(data)
        expected = self.expected[person][draft_id]
        self.now += timedelta(seconds=1)
        changes: DraftChanges = {}
        if move is Move.APPROVE:
            changes["approved_hash"] = "another text" if wrong_hash == 0 else expected.hash
        if move in {Move.EDIT, Move.REFRESH}:
            changes["letter"], changes["hash"] = a_letter(zone_line=str(self.now)), f"hash at {self.now}"
        version = expected.version + (1 if stale and wrong_hash < 3 else 0)
        after = TRANSITIONS.get((expected.state, move))
        refused = after is None or version != expected.version or (move is Move.APPROVE and wrong_hash == 0)
        try:
            draft = self.stores[person].drafts.move(draft_id, version, move, now=self.now, who="you", **changes)
        except Rejected:
            assert refused
            return
        assert not refused
        assert after is not None
        assert draft.state is after
        expected.state = after
        expected.version += move in NEW_VERSION
        expected.hash = changes.get("hash", expected.hash)
        expected.history.append(move.value)
        expected.attempts = 0 if move in NEW_VERSION else expected.attempts + (move is Move.ATTEMPT)

    @precondition(lambda self: any(self.expected.values()))
    @rule(data=st.data(), what=st.sampled_from(["stored", "due", "touched"]))
    def note(self, data: st.DataObject, what: str) -> None:
        person, draft_id = self.pick(data)
        expected, drafts = self.expected[person][draft_id], self.stores[person].drafts
        self.now += timedelta(seconds=1)
        if what == "stored":
            drafts.set_stored(draft_id, expected.version, Stored("ref", str(self.now)), now=self.now)
        elif what == "due":
            drafts.set_due(draft_id, expected.version, self.now, now=self.now)
        else:
            letter, digest = a_letter(zone_line=str(self.now)), f"hash at {self.now}"
            try:
                drafts.set_touched(draft_id, expected.version, now=self.now, letter=letter, hash=digest)
            except Rejected:
                assert expected.state is not DraftState.WAITING
                return
            expected.hash = digest
        expected.history.append(what)

    @precondition(lambda self: any(self.expected.values()))
    @rule(data=st.data(), move=st.sampled_from(Move))
    def reach_for_the_other_persons_draft(self, data: st.DataObject, move: Move) -> None:
        person, draft_id = self.pick(data)
        stranger = self.stores[next(p for p in PEOPLE if p != person)]
        with pytest.raises(NotFound):
            stranger.drafts.move(draft_id, self.expected[person][draft_id].version, move, now=self.now, who="them")
        assert stranger.history.of_draft(draft_id) == []

    @rule()
    def reopen_the_database(self) -> None:
        for store in self.stores.values():
            store.close()
        self.open_the_store()

    @invariant()
    def everything_is_as_expected(self) -> None:
        for person, store in self.stores.items():
            drafts = {draft.id: draft for draft in store.drafts.all()}
            assert drafts.keys() == self.expected[person].keys()
            for draft_id, expected in self.expected[person].items():
                draft, lines = drafts[draft_id], store.history.of_draft(draft_id)
                assert (draft.state, draft.version, draft.hash) == (expected.state, expected.version, expected.hash)
                assert draft.attempts == expected.attempts
                assert [line.kind for line in lines] == expected.history
                assert lines[-1].version == expected.version
                assert (draft.approved_hash == draft.hash) or draft.state is not DraftState.SENDING
                assert draft.approved_at is None or draft.state is not DraftState.WAITING
            states = {draft_id: expected.state for draft_id, expected in self.expected[person].items()}
            assert {d.id for d in store.drafts.open_drafts()} == {i for i, s in states.items() if s in OPEN_STATES}
            assert {d.id for d in store.drafts.in_states(RESERVING)} == {i for i, s in states.items() if s in RESERVING}

    def teardown(self) -> None:
        for store in self.stores.values():
            store.close()
        shutil.rmtree(self.folder)

    def pick(self, data: st.DataObject) -> tuple[str, int]:
        everyone = [(person, draft_id) for person in PEOPLE for draft_id in self.expected[person]]
        return data.draw(st.sampled_from(everyone))


TestDraftLife = DraftLife.TestCase
TestDraftLife.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
