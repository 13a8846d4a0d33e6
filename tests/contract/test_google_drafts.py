"""Letters in Gmail's Drafts: in the right conversation, one each whatever answer gets lost, never anybody else's."""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from builders import DANA, the_surroundings
from calwatch.errors import Doubt, NeedsSignIn, Rejected, Retry, Stop, Touched
from calwatch.formats.mime import fingerprint
from calwatch.model.event import Person
from calwatch.model.message import Content, Message
from calwatch.ports import Accepted, Gone, MailQuery, Refused, Sent, StoredDraft, Waiting
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.mail.gmail import GmailMail
from contract.google_mail_world import GoogleMailWorld
from contract.mail_suite import LETTER, SINCE
from fakes.clock import ManualClock
from fakes.google import gmail_mime
from fakes.google.server import ROOT, FakeGoogle, Fault

CREATE = "gmail.users.drafts.create"
UPDATE = "gmail.users.drafts.update"
SEND = "gmail.users.drafts.send"
DELETE = "gmail.users.drafts.delete"
BOB = Person("bob@elsewhere.example", "Bob")
OTHER = replace(LETTER, text="Something of my own.")


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle(ManualClock()) as running:
        yield running
        assert not running.violations
        assert not running.gmail.destroyed


@pytest.fixture
def world(google: FakeGoogle, tmp_path: Path) -> GoogleMailWorld:
    assert isinstance(google.clock, ManualClock)
    return GoogleMailWorld(google, google.clock, tmp_path)


@pytest.fixture
def thread(world: GoogleMailWorld) -> Message:
    world.receive("Hi Alex, does Tuesday work?", sender=DANA, subject="Interview at Acme")
    return world.mail.find(MailQuery(addresses=frozenset({DANA.email})))[0]


@pytest.fixture
def draft(world: GoogleMailWorld, thread: Message) -> StoredDraft:
    return world.mail.save_draft(thread, LETTER, "key-1")


def asked(google: FakeGoogle, method: str) -> list[dict[str, Any]]:
    return [seen.body or {} for seen in google.seen if seen.method_id == method]


def by_hand(world: GoogleMailWorld, content: Content, answers: Message) -> str:
    """The person begins a draft of their own in the conversation; gives its id."""
    gmail = world.google.gmail
    before = set(gmail.drafts)
    mailbox(world)._drafts.create(content, answers)
    (new,) = set(gmail.drafts) - before
    return new


def mailbox(world: GoogleMailWorld, **fields: Any) -> GmailMail:
    """Another calwatch on the same account and folder."""
    account, around = world.google.account(world._folder), the_surroundings(world.clock, world._folder, **fields)
    return GmailMail(Connection(account, around, pause=world._pause), account, around)


# -- in the conversation ---------------------------------------------------------------------------------------------


def test_a_letter_answers_the_mail_in_its_conversation_and_names_nothing_of_ours(
    world: GoogleMailWorld, thread: Message
) -> None:
    world.receive("Sorry, I mean Wednesday.", sender=DANA, subject="Re: Interview at Acme", answers=thread)
    newest = world.mail.find(MailQuery(threads=frozenset({thread.thread})))[0]
    draft = world.mail.save_draft(newest, LETTER, "key-1")
    (body,) = asked(world.google, CREATE)
    raw = gmail_mime.decoded(body["message"]["raw"])
    mail = message_from_bytes(raw, policy=policy.default)
    assert body["message"]["threadId"] == draft.thread == thread.thread
    assert mail["In-Reply-To"] == newest.message_id
    assert mail["References"].split() == [thread.message_id, newest.message_id]
    assert mail["Subject"] == "Re: Interview at Acme"
    assert mail["To"].addresses[0].addr_spec == DANA.email
    assert mail["Message-ID"] is None
    assert b"calwatch" not in raw.lower()
    assert b"key-1" not in raw


