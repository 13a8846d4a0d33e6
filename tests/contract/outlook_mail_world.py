"""The real Outlook mailbox on the fake Microsoft over HTTP, with the hands of the person, of others and the network."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from builders import the_surroundings
from calwatch.model.event import Person
from calwatch.model.message import Message
from calwatch.ports import Mailbox
from calwatch.providers.outlook.api.connection import Connection
from calwatch.providers.outlook.mail.outlook_mail import OutlookMail
from fakes.clock import ManualClock
from fakes.faults import Answer
from fakes.microsoft.faults import Fault
from fakes.microsoft.server import FakeMicrosoft

CREATE, REPLY, PATCH = "messages.create", "messages.createReply", "messages.patch"
SEND, DELETE, GET = "messages.send", "messages.delete", "messages.get"
WRITES = (CREATE, REPLY, PATCH, SEND, DELETE)

_OPERATIONS = {
    "changes": "messages.delta",
    "find": "messages.list",
    "save_draft": REPLY,
    "update_draft": PATCH,
    "look": GET,
    "send_draft": SEND,
    "find_sent": "messages.list",
    "discard": DELETE,
}
_FAULTS = {
    Answer.REFUSED: Fault.REFUSED,
    Answer.DOWN: Fault.DOWN,
    Answer.LOST: Fault.LOST,
    Answer.UNDONE: Fault.UNDONE,
    Answer.LATE: Fault.LATE,
}


class OutlookMailWorld:
    """``microsoft`` lives on when calwatch is started again. ``manners`` are how its mail behaves."""

    def __init__(self, microsoft: FakeMicrosoft, clock: ManualClock, folder: Path, **manners: Any) -> None:
        self.microsoft = microsoft
        self.clock = clock
        self.outlook = microsoft.mail
        for name, value in manners.items():
            setattr(self.outlook, name, value)
        self._folder = folder
        self._account = microsoft.account()
        microsoft.sign_in(folder, self._account.name)
        self.restart()

    @property
    def mail(self) -> Mailbox:
        return self._mail

    def restart(self) -> None:
        self._mail = self.another()

    def another(self, **around: Any) -> OutlookMail:
        """Another calwatch on the same account."""
        surroundings = the_surroundings(self.clock, self._folder, **around)
        return OutlookMail(Connection(self._account, surroundings, pause=self._pause), self._account, surroundings)

    def sign_in(self, *scopes: str) -> None:
        """The person signs in anew, and grants these permissions."""
        self.microsoft.sign_in(self._folder, self._account.name, scopes=scopes)

    def _pause(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def receive(self, text: str, *, sender: Person, subject: str, answers: Message | None = None) -> None:
        self.clock.advance(60)
        self.outlook.receive(text, sender=sender, subject=subject, answers=answers)

    def write(self, text: str, *, to: Person, subject: str, answers: Message) -> None:
        self.outlook.write(text, to=(to,), subject=subject, answers=answers)

    def edit(self, ref: str, text: str) -> None:
        self.outlook.edit_draft(ref, text=text)

    def send_by_hand(self, ref: str) -> None:
        self.outlook.send_by_hand(ref)

    def throw_away(self, ref: str) -> None:
        self.outlook.discard_by_hand(ref)

    def forget_cursors(self) -> str:
        cursor = self._mail.changes(None, self.clock.now()).cursor
        self.outlook.kill_cursor()
        return cursor

    def settle(self) -> None:
        self.microsoft.faults.release_late()
        self.clock.advance(timedelta(minutes=10))
        self.outlook.settle()

    def break_next(self, operation: str, answer: Answer) -> None:
        self.microsoft.faults.plan(_OPERATIONS[operation], _FAULTS[answer])

    def delivered(self) -> list[str]:
        return [d.content.text for d in self.outlook.delivered if d.by == "calwatch"]

    def asked(self, *operations: str) -> list[str]:
        """Which of these operations were asked for so far, in order; all without any."""
        return [seen.operation for seen in self.microsoft.seen if not operations or seen.operation in operations]
