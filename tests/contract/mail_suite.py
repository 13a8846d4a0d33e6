"""What every mailbox promises, whatever stands behind ``ports.Mailbox``; the real one and the fakes pass it alike.

A subclass gives the fixture ``world``: a mailbox with the hands of the person, of other people and of the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest

from builders import ALEX, DANA, NOW
from calwatch.errors import Doubt, Rejected, Resync, Touched
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder, Message
from calwatch.ports import Accepted, Gone, Mailbox, MailQuery, Refused, Sent, StoredDraft, Waiting
from fakes.faults import Answer

SINCE = NOW - timedelta(days=60)
LETTER = Content(
    to=(DANA,),
    subject="Re: Interview at Acme",
    text="Hi Dana,\n\nI'm sorry, but I can no longer make Tuesday – could we find another slot?\n\nBest regards\nAlex",
)


class MailWorld(Protocol):
    """A mailbox and everybody else who touches it."""

    @property
    def mail(self) -> Mailbox: ...

    def receive(self, text: str, *, sender: Person, subject: str, answers: Message | None = None) -> None:
        """A mail arrives in the inbox."""

    def write(self, text: str, *, to: Person, subject: str, answers: Message) -> None:
        """The person sends a mail of their own."""

    def edit(self, ref: str, text: str) -> None:
        """The person changes a draft's text."""

    def send_by_hand(self, ref: str) -> None: ...

    def throw_away(self, ref: str) -> None: ...

    def forget_cursors(self) -> str:
        """Makes earlier cursors worthless; gives a dead one."""

    def settle(self) -> None:
        """Whatever lags or is to happen late has happened."""

    def break_next(self, operation: str, answer: Answer) -> None:
        """The next call of ``operation`` fares so."""

    def delivered(self) -> list[str]:
        """The texts of all mails that really left through calwatch."""

    def restart(self) -> None:
        """calwatch crashed and was started again."""


def same(left: Content, right: Content) -> bool:
    """Equal but for white space, and for the prefix a provider chooses for replies."""

    def words(content: Content) -> tuple[object, ...]:
        people = tuple(tuple(p.email for p in group) for group in (content.to, content.cc, content.bcc))
        subject = content.subject.removeprefix("RE: ").removeprefix("Re: ")
        return people, subject, " ".join(content.text.split())

    return words(left) == words(right)


