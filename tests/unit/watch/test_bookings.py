"""Several copies of one appointment say one thing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from builders import ALEX, DANA, a_sighting, an_event, an_invitation, at
from calwatch.model.booking import Sighting, Source
from calwatch.model.event import Attendee, Event, Response, Status
from calwatch.watch.bookings import strongest


def calendar(event: Event, **fields: Any) -> Sighting:
    return a_sighting(event, **fields)


def mail(event: Event, method: str = "REQUEST") -> Sighting:
    return a_sighting(event, source=Source.MAIL, calendar="", method=method, message_ref="m1")


def invitation(start: str, **fields: Any) -> Event:
    return an_invitation(start, **{"uid": "one@acme.example", **fields})


def test_the_highest_sequence_gives_the_time() -> None:
    old = calendar(invitation("2026-05-05 13:00", sequence=0, dtstamp=at("2026-04-10 09:00")))
    new = mail(invitation("2026-05-06 09:00", sequence=1, dtstamp=at("2026-04-09 09:00")))
    assert strongest([old, new]).start == at("2026-05-06 09:00")


def test_at_equal_sequence_the_later_stamp_gives_the_time() -> None:
    first = mail(invitation("2026-05-05 13:00", dtstamp=at("2026-04-10 09:00")))
    second = mail(invitation("2026-05-06 09:00", dtstamp=at("2026-04-11 09:00")))
    assert strongest([second, first]).start == at("2026-05-06 09:00")


def test_a_cancel_mail_of_the_same_sequence_cancels_and_keeps_the_time_of_the_invitation() -> None:
    standing = calendar(invitation("2026-05-05 13:00", sequence=2))
    cancel = mail(an_event("2026-05-05 00:00", 0, uid="one@acme.example", sequence=2, summary=""), "CANCEL")
    joined = strongest([cancel, standing])
    assert joined.status is Status.CANCELLED
    assert joined.start == at("2026-05-05 13:00")
    assert joined.summary == "Technical interview with Acme"


def test_a_cancel_mail_of_a_lower_sequence_is_old_news() -> None:
    standing = calendar(invitation("2026-05-05 13:00", sequence=3))
    cancel = mail(invitation("2026-05-05 13:00", sequence=2), "CANCEL")
    assert strongest([standing, cancel]).status is Status.CONFIRMED


def test_a_request_stamped_after_the_cancel_of_the_same_sequence_revives_it() -> None:
    cancel = mail(invitation("2026-05-05 13:00", sequence=1, dtstamp=at("2026-04-10 09:00")), "CANCEL")
    again = mail(invitation("2026-05-07 13:00", sequence=1, dtstamp=at("2026-04-11 09:00")))
    assert strongest([cancel, again]).status is Status.CONFIRMED


def test_only_a_cancel_mail_is_a_cancelled_appointment() -> None:
    assert strongest([mail(invitation("2026-05-05 13:00"), "CANCEL")]).status is Status.CANCELLED


def test_the_users_answer_comes_from_their_calendar() -> None:
    copy = calendar(invitation("2026-05-05 13:00", response=Response.DECLINED, dtstamp=at("2026-04-01 09:00")))
    request = mail(invitation("2026-05-05 13:00", response=Response.NEEDS_ACTION, dtstamp=at("2026-04-10 09:00")))
    assert strongest([copy, request]).response is Response.DECLINED


def test_an_answer_to_an_older_time_counts_as_unanswered() -> None:
    copy = calendar(invitation("2026-05-05 13:00", response=Response.DECLINED, sequence=0))
    moved = mail(invitation("2026-05-06 13:00", response=Response.NEEDS_ACTION, sequence=1))
    assert strongest([copy, moved]).response is Response.NEEDS_ACTION


def test_without_a_calendar_copy_the_users_own_reply_mail_tells_the_answer() -> None:
    request = mail(invitation("2026-05-05 13:00", response=Response.NEEDS_ACTION))
    reply = mail(invitation("2026-05-09 13:00", response=Response.ACCEPTED, dtstamp=at("2026-04-30 09:00")), "REPLY")
    joined = strongest([request, reply])
    assert joined.response is Response.ACCEPTED
    assert joined.start == at("2026-05-05 13:00")


def test_a_counter_proposal_does_not_move_the_appointment() -> None:
    request = mail(invitation("2026-05-05 13:00", sequence=0))
    counter = mail(invitation("2026-05-08 13:00", sequence=5), "COUNTER")
    assert strongest([request, counter]).start == at("2026-05-05 13:00")


def test_the_richest_text_and_the_people_survive() -> None:
    bare = calendar(an_event("2026-05-05 13:00", uid="one@acme.example", summary="Acme", sequence=1))
    rich = mail(invitation("2026-05-05 13:00", location="https://meet.google.com/abc-defg-hij"))
    joined = strongest([bare, rich])
    assert joined.summary == "Acme"
    assert "Backend Engineer" in joined.description
    assert joined.location == "https://meet.google.com/abc-defg-hij"
    assert joined.organizer == DANA
    assert joined.attendees == rich.event.attendees


def test_a_calendars_copy_knows_the_others_answers() -> None:
    said_no = (Attendee(ALEX, Response.ACCEPTED), Attendee(DANA, Response.DECLINED))
    copy = calendar(invitation("2026-05-05 13:00", attendees=said_no, dtstamp=at("2026-04-01 09:00")))
    request = mail(invitation("2026-05-05 13:00", dtstamp=at("2026-04-10 09:00")))
    assert strongest([request, copy]).attendees == said_no


def test_a_copy_known_only_as_busy_says_nothing_beside_another() -> None:
    busy = calendar(an_event("2026-05-05 12:00", uid="one@acme.example", summary="", busy_only=True, sequence=9))
    real = calendar(invitation("2026-05-05 13:00"))
    joined = strongest([busy, real])
    assert (joined.start, joined.busy_only) == (at("2026-05-05 13:00"), False)


def test_copies_of_a_busy_account_alone_are_busy_time() -> None:
    assert strongest([calendar(an_event(), busy_account=True)]).busy_only


def test_the_order_of_the_sightings_does_not_matter() -> None:
    seen = [
        calendar(invitation("2026-05-05 13:00", sequence=1, response=Response.TENTATIVE)),
        mail(invitation("2026-05-06 13:00", sequence=2, dtstamp=at("2026-04-10 09:00"))),
        mail(invitation("2026-05-05 13:00", sequence=1, dtstamp=at("2026-04-10 09:00")), "CANCEL"),
        calendar(an_event("2026-05-06 13:00", uid="one@acme.example", summary="Busy", busy_only=True), account="work"),
    ]
    assert len({repr(strongest(order)) for order in itertools.permutations(seen)}) == 1


def test_no_sighting_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one sighting"):
        strongest([])


def outlook(start: str, stamp: str, **fields: Any) -> Sighting:
    """A copy in Outlook's calendar, which does not tell its number."""
    return calendar(invitation(start, sequence_told=False, dtstamp=at(stamp), **fields))


