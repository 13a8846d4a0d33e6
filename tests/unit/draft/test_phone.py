"""The phone card: only past the time to respond by or in a relation by phone, only with a number that is theirs."""

from __future__ import annotations

from typing import Any

import pytest

from builders import ALEX, a_message, an_interview, an_invitation, at
from calwatch.draft.compose import compose
from calwatch.draft.phone import relation_by_phone
from calwatch.model.case import Intent, Situation
from calwatch.model.draft import Channel, PhoneCard
from letter_briefs import a_brief

SIGNED = "Hi Alex,\n\nsee you.\n\nBest,\nDana Fox\nRecruiter, Acme\n+1 212 736 5000"


def card(*texts: str, **fields: Any) -> PhoneCard | None:
    given: dict[str, Any] = {"phone_relation": True, "messages": tuple(a_message(text) for text in texts)}
    return compose(a_brief(**{**given, **fields})).phone


def test_a_number_in_the_signature_is_theirs() -> None:
    found = card(SIGNED)
    assert found is not None
    assert (found.name, found.number) == ("Dana Fox", "+1 212-736-5000")
    assert found.evidence == "in Dana Fox's mail of 18 April 2026"


def test_the_card_appears_past_the_time_to_respond_by() -> None:
    late = {"phone_relation": False, "now": at("2026-05-04 20:00"), "respond_by": at("2026-05-04 13:00")}
    assert card(SIGNED, **late) is not None
    assert card(SIGNED, phone_relation=False) is None


def test_the_channel_is_the_phone_and_the_mail_stays_ready() -> None:
    letter = compose(a_brief(phone_relation=True, messages=(a_message(SIGNED),)))
    assert letter.channel is Channel.PHONE
    assert letter.slots
    assert any("call first; the mail confirms it" in why for why in letter.why)


def test_the_script_takes_half_a_minute_and_the_voicemail_two_sentences() -> None:
    found = card(SIGNED)
    assert found is not None
    assert 45 <= len(found.script.split()) <= 90
    assert "Tuesday, May 5 at 9:00 am EDT" in found.script
    assert found.voicemail.count(". ") == 1
    assert "!" not in found.script + found.voicemail


def test_a_withdrawal_by_phone_asks_for_no_other_time() -> None:
    found = card(SIGNED, intent=Intent.WITHDRAW)
    assert found is not None
    assert "withdraw" in found.script
    assert "another time" not in found.script


def test_a_cancellation_needs_no_call() -> None:
    assert card(SIGNED, situation=Situation.CANCELLED, intent=Intent.ACKNOWLEDGE) is None


@pytest.mark.parametrize(
    "text",
    [
        "Join Zoom Meeting\nOne tap mobile\n+1 646 558 8656,,123456789#\nMeeting ID: 123 456 789",
        "Dial in: +1 212 736 5000",
        "Conference number\n+1 212 736 5000\nPIN 4711",
        "Fax: +1 212 736 5000",
        "We will call you on +1 212 736 5000.",
        "Your number is +49 30 901820, right?",
        "My order is 2127365000000 and invoice 20260505",
        "no number here",
    ],
)
def test_dial_ins_faxes_and_the_users_own_number_are_not_theirs(text: str) -> None:
    assert card(text) is None


def test_the_users_own_number_quoted_back_is_skipped() -> None:
    assert card("I have +49 30 901820 as yours.") is None


def test_a_national_number_is_read_in_the_country_of_their_zone() -> None:
    found = card("Best,\nDana\nTel. (212) 736-5000")
    assert found is not None
    assert found.number == "+1 212-736-5000"
    assert card("Best,\nDana\nTel. (212) 736-5000", recipient_zone=None) is None


def test_the_invitation_may_say_whom_to_call() -> None:
    event = an_invitation(description="If anything changes, call Dana at +1 212 736 5000.")
    found = card("Hi Alex", interview=an_interview(event))
    assert found is not None
    assert (found.name, found.number) == ("Dana Fox", "+1 212-736-5000")
    assert "the invitation says" in found.evidence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thanks for the call earlier, Alex.", True),
        ("It was great speaking with you yesterday.", True),
        ("As discussed on the phone, here are the details.", True),
        ("Please call me if anything changes.", False),
        ("This is a phone interview; thank you for your time.", False),
        ("", False),
    ],
)
def test_a_relation_by_phone_is_one_in_which_they_have_talked(text: str, expected: bool) -> None:
    assert relation_by_phone((a_message(text),), me_emails=frozenset({ALEX.email})) is expected


def test_without_a_number_the_person_is_told_that_a_call_would_be_courteous() -> None:
    letter = compose(a_brief(phone_relation=True, messages=(a_message("Hi"),)))
    assert letter.channel is Channel.EMAIL
    assert any("no number of theirs" in why for why in letter.why)