def test_what_is_kept_are_the_ids_gmail_gave(world: GoogleMailWorld, draft: StoredDraft) -> None:
    (kept,) = world.google.gmail.drafts.values()
    assert (draft.version, draft.message_id) == (kept.version, kept.message_id)
    accepted = world.mail.send_draft(draft.ref, draft.version)
    (left,) = world.google.gmail.delivered
    assert isinstance(accepted, Accepted)
    assert accepted.message_id == left.message_id != draft.message_id
    world.clock.advance(600)
    assert world.mail.find_sent(draft.ref, "key-1", draft.message_id, SINCE) is not None
    queries = [seen.params.get("q", "") for seen in world.google.seen]
    assert not [q for q in queries if "rfc822msgid" in q], "mail of ours is never looked up by an id"


def test_a_letter_to_a_conversation_that_is_gone_is_not_stored_elsewhere(
    world: GoogleMailWorld, thread: Message
) -> None:
    for unknown in ("1234567890abcdef", "FMfcgzGkXmSomething"):
        with pytest.raises(Stop, match="no longer knows the conversation"):
            world.mail.save_draft(replace(thread, thread=unknown), LETTER, f"key-{unknown}")
    assert not world.google.gmail.drafts


def test_a_letter_that_landed_in_another_conversation_says_so_and_is_followed_there(
    world: GoogleMailWorld, thread: Message
) -> None:
    draft = world.mail.save_draft(thread, replace(LETTER, subject="A new time?"), "key-1")
    assert draft.thread != thread.thread
    assert world.mail.save_draft(thread, replace(LETTER, subject="A new time?"), "key-1") == draft
    new = world.mail.update_draft(draft.ref, replace(LETTER, subject="Another time?"), draft.version)
    assert new.thread == draft.thread
    world.send_by_hand(new.ref)
    assert isinstance(world.mail.look(new.ref, "key-1"), Sent)


def test_a_letter_that_begins_a_conversation_is_followed_as_well(world: GoogleMailWorld) -> None:
    draft = world.mail.save_draft(None, replace(LETTER, subject="Interview"), "key-1")
    assert isinstance(world.mail.look(draft.ref, "key-1"), Waiting)
    edited = world.google.gmail.edit_draft(draft.ref, subject="Our interview")
    world.send_by_hand(edited)
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Sent)
    assert seen.message.subject == "Our interview"


def test_a_rewritten_letter_goes_on_answering_what_it_answered(
    world: GoogleMailWorld, thread: Message, draft: StoredDraft
) -> None:
    new = world.mail.update_draft(draft.ref, replace(LETTER, text="Shorter."), draft.version)
    (kept,) = world.google.gmail.drafts.values()
    assert kept.in_reply_to == thread.message_id
    assert gmail_mime.ids(kept.mail.raw, "References") == [thread.message_id]
    assert (new.thread, new.ref) == (thread.thread, draft.ref)


# -- answers that get lost -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNDONE, Fault.TRUNCATED, Fault.BROKEN_OFF, Fault.DOWN])
def test_whatever_became_of_the_first_creation_there_is_one_draft_in_the_end(
    world: GoogleMailWorld, thread: Message, fault: Fault
) -> None:
    world.google.faults.plan(CREATE, fault)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(world.mail.quiescence)
    world.restart()
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    world.restart()
    assert world.mail.save_draft(thread, LETTER, "key-1") == draft
    assert list(world.google.gmail.drafts) == [draft.ref.split(" ")[0]]
    assert draft.thread == thread.thread


def test_a_creation_that_happens_late_is_waited_for_and_no_second_one_is_made(
    world: GoogleMailWorld, thread: Message
) -> None:
    world.google.faults.plan(CREATE, Fault.LATE)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(30)
    world.restart()
    with pytest.raises(Retry):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(30)
    world.google.faults.release_late()
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    assert list(world.google.gmail.drafts) == [draft.ref.split(" ")[0]]


