"""What a person does in the very moment calwatch writes to their Outlook mailbox: theirs is never sent or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders import DANA, the_surroundings
from calwatch.errors import Touched
from calwatch.model.message import Message
from calwatch.ports import MailQuery, StoredDraft, Waiting
from calwatch.providers.outlook.api.connection import REQUESTS_PER_MINUTE, Connection
from calwatch.providers.outlook.mail.outlook_mail import OutlookMail
from contract.mail_suite import LETTER
from contract.outlook_mail_world import DELETE, SEND, OutlookMailWorld
from fakes.clock import ManualClock
from fakes.microsoft.server import FakeMicrosoft

Attempt = Callable[[OutlookMail, StoredDraft], object]


@pytest.fixture
def world(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[OutlookMailWorld]:
    world = OutlookMailWorld(microsoft, clock, tmp_path)
    world.receive("Hi Alex, does Tuesday work?", sender=DANA, subject="Interview at Acme")
    world.settle()
    yield world
    assert not microsoft.violations


@pytest.fixture
def thread(world: OutlookMailWorld) -> Message:
    return world.mail.find(MailQuery(addresses=frozenset({DANA.email})))[0]


@pytest.fixture
def draft(world: OutlookMailWorld, thread: Message) -> StoredDraft:
    return world.mail.save_draft(thread, LETTER, "key-1")


@pytest.mark.parametrize(
    "attempt",
    [
        lambda mail, draft: mail.send_draft(draft.ref, draft.version),
        lambda mail, draft: mail.update_draft(draft.ref, replace(LETTER, text="Ours"), draft.version),
        lambda mail, draft: mail.discard(draft.ref, draft.version),
    ],
    ids=["sent", "overwritten", "thrown away"],
)
def test_a_letter_the_person_changes_while_calwatch_waits_for_its_turn_is_not(
    world: OutlookMailWorld, draft: StoredDraft, tmp_path: Path, attempt: Attempt
) -> None:
    account, around = world.microsoft.account(), the_surroundings(world.clock, tmp_path)
    edits = [draft.ref]

    def pause(seconds: float) -> None:
        world.clock.advance(seconds)
        while edits:
            world.edit(edits.pop(), "No, wait. I am still writing")

    connection = Connection(account, around, pause=pause)
    mail = OutlookMail(connection, account, around)
    mail.look(draft.ref, "key-1")
    asked = sum(connection.counters.requests.values())
    for _ in range(REQUESTS_PER_MINUTE // 5 - asked - 1):  # what may be asked at once, but for one request
        connection.read("/me/mailFolders/inbox")
    with pytest.raises(Touched):
        attempt(mail, draft)
    assert edits == []
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Waiting)
    assert seen.draft.content.text == "No, wait. I am still writing"
    assert not world.outlook.delivered
    assert not world.asked(SEND, DELETE)
