"""What is told after a letter has left, when the start comes near, and when an account cannot be read for long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import DANA, NOW, an_event
from calwatch.model.case import DraftState, Intent, RequestKind
from calwatch.model.event import Response
from calwatch.notify.options import NotifyOptions
from fakes.clock import ManualClock
from fakes.faults import Answer
from worlds import (
    Provider,
    Waiting,
    World,
    a_clash,
    a_waiting_draft,
    an_arranged_interview,
    called_off,
    cancelled_by_mail,
    providers,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CALM = NotifyOptions(quiet=None, nudge=(), remind=())


@pytest.fixture
def provider(clock: ManualClock) -> Provider:
    """What is said does not depend on the provider: one is enough."""
    return providers(clock)["gmail-like"]


@pytest.fixture
def world(world: World, provider: Provider) -> World:
    """The first message is behind us; nothing is said but what these tests are about."""
    world.prefer(notify=CALM)
    an_arranged_interview(provider, "2026-05-12 09:00")
    world.look()
    world.said.clear()
    return world


@pytest.fixture
def sent(world: World) -> Waiting:
    """A letter that asks for another time has left."""
    return left(world, a_waiting_draft(world))


def left(world: World, waiting: Waiting) -> Waiting:
    world.approve(world.again(waiting.draft))
    world.live(7 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.SENT
    world.said.clear()
    return waiting


def titles(world: World) -> list[str]:
    return [notice.title for notice in world.said]


# --- what comes back -----------------------------------------------------------------------------------------------


def test_a_new_time_is_told(world: World, sent: Waiting) -> None:
    later = timedelta(days=1)
    world.provider.calendar.move(sent.event.ref, sent.event.start + later, sent.event.end + later)
    world.live(10 * MINUTE, step=MINUTE)
    assert titles(world) == ["Tue 5 May 15:00 is now Wed 6 May 15:00"]


def test_a_new_invitation_is_told(world: World, sent: Waiting, provider: Provider) -> None:
    world.clock.advance(HOUR)
    an_arranged_interview(provider, "2026-05-07 08:00", in_words=False)
    world.live(10 * MINUTE, step=MINUTE)
    assert titles(world) == ["Tue 5 May 15:00 is now Thu 7 May 10:00"]


def test_that_the_old_time_is_off_is_told_once_and_then_the_new_one(world: World, sent: Waiting) -> None:
    called_off(world.provider, sent.event)
    world.live(HOUR, step=10 * MINUTE)
    assert titles(world) == ["Tue 5 May 15:00 is off"]
    assert world.said[0].body == "Another time is still to come."


def test_that_a_withdrawal_was_answered_is_told(world: World) -> None:
    waiting = a_waiting_draft(world)
    world.ask(RequestKind.EDIT, waiting.draft, intent="withdraw")
    assert world.again(waiting.draft).letter.intent is Intent.WITHDRAW
    left(world, waiting)
    called_off(world.provider, waiting.event)
    world.live(HOUR, step=10 * MINUTE)
    assert titles(world) == ["Tue 5 May 15:00 is off, as you wished"]


def test_a_watched_time_that_fills_up_is_named(world: World, sent: Waiting) -> None:
    slot = world.again(sent.draft).letter.slots[0]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.live(10 * MINUTE, step=MINUTE)
    (notice,) = world.said
    assert notice.title.startswith("Tue 5 May 15:00: ")
    assert notice.title.endswith("is no longer free")
    assert notice.body == f"Please look again. `calwatch show {sent.draft.id}` shows it."


def test_silence_for_weeks_is_let_go_without_a_message(world: World, sent: Waiting) -> None:
    world.clock.advance(sent.event.end + timedelta(days=15) - world.clock.now())
    world.look()
    assert titles(world) == []


# --- when only a call helps ----------------------------------------------------------------------------------------


def near(world: World, waiting: Waiting, before: timedelta) -> None:
    """So long before the start."""
    world.clock.advance(waiting.event.start - before - world.clock.now())
    world.said.clear()
    world.look()


def test_under_four_hours_before_the_start_the_message_is_the_phone_card(world: World) -> None:
    waiting = a_waiting_draft(world)
    near(world, waiting, 4 * HOUR + MINUTE)
    assert titles(world) == []
    world.live(10 * MINUTE, step=MINUTE)
    assert titles(world) == ["Tue 15:00: calling is best now"]
    assert world.said[0].urgent
    assert "Dana" not in world.said[0].body


def test_the_service_wakes_for_it(world: World) -> None:
    waiting = a_waiting_draft(world)
    assert world.pipeline.next_due() == waiting.event.start - 4 * HOUR + timedelta(seconds=1)


def test_in_full_it_names_whom_to_call_though_the_letter_is_older_than_that(world: World, provider: Provider) -> None:
    world.prefer(notify=NotifyOptions(detail="full", quiet=None, nudge=(), remind=()))
    provider.mail.receive(
        "Hi Alex,\n\nsee you then.\n\nBest\nDana Fox\nTel. +1 212 736 5000",
        sender=DANA,
        subject="Interview at Acme",
        date=NOW - 5 * DAY,
    )
    waiting = a_waiting_draft(world)
    assert waiting.draft.letter.phone is None, "weeks ahead a mail is enough"
    near(world, waiting, 3 * HOUR)
    (notice,) = world.said
    assert "Calling is best now: Dana" in notice.body
    assert "+1 212-736-5000" in notice.body


def test_without_a_number_the_full_message_says_so(world: World) -> None:
    world.prefer(notify=NotifyOptions(detail="full", quiet=None, nudge=(), remind=()))
    near(world, a_waiting_draft(world), 3 * HOUR)
    assert "no number is known" in world.said[0].body


def test_a_letter_written_that_late_comes_as_the_phone_card(world: World) -> None:
    a_waiting_draft(world, "2026-04-20 11:00")
    assert titles(world) == ["Mon 13:00: calling is best now"]


def test_who_cancelled_themselves_is_not_called(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider, "2026-04-20 11:00")
    world.look()
    world.provider.calendar.cancel_by_organizer(event.ref)
    cancelled_by_mail(provider, event)
    world.live(2 * MINUTE, step=MINUTE)
    world.said.clear()
    world.live(2 * HOUR, step=10 * MINUTE)
    assert [title for title in titles(world) if "calling" in title] == []


def test_the_reminder_at_the_same_moment_says_it_once(world: World) -> None:
    world.prefer(notify=NotifyOptions(quiet=None, nudge=()))
    waiting = a_waiting_draft(world)
    near(world, waiting, 4 * HOUR + MINUTE)
    world.said.clear()
    world.live(3 * MINUTE, step=MINUTE)
    world.live(2 * HOUR, step=30 * MINUTE)
    assert titles(world) == ["Tue 15:00: calling is best now"]


# --- accounts ------------------------------------------------------------------------------------------------------


def test_an_account_that_cannot_be_read_is_told_after_an_hour_and_once_a_day(world: World, provider: Provider) -> None:
    provider.mail.faults.plan("changes", *[Answer.DOWN] * 1000)
    world.live(HOUR - 10 * MINUTE, step=10 * MINUTE)
    assert titles(world) == []
    world.live(20 * HOUR, step=10 * MINUTE)
    assert titles(world) == ["An account has not been read for more than an hour"]
    world.live(DAY, step=HOUR)
    assert len(world.said) == 2


def test_an_account_that_was_never_read_is_told_of_after_an_hour_too(world: World, provider: Provider) -> None:
    provider.mail.faults.plan("changes", *[Answer.DOWN] * 1000)
    world.stop()
    world.start()
    world.look()
    assert titles(world) == []
    world.live(HOUR + 10 * MINUTE, step=10 * MINUTE)
    assert titles(world) == ["An account has not been read for more than an hour"]


def test_a_sign_in_that_is_missing_is_told_at_once_and_again_the_next_day(world: World, provider: Provider) -> None:
    provider.mail.faults.plan("changes", *[Answer.SIGN_IN] * 1000)
    world.look()
    assert titles(world) == ["An account needs you to sign in again"]
    world.live(23 * HOUR, step=HOUR)
    assert len(world.said) == 1
    world.live(3 * HOUR, step=HOUR)
    assert len(world.said) == 2


def test_an_account_that_can_be_read_again_is_not_told_of_late(world: World, provider: Provider) -> None:
    world.phone.down = True
    provider.mail.faults.plan("changes", *[Answer.SIGN_IN] * 2)
    world.live(2 * MINUTE, step=MINUTE)
    world.phone.down = False
    world.live(2 * HOUR, step=10 * MINUTE)
    assert titles(world) == []


def test_in_full_the_account_is_named_with_what_mends_it(world: World, provider: Provider) -> None:
    world.prefer(notify=NotifyOptions(detail="full", quiet=None))
    provider.mail.faults.plan("changes", Answer.SIGN_IN)
    world.look()
    (notice,) = world.said
    assert (notice.title, notice.body) == ("Account personal", "Please sign in again: `calwatch auth personal`.")


# --- questions -----------------------------------------------------------------------------------------------------


def test_a_question_that_was_answered_meanwhile_is_not_asked_late(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.phone.down = True
    provider.calendar.remove_by_hand(event.ref)
    world.look()
    (question,) = world.store.questions.open_questions()
    world.phone.down = False
    world.ask(RequestKind.ANSWER, question=question.id, value="dropped")
    world.live(2 * HOUR, step=10 * MINUTE)
    assert titles(world) == ["Tue 5 May 15:00 needs a decision"]


def test_a_clash_that_the_person_declined_themselves_says_what_it_is(world: World, provider: Provider) -> None:
    world.prefer(notify=NotifyOptions(detail="full", quiet=None, nudge=(), remind=()))
    event = an_arranged_interview(provider)
    world.look()
    provider.calendar.answer_by_hand(event.ref, Response.DECLINED)
    world.live(2 * MINUTE, step=MINUTE)
    assert world.said[-1].body.startswith("You declined it; a reply is ready for you.")


def test_two_troubles_of_two_days_are_one_message_with_both(world: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider, "2026-05-06 09:00"))
    a_clash(provider, an_arranged_interview(provider, "2026-05-07 09:00"))
    world.look()
    (notice,) = world.said
    assert notice.title == "2 things for you"
    assert notice.body.splitlines() == [
        "Wed 6 May 11:00 needs a decision. Ready for you.",
        "Thu 7 May 11:00 needs a decision. Ready for you.",
        "In Drafts of your personal mail.",
    ]