def test_after_a_creation_that_certainly_failed_nobody_waits(world: GoogleMailWorld, thread: Message) -> None:
    world.google.faults.plan(CREATE, Fault.REFUSED)
    with pytest.raises(Rejected):
        world.mail.save_draft(thread, LETTER, "key-1")
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    assert list(world.google.gmail.drafts) == [draft.ref.split(" ")[0]]


def test_a_lost_draft_is_adopted_in_whatever_conversation_gmail_put_it(world: GoogleMailWorld, thread: Message) -> None:
    letter = replace(LETTER, subject="A new time?")
    world.google.faults.plan(CREATE, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, letter, "key-1")
    assert world.mail.save_draft(thread, letter, "key-1").thread != thread.thread
    assert len(world.google.gmail.drafts) == 1


def test_a_lost_draft_the_person_changed_meanwhile_is_told_as_it_is(world: GoogleMailWorld, thread: Message) -> None:
    world.google.faults.plan(CREATE, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    (lost,) = world.google.gmail.drafts
    world.edit(lost, "My own words.")
    assert world.mail.save_draft(thread, LETTER, "key-1").content.text == "My own words."
    assert [d.content.text for d in world.google.gmail.drafts.values()] == ["My own words."]


def test_a_lost_draft_gets_the_words_the_letter_has_by_now(world: GoogleMailWorld, thread: Message) -> None:
    world.google.faults.plan(CREATE, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.restart()
    later = replace(LETTER, text="Wednesday is gone by now, too.")
    draft = world.mail.save_draft(thread, later, "key-1")
    assert fingerprint(draft.content) == fingerprint(later)
    assert [d.version for d in world.google.gmail.drafts.values()] == [draft.version]


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.UNDONE])
def test_a_draft_the_person_began_to_somebody_else_is_never_taken_for_a_lost_one(
    world: GoogleMailWorld, thread: Message, fault: Fault
) -> None:
    world.google.faults.plan(CREATE, fault)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    theirs = by_hand(world, replace(OTHER, to=(BOB,)), thread)
    world.clock.advance(world.mail.quiescence)
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    assert draft.ref.split(" ")[0] != theirs
    assert fingerprint(draft.content) == fingerprint(LETTER)
    assert len(world.google.gmail.drafts) == 2
    assert world.google.gmail.drafts[theirs].content.text == OTHER.text


def test_drafts_that_lay_there_before_are_never_taken_for_a_lost_one(world: GoogleMailWorld, thread: Message) -> None:
    theirs = by_hand(world, LETTER, thread)
    world.google.faults.plan(CREATE, Fault.UNDONE)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(world.mail.quiescence)
    assert world.mail.save_draft(thread, LETTER, "key-1").ref.split(" ")[0] != theirs


