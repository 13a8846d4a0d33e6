"""A trouble must last before anything is drafted: counted from when it was first seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import NOW
from calwatch.model.case import CaseState, Situation
from calwatch.model.event import Status
from calwatch.watch.options import SettleOptions, WatchOptions
from fakes.clock import ManualClock
from worlds import Provider, World, a_clash, an_arranged_interview, providers

MINUTE = timedelta(minutes=1)
TEN_MINUTES = WatchOptions(settle=SettleOptions(default=timedelta(minutes=10)))


@pytest.fixture
def provider(clock: ManualClock) -> Provider:
    """What is decided here does not depend on the provider: one is enough."""
    return providers(clock)["graph-like"]


@pytest.fixture
def settling(world: World) -> World:
    """A world with the settle time people get without a setting."""
    world.prefer(watch=TEN_MINUTES)
    return world


def test_nothing_is_drafted_before_the_settle_time(settling: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider))
    settling.look()
    settling.live(timedelta(minutes=9), step=MINUTE)
    assert settling.store.drafts.all() == []
    assert [case.state for case in settling.store.cases.open_cases()] == [CaseState.SETTLING]


def test_the_settle_time_runs_from_when_the_trouble_was_first_seen(settling: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider))
    settling.look()
    settling.live(timedelta(minutes=10), step=MINUTE)
    (case,) = settling.store.cases.open_cases()
    assert settling.draft().created - case.first_seen == timedelta(minutes=10)


def test_a_restart_does_not_start_the_settle_time_again(settling: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider))
    settling.look()
    settling.live(timedelta(minutes=9), step=MINUTE)
    settling.stop()
    settling.start()
    settling.live(timedelta(minutes=1))
    assert settling.draft()


def test_the_service_is_told_to_wake_when_a_case_has_settled(settling: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider))
    settling.look()
    assert settling.pipeline.next_due() == NOW + timedelta(minutes=10)


def test_a_trouble_that_goes_away_while_it_settles_leaves_no_draft(settling: World, provider: Provider) -> None:
    clash = a_clash(provider, an_arranged_interview(provider))
    settling.look()
    provider.calendar.remove_by_hand(clash)
    settling.live(timedelta(minutes=15), step=MINUTE)
    assert settling.store.drafts.all() == []
    assert settling.store.cases.open_cases() == []


def test_near_the_start_it_settles_in_two_minutes(settling: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider, "2026-04-20 15:00"))
    settling.look()
    settling.live(timedelta(minutes=2))
    assert settling.draft()


def test_a_shorter_settle_time_is_not_lengthened_near_the_start(world: World, provider: Provider) -> None:
    world.prefer(watch=WatchOptions(settle=SettleOptions(default=timedelta(seconds=30))))
    a_clash(provider, an_arranged_interview(provider, "2026-04-20 15:00"))
    world.look()
    world.live(timedelta(seconds=40))
    assert world.draft()


def test_one_pass_by_hand_does_not_wait(settling: World, provider: Provider) -> None:
    settling.pipeline.parts.once = True
    a_clash(provider, an_arranged_interview(provider))
    settling.look()
    assert settling.draft()


def test_a_cancellation_waits_for_its_replacement_longer(settling: World, provider: Provider) -> None:
    settling.prefer(watch=WatchOptions())
    event = an_arranged_interview(provider)
    settling.look()
    provider.calendar.change(event.ref, summary=event.summary, status=Status.CANCELLED)
    settling.look()
    settling.live(timedelta(minutes=44), step=timedelta(minutes=2))
    assert settling.store.drafts.all() == []
    settling.live(timedelta(minutes=2))
    assert settling.draft()
    (case,) = settling.store.cases.open_cases()
    assert case.situation is Situation.CANCELLED


def test_a_changed_trouble_settles_from_its_own_first_sight(
    settling: World, provider: Provider, clock: ManualClock
) -> None:
    event = an_arranged_interview(provider)
    clash = a_clash(provider, event)
    settling.look()
    settling.live(timedelta(minutes=8), step=MINUTE)
    provider.calendar.remove_by_hand(clash)
    settling.live(timedelta(minutes=1))
    a_clash(provider, event, summary="Dentist")
    settling.live(timedelta(minutes=9), step=MINUTE)
    assert settling.store.drafts.all() == [], "the new trouble is only nine minutes old"
    settling.live(timedelta(minutes=2))
    assert settling.draft()


def test_without_settle_time_the_letter_is_there_in_the_same_pass(world: World, provider: Provider) -> None:
    world.clock.advance(0.4)  # between two seconds, as real clocks mostly are
    a_clash(provider, an_arranged_interview(provider))
    world.look()
    assert len(world.store.drafts.open_drafts()) == 1
