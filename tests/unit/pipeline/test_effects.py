"""Besides the mail: the answer to the invitation, then holds; their failure never undoes that the mail has left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, an_invitation
from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import DraftState, EffectKind, EffectState, Outcome, RequestKind, Situation
from calwatch.model.draft import Effect
from calwatch.model.event import Attendee, Person, Response, Status
from calwatch.pipeline.rsvp import Rsvp, read_rsvp
from calwatch.ports import Note
from fakes.faults import Answer
from worlds import Provider, Waiting, World, a_clash, a_waiting_draft, an_arranged_interview, cancelled_by_mail

PRIYA = Person("priya@globex.example", "Priya Nair")
WISHES = RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True)


@pytest.fixture
def wishing(world: World) -> Waiting:
    """A waiting letter whose approval also answers the invitation and holds the offered times."""
    world.prefer(replies=WISHES)
    return a_waiting_draft(world)


def send(world: World, waiting: Waiting) -> None:
    assert world.approve(world.again(waiting.draft)).ok
    world.live(timedelta(minutes=2), step=timedelta(seconds=40))


def effects(world: World, waiting: Waiting) -> list[Effect]:
    return world.store.effects.of_draft(waiting.draft.id)


def held(world: World) -> int:
    return world.provider.calendar.titles().count("Busy")


def calls(world: World) -> list[str]:
    return [name for name, _ in world.provider.mail.faults.log if name in ("send_draft", "respond", "hold", "release")]


def test_the_approval_shows_everything_that_will_happen(world: World, wishing: Waiting) -> None:
    assert [action.kind for action in wishing.draft.letter.actions] == ["send", "rsvp", "hold", "hold", "hold"]


def test_the_answer_says_what_the_person_saw_it_say(world: World, wishing: Waiting, account: str) -> None:
    letter = wishing.draft.letter
    (action,) = [action for action in letter.actions if action.kind == "rsvp"]
    assert 'saying "I have asked for another time by mail."' in action.detail
    proposes = account in ("graph-like", "outlook")
    assert ("proposing Wed 6 May" in action.detail) is proposes
    rsvp = read_rsvp(action.value)
    assert rsvp.note == Note("I have asked for another time by mail.", letter.slots[0] if proposes else None)
    assert str(rsvp) == action.value


def test_a_time_the_person_took_out_of_the_letter_is_neither_proposed_nor_held(
    world: World, wishing: Waiting, account: str
) -> None:
    line, (gone, *left) = wishing.draft.letter.slot_lines[0], wishing.draft.letter.slots
    stored = wishing.draft.stored
    assert stored is not None
    text = wishing.draft.letter.content.text.replace(line, "")
    world.provider.mail.edit_draft(stored.ref, text=text)
    world.look()
    letter = world.again(wishing.draft).letter
    assert letter.slots == tuple(left)
    assert [action.kind for action in letter.actions] == ["send", "rsvp", *["hold"] * len(left)]
    assert not [action for action in letter.actions if gone.start.isoformat() in action.value]
    (rsvp,) = [read_rsvp(action.value) for action in letter.actions if action.kind == "rsvp"]
    assert rsvp.note.proposal == (left[0] if account in ("graph-like", "outlook") else None)


def test_the_line_of_our_answer_is_no_letter_of_the_persons(world: World, provider: Provider) -> None:
    """Two interviews of one coordinator: what is sent for the first leaves the second to be answered."""
    world.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="decline")))
    for start in ("2026-05-05 13:00", "2026-05-12 13:00"):
        a_clash(provider, an_arranged_interview(provider, start))
    world.look()
    first, second = world.store.drafts.open_drafts()
    assert world.approve(first).ok
    world.live(timedelta(minutes=15), step=timedelta(minutes=1))
    assert world.store.drafts.get(first.id).state is DraftState.SENT
    assert world.store.drafts.get(second.id).state is DraftState.WAITING
    assert world.approve(world.again(second)).ok
    world.live(timedelta(minutes=15), step=timedelta(minutes=1))
    assert world.store.drafts.get(second.id).state is DraftState.SENT


def test_an_answer_stored_before_answers_carried_anything_is_still_one() -> None:
    assert read_rsvp("declined") == Rsvp(Response.DECLINED)


def test_first_the_mail_then_the_answer_then_the_holds(world: World, wishing: Waiting) -> None:
    send(world, wishing)
    assert calls(world) == ["send_draft", "respond", "hold", "hold", "hold"]
    assert {e.state for e in effects(world, wishing)} == {EffectState.DONE}


def test_before_the_mail_has_left_nothing_else_happens(world: World, wishing: Waiting) -> None:
    world.provider.mail.faults.plan("send_draft", Answer.REFUSED)
    send(world, wishing)
    assert effects(world, wishing) == []
    assert (world.provider.calendar.replies, held(world)) == ([], 0)


def test_a_refused_answer_leaves_the_mail_sent(world: World, wishing: Waiting) -> None:
    world.provider.calendar.faults.plan("respond", Answer.REFUSED)
    send(world, wishing)
    assert world.again(wishing.draft).state is DraftState.SENT
    states = {e.kind: e.state for e in effects(world, wishing)}
    assert states == {EffectKind.RSVP: EffectState.FAILED, EffectKind.HOLD: EffectState.DONE}


def test_a_failed_answer_can_be_tried_again(world: World, wishing: Waiting) -> None:
    world.provider.calendar.faults.plan("respond", Answer.REFUSED)
    send(world, wishing)
    assert world.ask(RequestKind.RETRY, world.again(wishing.draft)).ok
    world.look()
    assert {e.state for e in effects(world, wishing)} == {EffectState.DONE}
    assert len(world.provider.mail.delivered) == 1


def test_retrying_when_nothing_failed_is_refused(world: World, wishing: Waiting) -> None:
    send(world, wishing)
    assert not world.ask(RequestKind.RETRY, world.again(wishing.draft)).ok


def test_an_answer_is_tried_again_while_the_server_is_down(world: World, wishing: Waiting) -> None:
    world.provider.calendar.faults.plan("respond", Answer.DOWN, Answer.DOWN)
    send(world, wishing)
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert [reply.answer for reply in world.provider.calendar.replies] == [Response.TENTATIVE]


def test_an_answer_whose_confirmation_was_lost_is_given_once(world: World, wishing: Waiting) -> None:
    world.provider.calendar.faults.plan("respond", Answer.LOST)
    send(world, wishing)
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert len(world.provider.calendar.replies) == 1
    assert {e.state for e in effects(world, wishing)} == {EffectState.DONE}


def test_an_event_that_changed_meanwhile_is_answered_as_it_is_now(world: World, wishing: Waiting) -> None:
    assert world.approve(world.again(wishing.draft)).ok
    world.clock.advance(timedelta(seconds=31))
    world.pipeline.pull_all()
    world.provider.calendar.change(wishing.event.ref, description="Please bring your laptop.")
    world.pipeline.act()
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert [reply.answer for reply in world.provider.calendar.replies] == [Response.TENTATIVE]


def test_a_hold_whose_confirmation_was_lost_is_there_once(world: World, wishing: Waiting) -> None:
    world.provider.calendar.faults.plan("hold", Answer.LOST)
    send(world, wishing)
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert held(world) == 3


def test_holds_are_neutral(world: World, wishing: Waiting) -> None:
    before = world.provider.calendar.titles()
    send(world, wishing)
    assert world.provider.calendar.titles() == sorted([*before, "Busy", "Busy", "Busy"])


def test_its_own_holds_do_not_take_the_offered_times(world: World, wishing: Waiting) -> None:
    said = len(world.said)
    send(world, wishing)
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert [notice.title for notice in world.said[said:]] == ["Tue 5 May 15:00 still stands"]


def test_holds_are_released_when_it_is_rebooked(world: World, wishing: Waiting) -> None:
    send(world, wishing)
    slot = world.again(wishing.draft).letter.slots[0]
    world.provider.calendar.move(wishing.event.ref, slot.start, slot.end)
    world.live(timedelta(minutes=2), step=timedelta(minutes=1))
    assert held(world) == 0


def test_a_hold_that_was_never_made_is_not_made_after_the_case_closed(world: World, wishing: Waiting) -> None:
    world.provider.calendar.faults.plan("hold", *[Answer.DOWN] * 4)
    send(world, wishing)
    slot = world.again(wishing.draft).letter.slots[0]
    world.provider.calendar.move(wishing.event.ref, slot.start, slot.end)
    world.live(timedelta(minutes=20), step=timedelta(minutes=1))
    assert held(world) == 0


def test_sent_by_hand_makes_the_holds_but_no_answer(world: World, wishing: Waiting) -> None:
    (ref,) = world.provider.mail.drafts
    world.provider.mail.send_by_hand(ref)
    world.live(timedelta(minutes=3), step=timedelta(minutes=1))
    assert (held(world), world.provider.calendar.replies) == (3, [])


def test_a_withdrawal_declines_by_default(world: World, waiting: Waiting) -> None:
    world.ask(RequestKind.EDIT, waiting.draft, intent="withdraw")
    world.approve(world.draft())
    world.live(timedelta(minutes=7), step=timedelta(minutes=1))
    assert [reply.answer for reply in world.provider.calendar.replies] == [Response.DECLINED]


def test_a_reschedule_answers_nothing_by_default(world: World, waiting: Waiting) -> None:
    send(world, waiting)
    assert world.provider.calendar.replies == []


def test_thanks_for_a_cancellation_answer_nothing(world: World, wishing: Waiting) -> None:
    cancelled_by_mail(world.provider, wishing.event)
    world.provider.calendar.change(wishing.event.ref, status=Status.CANCELLED)
    world.look()
    assert [a.kind for a in world.draft().letter.actions if a.kind == "rsvp"] == []


def test_effects_outlast_a_restart(world: World, wishing: Waiting) -> None:
    world.provider.calendar.faults.plan("respond", Answer.DOWN)
    assert world.approve(world.again(wishing.draft)).ok
    world.live(timedelta(seconds=40))
    world.stop()
    world.start()
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert {e.state for e in effects(world, wishing)} == {EffectState.DONE}


def test_each_hold_says_which_time_it_holds(world: World, wishing: Waiting) -> None:
    details = [action.detail for action in wishing.draft.letter.actions if action.kind == "hold"]
    assert len(set(details)) == 3


def test_an_interview_on_a_held_time_has_no_trouble_but_takes_the_offer_away(world: World, wishing: Waiting) -> None:
    send(world, wishing)
    slot = wishing.draft.letter.slots[0]
    other = an_invitation(
        slot.start,
        organizer=PRIYA,
        attendees=(Attendee(ALEX, Response.ACCEPTED), Attendee(PRIYA, Response.ACCEPTED)),
        summary="Technical interview with Globex",
    )
    world.provider.calendar.add(other)
    said = len(world.said)
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert world.store.drafts.open_drafts() == []
    assert [case.situation for case in world.store.cases.open_cases()] == [Situation.CONFLICT], "the one that was sent"
    assert len(world.said) > said


def test_an_invitation_for_a_held_time_is_the_answer_and_frees_the_others(world: World, wishing: Waiting) -> None:
    send(world, wishing)
    world.clock.advance(60)
    world.provider.calendar.add(an_invitation(wishing.draft.letter.slots[0].start))
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert world.store.cases.get(wishing.draft.case_id).outcome is Outcome.REBOOKED
    assert held(world) == 0
    assert world.store.drafts.open_drafts() == []
