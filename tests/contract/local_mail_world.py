"""A real Maildir, with the hands of a mail program, of other people and of a mail server."""

from __future__ import annotations

import itertools
import os
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from calwatch.model.event import Person
from calwatch.model.message import Message
from calwatch.ports import Mailbox
from calwatch.providers.local.mail import LocalMail
from fakes.clock import ManualClock
from fakes.faults import Answer
from fakes.smtp_server import Cut, SmtpServer

_CUTS = {Answer.REFUSED: Cut.NO_SUCH_USER, Answer.LOST: Cut.TAKEN, Answer.UNDONE: Cut.DROPPED}


class LocalMailWorld:
    """``server`` is the SMTP server behind ``outgoing``, if there is one."""

    def __init__(self, root: Path, me: Person, outgoing: str, server: SmtpServer | None) -> None:
        self.root = root
        self.clock = ManualClock()
        self._me = me
        self._outgoing = outgoing
        self._server = server
        self._numbers = itertools.count(1)
        if server is not None:
            server.cut = Cut.NONE
            server.accepted.clear()
        for folder in ("", ".Drafts", ".Sent"):
            for part in ("cur", "new", "tmp"):
                (root / folder / part).mkdir(parents=True, exist_ok=True)
        self.restart()

    @property
    def mail(self) -> Mailbox:
        return self.local

    def restart(self) -> None:
        self.local = LocalMail(
            self.root,
            me=self._me,
            addresses=frozenset({self._me.email}),
            viewer_zone="Europe/Berlin",
            clock=self.clock,
            outgoing=self._outgoing,
            timeout=5.0,
        )

    def receive(self, text: str, *, sender: Person, subject: str, answers: Message | None = None) -> None:
        self.clock.advance(60)
        mail = self._compose(text, sender, self._me, subject, answers)
        self.drop("new", bytes(mail))

    def drop(self, part: str, data: bytes, folder: str = "", flags: str = "") -> Path:
        """Puts a file where a mail server or program would."""
        name = f"{next(self._numbers)}.host" + (f":2,{flags}" if part == "cur" else "")
        path = self.root / folder / part / name
        path.write_bytes(data)
        stamp = self.clock.now().timestamp()
        os.utime(path, (stamp, stamp))
        return path

    def write(self, text: str, *, to: Person, subject: str, answers: Message) -> None:
        self.drop("cur", bytes(self._compose(text, self._me, to, subject, answers)), ".Sent", "S")

    def edit(self, ref: str, text: str) -> None:
        """As mail programs do: a new file with the same Message-ID, then the old one goes."""
        path = self._draft(ref)
        mail = message_from_bytes(path.read_bytes(), policy=policy.SMTP)
        mail.set_content(text)
        self.drop("cur", bytes(mail), ".Drafts", "DS")
        path.unlink()

    def send_by_hand(self, ref: str) -> None:
        path = self._draft(ref)
        self.drop("cur", path.read_bytes(), ".Sent", "S")
        path.unlink()

    def throw_away(self, ref: str) -> None:
        self._draft(ref).unlink()

    def forget_cursors(self) -> str:
        return "a cursor of something else"

    def settle(self) -> None:
        self.clock.advance(timedelta(minutes=10))
        if self._server is not None:
            self._server.cut = Cut.NONE

    def break_next(self, operation: str, answer: Answer) -> None:
        if operation == "send_draft" and self._server is not None:
            self._server.cut = _CUTS[answer]

    def delivered(self) -> list[str]:
        if self._server is not None:
            return [_text(bytes(e.content or b"")) for e in self._server.accepted if isinstance(e.content, bytes)]
        ours = [p.read_bytes() for p in (self.root / ".Sent" / "cur").iterdir() if p.name.endswith(".mail:2,S")]
        return [_text(data) for data in ours]

    def _draft(self, ref: str) -> Path:
        message_id = ref.split(" ")[0].encode()
        return next(p for p in (self.root / ".Drafts" / "cur").iterdir() if message_id in p.read_bytes())

    def _compose(self, text: str, sender: Person, to: Person, subject: str, answers: Message | None) -> EmailMessage:
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = str(sender)
        mail["To"] = str(to)
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.clock.now())
        mail["Message-ID"] = f"<{next(self._numbers)}.{sender.email}>"
        if answers is not None:
            mail["In-Reply-To"] = answers.message_id
            mail["References"] = " ".join((*answers.references, answers.message_id))
        mail.set_content(text)
        return mail


def _text(data: bytes) -> str:
    mail = message_from_bytes(data, policy=policy.default)
    body = mail.get_body(("plain",))
    return str(body.get_content()).strip().replace("\r\n", "\n") if body is not None else ""
