"""A Maildir as a mailbox: drafts in .Drafts, sent mail in .Sent, and one attempt to send through SMTP.

The draft's file is the one-shot token of a send: it leaves .Drafts for .Sending in one step right before the final dot,
and comes back only when the server certainly did not take the mail. So a draft that still lies in .Drafts was not sent,
and one in .Sending is a doubt that a person has to resolve.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from calwatch.errors import NeedsSignIn, Retry, Stop, Touched
from calwatch.formats import headers
from calwatch.formats.mime import (
    LARGEST_MAIL,
    Mime,
    Reader,
    UnreadableMail,
    build,
    fingerprint,
    parse_content,
    released,
)
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder, Message
from calwatch.ports import (
    Accepted,
    Clock,
    Gone,
    MailChanges,
    MailQuery,
    Refused,
    Sent,
    StoredDraft,
    Waiting,
)
from calwatch.providers.local.index import Index
from calwatch.providers.local.maildir import DRAFTS, SENDING, SENT, Entry, Maildir
from calwatch.providers.local.server import Server
from calwatch.providers.local.smtp import transmit

EVER = datetime(1990, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Ref:
    """What ``StoredDraft.ref`` says: our Message-ID, the mail answered ("-" for none), and when it was first stored."""

    message_id: str
    answered: str = "-"
    created: int = 0

    @classmethod
    def of(cls, text: str) -> _Ref:
        message_id, answered, created = (*text.split(" "), "", "")[:3]
        return cls(message_id, answered or "-", int(created) if created.isdigit() else 0)

    def __str__(self) -> str:
        return f"{self.message_id} {self.answered} {self.created}"

    @property
    def since(self) -> datetime:
        return datetime.fromtimestamp(self.created, UTC)


@dataclass(frozen=True, slots=True)
class _Stored:
    entry: Entry
    data: bytes
    ref: _Ref
    content: Content
    version: str


class LocalMail:
    """``ports.Mailbox`` on a Maildir. ``outgoing`` is "", "maildir", or the URL of a mail server."""

    def __init__(
        self,
        root: Path,
        *,
        me: Person,
        addresses: frozenset[str],
        viewer_zone: str,
        clock: Clock,
        outgoing: str = "",
        password_file: Path | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._maildir = Maildir(root)
        self._me = me
        self._clock = clock
        self._outgoing = outgoing
        self._server = Server.of(outgoing, password_file) if outgoing not in ("", "maildir") else None
        self._timeout = timeout
        self._index = Index(self._maildir, Reader(addresses | {me.email}, viewer_zone))

    @property
    def counters(self) -> dict[str, int]:
        return self._index.counters

    @property
    def transmits(self) -> bool:
        return bool(self._outgoing)

    @property
    def quiescence(self) -> float:
        return 600.0 if self._server is not None else 0.0

    @property
    def sent_lag(self) -> float:
        return 0.0

    def describe(self) -> str:
        """How mail leaves this account, as words after "it"."""
        if self._server is not None:
            return f"sends through {self._server.name}"
        if self._outgoing:
            return "only files into .Sent; nothing is transmitted"
        return "never sends; you send from your Drafts folder"

    def changes(self, cursor: str | None, since: datetime) -> MailChanges:
        return self._index.changes(cursor, since)

    def find(self, query: MailQuery) -> Sequence[Message]:
        return self._index.find(query)

    def save_draft(self, reply_to: Message | None, content: Content, key: str) -> StoredDraft:
        headers.check(content)
        self._maildir.require()
        message_id = self._message_id(key)
        existing = self._draft(message_id)
        if existing is not None:
            return self._told(existing)
        if self._index.sent(message_ids=frozenset({message_id}), since=EVER) is not None:
            raise Touched("this letter was sent already")
        data = build(content, sender=self._me, message_id=message_id, date=self._clock.now(), answers=reply_to)
        stored = self._write(data)
        self._forget_attempt(message_id)
        return self._told(stored)

    def update_draft(self, ref: str, content: Content, version: str) -> StoredDraft:
        headers.check(content)
        mine = _Ref.of(ref)
        held = self._draft(mine.message_id) or self._draft(mine.message_id, SENDING)
        if held is None or held.version != version:
            raise Touched("the draft is not the one that was stored")
        mime = Mime(held.data)
        chain = mime.ids("references")
        answers = _answered(mine.answered, chain, held) if mine.answered != "-" else None
        date = mime.date or self._clock.now()
        data = build(content, sender=self._me, message_id=mine.message_id, date=date, answers=answers)
        stored = self._write(data)
        self._maildir.remove(held.entry)
        return self._told(stored)

    def look(self, ref: str, key: str) -> Waiting | Sent | Gone:
        mine = _Ref.of(ref) if ref else _Ref(self._message_id(key))
        draft = self._draft(mine.message_id)
        ids = frozenset({mine.message_id, self._message_id(key)})
        sent = self._index.sent(message_ids=ids, since=mine.since)
        if sent is not None:
            if draft is not None and _says(draft.content, sent):
                self._maildir.remove(draft.entry)  # filed, and interrupted before the draft was taken away
            return Sent(sent)
        if draft is not None:
            return Waiting(self._told(draft))
        if mine.answered == "-" or self._draft(mine.message_id, SENDING) is not None:
            return Gone()
        # Some programs give a draft a new Message-ID on sending: an answer to the same mail, after ours was stored.
        by_hand = self._index.sent(message_ids=ids, since=mine.since, answered=mine.answered)
        return Sent(by_hand) if by_hand is not None else Gone()

    def send_draft(self, ref: str, version: str) -> Accepted | Refused:
        held = self._draft(_Ref.of(ref).message_id)
        if held is None or held.version != version:
            raise Touched("the draft is not the one that was stored")
        people = (*held.content.to, *held.content.cc, *held.content.bcc)
        if not self._outgoing:
            return Refused("this account has no outgoing server; send it from your Drafts folder")
        if not people:
            return Refused("the draft has no recipient")
        now = self._clock.now()
        filed = released(held.data, date=now, keep_bcc=True)
        if self._server is None:
            self._maildir.deliver(SENT, filed, "S")
            self._maildir.remove(held.entry)
            return Accepted(str(_Ref.of(ref)), held.ref.message_id)
        return self._transmit(self._server, held, filed, tuple(dict.fromkeys(p.email for p in people)), now)

    def find_sent(self, ref: str, key: str, message_id: str, since: datetime) -> Message | None:
        ids = {self._message_id(key), message_id, _Ref.of(ref).message_id} - {""}
        return self._index.sent(message_ids=frozenset(ids), since=since)

    def discard(self, ref: str, version: str) -> None:
        mine = _Ref.of(ref)
        draft = self._draft(mine.message_id)
        if draft is not None:
            if draft.version != version:
                raise Touched("the draft is not the one that was stored")
            self._maildir.remove(draft.entry)
        elif self._draft(mine.message_id, SENDING) is not None:
            raise Touched("it is unknown whether this draft was sent")
        elif self._index.sent(message_ids=frozenset({mine.message_id}), since=mine.since) is not None:
            raise Touched("it was sent")

    def send_answer(self, to: Person, subject: str, text: str, calendar: bytes, key: str) -> None:
        """Sends an iTIP REPLY once per ``key`` and files it. Raises as ``send_draft`` does; ``Stop`` when refused.

        As with a letter, a copy in .Sending marks the point of no return: one that lies there is never sent again.
        """
        if not self._outgoing:
            return
        message_id = self._message_id(key)
        if self._index.sent(message_ids=frozenset({message_id}), since=EVER) is not None:
            return
        if self._draft(message_id, SENDING) is not None:
            raise Stop("it is unknown whether the answer to the invitation left; it is not sent a second time")
        now = self._clock.now()
        content = Content(to=(to,), subject=subject, text=text)
        data = build(content, sender=self._me, message_id=message_id, date=now, calendar=("REPLY", calendar))
        marks = self._transmit_answer(self._server, to, data) if self._server is not None else []
        self._maildir.deliver(SENT, data, "S")
        self._unmark(marks)

    def _transmit_answer(self, server: Server, to: Person, data: bytes) -> list[Entry]:
        """The one attempt; gives its marks in .Sending. They are gone when certainly nothing was delivered."""
        marks: list[Entry] = []
        try:
            answer = transmit(
                server,
                sender=self._me.email,
                recipients=(to.email,),
                data=data,
                commit=lambda: marks.append(self._maildir.deliver(SENDING, data, "S")),
                timeout=self._timeout,
            )
        except (Retry, Stop, NeedsSignIn):
            self._unmark(marks)
            raise
        if isinstance(answer, Refused):
            self._unmark(marks)
            raise Stop(f"the answer to the invitation was refused: {answer.reason}")
        return marks

    def _unmark(self, marks: Sequence[Entry]) -> None:
        for mark in marks:
            self._maildir.remove(mark)

    # -- drafts on disk ------------------------------------------------------------------------------------------

    def _transmit(
        self, server: Server, held: _Stored, filed: bytes, recipients: Sequence[str], now: datetime
    ) -> Accepted | Refused:
        moved: list[Entry] = []

        def commit() -> None:
            moved.append(self._maildir.move(held.entry, SENDING))

        try:
            answer = transmit(
                server,
                sender=self._me.email,
                recipients=recipients,
                data=released(held.data, date=now, keep_bcc=False),
                commit=commit,
                timeout=self._timeout,
            )
        except (Retry, Stop, NeedsSignIn):
            # Only these say that certainly nothing was delivered; Doubt and Ctrl-C leave it where it is.
            self._put_back(moved)
            raise
        if isinstance(answer, Refused):
            self._put_back(moved)
            return answer
        try:
            self._maildir.deliver(SENT, filed, "S")
            self._maildir.remove(moved[0])
        except (Stop, Retry) as error:  # it has left: saying anything else now would send it twice
            _log.warning("the mail was sent, but its copy could not be filed: %s", error)
        return Accepted(str(held.ref), held.ref.message_id)

    def _put_back(self, moved: Sequence[Entry]) -> None:
        for entry in moved:
            self._maildir.move(entry, DRAFTS)

    def _forget_attempt(self, message_id: str) -> None:
        """The person said that a doubtful attempt did not arrive, and a new draft took its place."""
        left = self._draft(message_id, SENDING)
        if left is not None:
            self._maildir.remove(left.entry)

    def _draft(self, message_id: str, folder: str = DRAFTS) -> _Stored | None:
        """The newest file with this Message-ID: mail programs may leave the older one for a moment."""
        found: list[_Stored] = []
        for entry in self._maildir.entries(folder):
            try:
                data = self._maildir.read(entry, LARGEST_MAIL)
                if data is None or message_id.encode() not in data[:65_536]:
                    continue
                stored = self._parsed(entry, data)
            except (UnreadableMail, OSError):
                continue  # somebody else's draft; ours are always readable
            if stored.ref.message_id == message_id:
                found.append(stored)
        return max(found, key=lambda s: _modified(s.entry), default=None)

    def _write(self, data: bytes) -> _Stored:
        return self._parsed(self._maildir.deliver(DRAFTS, data, "DS"), data)

    def _parsed(self, entry: Entry, data: bytes) -> _Stored:
        mime = Mime(data)
        date = mime.date or datetime.fromtimestamp(0, UTC)
        ref = _Ref(mime.message_id, next(iter(mime.ids("in-reply-to")), "-"), max(0, int(date.timestamp())))
        content = parse_content(data)
        version = hashlib.sha256(f"{fingerprint(content)} {entry.name}".encode()).hexdigest()[:32]
        return _Stored(entry, data, ref, content, version)

    def _told(self, stored: _Stored) -> StoredDraft:
        mime = Mime(stored.data)
        thread = next(iter(mime.ids("references")), "") or stored.ref.message_id
        return StoredDraft(
            ref=str(stored.ref),
            version=stored.version,
            content=stored.content,
            message_id=stored.ref.message_id,
            thread=thread,
        )

    def _message_id(self, key: str) -> str:
        """The same for the same key, and telling nothing to anybody else."""
        digest = hashlib.sha256(f"{self._me.email}\0{key}".encode()).digest()
        return f"<{uuid.UUID(bytes=digest[:16], version=4)}@{self._me.email.rpartition('@')[2] or 'localhost'}>"


def _answered(message_id: str, chain: tuple[str, ...], held: _Stored) -> Message:
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


def _says(content: Content, sent: Message) -> bool:
    same = Content(to=sent.to, cc=sent.cc, bcc=content.bcc, subject=sent.subject, text=sent.text)
    return fingerprint(content) == fingerprint(same)


def _modified(entry: Entry) -> float:
    try:
        return entry.path.stat().st_mtime
    except OSError:
        return 0.0