class MailSuite:
    """The promises of a mailbox that sends."""

    @pytest.fixture
    def thread(self, world: MailWorld) -> Message:
        """Dana's mail, whole."""
        world.receive("Hi Alex, does Tuesday work?", sender=DANA, subject="Interview at Acme")
        world.settle()
        return world.mail.find(MailQuery(addresses=frozenset({DANA.email})))[0]

    @pytest.fixture
    def draft(self, world: MailWorld, thread: Message) -> StoredDraft:
        return world.mail.save_draft(thread, LETTER, "key-1")

    # -- reading -------------------------------------------------------------------------------------------------

    def test_the_first_reading_is_complete_and_the_next_has_only_what_is_new(self, world: MailWorld) -> None:
        world.receive("one", sender=DANA, subject="First")
        first = world.mail.changes(None, SINCE)
        assert first.complete
        assert [m.subject for m in first.messages] == ["First"]
        world.receive("two", sender=DANA, subject="Second")
        second = world.mail.changes(first.cursor, SINCE)
        assert not second.complete
        assert [m.subject for m in second.messages] == ["Second"]
        assert not world.mail.changes(second.cursor, SINCE).messages

    def test_a_cursor_can_be_used_again_after_a_crash(self, world: MailWorld) -> None:
        first = world.mail.changes(None, SINCE)
        world.receive("two", sender=DANA, subject="Second")
        world.mail.changes(first.cursor, SINCE)
        assert "Second" in [m.subject for m in world.mail.changes(first.cursor, SINCE).messages]
        world.restart()
        assert "Second" in [m.subject for m in world.mail.changes(first.cursor, SINCE).messages]

    def test_a_dead_cursor_asks_for_a_resync_and_a_full_reading_works(self, world: MailWorld, thread: Message) -> None:
        dead = world.forget_cursors()
        with pytest.raises(Resync):
            world.mail.changes(dead, SINCE)
        assert [m.message_id for m in world.mail.changes(None, SINCE).messages] == [thread.message_id]

    def test_found_messages_come_whole_newest_first_and_by_any_criterion(
        self, world: MailWorld, thread: Message
    ) -> None:
        world.receive("And Thursday?", sender=DANA, subject="Re: Interview at Acme", answers=thread)
        world.settle()
        by_thread = world.mail.find(MailQuery(threads=frozenset({thread.thread})))
        assert [m.text for m in by_thread] == ["And Thursday?", "Hi Alex, does Tuesday work?"]
        by_id = world.mail.find(MailQuery(message_ids=frozenset({thread.message_id})))
        assert [m.ref for m in by_id] == [thread.ref]
        assert by_id[0].sender == DANA
        assert not world.mail.find(MailQuery(addresses=frozenset({"nobody@elsewhere.example"})))

    def test_drafts_are_never_found_as_messages(self, world: MailWorld, thread: Message, draft: StoredDraft) -> None:
        found = world.mail.find(MailQuery(threads=frozenset({thread.thread}), addresses=frozenset({ALEX.email})))
        assert [m.message_id for m in found] == [thread.message_id]
        assert [m.message_id for m in world.mail.changes(None, SINCE).messages] == [thread.message_id]

    def test_what_the_person_writes_is_seen_as_sent(self, world: MailWorld, thread: Message) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        world.write("I told them on the phone.", to=DANA, subject="Re: Interview at Acme", answers=thread)
        world.settle()
        sent = world.mail.changes(cursor, SINCE).messages
        assert [(m.folder, m.thread) for m in sent] == [(Folder.SENT, thread.thread)]

    # -- drafts --------------------------------------------------------------------------------------------------

    def test_a_draft_is_stored_in_the_thread_and_read_back(
        self, world: MailWorld, thread: Message, draft: StoredDraft
    ) -> None:
        assert same(draft.content, LETTER)
        assert draft.message_id.startswith("<")
        assert draft.thread == thread.thread
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Waiting)
        assert seen.draft == draft

    def test_the_same_key_twice_is_one_draft(self, world: MailWorld, thread: Message, draft: StoredDraft) -> None:
        again = world.mail.save_draft(thread, LETTER, "key-1")
        assert again == draft
        world.restart()
        assert world.mail.save_draft(thread, LETTER, "key-1").ref == draft.ref

    def test_two_keys_are_two_drafts(self, world: MailWorld, thread: Message, draft: StoredDraft) -> None:
        other = world.mail.save_draft(thread, replace(LETTER, text="Something else."), "key-2")
        assert other.ref != draft.ref
        assert isinstance(world.mail.look(draft.ref, "key-1"), Waiting)

    def test_rewriting_our_draft_gives_a_new_version_of_the_same_mail(
        self, world: MailWorld, draft: StoredDraft
    ) -> None:
        new = world.mail.update_draft(draft.ref, replace(LETTER, text="Shorter."), draft.version)
        assert new.version != draft.version
        assert new.content.text == "Shorter."
        seen = world.mail.look(new.ref, "key-1")
        assert isinstance(seen, Waiting)
        assert seen.draft == new

    def test_a_draft_the_person_touched_is_neither_rewritten_nor_sent_nor_thrown_away(
        self, world: MailWorld, draft: StoredDraft
    ) -> None:
        world.edit(draft.ref, "My own words.")
        with pytest.raises(Touched):
            world.mail.update_draft(draft.ref, LETTER, draft.version)
        with pytest.raises(Touched):
            world.mail.send_draft(draft.ref, draft.version)
        with pytest.raises(Touched):
            world.mail.discard(draft.ref, draft.version)
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Waiting)
        assert seen.draft.content.text == "My own words."
        assert seen.draft.version != draft.version
        assert not world.delivered()

    def test_what_the_person_made_of_it_can_be_sent_once_read_back(self, world: MailWorld, draft: StoredDraft) -> None:
        world.edit(draft.ref, "My own words.")
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Waiting)
        assert isinstance(world.mail.send_draft(seen.draft.ref, seen.draft.version), Accepted)
        assert world.delivered() == ["My own words."]

    def test_an_untouched_draft_can_be_discarded_and_twice_is_fine(self, world: MailWorld, draft: StoredDraft) -> None:
        world.mail.discard(draft.ref, draft.version)
        world.mail.discard(draft.ref, draft.version)
        assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)

    def test_a_draft_thrown_away_by_the_person_is_gone(self, world: MailWorld, draft: StoredDraft) -> None:
        world.throw_away(draft.ref)
        world.settle()
        assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)
        assert world.mail.find_sent(draft.ref, "key-1", draft.message_id, SINCE) is None
        with pytest.raises(Touched):
            world.mail.send_draft(draft.ref, draft.version)

    @pytest.mark.parametrize(
        "bad",
        [
            replace(LETTER, subject="Hi\r\nBcc: all@evil.example"),
            replace(LETTER, to=(Person("dana@acme.example\nBcc: all@evil.example"),)),
            replace(LETTER, to=(Person("dana@acme.example", "Dana\r\nX-Evil: 1"),)),
        ],
        ids=["subject", "address", "name"],
    )
    def test_nothing_can_be_smuggled_into_a_header(self, world: MailWorld, thread: Message, bad: Content) -> None:
        with pytest.raises(Rejected):
            world.mail.save_draft(thread, bad, "key-evil")
        draft = world.mail.save_draft(thread, LETTER, "key-1")
        with pytest.raises(Rejected):
            world.mail.update_draft(draft.ref, bad, draft.version)

    def test_letters_outside_ascii_survive(self, world: MailWorld, thread: Message) -> None:
        content = replace(
            LETTER,
            to=(Person("zoe@acme.example", "Zoë Müller-Łąka"),),
            text="Grüß Gott, Zoë – 10:00–11:00 Uhr (MESZ) würde passen. 日本語",
        )
        draft = world.mail.save_draft(thread, content, "key-umlaut")
        assert same(draft.content, content)
        assert draft.content.to == content.to

    # -- sending -------------------------------------------------------------------------------------------------

    def test_a_draft_is_sent_once_and_its_copy_is_found(
        self, world: MailWorld, thread: Message, draft: StoredDraft
    ) -> None:
        assert isinstance(world.mail.send_draft(draft.ref, draft.version), Accepted)
        world.settle()
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Sent)
        assert " ".join(seen.message.text.split()) == " ".join(LETTER.text.split())
        assert seen.message.folder is Folder.SENT
        assert seen.message.in_reply_to == thread.message_id
        assert seen.message.references[-1] == thread.message_id
        found = world.mail.find_sent(draft.ref, "key-1", draft.message_id, SINCE)
        assert found is not None
        assert found.ref == seen.message.ref
        assert len(world.delivered()) == 1

    def test_what_was_sent_cannot_be_sent_again(self, world: MailWorld, draft: StoredDraft) -> None:
        world.mail.send_draft(draft.ref, draft.version)
        with pytest.raises(Touched):
            world.mail.send_draft(draft.ref, draft.version)
        world.restart()
        world.settle()
        with pytest.raises(Touched):
            world.mail.send_draft(draft.ref, draft.version)
        assert len(world.delivered()) == 1

    def test_what_was_sent_is_never_thrown_away(self, world: MailWorld, draft: StoredDraft) -> None:
        world.mail.send_draft(draft.ref, draft.version)
        world.settle()
        with pytest.raises(Touched):
            world.mail.discard(draft.ref, draft.version)
        assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)

    def test_a_draft_sent_by_hand_is_seen_as_sent(self, world: MailWorld, draft: StoredDraft) -> None:
        world.send_by_hand(draft.ref)
        world.settle()
        assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)
        assert not world.delivered()

    def test_an_older_version_is_never_sent(self, world: MailWorld, draft: StoredDraft) -> None:
        new = world.mail.update_draft(draft.ref, replace(LETTER, text="Shorter."), draft.version)
        with pytest.raises(Touched):
            world.mail.send_draft(new.ref, draft.version)
        assert not world.delivered()


