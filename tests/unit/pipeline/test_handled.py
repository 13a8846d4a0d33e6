"""Mail the person wrote to the contact since the trouble began means that they have it in hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from builders import DANA, NOW
from calwatch.model.case import DraftState, Outcome
from calwatch.model.event import Person, Response
from worlds import Provider, Waiting, World, a_clash, an_arranged_interview, called_off, cancelled_by_mail


def wrote(provider: Provider, when: datetime, *, to: Person = DANA) -> None:
    """The person wrote to Dana, some time ago."""
    provider.mail.write("Hi Dana, thank you!", subject="Re: Interview", to=(to,), date=when)


def outcomes(world: World) -> list[Outcome | None]:
    return [case.outcome for case in world.store.cases.all()]


def test_who_wrote_after_the_clash_came_up_has_it_in_hand(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event, created=NOW - timedelta(hours=3))
    wrote(provider, NOW - timedelta(hours=1))
    world.look()
    assert world.store.drafts.all() == []
    assert outcomes(world) == [Outcome.HANDLED]


def test_mail_from_before_the_clash_handles_nothing(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event, created=NOW - timedelta(hours=3))
    wrote(provider, NOW - timedelta(days=1))
    world.look()
    assert world.draft()


def test_mail_to_somebody_else_handles_nothing(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event, created=NOW - timedelta(hours=3))
    wrote(provider, NOW - timedelta(hours=1), to=Person("friend@example.org"))
    world.look()
    assert world.draft()


def test_what_was_handled_is_not_raised_again(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event, created=NOW - timedelta(hours=3))
    wrote(provider, NOW - timedelta(hours=1))
    world.look()
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert outcomes(world) == [Outcome.HANDLED]


def test_writing_while_it_settles_is_in_time(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(timedelta(hours=1))
    called_off(provider, event)
    world.pipeline.pull_all()
    world.pipeline.assess()
    world.store.drafts.all()
    provider.mail.write("No problem!", to=(DANA,), subject="Re: Interview")
    world.look()
    assert world.store.drafts.open_drafts() == []


def test_writing_while_a_draft_waits_puts_the_draft_aside(world: World, waiting: Waiting) -> None:
    world.clock.advance(timedelta(minutes=10))
    world.provider.mail.write("Hi Dana, could we move it?", to=(DANA,), subject="Re: Interview")
    world.look()
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    assert outcomes(world) == [Outcome.HANDLED]
    assert world.provider.mail.drafts == {}


def test_writing_after_the_approval_keeps_the_letter_back(world: World, waiting: Waiting) -> None:
    world.clock.advance(timedelta(minutes=10))
    world.look()
    world.approve(world.again(waiting.draft))
    world.clock.advance(timedelta(seconds=10))
    world.provider.mail.write("Hi Dana, could we move it?", to=(DANA,), subject="Re: Interview")
    world.live(timedelta(minutes=2))
    assert [d.by for d in world.provider.mail.delivered] == ["person"]


def test_thanks_for_the_invitation_are_no_answer_to_its_cancellation(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    wrote(provider, NOW - timedelta(days=5))
    world.look()
    world.clock.advance(timedelta(hours=1))
    cancelled_by_mail(provider, event, world.clock.now())
    world.look()
    assert world.draft()


def test_an_old_cancellation_found_at_the_first_look_was_answered(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    cancelled_by_mail(provider, event, NOW - timedelta(days=2))
    wrote(provider, NOW - timedelta(days=1))
    world.look()
    assert outcomes(world) == [Outcome.HANDLED]


def test_an_old_cancellation_found_at_the_first_look_was_not_answered(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    wrote(provider, NOW - timedelta(days=3))
    cancelled_by_mail(provider, event, NOW - timedelta(days=2))
    world.look()
    assert world.draft()


def test_thanks_for_the_invitation_are_no_answer_to_ones_own_later_no(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    wrote(provider, NOW - timedelta(days=5))
    world.look()
    world.clock.advance(timedelta(hours=1))
    provider.calendar.change(event.ref, response=Response.DECLINED)
    world.look()
    assert world.draft()


def test_thanks_for_the_invitation_are_no_answer_to_a_later_move(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event, start=event.start + timedelta(days=1))
    wrote(provider, NOW - timedelta(days=5))
    world.look()
    world.clock.advance(timedelta(hours=1))
    provider.calendar.move(event.ref, event.start + timedelta(days=1), event.end + timedelta(days=1))
    world.look()
    assert world.draft()


def test_an_old_entry_moved_onto_the_interview_is_a_new_trouble(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    start = event.start + timedelta(days=1)
    other = a_clash(provider, event, start=start, created=NOW - timedelta(days=20))
    wrote(provider, NOW - timedelta(days=2))
    world.look()
    world.clock.advance(timedelta(hours=1))
    provider.calendar.change(other, start=event.start, end=event.end)
    world.look()
    assert world.draft()


def test_ones_own_letters_are_not_taken_for_mail_written_by_hand(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.live(timedelta(minutes=3))
    assert world.again(waiting.draft).state is DraftState.SENT
    later = waiting.event.start + timedelta(days=1)
    world.provider.calendar.move(waiting.event.ref, later, later + timedelta(hours=1))
    world.provider.calendar.change(waiting.clash, start=later, end=later + timedelta(hours=1))
    world.live(timedelta(minutes=3))
    assert world.draft(), "the trouble of the new time is another one"
