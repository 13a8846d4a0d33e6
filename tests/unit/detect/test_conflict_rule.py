"""What stands in the way of an interview, and how loudly to say so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from builders import ALEX, DANA, NOW, a_booking, a_recognition, an_event, an_interview, an_invitation, at
from calwatch.detect.options import ConflictsOptions
from calwatch.detect.rules import strongest_trouble
from calwatch.detect.view import Neighbour, Trouble, View
from calwatch.model.booking import Contact, Interview
from calwatch.model.case import Situation, Weight
from calwatch.model.event import Attendee, Event, Kind, Person, Response, Status
from calwatch.model.me import Me

ME = Me(emails=frozenset({ALEX.email}), name="Alex Rivera")
ROBIN = Person("robin@globex.example", "Robin Lee")
INTERVIEW = an_interview()  # Tuesday 5 May 2026, 15:00-16:00 in Berlin
BOOKED = at("2026-04-10 09:00")


def beside(*events: Event, interview: Interview = INTERVIEW, **fields: Any) -> Trouble | None:
    neighbours = tuple(Neighbour(booking=a_booking(event)) for event in events)
    return look(neighbours, interview, **fields)


def look(neighbours: tuple[Neighbour, ...], interview: Interview = INTERVIEW, **fields: Any) -> Trouble | None:
    given: dict[str, Any] = {
        "now": NOW,
        "me": ME,
        "zone": "Europe/Berlin",
        "booked_at": BOOKED,
        "neighbours": neighbours,
        **fields,
    }
    return strongest_trouble(interview, View(**given))


def weight(trouble: Trouble | None) -> Weight | None:
    assert trouble is None or trouble.situation is Situation.CONFLICT
    return trouble.weight if trouble else None


def a_meeting(start: str = "2026-05-05 13:30", minutes: int = 60, **fields: Any) -> Event:
    """A meeting with others that Alex accepted."""
    given: dict[str, Any] = {
        "summary": "Quarterly review",
        "organizer": ROBIN,
        "attendees": (Attendee(ALEX, Response.ACCEPTED), Attendee(ROBIN, Response.ACCEPTED)),
        "response": Response.ACCEPTED,
        **fields,
    }
    return an_event(start, minutes, **given)


def all_day(summary: str, first: date = date(2026, 5, 5), days: int = 1, **fields: Any) -> Event:
    """An all-day entry as it is read for a viewer in Berlin (UTC+2 in May)."""
    start = at(f"{first.isoformat()} 00:00") - timedelta(hours=2)
    return an_event(
        start,
        days * 1440,
        summary=summary,
        all_day=True,
        start_date=first,
        end_date=first + timedelta(days=days),
        **fields,
    )


def test_a_free_calendar_is_no_trouble() -> None:
    assert beside() is None


def test_a_meeting_on_top_is_a_clash_that_names_it() -> None:
    trouble = beside(a_meeting())
    assert weight(trouble) is Weight.CLASH
    assert trouble is not None
    assert trouble.why == ("“Quarterly review” (Tue 5 May, 15:30–16:30) overlaps it.",)
    assert [booking.event.summary for booking in trouble.clashing] == ["Quarterly review"]
    assert not trouble.movable


@pytest.mark.parametrize(
    "fields",
    [
        {"transparent": True},
        {"status": Status.CANCELLED},
        {"response": Response.DECLINED},
        {"kind": Kind.WORKING_LOCATION},
        {"minutes": 0},
    ],
)
def test_what_takes_no_time_is_in_nobodys_way(fields: dict[str, Any]) -> None:
    assert beside(a_meeting(**fields)) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"response": Response.TENTATIVE},
        {"status": Status.TENTATIVE},
        {"optional": True},
        {"busy_only": True, "summary": ""},
        {"summary": "HOLD: offsite"},
    ],
)
def test_what_may_not_be_in_the_way_is_asked_about(fields: dict[str, Any]) -> None:
    assert weight(beside(a_meeting(**fields))) is Weight.QUESTION


@pytest.mark.parametrize("fields", [{"response": Response.NEEDS_ACTION}, {"summary": "Released: hold for offsite"}])
def test_unanswered_invitations_and_released_holds_are_a_line_in_status(fields: dict[str, Any]) -> None:
    assert weight(beside(a_meeting(**fields))) is Weight.NOTICE


def test_an_interview_invitation_at_a_taken_time_is_a_conflict() -> None:
    unanswered = an_interview(an_invitation(response=Response.NEEDS_ACTION))
    assert weight(beside(a_meeting(), interview=unanswered)) is Weight.CLASH


def test_an_interview_answered_maybe_is_asked_about() -> None:
    maybe = an_interview(an_invitation(response=Response.TENTATIVE))
    assert weight(beside(a_meeting(), interview=maybe)) is Weight.QUESTION


def test_a_gap_shorter_than_the_buffer_is_asked_about() -> None:
    assert weight(beside(a_meeting("2026-05-05 14:10"))) is Weight.QUESTION
    assert beside(a_meeting("2026-05-05 14:15")) is None
    assert beside(a_meeting("2026-05-05 14:10"), buffer=timedelta(0)) is None


def test_a_short_gap_to_something_doubtful_is_only_a_line() -> None:
    assert weight(beside(a_meeting("2026-05-05 14:10", optional=True))) is Weight.NOTICE
    assert beside(a_meeting("2026-05-05 14:10", response=Response.NEEDS_ACTION)) is None


def test_the_way_to_an_interview_in_person_must_be_free() -> None:
    onsite = an_interview(recognition=a_recognition(in_person=True))
    near = a_meeting("2026-05-05 14:30")
    assert weight(beside(near, interview=onsite)) is Weight.CLASH
    assert beside(near, interview=onsite, options=ConflictsOptions(travel=timedelta(minutes=30))) is None
    assert beside(near) is None


def test_nobody_travels_between_two_rooms_of_one_place() -> None:
    here = an_interview(an_invitation(location="Acme HQ, Berlin"), recognition=a_recognition(in_person=True))
    assert beside(a_meeting("2026-05-05 14:30", location="acme hq, berlin"), interview=here) is None


# --- copies, cover, preparation ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        an_event(summary="Busy"),
        an_event(summary="", busy_only=True),
        an_event(summary="Acme"),
        an_event("2026-05-05 12:30", 120, summary="Prep Acme interview"),
        an_event("2026-05-05 12:00", 75, summary="Interview prep"),
        an_event("2026-05-05 12:00", 75, summary="Vorbereitung Vorstellungsgespräch"),
        an_event("2026-05-05 12:30", 120, summary="Blocked", created=at("2026-04-12 09:00")),
    ],
)
def test_copies_cover_and_preparation_are_nothing(event: Event) -> None:
    assert beside(event) is None


def test_a_sighting_of_the_interview_itself_is_nothing() -> None:
    lead = INTERVIEW.lead
    assert look((Neighbour(booking=lead), Neighbour(booking=a_booking(a_meeting(), twin_of=lead.id)))) is None


def test_what_the_person_called_their_cover_is_nothing() -> None:
    dentist = an_event(summary="Dentist", uid="cover@example.com")
    assert weight(beside(dentist)) is Weight.CLASH
    assert beside(dentist, covers=frozenset({"cover@example.com"})) is None


def test_preparation_for_something_else_is_in_the_way() -> None:
    assert weight(beside(an_event(summary="Prep board meeting Zurich"))) is Weight.CLASH


def test_a_nameless_block_from_before_the_booking_is_in_the_way() -> None:
    assert weight(beside(an_event("2026-05-05 12:30", 120, summary="Blocked", created=BOOKED - timedelta(days=3)))) is (
        Weight.CLASH
    )


def test_a_nameless_block_over_half_the_day_is_in_the_way() -> None:
    assert weight(beside(an_event("2026-05-05 09:00", 480, summary="Blocked"))) is Weight.CLASH


def test_travel_to_the_interview_is_nothing_and_travel_elsewhere_is() -> None:
    onsite = an_interview(recognition=a_recognition(in_person=True))
    assert beside(an_event("2026-05-05 12:15", 45, summary="Train to Hamburg"), interview=onsite) is None
    assert (
        weight(beside(an_event("2026-05-05 12:15", 180, summary="Train to Hamburg"), interview=onsite)) is Weight.CLASH
    )
    assert beside(an_event("2026-05-05 12:15", 75, summary="Anfahrt Interview")) is None


def test_a_dentist_is_something_the_person_could_move() -> None:
    trouble = beside(an_event(summary="Dentist"))
    assert trouble is not None
    assert trouble.movable


def test_a_take_home_window_never_conflicts() -> None:
    window = an_interview(recognition=a_recognition(stage="take_home"))
    assert beside(a_meeting(), interview=window) is None
    assert look((Neighbour(booking=a_booking(an_invitation("2026-05-05 12:00", 480)), interview=window),)) is None


def test_a_call_about_a_take_home_can_conflict() -> None:
    call = an_interview(
        an_invitation(location="https://acme.zoom.us/j/7"), recognition=a_recognition(stage="take_home")
    )
    assert weight(beside(a_meeting(), interview=call)) is Weight.CLASH


# --- two interviews ------------------------------------------------------------------------------------------------


def globex(start: str = "2026-05-05 13:30", number: int = 900, **fields: Any) -> Interview:
    event = an_invitation(start, summary="Interview with Globex", organizer=ROBIN, **fields)
    contact = Contact(person=ROBIN, evidence="organizer")
    recognition = a_recognition(company="Globex", contact=contact, stage="screen")
    return an_interview(event, recognition=recognition, id=number)


def test_of_two_interviews_only_the_one_to_move_is_in_trouble() -> None:
    other = globex()
    from_acme = look((Neighbour(booking=other.lead, interview=other),))
    from_globex = look((Neighbour(booking=INTERVIEW.lead, interview=INTERVIEW),), other)
    assert from_acme is None
    assert weight(from_globex) is Weight.CLASH
    assert from_globex is not None
    assert "earlier stage" in from_globex.why[0]


def test_an_unanswered_interview_gives_way_to_an_accepted_one() -> None:
    invited = an_interview(an_invitation(response=Response.NEEDS_ACTION))
    other = globex(response=Response.ACCEPTED)
    assert weight(look((Neighbour(booking=other.lead, interview=other),), invited)) is Weight.CLASH
    assert look((Neighbour(booking=invited.lead, interview=invited),), other) is None


def test_too_little_time_between_two_interviews_is_asked_about() -> None:
    other = globex("2026-05-05 14:05")
    assert weight(look((Neighbour(booking=INTERVIEW.lead, interview=INTERVIEW),), other)) is Weight.QUESTION


# --- the trouble as a whole ----------------------------------------------------------------------------------------


def test_the_loudest_decides_and_everything_is_told() -> None:
    trouble = beside(a_meeting(optional=True), a_meeting(summary="Board"), all_day("Mia's birthday"))
    assert trouble is not None
    assert trouble.weight is Weight.CLASH
    assert [booking.event.summary for booking in trouble.clashing] == ["Board"]
    assert len(trouble.why) == 3


def test_a_session_of_a_loop_is_enough() -> None:
    loop = an_interview(an_invitation("2026-05-05 08:00"), an_invitation("2026-05-05 09:30"))
    assert weight(beside(a_meeting("2026-05-05 09:45"), interview=loop)) is Weight.CLASH


def test_the_break_between_two_sessions_is_not_the_interview() -> None:
    loop = an_interview(an_invitation("2026-05-05 08:00"), an_invitation("2026-05-05 10:15"))
    assert beside(a_meeting("2026-05-05 09:30", 30), interview=loop) is None


def test_the_key_changes_with_the_start_or_with_what_clashes_and_with_nothing_else() -> None:
    meeting, other = a_booking(a_meeting()), a_booking(a_meeting(summary="Board"))
    first = look((Neighbour(booking=meeting),))
    with_doubt = look((Neighbour(booking=meeting), Neighbour(booking=a_booking(a_meeting(optional=True)))))
    with_other = look((Neighbour(booking=meeting), Neighbour(booking=other)))
    assert first is not None
    assert with_doubt is not None
    assert with_other is not None
    assert first.key == with_doubt.key
    assert first.key != with_other.key


def test_an_interview_that_has_begun_is_in_no_trouble() -> None:
    assert beside(a_meeting(), now=at("2026-05-05 13:00")) is None


def test_hostile_titles_are_told_on_one_plain_line() -> None:
    trouble = beside(a_meeting(summary="Evil\r\nBcc: x\u202e" + "A" * 500))
    assert trouble is not None
    assert "\n" not in trouble.why[0]
    assert "\u202e" not in trouble.why[0]
    assert len(trouble.why[0]) < 160


def test_the_contact_is_another_person_than_the_user() -> None:
    named = an_event(summary="Call Dana Fox (Acme)", attendees=(Attendee(DANA, Response.ACCEPTED),))
    assert weight(beside(named, interview=an_interview(an_invitation("2026-05-05 12:45")))) is Weight.CLASH