class BreakableMailSuite(MailSuite):
    """The promises of a mailbox behind a network: what holds when answers are lost."""

    def test_a_creation_whose_answer_was_lost_leaves_one_draft(self, world: MailWorld, thread: Message) -> None:
        world.break_next("save_draft", Answer.LOST)
        self._maybe(lambda: world.mail.save_draft(thread, LETTER, "key-1"))
        world.restart()
        draft = world.mail.save_draft(thread, LETTER, "key-1")
        assert same(draft.content, LETTER)
        world.mail.discard(draft.ref, draft.version)
        assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)

    def test_a_refused_draft_stays_where_it_is(self, world: MailWorld, draft: StoredDraft) -> None:
        world.break_next("send_draft", Answer.REFUSED)
        assert isinstance(world.mail.send_draft(draft.ref, draft.version), Refused)
        assert not world.delivered()
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Waiting)
        assert seen.draft.version == draft.version

    def test_a_send_whose_answer_was_lost_is_found_or_in_doubt_but_never_unsent(
        self, world: MailWorld, draft: StoredDraft
    ) -> None:
        world.break_next("send_draft", Answer.LOST)
        with pytest.raises(Doubt):
            world.mail.send_draft(draft.ref, draft.version)
        world.restart()
        world.settle()
        assert not isinstance(world.mail.look(draft.ref, "key-1"), Waiting)
        with pytest.raises(Touched):
            world.mail.send_draft(draft.ref, draft.version)
        assert len(world.delivered()) == 1

    def test_after_a_doubt_and_the_persons_word_a_new_draft_can_be_made(
        self, world: MailWorld, thread: Message, draft: StoredDraft
    ) -> None:
        world.break_next("send_draft", Answer.UNDONE)
        with pytest.raises(Doubt):
            world.mail.send_draft(draft.ref, draft.version)
        world.settle()
        assert not world.delivered()
        again = world.mail.save_draft(thread, LETTER, "key-1")
        assert isinstance(world.mail.send_draft(again.ref, again.version), Accepted)
        assert len(world.delivered()) == 1

    @staticmethod
    def _maybe(call: Callable[[], object]) -> None:
        """Runs ``call``; a lost answer is what the test is about."""
        try:
            call()
        except Doubt:
            return
