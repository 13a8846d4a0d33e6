"""Drafts: what an approval binds, who may change what, which times are reserved, and the whole table."""

from __future__ import annotations

from datetime import timedelta, timezone
from threading import Barrier, Thread

import pytest

from builders import NOW, at
from calwatch.errors import NotFound, Rejected
from calwatch.model.case import NEW_VERSION, TRANSITIONS, CaseState, DraftState, Move, Outcome
from calwatch.model.draft import Draft, Stored
from calwatch.model.span import Span
from calwatch.store import Store
from calwatch.store.drafts import DraftChanges
from stories import a_case_in, a_draft_in, a_letter

LATER = NOW + timedelta(hours=1)
SLOT = Span(at("2026-05-06 13:00"), at("2026-05-06 14:00"))
OTHER_SLOT = Span(at("2026-05-07 13:00"), at("2026-05-07 14:00"))


def approved(store: Store, draft: Draft) -> Draft:
    return store.drafts.move(draft.id, draft.version, Move.APPROVE, now=NOW, who="you", approved_hash=draft.hash)


def sent(store: Store, draft: Draft) -> Draft:
    draft = approved(store, draft)
    store.drafts.move(draft.id, draft.version, Move.ATTEMPT, now=NOW, who="calwatch")
    return store.drafts.move(draft.id, draft.version, Move.ACCEPTED, now=LATER, who="calwatch")


def test_an_approval_names_exactly_the_text_that_was_shown(store: Store) -> None:
    draft = a_draft_in(store)
    for wrong in ("hash-0", ""):
        with pytest.raises(Rejected, match="not the text that was shown"):
            store.drafts.move(draft.id, 1, Move.APPROVE, now=NOW, who="you", approved_hash=wrong)
    with pytest.raises(Rejected):
        store.drafts.move(draft.id, 1, Move.APPROVE, now=NOW, who="you")
    done = approved(store, draft)
    assert (done.state, done.approved_hash, done.approved_at) == (DraftState.APPROVED, "hash-1", NOW)


def test_an_edit_makes_a_version_that_the_old_approval_does_not_fit(store: Store) -> None:
    draft = a_draft_in(store)
    edited = store.drafts.move(
        draft.id, 1, Move.EDIT, now=LATER, who="you", letter=a_letter(zone_line="x"), hash="hash-2"
    )
    assert (edited.version, edited.hash, edited.letter.zone_line) == (2, "hash-2", "x")
    with pytest.raises(Rejected, match="version 2 now, not 1"):
        store.drafts.move(draft.id, 1, Move.APPROVE, now=LATER, who="you", approved_hash="hash-1")


def test_calling_back_forgets_the_approval_and_keeps_the_version(store: Store) -> None:
    draft = approved(store, a_draft_in(store))
    back = store.drafts.move(draft.id, 1, Move.UNDO, now=LATER, who="you")
    assert (back.state, back.version, back.approved_hash, back.approved_at) == (DraftState.WAITING, 1, "", None)


def test_a_refusal_says_what_the_draft_is_and_what_cannot_be(store: Store) -> None:
    draft = approved(store, a_draft_in(store))
    store.drafts.move(draft.id, 1, Move.ATTEMPT, now=LATER, who="calwatch")
    with pytest.raises(Rejected) as refused:
        store.drafts.move(draft.id, 1, Move.UNDO, now=LATER, who="you")
    assert str(refused.value) == f"draft {draft.id} is sending, so it cannot be called back"


def test_attempts_count_up_and_from_zero_with_a_new_version(store: Store) -> None:
    draft = approved(store, a_draft_in(store))
    tries = [store.drafts.move(draft.id, 1, Move.ATTEMPT, now=NOW, who="calwatch").attempts]
    store.drafts.move(draft.id, 1, Move.PROVEN_UNSENT, now=NOW, who="calwatch")
    tries.append(store.drafts.move(draft.id, 1, Move.ATTEMPT, now=LATER, who="calwatch").attempts)
    store.drafts.move(draft.id, 1, Move.REFUSED, now=LATER, who="calwatch")
    again = store.drafts.move(draft.id, 1, Move.RETRY, now=LATER, who="you")
    assert (tries, again.attempts, again.attempted_at, again.version) == ([1, 2], 0, None, 2)


