"""The mailbox contract, kept by the real Gmail provider on a Google that misbehaves in the ways Gmail was seen to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import DANA, an_invitation
from calwatch.errors import Doubt
from calwatch.formats.mime import fingerprint
from calwatch.model.message import Invitation, Message, Method
from calwatch.ports import MailQuery, Sent, StoredDraft, Waiting
from contract.google_mail_world import GoogleMailWorld
from contract.mail_suite import SINCE, BreakableMailSuite
from fakes.clock import ManualClock
from fakes.faults import Answer
from fakes.google.server import FakeGoogle


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    """Nothing a client sends may be unknown to Google, and no mail that was sent may ever be deleted."""
    with FakeGoogle(ManualClock()) as running:
        yield running
        assert not running.violations
        assert not running.gmail.destroyed


class _OnGoogle(BreakableMailSuite):
    @pytest.fixture
    def world(self, google: FakeGoogle, tmp_path: Path) -> GoogleMailWorld:
        assert isinstance(google.clock, ManualClock)
        return GoogleMailWorld(google, google.clock, tmp_path)

    @pytest.mark.parametrize("changes", [{"text": "My own words."}, {"subject": "About Tuesday"}], ids=str)
    def test_a_draft_changed_and_sent_in_gmail_is_seen_as_sent(
        self, world: GoogleMailWorld, draft: StoredDraft, changes: dict[str, str]
    ) -> None:
        world.send_by_hand(world.google.gmail.edit_draft(draft.ref, **changes))
        world.settle()
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Sent)
        assert seen.message.in_reply_to

    def test_a_draft_the_person_only_opened_says_what_it_said(self, world: GoogleMailWorld, draft: StoredDraft) -> None:
        world.google.gmail.autosave(draft.ref)
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Waiting)
        assert seen.draft.version != draft.version
        assert fingerprint(seen.draft.content) == fingerprint(draft.content)

    def test_a_send_that_happens_late_is_found(self, world: GoogleMailWorld, draft: StoredDraft) -> None:
        world.break_next("send_draft", Answer.LATE)
        with pytest.raises(Doubt):
            world.mail.send_draft(draft.ref, draft.version)
        assert not world.delivered()
        world.settle()
        assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)
        assert len(world.delivered()) == 1

    @pytest.mark.parametrize("automatic", [True, False], ids=["from Google", "from a person"])
    def test_invitations_come_with_the_changes(self, world: GoogleMailWorld, automatic: bool) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        told = Invitation(method=Method.REQUEST, items=(an_invitation(),))
        for subject in ("Invitation: one", "Invitation: two"):
            world.google.gmail.receive("Hi", sender=DANA, subject=subject, invitations=(told,), automatic=automatic)
        found = world.mail.changes(cursor, SINCE).messages
        assert [(m.sender, m.automatic, [i.method for i in m.invitations]) for m in found] == [
            (DANA, automatic, [Method.REQUEST])
        ] * 2

    def test_what_was_archived_is_found_and_what_lies_in_the_trash_is_not(
        self, world: GoogleMailWorld, thread: Message
    ) -> None:
        world.google.gmail.archive(thread)
        wanted = MailQuery(addresses=frozenset({DANA.email}))
        world.restart()
        assert [m.ref for m in world.mail.find(wanted)] == [thread.ref]
        world.google.gmail.trash(thread)
        world.restart()
        assert not world.mail.find(wanted)


class TestGmail(_OnGoogle):
    """As it is on most days."""

    def test_reading_a_full_mailbox_keeps_to_the_quota(self, world: GoogleMailWorld) -> None:
        gmail = world.google.gmail
        gmail.units_a_minute, gmail.page_cap = 6000, 500
        for number in range(250):
            gmail.receive(sender=DANA, subject=f"Mail {number}")
        cursor = world.mail.changes(None, SINCE).cursor
        for number in range(250):
            gmail.receive(sender=DANA, subject=f"More {number}")
        assert len(world.mail.changes(cursor, SINCE).messages) == 250
        assert {seen.status for seen in world.google.seen} == {200}


class TestGmailThatRotatesDraftIds(_OnGoogle):
    @pytest.fixture
    def google(self, google: FakeGoogle) -> FakeGoogle:
        google.gmail.rotates_draft_ids = True
        return google


class TestGmailThatShowsDraftsSentByHand(_OnGoogle):
    @pytest.fixture
    def google(self, google: FakeGoogle) -> FakeGoogle:
        google.gmail.tells_sent = True
        return google


class TestGmailInSmallPages(_OnGoogle):
    @pytest.fixture
    def google(self, google: FakeGoogle) -> FakeGoogle:
        google.gmail.page_cap, google.gmail.empty_pages = 1, True
        google.gmail.calendar_parts = "attached"
        return google


class TestGmailThatSendsByHandWithoutItsComposer(_OnGoogle):
    @pytest.fixture
    def google(self, google: FakeGoogle) -> FakeGoogle:
        google.gmail.composer_sends = False
        return google
