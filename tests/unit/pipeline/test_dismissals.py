"""Not sending has meanings, and each is kept; what was dismissed comes back only when it changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import an_event
from calwatch.model.case import CaseState, DraftState, Outcome, RequestKind
from calwatch.model.event import Response
from calwatch.model.ledger import Request
from fakes.clock import ManualClock
from worlds import Provider, Waiting, World, a_clash, an_arranged_interview, providers

FOR_GOOD = [Outcome.KEEP, Outcome.HANDLED, Outcome.COVER, Outcome.NOT_INTERVIEW, Outcome.DISMISSED]


@pytest.fixture
def provider(clock: ManualClock) -> Provider:
    """What is decided here does not depend on the provider: one is enough."""
    return providers(clock)["graph-like"]


def dismiss(world: World, waiting: Waiting, because: Outcome | None) -> Request:
    payload = {"because": because.value} if because else {}
    return world.ask(RequestKind.DISMISS, world.again(waiting.draft), **payload)


@pytest.mark.parametrize("because", [*FOR_GOOD, Outcome.LATER])
def test_a_dismissed_draft_is_gone_from_the_mailbox(world: World, waiting: Waiting, because: Outcome) -> None:
    assert dismiss(world, waiting, because).ok
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    assert world.provider.mail.drafts == {}
    assert world.provider.mail.delivered == []


@pytest.mark.parametrize("because", FOR_GOOD)
def test_the_meaning_of_a_dismissal_is_kept(world: World, waiting: Waiting, because: Outcome) -> None:
    dismiss(world, waiting, because)
    case = world.store.cases.get(waiting.draft.case_id)
    assert (case.state, case.outcome) == (CaseState.CLOSED, because)


@pytest.mark.parametrize("because", FOR_GOOD)
def test_a_dismissed_trouble_is_not_raised_again(world: World, waiting: Waiting, because: Outcome) -> None:
    dismiss(world, waiting, because)
    world.provider.calendar.change(waiting.event.ref, description="Bring your laptop.")
    world.provider.calendar.kill_cursor()
    world.stop()
    world.start()
    world.live(timedelta(minutes=3), step=timedelta(minutes=1))
    assert world.store.drafts.open_drafts() == []


def test_without_a_reason_it_is_simply_dismissed(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, None)
    assert world.store.cases.get(waiting.draft.case_id).outcome is Outcome.DISMISSED


def test_something_else_in_the_way_is_another_trouble(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.KEEP)
    a_clash(world.provider, waiting.event, summary="Dentist")
    world.look()
    assert world.draft().id != waiting.draft.id


def test_the_same_thing_in_the_way_of_a_new_time_is_another_trouble(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.KEEP)
    later = waiting.event.start + timedelta(minutes=15)
    world.provider.calendar.move(waiting.event.ref, later, later + timedelta(hours=1))
    world.look()
    assert world.draft().id != waiting.draft.id


def test_only_a_part_of_a_dismissed_trouble_is_still_dismissed(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event)
    world.look()
    first = Waiting(event, "", world.draft())
    dismiss(world, first, Outcome.KEEP)
    second = a_clash(provider, event, summary="Dentist")
    world.look()
    provider.calendar.remove_by_hand(second)
    world.look()
    assert world.store.drafts.open_drafts() == []


def test_a_block_called_cover_stays_cover_when_both_are_moved(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.COVER)
    later = waiting.event.start + timedelta(days=1)
    world.provider.calendar.move(waiting.clash, later, later + timedelta(hours=1))
    world.provider.calendar.move(waiting.event.ref, later, later + timedelta(hours=1))
    world.look()
    assert world.store.drafts.open_drafts() == []


def test_what_is_not_an_interview_is_not_listed_as_one_any_more(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.NOT_INTERVIEW)
    world.look()
    now = world.clock.now()
    assert world.store.bookings.interviews(now, now + timedelta(days=60)) == []


def test_a_mark_takes_the_correction_back(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.NOT_INTERVIEW)
    world.look()
    booking = world.store.bookings.by_uid(waiting.event.uid)
    assert booking is not None
    a_clash(world.provider, waiting.event, summary="Dentist")
    world.ask(RequestKind.MARK, booking=booking.id, value="interview")
    world.look()
    assert world.draft()


def test_marking_something_as_no_interview_withdraws_its_draft(world: World, waiting: Waiting) -> None:
    booking = world.store.bookings.by_uid(waiting.event.uid)
    assert booking is not None
    world.ask(RequestKind.MARK, booking=booking.id, value="not")
    world.look()
    assert world.again(waiting.draft).state is DraftState.WITHDRAWN


def test_later_asks_again_the_next_day(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.LATER)
    world.live(timedelta(hours=23), step=timedelta(hours=1))
    assert world.store.drafts.open_drafts() == []
    world.live(timedelta(hours=2), step=timedelta(minutes=30))
    assert world.draft().id != waiting.draft.id


def test_after_later_the_service_sleeps_until_then(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.LATER)
    due = world.pipeline.next_due()
    assert due == world.clock.now() + timedelta(days=1)


def test_once_asked_again_nothing_is_due_in_the_past(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.LATER)
    world.live(timedelta(hours=25), step=timedelta(hours=1))
    due = world.pipeline.next_due()
    assert due is not None
    assert due > world.clock.now()


def test_later_for_a_trouble_that_goes_away_asks_nothing(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.LATER)
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.live(timedelta(hours=26), step=timedelta(hours=1))
    assert world.store.drafts.open_drafts() == []


def test_a_dismissed_draft_can_be_reopened(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.KEEP)
    assert world.ask(RequestKind.REOPEN, world.again(waiting.draft)).ok
    again = world.draft()
    assert (again.id, again.state) == (waiting.draft.id, DraftState.WAITING)
    assert again.version > waiting.draft.version
    assert [d.content for d in world.provider.mail.drafts.values()] == [again.letter.content]


def test_a_reopened_draft_can_be_sent(world: World, waiting: Waiting) -> None:
    dismiss(world, waiting, Outcome.KEEP)
    world.ask(RequestKind.REOPEN, world.again(waiting.draft))
    assert world.approve(world.draft()).ok
    world.live(timedelta(minutes=1))
    assert len(world.provider.mail.delivered) == 1


def test_a_meaning_nobody_knows_is_refused_and_nothing_happens(world: World, waiting: Waiting) -> None:
    request = world.ask(RequestKind.DISMISS, waiting.draft, because="rebooked")
    assert not request.ok
    assert world.again(waiting.draft).state is DraftState.WAITING
    assert not world.ask(RequestKind.DISMISS, waiting.draft, because="no such word").ok


def test_a_request_that_cannot_be_understood_does_not_stop_the_next_one(world: World, waiting: Waiting) -> None:
    assert not world.ask(RequestKind.ANSWER).ok
    assert not world.ask(RequestKind.EDIT, waiting.draft, intent="dance").ok
    assert dismiss(world, waiting, Outcome.KEEP).ok


def test_a_clash_is_raised_beside_a_dismissed_stronger_trouble(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    nobody = tuple(
        replace(a, response=Response.DECLINED) if a.person == event.organizer else a for a in event.attendees
    )
    provider.calendar.change(event.ref, attendees=nobody)
    world.live(timedelta(hours=11), step=timedelta(minutes=90))
    dismiss(world, Waiting(event, "", world.draft()), Outcome.HANDLED)
    provider.calendar.add(an_event(event.start, 60, summary="Dentist"))
    world.look()
    assert world.draft()
