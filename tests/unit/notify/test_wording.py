"""Messages: discreet ones tell a stranger nothing, full ones tell the person everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from calwatch.model.case import Situation, Urgency
from calwatch.notify.wording import FORBIDDEN, Item, Topic, compose, first_pass, when

NOW = datetime(2026, 4, 20, 8, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 4, 23, 12, 0, tzinfo=UTC)


def an_item(**fields: object) -> Item:
    given: dict[str, object] = {
        "topic": Topic.READY,
        "start": THURSDAY,
        "number": 12,
        "account": "personal",
        "company": "Acme",
        "title": "Technical interview with Dana Fox",
        "situation": Situation.CONFLICT,
    }
    return Item(**{**given, **fields})  # type: ignore[arg-type]  # a builder takes what the dataclass takes


def said(*items: Item, detail: str = "discreet", public_url: str = "") -> str:
    notice = compose(items, detail=detail, zone="Europe/Berlin", now=NOW, public_url=public_url)  # type: ignore[arg-type]  # parametrised
    return f"{notice.title}\n{notice.body}"


@pytest.mark.parametrize(("topic", "urgency", "situation"), list(product(Topic, Urgency, Situation)))
def test_no_discreet_message_gives_anything_away(topic: Topic, urgency: Urgency, situation: Situation) -> None:
    one = an_item(topic=topic, urgency=urgency, situation=situation, text="Dana from Acme wrote about the job")
    for text in (said(one), said(one, an_item(number=13)), said(one, public_url="https://calwatch.rivera.example")):
        lowered = text.lower()
        for word in (*FORBIDDEN, "person", "dana", "fox", "acme", "technical", "127.0.0.1", "localhost"):
            assert word not in lowered.replace("your personal mail", ""), (word, text)


def test_a_discreet_message_says_when_and_where() -> None:
    text = said(an_item())
    assert text == "Thu 14:00 needs a decision\nReady for you. In Drafts of your personal mail."


def test_an_account_named_after_the_search_is_not_named() -> None:
    assert "hunt" not in said(an_item(account="job hunt"))


def test_a_public_page_is_linked_and_a_local_one_never() -> None:
    assert "https://calwatch.rivera.example/d/12" in said(an_item(), public_url="https://calwatch.rivera.example/")
    assert "http" not in said(an_item())


def test_a_full_message_says_what_it_is_about() -> None:
    text = said(an_item(), detail="full")
    assert "Technical interview with Dana Fox" in text
    assert "Acme" in text
    assert "something else takes the time" in text


def test_foreign_text_in_a_full_message_is_one_harmless_line() -> None:
    text = said(an_item(title="Interview\r\nBcc: x\x1b[2J\u202e" + "a" * 500), detail="full")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()[0]) < 250


def test_several_are_one_message_with_the_most_urgent_first() -> None:
    notice = compose(
        [an_item(), an_item(number=13, start=NOW + timedelta(hours=2), urgency=Urgency.NOW)],
        detail="discreet",
        zone="Europe/Berlin",
        now=NOW,
    )
    assert notice.title == "2 things for you"
    assert notice.body.startswith("Mon 12:00")
    assert notice.urgent


def test_a_far_day_has_its_date() -> None:
    assert when(THURSDAY + timedelta(days=14), zone="Europe/Berlin", now=NOW) == "Thu 7 May 14:00"


@pytest.mark.parametrize(
    ("found", "need", "text"),
    [
        (8, 2, "8 appointments found, 2 need you"),
        (1, 1, "1 appointment found, 1 needs you"),
        (0, 0, "0 appointments found, none needs you"),
    ],
)
def test_the_first_pass_is_one_line(found: int, need: int, text: str) -> None:
    assert first_pass(found, need).title == text
