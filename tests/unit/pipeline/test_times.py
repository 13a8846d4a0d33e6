"""Offered times are free everywhere, reserved while they are offered, and never a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import NOW, an_event, an_invitation
from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import DraftState, RequestKind
from calwatch.model.event import Response
from calwatch.model.span import Span
from calwatch.pipeline import Account
from fakes.clock import ManualClock
from worlds import Provider, Waiting, World, a_clash, an_arranged_interview, providers

pytestmark = pytest.mark.in_memory  # Google's taken time has its own days


@pytest.fixture
def work(clock: ManualClock) -> Provider:
    """The calendar of the present employer, read for taken time only."""
    return providers(clock)["graph-like"]


@pytest.fixture
def employed(world: World, work: Provider) -> World:
    """A world with a second account of which only the taken time is read."""
    world.stop()
    account = Account(name="work", email="a@contoso.example", calendar=work.calendar, mail=work.mail, busy_only=True)
    world.others = (account,)
    world.start()
    return world


def free_everywhere(world: World, spans: tuple[Span, ...]) -> bool:
    busy = world.store.bookings.busy_spans(Span(NOW, NOW + timedelta(days=60)))
    return not any(span.overlaps(taken) for span in spans for taken in busy)


def test_three_free_times_are_offered(world: World, waiting: Waiting) -> None:
    assert len(waiting.draft.letter.slots) == 3
    assert free_everywhere(world, waiting.draft.letter.slots)


def test_the_time_of_a_busy_account_is_not_offered(employed: World, work: Provider, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider))
    employed.look()
    slot = employed.draft().letter.slots[0]
    work.calendar.add(an_event(slot.start, 60, summary="Secret project"))
    employed.look()
    assert not any(slot.overlaps(other) for other in employed.draft().letter.slots)


def test_a_meeting_at_work_is_asked_about_without_its_title(
    employed: World, work: Provider, provider: Provider
) -> None:
    event = an_arranged_interview(provider)
    work.calendar.add(an_event(event.start + timedelta(minutes=30), 60, summary="Secret project"))
    employed.look()
    draft = employed.draft()
    assert "Secret" not in f"{draft.letter} {employed.store.cases.get(draft.case_id)}"


def test_a_busy_account_is_never_written_to(employed: World, work: Provider, provider: Provider) -> None:
    employed.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="decline"), hold=True))
    event = an_arranged_interview(provider)
    work.calendar.add(replace(event, response=Response.ACCEPTED))
    a_clash(provider, event)
    employed.look()
    assert employed.approve(employed.draft()).ok
    employed.live(timedelta(minutes=3), step=timedelta(minutes=1))
    assert len(provider.mail.delivered) == 1
    assert work.calendar.replies == []
    assert work.calendar.holds == {}
    assert work.mail.drafts == {}


def test_an_invitation_in_the_mail_of_a_busy_account_is_not_read(employed: World, work: Provider) -> None:
    an_arranged_interview(work)
    employed.look()
    assert employed.store.bookings.interviews(NOW, NOW + timedelta(days=60)) == []


def test_with_an_unreadable_calendar_no_time_is_offered(employed: World, work: Provider, provider: Provider) -> None:
    work.calendar.unreadable.add("primary")
    a_clash(provider, an_arranged_interview(provider))
    employed.look()
    assert employed.draft().letter.slots == ()
    assert employed.draft().letter.slot_lines == ()


def test_the_letter_without_times_can_be_sent(employed: World, work: Provider, provider: Provider) -> None:
    work.calendar.unreadable.add("primary")
    a_clash(provider, an_arranged_interview(provider))
    employed.look()
    assert employed.approve(employed.draft()).ok


def test_an_approved_letter_waits_while_a_calendar_cannot_be_read(
    employed: World, work: Provider, provider: Provider
) -> None:
    a_clash(provider, an_arranged_interview(provider))
    employed.look()
    draft = employed.draft()
    work.calendar.unreadable.add("primary")
    employed.live(timedelta(minutes=4), step=timedelta(minutes=1))
    employed.approve(employed.again(draft))
    employed.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert employed.again(draft).state is DraftState.APPROVED
    work.calendar.unreadable.clear()
    employed.live(timedelta(minutes=2), step=timedelta(seconds=30))
    assert employed.again(draft).state is DraftState.SENT


def test_a_calendar_read_too_long_ago_is_unknown(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(timedelta(minutes=4))
    a_clash(provider, event)
    assert world.pipeline.slots(timedelta(hours=1)).slots == ()
    world.look()
    assert world.pipeline.slots(timedelta(hours=1)).slots != ()


def test_two_letters_never_offer_the_same_time(world: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider))
    a_clash(provider, an_arranged_interview(provider, "2026-05-06 13:00"))
    world.look()
    one, two = world.store.drafts.open_drafts()
    assert not any(a.overlaps(b) for a in one.letter.slots for b in two.letter.slots)


def test_what_a_sent_letter_offers_stays_reserved(world: World, provider: Provider, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.live(timedelta(minutes=2), step=timedelta(minutes=1))
    a_clash(provider, an_arranged_interview(provider, "2026-05-06 13:00"))
    world.look()
    two = world.draft()
    assert not any(a.overlaps(b) for a in waiting.draft.letter.slots for b in two.letter.slots)


def test_what_a_dismissed_letter_offered_is_free_again(world: World, waiting: Waiting) -> None:
    world.ask(RequestKind.DISMISS, waiting.draft, because="keep")
    assert world.store.drafts.reserved(world.clock.now()) == []


def test_a_time_that_is_taken_meanwhile_is_exchanged_in_the_waiting_letter(world: World, waiting: Waiting) -> None:
    slot = waiting.draft.letter.slots[1]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.look()
    renewed = world.again(waiting.draft)
    assert slot not in renewed.letter.slots
    assert len(renewed.letter.slots) == 3
    assert renewed.version > waiting.draft.version
    (lies,) = world.provider.mail.drafts.values()
    assert lies.content == renewed.letter.content


def test_the_other_times_stay_when_one_is_exchanged(world: World, waiting: Waiting) -> None:
    first, taken, last = waiting.draft.letter.slots
    world.provider.calendar.add(an_event(taken.start, 60, summary="Dentist"))
    world.look()
    assert {first, last} <= set(world.again(waiting.draft).letter.slots)


def test_approving_a_time_taken_meanwhile_is_refused_and_the_letter_renewed(world: World, waiting: Waiting) -> None:
    slot = waiting.draft.letter.slots[0]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.pipeline.pull_all()
    refused = world.approve(waiting.draft)
    assert not refused.ok
    assert refused.result["exit_code"] == 5
    renewed = world.again(waiting.draft)
    assert slot not in renewed.letter.slots
    assert world.approve(renewed).ok


def test_a_time_taken_between_approval_and_sending_brings_the_letter_back(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    slot = waiting.draft.letter.slots[0]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.live(timedelta(minutes=2))
    back = world.again(waiting.draft)
    assert (back.state, world.provider.mail.delivered) == (DraftState.WAITING, [])
    assert slot not in back.letter.slots
    assert back.notice


def test_the_next_interviews_own_time_is_not_offered(world: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider))
    other = an_invitation("2026-05-06 08:00", minutes=480, summary="Onsite interview with Initech")
    provider.calendar.add(other)
    world.look()
    for draft in world.store.drafts.open_drafts():
        assert not any(slot.overlaps(other.span) for slot in draft.letter.slots)