def test_several_drafts_that_may_be_the_lost_one_stay_a_doubt(world: GoogleMailWorld, thread: Message) -> None:
    world.google.faults.plan(CREATE, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.save_draft(thread, LETTER, "key-1")
    spare = by_hand(world, LETTER, thread)
    for _ in range(2):
        with pytest.raises(Doubt, match="delete the ones you do not want"):
            world.mail.save_draft(thread, LETTER, "key-1")
    assert len(world.google.gmail.drafts) == 2
    world.throw_away(spare)
    assert world.mail.save_draft(thread, LETTER, "key-1").thread == thread.thread
    assert len(world.google.gmail.drafts) == 1


def test_two_letters_of_one_conversation_stay_apart_when_both_answers_are_lost(
    world: GoogleMailWorld, thread: Message
) -> None:
    letters = {"key-1": LETTER, "key-2": OTHER}
    for key, letter in letters.items():
        world.google.faults.plan(CREATE, Fault.LOST)
        with pytest.raises(Doubt):
            world.mail.save_draft(thread, letter, key)
    world.restart()
    for key, letter in letters.items():
        assert fingerprint(world.mail.save_draft(thread, letter, key).content) == fingerprint(letter)
    assert len(world.google.gmail.drafts) == 2


@pytest.mark.parametrize(
    ("fault", "failure"),
    [(Fault.DOWN, Doubt), (Fault.HTML_502, Doubt), (Fault.LOST, Doubt), (Fault.UNDONE, Doubt),
     (Fault.RATE, Retry), (Fault.RATE_UNTIL, Retry), (Fault.TOO_MANY, Retry)],
)  # fmt: skip
@pytest.mark.parametrize("method", [CREATE, UPDATE, SEND, DELETE])
def test_nothing_that_changes_something_is_repeated(
    world: GoogleMailWorld, thread: Message, method: str, fault: Fault, failure: type[Exception]
) -> None:
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    before = world.google.count(method)
    world.google.faults.plan(method, fault)
    calls: dict[str, Callable[[], object]] = {
        CREATE: lambda: world.mail.save_draft(thread, OTHER, "key-2"),
        UPDATE: lambda: world.mail.update_draft(draft.ref, OTHER, draft.version),
        SEND: lambda: world.mail.send_draft(draft.ref, draft.version),
        DELETE: lambda: world.mail.discard(draft.ref, draft.version),
    }
    with pytest.raises(failure):
        calls[method]()
    assert world.google.count(method) == before + 1


def test_a_rewriting_whose_answer_was_lost_is_seen_with_the_new_words(
    world: GoogleMailWorld, draft: StoredDraft
) -> None:
    world.google.faults.plan(UPDATE, Fault.LOST)
    with pytest.raises(Doubt):
        world.mail.update_draft(draft.ref, OTHER, draft.version)
    with pytest.raises(Touched):
        world.mail.update_draft(draft.ref, OTHER, draft.version)
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Waiting)
    assert fingerprint(seen.draft.content) == fingerprint(OTHER)


@pytest.mark.parametrize("seed", range(8))
def test_with_every_third_answer_lost_there_is_one_draft_and_one_mail(tmp_path: Path, seed: int) -> None:
    clock = ManualClock()
    with FakeGoogle(clock, seed=seed) as google:
        world = GoogleMailWorld(google, clock, tmp_path)
        google.gmail.receive(sender=DANA, subject="Interview at Acme")
        (thread,) = world.mail.find(MailQuery(addresses=frozenset({DANA.email})))
        google.faults.lose = 0.33

        def insisting(call: Callable[[], Any]) -> Any:
            """What the pipeline does: again after a while, with nothing remembered."""
            for _ in range(60):
                try:
                    return call()
                except (Doubt, Retry):
                    clock.advance(90)
                    world.restart()
            raise AssertionError("no end of it")

        draft = insisting(lambda: world.mail.save_draft(thread, LETTER, "key-1"))
        assert len(google.gmail.drafts) == 1
        with contextlib.suppress(Doubt, Retry):
            world.mail.send_draft(draft.ref, draft.version)
        seen = insisting(lambda: world.mail.look(draft.ref, "key-1"))
        assert isinstance(seen, Sent) == bool(world.delivered())
        assert len(world.delivered()) + len(google.gmail.drafts) == 1


# -- what became of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotates", [False, True])
@pytest.mark.parametrize("tells_sent", [False, True])
def test_a_letter_edited_and_sent_in_gmail_is_seen_as_sent_and_nothing_is_touched(
    world: GoogleMailWorld, thread: Message, draft: StoredDraft, rotates: bool, tells_sent: bool
) -> None:
    gmail = world.google.gmail
    gmail.rotates_draft_ids, gmail.tells_sent = rotates, tells_sent
    seen_before = len(world.google.seen)
    edited = gmail.edit_draft(draft.ref, text="Hi Dana,\n\n" + "no " * 60, to=(DANA, BOB))
    world.send_by_hand(edited)
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Sent)
    assert seen.message.text.split() == ["Hi", "Dana,", *["no"] * 60]
    with pytest.raises(Touched):
        world.mail.discard(draft.ref, draft.version)
    with pytest.raises(Touched):
        world.mail.send_draft(draft.ref, draft.version)
    changing = {CREATE, UPDATE, SEND, DELETE}
    assert not [s.method_id for s in world.google.seen[seen_before:] if s.method_id in changing]


