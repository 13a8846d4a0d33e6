"""Two events are one appointment only when something ties them."""

from __future__ import annotations

from typing import Any

import pytest

from builders import ALEX, DANA, an_event, an_invitation
from calwatch.model.event import Attendee, Event, Person, Response, Status
from calwatch.model.twins import are_twins, has_title, join_link, normal_uid

ROBIN = Person("robin@globex.example", "Robin Lee")
NO_REPLY = Person("no-reply@hiring.example", "Hiring")


def globex(**fields: Any) -> Event:
    given: dict[str, Any] = {
        "summary": "Interview with Globex",
        "organizer": ROBIN,
        "attendees": (Attendee(ALEX), Attendee(ROBIN)),
        **fields,
    }
    return an_invitation(**given)


@pytest.mark.parametrize(
    ("uid", "normal"),
    [
        ("abc123_R20260501T090000@google.com", "abc123@google.com"),
        ("abc123_R20260501@google.com", "abc123@google.com"),
        ("abc123_R20260501T090000Z", "abc123"),
        ("abc_Report2026@google.com", "abc_Report2026@google.com"),
        ("  x@y ", "x@y"),
    ],
)
def test_the_pieces_of_a_split_series_share_a_uid(uid: str, normal: str) -> None:
    assert normal_uid(uid) == normal


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"location": "https://meet.google.com/abc-defg-hij"}, "https://meet.google.com/abc-defg-hij"),
        ({"description": "Join: <https://acme.zoom.us/j/123456?pwd=x>, thanks"}, "https://acme.zoom.us/j/123456?pwd=x"),
        ({"url": "https://meet.acme.example/room/7."}, "https://meet.acme.example/room/7"),
        ({"description": "See https://acme.example/jobs/42 and https://www.zoom.us/"}, None),
        ({"description": "https://[broken/ http://"}, None),
    ],
)
def test_the_call_of_an_event_is_found(fields: dict[str, Any], link: str | None) -> None:
    assert join_link(an_event(**fields)) == link


def test_a_sync_tools_busy_is_a_copy_of_what_lies_at_that_time() -> None:
    assert are_twins(an_invitation(), an_event(summary="Busy"))
    assert are_twins(an_invitation(), an_event(summary=""))
    assert are_twins(an_invitation(), an_event(summary="Weekly sync", busy_only=True))
    assert are_twins(an_invitation(), an_event(summary="Beschäftigt"))


def test_a_busy_is_no_copy_of_something_that_leaves_the_time_free() -> None:
    assert not are_twins(an_event(summary="Maybe the gym", transparent=True), an_event(summary="Busy"))
    assert not are_twins(an_invitation(response=Response.DECLINED), an_event(summary="", busy_only=True))


def test_another_time_is_another_appointment() -> None:
    assert not are_twins(an_invitation(), an_event("2026-05-05 13:15", 45, summary="Busy"))
    assert not are_twins(an_invitation(), an_event("2026-05-05 13:00", 90, summary="Busy"))


def test_one_call_is_one_appointment_whatever_the_titles_say() -> None:
    a = an_invitation(location="https://acme.zoom.us/j/99?pwd=a")
    b = an_event(summary="My big day", description="https://acme.zoom.us/j/99?pwd=b")
    assert are_twins(a, b)


def test_two_calls_are_two_appointments_even_with_equal_titles() -> None:
    a = an_invitation(summary="Interview with Alex Rivera", location="https://acme.zoom.us/j/99")
    b = globex(summary="Interview with Alex Rivera", location="https://globex.zoom.us/j/11")
    assert not are_twins(a, b)


def test_a_note_naming_the_company_is_a_copy() -> None:
    assert are_twins(an_invitation(), an_event(summary="Acme!!"))


def test_a_private_appointment_is_no_copy() -> None:
    assert not are_twins(an_invitation(), an_event(summary="Dentist"))


def test_invitations_of_two_companies_collide_instead() -> None:
    assert not are_twins(an_invitation(summary="Interview"), globex(summary="Interview"))


def test_the_same_system_inviting_for_two_companies_ties_nothing() -> None:
    a = an_invitation(summary="Interview", organizer=NO_REPLY, attendees=(Attendee(ALEX),))
    b = an_invitation(summary="Interview", organizer=NO_REPLY, attendees=(Attendee(ALEX),))
    assert not are_twins(a, b)


def test_the_same_person_inviting_twice_for_one_time_is_one_appointment() -> None:
    assert are_twins(an_invitation(summary="Chat with the team"), an_invitation(summary="Technical round"))


def test_two_own_entries_with_different_guests_are_two_things() -> None:
    a = an_event(summary="Lunch", organizer=ALEX, attendees=(Attendee(DANA),))
    b = an_event(summary="Handover", organizer=ALEX, attendees=(Attendee(ROBIN),))
    assert not are_twins(a, b)


def test_a_new_invitation_for_the_time_of_a_cancelled_one_is_not_its_copy() -> None:
    assert not are_twins(an_invitation(status=Status.CANCELLED), an_invitation())


def test_a_title_of_a_sync_tool_is_no_title() -> None:
    assert not has_title(an_event(summary=" [Busy] "))
    assert has_title(an_event(summary="Busy week planning"))
