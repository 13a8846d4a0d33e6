"""Whom a letter goes to: a person of this interview in the thread where they talk, or nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import ALEX, DANA, NOW, a_message, a_recognition, an_interview, an_invitation
from calwatch.draft.recipient import choose, invitation_of
from calwatch.model.booking import Contact, Interview
from calwatch.model.draft import Recipient
from calwatch.model.event import Person
from calwatch.model.message import Folder, Invitation, Message, Method

ME = frozenset({ALEX.email})
TOM = Person("tom@acme.example", "Tom Hale")
NOBODY = Person("no-reply@calendar.acme.example", "Acme Calendar")


def chosen(*messages: Message, interview: Interview | None = None, invitation: Message | None = None) -> Recipient:
    return choose(interview or an_interview(), messages, me_emails=ME, invitation=invitation)


def an_invitation_mail(**fields: Any) -> Message:
    part = Invitation(method=Method.REQUEST, items=(an_invitation(),))
    return a_message("", **{"invitations": (part,), "subject": "Invitation: Interview", "automatic": True, **fields})


def days_ago(days: int) -> dict[str, Any]:
    return {"date": NOW - timedelta(days=days)}


def test_the_humans_thread_wins_over_the_invitations() -> None:
    talk = a_message(
        message_id="<talk@acme.example>", references=("<root@acme.example>",), subject="Re: Your application"
    )
    found = chosen(talk, invitation=an_invitation_mail(date=NOW))
    assert (found.to, found.in_reply_to) == ((DANA,), "<talk@acme.example>")
    assert found.references == ("<root@acme.example>", "<talk@acme.example>")
    assert found.thread_subject == "Re: Your application"
    assert "wrote on 18 April 2026" in found.evidence


def test_reply_to_goes_before_from() -> None:
    desk = Person("hiring-desk@acme.example", "Acme hiring desk")
    assert chosen(a_message(reply_to=(desk,))).to == (desk,)


def test_an_unreadable_reply_to_is_not_followed() -> None:
    assert chosen(a_message(reply_to=(Person("no-reply@acme.example"),))).to == (DANA,)


def test_the_reply_token_of_an_applicant_tracking_system_is_kept_with_the_senders_name() -> None:
    relay = Person("reply+abc123@mail.tracking.example")
    system = Person("no-reply@acme.example", "Dana Fox")
    talk = a_message(sender=system, reply_to=(relay,))
    assert chosen(talk).to == (Person(relay.email, "Dana Fox"),)


@pytest.mark.parametrize("title", ["Recruiting Coordinator", "Interview Scheduling Team"])
def test_the_coordinator_goes_before_the_recruiter_and_the_interviewer(title: str) -> None:
    cora = Person("cora@acme.example", "Cora Lane")
    thread: dict[str, Any] = {"thread": "t", "subject": "Next steps"}
    mails = (
        a_message("Hi Alex\n\nBest,\nTom Hale\nEngineering Manager", sender=TOM, **thread, **days_ago(1)),
        a_message("Hi Alex\n\nBest,\nDana Fox\nSenior Recruiter", **thread, **days_ago(2)),
        a_message(f"Hi Alex\n\nBest,\nCora Lane\n{title}", sender=cora, **thread, **days_ago(3)),
    )
    assert chosen(*mails).to == (cora,)
    assert chosen(*mails[:2]).to == (DANA,)
    assert chosen(mails[0]).to == (TOM,)


def test_the_newest_mail_of_the_coordinator_is_answered_signed_with_the_title_or_not() -> None:
    first = a_message("Hi Alex\n\nBest,\nDana Fox\nRecruiting Coordinator", thread="t", **days_ago(3))
    short = a_message("I'll send the invitation in a minute.\n\nDana", thread="t", cc=(TOM,), **days_ago(1))
    found = chosen(first, short)
    assert (found.in_reply_to, found.cc) == (short.message_id, (TOM,))
    assert "a coordinator by their own words" in found.evidence


def test_the_newest_thread_with_the_contact_goes_before_a_newer_one_without() -> None:
    old = a_message(thread="old", **days_ago(9))
    new = a_message(thread="new", **days_ago(4))
    other = a_message(thread="other", sender=TOM, **days_ago(1))
    assert chosen(old, new, other).thread == "new"


def test_humans_of_the_same_organisation_on_cc_stay_and_nobody_else() -> None:
    stranger = Person("someone@elsewhere.example")
    talk = a_message(cc=(TOM, ALEX, stranger, Person("all@lists.acme.example"), DANA))
    assert chosen(talk).cc == (TOM,)


def test_through_an_agency_only_the_agency_is_written_to() -> None:
    agent = Person("ina@agency.example", "Ina Holm")
    recognition = a_recognition(agency=True, contact=Contact(person=agent, evidence="signs the mails"))
    mails = (
        a_message("Hi Alex", sender=agent, cc=(TOM, Person("pia@agency.example"))),
        a_message("Hi Alex", sender=TOM, **days_ago(0)),
    )
    found = chosen(*mails, interview=an_interview(recognition=recognition), invitation=an_invitation_mail())
    assert found.to == (agent,)
    assert found.cc == (Person("pia@agency.example"),)


def test_without_a_humans_thread_the_invitations_thread_is_answered() -> None:
    found = chosen(invitation=an_invitation_mail(message_id="<inv@acme.example>"))
    assert (found.to, found.in_reply_to) == ((DANA,), "<inv@acme.example>")
    assert "sent the invitation" in found.evidence


def test_an_invitation_nobody_reads_is_answered_to_the_contact_in_its_thread() -> None:
    found = chosen(invitation=an_invitation_mail(sender=NOBODY, message_id="<inv@acme.example>"))
    assert (found.to, found.in_reply_to) == ((DANA,), "<inv@acme.example>")
    assert "organizer of the invitation" in found.evidence


def test_without_any_mail_it_is_a_new_one_to_the_contact() -> None:
    found = chosen()
    assert (found.to, found.thread, found.in_reply_to) == ((DANA,), "", "")
    assert found.evidence


def test_no_safe_address_means_no_recipient_and_says_why() -> None:
    event = an_invitation(organizer=NOBODY, attendees=())
    interview = an_interview(event, recognition=a_recognition(contact=None))
    found = chosen(interview=interview, invitation=an_invitation_mail(sender=NOBODY))
    assert found.to == ()
    assert "No address is known that a person reads" in found.evidence
    assert NOBODY.email in found.evidence
    assert found.reply_to_ref, "the thread is kept for the address the user will name"


@pytest.mark.parametrize("address", [ALEX.email, "alex.rivera+jobs@example.com", "no-reply@acme.example"])
def test_the_user_and_no_reply_addresses_are_never_recipients(address: str) -> None:
    interview = an_interview(
        an_invitation(organizer=Person(address), attendees=()),
        recognition=a_recognition(contact=Contact(person=Person(address), evidence="organizer")),
    )
    mail = a_message(sender=Person(address, "Somebody"), reply_to=(Person(address),))
    assert chosen(mail, interview=interview, invitation=mail).to == ()


def test_automatic_mail_and_the_users_own_mail_are_no_conversation() -> None:
    assert chosen(a_message(automatic=True), a_message(sender=ALEX, folder=Folder.SENT)).thread == ""


def test_a_stranger_with_the_contacts_name_gets_nothing() -> None:
    impostor = a_message(sender=Person("dana.fox@evil.example", "Dana Fox"), **days_ago(0))
    assert chosen(impostor).to == (DANA,)
    assert chosen(impostor).in_reply_to == ""


def test_the_companys_people_are_found_when_the_event_names_nobody() -> None:
    interview = an_interview(an_invitation(organizer=None, attendees=()), recognition=a_recognition(contact=None))
    assert chosen(a_message(), interview=interview).to == (DANA,)
    assert chosen(a_message(sender=Person("dana@other.example")), interview=interview).to == ()


@pytest.mark.parametrize(
    "address",
    [
        "dana@acme.example\r\nBcc: everyone@evil.example",
        "dana@acme.example, eve@evil.example",
        "<dana@acme.example>",
        "dana",
    ],
)
def test_an_address_cannot_smuggle_a_header(address: str) -> None:
    interview = an_interview(an_invitation(organizer=None, attendees=()), recognition=a_recognition(contact=None))
    mail = a_message(sender=Person(address, "Dana"), cc=(Person(address),))
    found = chosen(mail, interview=interview, invitation=mail)
    assert (found.to, found.cc) == ((), ())


def test_headers_of_the_answered_mail_are_cleaned() -> None:
    mail = a_message(
        subject="Interview\r\nBcc: eve@evil.example\u202e",
        message_id="<a@acme.example>\r\nX-Evil: 1",
        references=("<ok@acme.example>", "<bad id>"),
        sender=Person("dana@acme.example", "Dana\r\nFox"),
    )
    found = chosen(mail)
    assert found.thread_subject == "Interview Bcc: eve@evil.example"
    assert (found.in_reply_to, found.references) == ("", ("<ok@acme.example>",))
    assert found.to[0].name == "Dana Fox"


EVE = Person("eve@elsewhere.example", "Eve Lund")


def test_a_stranger_who_names_the_contact_beside_themselves_gets_no_letter() -> None:
    assert chosen(a_message(sender=EVE, reply_to=(DANA, EVE))).to == (DANA,)


def test_the_invitation_is_the_other_sides_newest_and_never_a_forwarded_one() -> None:
    first, second = (an_invitation_mail(**days_ago(days)) for days in (9, 5))
    forwarded = an_invitation_mail(sender=EVE, automatic=False, **days_ago(1))
    assert invitation_of(an_interview(), [forwarded, first, second], me_emails=ME) == second
    assert invitation_of(an_interview(), [forwarded], me_emails=ME) is None


def test_of_hiring_systems_the_one_that_wrote_first_sent_the_invitation() -> None:
    system = Person("no-reply@tracking.example", "Acme Hiring")
    first = an_invitation_mail(sender=system, reply_to=(Person("reply+abc123@tracking.example"),), **days_ago(5))
    later = an_invitation_mail(sender=Person("no-reply@elsewhere.example"), reply_to=(EVE,), **days_ago(1))
    assert invitation_of(an_interview(), [later, first], me_emails=ME) == first


def test_a_conversation_goes_before_an_invitation_that_came_later_with_a_text_of_its_own() -> None:
    spoken = a_message("Hi Alex, would Tuesday suit you?", cc=(Person("sam@acme.example", "Sam Ortega"),))
    event = an_invitation()
    invitation = a_message(
        "You have been invited to the following event.",
        date=spoken.date + timedelta(minutes=5),
        subject="Invitation: Technical interview",
        invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
    )
    chosen = choose(an_interview(event), (invitation, spoken), me_emails=frozenset({ALEX.email}), invitation=invitation)
    assert chosen.in_reply_to == spoken.message_id
    assert [person.email for person in chosen.cc] == ["sam@acme.example"]


def test_an_invitation_attached_to_the_newest_mail_of_the_conversation_is_answered_there() -> None:
    first = a_message("Hi Alex, would Tuesday suit you?")
    event = an_invitation()
    attached = a_message(
        "Great, the invitation is attached.",
        thread=first.thread,
        date=first.date + timedelta(days=1),
        references=(first.message_id,),
        invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
    )
    found = choose(an_interview(event), (attached, first), me_emails=ME, invitation=attached)
    assert found.in_reply_to == attached.message_id
    assert found.references == (first.message_id, attached.message_id)