def test_a_draft_shown_as_sent_is_not_deleted(world: GoogleMailWorld, draft: StoredDraft) -> None:
    world.google.gmail.tells_sent = True
    world.send_by_hand(draft.ref)
    with pytest.raises(Touched, match="sent"):
        world.mail.discard(draft.ref, draft.version)
    assert world.google.count(DELETE) == 0
    assert not world.google.gmail.destroyed


def test_a_letter_that_was_sent_is_not_stored_a_second_time(
    world: GoogleMailWorld, thread: Message, draft: StoredDraft
) -> None:
    world.send_by_hand(draft.ref)
    with pytest.raises(Touched, match="sent already"):
        world.mail.save_draft(thread, LETTER, "key-1")
    assert not world.google.gmail.drafts


def test_a_letter_thrown_away_can_be_stored_anew(world: GoogleMailWorld, thread: Message, draft: StoredDraft) -> None:
    world.throw_away(draft.ref)
    theirs = by_hand(world, OTHER, thread)
    again = world.mail.save_draft(thread, LETTER, "key-1")
    assert again.ref.split(" ")[0] not in (draft.ref.split(" ")[0], theirs)
    assert world.google.gmail.drafts[theirs].content.text == OTHER.text


def test_a_letter_thrown_away_is_gone_however_often_one_looks(world: GoogleMailWorld, draft: StoredDraft) -> None:
    world.throw_away(draft.ref)
    for _ in range(3):
        assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)
        world.clock.advance(120)


def test_a_sent_letter_is_not_taken_for_another_one_that_was_thrown_away(
    world: GoogleMailWorld, thread: Message, draft: StoredDraft
) -> None:
    other = world.mail.save_draft(thread, OTHER, "key-2")
    assert isinstance(world.mail.send_draft(draft.ref, draft.version), Accepted)
    world.throw_away(other.ref)
    world.restart()
    assert isinstance(world.mail.look(other.ref, "key-2"), Gone)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)


def test_mail_from_before_or_forwarded_or_to_others_is_not_the_letter_sent(
    world: GoogleMailWorld, thread: Message
) -> None:
    world.write("I will think about it.", to=DANA, subject="Re: Interview at Acme", answers=thread)
    world.clock.advance(60)
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    world.throw_away(draft.ref)
    world.clock.advance(60)
    world.google.gmail.threads_by_subject = False
    world.write("Look!", to=BOB, subject="Fwd: Interview at Acme", answers=thread)
    world.write("Hello", to=BOB, subject="Lunch", answers=replace(thread, message_id="<1@b.example>", references=()))
    assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)


def test_a_letter_whose_copy_was_thrown_away_was_sent_all_the_same(world: GoogleMailWorld, draft: StoredDraft) -> None:
    sent = world.google.gmail.send_by_hand(draft.ref)
    world.google.gmail.trash(sent)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)


def test_only_our_own_untouched_draft_is_ever_deleted(world: GoogleMailWorld, draft: StoredDraft) -> None:
    world.google.gmail.rotates_draft_ids = True
    world.edit(draft.ref, "My own words.")
    with pytest.raises(Touched):
        world.mail.discard(draft.ref, draft.version)
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Waiting)
    with pytest.raises(Touched):
        world.mail.discard(seen.draft.ref, draft.version)
    assert world.google.count(DELETE) == 0


# -- sending ---------------------------------------------------------------------------------------------------------


def test_what_is_asked_after_a_send_does_not_matter(world: GoogleMailWorld, draft: StoredDraft) -> None:
    world.google.faults.plan("gmail.users.messages.get", *[Fault.DOWN] * 4)
    answer = world.mail.send_draft(draft.ref, draft.version)
    assert isinstance(answer, Accepted)
    assert (answer.ref, answer.message_id) == (world.google.gmail.messages[-1].ref, "")
    assert len(world.delivered()) == 1


