"""After a withdrawal has left, nobody is asked for another time; and a time nobody has seen yet is not answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import CaseState, EffectState, RequestKind
from calwatch.model.event import Response
from fakes.faults import Answer
from fakes.google.person import GooglePerson
from worlds import Waiting, World, a_waiting_draft


@pytest.fixture
def provider(google_person: GooglePerson) -> GooglePerson:
    """A calendar that keeps what was declined."""
    return google_person


@pytest.fixture
def withdrawn(world: World, waiting: Waiting) -> Waiting:
    """The withdrawal has left, and the invitation is declined."""
    world.ask(RequestKind.EDIT, waiting.draft, intent="withdraw")
    world.approve(world.draft())
    world.live(timedelta(minutes=7), step=timedelta(minutes=1))
    return waiting


def move(world: World, waiting: Waiting) -> None:
    later = timedelta(days=7)
    world.provider.calendar.move(waiting.event.ref, waiting.event.start + later, waiting.event.end + later)


def test_moved_after_a_withdrawal_nobody_is_asked_for_another_time(world: World, withdrawn: Waiting) -> None:
    move(world, withdrawn)
    world.provider.calendar.answer_by_hand(withdrawn.event.ref, Response.DECLINED)
    world.live(timedelta(hours=1), step=timedelta(minutes=5))
    assert world.store.drafts.open_drafts() == []
    assert world.store.cases.get(withdrawn.draft.case_id).state is CaseState.SENT


def test_who_accepts_the_new_time_after_all_is_interviewing_again(world: World, withdrawn: Waiting) -> None:
    move(world, withdrawn)
    world.provider.calendar.answer_by_hand(withdrawn.event.ref, Response.ACCEPTED)
    world.live(timedelta(hours=1), step=timedelta(minutes=5))
    assert world.store.cases.get(withdrawn.draft.case_id).state is CaseState.CLOSED


def test_an_answer_to_the_old_time_is_not_given_to_another(world: World) -> None:
    world.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="decline")))
    waiting = a_waiting_draft(world)
    world.provider.calendar.faults.plan("respond", Answer.DOWN)
    world.approve(world.again(waiting.draft))
    world.live(timedelta(seconds=40))
    move(world, waiting)
    world.live(timedelta(minutes=10), step=timedelta(minutes=1))
    assert world.provider.calendar.replies == []
    (rsvp,) = world.store.effects.of_draft(waiting.draft.id)
    assert rsvp.state is EffectState.SKIPPED
