"""What a person does in the very moment calwatch writes to their Google account: theirs is never sent or lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from builders import DANA, the_surroundings
from calwatch.errors import Doubt, NeedsSignIn, Retry, Stop, Touched
from calwatch.model.event import Response
from calwatch.model.message import Message
from calwatch.model.span import Span
from calwatch.ports import Accepted, MailQuery, StoredDraft
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.mail.gmail import GmailMail
from contract.calendar_suite import HOUR, START, Ledger, only_event
from contract.google_calendar_world import GoogleCalendarWorld
from contract.google_calendars import DELETE, GET, PATCH
from contract.google_mail_world import GoogleMailWorld
from contract.mail_suite import LETTER
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle, Fault

SEND, LOOK = "gmail.users.drafts.send", "gmail.users.drafts.get"
SLOT = Span(START, START + HOUR)


@dataclass
class Waiting:
    """A mailbox that has used up its quota; while it waits for more, the person changes the draft ``edits``."""

    google: FakeGoogle
    clock: ManualClock
    folder: Path
    edits: list[str] = field(default_factory=list)

    def mail(self) -> GmailMail:
        account, around = self.google.account(self.folder), the_surroundings(self.clock, self.folder)
        connection = Connection(account, around, pause=self._pause)
        for _ in range(49):
            connection.read(connection.gmail.users().drafts().get(userId="me", id=self.edits[0].split()[0]))
        return GmailMail(connection, account, around)

    def _pause(self, seconds: float) -> None:
        self.clock.advance(seconds)
        while self.edits:
            self.google.gmail.edit_draft(self.edits.pop(), text="No, wait. I am still writing")


@pytest.fixture
def letters(google: FakeGoogle, clock: ManualClock, tmp_path: Path) -> Iterator[GoogleMailWorld]:
    world = GoogleMailWorld(google, clock, tmp_path)
    world.receive("Hi Alex, does Tuesday work?", sender=DANA, subject="Interview at Acme")
    yield world
    assert not google.violations
    assert not google.gmail.destroyed


@pytest.fixture
def thread(letters: GoogleMailWorld) -> Message:
    return letters.mail.find(MailQuery(addresses=frozenset({DANA.email})))[0]


@pytest.fixture
def draft(letters: GoogleMailWorld, thread: Message) -> StoredDraft:
    return letters.mail.save_draft(thread, LETTER, "key-1")


@pytest.fixture
def waiting(letters: GoogleMailWorld, draft: StoredDraft, clock: ManualClock, tmp_path: Path) -> Waiting:
    return Waiting(letters.google, clock, tmp_path, [draft.ref])


def test_a_letter_the_person_changes_while_calwatch_waits_for_its_turn_is_not_sent(
    letters: GoogleMailWorld, waiting: Waiting, draft: StoredDraft
) -> None:
    mail = waiting.mail()
    with pytest.raises(Touched):
        mail.send_draft(draft.ref, draft.version)
    assert waiting.edits == []
    assert letters.google.gmail.delivered == []


def test_nor_is_it_overwritten(letters: GoogleMailWorld, waiting: Waiting, draft: StoredDraft) -> None:
    mail = waiting.mail()
    for _ in range(2):
        with pytest.raises(Touched):
            mail.update_draft(draft.ref, replace(LETTER, text="Ours"), draft.version)
    (only,) = letters.google.gmail.drafts
    assert "still writing" in str(letters.mail.look(draft.ref, "key-1"))
    assert only == draft.ref.split()[0]


def test_nor_is_it_thrown_away(letters: GoogleMailWorld, waiting: Waiting, draft: StoredDraft) -> None:
    mail = waiting.mail()
    for _ in range(2):
        with pytest.raises(Touched):
            mail.discard(draft.ref, draft.version)
    assert "still writing" in str(letters.mail.look(draft.ref, "key-1"))


def test_a_letter_that_left_has_left_whatever_became_of_its_note(
    letters: GoogleMailWorld, draft: StoredDraft, tmp_path: Path
) -> None:
    (notes,) = tmp_path.glob("google-*.json")
    notes.unlink()
    notes.mkdir()
    letters.restart()
    assert isinstance(letters.mail.send_draft(draft.ref, draft.version), Accepted)
    assert len(letters.delivered()) == 1


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN_SCOPE, Fault.REFUSED])
def test_an_answer_google_took_is_in_doubt_when_it_may_not_be_looked_at_any_more(
    google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger, fault: Fault
) -> None:
    world.add(START)
    ledger.pull()
    event = only_event(ledger)
    google.faults.plan(GET, Fault.OK, fault)
    with pytest.raises(Doubt):
        world.calendar.respond("primary", event.ref, None, Response.DECLINED, event.etag)
    assert google.count(PATCH) == 1


def test_an_answer_is_not_given_without_the_mark_that_tells_a_change(
    google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
) -> None:
    ref = world.add(START)
    with pytest.raises((Touched, Stop, Retry, NeedsSignIn)):
        world.calendar.respond("primary", ref, None, Response.DECLINED, "")
    assert google.count(PATCH) == 0


@pytest.mark.parametrize(
    "theirs", [{"description": "Call the bank, number in the safe"}, {"location": "Dentist, Main Street 4"}]
)
def test_a_hold_the_person_wrote_something_into_is_theirs(
    google: FakeGoogle, world: GoogleCalendarWorld, clock: ManualClock, theirs: dict[str, str]
) -> None:
    ref = world.calendar.hold("primary", "draft-1", SLOT)
    google.calendar.change(ref, **theirs)
    clock.advance(60)
    with pytest.raises(Touched):
        world.calendar.release("primary", ref)
    assert google.count(DELETE) == 0
