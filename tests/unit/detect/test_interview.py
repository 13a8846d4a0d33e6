"""Recognition on invitations of our own wording, and what the user's own word and settings do to it."""

from __future__ import annotations

from typing import Any

import pytest

from builders import DANA, a_message, an_event, an_invitation
from calwatch.detect.evidence import THRESHOLD
from calwatch.detect.interview import recognise
from calwatch.detect.options import InterviewsOptions
from calwatch.model.booking import Recognition, Role
from calwatch.model.event import Attendee, Event, Person
from calwatch.model.me import Me
from unit.detect import harder_invitations
from unit.detect.invitations import CASES, Case

ME = Me(emails=frozenset({"alex.rivera@example.com", "alex@rivera.example"}), name="Alex Rivera")


def look(event: Event, **given: Any) -> Recognition:
    return recognise(event, **{"me": ME, "options": InterviewsOptions(), **given})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_an_invitation_is_seen_for_what_it_is(case: Case) -> None:
    found = look(case.event())
    assert found.is_interview is case.interview, found.evidence
    if case.interview:
        assert found.role is Role.CANDIDATE
        assert (found.contact.person.email if found.contact else None) == case.wanted_contact
        assert found.language == case.language


def test_harder_invitations_are_mostly_seen_for_what_they_are() -> None:
    found = [(case, look(case.event())) for case in harder_invitations.CASES]
    right = sum(r.is_interview and case.interview for case, r in found)
    said, wanted = sum(r.is_interview for _, r in found), sum(case.interview for case, _ in found)
    assert [case.title for case, r in found if r.is_interview and not case.interview] == []
    assert 2 * right / (said + wanted) >= 0.92


def test_the_default_invitation_is_described_whole() -> None:
    found = look(an_invitation())
    assert found.score >= 0.95
    assert found.company == "Acme"
    assert found.stage == "technical"
    assert found.job == "Backend Engineer"
    assert found.contact is not None
    assert found.contact.person == DANA
    assert not found.agency


def test_the_users_mark_wins_over_the_score() -> None:
    assert not look(an_invitation(), mark=False).is_interview
    marked = look(an_event(summary="Weekly sync"), mark=True)
    assert marked.is_interview
    assert marked.evidence[0] == "you marked it as an interview"


@pytest.mark.parametrize("entry", ["dana@acme.example", "acme.example", "Technical Interview"])
def test_ignored_senders_domains_and_phrases_are_never_interviews(entry: str) -> None:
    found = look(an_invitation(), options=InterviewsOptions(ignore=(entry,)))
    assert not found.is_interview
    assert entry in found.evidence[0]


@pytest.mark.parametrize("entry", ["mo@dance.example", "dance.example", "tango"])
def test_senders_domains_and_phrases_to_treat_as_interviews_always_are(entry: str) -> None:
    event = an_event(summary="Tango evening", organizer=Person("mo@dance.example", "Mo"))
    assert not look(event).is_interview
    assert look(event, options=InterviewsOptions(treat_as=(entry,))).is_interview


def test_ignore_wins_over_treat_as() -> None:
    options = InterviewsOptions(treat_as=("acme.example",), ignore=("dana@acme.example",))
    assert not look(an_invitation(), options=options).is_interview


def test_time_known_only_as_busy_is_never_an_interview() -> None:
    assert not look(an_invitation(busy_only=True)).is_interview


def test_the_same_words_from_a_colleague_are_the_other_side_of_the_table() -> None:
    colleague = Person("mona@example.com", "Mona Reed")
    found = look(an_invitation(summary="Technical interview: J. Pohl", organizer=colleague))
    assert not found.is_interview
    assert found.role is Role.INTERVIEWER


def test_an_employers_domain_counts_as_the_users_own_house() -> None:
    me = Me(emails=frozenset({"alex@gmail.com"}), name="Alex Rivera", employer=frozenset({"acme.example"}))
    assert not look(an_invitation(), me=me).is_interview


def test_a_line_naming_another_candidate_makes_the_user_the_interviewer() -> None:
    event = an_invitation(summary="Coding interview", description="Candidate: Jamie Foxglove\nInterviewer: Alex Rivera")
    found = look(event)
    assert not found.is_interview
    assert found.role is Role.INTERVIEWER


def test_a_way_to_reschedule_is_kept_and_join_links_are_not() -> None:
    text = (
        "Join: https://zoom.us/j/123\nCancel: https://calendly.com/cancellations/1\n"
        "Reschedule: https://calendly.com/reschedulings/2\n"
    )
    assert look(an_invitation(description=text)).reschedule_link == "https://calendly.com/reschedulings/2"
    assert look(an_invitation(description="Join: https://zoom.us/j/123")).reschedule_link is None


def test_a_line_about_another_time_makes_a_hiring_systems_link_the_way_to_reschedule() -> None:
    text = "Passt der Termin nicht? Termin verschieben: https://acme.jobs.personio.de/termin/77"
    assert look(an_invitation(description=text)).reschedule_link == "https://acme.jobs.personio.de/termin/77"


@pytest.mark.parametrize(
    ("place", "in_person", "phone"),
    [
        ("Acme, 12 Dock Road, Hull", True, False),
        ("https://zoom.us/j/1", False, False),
        ("Microsoft Teams Meeting", False, False),
        ("+49 30 901820", False, True),
        ("Telefon", False, True),
    ],
)
def test_the_place_tells_how_one_meets(place: str, in_person: bool, phone: bool) -> None:
    found = look(an_invitation(location=place))
    assert (found.in_person, found.phone) == (in_person, phone)


