"""One case per trouble: opened, replaced by a stronger one, withdrawn when it goes away, expired in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, DANA, NOW, an_event, an_invitation
from calwatch.model.case import DraftState, Intent, Outcome, RequestKind, Situation
from calwatch.model.event import Attendee, Person, Response, Status
from calwatch.model.message import Invitation, Method
from worlds import Provider, Waiting, World, a_clash, an_arranged_interview, called_off

LEE = Person("lee@neighbours.example", "Lee Moss")


def outcome(world: World, waiting: Waiting) -> Outcome | None:
    return world.store.cases.get(waiting.draft.case_id).outcome


def test_a_clash_is_one_case_with_one_letter(world: World, waiting: Waiting) -> None:
    (case,) = world.store.cases.all()
    assert (case.situation, waiting.draft.state) == (Situation.CONFLICT, DraftState.WAITING)
    assert len(world.provider.mail.drafts) == 1


def test_a_second_look_changes_nothing(world: World, waiting: Waiting) -> None:
    world.look()  # what calwatch did itself may be news to its own next look
    before, written = world.draft(), world.store.counters.rows_written
    world.look()
    assert world.draft() == before
    assert world.store.counters.rows_written == written


def test_a_page_to_choose_another_time_that_only_the_mail_names_is_shown(world: World, provider: Provider) -> None:
    event = an_invitation(created=NOW - timedelta(days=6))
    page = "https://calendly.com/reschedulings/2"
    provider.mail.receive(
        f"Hi Alex,\n\nplease find the invitation attached. To pick another time: {page}\n\nBest\nDana",
        sender=DANA,
        subject="Your interview",
        invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
        date=NOW - timedelta(days=6),
        automatic=True,
    )
    provider.calendar.add(event)
    a_clash(provider, event)
    world.look()
    letter = world.draft().letter
    assert letter.reschedule_link == page
    assert page not in letter.content.text


def test_two_things_in_the_way_are_one_case(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    a_clash(provider, event)
    a_clash(provider, event, summary="Dentist")
    world.look()
    (case,) = world.store.cases.all()
    assert len(case.clashing_ids) == 2
    assert world.draft()


def test_an_interview_in_order_has_no_case(world: World, provider: Provider) -> None:
    an_arranged_interview(provider)
    world.look()
    assert world.store.cases.all() == []


def test_a_clash_between_other_things_is_nobodys_business(world: World, provider: Provider) -> None:
    first = an_event("2026-05-05 13:00", summary="Weekly sync")
    provider.calendar.add(first)
    a_clash(provider, first)
    world.look()
    assert world.store.cases.all() == []


def test_a_stronger_situation_replaces_the_weaker_draft(world: World, waiting: Waiting) -> None:
    called_off(world.provider, waiting.event)
    world.look()
    assert world.again(waiting.draft).state is DraftState.REPLACED
    assert world.draft().letter.intent is Intent.ACKNOWLEDGE
    assert outcome(world, waiting) is Outcome.REPLACED


def test_the_replaced_draft_leaves_the_mailbox(world: World, waiting: Waiting) -> None:
    called_off(world.provider, waiting.event)
    world.look()
    (left,) = world.provider.mail.drafts.values()
    assert left.content == world.draft().letter.content


def test_a_replaced_draft_that_was_approved_does_not_leave(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    called_off(world.provider, waiting.event)
    world.live(timedelta(minutes=5))
    assert world.provider.mail.delivered == []
    assert world.again(waiting.draft).state is DraftState.WITHDRAWN
    assert world.draft().letter.intent is Intent.ACKNOWLEDGE


def test_a_weaker_trouble_beside_a_stronger_one_changes_nothing(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider, status=Status.CANCELLED)
    world.look()
    draft = world.draft()
    a_clash(provider, event)
    world.look()
    assert world.draft() == draft


def test_a_trouble_that_goes_away_withdraws_its_draft(world: World, waiting: Waiting) -> None:
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.look()
    assert world.again(waiting.draft).state is DraftState.WITHDRAWN
    assert outcome(world, waiting) is Outcome.GONE
    assert world.provider.mail.drafts == {}


def test_a_clash_that_is_only_declined_withdraws_too(world: World, provider: Provider) -> None:
    guests = (Attendee(ALEX, Response.ACCEPTED), Attendee(LEE, Response.ACCEPTED))
    event = an_arranged_interview(provider)
    clash = a_clash(provider, event, organizer=LEE, attendees=guests, response=Response.ACCEPTED)
    world.look()
    draft = world.draft()
    provider.calendar.answer_by_hand(clash, Response.DECLINED)
    world.look()
    assert world.again(draft).state is DraftState.WITHDRAWN


def test_a_draft_the_person_works_on_is_left_in_the_mailbox_when_its_trouble_goes(
    world: World, waiting: Waiting
) -> None:
    (ref,) = world.provider.mail.drafts
    world.provider.mail.edit_draft(ref, text="Dear Dana, my own words.")
    world.look()
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.look()
    assert world.again(waiting.draft).state is DraftState.WITHDRAWN
    assert [d.content.text for d in world.provider.mail.drafts.values()] == ["Dear Dana, my own words."]


def test_a_draft_edited_in_the_very_moment_its_trouble_goes_is_left_alone(world: World, waiting: Waiting) -> None:
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.pipeline.pull_all()
    world.pipeline.assess()
    (ref,) = world.provider.mail.drafts
    world.provider.mail.edit_draft(ref, text="Dear Dana, my own words.")
    world.pipeline.act()
    world.look()
    assert [d.content.text for d in world.provider.mail.drafts.values()] == ["Dear Dana, my own words."]


def test_an_approved_draft_whose_trouble_went_is_never_sent(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.live(timedelta(minutes=5))
    assert world.provider.mail.delivered == []
    assert world.again(waiting.draft).state is DraftState.WITHDRAWN


def test_a_trouble_that_comes_back_is_raised_again(world: World, waiting: Waiting) -> None:
    clash = world.provider.calendar.event(waiting.clash)
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.look()
    world.provider.calendar.add(clash)
    world.look()
    assert world.draft().id != waiting.draft.id


def test_a_draft_expires_when_the_interview_starts(world: World, waiting: Waiting) -> None:
    world.clock.advance(waiting.event.start - world.clock.now())
    world.look()
    assert world.again(waiting.draft).state is DraftState.EXPIRED
    assert outcome(world, waiting) is Outcome.EXPIRED
    assert world.provider.mail.drafts == {}


def test_an_expired_trouble_is_not_raised_while_the_interview_lasts(world: World, waiting: Waiting) -> None:
    world.clock.advance(waiting.event.start - world.clock.now())
    world.look()
    world.live(timedelta(minutes=30), step=timedelta(minutes=10))
    assert world.store.drafts.open_drafts() == []


def test_an_acknowledgement_waits_five_working_days(world: World, provider: Provider) -> None:
    an_arranged_interview(provider, status=Status.CANCELLED)
    world.look()
    draft = world.draft()
    world.clock.advance(timedelta(days=6, hours=23))
    world.look()
    assert world.again(draft).state is DraftState.WAITING
    world.clock.advance(timedelta(hours=2))
    world.look()
    assert world.again(draft).state is DraftState.EXPIRED


def test_two_interviews_in_trouble_are_two_cases(world: World, provider: Provider) -> None:
    a_clash(provider, an_arranged_interview(provider))
    a_clash(provider, an_arranged_interview(provider, "2026-05-07 09:00"))
    world.look()
    assert len(world.store.drafts.open_drafts()) == 2


def test_an_interview_opened_by_hand_is_not_judged_by_the_calendar(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    booking = world.store.bookings.by_uid(event.uid)
    assert booking is not None
    asked = world.ask(RequestKind.OPEN_CASE, booking=booking.id, intent="withdraw")
    assert asked.ok
    world.look()
    draft = world.draft()
    assert (draft.letter.intent, draft.state) == (Intent.WITHDRAW, DraftState.WAITING)


def test_opening_by_hand_takes_over_from_what_calwatch_noticed(world: World, waiting: Waiting) -> None:
    booking = world.store.bookings.by_uid(waiting.event.uid)
    assert booking is not None
    assert world.ask(RequestKind.OPEN_CASE, booking=booking.id, intent="reschedule", occasion="sick").ok
    assert world.again(waiting.draft).state is DraftState.REPLACED
    assert len(world.provider.mail.drafts) == 1


@pytest.mark.in_memory  # a hundred passes that ask the provider nothing new
def test_nothing_is_ever_due_in_the_past(world: World, waiting: Waiting) -> None:
    world.live(timedelta(days=16), step=timedelta(hours=5))
    due = world.pipeline.next_due()
    assert due is None or due > world.clock.now()
