"""What a draft's page advises is true of the letter it shows, and can be done on the page."""

from __future__ import annotations

from datetime import timedelta

from builders import NOW
from calwatch.model.case import Intent, Situation
from calwatch.model.message import Content
from calwatch.web.texts import Teller
from stories import a_case_in, a_draft_in, a_letter
from visits import Visit
from worlds import World


def test_only_a_letter_that_asks_for_their_times_is_said_to(visit: Visit, world: World) -> None:
    case = a_case_in(world.store, situation=Situation.CANCELLED)
    for intent in (Intent.ACKNOWLEDGE, Intent.WITHDRAW, Intent.RESCHEDULE):
        draft = a_draft_in(world.store, case, a_letter(intent=intent))
        told = "the letter asks for theirs" in visit.text(f"/d/{draft.id}")
        assert told == (intent is Intent.RESCHEDULE), intent


def test_a_letter_to_nobody_sends_the_person_to_the_field_and_not_to_a_terminal(visit: Visit, world: World) -> None:
    letter = a_letter(content=Content(to=(), subject="Interview", text="Hello, could we find another time?"))
    draft = a_draft_in(world.store, a_case_in(world.store), letter)
    text = visit.text(f"/d/{draft.id}")
    assert "Name the person it should go to, above the text" in text
    assert "calwatch edit" not in text


def test_a_night_is_told_with_room_between_its_two_days() -> None:
    tell = Teller("en", "Europe/Berlin", NOW)
    late = NOW.replace(hour=21, minute=30)
    assert ", 23:30 – " in tell.stretch(late, late + timedelta(hours=2))