@pytest.mark.parametrize(
    ("title", "stage"),
    [
        ("Acme: live coding interview", "technical"),
        ("Offer call with Acme", "offer_call"),
        ("Entretien téléphonique", "phone"),
        ("Zweitgespräch mit der Geschäftsführung", "final"),
        ("Panel interview", "panel"),
        ("Take-home interview assignment", "take_home"),
        ("Colloquio conoscitivo", "recruiter_screen"),
    ],
)
def test_the_title_tells_the_stage(title: str, stage: str) -> None:
    assert look(an_invitation(summary=title, description="for the role")).stage == stage


def test_the_company_is_written_as_people_write_it() -> None:
    gallow = Person("verity@gallowgames.example", "Verity Sands")
    event = an_invitation(summary="Interview with Gallow Games", description="", organizer=gallow)
    assert look(event).company == "Gallow Games"


def test_an_agency_is_the_contact_and_its_client_the_company() -> None:
    agent = Person("lottie@brightpath.example", "Lottie Graf")
    event = an_invitation(
        summary="Interview with Noble Foods",
        description="Our client Noble Foods would like to meet you for the Buyer role.",
        organizer=agent,
        attendees=(),
    )
    found = look(event)
    assert found.agency
    assert found.company == "Noble Foods"
    assert found.contact is not None
    assert found.contact.person == agent


def test_two_interviewers_and_a_machine_leave_no_safe_contact() -> None:
    event = an_invitation(
        organizer=Person("no-reply@us.greenhouse-mail.io", "Acme"),
        attendees=(Attendee(Person("tom@acme.example", "Tom Bly")), Attendee(Person("ana@acme.example", "Ana Ruiz"))),
    )
    found = look(event)
    assert found.is_interview
    assert found.contact is None


def test_the_recruiter_among_the_participants_is_the_contact() -> None:
    event = an_invitation(
        organizer=Person("no-reply@us.greenhouse-mail.io", "Acme"),
        attendees=(
            Attendee(Person("tom@acme.example", "Tom Bly")),
            Attendee(Person("ana@acme.example", "Ana Ruiz (Recruiting)")),
        ),
    )
    contact = look(event).contact
    assert contact is not None
    assert contact.person == Person("ana@acme.example", "Ana Ruiz")


@pytest.mark.parametrize(
    "line",
    [
        "Technical problems? support@acme.example",
        "Replies to jobs@acme.example are not monitored.",
        "Please do not reply to jobs@acme.example",
        "Datenschutz: privacy@acme.example",
    ],
)
def test_addresses_for_other_things_are_no_contact(line: str) -> None:
    contact = look(an_invitation(description=f"Interview for the Backend Engineer role.\n{line}")).contact
    assert contact is not None
    assert contact.person == DANA


@pytest.mark.parametrize(
    "line",
    [
        "For any changes write to Kemi Ojo (kemi.ojo@acme.example).",
        "Bei Rückfragen: Kemi Ojo, kemi.ojo@acme.example",
        "En cas d'empêchement, contactez Kemi Ojo <kemi.ojo@acme.example>",
        "Si tienes dudas escribe a kemi.ojo@acme.example (Kemi Ojo)",
        "Em caso de dúvidas, fale com Kemi Ojo: kemi.ojo@acme.example",
        "Per domande scrivi a Kemi Ojo, kemi.ojo@acme.example",
        "Verhinderd? Mail Kemi Ojo: kemi.ojo@acme.example",
    ],
)
def test_whom_the_text_tells_to_write_to_comes_before_the_organizer(line: str) -> None:
    contact = look(an_invitation(description=f"Interview for the Backend Engineer role.\n{line}")).contact
    assert contact is not None
    assert contact.person == Person("kemi.ojo@acme.example", "Kemi Ojo")
    assert "kemi.ojo@acme.example" in contact.evidence


def test_a_mail_that_brought_the_invitation_can_name_the_contact() -> None:
    event = an_invitation(organizer=Person("no-reply@acme.example", "Acme"), attendees=())
    contact = look(event, from_mail=a_message("See the attached invitation.")).contact
    assert contact is not None
    assert contact.person == DANA


def test_a_comment_of_the_sender_is_read() -> None:
    event = an_event(summary="Teams call", organizer=DANA)
    assert not look(event).is_interview
    assert look(event, comment="First call regarding your application for Solutions Architect").is_interview


def test_hostile_text_is_quick_and_harmless() -> None:
    rubbish = ("<a " + "href " * 5 + "candidate : " * 3 + "a.b@" * 7 + "_" * 30 + "-::~:~") * 20_000
    event = an_event(summary="x" * 100_000, description=rubbish, location=rubbish, organizer=Person("x@y.example"))
    found = look(event)
    assert 0 <= found.score < THRESHOLD


def test_control_characters_never_reach_the_evidence() -> None:
    found = look(an_event(summary="Job\u202e interview\x1b[31m", organizer=DANA))
    assert found.is_interview
    assert all(c.isprintable() for sentence in found.evidence for c in sentence)


def test_html_descriptions_are_read_as_text() -> None:
    text = (
        "<p>Hi Alex,</p><p>thank you for <b>your application</b>.</p>"
        "<p>Write to <a href='mailto:kemi@acme.example'>Kemi</a></p>"
    )
    contact = look(an_invitation(description=text)).contact
    assert contact is not None
    assert contact.person.email == "kemi@acme.example"
