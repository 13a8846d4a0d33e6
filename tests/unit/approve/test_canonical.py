"""Two contents are the same when a person would call them the same mail, and no edit hides behind that."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest

from builders import ALEX, DANA, NOW
from calwatch.approve.canonical import content_hash, letter_hash, same_content
from calwatch.model.case import Intent
from calwatch.model.draft import Action, Letter
from calwatch.model.event import Person
from calwatch.model.message import Content
from calwatch.model.span import Span

CONTENT = Content(to=(DANA, ALEX), cc=(Person("tom@acme.example"),), subject="Re: Café", text="Hi Dana,\n\nsee you.\n")
SLOT = Span(NOW, NOW + timedelta(hours=1))
LETTER = Letter(intent=Intent.RESCHEDULE, content=CONTENT, slots=(SLOT,), actions=(Action("send", "send it"),))


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Hi  Dana,\r\n \r\nsee\u00a0you."},
        {"subject": unicodedata.normalize("NFD", "Re: Café")},
        {"to": (ALEX, DANA)},
        {"to": (Person("DANA@acme.example", "Ms Fox"), ALEX)},
    ],
    ids=["white space", "decomposed letters", "order of people", "spelling of people"],
)
def test_what_providers_rewrite_is_no_edit(changes: dict[str, object]) -> None:
    assert same_content(CONTENT, replace(CONTENT, **changes))  # type: ignore[arg-type] # each names a field


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Hi Dana, see you!"},
        {"text": "Hi Dana, se e you."},
        {"subject": "Re: Cafe"},
        {"to": (DANA,)},
        {"to": (ALEX,), "cc": (DANA,)},
        {"cc": ()},
        {"bcc": (ALEX,)},
    ],
)
def test_every_real_edit_is_one(changes: dict[str, object]) -> None:
    assert not same_content(CONTENT, replace(CONTENT, **changes))  # type: ignore[arg-type] # each names a field


def test_a_text_cannot_pass_for_a_subject() -> None:
    one = Content(to=(DANA,), subject='a","b', text="c")
    other = Content(to=(DANA,), subject="a", text='b","c')
    assert not same_content(one, other)


def test_the_hash_binds_the_times_the_actions_and_the_account() -> None:
    given = letter_hash(LETTER, "personal")
    assert letter_hash(LETTER, "work") != given
    assert letter_hash(replace(LETTER, slots=()), "personal") != given
    assert letter_hash(replace(LETTER, actions=(*LETTER.actions, Action("rsvp", "", "declined"))), "personal") != given


def test_the_wording_of_an_action_is_not_bound() -> None:
    reworded = replace(LETTER, actions=(Action("send", "send this mail"),))
    assert letter_hash(reworded, "personal") == letter_hash(LETTER, "personal")


def test_the_order_of_actions_is_bound() -> None:
    first, second = Action("hold", "", "a"), Action("hold", "", "b")
    one = content_hash(CONTENT, slots=(), actions=(first, second), account="personal")
    assert one != content_hash(CONTENT, slots=(), actions=(second, first), account="personal")
