"""Effects, questions, requests, the trail, notes, marks, quarantine, and what is let go in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import NOW, a_message, an_event
from calwatch.errors import NotFound, Rejected
from calwatch.model.case import CaseState, EffectKind, EffectState, Move, Outcome, RequestKind
from calwatch.model.ledger import Quarantined
from calwatch.store import Store
from stories import a_case_in, a_draft_in, a_letter, put

LATER = NOW + timedelta(hours=1)
KEEP = timedelta(days=180)


def test_an_effect_is_planned_once_and_attempted_before_it_is_done(store: Store) -> None:
    draft = a_draft_in(store)
    effect = store.effects.plan(draft.id, EffectKind.RSVP, "rsvp", now=NOW, value="declined", detail="decline it")
    assert store.effects.plan(draft.id, EffectKind.RSVP, "rsvp", now=LATER) == effect
    assert store.effects.due(NOW) == [effect]
    trying = store.effects.attempt(effect.id, now=NOW, due_at=LATER)
    assert (trying.state, trying.attempts) == (EffectState.ATTEMPTED, 1)
    assert store.effects.due(NOW) == []
    assert store.effects.due(LATER) == [trying]
    done = store.effects.done(effect.id, now=LATER, provider_ref="ref-1")
    assert (done.state, done.provider_ref, done.detail, done.due_at) == (
        EffectState.DONE,
        "ref-1",
        "decline it",
        None,
    )
    assert store.effects.of_draft(draft.id) == [done]
    with pytest.raises(Rejected, match="is done; it cannot become failed"):
        store.effects.fail(effect.id, "too late", now=LATER)
    assert [line.after for line in store.history.of_draft(draft.id)[1:]] == ["planned", "attempted", "done"]


def test_a_failed_effect_is_shown_and_can_be_tried_again(store: Store) -> None:
    case = a_case_in(store)
    draft = a_draft_in(store, case)
    effect = store.effects.plan(draft.id, EffectKind.HOLD, "h", now=NOW)
    waiting = store.effects.fail(effect.id, "the calendar is locked", now=NOW, retry_at=LATER)
    assert (waiting.state, waiting.due_at) == (EffectState.PLANNED, LATER)
    failed = store.effects.fail(effect.id, "no such calendar", now=LATER)
    assert store.effects.in_state(EffectState.FAILED) == [failed]
    assert store.effects.retry(effect.id, now=LATER).state is EffectState.PLANNED
    assert store.effects.skip(effect.id, "not wanted", now=LATER).state is EffectState.SKIPPED
    assert store.effects.of_case(case.id)[0].detail == "not wanted"


def test_holds_that_were_made_are_known_by_case(store: Store) -> None:
    case = a_case_in(store)
    draft = a_draft_in(store, case)
    effect = store.effects.plan(draft.id, EffectKind.HOLD, "h", now=NOW)
    store.effects.plan(draft.id, EffectKind.HOLD, "h2", now=NOW)
    made = store.effects.done(effect.id, now=NOW, provider_ref="hold-1.ics")
    assert store.effects.holds() == [made]
    assert store.effects.holds(case.id) == [made]
    assert store.effects.holds(case.id + 1) == []


def test_a_question_is_asked_once_and_answered_once(store: Store) -> None:
    case = a_case_in(store)
    ask = {"key": f"removed|{case.id}", "case_id": case.id}
    question = store.questions.ask("removed", "Did you drop it?", ["dropped", "they-cancelled"], now=NOW, **ask)  # type: ignore[arg-type] # a dict of mixed values
    assert store.questions.open_questions() == [question]
    with pytest.raises(Rejected, match="can be answered with: dropped, they-cancelled"):
        store.questions.answer(question.id, "perhaps", now=NOW, who="you")
    answered = store.questions.answer(question.id, "dropped", now=LATER, who="you")
    assert store.questions.ask("removed", "Again?", ["x"], now=LATER, **ask) == answered  # type: ignore[arg-type] # as above
    assert store.questions.open_questions() == []
    assert store.questions.of_case(case.id) == [answered]
    assert store.questions.by_key(ask["key"]) == answered  # type: ignore[arg-type] # as above
    with pytest.raises(Rejected, match="already answered: dropped"):
        store.questions.answer(question.id, "they-cancelled", now=LATER, who="you")


def test_a_question_expires_into_its_default(store: Store) -> None:
    question = store.questions.ask("same", "The same?", ["same", "different"], key="k", now=NOW, expires=LATER)
    assert store.questions.due(NOW) == []
    assert store.questions.due(LATER) == [question]
    with pytest.raises(Rejected, match="no longer matters"):
        store.questions.answer(question.id, "same", now=LATER, who="you")
    closed = store.questions.close(question.id, now=LATER)
    assert (closed.answer, closed.default, store.questions.due(LATER)) == (None, "", [])
    assert store.questions.close(question.id, now=LATER + KEEP) == closed


def test_requests_wait_for_the_actor_and_are_finished_once(store: Store) -> None:
    request = store.requests.add(RequestKind.APPROVE, 12, {"hash": "h", "version": 2}, who="you", now=NOW)
    assert store.requests.pending() == [request]
    done = store.requests.finish(request.id, {"text": "sent"}, True, now=LATER)
    assert (done.ok, done.result, done.finished_at) == (True, {"text": "sent"}, LATER)
    assert store.requests.pending() == []
    assert store.requests.get(request.id) == done
    with pytest.raises(Rejected):
        store.requests.finish(request.id, "again", False, now=LATER)
    with pytest.raises(NotFound, match="no request 99"):
        store.requests.get(99)


def test_the_trail_shows_the_newest_first(store: Store) -> None:
    for number in range(3):
        store.history.add(at=NOW, who="you", kind="note", what=f"line {number}")
    assert [line.what for line in store.history.all(limit=2)] == ["line 2", "line 1"]


def test_notes_are_any_json_and_equal_ones_write_nothing(store: Store) -> None:
    assert store.meta.get("first_pass", 7) == 7
    store.meta.set("first_pass", {"b": [1, None], "a": "ü"})
    before = store.counters.rows_written
    store.meta.set("first_pass", {"a": "ü", "b": [1, None]})
    assert store.counters.rows_written == before
    store.meta.set("first_pass", None)
    assert store.meta.get("first_pass", 7) is None
    store.meta.delete("first_pass")
    assert store.meta.get("first_pass", 7) == 7


def test_marks_are_kept_by_uid_in_any_spelling(store: Store) -> None:
    store.marks.mark("abc_R20260501T090000@google.com", True, now=NOW)
    store.marks.set_cover("block@example.com", now=NOW)
    assert store.marks.get("abc@google.com") is True
    store.marks.mark("abc@google.com", False, now=LATER)
    assert store.marks.all() == {"abc@google.com": False}
    assert store.marks.covers() == {"block@example.com"}
    store.marks.clear("abc@google.com")
    assert store.marks.get("abc@google.com") is None


def test_quarantine_keeps_the_first_date_and_the_last_reason(store: Store) -> None:
    store.quarantine.put("calendar/bad\udce9.ics", "no DTSTART", now=NOW)
    before = store.counters.rows_written
    store.quarantine.put("calendar/bad\udce9.ics", "no DTSTART", now=LATER)
    assert store.counters.rows_written == before
    store.quarantine.put("calendar/bad\udce9.ics", "no UID", now=LATER)
    assert store.quarantine.all() == [Quarantined(source="calendar/bad\udce9.ics", reason="no UID", since=NOW)]
    assert store.quarantine.clear("calendar/bad\udce9.ics")
    assert not store.quarantine.clear("calendar/bad\udce9.ics")
    assert store.quarantine.all() == []


def test_words_go_a_day_after_a_case_is_closed_and_the_rest_after_keep(store: Store) -> None:
    case = a_case_in(store)
    draft = a_draft_in(store, case, a_letter(slot_lines=("Wed 13:00",)))
    store.drafts.move(draft.id, 1, Move.DISMISS, now=NOW, who="you")
    store.cases.move(case.id, case.state, CaseState.CLOSED, now=NOW, who="you", outcome=Outcome.KEEP)
    assert not store.prune(NOW + timedelta(hours=12), KEEP)
    assert store.prune(NOW + timedelta(days=2), KEEP).bodies == 1
    emptied = store.drafts.get(draft.id).letter
    assert (emptied.content.text, emptied.slot_lines, emptied.content.subject) == ("", (), "Re: Interview")
    assert store.prune(NOW + timedelta(days=3), KEEP).bodies == 0
    assert store.prune(NOW + KEEP + timedelta(days=1), KEEP).cases == 1
    assert (store.cases.all(), store.drafts.all(), store.history.all()) == ([], [], [])


def test_an_open_case_keeps_its_words_and_its_bookings_whatever_their_age(store: Store) -> None:
    case = a_case_in(store)
    draft = a_draft_in(store, case)
    gone = an_event()
    (gone_id,) = put(store, gone)
    refs = [store.bookings.booking(i).event.ref for i in case.booking_ids]
    for ref in (gone.ref, *refs):
        store.sightings.drop_resource("personal", "calendar", ref, now=NOW)
    pruned = store.prune(NOW + 2 * KEEP, KEEP)
    assert (pruned.bodies, pruned.cases, pruned.bookings) == (0, 0, 1)
    assert store.drafts.get(draft.id) == draft
    assert store.bookings.booking(case.booking_ids[0])
    with pytest.raises(NotFound):
        store.bookings.booking(gone_id)


def test_the_ids_of_what_was_let_go_are_never_used_again(store: Store) -> None:
    event = an_event()
    (gone_id,) = put(store, event)
    store.sightings.drop_resource("personal", "calendar", event.ref, now=NOW)
    store.prune(NOW + KEEP, KEEP)
    assert put(store, an_event()) == [gone_id + 1]


def test_old_mail_goes_with_its_index(store: Store) -> None:
    old, recent = a_message(date=NOW - 2 * KEEP), a_message(date=NOW)
    store.mail.put_messages("personal", [old, recent], now=NOW, expand=lambda _series: [])
    assert store.prune(NOW, KEEP).messages == 1
    assert [m.ref for m in store.mail.messages_with({"dana@acme.example"})] == [recent.ref]
