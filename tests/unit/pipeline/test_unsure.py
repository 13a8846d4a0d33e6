"""An attempt whose answer was lost: reconciled once it is quiet, asked about when nothing proves it, never repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calwatch.model.case import DraftState, RequestKind
from calwatch.model.ledger import Question
from fakes.faults import Answer
from worlds import Waiting, World


def attempted(world: World, waiting: Waiting, *answers: Answer) -> None:
    """The letter is approved and attempted, with these answers of the server."""
    world.provider.mail.faults.plan("send_draft", *answers)
    assert world.approve(waiting.draft).ok
    world.live(timedelta(seconds=40))


def state(world: World, waiting: Waiting) -> DraftState:
    return world.again(waiting.draft).state


def left(world: World) -> int:
    return len(world.provider.mail.delivered)


def lose(world: World) -> None:
    """The draft vanishes, and no sent copy ever shows: nothing can be proven."""
    for ref in list(world.provider.mail.drafts):
        world.provider.mail.discard_by_hand(ref)


@pytest.fixture
def unsure(world: World, waiting: Waiting) -> Question:
    attempted(world, waiting, Answer.UNDONE)
    lose(world)
    world.live(timedelta(minutes=16), step=timedelta(minutes=2))
    (asked,) = world.store.questions.open_questions()
    return asked


def test_before_it_is_quiet_nothing_is_concluded(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.UNDONE)
    world.live(timedelta(seconds=80))
    assert state(world, waiting) is DraftState.SENDING


def test_found_in_sent_is_sent(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.LOST)
    world.live(timedelta(minutes=3))
    assert (state(world, waiting), left(world)) == (DraftState.SENT, 1)


def test_still_in_drafts_was_not_sent_and_is_tried_again(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.UNDONE)
    world.live(timedelta(minutes=4))
    assert (state(world, waiting), left(world)) == (DraftState.SENT, 1)


def test_after_the_third_attempt_it_is_given_up_and_said(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.DOWN, Answer.DOWN, Answer.DOWN, Answer.DOWN)
    world.live(timedelta(minutes=5))
    assert (state(world, waiting), left(world)) == (DraftState.FAILED, 0)
    assert world.again(waiting.draft).notice


def test_a_mail_that_leaves_late_leaves_once(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.LATE)
    world.live(timedelta(minutes=5))
    assert (state(world, waiting), left(world)) == (DraftState.SENT, 1)


def test_a_reboot_starts_the_quiet_time_again(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.UNDONE)
    world.live(timedelta(seconds=60))
    world.clock.reboot()
    world.stop()
    world.start()
    world.live(timedelta(seconds=100))
    assert state(world, waiting) is DraftState.SENDING
    world.live(timedelta(seconds=120))
    assert (state(world, waiting), left(world)) == (DraftState.SENT, 1)


def test_a_reboot_in_the_attempt_still_finds_the_sent_mail(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.LOST)
    world.clock.reboot()
    world.stop()
    world.start()
    world.live(timedelta(minutes=6), step=timedelta(seconds=40))
    assert (state(world, waiting), left(world)) == (DraftState.SENT, 1)


def test_neither_in_drafts_nor_in_sent_is_asked_about(world: World, waiting: Waiting, unsure: Question) -> None:
    assert state(world, waiting) is DraftState.UNSURE
    assert unsure.choices == ("sent", "not-sent")


def test_it_is_asked_once(world: World, waiting: Waiting, unsure: Question) -> None:
    said = len(world.said)
    world.live(timedelta(hours=2), step=timedelta(minutes=20))
    assert len(world.store.questions.open_questions()) == 1
    assert len(world.said) == said


def test_unanswered_it_is_never_sent_again(world: World, waiting: Waiting, unsure: Question) -> None:
    world.live(timedelta(days=3), step=timedelta(hours=6))
    assert left(world) == 0


def test_answered_sent_it_is_sent(world: World, waiting: Waiting, unsure: Question) -> None:
    assert world.ask(RequestKind.ANSWER, question=unsure.id, value="sent").ok
    assert state(world, waiting) is DraftState.SENT


def test_answered_not_sent_it_waits_for_a_new_approval(world: World, waiting: Waiting, unsure: Question) -> None:
    assert world.ask(RequestKind.ANSWER, question=unsure.id, value="not-sent").ok
    assert state(world, waiting) is DraftState.WAITING
    assert len(world.provider.mail.drafts) == 1, "it lies in Drafts again"
    world.live(timedelta(minutes=2))
    assert left(world) == 0
    assert world.approve(world.again(waiting.draft)).ok
    world.live(timedelta(minutes=1))
    assert left(world) == 1


@pytest.mark.in_memory  # Gmail's conversations show a sent mail at once
def test_found_later_the_question_ends(world: World, waiting: Waiting) -> None:
    world.provider.mail.lag_calls, world.provider.mail.lag_seconds = 10_000, 20 * 60.0
    attempted(world, waiting, Answer.LOST)
    world.live(timedelta(minutes=16), step=timedelta(minutes=1))
    assert state(world, waiting) is DraftState.UNSURE
    world.live(timedelta(minutes=10), step=timedelta(minutes=1))
    assert (state(world, waiting), left(world)) == (DraftState.SENT, 1)
    assert world.store.questions.open_questions() == []


def test_a_refused_mail_has_failed_and_says_why(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.REFUSED)
    assert state(world, waiting) is DraftState.FAILED
    _, _, reason = world.again(waiting.draft).notice.partition("it was refused: ")
    assert reason


def test_a_failed_one_is_not_tried_again_by_itself(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.REFUSED)
    world.live(timedelta(hours=3), step=timedelta(minutes=30))
    assert left(world) == 0


def test_retry_makes_a_new_version_to_approve(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.REFUSED)
    assert world.ask(RequestKind.RETRY, world.again(waiting.draft)).ok
    again = world.again(waiting.draft)
    assert (again.state, left(world)) == (DraftState.WAITING, 0)
    assert again.version > waiting.draft.version
    assert world.approve(again).ok
    world.live(timedelta(minutes=1))
    assert left(world) == 1


def test_nothing_stops_a_draft_on_its_way(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.UNDONE)
    assert not world.ask(RequestKind.UNDO, waiting.draft).ok
    assert not world.ask(RequestKind.DISMISS, waiting.draft).ok
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.look()
    assert state(world, waiting) is DraftState.SENDING


def test_an_edit_found_by_the_attempt_brings_it_back(world: World, waiting: Waiting) -> None:
    attempted(world, waiting, Answer.DOWN, Answer.DOWN)
    (ref,) = world.provider.mail.drafts
    world.live(timedelta(seconds=40))
    world.provider.mail.edit_draft(ref, text="Hi Dana, other words.")
    world.live(timedelta(minutes=3))
    assert (state(world, waiting), left(world)) == (DraftState.WAITING, 0)