def test_content_changes_only_with_a_new_version(store: Store) -> None:
    draft = a_draft_in(store)
    with pytest.raises(ValueError, match="does not change what a draft says"):
        store.drafts.move(draft.id, 1, Move.DISMISS, now=NOW, who="you", letter=a_letter(), hash="hash-2")
    with pytest.raises(ValueError, match="change together"):
        store.drafts.move(draft.id, 1, Move.EDIT, now=NOW, who="you", letter=a_letter(zone_line="x"))
    with pytest.raises(ValueError, match="change together"):
        store.drafts.set_touched(draft.id, 1, now=NOW, hash="hash-2")
    assert store.drafts.get(draft.id) == draft


def test_what_the_person_sent_by_hand_is_kept_as_they_sent_it(store: Store) -> None:
    draft = a_draft_in(store)
    theirs = a_letter(slots=(SLOT,))
    done = store.drafts.move(draft.id, 1, Move.HAND_SENT, now=LATER, who="you", letter=theirs, hash="theirs")
    assert (done.state, done.letter, done.sent_at, done.version) == (DraftState.SENT, theirs, LATER, 1)


def test_a_touched_draft_says_what_the_mailbox_says(store: Store) -> None:
    draft = a_draft_in(store)
    theirs = a_letter(zone_line="mine")
    touched = store.drafts.set_touched(draft.id, 1, now=LATER, letter=theirs, hash="theirs", stored=Stored("r", "v2"))
    assert (touched.touched, touched.letter, touched.hash, touched.version) == (True, theirs, "theirs", 1)
    approved(store, touched)
    with pytest.raises(Rejected, match="its text can no longer change"):
        store.drafts.set_touched(draft.id, 1, now=LATER, letter=a_letter(), hash="later")


def test_the_history_says_whether_a_draft_lies_in_the_mailbox(store: Store) -> None:
    draft = a_draft_in(store)
    for stored in (Stored("r", "v1"), None):
        store.drafts.set_stored(draft.id, 1, stored, now=NOW)
    said = [row.what for row in store.history.of_draft(draft.id)][-2:]
    assert said == ["kept in the mailbox's Drafts", "no longer in the mailbox's Drafts"]


def test_notes_that_change_nothing_write_nothing(store: Store) -> None:
    draft = a_draft_in(store)
    store.drafts.set_stored(draft.id, 1, Stored("r", "v1"), now=NOW)
    store.drafts.set_due(draft.id, 1, LATER, now=NOW, notice="the time is taken")
    before = store.counters.rows_written
    store.drafts.set_stored(draft.id, 1, Stored("r", "v1"), now=LATER)
    store.drafts.set_due(draft.id, 1, LATER, now=LATER)
    assert store.counters.rows_written == before
    assert store.drafts.get(draft.id).notice == "the time is taken"
    with pytest.raises(Rejected, match="version 1 now, not 7"):
        store.drafts.set_due(draft.id, 7, None, now=NOW)


def test_drafts_are_counted_by_state_and_each_persons_alone(store: Store, other: Store) -> None:
    assert store.drafts.counts() == {}
    a_draft_in(store, key="first")
    a_draft_in(store, key="second")
    sent(store, a_draft_in(store, key="third"))
    a_draft_in(other, key="theirs")
    assert store.drafts.counts() == {"waiting": 2, "sent": 1}


def test_the_oldest_draft_that_waits_is_known(store: Store, other: Store) -> None:
    assert store.drafts.waiting_since() is None
    first = a_draft_in(store, key="first", now=NOW + timedelta(microseconds=1))
    a_draft_in(store, key="second", now=LATER)
    a_draft_in(other, key="theirs", now=NOW - timedelta(days=1))
    assert store.drafts.waiting_since() == NOW + timedelta(microseconds=1)
    approved(store, first)
    assert store.drafts.waiting_since() == LATER


def test_the_queue_begins_with_what_is_to_be_answered_first(store: Store) -> None:
    slow = a_draft_in(store, key="slow", respond_by=LATER + timedelta(hours=1))
    zone = timezone(timedelta(hours=-8))
    quick = a_draft_in(store, key="quick", respond_by=LATER.astimezone(zone))
    same = a_draft_in(store, key="same", respond_by=LATER)
    sent(store, a_draft_in(store, key="sent"))
    assert store.drafts.queue((DraftState.WAITING,)) == [quick.id, same.id, slow.id]


def test_a_draft_is_due_at_its_moment_or_when_it_expires(store: Store) -> None:
    draft = a_draft_in(store, expires=NOW + timedelta(hours=5))
    assert store.drafts.due(LATER) == []
    store.drafts.set_due(draft.id, 1, LATER, now=NOW)
    assert [d.id for d in store.drafts.due(LATER)] == [draft.id]
    store.drafts.set_due(draft.id, 1, None, now=NOW)
    assert [d.id for d in store.drafts.due(NOW + timedelta(hours=5))] == [draft.id]
    store.drafts.move(draft.id, 1, Move.EXPIRE, now=NOW + timedelta(hours=5), who="calwatch")
    assert store.drafts.due(NOW + timedelta(days=9)) == []


