"""The situations besides a plain conflict, and which of several counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from builders import ALEX, DANA, NOW, a_booking, a_recognition, an_event, an_interview, an_invitation, at
from calwatch.detect.rules import RULES, strongest_trouble
from calwatch.detect.view import Neighbour, Snapshot, Trouble, View
from calwatch.model.booking import Contact, Interview
from calwatch.model.case import PRECEDENCE, Situation, Weight
from calwatch.model.event import Attendee, Event, Kind, Person, Response, Status
from calwatch.model.me import Me

ME = Me(emails=frozenset({ALEX.email}), name="Alex Rivera")
KIM = Person("kim@acme.example", "Kim Ode")
CANCELLED_AT = at("2026-04-19 10:00")


def look(interview: Interview, *neighbours: Neighbour, **fields: Any) -> Trouble | None:
    given: dict[str, Any] = {"now": NOW, "me": ME, "zone": "Europe/Berlin", "neighbours": neighbours, **fields}
    return strongest_trouble(interview, View(**given))


def meeting() -> Neighbour:
    return Neighbour(booking=a_booking(an_event(summary="Dentist")))


def cancelled(**fields: Any) -> Interview:
    return an_interview(an_invitation(status=Status.CANCELLED, dtstamp=CANCELLED_AT, **fields))


def as_neighbour(interview: Interview, **fields: Any) -> Neighbour:
    return Neighbour(booking=interview.lead, interview=interview, **fields)


def told(trouble: Trouble | None) -> tuple[Situation, Weight] | None:
    return (trouble.situation, trouble.weight) if trouble else None


def test_every_situation_that_can_be_noticed_has_a_documented_rule() -> None:
    assert set(RULES) == set(PRECEDENCE) - {Situation.MANUAL}
    for situation, rule in RULES.items():
        doc = import_module(rule.__module__).__doc__ or ""
        assert doc.startswith(f"``{situation.value}``: "), rule.__module__
        assert rule.__doc__


# --- declined ------------------------------------------------------------------------------------------------------


def test_the_users_own_no_is_declined() -> None:
    assert told(look(an_interview(an_invitation(response=Response.DECLINED)))) == (Situation.DECLINED, Weight.CLASH)


def test_declining_one_session_of_a_loop_is_asked_about() -> None:
    loop = an_interview(an_invitation(), an_invitation("2026-05-05 14:15", response=Response.DECLINED))
    assert told(look(loop)) == (Situation.DECLINED, Weight.QUESTION)


@pytest.mark.parametrize("kind", [Kind.OUT_OF_OFFICE, Kind.FOCUS_TIME])
def test_an_automatic_no_is_a_conflict_with_what_gave_it(kind: Kind) -> None:
    declined = an_interview(an_invitation(response=Response.DECLINED))
    absence = Neighbour(booking=a_booking(an_event("2026-05-05 08:00", 600, summary="Away", kind=kind)))
    assert told(look(declined, absence)) == (Situation.CONFLICT, Weight.CLASH)


def test_a_no_to_one_of_two_equal_invitations_is_no_decline() -> None:
    declined = an_interview(an_invitation(response=Response.DECLINED))
    again = an_interview(an_invitation())
    assert look(declined, as_neighbour(again)) is None
    assert told(look(declined, Neighbour(booking=a_booking(an_event(summary="Busy"))))) == (
        Situation.DECLINED,
        Weight.CLASH,
    )


# --- cancelled -----------------------------------------------------------------------------------------------------


def test_the_organizers_cancellation_is_cancelled() -> None:
    trouble = look(cancelled())
    assert told(trouble) == (Situation.CANCELLED, Weight.CLASH)
    assert trouble is not None
    assert (trouble.ends_process, trouble.promises_times) == (False, False)


@pytest.mark.parametrize(
    "words",
    [
        "Unfortunately the position has been filled.",
        "We have put the role on hold for this quarter.",
        "Leider wurde die Stelle intern besetzt.",
        "Le poste a été pourvu entre-temps.",
        "El proceso está en pausa hasta otoño.",
        "A vaga foi preenchida.",
        "Purtroppo la posizione è stata coperta.",
        "De vacature is vervuld.",
    ],
)
def test_words_that_end_the_process_are_understood(words: str) -> None:
    trouble = look(cancelled(), cancel_words=words)
    assert trouble is not None
    assert trouble.ends_process
    assert not trouble.promises_times


@pytest.mark.parametrize(
    "words",
    [
        "Dana is ill today. We will send you new times tomorrow.",
        "I'll reschedule as soon as I know more.",
        "Wir melden uns mit neuen Terminvorschlägen.",
        "Nous reviendrons vers vous avec de nouveaux créneaux.",
        "Te propondremos nuevas fechas.",
        "Enviaremos novos horários.",
        "Ti ricontatteremo presto.",
        "We nemen contact op voor een nieuwe afspraak.",
    ],
)
def test_words_that_promise_new_times_are_understood(words: str) -> None:
    trouble = look(cancelled(), cancel_words=words)
    assert trouble is not None
    assert trouble.promises_times
    assert not trouble.ends_process


def test_plain_words_promise_and_end_nothing() -> None:
    trouble = look(
        cancelled(), cancel_words="Sorry, something came up. The role is exciting and the team is looking forward."
    )
    assert trouble is not None
    assert (trouble.ends_process, trouble.promises_times) == (False, False)


def test_a_replacement_by_the_same_contact_settles_it() -> None:
    replacement = an_interview(an_invitation("2026-05-07 13:00", created=CANCELLED_AT + timedelta(minutes=4)))
    assert look(cancelled(), others=(as_neighbour(replacement),)) is None


def test_a_replacement_that_names_what_it_replaces_settles_it() -> None:
    gone = cancelled()
    replacement = an_interview(an_invitation("2026-05-07 13:00", replaces=gone.lead.event.uid))
    assert look(gone, others=(as_neighbour(replacement),)) is None


def test_a_later_round_that_was_booked_long_before_is_no_replacement() -> None:
    onsite = an_interview(
        an_invitation("2026-05-12 08:00", created=CANCELLED_AT - timedelta(days=9)),
        recognition=a_recognition(stage="onsite"),
    )
    assert told(look(cancelled(), others=(as_neighbour(onsite),))) == (Situation.CANCELLED, Weight.CLASH)


def test_at_the_first_pass_a_later_round_is_no_replacement() -> None:
    later = as_neighbour(an_interview(an_invitation("2026-05-07 13:00")), first_seen=NOW)
    assert told(look(cancelled(), others=(later,), first_seen=NOW)) == (Situation.CANCELLED, Weight.CLASH)
    assert look(cancelled(), others=(later,), first_seen=NOW - timedelta(days=3)) is None


def test_another_company_is_no_replacement() -> None:
    other = a_recognition(company="Globex", contact=Contact(person=Person("r@globex.example"), evidence="organizer"))
    later = an_interview(
        an_invitation("2026-05-07 13:00", created=CANCELLED_AT + timedelta(hours=1)), recognition=other
    )
    assert told(look(cancelled(), others=(as_neighbour(later),))) == (Situation.CANCELLED, Weight.CLASH)


def test_one_cancelled_session_of_a_day_that_stands_is_a_notice() -> None:
    rest = an_interview(an_invitation("2026-05-05 15:00", created=CANCELLED_AT - timedelta(days=9)))
    assert told(look(cancelled(), as_neighbour(rest))) == (Situation.CANCELLED, Weight.NOTICE)


def test_a_cancellation_is_acknowledged_until_five_working_days_after_the_start() -> None:
    assert look(cancelled(), now=at("2026-05-12 12:59")) is not None
    assert look(cancelled(), now=at("2026-05-12 13:00")) is None


# --- interviewer_declined, removed ---------------------------------------------------------------------------------


def with_answers(**answers: Response) -> Event:
    people = {"dana": DANA, "kim": KIM}
    return an_invitation(
        attendees=(
            Attendee(ALEX, Response.ACCEPTED),
            Attendee(Person("room-4@resource.acme.example"), Response.ACCEPTED, cutype="ROOM"),
            Attendee(Person("no-reply@acme.example"), Response.NEEDS_ACTION),
            *(Attendee(people[name], response) for name, response in answers.items()),
        )
    )


def test_when_all_humans_said_no_it_is_asked_whether_it_stands() -> None:
    trouble = look(an_interview(with_answers(dana=Response.DECLINED, kim=Response.DECLINED)))
    assert told(trouble) == (Situation.INTERVIEWER_DECLINED, Weight.CLASH)
    assert trouble is not None
    assert not any("Dana" in why or "Kim" in why for why in trouble.why)


def test_one_human_left_is_enough() -> None:
    assert look(an_interview(with_answers(dana=Response.DECLINED, kim=Response.NEEDS_ACTION))) is None


def test_no_known_humans_is_no_trouble() -> None:
    assert look(an_interview(with_answers())) is None


def test_a_vanished_interview_is_asked_about() -> None:
    assert told(look(an_interview(), vanished=True)) == (Situation.REMOVED, Weight.QUESTION)
    assert told(look(cancelled(), vanished=True)) == (Situation.CANCELLED, Weight.CLASH)


# --- moved ---------------------------------------------------------------------------------------------------------


def test_a_new_time_that_does_not_work_is_moved() -> None:
    interview = an_interview()
    before = replace(Snapshot.of(interview), start=at("2026-05-04 13:00"), end=at("2026-05-04 14:00"))
    trouble = look(interview, meeting(), snapshot=before)
    assert told(trouble) == (Situation.MOVED, Weight.CLASH)
    assert trouble is not None
    assert trouble.key.startswith("moved|")


def test_a_new_time_that_works_is_no_trouble() -> None:
    interview = an_interview()
    before = replace(Snapshot.of(interview), start=at("2026-05-04 13:00"), end=at("2026-05-04 14:00"))
    assert look(interview, snapshot=before) is None


def test_an_unmoved_interview_is_a_plain_conflict() -> None:
    interview = an_interview()
    assert told(look(interview, meeting(), snapshot=Snapshot.of(interview))) == (Situation.CONFLICT, Weight.CLASH)


def test_an_entry_of_ones_own_was_moved_by_oneself() -> None:
    interview = an_interview(an_invitation(organizer=None))
    before = replace(Snapshot.of(interview), start=at("2026-05-04 13:00"), end=at("2026-05-04 14:00"))
    assert told(look(interview, meeting(), snapshot=before)) == (Situation.CONFLICT, Weight.CLASH)


# --- which counts --------------------------------------------------------------------------------------------------


def test_a_decline_is_stronger_than_what_clashes() -> None:
    assert told(look(an_interview(an_invitation(response=Response.DECLINED)), meeting())) == (
        Situation.DECLINED,
        Weight.CLASH,
    )


def test_a_cancellation_is_stronger_than_everything() -> None:
    assert told(look(cancelled(response=Response.DECLINED), meeting(), vanished=True)) == (
        Situation.CANCELLED,
        Weight.CLASH,
    )
