"""The real Gmail provider on the fake Google over HTTP, with the hands of the person, of others and of the network."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from builders import the_surroundings
from calwatch.model.event import Person
from calwatch.model.message import Message
from calwatch.ports import Mailbox
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.mail.gmail import GmailMail
from fakes.clock import ManualClock
from fakes.faults import Answer
from fakes.google.server import FakeGoogle, Fault

_METHODS = {
    "changes": "gmail.users.history.list",
    "find": "gmail.users.messages.list",
    "save_draft": "gmail.users.drafts.create",
    "update_draft": "gmail.users.drafts.update",
    "look": "gmail.users.drafts.get",
    "send_draft": "gmail.users.drafts.send",
    "find_sent": "gmail.users.threads.get",
    "discard": "gmail.users.drafts.delete",
}
_FAULTS = {
    Answer.REFUSED: Fault.REFUSED,
    Answer.DOWN: Fault.DOWN,
    Answer.LOST: Fault.LOST,
    Answer.UNDONE: Fault.UNDONE,
    Answer.LATE: Fault.LATE,
}


class GoogleMailWorld:
    """``google`` lives on when calwatch, whose files are in ``folder``, is started again."""

    def __init__(self, google: FakeGoogle, clock: ManualClock, folder: Path) -> None:
        self.google = google
        self.clock = clock
        self._folder = folder
        self._account = google.account(folder)
        google.sign_in(folder, self._account.name)
        self.restart()

    @property
    def mail(self) -> Mailbox:
        return self._mail

    def restart(self) -> None:
        around = the_surroundings(self.clock, self._folder)
        connection = Connection(self._account, around, pause=self._pause)
        self._mail = GmailMail(connection, self._account, around)

    def _pause(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def receive(self, text: str, *, sender: Person, subject: str, answers: Message | None = None) -> None:
        self.clock.advance(60)
        self.google.gmail.receive(text, sender=sender, subject=subject, answers=answers)

    def write(self, text: str, *, to: Person, subject: str, answers: Message) -> None:
        self.google.gmail.write(text, to=(to,), subject=subject, answers=answers)

    def edit(self, ref: str, text: str) -> None:
        self.google.gmail.edit_draft(ref, text=text)

    def send_by_hand(self, ref: str) -> None:
        self.google.gmail.send_by_hand(ref)

    def throw_away(self, ref: str) -> None:
        self.google.gmail.discard_by_hand(ref)

    def forget_cursors(self) -> str:
        cursor = self._mail.changes(None, self.clock.now()).cursor
        self.google.gmail.kill_cursor()
        return cursor

    def settle(self) -> None:
        self.google.faults.release_late()
        self.clock.advance(timedelta(minutes=10))
        self.google.gmail.settle()

    def break_next(self, operation: str, answer: Answer) -> None:
        self.google.faults.plan(_METHODS[operation], _FAULTS[answer])

    def delivered(self) -> list[str]:
        return [d.content.text for d in self.google.gmail.delivered if d.by == "calwatch"]