def test_times_are_reserved_while_they_may_be_taken_up(store: Store) -> None:
    case, elsewhere = a_case_in(store), a_case_in(store)
    draft = a_draft_in(store, case, a_letter(slots=(SLOT,)))
    a_draft_in(store, elsewhere, a_letter(slots=(OTHER_SLOT,)))
    assert store.drafts.reserved(NOW) == [SLOT, OTHER_SLOT]
    assert store.drafts.reserved(NOW, exclude_case=case.id) == [OTHER_SLOT]
    assert store.drafts.reserved(SLOT.end) == [OTHER_SLOT]
    sent(store, draft)
    assert SLOT in store.drafts.reserved(LATER, valid_since=NOW)
    assert SLOT not in store.drafts.reserved(LATER, valid_since=LATER + timedelta(seconds=1))
    store.cases.move(case.id, case.state, CaseState.CLOSED, now=LATER, who="you", outcome=Outcome.ANSWERED)
    assert store.drafts.reserved(LATER) == [OTHER_SLOT]


def test_drafts_are_found_by_case_key_and_state(store: Store) -> None:
    case = a_case_in(store)
    draft = a_draft_in(store, case, key="marker")
    assert store.drafts.by_key("marker") == draft
    assert store.drafts.by_key("unknown") is None
    assert store.drafts.of_case(case.id) == [draft]
    store.drafts.move(draft.id, 1, Move.DISMISS, now=LATER, who="you", what="I keep the interview")
    assert store.drafts.open_drafts() == []
    assert [d.state for d in store.drafts.all(limit=1)] == [DraftState.DISMISSED]
    line = store.history.of_draft(draft.id)[-1]
    assert (line.who, line.kind, line.what, line.before, line.after) == (
        "you",
        "dismiss",
        "I keep the interview",
        "waiting",
        "dismissed",
    )
    with pytest.raises(NotFound, match="no draft 99"):
        store.drafts.move(99, 1, Move.EDIT, now=NOW, who="you")


def test_of_two_who_approve_and_dismiss_at_once_exactly_one_wins(store: Store) -> None:
    draft, start, won = a_draft_in(store), Barrier(2), []

    def act(move: Move, **changes: str) -> None:
        start.wait()
        try:
            store.drafts.move(draft.id, 1, move, now=NOW, who="you", **changes)  # type: ignore[arg-type] # str for str
        except Rejected:
            return
        won.append(move)

    threads = [
        Thread(target=act, args=(Move.APPROVE,), kwargs={"approved_hash": draft.hash}),
        Thread(target=act, args=(Move.DISMISS,)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(store.history.of_draft(draft.id)) == 2


def path_to(state: DraftState) -> list[Move]:
    """The shortest way from a new draft to a state."""
    ways: dict[DraftState, list[Move]] = {DraftState.WAITING: []}
    while state not in ways:
        for (before, move), after in TRANSITIONS.items():
            if before in ways:
                ways.setdefault(after, [*ways[before], move])
    return ways[state]


@pytest.mark.parametrize("state", DraftState)
def test_every_move_does_what_the_table_says_and_no_other_does_anything(store: Store, state: DraftState) -> None:
    with store.write():
        case = a_case_in(store)
        for move in Move:
            draft = a_draft_in(store, case)
            for step in (*path_to(state), move):
                draft, lines = store.drafts.get(draft.id), store.history.of_draft(draft.id)
                changes: DraftChanges = {"approved_hash": draft.hash} if step is Move.APPROVE else {}
                after = TRANSITIONS.get((draft.state, step))
                if after is None:
                    assert step is move
                    with pytest.raises(Rejected, match=f"draft {draft.id}"):
                        store.drafts.move(draft.id, draft.version, step, now=LATER, who="you", **changes)
                    assert store.drafts.get(draft.id) == draft
                    assert store.history.of_draft(draft.id) == lines
                else:
                    moved = store.drafts.move(draft.id, draft.version, step, now=LATER, who="you", **changes)
                    assert store.drafts.get(draft.id) == moved
                    assert (moved.state, moved.version) == (after, draft.version + (step in NEW_VERSION))
                    new = store.history.of_draft(draft.id)[len(lines) :]
                    assert [(n.kind, n.before, n.after, n.version) for n in new] == [
                        (step.value, draft.state.value, after.value, moved.version)
                    ]
