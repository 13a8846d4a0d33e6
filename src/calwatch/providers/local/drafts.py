"""The drafts of a Maildir as calwatch finds, reads and stores them: who they are, what they say, in which version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from calwatch.formats.mime import LARGEST_MAIL, Mime, UnreadableMail, fingerprint, parse_content
from calwatch.model.message import Content, Folder, Message
from calwatch.ports import StoredDraft
from calwatch.providers.local.maildir import DRAFTS, SENDING, Entry, Maildir


@dataclass(frozen=True, slots=True)
class Ref:
    """What ``StoredDraft.ref`` says: our Message-ID, the mail answered ("-" for none), and when it was first stored."""

    message_id: str
    answered: str = "-"
    created: int = 0

    @classmethod
    def of(cls, text: str) -> Ref:
        message_id, answered, created = (*text.split(" "), "", "")[:3]
        return cls(message_id, answered or "-", int(created) if created.isdigit() else 0)

    def __str__(self) -> str:
        return f"{self.message_id} {self.answered} {self.created}"

    @property
    def since(self) -> datetime:
        return datetime.fromtimestamp(self.created, UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """One draft as it lies on the disk. ``version`` changes with its words, its recipients and its file."""

    entry: Entry
    data: bytes
    ref: Ref
    content: Content
    version: str


class Drafts:
    """The files in .Drafts and .Sending."""

    def __init__(self, maildir: Maildir) -> None:
        self._maildir = maildir

    def find(self, message_id: str, folder: str = DRAFTS) -> Held | None:
        """The newest file with this Message-ID: mail programs may leave the older one for a moment."""
        found: list[Held] = []
        for entry in self._maildir.entries(folder):
            try:
                data = self._maildir.read(entry, LARGEST_MAIL)
                if data is None or message_id.encode() not in data[:65_536]:
                    continue
                stored = _parsed(entry, data)
            except (UnreadableMail, OSError):
                continue  # somebody else's draft; ours are always readable
            if stored.ref.message_id == message_id:
                found.append(stored)
        return max(found, key=lambda s: _modified(s.entry), default=None)

    def write(self, data: bytes) -> Held:
        """Puts a new draft into .Drafts."""
        return _parsed(self._maildir.deliver(DRAFTS, data, "DS"), data)

    def forget_attempt(self, message_id: str) -> None:
        """The person said that a doubtful attempt did not arrive, and a new draft took its place."""
        left = self.find(message_id, SENDING)
        if left is not None:
            self._maildir.remove(left.entry)


def told(stored: Held) -> StoredDraft:
    """A draft in the words of the port."""
    mime = Mime(stored.data)
    thread = next(iter(mime.ids("references")), "") or stored.ref.message_id
    return StoredDraft(
        ref=str(stored.ref),
        version=stored.version,
        content=stored.content,
        message_id=stored.ref.message_id,
        thread=thread,
    )


def what_it_answers(message_id: str, chain: tuple[str, ...], held: Held) -> Message:
    """Enough of the mail a draft answers to write its threading headers again."""
    return Message(
        ref="",
        thread="",
        folder=Folder.INBOX,
        message_id=message_id,
        date=held.ref.since,
        sender=None,
        subject="",
        references=tuple(i for i in chain if i != message_id),
    )


def says(content: Content, sent: Message) -> bool:
    """Whether the sent mail is this content; Bcc shows in no copy."""
    same = Content(to=sent.to, cc=sent.cc, bcc=content.bcc, subject=sent.subject, text=sent.text)
    return fingerprint(content) == fingerprint(same)


def _parsed(entry: Entry, data: bytes) -> Held:
    mime = Mime(data)
    date = mime.date or datetime.fromtimestamp(0, UTC)
    ref = Ref(mime.message_id, next(iter(mime.ids("in-reply-to")), "-"), max(0, int(date.timestamp())))
    content = parse_content(data)
    version = hashlib.sha256(f"{fingerprint(content)} {entry.name}".encode()).hexdigest()[:32]
    return Held(entry, data, ref, content, version)


def _modified(entry: Entry) -> float:
    try:
        return entry.path.stat().st_mtime
    except OSError:
        return 0.0
