"""Bookings looked up by id, uid, time and words; dirty marks that survive what is marked meanwhile."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.event import listens_for

from builders import NOW, a_recognition, an_event, an_invitation, at
from calwatch.errors import NotFound
from calwatch.model.span import Span
from calwatch.store import Store
from calwatch.store.opening import DATABASE_NAME
from stories import an_interview_in, put

DAY = Span(at("2026-05-05 00:00"), at("2026-05-06 00:00"))


def test_overlapping_finds_what_shares_an_instant_and_nothing_that_only_touches(store: Store) -> None:
    inside, touching = an_event("2026-05-05 13:00"), an_event("2026-05-05 14:00")
    put(store, inside, touching)
    found = store.bookings.overlapping(Span(at("2026-05-05 12:00"), at("2026-05-05 14:00")))
    assert [booking.event.uid for booking in found] == [inside.uid]


@pytest.mark.parametrize("days", [1, 3, 40, 900])
def test_overlapping_finds_appointments_of_any_length(store: Store, days: int) -> None:
    long = an_event(at("2026-05-05 12:00") - timedelta(days=days), days * 1440 + 60)
    put(store, long, an_event("2026-05-05 18:00"))
    found = store.bookings.overlapping(Span(at("2026-05-05 12:30"), at("2026-05-05 12:45")))
    assert [booking.event.uid for booking in found] == [long.uid]
    assert store.bookings.busy_spans(Span(at("2026-05-05 12:30"), at("2026-05-05 12:45"))) == [long.span]


def test_busy_spans_leave_out_free_time_and_what_is_excluded(store: Store) -> None:
    busy, mine = an_event("2026-05-05 09:00"), an_event("2026-05-05 11:00")
    free = an_event("2026-05-05 15:00", transparent=True)
    ids = put(store, busy, mine, free)
    assert store.bookings.busy_spans(DAY) == [busy.span, mine.span]
    assert store.bookings.busy_spans(DAY, exclude=[ids[1]]) == [busy.span]


def test_same_time_wants_both_ends_equal(store: Store) -> None:
    event = an_event("2026-05-05 13:00", 60)
    put(store, event, an_event("2026-05-05 13:00", 30))
    assert [b.event.uid for b in store.bookings.same_time(event.start, event.end)] == [event.uid]


def test_a_uid_is_found_in_any_providers_spelling(store: Store) -> None:
    (booking_id,) = put(store, an_event(uid="abc@google.com"))
    found = store.bookings.by_uid("abc_R20260501T090000@google.com")
    assert found is not None
    assert found.id == booking_id
    assert store.bookings.by_uid("abc@google.com", "20260505T130000Z") is None


def test_an_event_argument_is_an_id_a_uid_or_a_piece_of_title(store: Store) -> None:
    event = an_event(summary="Étude: 100% Acme_Corp", uid="study@example.com")
    (booking_id,) = put(store, event)
    put(store, an_event(summary="Dentist"))
    for text in (str(booking_id), "study@example.com", "acme_corp", "étude", "100%"):
        assert [b.id for b in store.bookings.matching(text)] == [booking_id], text
    assert store.bookings.matching("acme%corp") == []
    assert store.bookings.matching("  ") == []
    assert store.bookings.matching("dent", since=at("2027-01-01 00:00")) == []


def test_interviews_are_what_recognition_said_with_their_account(store: Store) -> None:
    (interview_id,) = put(store, an_invitation())
    (standup_id,) = put(store, an_event("2026-05-05 16:00"))
    assert sorted(store.bookings.unassessed()) == [interview_id, standup_id]
    store.bookings.set_recognition(interview_id, a_recognition())
    store.bookings.set_recognition(standup_id, a_recognition(is_interview=False))
    ((booking, recognition, account),) = store.bookings.interviews(DAY.start, DAY.end)
    assert (booking.id, recognition, account) == (interview_id, a_recognition(), "personal")
    assert store.bookings.recognition(standup_id) == a_recognition(is_interview=False)
    assert store.bookings.ahead(NOW) == 1
    assert store.bookings.unassessed() == []


def test_an_equal_recognition_writes_nothing_and_none_asks_again(store: Store) -> None:
    (booking_id,) = put(store, an_invitation())
    store.bookings.set_recognition(booking_id, a_recognition())
    before = store.counters.rows_written
    store.bookings.set_recognition(booking_id, a_recognition())
    assert store.counters.rows_written == before
    store.bookings.set_recognition(booking_id, None)
    assert store.bookings.facts(booking_id).recognised is None


def test_a_gone_interview_is_listed_only_when_asked_for(store: Store) -> None:
    interview = an_interview_in(store)
    store.sightings.drop_resource("personal", "calendar", interview.lead.event.ref, now=NOW)
    assert store.bookings.interviews(DAY.start, DAY.end) == []
    assert len(store.bookings.interviews(DAY.start, DAY.end, include_gone=True)) == 1


def test_snapshots_are_kept_and_equal_ones_write_nothing(store: Store) -> None:
    (booking_id,) = put(store, an_event())
    store.bookings.set_snapshot(booking_id, {"start": "2026-05-05T13:00:00Z", "response": "accepted"})
    before = store.counters.rows_written
    store.bookings.set_snapshot(booking_id, {"response": "accepted", "start": "2026-05-05T13:00:00Z"})
    assert store.counters.rows_written == before
    facts = store.bookings.facts(booking_id)
    assert facts.snapshot == {"start": "2026-05-05T13:00:00Z", "response": "accepted"}
    assert facts.first_seen == NOW


def test_what_is_marked_while_assessing_stays_marked(store: Store) -> None:
    span = Span(at("2026-05-05 13:00"), at("2026-05-05 14:00"))
    store.bookings.mark_dirty([1, 2], [span])
    taken = store.bookings.take_dirty()
    assert (taken.booking_ids, taken.spans) == (frozenset({1, 2}), (span,))
    store.bookings.mark_dirty([2])
    store.bookings.clear_dirty(taken.token)
    left = store.bookings.take_dirty()
    assert (left.booking_ids, left.spans) == (frozenset({2}), ())
    store.bookings.clear_dirty(left.token)
    assert not store.bookings.take_dirty()


def test_a_booking_that_is_not_there_is_said_so(store: Store) -> None:
    for ask in (store.bookings.booking, store.bookings.facts):
        with pytest.raises(NotFound, match="no event 99"):
            ask(99)
    with pytest.raises(NotFound):
        store.bookings.set_recognition(99, None)


def test_looking_up_a_time_or_a_change_never_walks_an_index(store: Store, folder: Path) -> None:
    event = an_event()
    with store._database.write() as connection:
        seen = statements_of(connection.engine)
    put(store, event)
    put(store, replace(event, summary="another", etag="2"))
    store.bookings.overlapping(DAY)
    store.bookings.busy_spans(DAY)
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as plain:
        for statement, parameters in seen:
            if statement.startswith("SELECT"):
                for row in plain.execute(f"EXPLAIN QUERY PLAN {statement}", parameters):
                    assert not row[3].startswith("SCAN"), (statement, row[3])
                    assert not row[3].endswith("(person=?)"), (statement, row[3])


def statements_of(engine: Engine) -> list[tuple[str, Any]]:
    """Every statement from now on, as it comes."""
    seen: list[tuple[str, Any]] = []

    @listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many:
            seen.append((statement, parameters))

    return seen
