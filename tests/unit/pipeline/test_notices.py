"""What the person hears: once per thing and step, gathered, discreet, and not in the night."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import NOW, at
from calwatch.model.case import DraftState, RequestKind
from calwatch.notify.options import NotifyOptions
from calwatch.notify.topics import FORBIDDEN
from fakes.clock import ManualClock
from fakes.faults import Answer
from worlds import Provider, Waiting, World, a_clash, a_waiting_draft, an_arranged_interview, providers

HOUR = timedelta(hours=1)


@pytest.fixture
def provider(clock: ManualClock) -> Provider:
    """What is said does not depend on the provider: one is enough."""
    return providers(clock)["gmail-like"]


@pytest.fixture
def greeted(world: World, provider: Provider) -> World:
    """The first message is behind us: one interview, in order."""
    an_arranged_interview(provider, "2026-05-12 09:00")
    world.look()
    world.said.clear()
    return world


def titles(world: World) -> list[str]:
    return [notice.title for notice in world.said]


def test_the_first_pass_says_one_thing_in_numbers(world: World, provider: Provider) -> None:
    for day in range(4, 8):
        an_arranged_interview(provider, f"2026-05-0{day} 09:00")
    a_clash(provider, an_arranged_interview(provider, "2026-05-11 09:00"))
    a_clash(provider, an_arranged_interview(provider, "2026-05-12 09:00"))
    world.look()
    world.look()
    assert titles(world) == ["6 appointments found, 2 need you"]


def test_an_empty_calendar_says_nothing(world: World) -> None:
    world.look()
    assert world.said == []


def test_the_first_message_is_repeated_until_it_is_delivered(world: World, provider: Provider) -> None:
    an_arranged_interview(provider)
    world.phone.down = True
    world.look()
    world.phone.down = False
    world.live(timedelta(minutes=2), step=timedelta(minutes=1))
    assert titles(world) == ["1 appointment found, none needs you"]


def test_a_new_trouble_is_said_once(greeted: World) -> None:
    a_waiting_draft(greeted)
    greeted.live(HOUR, step=timedelta(minutes=20))
    assert titles(greeted) == ["Tue 5 May 15:00 needs a decision"]


def test_it_says_where_the_letter_waits(greeted: World) -> None:
    a_waiting_draft(greeted)
    assert greeted.said[0].body == "Ready for you. In Drafts of your personal mail."


def test_several_things_are_one_message(greeted: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider, "2026-05-05 13:00"))
    a_clash(provider, an_arranged_interview(provider, "2026-05-07 09:00"))
    greeted.look()
    assert titles(greeted) == ["2 things for you"]


def test_nothing_discreet_gives_away_what_it_is_about(greeted: World, provider: Provider) -> None:
    waiting = a_waiting_draft(greeted)
    greeted.live(timedelta(days=2), step=4 * HOUR)
    greeted.provider.calendar.change(waiting.event.ref, description="Room 3")
    greeted.provider.mail.faults.plan("send_draft", Answer.REFUSED)
    greeted.approve(greeted.again(waiting.draft))
    greeted.live(timedelta(minutes=2))
    said = " ".join(f"{notice.title} {notice.body}" for notice in greeted.said).lower()
    assert len(greeted.said) > 2
    assert [word for word in (*FORBIDDEN, "acme", "dana", "parents") if word in said] == []


def test_full_detail_names_it(greeted: World) -> None:
    greeted.prefer(notify=NotifyOptions(detail="full"))
    a_waiting_draft(greeted)
    assert "Acme" in greeted.said[0].title + greeted.said[0].body


def test_a_failed_notifier_is_tried_again(greeted: World) -> None:
    greeted.phone.down = True
    a_waiting_draft(greeted)
    greeted.phone.down = False
    greeted.live(timedelta(minutes=2), step=timedelta(minutes=1))
    assert titles(greeted) == ["Tue 5 May 15:00 needs a decision"]


def test_what_could_not_be_said_outlasts_a_restart(greeted: World) -> None:
    greeted.phone.down = True
    a_waiting_draft(greeted)
    greeted.stop()
    greeted.phone.down = False
    greeted.start()
    greeted.live(timedelta(minutes=2), step=timedelta(minutes=1))
    assert len(greeted.said) == 1


def test_a_waiting_draft_nudges_after_three_hours_and_a_day(greeted: World) -> None:
    greeted.prefer(notify=NotifyOptions(quiet=None))
    a_waiting_draft(greeted)
    greeted.said.clear()
    greeted.live(4 * HOUR, step=HOUR / 2)
    assert len(greeted.said) == 1
    greeted.live(19 * HOUR, step=HOUR)
    assert len(greeted.said) == 1
    greeted.live(2 * HOUR, step=HOUR)
    assert len(greeted.said) == 2


def test_the_service_wakes_for_the_next_nudge(greeted: World) -> None:
    a_waiting_draft(greeted)
    assert greeted.pipeline.next_due() == NOW + 3 * HOUR


def test_a_draft_that_is_done_with_does_not_nudge(greeted: World) -> None:
    waiting = a_waiting_draft(greeted)
    greeted.said.clear()
    greeted.ask(RequestKind.DISMISS, waiting.draft, because="keep")
    greeted.live(timedelta(days=2), step=6 * HOUR)
    assert greeted.said == []


def test_it_reminds_before_the_start(greeted: World) -> None:
    greeted.prefer(notify=NotifyOptions(quiet=None, nudge=()))
    waiting = a_waiting_draft(greeted)
    greeted.said.clear()
    greeted.clock.advance(waiting.event.start - 49 * HOUR - NOW)
    greeted.look()
    assert greeted.said == []
    greeted.live(49 * HOUR - timedelta(minutes=1), step=timedelta(minutes=59))
    assert len(greeted.said) == 4, "48 h, 24 h, 4 h and 1 h before"


def test_a_mere_question_is_asked_once(greeted: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event, start=event.end + timedelta(minutes=5))
    greeted.look()
    greeted.live(timedelta(days=3), step=6 * HOUR)
    assert len(greeted.said) == 1


@pytest.fixture
def night(greeted: World) -> World:
    """23:00 in Berlin."""
    greeted.clock.advance(at("2026-04-20 21:00") - NOW)
    greeted.look()
    greeted.said.clear()
    return greeted


def test_in_the_quiet_hours_nothing_is_said(night: World) -> None:
    a_waiting_draft(night)
    night.live(8 * HOUR, step=HOUR)
    assert night.said == []


def test_in_the_morning_it_is_said(night: World) -> None:
    a_waiting_draft(night)
    night.live(9 * HOUR, step=HOUR / 2)
    assert len(night.said) >= 1


def test_the_night_is_broken_for_what_starts_right_after_it(night: World) -> None:
    a_waiting_draft(night, "2026-04-21 07:00")  # 9:00; the quiet hours end at 7:30
    assert len(night.said) == 1


def test_the_night_is_not_broken_for_what_starts_two_hours_after_it(night: World) -> None:
    a_waiting_draft(night, "2026-04-21 07:30")
    assert night.said == []


def test_the_night_is_broken_only_once(night: World) -> None:
    a_waiting_draft(night, "2026-04-21 07:00")
    night.live(8 * HOUR, step=HOUR / 2)  # its reminders, and the nudge after three hours, wait for the morning
    assert len(night.said) == 1


def test_an_account_that_needs_a_sign_in_is_said_once(greeted: World, provider: Provider) -> None:
    provider.mail.faults.plan("changes", *[Answer.SIGN_IN] * 50)
    greeted.live(2 * HOUR, step=timedelta(minutes=10))
    assert titles(greeted) == ["An account needs you to sign in again"]


def test_an_outage_that_passes_by_itself_is_not_said(greeted: World, provider: Provider) -> None:
    provider.mail.faults.plan("changes", *[Answer.DOWN] * 6)
    greeted.live(HOUR, step=timedelta(minutes=10))
    assert greeted.said == []


def test_a_withdrawn_draft_is_said_if_it_had_been_said(greeted: World, provider: Provider) -> None:
    waiting = a_waiting_draft(greeted)
    provider.calendar.remove_by_hand(waiting.clash)
    greeted.look()
    assert titles(greeted)[1:] == ["Tue 5 May 15:00 looks settled already"]


def test_after_asking_for_another_time_it_says_that_the_old_one_still_stands(greeted: World) -> None:
    waiting: Waiting = a_waiting_draft(greeted)
    greeted.said.clear()
    greeted.approve(waiting.draft)
    greeted.live(timedelta(minutes=2))
    assert greeted.again(waiting.draft).state is DraftState.SENT
    assert titles(greeted) == ["Tue 5 May 15:00 still stands"]


def test_a_withdrawal_that_has_left_needs_no_message(greeted: World) -> None:
    waiting = a_waiting_draft(greeted)
    greeted.ask(RequestKind.EDIT, waiting.draft, intent="withdraw")
    greeted.said.clear()
    greeted.approve(greeted.again(waiting.draft))
    greeted.live(timedelta(minutes=6))
    assert greeted.again(waiting.draft).state is DraftState.SENT
    assert greeted.said == []


def test_the_old_appointment_stands_until_it_is_settled(greeted: World) -> None:
    waiting = a_waiting_draft(greeted)
    greeted.approve(waiting.draft)
    greeted.live(timedelta(minutes=2))
    assert any("stands" in entry.what for entry in greeted.store.history.of_draft(waiting.draft.id))


def test_it_speaks_the_first_of_the_persons_languages(greeted: World) -> None:
    greeted.prefer(languages=("de", "en"))
    a_waiting_draft(greeted)
    assert titles(greeted) == ["Di 5. Mai 15:00 braucht eine Entscheidung"]


def test_no_message_of_a_whole_story_carries_a_link_that_lets_in(greeted: World, provider: Provider) -> None:
    """Neither a loopback address nor a key of the page, in full detail and with everything going wrong."""
    greeted.prefer(notify=NotifyOptions(detail="full", quiet=None))
    event = an_arranged_interview(
        provider, "2026-05-06 09:00", summary="Interview http://127.0.0.1:8765/k/abc https://login.example/?code=1"
    )
    a_clash(provider, event)
    greeted.look()
    draft = greeted.draft()
    greeted.live(48 * HOUR, step=6 * HOUR)
    provider.mail.faults.plan("send_draft", Answer.REFUSED)
    provider.mail.faults.plan("changes", *[Answer.SIGN_IN] * 3)
    greeted.approve(greeted.again(draft))
    greeted.live(HOUR, step=HOUR / 6)
    told = list(greeted.said)
    assert len(told) > 3
    for notice in told:
        for forbidden in ("://", "127.0.0.1", "localhost", "/k/", "/o/", "/p/", "code="):
            assert forbidden not in f"{notice.title} {notice.body}"
