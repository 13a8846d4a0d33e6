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
from datetime import UTC, datetime
from pathlib import Path

from calwatch.errors import NeedsSignIn, Retry, Stop, Touched
from calwatch.formats import headers
from calwatch.formats.mime import (
    Mime,
    Reader,
    build,
    released,
)
from calwatch.model.event import Person
from calwatch.model.message import Content, Message
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
from calwatch.providers.local.drafts import Drafts, Held, Ref, says, told, what_it_answers
from calwatch.providers.local.index import Index
from calwatch.providers.local.maildir import DRAFTS, SENDING, SENT, Entry, Maildir
from calwatch.providers.local.server import Server
from calwatch.providers.local.smtp import transmit

EVER = datetime(1990, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


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
        self._drafts = Drafts(self._maildir)
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
        existing = self._drafts.find(message_id)
        if existing is not None:
            return told(existing)
        if self._index.sent(message_ids=frozenset({message_id}), since=EVER) is not None:
            raise Touched("this letter was sent already")
        data = build(content, sender=self._me, message_id=message_id, date=self._clock.now(), answers=reply_to)
        stored = self._drafts.write(data)
        self._drafts.forget_attempt(message_id)
        return told(stored)

    def update_draft(self, ref: str, content: Content, version: str) -> StoredDraft:
        headers.check(content)
        mine = Ref.of(ref)
        held = self._drafts.find(mine.message_id) or self._drafts.find(mine.message_id, SENDING)
        if held is None or held.version != version:
            raise Touched("the draft is not the one that was stored")
        mime = Mime(held.data)
        chain = mime.ids("references")
        answers = what_it_answers(mine.answered, chain, held) if mine.answered != "-" else None
        date = mime.date or self._clock.now()
        data = build(content, sender=self._me, message_id=mine.message_id, date=date, answers=answers)
        stored = self._drafts.write(data)
        self._maildir.remove(held.entry)
        return told(stored)

    def look(self, ref: str, key: str) -> Waiting | Sent | Gone:
        mine = Ref.of(ref) if ref else Ref(self._message_id(key))
        draft = self._drafts.find(mine.message_id)
        ids = frozenset({mine.message_id, self._message_id(key)})
        sent = self._index.sent(message_ids=ids, since=mine.since)
        if sent is not None:
            if draft is not None and says(draft.content, sent):
                self._maildir.remove(draft.entry)  # filed, and interrupted before the draft was taken away
            return Sent(sent)
        if draft is not None:
            return Waiting(told(draft))
        if mine.answered == "-" or self._drafts.find(mine.message_id, SENDING) is not None:
            return Gone()
        # Some programs give a draft a new Message-ID on sending: an answer to the same mail, after ours was stored.
        by_hand = self._index.sent(message_ids=ids, since=mine.since, answered=mine.answered)
        return Sent(by_hand) if by_hand is not None else Gone()

    def send_draft(self, ref: str, version: str) -> Accepted | Refused:
        held = self._drafts.find(Ref.of(ref).message_id)
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
            return Accepted(str(Ref.of(ref)), held.ref.message_id)
        return self._transmit(self._server, held, filed, tuple(dict.fromkeys(p.email for p in people)), now)

    def find_sent(self, ref: str, key: str, message_id: str, since: datetime) -> Message | None:
        ids = {self._message_id(key), message_id, Ref.of(ref).message_id} - {""}
        return self._index.sent(message_ids=frozenset(ids), since=since)

    def discard(self, ref: str, version: str) -> None:
        mine = Ref.of(ref)
        draft = self._drafts.find(mine.message_id)
        if draft is not None:
            if draft.version != version:
                raise Touched("the draft is not the one that was stored")
            self._maildir.remove(draft.entry)
        elif self._drafts.find(mine.message_id, SENDING) is not None:
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
        if self._drafts.find(message_id, SENDING) is not None:
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

    def _transmit(
        self, server: Server, held: Held, filed: bytes, recipients: Sequence[str], now: datetime
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

    def _message_id(self, key: str) -> str:
        """The same for the same key, and telling nothing to anybody else."""
        digest = hashlib.sha256(f"{self._me.email}\0{key}".encode()).digest()
        return f"<{uuid.UUID(bytes=digest[:16], version=4)}@{self._me.email.rpartition('@')[2] or 'localhost'}>"
