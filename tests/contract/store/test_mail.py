"""Envelopes found by address, id and uid; invitations that become sightings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from builders import ALEX, DANA, NOW, a_message, an_event, an_invitation, at
from calwatch.model.booking import Source
from calwatch.model.event import Event, Person, Response, Series, Status
from calwatch.model.ledger import Applied
from calwatch.model.message import Folder, Invitation, Message, Method
from calwatch.store import Store
from stories import put


def receive(store: Store, *messages: Message, account: str = "personal") -> Applied:
    return store.mail.put_messages(account, messages, now=NOW, expand=no_occurrences)


def no_occurrences(series: Series) -> Iterable[Event]:
    raise AssertionError(f"{series.uid} was not expected to be expanded")


def carrying(event: Event, method: Method = Method.REQUEST, **fields: Any) -> Message:
    return a_message(invitations=(Invitation(method=method, items=(event,)),), **fields)


def test_mail_is_found_by_any_address_on_it_newest_first(store: Store) -> None:
    old, new = a_message(date=NOW - timedelta(days=9)), a_message(date=NOW - timedelta(days=1))
    copied = a_message(sender=ALEX, to=(), cc=(Person("Tom@Acme.example"),), date=NOW - timedelta(days=5))
    receive(store, old, new, copied)
    found = store.mail.messages_with({"dana@acme.example", "tom@acme.example"})
    assert [m.ref for m in found] == [new.ref, copied.ref, old.ref]
    assert [m.ref for m in store.mail.messages_with({"DANA@acme.example"}, NOW - timedelta(days=2))] == [new.ref]


def test_only_what_the_person_sent_counts_as_sent(store: Store) -> None:
    sent = a_message(folder=Folder.SENT, sender=ALEX, to=(DANA,))
    receive(store, sent, a_message(), a_message(to=(DANA,)))
    assert [m.ref for m in store.mail.sent_to({DANA.email})] == [sent.ref]
    assert store.mail.sent_to({DANA.email}, NOW) == []


def test_bodies_are_not_kept_but_with_invitations(store: Store) -> None:
    plain, invitation = a_message("private words"), carrying(an_invitation(), text="x" * 20_000)
    receive(store, plain, invitation)
    kept = store.mail.by_message_id(plain.message_id)
    assert kept == replace(plain, text="")
    with_text = store.mail.by_ref("personal", invitation.ref)
    assert with_text is not None
    assert len(with_text.text) == 8_000
    assert with_text.invitations == invitation.invitations


def test_an_invitation_only_in_the_mail_is_a_booking(store: Store) -> None:
    event, message = an_invitation(), carrying(an_invitation(uid="ats@acme.example"))
    applied = receive(store, message)
    found = store.bookings.by_uid("ats@acme.example")
    assert found is not None
    assert applied.booking_ids == {found.id}
    (sighting,) = found.sightings
    assert (sighting.source, sighting.message_ref, sighting.method) == (Source.MAIL, message.ref, "REQUEST")
    assert [m.ref for m in store.mail.invitation_messages("ats@acme.example")] == [message.ref]
    assert store.mail.account_of(message.message_id) == "personal"
    assert store.bookings.busy_spans(event.span) == [event.span]


def test_the_same_mail_again_writes_nothing(store: Store) -> None:
    message = carrying(an_invitation())
    receive(store, message)
    before = store.counters.rows_written
    assert not receive(store, message)
    assert store.counters.rows_written == before


def test_a_mail_that_moved_to_another_file_is_the_same_mail(store: Store) -> None:
    event = an_invitation()
    message = carrying(event)
    receive(store, message)
    receive(store, replace(message, ref="archive/1"))
    found = store.bookings.by_uid(event.uid)
    assert found is not None
    assert [s.message_ref for s in found.sightings] == ["archive/1"]
    assert [m.ref for m in store.mail.messages_with({DANA.email})] == ["archive/1"]


def test_a_cancellation_by_mail_cancels_the_booking(store: Store) -> None:
    event = an_invitation(sequence=1)
    (booking_id,) = put(store, event)
    cancel = carrying(replace(event, sequence=2, dtstamp=NOW), Method.CANCEL)
    assert receive(store, cancel).booking_ids == {booking_id}
    assert store.bookings.booking(booking_id).event.status is Status.CANCELLED
    assert store.bookings.busy_spans(event.span) == []


def test_a_cancelled_series_cancels_every_occurrence_from_its_start(store: Store) -> None:
    first = an_event("2026-05-05 13:00", ref="s.ics", uid="s", recurrence_id="20260505T130000Z")
    later = [
        replace(
            first,
            start=first.start + timedelta(days=n),
            end=first.end + timedelta(days=n),
            recurrence_id=f"2026050{5 + n}T130000Z",
        )
        for n in (1, 2)
    ]
    store.sightings.put_resource("personal", "calendar", "s.ics", "1", [first, *later], now=NOW)
    cancel = replace(first, recurrence_id=None, start=later[0].start, end=later[0].end, sequence=3)
    receive(store, carrying(cancel, Method.CANCEL))
    states = [booking.event.status for booking in store.bookings.of_uid("s")]
    assert states == [Status.CONFIRMED, Status.CANCELLED, Status.CANCELLED]
    assert [booking.event.start for booking in store.bookings.of_uid("s")] == [e.start for e in (first, *later)]


def test_a_counter_proposal_tells_no_time_but_names_its_booking(store: Store) -> None:
    event = an_invitation()
    (booking_id,) = put(store, event)
    counter = replace(event, start=at("2026-05-09 13:00"), end=at("2026-05-09 14:00"), sequence=9)
    assert receive(store, carrying(counter, Method.COUNTER)).booking_ids == {booking_id}
    assert store.bookings.booking(booking_id).event.start == event.start


def test_an_answer_to_an_unknown_appointment_makes_none(store: Store) -> None:
    assert not receive(store, carrying(an_invitation(response=Response.ACCEPTED), Method.REPLY))
    assert store.bookings.count() == 0


def test_an_appointment_of_which_only_an_answer_is_left_is_gone(store: Store) -> None:
    event = an_invitation()
    (booking_id,) = put(store, event)
    receive(store, carrying(replace(event, response=Response.ACCEPTED), Method.REPLY))
    store.sightings.drop_resource("personal", "calendar", event.ref, now=NOW)
    assert store.bookings.facts(booking_id).gone_at == NOW


def test_an_appointment_of_which_only_the_persons_no_is_left_is_declined(store: Store) -> None:
    event = an_invitation()  # Outlook takes what one declines out of the calendar
    (booking_id,) = put(store, event)
    store.sightings.drop_resource("personal", "calendar", event.ref, now=NOW)
    receive(store, carrying(replace(event, response=Response.DECLINED), Method.REPLY))
    facts, booking = store.bookings.facts(booking_id), store.bookings.booking(booking_id)
    assert (facts.gone_at, facts.left_calendars_at) == (None, NOW)
    assert (booking.event.summary, booking.event.response) == (event.summary, Response.DECLINED)
    assert store.bookings.busy_spans(event.span) == []


def test_what_left_the_calendar_takes_no_time_though_its_mail_remains(store: Store) -> None:
    event = an_invitation()
    (booking_id,) = put(store, event)
    receive(store, carrying(event))
    store.sightings.drop_resource("personal", "calendar", event.ref, now=NOW)
    facts = store.bookings.facts(booking_id)
    assert (facts.gone_at, facts.left_calendars_at) == (None, NOW)
    assert store.bookings.busy_spans(event.span) == []


def test_recurring_invitations_are_expanded_by_the_caller(store: Store) -> None:
    series = Series(ref="m", uid="s", rrules=("FREQ=DAILY",))
    message = a_message(invitations=(Invitation(method=Method.REQUEST, items=(series,)),))
    days = [an_event(f"2026-05-0{n} 13:00", uid="s", recurrence_id=f"2026050{n}T130000Z") for n in (5, 6)]
    store.mail.put_messages("personal", [message], now=NOW, expand=lambda _series: days)
    assert [booking.event.start for booking in store.bookings.of_uid("s")] == [day.start for day in days]
    assert store.mail.of_thread(message.thread)[0].invitations[0].items == (series,)


def test_threads_hold_together(store: Store) -> None:
    first, second = a_message(thread="<t>"), a_message(thread="<t>", date=NOW)
    receive(store, first, second, a_message())
    assert [m.ref for m in store.mail.of_thread("<t>")] == [second.ref, first.ref]
