"""After a letter has left the case owns its interview: what happens next is the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import DANA, an_event, an_invitation
from calwatch.model.case import CaseState, DraftState, Intent, Outcome, RequestKind, Situation
from calwatch.model.event import Response
from worlds import Provider, Waiting, World, called_off, cancelled_by_mail


@pytest.fixture
def sent(world: World, waiting: Waiting) -> Waiting:
    """The letter has left."""
    world.approve(waiting.draft)
    world.live(timedelta(minutes=3), step=timedelta(minutes=1))
    assert world.again(waiting.draft).state is DraftState.SENT
    return waiting


def moved(world: World, sent: Waiting, *, clash: bool = False) -> None:
    """The organizer gives it the first offered time."""
    slot = world.again(sent.draft).letter.slots[0]
    if clash:
        world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.provider.calendar.move(sent.event.ref, slot.start, slot.end)
    world.look()


def case_of(world: World, sent: Waiting) -> CaseState:
    return world.store.cases.get(sent.draft.case_id).state


def test_the_case_waits_for_the_answer(world: World, sent: Waiting) -> None:
    assert case_of(world, sent) is CaseState.SENT


def test_the_old_trouble_is_not_written_about_again(world: World, sent: Waiting) -> None:
    world.provider.calendar.add(an_event(sent.event.start, 60, summary="Dentist"))
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert world.store.drafts.open_drafts() == []


def test_moved_to_a_time_that_fits_is_rebooked(world: World, sent: Waiting) -> None:
    moved(world, sent)
    assert world.store.cases.get(sent.draft.case_id).outcome is Outcome.REBOOKED
    assert world.store.drafts.open_drafts() == []


def test_moved_to_a_taken_time_is_a_second_request(world: World, sent: Waiting) -> None:
    moved(world, sent, clash=True)
    world.look()
    draft = world.draft()
    case = world.store.cases.get(draft.case_id)
    assert (case.situation, case.requests_made) == (Situation.MOVED, 1)
    assert "second time" in draft.letter.content.text


def test_a_second_request_offers_windows(world: World, sent: Waiting) -> None:
    moved(world, sent, clash=True)
    world.look()
    assert all(slot.duration > timedelta(hours=1) for slot in world.draft().letter.slots)


@pytest.mark.parametrize("how", ["cancelled", "declined", "removed"])
def test_what_happens_to_the_old_time_is_no_new_trouble(world: World, sent: Waiting, how: str) -> None:
    calendar = world.provider.calendar
    if how == "cancelled":
        called_off(world.provider, sent.event)
    elif how == "declined":
        calendar.answer_by_hand(sent.event.ref, Response.DECLINED)
    else:
        calendar.remove_by_hand(sent.event.ref)
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert world.store.drafts.open_drafts() == []
    assert world.store.questions.open_questions() == []


def test_a_cancellation_after_the_letter_is_on_record(world: World, sent: Waiting) -> None:
    called_off(world.provider, sent.event)
    world.look()
    assert "organizer" in {entry.who for entry in world.store.history.all()}
    assert case_of(world, sent) is CaseState.SENT


def test_a_new_invitation_from_the_contact_closes_the_case(world: World, sent: Waiting) -> None:
    cancelled_by_mail(world.provider, sent.event)
    slot = world.again(sent.draft).letter.slots[0]
    world.clock.advance(timedelta(hours=1))
    world.provider.calendar.add(an_invitation(slot.start, created=world.clock.now(), dtstamp=world.clock.now()))
    world.look()
    world.look()
    assert world.store.cases.get(sent.draft.case_id).outcome is Outcome.REBOOKED
    assert world.store.drafts.open_drafts() == []


def test_an_old_second_interview_is_not_the_answer(world: World, provider: Provider, waiting: Waiting) -> None:
    provider.calendar.add(an_invitation("2026-05-14 09:00"))
    world.look()
    world.clock.advance(timedelta(minutes=5))
    world.look()
    world.approve(world.again(waiting.draft))
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert case_of(world, waiting) is CaseState.SENT


def test_a_withdrawal_is_answered_by_a_cancellation(world: World, waiting: Waiting) -> None:
    world.ask(RequestKind.EDIT, waiting.draft, intent="withdraw")
    world.approve(world.draft())
    world.live(timedelta(minutes=7), step=timedelta(minutes=1))
    assert world.again(waiting.draft).letter.intent is Intent.WITHDRAW
    cancelled_by_mail(world.provider, waiting.event)
    world.look()
    assert world.store.cases.get(waiting.draft.case_id).outcome is Outcome.ANSWERED


def test_offered_times_are_free_again_once_the_case_is_closed(world: World, sent: Waiting) -> None:
    moved(world, sent)
    assert world.store.drafts.reserved(world.clock.now()) == []


def test_a_case_nobody_answers_is_let_go_in_the_end(world: World, sent: Waiting) -> None:
    world.clock.advance(sent.event.end + timedelta(days=15) - world.clock.now())
    world.look()
    assert world.store.cases.get(sent.draft.case_id).outcome is Outcome.EXPIRED


def test_mail_the_person_adds_in_the_thread_is_not_a_second_letter(world: World, sent: Waiting) -> None:
    world.provider.mail.write("PS: mornings are best.", to=(DANA,), subject="Re: Interview")
    world.live(timedelta(minutes=3), step=timedelta(minutes=1))
    assert world.store.drafts.open_drafts() == []
    assert [d.by for d in world.provider.mail.delivered] == ["calwatch", "person"]


def test_a_sent_offer_that_fills_up_is_said_at_once(world: World, sent: Waiting) -> None:
    said = len(world.said)
    slot = world.again(sent.draft).letter.slots[0]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.live(timedelta(minutes=3), step=timedelta(minutes=1))
    assert len(world.said) == said + 1
