"""Letters in Outlook's Drafts: with their quote, one each whatever answer gets lost, never anybody else's words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import ALEX, DANA
from calwatch.errors import Doubt, NeedsSignIn, Rejected, Retry, Stop, Touched
from calwatch.formats.mime import fingerprint
from calwatch.model.event import Person
from calwatch.model.message import Message
from calwatch.ports import Accepted, Gone, MailQuery, Refused, Sent, StoredDraft, Waiting
from contract.mail_suite import LETTER, SINCE
from contract.outlook_mail_world import CREATE, DELETE, PATCH, REPLY, SEND, WRITES, OutlookMailWorld
from fakes.clock import ManualClock
from fakes.microsoft import mail_html
from fakes.microsoft.faults import Fault
from fakes.microsoft.mail_items import Mail
from fakes.microsoft.server import FakeMicrosoft

BOB = Person("bob@elsewhere.example", "Bob")
OTHER = replace(LETTER, text="Something of my own.")


@pytest.fixture
def world(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[OutlookMailWorld]:
    world = OutlookMailWorld(microsoft, clock, tmp_path)
    yield world
    assert not microsoft.violations
    assert not [mail for mail in world.outlook.destroyed if not mail.is_draft]


@pytest.fixture
def thread(world: OutlookMailWorld) -> Message:
    world.receive("Hi Alex, does <b>Tuesday</b> work?", sender=DANA, subject="Interview at Acme")
    world.settle()
    return world.mail.find(MailQuery(addresses=frozenset({DANA.email})))[0]


@pytest.fixture
def draft(world: OutlookMailWorld, thread: Message) -> StoredDraft:
    return world.mail.save_draft(thread, LETTER, "key-1")


def kept(world: OutlookMailWorld) -> Mail:
    """The one draft there is."""
    (only,) = world.outlook.drafts.values()
    return only


def by_hand(world: OutlookMailWorld, answers: Message, text: str = "", to: tuple[Person, ...] = (DANA,)) -> Mail:
    """The person begins a reply of their own in Outlook."""
    now = world.clock.now()
    quote = mail_html.quoted([], world.outlook.mails[answers.ref].body)
    return world.outlook.add(
        "drafts",
        subject=f"RE: {answers.subject}",
        to=to,
        body=mail_html.composed(text, quote) if text else mail_html.safe(quote),
        thread=answers.thread,
        in_reply_to=answers.message_id,
        is_draft=True,
        created=now,
    )


# -- in the conversation ---------------------------------------------------------------------------------------------


def test_a_letter_is_a_reply_to_the_mail_with_its_quote_and_marks_that_stay_in_the_mailbox(
    world: OutlookMailWorld, thread: Message
) -> None:
    world.receive("Sorry, I mean Wednesday.", sender=DANA, subject="Re: Interview at Acme", answers=thread)
    newest = world.mail.find(MailQuery(threads=frozenset({thread.thread})))[0]
    draft = world.mail.save_draft(newest, replace(LETTER, text="<script>alert(1)</script> & regards"), "key-1")
    (reply,) = [seen for seen in world.microsoft.seen if seen.operation == REPLY]
    (patch,) = [seen for seen in world.microsoft.seen if seen.operation == PATCH]
    stored = kept(world)
    assert newest.ref in world.outlook.mails
    assert stored.in_reply_to == newest.message_id == "".join(stored.references[-1:])
    assert stored.thread == draft.thread == thread.thread
    assert "Sorry, I mean Wednesday." in mail_html.as_text(stored.body)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; regards" in patch.body["body"]["content"]
    assert draft.content.text == "<script>alert(1)</script> & regards"
    assert reply.body["message"].keys() & {"body", "comment"} == set()
    assert patch.if_match
    assert [value for name, value in stored.properties.items() if name.name == "letter-key"] == ["key-1"]
    assert "calwatch" not in stored.body


def test_a_letter_goes_to_whom_it_names_and_to_nobody_outlook_would_add(world: OutlookMailWorld) -> None:
    world.outlook.receive("Hi", sender=DANA, subject="Interview", to=(ALEX, BOB), cc=(BOB,), reply_to=(BOB, ALEX))
    world.settle()
    thread = world.mail.find(MailQuery(addresses=frozenset({DANA.email})))[0]
    draft = world.mail.save_draft(thread, replace(LETTER, bcc=(ALEX,)), "key-1")
    assert (kept(world).to, kept(world).cc, kept(world).bcc) == ((DANA,), (), (ALEX,))
    assert (draft.content.to, draft.content.cc, draft.content.bcc) == ((DANA,), (), (ALEX,))


@pytest.mark.parametrize("marks_read", [False, True])
def test_the_mail_that_is_answered_stays_unread(world: OutlookMailWorld, thread: Message, marks_read: bool) -> None:
    world.outlook.reply_marks_read = marks_read
    assert not world.outlook.mails[thread.ref].is_read
    world.mail.save_draft(thread, LETTER, "key-1")
    assert not world.outlook.mails[thread.ref].is_read


def test_a_mail_the_person_has_read_is_not_marked_anew(world: OutlookMailWorld, thread: Message) -> None:
    world.outlook.read(thread)
    world.mail.save_draft(thread, LETTER, "key-1")
    assert world.outlook.mails[thread.ref].is_read
    assert world.microsoft.count(PATCH) == 1


def test_the_quote_is_still_there_after_a_letter_was_rewritten(
    world: OutlookMailWorld, thread: Message, draft: StoredDraft
) -> None:
    new = world.mail.update_draft(draft.ref, replace(LETTER, text="Shorter."), draft.version)
    new = world.mail.update_draft(new.ref, replace(LETTER, text="Shortest."), new.version)
    text = mail_html.as_text(kept(world).body)
    assert text.count("does <b>Tuesday</b> work?") == 1
    assert "Shorter." not in text
    assert text.index("Shortest.") < text.index("does <b>Tuesday")
    assert (new.thread, kept(world).in_reply_to) == (thread.thread, thread.message_id)


def test_a_letter_to_a_mail_that_is_gone_is_not_stored_elsewhere(world: OutlookMailWorld, thread: Message) -> None:
    with pytest.raises(Stop, match="no longer has the mail"):
        world.mail.save_draft(replace(thread, ref="AAkALgNowhere="), LETTER, "key-1")
    assert not world.outlook.drafts


def test_a_letter_that_begins_a_conversation_is_followed_as_well(world: OutlookMailWorld) -> None:
    draft = world.mail.save_draft(None, replace(LETTER, subject="Interview"), "key-1")
    assert world.mail.save_draft(None, replace(LETTER, subject="Interview"), "key-1") == draft
    world.outlook.edit_draft(draft.ref, subject="Our interview")
    world.send_by_hand(draft.ref)
    world.settle()
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Sent)
    assert seen.message.subject == "Our interview"
    assert world.asked(*WRITES) == [CREATE]


# -- answers that get lost -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("marks", [True, False], ids=["marked at once", "marked later"])
@pytest.mark.parametrize("operation", [REPLY, PATCH])
@pytest.mark.parametrize(
    "fault", [Fault.LOST, Fault.UNDONE, Fault.TRUNCATED, Fault.BROKEN_OFF, Fault.DOWN, Fault.HTML_504, Fault.TOO_MANY]
)
def test_whatever_became_of_either_step_there_is_one_draft_in_the_end(
    world: OutlookMailWorld, thread: Message, fault: Fault, operation: str, marks: bool
) -> None:
    world.outlook.reply_keeps_properties = marks
    world.microsoft.faults.plan(operation, fault)
    with pytest.raises((Doubt, Retry)):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(world.mail.quiescence)
    world.restart()
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    world.restart()
    assert world.mail.save_draft(thread, LETTER, "key-1") == draft
    assert kept(world).ref == draft.ref.split(" ")[0]
    assert fingerprint(draft.content) == fingerprint(LETTER)
    assert draft.thread == thread.thread


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNDONE])
def test_a_new_mail_whose_answer_was_lost_is_one_draft(world: OutlookMailWorld, fault: Fault) -> None:
    world.microsoft.faults.plan(CREATE, fault)
    with pytest.raises(Doubt):
        world.mail.save_draft(None, LETTER, "key-1")
    world.restart()
    draft = world.mail.save_draft(None, LETTER, "key-1")
    assert kept(world).ref == draft.ref.split(" ")[0]


def test_a_creation_that_happens_late_is_waited_for_and_no_second_one_is_made(
    world: OutlookMailWorld, thread: Message
) -> None:
    world.microsoft.faults.plan(REPLY, Fault.LATE)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(30)
    with pytest.raises(Retry):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(30)
    world.microsoft.faults.release_late()
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    assert kept(world).ref == draft.ref.split(" ")[0]


def test_a_reply_that_appears_late_beside_another_one_is_taken_away(world: OutlookMailWorld, thread: Message) -> None:
    world.microsoft.faults.plan(REPLY, Fault.LATE)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.restart()  # nothing is remembered
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    world.microsoft.faults.release_late()
    assert len(world.outlook.drafts) == 2
    assert world.mail.save_draft(thread, LETTER, "key-1") == draft
    assert kept(world).ref == draft.ref.split(" ")[0]


def test_after_a_creation_that_certainly_failed_nobody_waits(world: OutlookMailWorld, thread: Message) -> None:
    world.microsoft.faults.plan(REPLY, Fault.REFUSED)
    with pytest.raises(Rejected):
        world.mail.save_draft(thread, LETTER, "key-1")
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    assert kept(world).ref == draft.ref.split(" ")[0]


def test_a_lost_draft_the_person_changed_meanwhile_is_told_as_it_is(world: OutlookMailWorld, thread: Message) -> None:
    world.microsoft.faults.plan(PATCH, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.edit(kept(world).ref, "My own words.")
    for _ in range(2):
        assert world.mail.save_draft(thread, LETTER, "key-1").content.text == "My own words."
    assert kept(world).content.text == "My own words."


def test_words_the_person_wrote_into_a_reply_of_ours_that_had_none_are_theirs(
    world: OutlookMailWorld, thread: Message
) -> None:
    world.microsoft.faults.plan(REPLY, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.edit(kept(world).ref, "My own words.")
    assert world.mail.save_draft(thread, LETTER, "key-1").content.text == "My own words."


def test_a_lost_draft_gets_the_words_the_letter_has_by_now(world: OutlookMailWorld, thread: Message) -> None:
    world.microsoft.faults.plan(PATCH, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.restart()
    later = replace(LETTER, text="Wednesday is gone by now, too.")
    draft = world.mail.save_draft(thread, later, "key-1")
    assert fingerprint(draft.content) == fingerprint(later)
    assert kept(world).content.text == later.text


@pytest.mark.parametrize("marks", [True, False], ids=["marked at once", "marked later"])
@pytest.mark.parametrize(("text", "to"), [("My own words.", (DANA,)), ("", (BOB,)), ("", (DANA,))], ids=str)
def test_a_reply_the_person_began_is_never_taken_for_a_lost_one(
    world: OutlookMailWorld, thread: Message, text: str, to: tuple[Person, ...], marks: bool
) -> None:
    world.outlook.reply_keeps_properties = marks
    theirs = by_hand(world, thread, text, to)
    before = (theirs.body, theirs.version)
    world.microsoft.faults.plan(REPLY, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.restart()
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    assert draft.ref.split(" ")[0] != theirs.ref
    assert (theirs.body, theirs.version) == before
    assert len(world.outlook.drafts) == 2


def test_several_drafts_with_words_that_may_be_the_letter_stay_a_doubt(
    world: OutlookMailWorld, thread: Message, draft: StoredDraft
) -> None:
    copy = by_hand(world, thread, "A copy of it")
    copy.properties = dict(kept_of(world, draft).properties)
    with pytest.raises(Doubt, match="delete the ones you do not want"):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.throw_away(copy.ref)
    assert world.mail.save_draft(thread, LETTER, "key-1").ref == draft.ref


def kept_of(world: OutlookMailWorld, draft: StoredDraft) -> Mail:
    return world.outlook.draft_named(draft.ref)


def test_two_letters_of_one_conversation_stay_apart_when_both_answers_are_lost(
    world: OutlookMailWorld, thread: Message
) -> None:
    letters = {"key-1": LETTER, "key-2": OTHER}
    for key, letter in letters.items():
        world.microsoft.faults.plan(REPLY, Fault.LOST)
        with pytest.raises(Doubt):
            world.mail.save_draft(thread, letter, key)
    world.restart()
    for key, letter in letters.items():
        assert fingerprint(world.mail.save_draft(thread, letter, key).content) == fingerprint(letter)
    assert len(world.outlook.drafts) == 2


@pytest.mark.parametrize(
    ("fault", "failure"),
    [(Fault.DOWN, Doubt), (Fault.HTML_504, Doubt), (Fault.EMPTY_504, Doubt), (Fault.LOST, Doubt),
     (Fault.UNDONE, Doubt), (Fault.TOO_MANY, Retry), (Fault.CONCURRENCY, Retry)],
)  # fmt: skip
@pytest.mark.parametrize("operation", WRITES)
def test_nothing_that_changes_something_is_repeated(
    world: OutlookMailWorld, thread: Message, operation: str, fault: Fault, failure: type[Exception]
) -> None:
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    before = world.microsoft.count(operation)
    world.microsoft.faults.plan(operation, fault)
    calls: dict[str, Callable[[], object]] = {
        CREATE: lambda: world.mail.save_draft(None, OTHER, "key-2"),
        REPLY: lambda: world.mail.save_draft(thread, OTHER, "key-2"),
        PATCH: lambda: world.mail.update_draft(draft.ref, OTHER, draft.version),
        SEND: lambda: world.mail.send_draft(draft.ref, draft.version),
        DELETE: lambda: world.mail.discard(draft.ref, draft.version),
    }
    with pytest.raises(failure):
        calls[operation]()
    assert world.microsoft.count(operation) == before + 1


def test_a_rewriting_whose_answer_was_lost_is_seen_with_the_new_words(
    world: OutlookMailWorld, draft: StoredDraft
) -> None:
    world.microsoft.faults.plan(PATCH, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.update_draft(draft.ref, OTHER, draft.version)
    with pytest.raises(Touched):
        world.mail.update_draft(draft.ref, OTHER, draft.version)
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Waiting)
    assert fingerprint(seen.draft.content) == fingerprint(OTHER)


@pytest.mark.parametrize("marks", [True, False], ids=["marked at once", "marked later"])
@pytest.mark.parametrize("seed", range(4))
def test_with_every_third_answer_lost_there_is_one_draft_and_one_mail(
    world: OutlookMailWorld, thread: Message, seed: int, marks: bool
) -> None:
    world.outlook.reply_keeps_properties = marks
    world.microsoft.faults.reseed(seed, lose=0.33)

    def insisting(call: Callable[[], Any]) -> Any:
        """What the pipeline does: again after a while, with nothing remembered."""
        for _ in range(60):
            try:
                return call()
            except (Doubt, Retry):
                world.clock.advance(90)
                world.restart()
        raise AssertionError("no end of it")

    draft = insisting(lambda: world.mail.save_draft(thread, LETTER, "key-1"))
    assert len(world.outlook.drafts) == 1
    with contextlib.suppress(Doubt, Retry):
        world.mail.send_draft(draft.ref, draft.version)
    world.outlook.settle()
    seen = insisting(lambda: world.mail.look(draft.ref, "key-1"))
    assert isinstance(seen, Sent) == bool(world.delivered())
    assert len(world.delivered()) + len(world.outlook.drafts) == 1


# -- what the person does --------------------------------------------------------------------------------------------


def test_a_draft_changed_behind_our_back_is_left_as_it_is_when_outlook_alone_notices(
    world: OutlookMailWorld, draft: StoredDraft
) -> None:
    for operation, call in (
        (PATCH, lambda: world.mail.update_draft(draft.ref, OTHER, draft.version)),
        (DELETE, lambda: world.mail.discard(draft.ref, draft.version)),
    ):
        world.microsoft.faults.plan(operation, Fault.CONFLICT)
        with pytest.raises(Touched):
            call()
    assert kept(world).version in draft.version


@pytest.mark.parametrize("client", ["owa", "classic"])
@pytest.mark.parametrize("marks", [True, False], ids=["marked", "marks lost"])
@pytest.mark.parametrize("names", [True, False], ids=["named", "renamed"])
@pytest.mark.parametrize("ids", [True, False], ids=["same id", "new id"])
def test_a_letter_sent_by_hand_is_recognised_by_whatever_is_left_of_it(
    world: OutlookMailWorld, draft: StoredDraft, client: str, marks: bool, names: bool, ids: bool
) -> None:
    outlook = world.outlook
    outlook.keeps_immutable_id, outlook.keeps_properties, outlook.replaces_message_id = ids, marks, not names
    outlook.edit_draft(draft.ref, text="Hi Dana,\n\nno " * 3, to=(DANA, BOB))
    before = len(world.microsoft.seen)
    outlook.send_by_hand(draft.ref, "classic" if client == "classic" else "owa")
    for _ in range(4):
        if isinstance(seen := world.mail.look(draft.ref, "key-1"), Sent):
            break
        world.clock.advance(20)
    assert isinstance(seen, Sent)
    assert seen.message.text.split() == ["Hi", "Dana,", "no"] * 3
    for call in (world.mail.discard, world.mail.send_draft):
        with pytest.raises(Touched):
            call(draft.ref, draft.version)
    assert not set(world.asked()[before:]) & set(WRITES)


def test_a_letter_that_is_on_its_way_is_neither_waiting_nor_gone_for_good(
    world: OutlookMailWorld, thread: Message, draft: StoredDraft
) -> None:
    world.outlook.while_leaving, world.outlook.lag_calls, world.outlook.lag_seconds = "outbox", 1000, 60
    world.mail.send_draft(draft.ref, draft.version)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)
    for call in (world.mail.discard, world.mail.send_draft):
        with pytest.raises(Touched):
            call(draft.ref, draft.version)
    with pytest.raises(Retry):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(61)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)


def test_a_letter_that_was_sent_is_not_stored_a_second_time(
    world: OutlookMailWorld, thread: Message, draft: StoredDraft
) -> None:
    world.send_by_hand(draft.ref)
    world.settle()
    with pytest.raises(Touched, match="sent already"):
        world.mail.save_draft(thread, LETTER, "key-1")
    assert not world.outlook.drafts


def test_a_letter_thrown_away_can_be_stored_anew(world: OutlookMailWorld, thread: Message, draft: StoredDraft) -> None:
    world.throw_away(draft.ref)
    again = world.mail.save_draft(thread, LETTER, "key-1")
    assert kept(world).ref == again.ref.split(" ")[0] != draft.ref.split(" ")[0]


def test_a_letter_thrown_away_is_gone_however_often_one_looks(
    world: OutlookMailWorld, thread: Message, draft: StoredDraft
) -> None:
    world.throw_away(draft.ref)
    for _ in range(3):
        assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)
        world.clock.advance(120)
    assert not world.outlook.drafts


def test_an_answer_the_person_wrote_beside_a_letter_they_threw_away_is_not_the_letter(
    world: OutlookMailWorld, thread: Message, draft: StoredDraft
) -> None:
    world.throw_away(draft.ref)
    world.clock.advance(60)
    world.write("I rang them.", to=DANA, subject="RE: Interview at Acme", answers=thread)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)


def test_a_sent_letter_is_not_taken_for_another_one_that_vanished(
    world: OutlookMailWorld, thread: Message, draft: StoredDraft
) -> None:
    other = world.mail.save_draft(thread, OTHER, "key-2")
    world.mail.send_draft(draft.ref, draft.version)
    world.settle()
    world.throw_away(other.ref)
    world.outlook.remove(world.outlook.mails[other.ref.split(" ")[0]])
    assert isinstance(world.mail.look(other.ref, "key-2"), Gone)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)


def test_mail_from_before_or_forwarded_is_not_the_letter_that_vanished(
    world: OutlookMailWorld, thread: Message
) -> None:
    world.write("I will think about it.", to=DANA, subject="RE: Interview at Acme", answers=thread)
    world.clock.advance(60)
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    world.throw_away(draft.ref)
    world.outlook.remove(world.outlook.mails[draft.ref.split(" ")[0]])
    world.clock.advance(60)
    world.write("Look!", to=BOB, subject="FW: Interview at Acme", answers=thread)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)


def test_a_letter_whose_copy_was_thrown_away_was_sent_all_the_same(world: OutlookMailWorld, draft: StoredDraft) -> None:
    sent = world.outlook.send_by_hand(draft.ref)
    world.settle()
    (copy,) = [mail for mail in world.outlook.mails.values() if mail.message_id == sent.message_id]
    world.outlook.move(copy, "deleteditems")
    assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)


# -- sending ---------------------------------------------------------------------------------------------------------


def test_a_letter_without_recipients_is_stored_and_not_sent(world: OutlookMailWorld, thread: Message) -> None:
    draft = world.mail.save_draft(thread, replace(LETTER, to=()), "key-1")
    assert isinstance(world.mail.send_draft(draft.ref, draft.version), Refused)
    assert world.microsoft.count(SEND) == 0


def test_an_account_for_drafts_only_never_asks_outlook_to_send(world: OutlookMailWorld, draft: StoredDraft) -> None:
    quiet = world.another(sends=False)
    before = len(world.microsoft.seen)
    assert not quiet.transmits
    assert quiet.describe().startswith("never sends")
    with pytest.raises(Stop, match="drafts only"):
        quiet.send_draft(draft.ref, draft.version)
    assert len(world.microsoft.seen) == before
    assert world.mail.transmits
    assert world.another().describe() == "sends through Outlook"


def test_without_the_permission_to_send_no_request_that_sends_is_ever_made(
    world: OutlookMailWorld, thread: Message, draft: StoredDraft
) -> None:
    world.sign_in("User.Read", "Calendars.Read", "Mail.ReadWrite")
    world.restart()
    draft = world.mail.update_draft(draft.ref, OTHER, draft.version)
    with pytest.raises(NeedsSignIn, match="send"):
        world.mail.send_draft(draft.ref, draft.version)
    world.mail.discard(draft.ref, draft.version)
    assert not world.asked(SEND, "sendMail", "messages.reply")


def test_without_the_permission_to_write_drafts_mail_is_read_and_nothing_is_tried(
    world: OutlookMailWorld, thread: Message
) -> None:
    world.sign_in("User.Read", "Calendars.Read", "Mail.Read")
    world.restart()
    assert [m.ref for m in world.mail.changes(None, SINCE).messages] == [thread.ref]
    before = len(world.microsoft.seen)
    with pytest.raises(NeedsSignIn, match="drafts"):
        world.mail.save_draft(thread, LETTER, "key-1")
    assert len(world.microsoft.seen) == before


def test_outlook_is_left_alone_for_as_long_as_it_asked(world: OutlookMailWorld, draft: StoredDraft) -> None:
    world.microsoft.faults.wait = timedelta(minutes=6)
    world.microsoft.faults.plan(SEND, Fault.TOO_MANY)
    with pytest.raises(Retry) as told:
        world.mail.send_draft(draft.ref, draft.version)
    assert told.value.after == pytest.approx(360, abs=2)
    before = len(world.microsoft.seen)
    world.clock.advance(300)
    with pytest.raises(Retry):
        world.mail.look(draft.ref, "key-1")
    assert len(world.microsoft.seen) == before
    world.clock.advance(90)
    assert isinstance(world.mail.send_draft(draft.ref, draft.version), Accepted)
    assert len(world.delivered()) == 1
