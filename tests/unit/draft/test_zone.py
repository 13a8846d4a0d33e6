"""The recipient's zone: their words, else the invitation mail; never UTC, custom or the user's own."""

from __future__ import annotations

import pytest

from builders import DANA, a_message, an_interview, an_invitation
from calwatch.draft.zone import recipient_zone
from calwatch.model.draft import ZoneGuess
from calwatch.model.event import Person
from calwatch.model.message import Invitation, Message, Method


def guess(*messages: Message, invitation: Message | None = None, user_zone: str = "Europe/Berlin") -> ZoneGuess | None:
    return recipient_zone(an_interview(), messages, invitation=invitation, user_zone=user_zone)


def invited(zone: str | None) -> Message:
    part = Invitation(method=Method.REQUEST, items=(an_invitation(timezone=zone),))
    return a_message("", invitations=(part,), automatic=True)


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("Could we do 2 pm ET on Tuesday?", "America/New_York"),
        ("Could we do 2:30pm (PST)?", "America/Los_Angeles"),
        ("14:00 BST works for Tom.", "Europe/London"),
        ("10am AEST suits us", "Australia/Sydney"),
        ("All times are Pacific time.", "America/Los_Angeles"),
        ("Let us say ten, London time.", "Europe/London"),
        (
            "Hi Alex,\n\nhappy to.\n\nBest,\nDana Fox\nAcme Inc. · 500 Howard St · San Francisco, CA 94105",
            "America/Los_Angeles",
        ),
        ("Hi Alex,\n\nsee you.\n\nDana\nTalent | Acme | Toronto", "America/Toronto"),
    ],
)
def test_the_contacts_words_tell_their_zone(words: str, zone: str) -> None:
    found = guess(a_message(words))
    assert found is not None
    assert found.name == zone
    assert "Dana Fox wrote" in found.evidence


@pytest.mark.parametrize(
    "words",
    [
        "Could we talk at 2 pm?",
        "That is 15:00 CEST for you.",
        "14:00 UTC works",
        "14:00 GMT works",
        "We should meet, etc. The pet is 2 and eats.",
        "Our team is in Boston and London.",
        "Hi Alex,\n\nBest,\nDana\nBoston · London · Sydney",
    ],
)
def test_words_that_do_not_tell_a_zone_tell_nothing(words: str) -> None:
    assert guess(a_message(words)) is None


def test_a_place_that_is_the_persons_name_is_not_a_place() -> None:
    paris = Person("paris@acme.example", "Paris Long")
    assert guess(a_message("Hi Alex,\n\nsee you then.\n\nParis", sender=paris), user_zone="America/Chicago") is None


def test_a_conversion_for_the_user_does_not_hide_their_own_zone() -> None:
    found = guess(a_message("Tuesday 15:00 CEST (9 am ET) would be good."))
    assert found is not None
    assert found.name == "America/New_York"


def test_strangers_words_are_not_the_contacts() -> None:
    assert guess(a_message("at 2 pm ET", sender=Person("x@elsewhere.example", "X"))) is None


def test_the_invitation_mail_tells_when_words_do_not() -> None:
    found = guess(a_message("See you!"), invitation=invited("America/Chicago"))
    assert found == ZoneGuess("America/Chicago", "the invitation mail is written in America/Chicago")


@pytest.mark.parametrize("zone", [None, "UTC", "Etc/UTC", "Europe/Berlin", "Europe/Paris", "Custom Zone 1", "floating"])
def test_utc_custom_and_the_users_own_zone_tell_nothing(zone: str | None) -> None:
    assert guess(invitation=invited(zone)) is None


def test_words_go_before_the_invitation() -> None:
    found = guess(a_message("at 2 pm PT", sender=DANA), invitation=invited("America/Chicago"))
    assert found is not None
    assert found.name == "America/Los_Angeles"
