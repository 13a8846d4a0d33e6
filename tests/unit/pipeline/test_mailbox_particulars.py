"""What only Gmail or only Outlook does to a draft: ids that change, folders it passes through, answers that mislead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, DANA
from calwatch.model.case import CaseState, DraftState
from fakes.google.gmail_compose import composed
from fakes.google.gmail_mailbox import Draft
from fakes.google.person import GooglePerson
from fakes.google.server import FakeGoogle
from fakes.microsoft.person import OutlookPerson
from fakes.microsoft.server import FakeMicrosoft
from worlds import Provider, World, a_waiting_draft, words

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def ref_of(world: World) -> str:
    stored = world.draft().stored
    assert stored is not None
    return stored.ref


class TestGmail:
    """Gmail's draft ids are replaced now and then, and ``drafts.get`` may answer with a mail that is no draft."""

    @pytest.fixture
    def provider(self, google_person: GooglePerson) -> Provider:
        return google_person

    @pytest.mark.parametrize("subject", ["", "About Tuesday"], ids=["same subject", "another subject"])
    @pytest.mark.parametrize("by", ["calwatch", "person"])
    def test_a_draft_the_composer_made_anew_is_followed(
        self, world: World, google: FakeGoogle, by: str, subject: str
    ) -> None:
        google.gmail.rotates_draft_ids = True
        draft = a_waiting_draft(world).draft
        text = draft.letter.content.text + "\nPS: I am sorry."
        changes = {"subject": subject} if subject else {}
        world.provider.mail.edit_draft(ref_of(world), text=text, **changes)
        world.live(5 * MINUTE, step=MINUTE)
        seen = world.draft()
        assert (seen.touched, words(seen.letter.content.text)) == (True, words(text))
        if by == "calwatch":
            assert world.approve(seen).ok
        else:
            world.provider.mail.send_by_hand(ref_of(world))
        world.live(10 * MINUTE, step=MINUTE)
        assert world.again(draft).state is DraftState.SENT
        assert ([mail.by for mail in google.gmail.delivered], google.gmail.drafts) == ([by], {})

    def test_what_the_person_begins_elsewhere_is_not_taken_for_the_letter_they_threw_away(
        self, world: World, google: FakeGoogle
    ) -> None:
        draft = a_waiting_draft(world).draft
        google.gmail.discard_by_hand(ref_of(world))
        other = google.gmail.receive("Shall we talk?", sender=DANA, subject="Something else")
        raw = composed(
            draft.letter.content,
            sender=ALEX,
            message_id=google.gmail.own_message_id(),
            date=world.clock.now(),
            in_reply_to=other.message_id,
        )
        begun = Draft(google.gmail.draft_number(), google.gmail.add(raw, {"DRAFT"}, thread=other.thread))
        google.gmail.drafts[begun.id] = begun
        world.live(5 * MINUTE, step=MINUTE)
        assert world.again(draft).state is DraftState.DISMISSED
        assert list(google.gmail.drafts) == [begun.id]

    def test_in_the_trash_it_is_thrown_away_and_out_of_it_again_it_waits(
        self, world: World, google: FakeGoogle
    ) -> None:
        draft = a_waiting_draft(world).draft
        mail = google.gmail.draft_named(ref_of(world)).mail
        google.gmail.label(mail, add=("TRASH",))
        world.live(100 * timedelta(seconds=1))
        google.gmail.label(mail, remove=("TRASH",))
        world.live(10 * MINUTE, step=MINUTE)
        assert world.again(draft).state is DraftState.WAITING
        google.gmail.label(mail, add=("TRASH",))
        world.live(10 * MINUTE, step=MINUTE)
        assert world.again(draft).state is DraftState.DISMISSED
        assert (google.gmail.destroyed, mail.id in google.gmail.mails) == ([], True)

    def test_a_draft_shown_as_sent_is_sent_and_the_mail_stays(self, world: World, google: FakeGoogle) -> None:
        google.gmail.tells_sent = True
        draft = a_waiting_draft(world).draft
        sent = google.gmail.send_by_hand(ref_of(world))
        world.live(HOUR, step=5 * MINUTE)
        assert world.again(draft).state is DraftState.SENT
        assert (google.gmail.destroyed, sent.ref in google.gmail.mails) == ([], True)


class TestOutlook:
    """Outlook's drafts pass through folders: Outbox, Deleted Items, whatever the person files them in."""

    @pytest.fixture
    def provider(self, outlook_person: OutlookPerson) -> Provider:
        return outlook_person

    @pytest.mark.parametrize("approved", [False, True], ids=["waiting", "approved"])
    def test_a_letter_that_rests_in_the_outbox_is_not_thrown_away(
        self, world: World, microsoft: FakeMicrosoft, approved: bool
    ) -> None:
        outlook = microsoft.mail
        draft = a_waiting_draft(world).draft
        if approved:
            assert world.approve(world.draft()).ok
        outlook.while_leaving, outlook.lag_calls, outlook.lag_seconds = "outbox", 100_000, 600
        outlook.send_by_hand(ref_of(world))  # by a rule that keeps everything back for ten minutes
        world.live(9 * MINUTE, step=MINUTE)
        assert world.again(draft).state is (DraftState.APPROVED if approved else DraftState.WAITING)
        world.live(5 * MINUTE, step=MINUTE)
        assert world.again(draft).state is DraftState.SENT
        assert [mail.by for mail in outlook.delivered] == ["person"]

    def test_called_back_from_the_outbox_it_waits_again(self, world: World, microsoft: FakeMicrosoft) -> None:
        draft = a_waiting_draft(world).draft
        mail = microsoft.mail.draft_named(ref_of(world))
        microsoft.mail.move(mail, "outbox")
        world.live(9 * MINUTE, step=MINUTE)
        microsoft.mail.move(mail, "drafts")
        world.live(2 * MINUTE, step=MINUTE)
        assert (world.again(draft).state, world.draft().touched) == (DraftState.WAITING, False)
        assert world.approve(world.draft()).ok
        world.live(5 * MINUTE)
        assert world.again(draft).state is DraftState.SENT

    def test_deleted_for_good_it_is_thrown_away_too(self, world: World, microsoft: FakeMicrosoft) -> None:
        draft = a_waiting_draft(world).draft
        mail = microsoft.mail.draft_named(ref_of(world))
        microsoft.mail.remove(mail)
        microsoft.mail.remove(mail)
        world.live(5 * MINUTE, step=MINUTE)
        assert world.again(draft).state is DraftState.DISMISSED
        assert world.store.cases.get(draft.case_id).state is CaseState.CLOSED

    def test_what_was_thrown_away_stays_among_the_deleted_items(self, world: World, microsoft: FakeMicrosoft) -> None:
        draft = a_waiting_draft(world).draft
        microsoft.mail.discard_by_hand(ref_of(world))
        world.live(24 * HOUR, step=HOUR)
        assert world.again(draft).state is DraftState.DISMISSED
        assert microsoft.mail.destroyed == []
