"""A Maildir for ``worlds.World``: the real provider on files, with the hands of a mail program and of other people.

The calendar beside it is one in memory: whoever runs on this person asks what becomes of mail.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from builders import ALEX
from calwatch.formats.mime import Reader, parse_content, parse_message
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder, Invitation, Message
from calwatch.ports import Clock
from calwatch.providers.local.mail import LocalMail
from fakes.gmail_like import GmailLike
from fakes.google import gmail_mime
from fakes.google.gmail_compose import composed
from fakes.google.gmail_invitations import by_google
from fakes.memory_mail import Delivery


@dataclass(frozen=True, slots=True)
class File:
    """A mail in .Drafts."""

    path: Path
    content: Content


class Maildir:
    """``LocalMail``, which files what it sends into .Sent, and everybody else who touches these files."""

    def __init__(self, root: Path, me: Person, clock: Clock) -> None:
        self._root, self._me, self._clock = root, me, clock
        self._numbers = itertools.count(1)
        self._by_hand: set[str] = set()
        for folder in ("", ".Drafts", ".Sent"):
            for part in ("cur", "new", "tmp"):
                (root / folder / part).mkdir(parents=True, exist_ok=True)
        mine = frozenset({me.email})
        self._port = LocalMail(root, me=me, addresses=mine, viewer_zone="UTC", clock=clock, outgoing="maildir")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    # -- other people --------------------------------------------------------------------------------------------

    def receive(
        self,
        text: str,
        *,
        sender: Person,
        subject: str,
        answers: Message | None = None,
        invitations: tuple[Invitation, ...] = (),
        date: datetime | None = None,
        automatic: bool = False,
    ) -> Message:
        """A mail arrives. An invitation comes as Google Calendar sends it."""
        assert automatic == bool(invitations), "here only a calendar's own mail is automatic"
        moment = date or self._clock.now()
        given: Any = {"sender": sender, "message_id": self._message_id(sender), "date": moment}
        content = Content(to=(self._me,), subject=subject, text=text)
        raw = by_google(invitations[0], content, **given) if invitations else composed(content, **given)
        if answers is not None:
            chain = " ".join((*answers.references, answers.message_id))
            raw = gmail_mime.rewritten(raw, {"In-Reply-To": answers.message_id, "References": chain})
        path = self.put(raw, "", date=moment)
        reader = Reader(frozenset({self._me.email}), "UTC")
        return parse_message(raw, reader, ref=path.name, folder=Folder.INBOX, received=moment)

    # -- the person ----------------------------------------------------------------------------------------------

    def write(
        self,
        text: str,
        *,
        to: tuple[Person, ...],
        subject: str,
        answers: Message | None = None,
        date: datetime | None = None,
    ) -> None:
        """The person writes and sends a mail of their own."""
        chain = (*answers.references, answers.message_id) if answers else ()
        raw = composed(
            Content(to=to, subject=subject, text=text),
            sender=self._me,
            message_id=self._message_id(self._me),
            date=date or self._clock.now(),
            in_reply_to=answers.message_id if answers else "",
            references=chain,
        )
        self.file_as_sent(raw)

    def edit_draft(self, ref: str, **fields: Any) -> str:
        """The person changes a draft: a new file with the same Message-ID, then the old one goes."""
        held = self._named(ref)
        return self._rewrite(ref, replace(held.content, **fields))

    def autosave(self, ref: str) -> str:
        """The person only opened the draft: their program saves what it made of it."""
        return self._rewrite(ref, self._named(ref).content)

    def send_by_hand(self, ref: str) -> None:
        """The person presses "send" in their own program."""
        self.file_as_sent(self.take(ref))

    def discard_by_hand(self, ref: str) -> None:
        self.take(ref)

    def take(self, ref: str) -> bytes:
        """The draft's file is gone; gives what was in it."""
        path = self._named(ref).path
        data = path.read_bytes()
        path.unlink()
        return data

    def put(self, raw: bytes, folder: str, *, flags: str = "S", date: datetime | None = None) -> Path:
        """Puts a file where a mail server or a mail program would."""
        path = self._root / folder / "cur" / f"{next(self._numbers)}.host:2,{flags}"
        path.write_bytes(raw)
        stamp = (date or self._clock.now()).timestamp()
        os.utime(path, (stamp, stamp))
        return path

    def file_as_sent(self, raw: bytes) -> None:
        """The copy of what the person sent appears in .Sent."""
        self._by_hand.add(self.put(raw, ".Sent").name)

    # -- what tests look at --------------------------------------------------------------------------------------

    @property
    def drafts(self) -> dict[str, File]:
        """What lies in .Drafts, by Message-ID."""
        files = [(path, path.read_bytes()) for path in (self._root / ".Drafts" / "cur").iterdir()]
        return {gmail_mime.header(raw, "Message-ID"): File(path, parse_content(raw)) for path, raw in files}

    @property
    def delivered(self) -> list[Delivery]:
        """What lies in .Sent, in no order."""
        return [self._delivery(path) for path in (self._root / ".Sent" / "cur").iterdir()]

    def _delivery(self, path: Path) -> Delivery:
        raw = path.read_bytes()
        by = "person" if path.name in self._by_hand else "calwatch"
        ids = gmail_mime.header(raw, "Message-ID"), gmail_mime.header(raw, "In-Reply-To")
        chain = tuple(gmail_mime.ids(raw, "References"))
        return Delivery(parse_content(raw), gmail_mime.text_of(raw), *ids, chain, by, "", self._clock.now())

    def _named(self, ref: str) -> File:
        return self.drafts[ref.split(" ")[0]]

    def _rewrite(self, ref: str, content: Content) -> str:
        old = self._named(ref).path
        raw = old.read_bytes()
        fresh = composed(
            content,
            sender=self._me,
            message_id=gmail_mime.header(raw, "Message-ID"),
            date=self._clock.now(),
            in_reply_to=gmail_mime.header(raw, "In-Reply-To"),
            references=tuple(gmail_mime.ids(raw, "References")),
        )
        self.put(fresh, ".Drafts", flags="DS")
        old.unlink()
        return ref

    def _message_id(self, sender: Person) -> str:
        return f"<{next(self._numbers)}.{sender.email}>"


class LocalPerson:
    """Alex with a Maildir below ``root``."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self.me = replace(ALEX, email=ALEX.email.lower())
        self.clock = clock
        self.mail = Maildir(root, self.me, clock)
        self.calendar = GmailLike(ALEX, clock).calendar
