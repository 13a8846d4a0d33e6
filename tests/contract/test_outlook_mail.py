"""The mailbox contract, kept by the real Outlook provider on an Outlook that behaves in all the ways it was seen to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest

from builders import ALEX, DANA, an_event, an_invitation
from calwatch.errors import Doubt, Resync
from calwatch.formats.mime import fingerprint
from calwatch.model.event import Event, Person, Response
from calwatch.model.message import Folder, Invitation, Message, Method
from calwatch.ports import MailQuery, Sent, StoredDraft, Waiting
from contract.mail_suite import SINCE, BreakableMailSuite
from contract.outlook_mail_world import GET, OutlookMailWorld
from fakes.clock import ManualClock
from fakes.faults import Answer
from fakes.microsoft.faults import Fault
from fakes.microsoft.server import FakeMicrosoft


class _OnOutlook(BreakableMailSuite):
    """Nothing a client sends may be unknown to Microsoft, and no mail that was sent may ever be deleted."""

    manners: ClassVar[dict[str, Any]] = {}

    @pytest.fixture
    def world(self, microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[OutlookMailWorld]:
        world = OutlookMailWorld(microsoft, clock, tmp_path, **self.manners)
        yield world
        assert not microsoft.violations
        assert not [mail for mail in world.outlook.destroyed if not mail.is_draft]

    @pytest.mark.parametrize("changes", [{"text": "My own words."}, {"subject": "About Tuesday"}], ids=str)
    def test_a_draft_changed_and_sent_in_outlook_is_seen_as_sent(
        self, world: OutlookMailWorld, draft: StoredDraft, changes: dict[str, str]
    ) -> None:
        world.outlook.edit_draft(draft.ref, **changes)
        world.send_by_hand(draft.ref)
        world.settle()
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Sent)
        assert seen.message.in_reply_to
        assert seen.message.text == changes.get("text", seen.message.text)

    def test_a_draft_the_person_only_opened_says_what_it_said(
        self, world: OutlookMailWorld, draft: StoredDraft
    ) -> None:
        world.outlook.autosave(draft.ref)
        seen = world.mail.look(draft.ref, "key-1")
        assert isinstance(seen, Waiting)
        assert seen.draft.version != draft.version
        assert fingerprint(seen.draft.content) == fingerprint(draft.content)

    def test_a_send_that_happens_late_is_found(self, world: OutlookMailWorld, draft: StoredDraft) -> None:
        world.break_next("send_draft", Answer.LATE)
        with pytest.raises(Doubt):
            world.mail.send_draft(draft.ref, draft.version)
        assert not world.delivered()
        world.settle()
        assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)
        assert len(world.delivered()) == 1

    @pytest.mark.parametrize("automatic", [True, False], ids=["of Exchange", "as a file"])
    def test_invitations_come_with_the_changes(self, world: OutlookMailWorld, automatic: bool) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        event = an_invitation(uid="invited@acme.example")
        told = Invitation(method=Method.REQUEST, items=(event,))
        for subject in ("Invitation: one", "Invitation: two"):
            world.outlook.receive("Hi", sender=DANA, subject=subject, invitations=(told,), automatic=automatic)
        for message in world.mail.changes(cursor, SINCE).messages:
            (invitation,) = message.invitations
            (item,) = invitation.items
            assert isinstance(item, Event)
            assert (invitation.method, item.uid) == (Method.REQUEST, event.uid)
            assert item.span == event.span
        assert len(world.mail.changes(cursor, SINCE).messages) == 2

    def test_what_was_archived_is_found_and_what_was_thrown_away_or_is_junk_or_a_chat_is_not(
        self, world: OutlookMailWorld, thread: Message
    ) -> None:
        world.outlook.archive(thread)
        world.outlook.receive("Win!", sender=DANA, subject="Junk", folder="junkemail", answers=thread)
        world.outlook.chat("Tuesday?", sender=DANA)
        world.settle()
        for wanted in (MailQuery(addresses=frozenset({DANA.email})), MailQuery(threads=frozenset({thread.thread}))):
            assert [m.ref for m in world.mail.find(wanted)] == [thread.ref]
        world.outlook.trash(thread)
        assert not world.mail.find(MailQuery(addresses=frozenset({DANA.email})))


class TestOutlook(_OnOutlook):
    """As it is on most days."""

    def test_a_quiet_look_for_news_asks_twice_and_changes_nothing(self, world: OutlookMailWorld) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        before = len(world.microsoft.seen)
        assert world.mail.changes(cursor, SINCE).cursor == cursor
        assert world.asked()[before:] == ["messages.delta"] * 2

    def test_a_link_is_not_kept_for_longer_than_a_day(self, world: OutlookMailWorld) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        world.clock.advance(24 * 3600)
        assert world.mail.changes(cursor, SINCE).cursor != cursor

    def test_opening_a_mail_is_no_news(self, world: OutlookMailWorld, thread: Message) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        world.outlook.read(thread)
        before = world.microsoft.count(GET)
        assert not world.mail.changes(cursor, SINCE).messages
        assert world.microsoft.count(GET) == before

    @pytest.mark.parametrize(
        "fault", [Fault.GONE_410, Fault.SYNC_STATE_NOT_FOUND, Fault.RESYNC_REQUIRED, Fault.BARE_400]
    )
    def test_however_a_lost_link_is_told_everything_is_read_anew(
        self, world: OutlookMailWorld, thread: Message, fault: Fault
    ) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        world.microsoft.faults.plan("messages.delta", fault)
        with pytest.raises(Resync):
            world.mail.changes(cursor, SINCE)
        assert [m.message_id for m in world.mail.changes(None, SINCE).messages] == [thread.message_id]

    def test_ids_that_differ_only_in_case_or_in_one_sign_are_different_mails(self, world: OutlookMailWorld) -> None:
        for number in range(6):
            world.receive(f"mail {number}", sender=DANA, subject=f"Mail {number}")
        found = world.mail.changes(None, SINCE).messages
        assert len({m.ref for m in found}) == 6
        alike = {m.ref.lower().replace("_", "-") for m in found}
        assert len(alike) < 6, "the fake gives no such ids any more"
        assert sorted(m.text for m in found) == [f"mail {number}" for number in range(6)]

    def test_every_request_asks_for_ids_that_last_and_for_times_in_utc(
        self, world: OutlookMailWorld, draft: StoredDraft
    ) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        world.mail.changes(cursor, SINCE)
        world.mail.send_draft(draft.ref, draft.version)
        for seen in world.microsoft.seen:
            if not seen.operation.startswith("identity."):
                assert (seen.prefer["IdType"], seen.prefer["outlook.timezone"]) == ("ImmutableId", "UTC")

    @pytest.mark.parametrize("address", ["o'hara@acme.example", "a+b-c=token/1@acme.example"])
    def test_addresses_and_ids_with_signs_of_a_filter_in_them_are_found(
        self, world: OutlookMailWorld, address: str
    ) -> None:
        own_id = "<it's+1=a&b#c%20@acme.example>"
        world.outlook.receive("Hi", sender=Person(address, "Pat"), subject="Hi", message_id=own_id)
        for wanted in (MailQuery(addresses=frozenset({address})), MailQuery(message_ids=frozenset({own_id}))):
            assert [m.message_id for m in world.mail.find(wanted)] == [own_id]

    @pytest.mark.parametrize("missing", ["absent", "empty", "null"])
    def test_the_persons_own_answer_is_a_reply_though_its_appointment_is_gone(
        self, world: OutlookMailWorld, missing: Literal["absent", "empty", "null"]
    ) -> None:
        world.outlook.missing_event = missing
        cursor = world.mail.changes(None, SINCE).cursor
        event = an_invitation(uid="declined@acme.example")
        world.outlook.answered(event, Response.DECLINED, comment="I cannot make it")
        (message,) = world.mail.changes(cursor, SINCE).messages
        (invitation,) = message.invitations
        (item,) = invitation.items
        assert isinstance(item, Event)
        assert (message.folder, invitation.method, invitation.comment) == (
            Folder.SENT,
            Method.REPLY,
            "I cannot make it",
        )
        assert (item.uid, item.response) == (event.uid, Response.DECLINED)

    @pytest.mark.parametrize("spelling", ["meetingTenativelyAccepted", "meetingTentativelyAccepted"])
    def test_an_answer_of_somebody_else_and_a_proposed_time_are_told(
        self, world: OutlookMailWorld, spelling: Literal["meetingTenativelyAccepted", "meetingTentativelyAccepted"]
    ) -> None:
        world.outlook.spelling = spelling
        cursor = world.mail.changes(None, SINCE).cursor
        event = an_event(organizer=ALEX, uid="mine@example.com")
        world.outlook.event_message(event, sender=DANA, answer=Response.TENTATIVE)
        world.outlook.event_message(event, sender=DANA, method=Method.COUNTER, answer=Response.TENTATIVE)
        methods = [m.invitations[0].method for m in world.mail.changes(cursor, SINCE).messages]
        assert methods == [Method.REPLY, Method.COUNTER]

    def test_a_withdrawn_invitation_is_a_cancel_whatever_its_subject_says(self, world: OutlookMailWorld) -> None:
        cursor = world.mail.changes(None, SINCE).cursor
        event = an_invitation(summary="Interview")
        world.outlook.event_message(event, sender=DANA, method=Method.CANCEL, subject="Abgesagt: Abgesagt: Interview")
        (message,) = world.mail.changes(cursor, SINCE).messages
        assert message.invitations[0].method is Method.CANCEL
        (item,) = message.invitations[0].items
        assert isinstance(item, Event)
        assert item.summary == "Interview"

    def test_reading_a_full_mailbox_comes_in_portions_and_loses_nothing(self, world: OutlookMailWorld) -> None:
        for number in range(60):
            world.outlook.receive(sender=DANA, subject=f"Mail {number}")
        first = world.mail.changes(None, SINCE)
        assert len(first.messages) == 60
        for number in range(400):
            world.outlook.receive(sender=DANA, subject=f"More {number}")
        found: set[str] = set()
        cursor = first.cursor
        for _ in range(3):
            changes = world.mail.changes(cursor, SINCE)
            found |= {m.subject for m in changes.messages}
            cursor = changes.cursor
        assert len(found) == 400
        assert {seen.status for seen in world.microsoft.seen} == {200}


class TestOutlookThatChangesEverythingOfWhatItSends(_OnOutlook):
    manners: ClassVar[dict[str, Any]] = {"replaces_message_id": True, "keeps_properties": False}


class TestOutlookThatKeepsIdsAndTakesItsTime(_OnOutlook):
    manners: ClassVar[dict[str, Any]] = {"keeps_immutable_id": True, "lag_seconds": 500, "lag_calls": 50}


class TestOutlookThatTakesNoMarksWithReplies(_OnOutlook):
    manners: ClassVar[dict[str, Any]] = {
        "reply_keeps_properties": False, "reply_marks_read": True, "while_leaving": "outbox", "language": "de"
    }  # fmt: skip


class TestOutlookInSmallPages(_OnOutlook):
    manners: ClassVar[dict[str, Any]] = {
        "page_size": 1, "empty_pages": True, "duplicates": True, "spurious_removed": True, "plain": True,
        "short_read_changes": False, "missing_event": "null",
    }  # fmt: skip
