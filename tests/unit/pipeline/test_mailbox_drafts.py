"""The draft in the person's own mailbox: theirs as soon as they touch it, and gone when they throw it away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from builders import DANA, an_event
from calwatch.model.case import DraftState, Outcome
from calwatch.model.event import Person
from calwatch.model.message import Content, Message
from calwatch.ports import Mailbox, StoredDraft
from worlds import Waiting, World, a_waiting_draft, words


def ref_of(world: World) -> str:
    (ref,) = world.provider.mail.drafts
    return ref


def text_of(world: World) -> str:
    (draft,) = world.provider.mail.drafts.values()
    return draft.content.text


def take_slot(world: World, waiting: Waiting, number: int = 0) -> None:
    slot = world.again(waiting.draft).letter.slots[number]
    world.provider.calendar.add(an_event(slot.start, 60, summary="Dentist"))


def test_the_letter_lies_in_drafts_as_the_store_has_it(world: World, waiting: Waiting) -> None:
    (lies,) = world.provider.mail.drafts.values()
    assert lies.content == waiting.draft.letter.content
    assert waiting.draft.stored is not None
    assert waiting.draft.stored.of_version == waiting.draft.version


def test_it_answers_the_thread(world: World, waiting: Waiting) -> None:
    (lies,) = world.provider.mail.drafts.values()
    assert lies.in_reply_to in {message.message_id for message in world.provider.mail.messages}


def test_an_edit_in_the_mailbox_is_taken_over(world: World, waiting: Waiting) -> None:
    world.provider.mail.edit_draft(ref_of(world), text="Hi Dana, my own words.")
    world.look()
    seen = world.again(waiting.draft)
    assert (seen.touched, seen.letter.content.text) == (True, "Hi Dana, my own words.")
    assert seen.version > waiting.draft.version


def test_an_edit_of_the_recipient_is_taken_over_as_the_persons_word(world: World, waiting: Waiting) -> None:
    world.provider.mail.edit_draft(ref_of(world), to=(Person("boss@acme.example"),))
    world.look()
    recipient = world.again(waiting.draft).letter.recipient
    assert (recipient.to, recipient.named_by_user) == ((Person("boss@acme.example"),), True)


def test_a_copy_the_person_adds_in_the_mailbox_is_their_word_too(world: World, waiting: Waiting) -> None:
    world.provider.mail.edit_draft(ref_of(world), cc=(Person("boss@acme.example"),))
    world.look()
    assert world.approve(world.again(waiting.draft)).ok


def test_times_whose_lines_were_deleted_are_not_offered_any_more(world: World, waiting: Waiting) -> None:
    line = waiting.draft.letter.slot_lines[0]
    world.provider.mail.edit_draft(ref_of(world), text=text_of(world).replace(line, ""))
    world.look()
    assert world.again(waiting.draft).letter.slots == waiting.draft.letter.slots[1:]


def test_a_touched_draft_is_never_written_again(world: World, waiting: Waiting) -> None:
    mine = text_of(world) + "\nPS: I am looking forward to it."
    world.provider.mail.edit_draft(ref_of(world), text=mine)
    world.look()
    take_slot(world, waiting)
    world.live(timedelta(minutes=3), step=timedelta(minutes=1))
    assert words(text_of(world)) == words(mine)


def test_a_touched_draft_can_be_approved_as_it_lies(world: World, waiting: Waiting) -> None:
    world.provider.mail.edit_draft(ref_of(world), text=text_of(world) + "\nPS: See you.")
    world.look()
    assert world.approve(world.draft()).ok
    world.live(timedelta(minutes=1))
    (left,) = world.provider.mail.delivered
    assert left.content.text.endswith("PS: See you.")


def test_touched_and_stale_is_said_and_cannot_be_approved(world: World, waiting: Waiting) -> None:
    world.provider.mail.edit_draft(ref_of(world), text=text_of(world) + "\nPS: See you.")
    world.look()
    take_slot(world, waiting)
    world.look()
    stale = world.again(waiting.draft)
    assert "taken" in stale.notice
    assert not world.approve(stale).ok


def test_touched_and_stale_can_be_approved_once_corrected(world: World, waiting: Waiting) -> None:
    world.provider.mail.edit_draft(ref_of(world), text=text_of(world) + "\nPS: See you.")
    world.look()
    take_slot(world, waiting)
    world.look()
    line = waiting.draft.letter.slot_lines[0]
    world.provider.mail.edit_draft(ref_of(world), text=text_of(world).replace(line, ""))
    world.look()
    assert world.again(waiting.draft).notice == ""
    assert world.approve(world.draft()).ok


def test_opened_and_saved_unchanged_is_not_touched(world: World, waiting: Waiting) -> None:
    world.provider.mail.autosave(ref_of(world))
    world.look()
    seen = world.again(waiting.draft)
    assert (seen.touched, seen.version) == (False, waiting.draft.version)


def test_opened_and_saved_unchanged_still_leaves_when_approved(world: World, waiting: Waiting) -> None:
    world.provider.mail.autosave(ref_of(world))
    world.look()
    world.approve(world.draft())
    world.live(timedelta(minutes=1))
    assert len(world.provider.mail.delivered) == 1


def test_an_autosave_during_the_undo_time_does_no_harm(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.provider.mail.autosave(ref_of(world))
    world.live(timedelta(minutes=1))
    assert len(world.provider.mail.delivered) == 1


def test_an_edit_during_the_undo_time_brings_the_draft_back(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.provider.mail.edit_draft(ref_of(world), text="Hi Dana, other words.")
    world.live(timedelta(minutes=1))
    back = world.again(waiting.draft)
    assert (back.state, back.touched, world.provider.mail.delivered) == (DraftState.WAITING, True, [])
    assert back.notice


def test_sent_by_hand_is_sent(world: World, waiting: Waiting) -> None:
    world.provider.mail.send_by_hand(ref_of(world))
    world.live(timedelta(minutes=2))
    assert world.again(waiting.draft).state is DraftState.SENT
    assert [d.by for d in world.provider.mail.delivered] == ["person"]


def test_sent_by_hand_after_an_edit_is_sent_as_edited(world: World, waiting: Waiting) -> None:
    line = waiting.draft.letter.slot_lines[0]
    world.provider.mail.edit_draft(ref_of(world), text=text_of(world).replace(line, ""), to=(DANA,))
    world.provider.mail.send_by_hand(ref_of(world))
    world.live(timedelta(minutes=2))
    sent = world.again(waiting.draft)
    assert (sent.state, sent.touched) == (DraftState.SENT, True)
    assert sent.letter.slots == waiting.draft.letter.slots[1:]


def test_sent_by_hand_while_approved_does_not_leave_twice(world: World, waiting: Waiting) -> None:
    world.approve(waiting.draft)
    world.provider.mail.send_by_hand(ref_of(world))
    world.live(timedelta(minutes=3))
    assert [d.by for d in world.provider.mail.delivered] == ["person"]
    assert world.again(waiting.draft).state is DraftState.SENT


def test_sent_by_hand_with_a_taken_time_is_said_at_once(world: World, waiting: Waiting) -> None:
    said = len(world.said)
    world.provider.mail.send_by_hand(ref_of(world))
    take_slot(world, waiting)
    world.live(timedelta(minutes=2))
    assert len(world.said) == said + 1


def test_thrown_away_in_the_mailbox_is_dismissed(world: World, waiting: Waiting) -> None:
    world.provider.mail.discard_by_hand(ref_of(world))
    world.live(timedelta(minutes=4), step=timedelta(minutes=1))
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    assert world.store.cases.get(waiting.draft.case_id).outcome is Outcome.DISMISSED


def test_a_draft_missing_for_a_moment_is_not_believed_discarded(world: World, waiting: Waiting) -> None:
    ref = ref_of(world)
    held = world.provider.mail.drafts.pop(ref)
    world.live(timedelta(minutes=1))
    world.provider.mail.drafts[ref] = held
    world.live(timedelta(minutes=5), step=timedelta(minutes=1))
    assert world.again(waiting.draft).state is DraftState.WAITING


def test_what_was_thrown_away_is_not_drafted_again(world: World, waiting: Waiting) -> None:
    world.provider.mail.discard_by_hand(ref_of(world))
    world.live(timedelta(minutes=6), step=timedelta(minutes=1))
    assert world.provider.mail.drafts == {}


class Meddling:
    """A mailbox that adds people to the drafts it stores, as a reply made by the provider can."""

    def __init__(self, mail: Mailbox, **changes: Any) -> None:
        self._mail = mail
        self._changes = changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mail, name)

    def save_draft(self, reply_to: Message | None, content: Content, key: str) -> StoredDraft:
        stored = self._mail.save_draft(reply_to, content, key)
        return replace(stored, content=replace(stored.content, **self._changes))


@pytest.mark.parametrize("field", ["to", "cc"])
def test_people_a_provider_adds_make_the_draft_one_to_look_at(world: World, field: str) -> None:
    changes: dict[str, Any] = {field: (DANA, Person("everybody@acme.example"))}
    world.stop()
    world.wrap_mail = lambda mail: cast("Mailbox", Meddling(mail, **changes))
    world.start()
    draft = a_waiting_draft(world).draft
    assert draft.touched
    assert Person("everybody@acme.example") in getattr(draft.letter.content, field)


@pytest.mark.parametrize("field", ["to", "cc"])
def test_nobody_named_the_people_a_provider_adds(world: World, field: str) -> None:
    changes: dict[str, Any] = {field: (Person("everybody@acme.example"),)}
    world.stop()
    world.wrap_mail = lambda mail: cast("Mailbox", Meddling(mail, **changes))
    world.start()
    draft = a_waiting_draft(world).draft
    assert not world.approve(draft).ok
    assert world.provider.mail.delivered == []
