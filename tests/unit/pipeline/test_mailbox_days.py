"""Deciding in the mailbox itself, the same on every provider: sent, edited, thrown away, put back, or answered beside.

Drafts and Sent are the person's. What they do there counts as their word, is believed only when it is certain, and is
told; the letter leaves once or not at all.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from builders import DANA
from calwatch.model.case import CaseState, DraftState, Outcome, RequestKind
from calwatch.model.draft import Draft
from calwatch.model.event import Person
from calwatch.ports import Mailbox, MailQuery, Refused
from draft_hands import sent_slowly, thrown_away
from fakes.clock import ManualClock
from fakes.local_person import LocalPerson
from worlds import Provider, Waiting, World, providers, words

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BOSS = Person("boss@acme.example")


@pytest.fixture(params=["local", "gmail-like", "graph-like", "google", "outlook"])
def provider(request: pytest.FixtureRequest, clock: ManualClock, tmp_path: Path) -> Provider:
    if request.param == "local":
        return cast("Provider", LocalPerson(tmp_path / "Maildir", clock))
    if request.param.endswith("-like"):
        return providers(clock)[request.param]
    person: Provider = request.getfixturevalue(f"{request.param}_person")
    return person


def ref_of(world: World) -> str:
    stored = world.draft().stored
    assert stored is not None
    return stored.ref


def edit(world: World, **fields: object) -> None:
    world.provider.mail.edit_draft(ref_of(world), **fields)


def left_by(world: World) -> list[str]:
    return [mail.by for mail in world.provider.mail.delivered]


def told(world: World, draft: Draft) -> list[str]:
    """The history of a draft, as kinds."""
    return [entry.kind for entry in world.store.history.of_draft(draft.id)]


def case_of(world: World, waiting: Waiting) -> tuple[CaseState, Outcome | None]:
    case = world.store.cases.get(waiting.draft.case_id)
    return case.state, case.outcome


def lies_in_drafts(world: World) -> int:
    return len(world.provider.mail.drafts)


def heard(world: World) -> str:
    return "\n".join(f"{notice.title} {notice.body}" for notice in world.said)


# -- sent ------------------------------------------------------------------------------------------------------------


def test_sent_by_hand_as_it_was_counts_with_all_its_times(world: World, waiting: Waiting) -> None:
    world.provider.mail.send_by_hand(ref_of(world))
    world.live(10 * MINUTE, step=MINUTE)
    sent = world.again(waiting.draft)
    assert (sent.state, sent.touched, sent.letter.slots) == (DraftState.SENT, False, waiting.draft.letter.slots)
    assert case_of(world, waiting) == (CaseState.SENT, None)
    assert (left_by(world), lies_in_drafts(world), told(world, sent).count("hand_sent")) == (["person"], 0, 1)


def test_edited_and_sent_before_anybody_looked_counts_as_edited(world: World, waiting: Waiting) -> None:
    line = waiting.draft.letter.slot_lines[0]
    text = waiting.draft.letter.content.text.replace(line, "") + "\nPS: I am sorry."
    ref = world.provider.mail.edit_draft(ref_of(world), text=text)
    world.provider.mail.send_by_hand(ref)
    world.live(10 * MINUTE, step=MINUTE)
    sent = world.again(waiting.draft)
    assert (sent.state, sent.touched, sent.letter.slots) == (DraftState.SENT, True, waiting.draft.letter.slots[1:])
    assert words(sent.letter.content.text) == words(text)
    assert (left_by(world), lies_in_drafts(world)) == (["person"], 0)


def test_edited_seen_and_then_sent_counts_as_edited(world: World, waiting: Waiting) -> None:
    text = waiting.draft.letter.content.text + "\nPS: I am sorry."
    edit(world, text=text, cc=(BOSS,))
    world.live(2 * MINUTE, step=MINUTE)
    assert world.draft().touched
    world.provider.mail.send_by_hand(ref_of(world))
    world.live(10 * MINUTE, step=MINUTE)
    sent = world.again(waiting.draft)
    assert (sent.state, sent.letter.content.cc) == (DraftState.SENT, (BOSS,))
    assert words(sent.letter.content.text) == words(text)
    assert left_by(world) == ["person"]


@pytest.mark.parametrize("seconds", [60, 110])
def test_a_copy_that_shows_late_is_waited_for(world: World, waiting: Waiting, seconds: int) -> None:
    shows = sent_slowly(world.provider, ref_of(world))
    world.live(timedelta(seconds=seconds))
    assert world.again(waiting.draft).state is DraftState.WAITING
    shows()
    world.live(10 * MINUTE, step=MINUTE)
    sent = world.again(waiting.draft)
    assert (sent.state, case_of(world, waiting)) == (DraftState.SENT, (CaseState.SENT, None))
    assert "discarded" not in told(world, sent)
    assert (left_by(world), lies_in_drafts(world), len(world.store.drafts.all())) == (["person"], 0, 1)


def test_a_copy_that_shows_long_after_everybody_gave_up_is_not_answered_a_second_time(
    world: World, waiting: Waiting
) -> None:
    shows = sent_slowly(world.provider, ref_of(world))
    world.live(10 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    shows()
    world.live(5 * MINUTE, step=MINUTE)
    assert world.store.drafts.open_drafts() == []
    world.ask(RequestKind.REOPEN, world.again(waiting.draft))
    world.live(10 * MINUTE, step=MINUTE)
    assert case_of(world, waiting) == (CaseState.CLOSED, Outcome.HANDLED)
    assert (left_by(world), lies_in_drafts(world)) == (["person"], 0)


def test_sent_by_hand_while_approved_with_a_late_copy_leaves_once(world: World, waiting: Waiting) -> None:
    assert world.approve(world.draft()).ok
    shows = sent_slowly(world.provider, ref_of(world))
    world.live(MINUTE)
    assert world.again(waiting.draft).state is DraftState.APPROVED
    shows()
    world.live(10 * MINUTE)
    assert (world.again(waiting.draft).state, left_by(world)) == (DraftState.SENT, ["person"])


def test_sent_by_hand_in_time_and_seen_only_when_its_time_is_over_it_counts(world: World, waiting: Waiting) -> None:
    world.clock.advance(waiting.draft.expires - MINUTE - world.clock.now())
    world.provider.mail.send_by_hand(ref_of(world))
    if hasattr(world.provider.mail, "settle"):
        world.provider.mail.settle()
    world.clock.advance(2 * MINUTE)
    world.look()
    assert (world.again(waiting.draft).state, left_by(world)) == (DraftState.SENT, ["person"])


# -- edited ----------------------------------------------------------------------------------------------------------


def test_a_time_changed_by_hand_is_no_longer_offered_by_us(world: World, waiting: Waiting) -> None:
    line = waiting.draft.letter.slot_lines[1]
    edit(world, text=waiting.draft.letter.content.text.replace(line, "Friday, whenever it suits you"))
    world.live(2 * MINUTE, step=MINUTE)
    kept = (waiting.draft.letter.slots[0], *waiting.draft.letter.slots[2:])
    assert (world.draft().touched, world.draft().letter.slots) == (True, kept)
    assert world.approve(world.draft()).ok
    world.live(2 * MINUTE)
    assert left_by(world) == ["calwatch"]
    assert "Friday, whenever" in world.provider.mail.delivered[-1].content.text


def test_a_recipient_added_by_hand_is_named_by_the_person(world: World, waiting: Waiting) -> None:
    edit(world, to=(DANA, BOSS))
    world.live(2 * MINUTE, step=MINUTE)
    seen = world.draft()
    assert (seen.letter.recipient.named_by_user, seen.letter.content.to) == (True, (DANA, BOSS))
    assert world.approve(seen).ok
    world.live(2 * MINUTE)
    (mail,) = world.provider.mail.delivered
    assert {person.email for person in mail.content.to} == {DANA.email, BOSS.email}


@pytest.mark.parametrize("by", ["calwatch", "person"])
def test_another_subject_is_followed_wherever_the_mailbox_files_it(world: World, waiting: Waiting, by: str) -> None:
    edit(world, subject="About Tuesday")
    world.live(2 * MINUTE, step=MINUTE)
    assert (world.draft().touched, world.draft().letter.content.subject) == (True, "About Tuesday")
    if by == "calwatch":
        assert world.approve(world.draft()).ok
    else:
        world.provider.mail.send_by_hand(ref_of(world))
    world.live(10 * MINUTE, step=MINUTE)
    (mail,) = world.provider.mail.delivered
    assert (world.again(waiting.draft).state, mail.by) == (DraftState.SENT, by)
    assert mail.content.subject == "About Tuesday"


def test_edited_while_approved_it_waits_again_and_the_person_hears_of_it(world: World, waiting: Waiting) -> None:
    assert world.approve(world.draft()).ok
    edit(world, text="Hi Dana, in my own words.")
    world.live(5 * MINUTE)
    back = world.again(waiting.draft)
    assert (back.state, back.touched, left_by(world)) == (DraftState.WAITING, True, [])
    assert "after approving" in back.notice
    assert heard(world).count("Nothing has left") == 1
    assert world.approve(back).ok
    world.live(2 * MINUTE)
    assert [mail.content.text.strip() for mail in world.provider.mail.delivered] == ["Hi Dana, in my own words."]


# -- thrown away -----------------------------------------------------------------------------------------------------


def test_thrown_away_is_dismissed_after_the_grace_once_and_for_good(world: World, waiting: Waiting) -> None:
    thrown_away(world.provider, ref_of(world))
    world.live(2 * MINUTE)
    assert world.again(waiting.draft).state is DraftState.WAITING
    world.live(MINUTE)
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    assert case_of(world, waiting) == (CaseState.CLOSED, Outcome.DISMISSED)
    world.live(24 * HOUR, step=3 * HOUR)
    (only,) = world.store.drafts.all()
    assert (only.state, told(world, only).count("discarded"), lies_in_drafts(world)) == (DraftState.DISMISSED, 1, 0)
    assert left_by(world) == []


@pytest.mark.parametrize("step", [timedelta(seconds=15), 5 * MINUTE], ids=["looking often", "looking seldom"])
def test_it_must_be_missing_three_times_and_for_two_minutes(world: World, waiting: Waiting, step: timedelta) -> None:
    thrown_away(world.provider, ref_of(world))
    looks = 0
    while world.again(waiting.draft).state is DraftState.WAITING:
        world.live(step, step=step)
        looks += 1
    assert (looks >= 3, (looks - 1) * step >= 2 * MINUTE) == (True, True)
    assert looks * step <= 3 * max(step, MINUTE)


@pytest.mark.parametrize("after", [20, 100])
def test_put_back_within_the_grace_it_waits_as_before(world: World, waiting: Waiting, after: int) -> None:
    put_back = thrown_away(world.provider, ref_of(world))
    world.live(timedelta(seconds=after))
    put_back()
    world.live(15 * MINUTE, step=MINUTE)
    back = world.again(waiting.draft)
    assert (back.state, back.touched, lies_in_drafts(world)) == (DraftState.WAITING, False, 1)
    assert world.approve(back).ok
    world.live(2 * MINUTE)
    assert left_by(world) == ["calwatch"]


def test_put_back_and_thrown_away_again_the_grace_begins_anew(world: World, waiting: Waiting) -> None:
    put_back = thrown_away(world.provider, ref_of(world))
    world.live(100 * timedelta(seconds=1))
    put_back()
    world.live(MINUTE)
    thrown_away(world.provider, ref_of(world))
    world.live(100 * timedelta(seconds=1))
    assert world.again(waiting.draft).state is DraftState.WAITING
    world.live(2 * MINUTE)
    assert world.again(waiting.draft).state is DraftState.DISMISSED


def test_thrown_away_while_approved_it_is_not_sent_and_that_is_told(world: World, waiting: Waiting) -> None:
    world.live(MINUTE)
    assert world.approve(world.draft()).ok
    thrown_away(world.provider, ref_of(world))
    world.live(MINUTE)
    assert world.again(waiting.draft).state is DraftState.APPROVED
    world.live(4 * MINUTE)
    gone = world.again(waiting.draft)
    assert (gone.state, left_by(world), lies_in_drafts(world)) == (DraftState.DISMISSED, [], 0)
    assert case_of(world, waiting) == (CaseState.CLOSED, Outcome.DISMISSED)
    assert told(world, gone).count("discarded") == 1
    assert heard(world).count("looks settled already") == 1


def test_thrown_away_while_approved_and_put_back_it_leaves_once(world: World, waiting: Waiting) -> None:
    assert world.approve(world.draft()).ok
    put_back = thrown_away(world.provider, ref_of(world))
    world.live(MINUTE)
    put_back()
    world.live(5 * MINUTE)
    assert (world.again(waiting.draft).state, left_by(world)) == (DraftState.SENT, ["calwatch"])


def test_what_was_thrown_away_can_be_reopened_and_is_not_missed_at_once(world: World, waiting: Waiting) -> None:
    thrown_away(world.provider, ref_of(world))
    world.live(5 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    assert world.ask(RequestKind.REOPEN, world.again(waiting.draft)).ok
    world.live(MINUTE)
    again = world.draft()
    assert (again.id, lies_in_drafts(world)) == (waiting.draft.id, 1)
    put_back = thrown_away(world.provider, ref_of(world))
    world.live(MINUTE)
    assert world.again(waiting.draft).state is DraftState.WAITING  # its old absence does not count
    put_back()
    world.live(MINUTE)
    assert world.approve(world.draft()).ok
    world.live(2 * MINUTE)
    assert left_by(world) == ["calwatch"]


def test_put_back_after_the_grace_it_is_the_persons_and_stays(world: World, waiting: Waiting) -> None:
    put_back = thrown_away(world.provider, ref_of(world))
    world.live(5 * MINUTE, step=MINUTE)
    put_back()
    world.live(HOUR, step=5 * MINUTE)
    assert (world.again(waiting.draft).state, lies_in_drafts(world)) == (DraftState.DISMISSED, 1)


# -- another answer, and the work that all this is -------------------------------------------------------------------


@pytest.mark.parametrize("draft_too", [False, True], ids=["the draft still there", "the draft thrown away"])
def test_an_answer_written_by_hand_instead_ends_it(world: World, waiting: Waiting, draft_too: bool) -> None:
    world.live(10 * MINUTE, step=MINUTE)
    if draft_too:
        thrown_away(world.provider, ref_of(world))
    *_, first = world.provider.mail.find(MailQuery(addresses=frozenset({DANA.email})))
    world.provider.mail.write("Hi Dana, could we move it?", to=(DANA,), subject=f"Re: {first.subject}", answers=first)
    world.live(10 * MINUTE, step=MINUTE)
    ended = world.again(waiting.draft)
    state, outcome = case_of(world, waiting)
    handled = (ended.state, state, outcome) == (DraftState.DISMISSED, CaseState.CLOSED, Outcome.HANDLED)
    taken_for_it = (ended.state, state) == (DraftState.SENT, CaseState.SENT)
    assert handled or (draft_too and taken_for_it)
    world.live(24 * HOUR, step=3 * HOUR)
    assert (left_by(world), lies_in_drafts(world), len(world.store.drafts.all())) == (["person"], 0, 1)


def test_drafts_are_looked_at_only_while_one_waits(world: World, waiting: Waiting) -> None:
    looked: Counter[str] = Counter()
    world.stop()
    world.wrap_mail = lambda port: cast("Mailbox", Counting(port, looked))
    world.start()
    world.live(3 * MINUTE, step=MINUTE)
    assert looked["look"] == 3
    world.ask(RequestKind.DISMISS, world.draft())
    world.look()
    looked.clear()
    world.live(10 * MINUTE, step=MINUTE)
    assert set(looked) <= {"changes", "transmits"}


class Counting:
    """A mailbox that counts what it is asked."""

    def __init__(self, port: object, asked: Counter[str]) -> None:
        self._port, self._asked = port, asked

    def __getattr__(self, name: str) -> object:
        self._asked[name] += 1
        return getattr(self._port, name)


# -- a letter the provider refused -----------------------------------------------------------------------------------


def refused(world: World) -> None:
    """The letter was approved, and the provider said no for good; the draft still lies there."""
    world.stop()
    world.wrap_mail = lambda port: cast("Mailbox", Refusing(port))
    world.start()
    world.live(MINUTE, step=MINUTE)
    assert world.approve(world.draft()).ok
    world.live(2 * MINUTE)
    assert (world.draft().state, lies_in_drafts(world), left_by(world)) == (DraftState.FAILED, 1, [])


@pytest.mark.parametrize("edited", [False, True], ids=["as it was", "corrected"])
def test_a_refused_letter_sent_by_hand_counts(world: World, waiting: Waiting, edited: bool) -> None:
    refused(world)
    if edited:
        edit(world, to=(BOSS,))
    world.provider.mail.send_by_hand(ref_of(world))
    world.live(10 * MINUTE, step=MINUTE)
    sent = world.again(waiting.draft)
    assert (sent.state, sent.letter.content.to) == (DraftState.SENT, (BOSS,) if edited else (DANA,))
    assert (case_of(world, waiting), left_by(world)) == ((CaseState.SENT, None), ["person"])


def test_a_refused_letter_corrected_in_the_mailbox_waits_for_a_new_approval(world: World, waiting: Waiting) -> None:
    refused(world)
    edit(world, to=(BOSS,))
    world.live(2 * MINUTE, step=MINUTE)
    again = world.draft()
    assert (again.state, again.touched, again.letter.content.to, again.notice) == (
        DraftState.WAITING,
        True,
        (BOSS,),
        "",
    )


def test_a_refused_letter_thrown_away_is_dismissed(world: World, waiting: Waiting) -> None:
    refused(world)
    thrown_away(world.provider, ref_of(world))
    world.live(5 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    assert case_of(world, waiting) == (CaseState.CLOSED, Outcome.DISMISSED)


class Refusing:
    """A mailbox whose server takes no letter."""

    def __init__(self, port: object) -> None:
        self._port = port

    def __getattr__(self, name: str) -> object:
        return getattr(self._port, name)

    def send_draft(self, ref: str, version: str) -> Refused:
        return Refused("550 no such user")
