"""Messages: discreet ones tell a stranger nothing, full ones tell the person everything, and both say where to act."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from calwatch.model.case import Situation, Urgency
from calwatch.notify.topics import FORBIDDEN, Topic
from calwatch.notify.wording import compose, probe, when
from unit.notify.items import NOW, PAGE, THURSDAY, a_wish, an_item, notice, said

LANGUAGES = ("en", "de")
EVERY = list(product(Topic, LANGUAGES))
GIVEAWAYS = (*FORBIDDEN, "dana", "fox", "acme", "technical", "212", "mailbox", "clash", "127.0.0.1", "localhost", "::1")


@pytest.mark.parametrize(("topic", "language"), EVERY)
@pytest.mark.parametrize("urgency", Urgency)
def test_no_discreet_message_gives_anything_away(topic: Topic, language: str, urgency: Urgency) -> None:
    items = [an_item(topic=topic, urgency=urgency, situation=situation) for situation in Situation]
    items += [an_item(topic=topic, urgency=urgency, start=None, at=None, number=None, account="")]
    for one in items:
        for page in ("", PAGE):
            for text in (
                said(one, language=language, public_url=page),
                said(one, an_item(number=13), language=language),
            ):
                assert [word for word in GIVEAWAYS if word in text.lower()] == [], text


@pytest.mark.parametrize("account", ["job hunt", "Bewerbungen", "interviews", "Kandidatenkonto"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_named_after_the_search_is_not_named(account: str, language: str) -> None:
    for text in (said(an_item(account=account), language=language), said(an_item(account=account), an_item(number=13))):
        assert account.lower() not in text.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_test_message_is_discreet_too(language: str) -> None:
    told = probe(language)
    assert told.title
    assert [word for word in GIVEAWAYS if word in f"{told.title} {told.body}".lower()] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Thu 14:00 needs a decision\nReady for you. In Drafts of your personal mail."),
        ("de", "Do 14:00 braucht eine Entscheidung\nAlles liegt bereit. In den Entwürfen von personal."),
        ("de-AT", "Do 14:00 braucht eine Entscheidung\nAlles liegt bereit. In den Entwürfen von personal."),
        ("fr", "Thu 14:00 needs a decision\nReady for you. In Drafts of your personal mail."),
    ],
)
def test_a_discreet_message_says_when_and_where_in_the_first_language(language: str, text: str) -> None:
    assert said(an_item(), language=language) == text


def test_a_full_message_says_what_it_is_about() -> None:
    assert said(an_item(), detail="full") == (
        "Thu 14:00, Technical interview with Dana Fox (Acme)\n"
        "Something else takes the time; a reply is ready for you. In Drafts of your personal mail."
    )


def test_a_company_that_the_title_names_is_not_named_twice() -> None:
    assert said(an_item(title="Interview at Acme"), detail="full").splitlines()[0] == "Thu 14:00, Interview at Acme"


def test_when_only_a_call_helps_the_full_message_is_the_phone_card() -> None:
    told = notice(an_item(topic=Topic.CALL, urgency=Urgency.NOW), detail="full")
    assert told.body == "Calling is best now: Dana Fox, +1 212 555 0100. `calwatch show 12` shows it."
    assert told.urgent


def test_without_a_number_it_says_so() -> None:
    text = said(an_item(topic=Topic.CALL, urgency=Urgency.NOW, phone="", person=""), detail="full")
    assert "no number is known" in text


def test_the_discreet_phone_card_names_nobody() -> None:
    told = notice(an_item(topic=Topic.CALL, urgency=Urgency.NOW))
    assert (told.title, told.body) == ("Thu 14:00: calling is best now", "`calwatch show 12` shows it.")


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        (Topic.SENT, "Thu 14:00 still stands"),
        (Topic.TAKEN, "Thu 14:00: Fri 1 May 14:00 is no longer free"),
        (Topic.REBOOKED, "Thu 14:00 is now Fri 1 May 14:00"),
        (Topic.CALLED_OFF, "Thu 14:00 is off"),
        (Topic.CLOSED, "Thu 14:00 is off, as you wished"),
    ],
)
def test_what_comes_after_the_letter_is_said_in_a_line(topic: Topic, text: str) -> None:
    assert notice(an_item(topic=topic)).title == text


def test_a_reason_of_the_pipeline_is_told_in_its_own_language_only() -> None:
    back = an_item(topic=Topic.BACK)
    assert "the mailbox holds another text" in said(back, detail="full")
    assert "mailbox" not in said(back, detail="full", language="de")


# --- where to act --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", [Topic.READY, Topic.QUESTION, Topic.CALL, Topic.TAKEN, Topic.UNSURE, Topic.FAILED])
def test_a_public_page_is_linked_to_the_one_draft(topic: Topic) -> None:
    assert said(an_item(topic=topic), public_url=f"{PAGE}/").endswith(f"{PAGE}/d/12")


def test_several_are_linked_to_the_list() -> None:
    assert said(an_item(), an_item(number=13), public_url=PAGE).splitlines()[-1] == PAGE


@pytest.mark.parametrize(("topic", "language"), EVERY)
@pytest.mark.parametrize("detail", ["discreet", "full"])
def test_without_a_public_page_there_is_no_link_at_all(topic: Topic, language: str, detail: str) -> None:
    assert "://" not in said(
        an_item(topic=topic, text="see http://127.0.0.1:8765/k/abc"), language=language, detail=detail
    )


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "In Drafts of your personal mail."),
        ({"account": ""}, "`calwatch show 12` shows it."),
        ({"topic": Topic.TAKEN}, "`calwatch show 12` shows it."),
        ({"topic": Topic.UNSURE}, "`calwatch questions` asks."),
        ({"topic": Topic.QUESTION, "number": None}, "`calwatch questions` asks."),
        ({"topic": Topic.SENT}, "keep it."),
        ({"topic": Topic.WELCOME}, "`calwatch drafts` shows more."),
    ],
)
def test_it_says_where_to_act(fields: dict[str, object], where: str) -> None:
    assert notice(an_item(**fields)).body.endswith(where)


@pytest.mark.parametrize(
    ("other", "where"),
    [
        ({"account": "work"}, "In Drafts of your personal and work mail."),
        ({"account": ""}, "`calwatch drafts` lists them."),
        ({"topic": Topic.UNSURE}, "`calwatch status` lists them."),
    ],
)
def test_it_says_where_several_wait(other: dict[str, object], where: str) -> None:
    assert notice(an_item(), an_item(number=13, **other)).body.splitlines()[-1] == where


# --- several, and numbers ------------------------------------------------------------------------------------------


def test_several_are_one_message_with_the_most_urgent_first() -> None:
    told = notice(an_item(), an_item(number=13, start=NOW + timedelta(hours=2), urgency=Urgency.NOW))
    assert told.title == "2 things for you"
    assert told.body.startswith("Mon 12:00")
    assert told.urgent


def test_what_needs_nothing_is_not_urgent_however_near_it_is() -> None:
    assert not notice(an_item(topic=Topic.SENT, urgency=Urgency.NOW)).urgent


def test_a_message_needs_something_to_say() -> None:
    with pytest.raises(ValueError, match="something to say"):
        compose([], a_wish(), NOW)


def test_a_far_day_has_its_date() -> None:
    later = THURSDAY + timedelta(days=14)
    assert when(later, zone="Europe/Berlin", now=NOW) == "Thu 7 May 14:00"
    assert when(later, zone="Europe/Berlin", now=NOW, language="de") == "Do 7. Mai 14:00"


@pytest.mark.parametrize(
    ("found", "need", "text"),
    [
        (8, 2, "8 appointments found, 2 need you"),
        (1, 1, "1 appointment found, 1 needs you"),
        (0, 0, "0 appointments found, none needs you"),
    ],
)
def test_the_first_pass_is_one_line(found: int, need: int, text: str) -> None:
    assert notice(an_item(topic=Topic.WELCOME, found=found, need=need, start=None)).title == text
