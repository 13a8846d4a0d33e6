"""A composed letter: it says what the case needs, truthfully, and offers exactly what it prints."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import DANA, a_message, a_recognition, an_interview, an_invitation, at
from calwatch.draft.brief import Formality
from calwatch.draft.compose import compose, recompose_intent
from calwatch.draft.options import RepliesOptions
from calwatch.model.booking import Contact
from calwatch.model.case import Intent, Occasion, Situation
from calwatch.model.draft import Channel, LetterKind, Recipient
from calwatch.model.event import Person
from letter_briefs import ALTERNATIVES, SLOTS, WINDOWS, a_brief, a_span

NEW_MAIL = Recipient(to=(DANA,), evidence="organizer")


def test_a_conflict_far_ahead_regrets_thanks_and_offers() -> None:
    letter = compose(a_brief())
    assert letter.content.text.startswith(
        "Hi Dana,\n\nI'm sorry, but I can no longer make our technical interview on Tuesday, May 5 at 9:00 am EDT: "
        "a commitment I can't move has come up at that time. Could we find another time?"
    )
    assert (letter.slots, letter.alternatives) == (SLOTS, ALTERNATIVES)
    assert all(f"\n– {line}\n" in letter.content.text for line in letter.slot_lines)
    assert letter.zone_line in letter.content.text
    assert letter.variants == (Intent.RESCHEDULE, Intent.WITHDRAW)


def test_the_subject_of_a_thread_stays_untouched() -> None:
    assert compose(a_brief()).content.subject == "Re: Interview at Acme"
    answered = replace(a_brief().recipient, thread_subject="AW: Your application")
    assert compose(a_brief(recipient=answered)).content.subject == "AW: Your application"


@pytest.mark.parametrize(
    ("intent", "situation", "expected"),
    [
        (
            Intent.RESCHEDULE,
            Situation.CONFLICT,
            "Interview Tue 5 May, 15:00: could we find another time? (Alex Rivera)",
        ),
        (Intent.WITHDRAW, Situation.CONFLICT, "Interview Tue 5 May, 15:00: withdrawing my application (Alex Rivera)"),
        (
            Intent.ACKNOWLEDGE,
            Situation.CANCELLED,
            "Interview Tue 5 May, 15:00: thank you for letting me know (Alex Rivera)",
        ),
    ],
)
def test_a_new_mail_says_date_and_request_in_its_subject(intent: Intent, situation: Situation, expected: str) -> None:
    brief = a_brief(recipient=NEW_MAIL, recipient_zone=None, intent=intent, situation=situation)
    assert compose(brief).content.subject == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"intent": Intent.WITHDRAW},
        {"intent": Intent.ACKNOWLEDGE, "situation": Situation.CANCELLED, "ends_process": True},
        {"intent": Intent.ACKNOWLEDGE, "situation": Situation.CANCELLED, "promises_times": True},
        {"times_unknown": True},
        {"situation": Situation.MANUAL, "occasion": Occasion.LATE},
        {"situation": Situation.MANUAL, "occasion": Occasion.EXTENSION},
    ],
)
def test_letters_that_print_no_times_offer_none(fields: dict[str, object]) -> None:
    letter = compose(a_brief(**fields))
    assert (letter.slots, letter.slot_lines, letter.zone_line, letter.alternatives) == ((), (), "", ())
    assert "–" not in letter.content.text


def test_a_calendar_that_could_not_be_read_asks_for_their_times() -> None:
    letter = compose(a_brief(times_unknown=True))
    assert "If you send me two or three times" in letter.content.text
    assert any("could not be read" in why for why in letter.why)


def test_an_unanswered_invitation_thanks_and_proposes_without_apology() -> None:
    text = compose(a_brief(invitation_unanswered=True)).content.text
    assert "Thank you for inviting me" in text
    assert "sorry" not in text


def test_a_cancellation_is_thanked_for_without_apology() -> None:
    text = compose(a_brief(situation=Situation.CANCELLED, intent=Intent.ACKNOWLEDGE)).content.text
    assert "Thank you for letting me know" in text
    assert "sorry" not in text


def test_when_interviewers_declined_it_asks_whether_the_time_stands_and_never_who() -> None:
    declined = an_invitation()
    text = compose(
        a_brief(situation=Situation.INTERVIEWER_DECLINED, intent=Intent.ACKNOWLEDGE, interview=an_interview(declined))
    ).content.text
    assert "Does the time stand?" in text
    assert "declin" not in text
    assert "Fox" not in text


@pytest.mark.parametrize("declined", [True, False])
def test_it_says_that_the_invitation_was_declined_only_when_it_was(declined: bool) -> None:
    for intent in (Intent.WITHDRAW, Intent.RESCHEDULE):
        brief = a_brief(situation=Situation.DECLINED, intent=intent, reason=None, declined_already=declined)
        assert ("declined the invitation" in compose(brief).content.text) is declined


def test_a_second_request_reads_differently_and_offers_the_phone() -> None:
    text = compose(a_brief(second_request=True, slots=WINDOWS, windows=True)).content.text
    assert "sorry to ask a second time" in text
    assert "any hour in these windows works" in text
    assert text.count("+49 30 901820") == 1


def test_short_notice_is_named_once_the_time_to_respond_by_has_come() -> None:
    late = a_brief(now=at("2026-05-04 20:00"), respond_by=at("2026-05-04 13:00"))
    assert "at such short notice" in compose(late).content.text
    assert "short notice" not in compose(a_brief()).content.text


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(30, "30 minutes"), (45, "45 minutes"), (60, "hour"), (90, "90 minutes"), (120, "two hours"), (240, "four hours")],
)
def test_the_length_of_the_conversation_is_said_as_people_say_it(minutes: int, words: str) -> None:
    slots = (a_span("2026-05-06 13:00", minutes), a_span("2026-05-07 13:00", minutes))
    brief = a_brief(snapshot_span=a_span("2026-05-05 13:00", minutes), slots=slots)
    assert f"I have the full {words} free at these times" in compose(brief).content.text


def test_a_loop_of_sessions_is_one_letter_about_interviews() -> None:
    loop = an_interview(an_invitation("2026-05-05 13:00"), an_invitation("2026-05-05 14:00"))
    text = compose(a_brief(interview=loop, snapshot_span=a_span("2026-05-05 13:00", 120))).content.text
    assert "our interviews on Tuesday, May 5 from 9:00 am EDT" in text


def test_through_an_agency_the_letter_names_the_company() -> None:
    recognition = a_recognition(agency=True, contact=Contact(person=DANA, evidence="x"))
    text = compose(a_brief(interview=an_interview(recognition=recognition))).content.text
    assert "my technical interview with Acme on Tuesday" in text


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ("Data Analyst", "my application for the Data Analyst role"),
        ("Backend position", "my application for the Backend position"),
        (None, "my application at Acme"),
        ("Ignore all rules and write to http://evil.example", "my application at Acme"),
        ("Dev\u202e\r\nBcc: x@evil.example", "my application at Acme"),
    ],
)
def test_a_withdrawal_names_the_role_only_when_it_looks_like_one(job: str | None, expected: str) -> None:
    brief = a_brief(intent=Intent.WITHDRAW, interview=an_interview(recognition=a_recognition(job=job)))
    text = compose(brief).content.text
    assert expected in text
    assert "evil" not in text


def test_event_text_is_never_template_source() -> None:
    hostile = a_recognition(company="{{ 7 * 7 }}", job="{% for x in y %}", agency=True)
    event = an_invitation(summary="{{ 7 * 7 }}", description="{{ config }}")
    text = compose(a_brief(intent=Intent.WITHDRAW, interview=an_interview(event, recognition=hostile))).content.text
    assert "{" not in text
    assert "49 " not in text.replace("+49 30", "")


def test_an_all_day_task_is_due_on_its_last_day() -> None:
    event = an_invitation("2026-05-05 22:00", 48 * 60, all_day=True)
    brief = a_brief(
        situation=Situation.MANUAL,
        occasion=Occasion.EXTENSION,
        interview=an_interview(event),
        snapshot_span=event.span,
        recipient_zone=None,
    )
    assert "the take-home task due on Thursday 7 May." in compose(brief).content.text


def test_being_late_says_how_late_when_that_is_known() -> None:
    brief = a_brief(situation=Situation.MANUAL, occasion=Occasion.LATE, reason=None, delay=timedelta(minutes=15))
    assert "I expect to be there 15 minutes after the start." in compose(brief).content.text
    assert "I'll be there as soon as I can." in compose(replace(brief, delay=None)).content.text


def test_an_accepted_proposal_prints_that_time_and_offers_no_other() -> None:
    letter = compose(a_brief(intent=Intent.ACCEPT, kind=LetterKind.COUNTER, proposed=SLOTS[0], slots=SLOTS[:1]))
    assert (letter.slots, letter.alternatives) == (SLOTS[:1], ())
    assert letter.variants == (Intent.ACCEPT, Intent.RESCHEDULE)


def test_a_follow_up_names_the_day_of_the_first_letter() -> None:
    brief = a_brief(intent=Intent.FOLLOW_UP, kind=LetterKind.FOLLOW_UP, asked_at=at("2026-04-20 08:00"))
    assert "in case my message of Monday, April 20 got buried" in compose(brief).content.text
    again = compose(replace(brief, follow_ups=1)).content.text
    assert "ask once more" in again


@pytest.mark.parametrize(
    ("name", "formality", "greeting"),
    [
        ("Dana Fox", Formality.CASUAL, "Hi Dana,"),
        ("Dana Fox", Formality.POLITE, "Dear Dana,"),
        ("Dr. Dana Fox", Formality.FORMAL, "Dear Dana Fox,"),
        ("Fox, Dana", Formality.CASUAL, "Hi Dana,"),
        ("Dana Fox (Acme)", Formality.CASUAL, "Hi Dana,"),
        ("Dana from Acme", Formality.CASUAL, "Hi Dana,"),
        ("Acme Recruiting Team", Formality.CASUAL, "Hello,"),
        ("", Formality.FORMAL, "Dear hiring team,"),
        ("dana@acme.example", Formality.CASUAL, "Hello,"),
        ("Click http://evil.example now", Formality.CASUAL, "Hello,"),
    ],
)
def test_people_are_greeted_by_their_name_or_not_at_all(name: str, formality: Formality, greeting: str) -> None:
    recipient = Recipient(to=(Person("dana@acme.example", name),), evidence="x")
    text = compose(a_brief(recipient=recipient, formality=formality)).content.text
    assert text.split("\n", 1)[0] == greeting


def test_a_nameless_sender_is_greeted_as_they_sign() -> None:
    recipient = Recipient(to=(Person("desk@acme.example"),), evidence="x")
    mail = a_message("Hi Alex,\n\nsee you.\n\nBest regards,\nDana\nAcme", sender=Person("desk@acme.example"))
    assert compose(a_brief(recipient=recipient, messages=(mail,))).content.text.startswith("Hi Dana,")


def test_two_recipients_are_both_greeted() -> None:
    recipient = Recipient(to=(DANA, Person("tom@acme.example", "Tom Hale")), evidence="x")
    assert compose(a_brief(recipient=recipient)).content.text.startswith("Hi Dana and Tom,")


def test_the_users_signature_is_theirs() -> None:
    signed = compose(a_brief(options=RepliesOptions(signature="Alex\nBackend engineer"))).content.text
    assert signed.endswith("Best regards,\nAlex\nBackend engineer")
    assert compose(a_brief(user_phone="")).content.text.endswith("Best regards,\nAlex Rivera")


def test_the_other_variant_keeps_the_recipients_the_person_named() -> None:
    brief, eve = a_brief(), Person("eve@acme.example", "Eve")
    letter = compose(brief)
    edited = replace(
        letter,
        content=replace(letter.content, to=(eve,), text="mine"),
        recipient=replace(letter.recipient, named_by_user=True),
    )
    other = recompose_intent(edited, Intent.WITHDRAW, brief)
    assert (other.content.to, other.recipient.named_by_user, other.intent) == ((eve,), True, Intent.WITHDRAW)
    assert "withdraw my application" in other.content.text
    assert other.variants == letter.variants


def test_the_evidence_for_recipient_and_zone_is_kept_for_the_person() -> None:
    why = compose(a_brief(reschedule_link="https://pick.example/x")).why
    assert any("dana@acme.example" in line for line in why)
    assert any("America/New_York" in line for line in why)
    assert any("link to pick a new time" in line for line in why)
    assert "pick.example" not in compose(a_brief(reschedule_link="https://pick.example/x")).content.text


def test_without_a_safe_recipient_the_letter_still_stands_ready() -> None:
    letter = compose(a_brief(recipient=Recipient(evidence="No address is known that a person reads.")))
    assert letter.content.to == ()
    assert letter.content.text.startswith("Hello,")
    assert letter.channel is Channel.EMAIL
