"""What addresses tell about who reads them and whose they are."""

from __future__ import annotations

import pytest

from calwatch.model.addresses import domain_of, is_freemail, is_unreadable, organisation_of, same_organisation
from calwatch.model.me import Me


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@acme.example",
        "NoReply@acme.example",
        "acme-noreply@acme.example",
        "jobs.no_reply@acme.example",
        "noreply2@acme.example",
        "do-not-reply@acme.example",
        "keine-antwort@acme.example",
        "nicht.antworten@acme.example",
        "ne-pas-repondre@acme.example",
        "no_responder@acme.example",
        "nao-responda@acme.example",
        "non-rispondere@acme.example",
        "niet-beantwoorden@acme.example",
        "mailer-daemon@acme.example",
        "bounces+123@acme.example",
        "notifications@acme.example",
        "calendar-notification@google.com",
        "unknownorganizer@calendar.google.com",
        "c_1a2b@group.calendar.google.com",
        "acme.example_99@resource.calendar.google.com",
        "acme@myworkday.com",
        "everyone@acme.example",
        "hiring@googlegroups.com",
        "staff@lists.acme.example",
        "meeting-room-4@acme.example",
        "",
        "not an address",
        "a@b\r\nBcc: c@d.example",
        "two@at@acme.example",
    ],
)
def test_nobody_reads(address: str) -> None:
    assert is_unreadable(address)


@pytest.mark.parametrize(
    "address",
    [
        "dana@acme.example",
        "talent@acme.example",
        "people@acme.example",
        "bewerbung@acme.example",
        "reply+8f3a@reply.ashbyhq.com",
        "abbott@acme.example",
        "botond.system.nagy@acme.example".replace("system.", ""),
        "norepa@acme.example",
        "rooma.patel@acme.example",
        "o'brien@acme.example",
        "jürgen@müller.example",
    ],
)
def test_somebody_reads(address: str) -> None:
    assert not is_unreadable(address)


def test_the_organisation_is_the_registrable_domain() -> None:
    assert organisation_of("mail.acme.example") == "acme.example"
    assert organisation_of("jobs.acme.co.uk") == "acme.co.uk"
    assert organisation_of("acme.com.br") == "acme.com.br"
    assert domain_of("Dana@ACME.example") == "acme.example"
    assert domain_of("nobody") == ""


def test_people_of_one_domain_belong_together_but_not_at_a_mail_service() -> None:
    assert same_organisation("dana@acme.example", "tom@mail.acme.example")
    assert not same_organisation("dana@acme.example", "tom@globex.example")
    assert not same_organisation("dana@gmail.com", "tom@gmail.com")
    assert same_organisation("dana@gmail.com", "Dana+jobs@gmail.com")
    assert is_freemail("x@gmx.de")


def test_i_own_my_addresses_in_any_spelling() -> None:
    me = Me(emails=frozenset({"alex@rivera.example"}), name="Alex Rivera")
    assert me.owns("Alex+jobs@Rivera.example")
    assert not me.owns("alexa@rivera.example")


def test_my_house_is_my_employer_and_my_own_domain_but_no_mail_service() -> None:
    me = Me(emails=frozenset({"alex@gmail.com", "alex@rivera.example"}), employer=frozenset({"initech.example"}))
    assert me.works_with("boss@hr.initech.example")
    assert me.works_with("family@rivera.example")
    assert not me.works_with("somebody@gmail.com")
    assert not me.works_with("dana@acme.example")
