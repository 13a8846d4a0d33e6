"""The mailbox contract, kept by the local provider (filing and over SMTP) and by both misbehaving fakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import ALEX
from calwatch.model.event import Person
from calwatch.model.message import Message
from calwatch.ports import Mailbox
from contract.local_mail_world import LocalMailWorld
from contract.mail_suite import BreakableMailSuite, MailSuite
from fakes.clock import ManualClock
from fakes.faults import Answer, Faults
from fakes.gmail_like import GmailLike
from fakes.graph_like import GraphLike
from fakes.memory_mail import MemoryMail
from fakes.smtp_server import SmtpServer


@pytest.fixture(scope="module")
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


class MemoryMailWorld:
    """A fake and its faults."""

    def __init__(self, fake: MemoryMail, faults: Faults) -> None:
        self._fake = fake
        self._faults = faults

    @property
    def mail(self) -> Mailbox:
        return self._fake

    def receive(self, text: str, *, sender: Person, subject: str, answers: Message | None = None) -> None:
        assert isinstance(self._fake.clock, ManualClock)
        self._fake.clock.advance(60)
        self._fake.receive(text, sender=sender, subject=subject, answers=answers)

    def write(self, text: str, *, to: Person, subject: str, answers: Message) -> None:
        self._fake.write(text, to=(to,), subject=subject, answers=answers)

    def edit(self, ref: str, text: str) -> None:
        self._fake.edit_draft(ref, text=text)

    def send_by_hand(self, ref: str) -> None:
        self._fake.send_by_hand(ref)

    def throw_away(self, ref: str) -> None:
        self._fake.discard_by_hand(ref)

    def forget_cursors(self) -> str:
        cursor = self._fake.changes(None, self._fake.clock.now()).cursor
        self._fake.kill_cursor()
        return cursor

    def settle(self) -> None:
        self._fake.settle()

    def break_next(self, operation: str, answer: Answer) -> None:
        self._faults.plan(operation, answer)

    def delivered(self) -> list[str]:
        return [d.content.text for d in self._fake.delivered if d.by == "calwatch"]

    def restart(self) -> None:
        """The other side does not notice."""


class TestGmailLike(BreakableMailSuite):
    @pytest.fixture
    def world(self) -> MemoryMailWorld:
        fake = GmailLike()
        return MemoryMailWorld(fake.mail, fake.faults)


class TestGmailLikeThatRotatesDraftIds(BreakableMailSuite):
    @pytest.fixture
    def world(self) -> MemoryMailWorld:
        fake = GmailLike(rotates_refs=True)
        return MemoryMailWorld(fake.mail, fake.faults)


class TestGraphLike(BreakableMailSuite):
    @pytest.fixture
    def world(self) -> MemoryMailWorld:
        fake = GraphLike()
        return MemoryMailWorld(fake.mail, fake.faults)


class TestGraphLikeThatKeepsIds(BreakableMailSuite):
    @pytest.fixture
    def world(self) -> MemoryMailWorld:
        fake = GraphLike(ids_change_on_send=False)
        return MemoryMailWorld(fake.mail, fake.faults)


class TestMaildirThatOnlyFiles(MailSuite):
    @pytest.fixture
    def world(self, tmp_path: Path) -> LocalMailWorld:
        return LocalMailWorld(tmp_path / "Maildir", ALEX, "maildir", None)


class TestMaildirWithSmtp(BreakableMailSuite):
    @pytest.fixture
    def world(self, tmp_path: Path, server: SmtpServer) -> LocalMailWorld:
        return LocalMailWorld(tmp_path / "Maildir", ALEX, server.url, server)
