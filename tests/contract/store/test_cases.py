"""Cases: one open per interview, moved by compare-and-set, remembered when closed; and when to look again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import NOW, an_event
from calwatch.errors import NotFound, Rejected
from calwatch.model.case import CaseState, EffectKind, Outcome, Situation, Weight
from calwatch.model.trouble import CASE_TRANSITIONS, SETTLED_OUTCOMES, Case
from calwatch.store import Store
from stories import a_case_in, a_draft_in, an_interview_in, put

LATER = NOW + timedelta(hours=1)


def close(store: Store, case: Case, outcome: Outcome) -> Case:
    return store.cases.move(case.id, case.state, CaseState.CLOSED, now=LATER, who="you", outcome=outcome)


def test_a_case_remembers_its_interview_as_it_was(store: Store) -> None:
    interview = an_interview_in(store)
    case = a_case_in(store, interview=interview, clashing_ids=[9, 4], why=("they overlap",))
    assert store.cases.get(case.id) == case
    assert case.snapshot == interview
    assert (case.start, case.end, case.account) == (interview.span.start, interview.span.end, "personal")
    assert case.clashing_ids == (4, 9)


def test_an_interview_has_one_open_case_at_most(store: Store) -> None:
    interview = an_interview_in(store)
    case = a_case_in(store, interview=interview)
    with pytest.raises(Rejected, match="an open case"):
        a_case_in(store, interview=interview, key="another")
    close(store, case, Outcome.GONE)
    assert a_case_in(store, interview=interview, key="another").id != case.id


def test_a_refused_second_case_leaves_the_transaction_usable(store: Store) -> None:
    interview = an_interview_in(store)
    with store.write():
        case = a_case_in(store, interview=interview)
        with pytest.raises(Rejected):
            a_case_in(store, interview=interview)
        store.meta.set("went on", value=True)
    assert store.meta.get("went on") is True
    assert store.cases.open_cases() == [case]


def test_a_case_moves_only_from_the_state_one_saw(store: Store) -> None:
    case = a_case_in(store)
    store.cases.move(case.id, CaseState.SETTLING, CaseState.OPEN, now=LATER, who="calwatch")
    with pytest.raises(Rejected, match="open by now, no longer settling"):
        store.cases.move(case.id, CaseState.SETTLING, CaseState.CLOSED, now=LATER, who="calwatch")


@pytest.mark.parametrize("before", CaseState)
@pytest.mark.parametrize("after", CaseState)
def test_a_case_goes_only_where_the_table_leads(store: Store, before: CaseState, after: CaseState) -> None:
    case = a_case_in(store, state=before)
    lines = len(store.history.of_case(case.id))
    if after in CASE_TRANSITIONS[before]:
        assert store.cases.move(case.id, before, after, now=LATER, who="you").state is after
        assert [line.after for line in store.history.of_case(case.id)[lines:]] == [after.value]
    else:
        with pytest.raises(Rejected, match="cannot become"):
            store.cases.move(case.id, before, after, now=LATER, who="you")
        assert store.cases.get(case.id).state is before
        assert len(store.history.of_case(case.id)) == lines


def test_closing_and_reopening_keep_their_dates(store: Store) -> None:
    case = close(store, a_case_in(store, due_at=LATER), Outcome.KEEP)
    assert (case.closed_at, case.due_at, case.outcome) == (LATER, None, Outcome.KEEP)
    assert store.cases.open_cases() == []
    again = store.cases.move(case.id, CaseState.CLOSED, CaseState.OPEN, now=LATER, who="you")
    assert (again.closed_at, again.outcome) == (None, None)


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_trouble_dealt_with_is_not_raised_again(store: Store, outcome: Outcome) -> None:
    case = a_case_in(store)
    assert store.cases.dismissed_keys(case.booking_ids) == frozenset()
    close(store, case, outcome)
    expected = {case.key} if outcome in SETTLED_OUTCOMES else set()
    assert store.cases.dismissed_keys(case.booking_ids) == expected
    assert store.cases.dismissed_keys([case.booking_ids[0] + 100]) == frozenset()


def test_a_case_is_found_by_any_of_its_bookings_even_after_regrouping(store: Store) -> None:
    interview = an_interview_in(store, an_event("2026-05-05 13:00"), an_event("2026-05-05 14:00"))
    case = a_case_in(store, interview=interview)
    first, second = interview.booking_ids
    assert store.cases.open_for([second]) == case
    (third,) = put(store, an_event("2026-05-05 15:00"))
    changed = store.cases.change(case.id, case.state, now=LATER, interview_id=second, booking_ids=(second, third))
    assert store.cases.open_for([first]) is None
    assert store.cases.open_for([third]) == changed
    assert store.cases.of_bookings([]) == []


def test_a_change_that_changes_nothing_writes_nothing(store: Store) -> None:
    case = a_case_in(store, why=("they overlap",))
    before = store.counters.rows_written
    store.cases.change(case.id, case.state, now=LATER, why=("they overlap",))
    assert store.counters.rows_written == before
    store.cases.change(case.id, case.state, now=LATER, weight=Weight.NOTICE, what="only a notice now")
    assert store.history.of_case(case.id)[-1].what == "only a notice now"
    assert store.cases.get(case.id).weight is Weight.NOTICE


def test_a_case_is_due_when_settled_and_not_a_second_before(store: Store) -> None:
    settled = NOW + timedelta(minutes=10, milliseconds=300)
    case = a_case_in(store, settle_until=settled)
    assert store.cases.due(settled - timedelta(milliseconds=100)) == []
    assert store.cases.due(settled + timedelta(seconds=1)) == [case]
    opened = store.cases.move(case.id, CaseState.SETTLING, CaseState.OPEN, now=settled, who="calwatch")
    assert opened.settle_until == settled
    assert store.cases.due(settled + timedelta(days=1)) == []


def test_the_next_moment_is_the_earliest_of_everything_deferred(store: Store) -> None:
    assert store.cases.next_due() is None
    case = a_case_in(store, due_at=NOW + timedelta(hours=9))
    assert store.cases.next_due() == NOW + timedelta(hours=9)
    draft = a_draft_in(store, case, expires=NOW + timedelta(hours=8))
    assert store.cases.next_due() == NOW + timedelta(hours=8)
    store.effects.plan(draft.id, EffectKind.RSVP, "k", now=NOW, due_at=NOW + timedelta(hours=7))
    assert store.cases.next_due() == NOW + timedelta(hours=7)
    store.questions.ask("removed", "?", ["a"], key="q", now=NOW, expires=NOW + timedelta(hours=6))
    assert store.cases.next_due() == NOW + timedelta(hours=6)


def test_all_cases_come_newest_first(store: Store) -> None:
    first = a_case_in(store)
    second = a_case_in(store, situation=Situation.MANUAL)
    assert store.cases.all() == [second, first]
    assert store.cases.all(limit=1) == [second]
    with pytest.raises(NotFound, match="no case 99"):
        store.cases.get(99)