def test_a_copy_without_a_number_that_follows_the_mails_gives_the_time() -> None:
    request = mail(invitation("2026-05-05 13:00", sequence=3, dtstamp=at("2026-04-10 09:00")))
    moved = outlook("2026-05-06 09:00", "2026-04-12 09:00")
    assert strongest([request, moved]).start == at("2026-05-06 09:00")


def test_a_copy_without_a_number_that_is_behind_the_mails_does_not() -> None:
    request = mail(invitation("2026-05-06 09:00", sequence=1, dtstamp=at("2026-04-12 09:00")))
    behind = outlook("2026-05-05 13:00", "2026-04-10 09:00")
    assert strongest([request, behind]).start == at("2026-05-06 09:00")


def test_a_cancel_mail_calls_off_a_copy_without_a_number_that_was_touched_since() -> None:
    cancel = mail(invitation("2026-05-05 13:00", sequence=1, dtstamp=at("2026-04-10 09:00")), "CANCEL")
    touched = outlook("2026-05-05 13:00", "2026-04-11 09:00")
    assert strongest([cancel, touched]).status is Status.CANCELLED


def test_a_request_after_the_cancel_revives_a_copy_without_a_number() -> None:
    cancel = mail(invitation("2026-05-05 13:00", sequence=1, dtstamp=at("2026-04-10 09:00")), "CANCEL")
    again = mail(invitation("2026-05-05 13:00", sequence=2, dtstamp=at("2026-04-11 09:00")))
    back = outlook("2026-05-05 13:00", "2026-04-11 09:00")
    assert strongest([cancel, again, back]).status is Status.CONFIRMED
