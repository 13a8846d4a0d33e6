"""What calendars showed: written by the change, joined into bookings, forgotten without losing what was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import NOW, an_event, an_invitation, at
from calwatch.model.event import Event, Response
from calwatch.model.span import Span
from calwatch.store import Store, open_store
from calwatch.store.sightings import Resource
from stories import put


def resources(*events: Event, etag: str = "1") -> list[Resource]:
    return [Resource(event.ref, etag, (event,)) for event in events]


def test_a_new_resource_names_its_booking_and_its_time(store: Store) -> None:
    event = an_event("2026-05-05 13:00", 60)
    applied = store.sightings.put_resource("personal", "calendar", event.ref, "1", [event], now=NOW)
    assert applied.spans == (event.span,)
    booking = store.bookings.booking(next(iter(applied.booking_ids)))
    assert booking.event == replace(event, etag="1")
    assert [sighting.account for sighting in booking.sightings] == ["personal"]


def test_the_same_again_writes_no_row(store: Store) -> None:
    events = [an_event(), an_invitation()]
    store.sightings.apply("personal", "calendar", resources(*events), now=NOW)
    before = store.counters.rows_written
    again = store.sightings.apply("personal", "calendar", resources(*events), now=NOW, listed=[e.ref for e in events])
    assert not again
    assert store.counters.rows_written == before


def test_a_new_etag_with_equal_content_writes_one_row_and_shows_on_the_booking(store: Store) -> None:
    event = an_event()
    (booking_id,) = put(store, event)
    before = store.counters.rows_written
    applied = store.sightings.apply("personal", "calendar", resources(event, etag="2"), now=NOW)
    assert store.counters.rows_written == before + 1
    assert not applied
    booking = store.bookings.booking(booking_id)
    assert (booking.event.etag, booking.sightings[0].event.etag) == ("2", "2")


def test_a_moved_event_touches_its_old_and_its_new_time(store: Store) -> None:
    event = an_event("2026-05-05 13:00")
    (booking_id,) = put(store, event)
    moved = replace(event, start=at("2026-05-06 13:00"), end=at("2026-05-06 14:00"))
    applied = store.sightings.apply("personal", "calendar", resources(moved, etag="2"), now=NOW)
    assert applied.booking_ids == {booking_id}
    assert applied.spans == (event.span, moved.span)
    assert store.bookings.booking(booking_id).event.start == moved.start


def test_one_change_costs_the_same_however_many_events_there_are(store: Store) -> None:
    crowd = [an_event(NOW + timedelta(hours=i)) for i in range(600)]
    event = an_event(NOW - timedelta(days=9))
    put(store, event)
    costs = []
    for day, company in enumerate(([], crowd)):
        store.sightings.apply("personal", "calendar", resources(*company), now=NOW)
        before = (store.counters.statements, store.counters.rows_written)
        earlier = timedelta(days=day + 1)
        moved = replace(event, etag=f"v{day}", start=event.start - earlier, end=event.end - earlier)
        assert len(put(store, moved)) == 1
        costs.append((store.counters.statements - before[0], store.counters.rows_written - before[1]))
    assert costs[0] == costs[1]
    assert costs[1][1] == 3  # the etag, the sighting, the booking


def test_two_accounts_with_one_uid_share_a_booking(store: Store) -> None:
    event = an_invitation()
    first = put(store, event, account="personal")
    second = put(store, replace(event, ref="copy.ics"), account="family")
    assert first == second
    assert {s.account for s in store.bookings.booking(first[0]).sightings} == {"personal", "family"}


def test_a_booking_stays_known_when_its_last_sighting_goes(store: Store) -> None:
    event = an_event()
    (booking_id,) = put(store, event)
    applied = store.sightings.drop_resource("personal", "calendar", event.ref, now=NOW)
    assert applied.booking_ids == {booking_id}
    assert applied.spans == (event.span,)
    booking, facts = store.bookings.booking(booking_id), store.bookings.facts(booking_id)
    assert booking.event.summary == event.summary
    assert booking.sightings == ()
    assert (facts.gone_at, facts.left_calendars_at) == (NOW, NOW)
    assert store.bookings.busy_spans(event.span) == []


def test_a_booking_that_comes_back_keeps_its_id(store: Store) -> None:
    event = an_event()
    (booking_id,) = put(store, event)
    store.sightings.drop_resource("personal", "calendar", event.ref, now=NOW)
    assert put(store, event) == [booking_id]
    facts = store.bookings.facts(booking_id)
    assert (facts.gone_at, facts.left_calendars_at) == (None, None)
    assert store.bookings.busy_spans(event.span) == [event.span]


def test_a_complete_listing_drops_what_it_does_not_name(store: Store) -> None:
    kept, gone = an_event(), an_event()
    put(store, kept, gone)
    store.sightings.apply("personal", "calendar", now=NOW, listed=[kept.ref])
    assert store.sightings.known("personal", "calendar").keys() == {kept.ref}


def test_calendars_do_not_touch_each_other(store: Store) -> None:
    event = an_event()
    put(store, event, calendar="one")
    put(store, replace(event, uid="elsewhere@example.com"), calendar="two")
    store.sightings.drop_calendar("personal", "one", now=NOW)
    assert store.sightings.calendars() == [("personal", "two")]
    assert store.sightings.known("personal", "two") == {event.ref: "1"}


def test_occurrences_of_a_series_are_bookings_of_their_own(store: Store) -> None:
    first = an_event("2026-05-05 13:00", ref="s.ics", uid="s", recurrence_id="20260505T130000Z", recurring=True)
    second = replace(first, start=at("2026-05-06 13:00"), end=at("2026-05-06 14:00"), recurrence_id="20260506T130000Z")
    resource = Resource("s.ics", "1", (first, second))
    applied = store.sightings.apply("personal", "calendar", [resource], now=NOW)
    assert len(applied.booking_ids) == 2
    shorter = Resource("s.ics", "2", (first,))
    assert len(store.sightings.apply("personal", "calendar", [shorter], now=NOW).booking_ids) == 1
    found = store.bookings.by_uid("s", "20260505T130000Z")
    assert found is not None
    assert found.event.recurrence_id == "20260505T130000Z"


def test_a_busy_account_keeps_times_and_no_words(store: Store, folder: Path) -> None:
    secret = an_invitation(summary="Layoffs planning", description="do not tell", location="Room Zebra")
    (booking_id,) = put(store, secret, account="work", busy_account=True)
    event = store.bookings.booking(booking_id).event
    assert event.busy_only
    assert (event.summary, event.description, event.organizer, event.attendees) == ("", "", None, ())
    assert store.bookings.busy_spans(secret.span) == [secret.span]
    store.close()
    written = b"".join(path.read_bytes() for path in folder.iterdir())
    assert not any(word in written for word in (b"Layoffs", b"do not tell", b"Zebra", b"dana@acme.example"))


def test_an_untitled_copy_points_to_its_original_until_that_moves(store: Store) -> None:
    original = an_invitation("2026-05-05 13:00")
    copy = an_event("2026-05-05 13:00", summary="")
    (original_id,), (copy_id,) = put(store, original), put(store, copy)
    assert store.bookings.booking(copy_id).twin_of == original_id
    assert store.bookings.busy_spans(original.span, exclude=[original_id]) == []
    moved = replace(original, start=at("2026-05-07 13:00"), end=at("2026-05-07 14:00"), etag="2")
    assert copy_id in put(store, moved)
    assert store.bookings.booking(copy_id).twin_of is None
    assert store.bookings.busy_spans(copy.span, exclude=[original_id]) == [copy.span]


def test_a_copy_that_still_takes_time_is_counted_unless_its_original_is_left_out(store: Store) -> None:
    link = "https://meet.google.com/abc-defg-hij"
    original = an_invitation("2026-05-05 13:00", location=link)
    (original_id,) = put(store, original)
    (copy_id,) = put(store, an_event("2026-05-05 13:00", location=link), account="family")
    put(store, replace(original, response=Response.DECLINED, etag="2"))
    assert store.bookings.booking(copy_id).twin_of == original_id
    assert store.bookings.busy_spans(original.span) == [original.span]
    assert store.bookings.busy_spans(original.span, exclude=[original_id]) == []


def test_cursors_are_kept_with_their_window_and_written_only_when_they_change(store: Store, folder: Path) -> None:
    window = Span(at("2026-04-01 00:00"), at("2026-07-01 00:00"))
    assert store.sightings.cursor("personal", "calendar") is None
    store.sightings.set_cursor("personal", "calendar", "c1", window)
    before = store.counters.rows_written
    store.sightings.set_cursor("personal", "calendar", "c1", window)
    assert store.counters.rows_written == before
    with open_store(folder, "alex", read_only=True) as again:
        assert again.sightings.cursor("personal", "calendar") == ("c1", window)
    store.sightings.forget_cursor("personal", "calendar")
    assert store.sightings.cursor("personal", "calendar") is None


def test_file_names_that_are_no_utf8_come_back_as_they_were(store: Store) -> None:
    strange = "caf\udce9.ics"
    event = an_event(ref=strange, summary="caf\udce9", uid="caf\udce9@example.com")
    (booking_id,) = put(store, event)
    assert store.sightings.known("personal", "calendar") == {strange: "1"}
    assert store.bookings.booking(booking_id).event.ref == strange
    assert store.sightings.booking_ids("personal", "calendar", strange) == [booking_id]


def test_events_without_a_uid_are_told_apart_by_their_resource(store: Store) -> None:
    ids = put(store, an_event(uid=""), an_event("2026-05-06 13:00", uid=""))
    assert len(ids) == 2


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail_halfway() -> None:
        with store.write():
            put(store, an_event())
            store.sightings.set_cursor("personal", "calendar", "c1")
            raise KeyError("the pipeline failed")

    with pytest.raises(KeyError):
        fail_halfway()
    assert store.bookings.count() == 0
    assert store.sightings.cursor("personal", "calendar") is None
