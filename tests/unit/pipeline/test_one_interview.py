"""What is one interview and what are two: sessions, copies, invitations that only came by mail, series."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from builders import DANA, NOW, an_event, an_invitation, at
from calwatch.model.case import DraftState, Intent, Situation, Weight
from calwatch.model.event import Attendee, Event, Person, Response, Series, Status
from calwatch.model.message import Invitation, Method
from worlds import Provider, World, a_clash, an_arranged_interview, cancelled_by_mail

GRACE = Person("grace@globex.example", "Grace Hall")


def at_globex(start: str, **fields: Any) -> Event:
    given: dict[str, Any] = {
        "summary": "Final interview with Globex",
        "description": "Hi Alex, this is the final interview for the Data Engineer role.",
        "organizer": GRACE,
        "attendees": (Attendee(Person("alex.rivera@example.com"), Response.ACCEPTED), Attendee(GRACE)),
        "created": NOW - timedelta(days=5),
    }
    return an_invitation(start, **{**given, **fields})


def invited_by_mail(provider: Provider, event: Event | Series) -> None:
    provider.mail.receive(
        "Hi Alex, here is the invitation.",
        sender=DANA,
        subject="Technical interview with Acme",
        invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
        date=NOW - timedelta(days=2),
    )


def test_of_two_interviews_at_one_time_only_one_moves(world: World, provider: Provider) -> None:
    an_arranged_interview(provider)
    provider.calendar.add(at_globex("2026-05-05 13:30"))
    world.look()
    (case,) = world.store.cases.all()
    assert case.snapshot is not None
    assert "Acme" in case.snapshot.lead.event.summary, "the final stage stays"


def test_the_one_that_moves_says_why(world: World, provider: Provider) -> None:
    an_arranged_interview(provider)
    provider.calendar.add(at_globex("2026-05-05 13:30"))
    world.look()
    assert "This is the one to move" in " ".join(world.draft().letter.why)


def test_the_letter_to_one_company_does_not_name_the_other(world: World, provider: Provider) -> None:
    an_arranged_interview(provider)
    provider.calendar.add(at_globex("2026-05-05 13:30"))
    world.look()
    assert "Globex" not in world.draft().letter.content.text


def test_an_onsite_of_several_sessions_is_one_case_and_one_mail(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    for start in ("2026-05-05 14:00", "2026-05-05 15:15", "2026-05-05 16:30"):
        provider.calendar.add(an_invitation(start, summary="Onsite interview with Acme", created=event.created))
    world.look()
    a_clash(provider, event, summary="Dentist")
    provider.calendar.add(an_event("2026-05-05 16:45", 30, summary="Parents' evening"))
    world.look()
    (case,) = world.store.cases.all()
    assert len(case.booking_ids) == 4
    assert world.draft().letter.intent is Intent.RESCHEDULE


def test_the_sessions_of_one_onsite_do_not_clash_with_each_other(world: World, provider: Provider) -> None:
    an_arranged_interview(provider)
    provider.calendar.add(an_invitation("2026-05-05 14:00", summary="Onsite interview with Acme"))
    provider.calendar.add(an_invitation("2026-05-05 14:30", summary="Panel interview with Acme"))
    world.look()
    assert [d for d in world.store.drafts.all() if d.letter.intent is not Intent.RESCHEDULE] == []
    assert len(world.store.cases.all()) <= 1


def test_the_calendar_entry_and_the_mail_are_one_booking(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    booking = world.store.bookings.by_uid(event.uid)
    assert booking is not None
    assert len(booking.sightings) == 2
    assert len(world.store.bookings.overlapping(event.span)) == 1


def test_a_sync_tools_copy_of_the_interview_is_no_clash(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event, summary="Busy")
    world.look()
    assert world.store.cases.all() == []


def test_an_interview_that_came_only_by_mail_is_watched(world: World, provider: Provider) -> None:
    event = an_invitation(response=Response.NEEDS_ACTION)
    invited_by_mail(provider, event)
    a_clash(provider, event)
    world.look()
    assert world.draft().letter.content.to == (DANA,)


def test_an_interview_that_came_only_by_mail_is_cancelled_by_mail(world: World, provider: Provider) -> None:
    event = an_invitation()
    invited_by_mail(provider, event)
    world.look()
    cancelled_by_mail(provider, event)
    world.look()
    (case,) = world.store.cases.all()
    assert (case.situation, case.weight) == (Situation.CANCELLED, Weight.CLASH)
    assert world.draft().letter.intent is Intent.ACKNOWLEDGE


def test_a_cancelled_interview_takes_no_time_any_more(world: World, provider: Provider) -> None:
    event = an_invitation()
    invited_by_mail(provider, event)
    world.look()
    cancelled_by_mail(provider, event)
    world.look()
    assert world.store.bookings.busy_spans(event.span) == []


def test_words_that_end_the_process_are_answered_with_thanks_only(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    cancelled_by_mail(provider, event, words="Hi Alex, we have filled the position and will not go ahead. Best, Dana")
    world.look()
    (case,) = world.store.cases.open_cases()
    assert case.ends_process
    assert world.draft().letter.slots == ()


def test_a_cancellation_whose_replacement_came_is_no_trouble(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    cancelled_by_mail(provider, event)
    provider.calendar.change(event.ref, status=Status.CANCELLED)
    provider.calendar.add(an_invitation("2026-05-06 13:00", created=NOW, dtstamp=NOW))
    world.look()
    assert world.store.drafts.open_drafts() == []


def test_a_session_that_vanished_is_not_written_about(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    other = an_invitation("2026-05-05 14:00", summary="Onsite interview with Acme", created=event.created)
    provider.calendar.add(other)
    world.look()
    provider.calendar.remove_by_hand(event.ref)
    a_clash(provider, other)
    world.look()
    (case,) = world.store.cases.all()
    assert case.snapshot is not None
    assert [b.event.start for b in case.snapshot.bookings] == [other.start]


def a_series() -> Series:
    """Acme talks to Alex every Tuesday, four times."""
    master = replace(an_invitation("2026-04-28 13:00", ref="loop", uid="loop@acme.example"), recurring=True)
    return Series(
        ref="loop",
        uid=master.uid,
        master=master,
        local_start=master.start.replace(tzinfo=None),
        zone_key="UTC",
        rrules=("FREQ=WEEKLY;COUNT=4",),
    )


def statuses(world: World) -> list[Status]:
    return [booking.event.status for booking in world.store.bookings.of_uid("loop@acme.example")]


def a_whole_cancel(provider: Provider) -> None:
    """METHOD:CANCEL for the uid, without a RECURRENCE-ID: the series as a whole (RFC 5546 §3.2.5)."""
    master = a_series().master
    assert master is not None
    cancelled_by_mail(provider, replace(master, recurring=False, recurrence_id=None))


def test_a_series_on_the_calendar_is_cancelled_as_a_whole_by_mail(world: World, provider: Provider) -> None:
    provider.calendar.add(a_series())
    world.look()
    assert statuses(world) == [Status.CONFIRMED] * 4
    a_whole_cancel(provider)
    world.look()
    assert statuses(world) == [Status.CANCELLED] * 4


def test_a_series_that_came_only_by_mail_is_cancelled_as_a_whole(world: World, provider: Provider) -> None:
    invited_by_mail(provider, a_series())
    world.look()
    a_whole_cancel(provider)
    world.look()
    assert statuses(world) == [Status.CANCELLED] * 4


def test_the_cancel_may_carry_the_rule_of_the_series(world: World, provider: Provider) -> None:
    provider.calendar.add(a_series())
    world.look()
    whole = a_series()
    assert whole.master is not None
    master = replace(whole.master, sequence=1, dtstamp=NOW)
    cancel = Invitation(method=Method.CANCEL, items=(replace(whole, master=master),))
    provider.mail.receive("", sender=DANA, subject="Cancelled", invitations=(cancel,), automatic=True)
    world.look()
    assert statuses(world) == [Status.CANCELLED] * 4


def test_a_cancelled_series_stays_cancelled_when_it_is_read_again(world: World, provider: Provider) -> None:
    provider.calendar.add(a_series())
    world.look()
    a_whole_cancel(provider)
    world.look()
    provider.calendar.kill_cursor()
    provider.mail.kill_cursor()
    world.live(timedelta(minutes=2))
    assert statuses(world) == [Status.CANCELLED] * 4


def test_a_cancel_read_before_its_series_cancels_it_too(world: World, provider: Provider) -> None:
    a_whole_cancel(provider)
    world.look()
    provider.calendar.add(a_series())
    world.look()
    assert [s for s in statuses(world) if s is not Status.CANCELLED] == []


def test_occurrences_that_come_into_view_later_are_cancelled_too(world: World, provider: Provider) -> None:
    endless = replace(a_series(), rrules=("FREQ=WEEKLY",))
    provider.calendar.add(endless)
    world.look()
    a_whole_cancel(provider)
    world.look()
    before = len(statuses(world))
    world.live(timedelta(days=15), step=timedelta(days=5))
    assert len(statuses(world)) > before
    assert set(statuses(world)) == {Status.CANCELLED}


def test_each_occurrence_of_a_cancelled_series_is_a_case_of_its_own(world: World, provider: Provider) -> None:
    provider.calendar.add(a_series())
    world.look()
    a_whole_cancel(provider)
    world.look()
    cases = world.store.cases.open_cases()
    assert {case.situation for case in cases} == {Situation.CANCELLED}


def test_one_occurrence_cancelled_by_mail_leaves_the_others(world: World, provider: Provider) -> None:
    provider.calendar.add(a_series())
    world.look()
    second = world.store.bookings.of_uid("loop@acme.example")[1].event
    cancelled_by_mail(provider, second)
    world.look()
    assert statuses(world) == [Status.CONFIRMED, Status.CANCELLED, Status.CONFIRMED, Status.CONFIRMED]


def test_a_new_invitation_after_the_cancel_revives_the_interview(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(timedelta(hours=1))
    cancelled_by_mail(provider, event)
    world.look()
    (booking,) = world.store.bookings.of_uid(event.uid)
    assert booking.event.status is Status.CANCELLED
    world.clock.advance(timedelta(hours=1))
    again = replace(event, sequence=2, dtstamp=world.clock.now())
    provider.mail.receive(
        "",
        sender=DANA,
        subject=f"Invitation: {event.summary}",
        invitations=(Invitation(method=Method.REQUEST, items=(again,)),),
        date=world.clock.now(),
        automatic=True,
    )
    world.look()
    (booking,) = world.store.bookings.of_uid(event.uid)
    assert booking.event.status is Status.CONFIRMED


@pytest.mark.tells_sequence
def test_a_request_after_the_cancel_revives_the_series(world: World, provider: Provider) -> None:
    provider.calendar.add(a_series())
    world.look()
    a_whole_cancel(provider)
    world.look()
    world.clock.advance(timedelta(hours=1))
    whole = a_series()
    assert whole.master is not None
    provider.calendar.add(replace(whole, master=replace(whole.master, sequence=2, dtstamp=world.clock.now())))
    world.look()
    assert statuses(world) == [Status.CONFIRMED] * 4


def test_a_draft_about_one_session_stays_when_another_day_is_cancelled(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    other = an_arranged_interview(provider, at("2026-05-12 13:00"))
    a_clash(provider, event)
    world.look()
    draft = world.draft()
    provider.calendar.change(other.ref, status=Status.CANCELLED)
    world.look()
    assert world.again(draft).state is DraftState.WAITING
