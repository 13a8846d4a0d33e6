"""What a form carries is proof: of this session, for this purpose, about these facts, for half a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import g

from calwatch.errors import Rejected
from calwatch.web import tokens
from calwatch.web.sessions import Kind, Session
from visits import Visit
from worlds import World

FACTS = (3, 1, "hash", "waiting")


def a_session(visit: Visit, name: str = "a") -> Session:
    return Session(name * 64, Kind.LOOPBACK, "", visit.site.now(), visit.site.now() + timedelta(hours=12))


def within(visit: Visit, work: Callable[..., Any], *given: object, session: str = "a") -> Any:
    """``work`` as a page handler of that session would do it."""
    with visit.app.app_context():
        g.site, g.session = visit.site, a_session(visit, session)
        return work(*given)


def made(visit: Visit, *facts: object, purpose: str = "draft") -> str:
    token = within(visit, tokens.make, purpose, *facts)
    assert isinstance(token, str)
    return token


def test_a_form_holds_for_what_it_showed(visit: Visit) -> None:
    within(visit, tokens.check, made(visit, *FACTS), "draft", *FACTS)


@pytest.mark.parametrize(
    "facts",
    [
        (4, 1, "hash", "waiting"),
        (3, 2, "hash", "waiting"),
        (3, 1, "other", "waiting"),
        (3, 1, "hash", "approved"),
        (3, 1, "hash"),
        (3, 1, "hash", "waiting", ""),
        (31, "hash", "waiting", ""),
        ("3, 1", "hash", "waiting"),
        (),
    ],
)
def test_a_form_does_not_hold_for_anything_else(visit: Visit, facts: tuple[object, ...]) -> None:
    with pytest.raises(tokens.Stale):
        within(visit, tokens.check, made(visit, *FACTS), "draft", *facts)


def test_a_form_holds_for_its_purpose_and_in_its_session_only(visit: Visit) -> None:
    token = made(visit, *FACTS)
    with pytest.raises(tokens.Stale):
        within(visit, tokens.check, token, "question", *FACTS)
    with pytest.raises(tokens.Stale):
        within(visit, tokens.check, token, "draft", *FACTS, session="b")


def test_a_purpose_and_a_fact_are_not_mistaken_for_each_other(visit: Visit) -> None:
    token = made(visit, "b", "c", purpose="a")
    for purpose, facts in (("a", ("b,c",)), ("a, b", ("c",)), ("a", ('b", "c',)), ("", ("a", "b", "c"))):
        with pytest.raises(tokens.Stale):
            within(visit, tokens.check, token, purpose, *facts)


def test_a_form_is_too_old_after_half_a_day(visit: Visit, world: World) -> None:
    token = made(visit, *FACTS)
    world.clock.advance(timedelta(seconds=tokens.LASTING))
    within(visit, tokens.check, token, "draft", *FACTS)
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(tokens.Stale):
        within(visit, tokens.check, token, "draft", *FACTS)


def test_a_form_that_was_tampered_with_is_none(visit: Visit) -> None:
    token = made(visit, *FACTS)
    for bad in (
        token[:-1],
        token[1:],
        token.swapcase(),
        f"{token}x",
        token.replace(".", ""),
        "",
        ".",
        "é",
        "\x00",
        "x" * 9999,
    ):
        with pytest.raises(tokens.Stale):
            within(visit, tokens.check, bad, "draft", *FACTS)


def test_a_stale_form_is_a_refusal_and_a_form_shows_none_of_its_facts(visit: Visit) -> None:
    assert issubclass(tokens.Stale, Rejected)
    assert "Acme" not in made(visit, "Acme")
