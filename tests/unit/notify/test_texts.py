"""The texts of every language: all there, with the same placeholders; foreign words in them can do no harm."""

from __future__ import annotations

import dataclasses
import string
from itertools import product
from pathlib import Path

import pytest

from calwatch.model.case import Situation
from calwatch.notify.harmless import foreign
from calwatch.notify.texts import LANGUAGES, Texts, texts
from calwatch.notify.topics import Topic
from unit.notify.items import an_item, notice

HOSTILE = (
    "Interview\r\nBcc: x@evil.example\r\n\r\nhello",
    "\x1b[2J\x1b]8;;http://evil.example\x07click\x1b]8;;\x07",
    "\u202egnp.exe \u2066hidden\u2069 \u200b\u200d\ufeff",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[Approve here](https://evil.example/a) **now** `code` ~~gone~~ ||spoiler||",
    "<https://evil.example|Approve> <!channel> <@U123> @everyone @here",
    "www.evil.example/login evil.example/login mailto:x@evil.example tel:+1900555",
    "{when} {0} {situation.__class__} %s %(when)s ${x} {{x}}",
    "a" * 5000,
    "\n\n# Heading\n> quote\n- item",
    "\ud800 \U0001f4a9 \x00",
)


def leaves(language: str) -> dict[str, str]:
    """Every text by its path."""
    found: dict[str, str] = {}
    said = texts(language)
    for section in dataclasses.fields(Texts):
        for name, text in getattr(said, section.name).items():
            parts = (text,) if isinstance(text, str) else tuple(text)
            found.update({f"{section.name}.{name}.{number}": part for number, part in enumerate(parts)})
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    assert set(leaves(language)) == set(leaves("en"))
    assert {name for name, text in leaves(language).items() if not text} <= {
        name for name in leaves(language) if name.startswith("discreet.") and name.endswith(".1")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_and_situation_has_its_texts(language: str) -> None:
    said, spoken = texts(language), {topic.value for topic in Topic} - {"welcome"}
    assert set(said.discreet) == spoken
    assert set(said.full) == spoken | {"call-unknown"}
    assert set(said.situation) == {situation.value for situation in Situation}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_names_nothing_that_the_english_one_does_not_have(language: str) -> None:
    english = leaves("en")
    for name, text in leaves(language).items():
        allowed = placeholders(english[name]) | ({"when"} if name.startswith("discreet.") else set())
        assert placeholders(text) <= allowed, name
        assert not placeholders(text) & {"title", "company"}, name
    dates = texts(language).dates
    assert (len(dates["days"]), len(dates["months"])) == (7, 12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_discreet_text_names_times_and_nothing_else(language: str) -> None:
    for pair in texts(language).discreet.values():
        assert placeholders(" ".join(pair)) <= {"when", "at"}


@pytest.mark.parametrize(("topic", "language"), list(product(Topic, LANGUAGES)))
@pytest.mark.parametrize("nasty", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_one_harmless_line_in_every_message(topic: Topic, language: str, nasty: str) -> None:
    one = an_item(topic=topic, title=nasty, company=nasty, text=nasty, person=nasty, phone=nasty, account=nasty)
    told = notice(one, detail="full", language=language)
    assert "\n" not in told.title
    assert "\n" not in told.body
    assert len(told.title) < 180
    assert len(told.body) < 500
    ours = f"{told.title} {told.body}"
    for trick in (
        "://",
        "www.",
        "evil.example/",
        "<",
        ">",
        "](",
        "**",
        "~~",
        "||",
        "@e",
        "@h",
        "@U",
        "mailto:",
        "{",
        "}",
    ):
        assert trick not in ours, (trick, ours)
    assert all(c.isprintable() for c in told.title + told.body)


def test_ordinary_names_stay_as_they_are() -> None:
    for name in (
        "Technical interview: Alex Rivera / Acme (Backend Engineer)",
        "R&D, Müller & Söhne",
        "Booking.com",
        "C++",
    ):
        assert foreign(name, 80) == name


def test_the_page_about_messages_quotes_what_they_say() -> None:
    page = (Path(__file__).parents[3] / "docs/notifications.md").read_text("utf-8")
    rows = [row.split(" | ") for row in page.splitlines() if row.startswith("| ")]
    quoted = {row[1] for row in rows if len(row) == 3}
    told = {title.format(when="Thu 14:00", at="Mon 10:00") for title, _ in texts("en").discreet.values()}
    assert told <= quoted
