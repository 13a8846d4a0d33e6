"""Nothing leaves without approval of exactly this content, and an approval holds only for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, DANA, an_event, an_invitation
from calwatch.approve.options import ApprovalOptions, UndoOptions
from calwatch.draft.options import RepliesOptions
from calwatch.model.case import DraftState, RequestKind
from calwatch.model.draft import Draft
from calwatch.model.event import Person
from calwatch.pipeline import Account
from fakes.faults import Answer
from fakes.gmail_like import GmailLike
from worlds import Provider, Waiting, World, a_clash, a_waiting_draft


def left(world: World) -> int:
    return len(world.provider.mail.delivered)


def moves(world: World, draft: Draft) -> list[str]:
    return [entry.kind for entry in world.store.history.of_draft(draft.id)]


def test_without_approval_nothing_leaves(world: World, waiting: Waiting) -> None:
    world.live(timedelta(hours=5), step=timedelta(hours=1))
    assert left(world) == 0


def test_an_approved_letter_leaves_after_the_undo_time(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.live(timedelta(seconds=29), step=timedelta(seconds=29))
    assert left(world) == 0
    world.live(timedelta(seconds=2))
    assert left(world) == 1


def test_what_leaves_is_what_was_approved(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.live(timedelta(minutes=1))
    (mail,) = world.provider.mail.delivered
    assert mail.content == waiting.draft.letter.content


def test_no_mail_and_no_header_names_calwatch(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.live(timedelta(minutes=1))
    (mail,) = world.provider.mail.delivered
    assert "calwatch" not in f"{mail.content} {mail.body} {mail.message_id} {mail.references}".lower()


def test_an_approval_of_another_version_is_refused(world: World, waiting: Waiting) -> None:
    world.ask(RequestKind.EDIT, waiting.draft, body=waiting.draft.letter.content.text + "\nPS: See you.")
    refused = world.approve(waiting.draft)
    assert (refused.ok, refused.result["exit_code"]) == (False, 5)
    assert world.draft().state is DraftState.WAITING


def test_an_approval_of_another_text_is_refused(world: World, waiting: Waiting) -> None:
    refused = world.ask(RequestKind.APPROVE, waiting.draft, version=waiting.draft.version, hash="something else")
    assert not refused.ok


def test_an_edit_in_the_mailbox_just_before_the_click_is_refused(world: World, waiting: Waiting) -> None:
    (ref,) = world.provider.mail.drafts
    world.provider.mail.edit_draft(ref, text="Hi Dana, other words.")
    assert not world.approve(waiting.draft).ok
    world.live(timedelta(minutes=2))
    assert left(world) == 0


def test_approving_twice_is_refused(world: World, waiting: Waiting) -> None:
    assert world.approve(waiting.draft).ok
    assert not world.approve(waiting.draft).ok
    world.live(timedelta(minutes=2))
    assert left(world) == 1


def test_undo_calls_it_back(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    assert world.ask(RequestKind.UNDO, waiting.draft).ok
    world.live(timedelta(minutes=2))
    assert (left(world), world.again(waiting.draft).state) == (0, DraftState.WAITING)


def test_undo_after_it_left_is_refused(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.live(timedelta(minutes=1))
    assert not world.ask(RequestKind.UNDO, waiting.draft).ok


def test_what_was_called_back_can_be_approved_again(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.ask(RequestKind.UNDO, waiting.draft)
    assert world.approve(world.again(waiting.draft)).ok
    world.live(timedelta(minutes=1))
    assert left(world) == 1


def test_a_withdrawal_can_be_called_back_longer(world: World, waiting: Waiting) -> None:
    world.ask(RequestKind.EDIT, waiting.draft, intent="withdraw")
    world.approve(world.draft())
    world.live(timedelta(minutes=4), step=timedelta(minutes=1))
    assert left(world) == 0
    world.live(timedelta(minutes=2), step=timedelta(seconds=30))
    assert left(world) == 1


def test_the_undo_time_is_the_persons(world: World, waiting: Waiting) -> None:
    world.prefer(approval=ApprovalOptions(undo=UndoOptions(default=timedelta(0))))
    world.approve(waiting.draft)
    world.look()
    assert left(world) == 1


def test_the_undo_time_outlasts_a_restart(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.stop()
    world.start()
    world.live(timedelta(seconds=20))
    assert left(world) == 0
    world.live(timedelta(seconds=20))
    assert left(world) == 1


def test_an_approval_that_could_not_be_kept_within_15_minutes_goes_back(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.clock.advance(timedelta(hours=8))  # the lid was closed
    world.look()
    back = world.again(waiting.draft)
    assert (back.state, left(world)) == (DraftState.WAITING, 0)
    assert "15 minutes" in back.notice


def test_during_an_outage_it_goes_back_as_well(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    slot = waiting.draft.letter.slots[0]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.pipeline.pull_all()
    for operation in ("changes", "look", "find", "get"):
        world.provider.mail.faults.plan(operation, *[Answer.DOWN] * 200)
    world.live(timedelta(minutes=17), step=timedelta(minutes=1))
    assert (world.again(waiting.draft).state, left(world)) == (DraftState.WAITING, 0)


def test_what_went_back_needs_a_new_approval(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.clock.advance(timedelta(hours=1))
    world.look()
    assert not world.approve(waiting.draft).ok, "that was the version before"
    assert world.approve(world.again(waiting.draft)).ok


def test_sign_in_needed_keeps_the_letter_back(world: World, waiting: Waiting) -> None:
    world.clock.advance(1)
    world.provider.mail.faults.plan("changes", *[Answer.SIGN_IN] * 99)
    world.approve(waiting.draft)
    world.live(timedelta(minutes=1))
    assert (left(world), world.again(waiting.draft).state) == (0, DraftState.APPROVED)


def test_it_looks_at_everything_once_more_after_the_click(world: World, waiting: Waiting) -> None:
    world.clock.advance(timedelta(seconds=50))
    world.approve(waiting.draft)
    before = len([name for name, _ in world.provider.mail.faults.log if name == "changes"])
    world.clock.advance(timedelta(seconds=31))
    world.pipeline.act()
    log = [name for name, _ in world.provider.mail.faults.log]
    assert log.count("changes") > before
    assert max(i for i, name in enumerate(log) if name == "changes") < log.index("send_draft")


def test_right_after_the_click_a_time_taken_in_the_last_minute_is_noticed(world: World, waiting: Waiting) -> None:
    world.clock.advance(timedelta(seconds=50))
    slot = waiting.draft.letter.slots[0]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.approve(waiting.draft)
    back = world.again(waiting.draft)
    assert (back.state, slot in back.letter.slots) == (DraftState.WAITING, False)


def test_right_before_the_attempt_everything_is_checked_again(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.clock.advance(timedelta(seconds=31))
    slot = waiting.draft.letter.slots[0]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))
    world.pipeline.act()
    world.look()
    assert left(world) == 0


def test_an_interview_moved_after_the_click_keeps_the_letter_back(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    later = waiting.event.start + timedelta(hours=20)
    world.provider.calendar.move(waiting.event.ref, later, later + timedelta(hours=1))
    world.live(timedelta(minutes=1))
    assert left(world) == 0


def test_an_approved_letter_expires_with_the_start(world: World, provider: Provider) -> None:
    near = a_waiting_draft(world, "2026-04-20 08:05")
    world.approve(near.draft)
    world.clock.advance(timedelta(minutes=10))
    world.look()
    assert (world.again(near.draft).state, left(world)) == (DraftState.EXPIRED, 0)


def test_delivery_drafts_never_sends(world: World, waiting: Waiting) -> None:
    world.prefer(replies=RepliesOptions(delivery="drafts"))
    refused = world.approve(waiting.draft)
    assert (refused.ok, refused.result["exit_code"]) == (False, 5)
    assert "Drafts folder" in refused.result["text"]
    world.live(timedelta(minutes=2))
    assert left(world) == 0


def test_delivery_drafts_still_notices_what_was_sent_by_hand(world: World, waiting: Waiting) -> None:
    world.prefer(replies=RepliesOptions(delivery="drafts"))
    (ref,) = world.provider.mail.drafts
    world.provider.mail.send_by_hand(ref)
    world.live(timedelta(minutes=2))
    assert world.again(waiting.draft).state is DraftState.SENT


@pytest.fixture
def unaddressed(world: World, provider: Provider) -> Draft:
    """A letter for which no safe address is known: the invitation came from a system, and no human wrote."""
    robot = Person("no-reply@ats.example", "Acme Talent")
    event = an_invitation(organizer=robot, attendees=(), description="Technical interview with Acme for Alex.")
    provider.calendar.add(event)
    a_clash(provider, event)
    world.look()
    return world.draft()


def test_a_letter_without_a_recipient_cannot_be_approved(world: World, unaddressed: Draft) -> None:
    assert unaddressed.letter.content.to == ()
    refused = world.approve(unaddressed)
    assert "--to" in refused.result["text"]


def test_a_letter_without_a_recipient_is_not_in_the_mailbox(world: World, unaddressed: Draft) -> None:
    assert world.provider.mail.drafts == {}


def test_once_a_person_is_named_it_can_be_approved(world: World, unaddressed: Draft) -> None:
    assert world.ask(RequestKind.EDIT, unaddressed, to=["dana@acme.example"]).ok
    assert [d.content.to[0].email for d in world.provider.mail.drafts.values()] == ["dana@acme.example"]
    assert world.approve(world.draft()).ok
    world.live(timedelta(minutes=1))
    assert left(world) == 1


def test_an_address_nobody_reads_cannot_be_named(world: World, unaddressed: Draft) -> None:
    assert not world.ask(RequestKind.EDIT, unaddressed, to=["noreply@acme.example"]).ok


def test_a_block_of_the_etiquette_check_cannot_be_approved(world: World, waiting: Waiting) -> None:
    text = waiting.draft.letter.content.text.replace(waiting.draft.letter.slot_lines[0], "")
    world.ask(RequestKind.EDIT, waiting.draft, body=text)
    assert not world.approve(world.draft()).ok


def test_switching_times_exchanges_their_lines(world: World, waiting: Waiting) -> None:
    wanted = waiting.draft.letter.alternatives[0]
    assert world.ask(RequestKind.EDIT, waiting.draft, slots=[1]).ok
    assert world.draft().letter.slots == (wanted,)
    assert world.approve(world.draft()).ok


def test_the_audit_trail_names_every_step(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.live(timedelta(minutes=1))
    assert [kind for kind in moves(world, waiting.draft) if kind in ("approve", "attempt", "accepted")] == [
        "approve",
        "attempt",
        "accepted",
    ]


def test_sending_is_committed_before_the_attempt(world: World, waiting: Waiting) -> None:
    world.provider.mail.faults.plan("send_draft", Answer.LATE)
    world.approve(waiting.draft)
    world.live(timedelta(seconds=40))
    assert world.again(waiting.draft).state is DraftState.SENDING


def test_mail_to_the_same_person_by_hand_between_click_and_sending_is_told(world: World, waiting: Waiting) -> None:
    world.clock.advance(timedelta(minutes=1))
    world.look()
    world.approve(world.again(waiting.draft))
    world.clock.advance(timedelta(seconds=5))
    world.provider.mail.write("Hi Dana, never mind.", to=(DANA,), subject="Re: Interview at Acme")
    world.live(timedelta(minutes=1))
    assert [mail.by for mail in world.provider.mail.delivered] == ["person"]


def with_an_unreadable_account(world: World) -> None:
    """A second account, read well so far, stops answering."""
    other = GmailLike(ALEX, world.clock)
    world.stop()
    world.others = (Account(name="other", email=ALEX.email, calendar=other.calendar, mail=None, busy_only=True),)
    world.start()
    world.look()
    other.faults.plan("changes", *[Answer.DOWN] * 99)
    world.clock.advance(1)


def test_a_withdrawal_waits_for_no_calendar_that_has_nothing_to_do_with_it(world: World, waiting: Waiting) -> None:
    with_an_unreadable_account(world)
    world.ask(RequestKind.EDIT, waiting.draft, version=waiting.draft.version, intent="withdraw")
    assert world.approve(world.draft()).ok
    world.live(timedelta(minutes=6))
    assert left(world) == 1


def test_offered_times_wait_for_every_calendar(world: World, waiting: Waiting) -> None:
    with_an_unreadable_account(world)
    assert world.approve(world.again(waiting.draft)).ok
    world.live(timedelta(minutes=6))
    assert left(world) == 0


def test_waiting_for_the_same_thing_again_is_no_news_in_the_history(world: World, waiting: Waiting) -> None:
    with_an_unreadable_account(world)
    world.approve(world.again(waiting.draft))
    world.live(timedelta(minutes=6))
    said = [entry.what for entry in world.store.history.of_draft(waiting.draft.id) if entry.kind == "due"]
    assert len(said) == len(set(said)) > 0
