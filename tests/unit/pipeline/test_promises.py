"""What people trust calwatch with, where it could slip: late approvals, changed wishes, strangers, dead mailboxes."""

from __future__ import annotations

import os
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from builders import DANA, NOW, an_event, at
from calwatch.cli.actor import Actor
from calwatch.draft.options import RepliesOptions
from calwatch.errors import Retry
from calwatch.model.case import DraftState, RequestKind
from calwatch.model.draft import Draft
from calwatch.model.event import Event, Person
from calwatch.model.message import Invitation, Method
from calwatch.pipeline.parts import Health
from calwatch.store.lock import Lock
from fakes.faults import Answer
from worlds import Waiting, World, a_clash, an_arranged_interview, cancelled_by_mail

EVE = Person("eve@elsewhere.example", "Eve Lund")


def left(world: World) -> int:
    return len(world.provider.mail.delivered)


def by_hand(world: World) -> tuple[Event, Draft]:
    """An approved letter the person asked for themselves, about an interview nothing is wrong with."""
    event = an_arranged_interview(world.provider)
    world.look()
    ((booking, _, _),) = world.store.bookings.interviews(NOW, NOW + timedelta(days=60))
    world.ask(RequestKind.OPEN_CASE, None, booking=booking.id, intent="reschedule", occasion="sick")
    draft = world.draft()
    world.approve(draft)
    return event, draft


def test_an_approval_nobody_took_up_for_hours_sends_nothing(world: World, waiting: Waiting) -> None:
    draft, shown = waiting.draft, {"version": waiting.draft.version, "hash": waiting.draft.hash}
    asked = world.store.requests.add(RequestKind.APPROVE, draft.id, shown, who="command line", now=world.clock.now())
    world.clock.advance(timedelta(hours=3))
    world.live(timedelta(minutes=2))
    assert (left(world), world.draft().state) == (0, DraftState.WAITING)
    assert world.store.requests.get(asked.id).ok is False


