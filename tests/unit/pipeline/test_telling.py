"""Delivering: every channel hears of everything once, also one that fails for hours, and never what no longer holds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from builders import NOW, at
from calwatch.errors import Retry, Stop
from calwatch.model.case import RequestKind
from calwatch.notify.options import NotifyOptions
from calwatch.notify.standing import KEPT
from fakes.clock import ManualClock
from worlds import Phone, Provider, World, a_clash, a_waiting_draft, an_arranged_interview, providers

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CALM = NotifyOptions(quiet=None, nudge=(), remind=())


@pytest.fixture
def provider(clock: ManualClock) -> Provider:
    """What is said does not depend on the provider: one is enough."""
    return providers(clock)["gmail-like"]


@pytest.fixture
def world(world: World, provider: Provider) -> World:
    """Two channels; the first message is behind us, and only new troubles are said."""
    world.also = (Phone("desk"),)
    world.prefer(notify=CALM)
    an_arranged_interview(provider, "2026-05-12 09:00")
    world.look()
    forget(world)
    return world


def desk(world: World) -> Phone:
    return world.also[0]


def forget(world: World) -> None:
    for phone in (world.phone, *world.also):
        phone.heard.clear()
        phone.tries = 0


def titles(phone: Phone) -> list[str]:
    return [notice.title for notice in phone.heard]


READY = "Tue 5 May 15:00 needs a decision"


# --- once each -----------------------------------------------------------------------------------------------------


def test_every_channel_hears_of_everything_once(world: World) -> None:
    a_waiting_draft(world)
    world.live(2 * HOUR, step=10 * MINUTE)
    assert titles(world.phone) == titles(desk(world)) == [READY]


def test_a_channel_that_fails_is_tried_again_without_repeating_on_the_others(world: World) -> None:
    desk(world).down = True
    a_waiting_draft(world)
    world.live(30 * MINUTE, step=MINUTE)
    desk(world).down = False
    world.live(2 * HOUR, step=10 * MINUTE)
    assert titles(world.phone) == titles(desk(world)) == [READY]
    assert (world.phone.tries, desk(world).tries) == (1, 5)


def test_the_pauses_between_attempts_grow_to_an_hour(world: World) -> None:
    desk(world).down = True
    a_waiting_draft(world)
    tried: list[datetime] = [NOW]
    while world.clock.now() < NOW + 4 * HOUR:
        before = desk(world).tries
        world.live(MINUTE, step=MINUTE)
        if desk(world).tries > before:
            tried.append(world.clock.now())
    assert [moment - NOW for moment in tried] == [n * MINUTE for n in (0, 1, 6, 21, 81, 141, 201)]


def test_a_server_that_names_its_own_pause_is_left_alone_for_so_long(world: World) -> None:
    desk(world).trouble = Retry("too many requests", after=600)
    a_waiting_draft(world)
    assert world.pipeline.next_due() == NOW + 10 * MINUTE


def test_what_cannot_work_is_tried_once_an_hour(world: World) -> None:
    desk(world).trouble = Stop("Apprise cannot use this URL")
    a_waiting_draft(world)
    assert world.pipeline.next_due() == NOW + HOUR


def test_after_a_day_it_is_given_up_and_the_next_thing_is_tried_anew(world: World, provider: Provider) -> None:
    desk(world).down = True
    a_waiting_draft(world)
    world.live(26 * HOUR, step=30 * MINUTE)
    tries = desk(world).tries
    world.live(6 * HOUR, step=30 * MINUTE)
    assert desk(world).tries == tries, "nothing is left to say"
    desk(world).down = False
    a_clash(provider, an_arranged_interview(provider, "2026-05-07 09:00"))
    world.live(HOUR, step=30 * MINUTE)
    assert titles(desk(world)) == ["Thu 7 May 11:00 needs a decision"]


def test_what_waits_for_a_channel_outlasts_a_restart_and_is_not_tried_early(world: World) -> None:
    desk(world).down = True
    a_waiting_draft(world)
    world.live(10 * MINUTE, step=MINUTE)
    tries = desk(world).tries
    world.stop()
    desk(world).down = False
    world.start()
    world.look()
    assert desk(world).tries == tries
    world.live(12 * MINUTE, step=MINUTE)
    assert titles(world.phone) == titles(desk(world)) == [READY]


def test_the_service_wakes_for_the_next_attempt(world: World) -> None:
    desk(world).down = True
    a_waiting_draft(world)
    assert world.pipeline.next_due() == NOW + MINUTE
    assert not world.pipeline.has_news()
    world.clock.advance(MINUTE)
    assert world.pipeline.has_news()


def test_a_channel_that_is_no_longer_configured_holds_up_nothing(world: World) -> None:
    desk(world).down = True
    a_waiting_draft(world)
    world.also = ()
    world.live(2 * HOUR, step=10 * MINUTE)
    assert not world.pipeline.has_news()
    assert titles(world.phone) == [READY]


def test_a_failing_channel_is_on_record_until_it_works(world: World) -> None:
    desk(world).down = True
    a_waiting_draft(world)
    world.live(3 * MINUTE, step=MINUTE)
    (failing,) = world.store.meta.get(KEPT).values()
    assert failing["why"] == "it does not answer"
    assert failing["since"] == NOW.timestamp()
    desk(world).down = False
    world.live(10 * MINUTE, step=MINUTE)
    assert world.store.meta.get(KEPT) == {}


def test_nothing_is_written_while_there_is_nothing_to_tell(world: World) -> None:
    a_waiting_draft(world)
    world.look()
    before = world.store.counters.rows_written
    world.live(10 * MINUTE, step=MINUTE)
    assert world.store.counters.rows_written == before


# --- nothing stale -------------------------------------------------------------------------------------------------


def test_a_draft_that_was_decided_meanwhile_is_not_told_late(world: World) -> None:
    desk(world).down = True
    waiting = a_waiting_draft(world)
    world.ask(RequestKind.DISMISS, waiting.draft, because="keep")
    desk(world).down = False
    world.live(2 * HOUR, step=10 * MINUTE)
    assert titles(desk(world)) == []


def test_what_went_away_is_told_to_those_who_had_heard_of_it(world: World, provider: Provider) -> None:
    desk(world).down = True
    waiting = a_waiting_draft(world)
    provider.calendar.remove_by_hand(waiting.clash)
    world.look()
    desk(world).down = False
    world.live(2 * HOUR, step=10 * MINUTE)
    assert titles(world.phone) == [READY, "Tue 5 May 15:00 looks settled already"]
    assert titles(desk(world)) == []


def test_what_went_away_in_the_night_is_told_to_nobody(world: World, provider: Provider) -> None:
    world.prefer(notify=NotifyOptions())
    world.clock.advance(at("2026-04-20 21:00") - world.clock.now())
    waiting = a_waiting_draft(world)
    provider.calendar.remove_by_hand(waiting.clash)
    world.live(10 * HOUR, step=HOUR)
    assert titles(world.phone) == titles(desk(world)) == []


def test_what_came_up_meanwhile_is_told_together(world: World, provider: Provider) -> None:
    desk(world).down = True
    a_waiting_draft(world)
    a_clash(provider, an_arranged_interview(provider, "2026-05-07 09:00"))
    world.look()
    desk(world).down = False
    world.live(2 * HOUR, step=10 * MINUTE)
    assert len(world.phone.heard) == 2
    assert titles(desk(world)) == ["2 things for you"]


def test_a_start_that_has_passed_is_not_reminded_of(world: World) -> None:
    world.prefer(notify=NotifyOptions(quiet=None, nudge=()))
    waiting = a_waiting_draft(world, "2026-04-21 09:00")
    world.live(waiting.event.start - 2 * HOUR - world.clock.now(), step=HOUR)
    desk(world).down = True
    forget(world)
    world.live(HOUR + 30 * MINUTE, step=10 * MINUTE)
    assert desk(world).tries > 0, "the reminder an hour before"
    desk(world).down = False
    world.live(3 * HOUR, step=HOUR)
    assert titles(desk(world)) == []


def test_several_steps_about_one_draft_are_one_line(world: World) -> None:
    world.prefer(notify=NotifyOptions(quiet=None))
    desk(world).down = True
    a_waiting_draft(world, "2026-04-22 09:00")
    world.live(10 * HOUR, step=10 * MINUTE)  # ready, the nudge after three hours, the reminder a day before
    assert len(world.phone.heard) > 1
    desk(world).down = False
    world.live(HOUR, step=10 * MINUTE)
    assert [notice.title for notice in desk(world).heard] == ["Wed 11:00 is coming up and still needs a decision"]


# --- the night -----------------------------------------------------------------------------------------------------


@pytest.fixture
def night(world: World) -> World:
    """23:00 in Berlin; the quiet hours end at 7:30."""
    world.prefer(notify=NotifyOptions())
    world.clock.advance(at("2026-04-20 21:00") - world.clock.now())
    world.look()
    forget(world)
    return world


def test_the_service_wakes_when_the_quiet_hours_end(night: World) -> None:
    night.prefer(notify=NotifyOptions(nudge=(), remind=()))
    a_waiting_draft(night)
    assert night.pipeline.next_due() == at("2026-04-21 05:30")
    assert not night.pipeline.has_news()


def test_the_night_is_broken_once_for_each_channel(night: World) -> None:
    desk(night).down = True
    a_waiting_draft(night, "2026-04-21 07:00")
    assert len(night.phone.heard) == 1
    desk(night).down = False
    night.live(7 * HOUR, step=10 * MINUTE)
    assert len(night.phone.heard) == len(desk(night).heard) == 1
    assert not night.pipeline.has_news()


def test_a_message_that_asks_for_nothing_does_not_break_the_night(night: World) -> None:
    waiting = a_waiting_draft(night, "2026-04-21 07:00")
    forget(night)
    night.approve(night.again(waiting.draft))
    night.live(10 * MINUTE, step=MINUTE)
    assert night.phone.heard == []
    night.live(9 * HOUR, step=HOUR)
    assert titles(night.phone) == ["Tue 09:00 still stands"], "it is said in the morning"


def test_whoever_sets_it_up_at_night_is_greeted_at_once(world: World) -> None:
    world.store.meta.delete("first_pass")
    world.store.meta.delete("told:welcome")
    world.prefer(notify=NotifyOptions())
    world.clock.advance(at("2026-04-20 21:00") - world.clock.now())
    world.look()
    assert titles(world.phone) == ["1 appointment found, none needs you"]
