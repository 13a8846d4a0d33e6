"""An interview that vanished from the calendar: asked about once, after a direct look confirmed it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import DANA, an_event
from calwatch.model.case import CaseState, DraftState, Intent, Outcome, RequestKind, Situation, Weight
from calwatch.model.event import Event
from calwatch.model.ledger import Question
from calwatch.model.message import Invitation, Method
from worlds import Provider, World, an_arranged_interview


@pytest.fixture
def removed(world: World, provider: Provider) -> Event:
    """An interview that was in order and then vanished."""
    event = an_arranged_interview(provider)
    world.look()
    provider.calendar.remove_by_hand(event.ref)
    world.look()
    return event


def question(world: World) -> Question:
    (asked,) = world.store.questions.open_questions()
    return asked


def answer(world: World, value: str) -> None:
    assert world.ask(RequestKind.ANSWER, question=question(world).id, value=value).ok


def test_it_is_asked_who_removed_it(world: World, removed: Event) -> None:
    assert question(world).choices == ("dropped", "they-cancelled")
    (case,) = world.store.cases.open_cases()
    assert (case.situation, case.weight, case.state) == (Situation.REMOVED, Weight.QUESTION, CaseState.ASKING)


def test_one_that_was_moved_further_ahead_than_calwatch_looks_was_not_removed(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(timedelta(hours=1))
    later = timedelta(days=120)
    provider.calendar.move(event.ref, event.start + later, event.end + later)
    world.live(timedelta(days=3), step=timedelta(hours=6))
    assert world.store.questions.open_questions() == []
    assert [case.situation for case in world.store.cases.all()] == []
    (booking,) = world.store.bookings.of_uid(event.uid)
    assert booking.event.start == event.start + later


def test_one_that_stood_there_cancelled_is_cleared_away_without_a_question(
    world: World, provider: Provider, account: str
) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(timedelta(hours=1))
    provider.calendar.cancel_by_organizer(event.ref)
    world.look()
    if account in ("gmail-like", "google"):  # Google itself takes it away, and does not say who cancelled
        assert question(world)
        return
    draft = world.draft()
    provider.calendar.remove_by_hand(event.ref)
    world.live(timedelta(hours=3), step=timedelta(minutes=30))
    assert world.store.questions.open_questions() == []
    assert [case.situation for case in world.store.cases.all()] == [Situation.CANCELLED]
    assert world.draft() == draft


def test_unanswered_means_that_nothing_is_written(world: World, removed: Event) -> None:
    world.live(timedelta(hours=10), step=timedelta(hours=1))
    assert world.store.drafts.all() == []
    assert len(world.store.questions.open_questions()) == 1


def test_they_cancelled_makes_a_thank_you(world: World, removed: Event) -> None:
    answer(world, "they-cancelled")
    assert world.draft().letter.intent is Intent.ACKNOWLEDGE
    assert world.store.questions.open_questions() == []


def test_dropped_makes_a_withdrawal(world: World, removed: Event) -> None:
    answer(world, "dropped")
    assert world.draft().letter.intent is Intent.WITHDRAW


@pytest.mark.parametrize("value", ["dropped", "they-cancelled"])
def test_the_letter_stays_with_the_next_looks(world: World, removed: Event, value: str) -> None:
    answer(world, value)
    draft = world.draft()
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert world.draft() == draft


def test_the_letter_can_be_sent(world: World, removed: Event) -> None:
    answer(world, "they-cancelled")
    assert world.approve(world.draft()).ok
    world.live(timedelta(minutes=1))
    assert len(world.provider.mail.delivered) == 1


def test_an_answer_that_was_not_offered_is_refused(world: World, removed: Event) -> None:
    assert not world.ask(RequestKind.ANSWER, question=question(world).id, value="maybe").ok
    assert question(world)


def test_a_cancellation_by_mail_answers_the_question(world: World, provider: Provider, removed: Event) -> None:
    cancel = Invitation(method=Method.CANCEL, items=(removed,))
    provider.mail.receive("", sender=DANA, subject="Cancelled", invitations=(cancel,), automatic=True)
    world.look()
    assert world.store.questions.open_questions() == []
    assert world.draft().letter.intent is Intent.ACKNOWLEDGE


def test_an_interview_that_comes_back_needs_no_answer(world: World, provider: Provider, removed: Event) -> None:
    provider.calendar.add(removed)
    world.look()
    assert world.store.questions.open_questions() == []
    assert [case.outcome for case in world.store.cases.all()] == [Outcome.GONE]


def test_the_question_ends_with_the_start(world: World, removed: Event) -> None:
    world.clock.advance(removed.start + timedelta(minutes=1) - world.clock.now())
    world.look()
    assert world.store.questions.open_questions() == []
    due = world.pipeline.next_due()
    assert due is None or due > world.clock.now()


def test_an_interview_that_was_in_trouble_and_vanished_is_asked_about(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    provider.calendar.add(an_event(event.start, 60, summary="Dentist"))
    world.look()
    draft = world.draft()
    provider.calendar.remove_by_hand(event.ref)
    world.look()
    assert world.again(draft).state is DraftState.REPLACED
    assert question(world)


def test_another_entry_that_vanishes_is_nobodys_business(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    other = provider.calendar.add(an_event(event.start, 60, summary="Dentist"))
    provider.calendar.remove_by_hand(other)
    world.look()
    assert world.store.questions.open_questions() == []