def test_an_approved_letter_stays_when_the_person_switches_sending_off(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.prefer(replies=RepliesOptions(delivery="drafts"))
    world.live(timedelta(minutes=2))
    assert (left(world), world.draft().state) == (0, DraftState.WAITING)


def test_a_letter_asked_for_by_hand_stays_when_the_interview_was_moved_meanwhile(world: World) -> None:
    event, draft = by_hand(world)
    world.provider.calendar.move(event.ref, at("2026-05-07 09:00"), at("2026-05-07 10:00"))
    world.live(timedelta(minutes=2))
    assert (left(world), world.again(draft).state) == (0, DraftState.WITHDRAWN)


def test_a_letter_asked_for_by_hand_stays_when_they_cancelled_meanwhile(world: World) -> None:
    event, draft = by_hand(world)
    cancelled_by_mail(world.provider, event)
    world.live(timedelta(minutes=2))
    assert (left(world), world.again(draft).state) == (0, DraftState.WITHDRAWN)


def test_a_letter_asked_for_by_hand_leaves_otherwise(world: World) -> None:
    by_hand(world)
    world.live(timedelta(minutes=2))
    assert left(world) == 1


def test_an_answer_that_could_not_be_carried_out_can_be_given_again(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.provider.mail.faults.plan("send_draft", Answer.UNDONE)
    world.live(timedelta(minutes=1))
    world.provider.mail.discard_by_hand(next(iter(world.provider.mail.drafts)))
    world.live(timedelta(minutes=20), step=timedelta(minutes=1))
    assert world.draft().state is DraftState.UNSURE
    (question,) = world.store.questions.open_questions()
    world.provider.calendar.add(an_event(waiting.draft.letter.slots[0].start, 60, summary="Dentist"))
    world.look()
    world.provider.mail.faults.plan("find", Answer.DOWN)
    assert not world.ask(RequestKind.ANSWER, None, question=question.id, value="not-sent").ok
    assert world.ask(RequestKind.ANSWER, None, question=question.id, value="not-sent").ok
    assert world.draft().state is DraftState.WAITING


def test_one_letter_whose_mailbox_is_down_does_not_hold_up_the_rest(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.provider.calendar.add(an_event(waiting.draft.letter.slots[0].start, 60, summary="Dentist"))
    world.clock.advance(timedelta(seconds=31))
    world.pipeline.pull_all()
    world.provider.mail.faults.plan("find", *[Answer.DOWN] * 9)
    world.pipeline.act()
    assert world.again(waiting.draft).state is DraftState.WAITING


def test_a_reading_from_the_future_counts_as_none(world: World, waiting: Waiting) -> None:
    parts = world.pipeline.parts
    ahead = world.clock.now() + timedelta(days=300)  # the clock was wrong when it was written down
    parts.health["personal"] = Health(last_sync=ahead, mail=ahead, calendars={"primary": ahead})
    assert parts.unknown_calendars(world.clock.now()) == ("personal/primary",)
    assert parts.oldest_reading() is None


@pytest.mark.parametrize("failing", ["refused", "late"])
def test_a_letter_the_person_edited_can_be_approved_after_a_failure(
    world: World, waiting: Waiting, failing: str
) -> None:
    (ref,) = world.provider.mail.drafts
    world.provider.mail.edit_draft(ref, text=waiting.draft.letter.content.text + "\n\nPS: thanks again.")
    world.look()
    world.approve(world.draft())
    if failing == "refused":
        world.provider.mail.faults.plan("send_draft", Answer.REFUSED)
        world.live(timedelta(minutes=1))
        assert world.draft().state is DraftState.FAILED
        assert world.ask(RequestKind.RETRY, world.draft()).ok
    else:
        world.clock.advance(timedelta(hours=1))
        world.look()
    again = world.draft()
    assert again.state is DraftState.WAITING
    request = world.approve(again)
    assert request.ok, request.result
    world.live(timedelta(minutes=1))
    assert left(world) == 1


def test_who_forwards_the_invitation_is_not_who_gets_the_letter(world: World) -> None:
    event = an_arranged_interview(world.provider, in_words=False)
    world.provider.mail.receive(
        "Have a look at this, Alex.",
        sender=EVE,
        subject=f"Fwd: {event.summary}",
        invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
        date=NOW - timedelta(days=1),
    )
    a_clash(world.provider, event)
    world.look()
    assert [p.email for p in world.draft().letter.content.to] == [DANA.email]


def a_command(world: World) -> Actor:
    """A command that found no service and acts itself."""
    actor = Actor.__new__(Actor)
    alone: Any = world
    actor.world, actor._lock = alone, Lock(os.memfd_create("lock"))
    return actor


def test_ctrl_c_right_after_the_approval_calls_it_back(world: World, waiting: Waiting) -> None:
    actor, draft = a_command(world), waiting.draft
    actor.ask(RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": draft.hash})
    actor.call_back(draft.id)
    world.live(timedelta(minutes=2))
    assert (left(world), world.draft().state) == (0, DraftState.WAITING)


def test_ctrl_c_right_before_the_approval_leaves_nothing_to_be_done(world: World, waiting: Waiting) -> None:
    actor, draft = a_command(world), waiting.draft
    shown = {"version": draft.version, "hash": draft.hash}
    world.store.requests.add(RequestKind.APPROVE, draft.id, shown, who="command line", now=world.clock.now())
    actor.call_back(draft.id)
    world.live(timedelta(minutes=2))
    assert (left(world), world.draft().state) == (0, DraftState.WAITING)


def test_what_nobody_is_there_to_do_is_taken_back(world: World, waiting: Waiting) -> None:
    actor, draft = a_command(world), waiting.draft
    nowhere: Any = SimpleNamespace(state=world.folder)
    actor._lock, actor._settings = None, nowhere  # another command holds the lock, and hears no socket
    with pytest.raises(Retry):
        actor.ask(RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": draft.hash})
    world.live(timedelta(minutes=2))
    assert (left(world), world.draft().state) == (0, DraftState.WAITING)