def test_a_letter_without_recipients_is_stored_and_not_sent(world: GoogleMailWorld, thread: Message) -> None:
    draft = world.mail.save_draft(thread, replace(LETTER, to=()), "key-1")
    assert isinstance(world.mail.send_draft(draft.ref, draft.version), Refused)
    assert world.google.count(SEND) == 0


def test_an_account_for_drafts_only_never_sends(world: GoogleMailWorld, draft: StoredDraft) -> None:
    quiet = mailbox(world, sends=False)
    before = len(world.google.seen)
    assert not quiet.transmits
    assert quiet.describe().startswith("never sends")
    assert isinstance(quiet.send_draft(draft.ref, draft.version), Refused)
    assert len(world.google.seen) == before
    assert world.mail.transmits
    assert mailbox(world).describe() == "sends through Gmail"


def test_gmail_is_left_alone_until_the_moment_it_named(world: GoogleMailWorld, draft: StoredDraft) -> None:
    world.google.faults.wait = timedelta(minutes=6)
    world.google.faults.plan(SEND, Fault.RATE_UNTIL)
    with pytest.raises(Retry) as told:
        world.mail.send_draft(draft.ref, draft.version)
    assert told.value.after == pytest.approx(360, abs=2)
    before = len(world.google.seen)
    world.clock.advance(300)
    for call in (lambda: world.mail.look(draft.ref, "key-1"), lambda: world.mail.changes("12345", SINCE)):
        with pytest.raises(Retry):
            call()
    assert len(world.google.seen) == before
    world.clock.advance(90)
    assert isinstance(world.mail.send_draft(draft.ref, draft.version), Accepted)
    assert len(world.delivered()) == 1


def test_without_the_permission_to_write_drafts_mail_is_read_and_nothing_is_tried(
    world: GoogleMailWorld, thread: Message
) -> None:
    world.google.sign_in(world._folder, "google", scopes=(ROOT + "gmail.readonly",))
    reading = mailbox(world)
    assert [m.ref for m in reading.changes(None, SINCE).messages] == [thread.ref]
    before = len(world.google.seen)
    with pytest.raises(NeedsSignIn, match="drafts"):
        reading.save_draft(thread, LETTER, "key-1")
    assert len(world.google.seen) == before


# -- what is noted beside Gmail --------------------------------------------------------------------------------------


def test_the_notes_are_for_this_user_only_and_hold_no_words(world: GoogleMailWorld, draft: StoredDraft) -> None:
    path = world._folder / "google-google.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "no longer make Tuesday" not in text
    assert "Interview" not in text
    assert json.loads(text)["key-1"]["draft"] == draft.ref.split(" ")[0]


@pytest.mark.parametrize(
    "damage", ["", "[]", "{", '{"key-1": 7}', '{"key-1": {"draft": [], "before": {}, "noted": "x"}}']
)
def test_damaged_notes_are_begun_anew(world: GoogleMailWorld, thread: Message, draft: StoredDraft, damage: str) -> None:
    (world._folder / "google-google.json").write_text(damage)
    world.restart()
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Waiting)
    new = world.mail.update_draft(draft.ref, OTHER, draft.version)
    world.mail.save_draft(thread, LETTER, "key-2")
    assert isinstance(world.mail.send_draft(new.ref, new.version), Accepted)


def test_notes_that_cannot_be_written_keep_anything_from_being_created(world: GoogleMailWorld, thread: Message) -> None:
    (world._folder / "google-google.json").mkdir()
    with pytest.raises(Retry, match="google-google"):
        world.mail.save_draft(thread, LETTER, "key-1")
    assert world.google.count(CREATE) == 0


def test_old_notes_are_dropped(world: GoogleMailWorld, thread: Message, draft: StoredDraft) -> None:
    world.clock.advance(timedelta(days=201))
    world.google.sign_in(world._folder, "google")
    world.restart()
    world.mail.save_draft(thread, OTHER, "key-2")
    assert list(json.loads((world._folder / "google-google.json").read_text())) == ["key-2"]
