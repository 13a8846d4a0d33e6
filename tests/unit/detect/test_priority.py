"""Which of two interviews moves."""

from __future__ import annotations

from typing import Any

from builders import ALEX, DANA, NOW, a_recognition, an_interview, an_invitation
from calwatch.detect.priority import Verdict, which_to_move
from calwatch.model.booking import Interview
from calwatch.model.event import Attendee, Person, Response
from calwatch.model.me import Me

ME = Me(emails=frozenset({ALEX.email}), name="Alex Rivera")


def interview(
    number: int, company: str = "Acme", stage: str | None = "technical", start: str = "2026-05-05 13:00", **fields: Any
) -> Interview:
    return an_interview(
        an_invitation(start, **fields), recognition=a_recognition(company=company, stage=stage), id=number
    )


def verdict(a: Interview, b: Interview, **fields: Any) -> Verdict:
    found = which_to_move(a, b, now=NOW, zone="Europe/Berlin", me=ME, **fields)
    assert which_to_move(b, a, now=NOW, zone="Europe/Berlin", me=ME, **fields) == found, "depends on the order"
    return found


def test_the_unanswered_one_moves_before_the_tentative_and_that_before_the_accepted_one() -> None:
    unanswered = interview(1, stage="final", response=Response.NEEDS_ACTION)
    tentative = interview(2, stage="screen", response=Response.TENTATIVE)
    accepted = interview(3, stage="screen")
    assert verdict(unanswered, tentative).move is unanswered
    assert verdict(tentative, accepted).move is tentative
    assert "not answered" in verdict(unanswered, accepted).why


def test_the_earlier_stage_moves() -> None:
    screen, onsite = interview(2, "Globex", "recruiter screen"), interview(1, stage="onsite")
    assert verdict(screen, onsite).move is screen
    assert "Globex is the earlier stage" in verdict(screen, onsite).why


def test_one_moved_before_moves_last() -> None:
    unanswered = interview(1, response=Response.NEEDS_ACTION)
    accepted = interview(2, "Globex")
    assert verdict(unanswered, accepted, moved_before=frozenset({1})).move is accepted


def test_more_notice_moves() -> None:
    today, tomorrow = interview(1), interview(2, "Globex", start="2026-05-06 07:00")
    assert verdict(today, tomorrow).move is tomorrow


def test_fewer_people_move() -> None:
    alone = interview(1)
    panel = interview(
        2,
        "Globex",
        attendees=(Attendee(ALEX), Attendee(DANA), Attendee(Person("kim@globex.example"))),
        start="2026-05-05 12:30",
    )
    assert verdict(alone, panel).move is alone


def test_the_less_wanted_company_moves() -> None:
    acme, globex = interview(1), interview(2, "Globex Corporation")
    assert verdict(acme, globex, priority=("globex", "acme")).move is acme
    assert verdict(acme, globex, priority=("Acme",)).move is globex


def test_otherwise_the_later_one_moves() -> None:
    first, second = interview(1), interview(2, "Globex", start="2026-05-05 13:30")
    assert verdict(first, second).move is second
    same = interview(3, "Initech")
    assert verdict(first, same).move is same


def test_every_verdict_is_a_sentence() -> None:
    assert verdict(interview(1), interview(2, "Globex")).why.endswith(".")
