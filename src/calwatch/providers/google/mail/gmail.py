"""Gmail as a mailbox: the letters lie in the person's own Drafts, and only a stored draft is ever sent.

Nothing here guesses: a draft is touched only while Gmail shows it unsent and in the version we know, and every change
is one attempt.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from calwatch.errors import CalwatchError, NeedsSignIn, Rejected, Retry, Stop, Touched
from calwatch.formats import headers
from calwatch.formats.mime import Reader, fingerprint
from calwatch.model.event import Person
from calwatch.model.message import Content, Message
from calwatch.ports import Accepted, Gone, MailChanges, MailQuery, Refused, Sent, StoredDraft, Waiting
from calwatch.providers.google.mail.drafts import Drafts, Held, Look, Ref, told
from calwatch.providers.google.mail.history import History
from calwatch.providers.google.mail.messages import Messages
from calwatch.providers.google.mail.notes import Note, Notes
from calwatch.providers.google.mail.outcome import Outcome, recipients, says
from calwatch.providers.google.mail.payload import header, text
from calwatch.providers.google.mail.search import search
from calwatch.providers.google.scopes import Feature

if TYPE_CHECKING:
    from calwatch.providers import Surroundings
    from calwatch.providers.google.api.connection import Connection
    from calwatch.providers.google.options import GoogleAccount

log = logging.getLogger(__name__)


class GmailMail:
    """``ports.Mailbox`` on one Gmail account."""

    def __init__(self, connection: Connection, account: GoogleAccount, around: Surroundings) -> None:
        address = (account.email or around.me.email).lower()
        mine = frozenset(known.lower() for known in around.addresses) | {address}
        self._connection = connection
        self._around = around
        self._address = address
        self._messages = Messages(connection, Reader(mine, around.viewer_zone), around.clock)
        self._history = History(connection, self._messages, around.clock)
        self._drafts = Drafts(connection, Person(address, around.me.name))
        self._notes = Notes(around.state / f"google-{account.name}.json", around.clock)
        self._outcome = Outcome(self._messages, self._drafts, self._notes)

    @property
    def transmits(self) -> bool:
        return self._around.sends

    @property
    def quiescence(self) -> float:
        return 120.0

    @property
    def sent_lag(self) -> float:
        return 600.0

    def describe(self) -> str:
        """How mail leaves this account, as words after "it"."""
        if self._around.sends:
            return "sends through Gmail"
        return "never sends; you send from Gmail's Drafts"

    def changes(self, cursor: str | None, since: datetime) -> MailChanges:
        self._connection.require(Feature.READ_MAIL)
        return self._history.first(since) if cursor is None else self._history.after(cursor)

    def find(self, query: MailQuery) -> Sequence[Message]:
        self._connection.require(Feature.READ_MAIL)
        return search(self._messages, query, self._around.clock.now())

    def save_draft(self, reply_to: Message | None, content: Content, key: str) -> StoredDraft:
        headers.check(content)
        self._connection.require(Feature.WRITE_DRAFTS)
        note = self._notes.of(key)
        held = self._there_already(note, content, key) if note is not None else None
        if note is None or held is None:
            self._wait_for_an_earlier_creation(note)
            there = self._drafts.all()
            # Written down before anything is created: should the answer be lost, the new draft is known by these.
            note = Note(
                before=tuple(there),
                thread=reply_to.thread if reply_to else "",
                recipients=recipients(content),
                written=fingerprint(content),
            )
            beside = tuple(draft for draft, thread in there.items() if thread == note.thread)
            note = replace(note, draft=self._create(key, note, content, reply_to), before=beside)
            self._notes.put(key, note)
            held = self._read_back(note.draft)
        if note.draft != held.draft or not note.created:
            created = note.created or held.stored or int(self._around.clock.now().timestamp())
            note = replace(note, draft=held.draft, created=created)
            self._notes.put(key, note)
        ours = fingerprint(held.content) == note.written
        if ours and note.written != fingerprint(content):  # the letter has changed since its creation got lost
            return self.update_draft(str(Ref(held.draft, held.thread, note.created)), content, held.version)
        return told(held, Ref(held.draft, held.thread, note.created))

    def _create(self, key: str, note: Note, content: Content, reply_to: Message | None) -> str:
        """The one attempt, which the note says is under way; certainly failed, it is so no longer."""
        self._notes.put(key, replace(note, tried=int(self._around.clock.now().timestamp())))
        try:
            return self._drafts.create(content, reply_to)
        except (Retry, Stop, NeedsSignIn, Rejected):  # these say that nothing was stored; Doubt does not
            self._notes.put(key, note)
            raise

    def _wait_for_an_earlier_creation(self, note: Note | None) -> None:
        """A request that was lost may still be carried out: until it cannot any more, another one would be a second."""
        if note is None or note.draft or not note.tried:
            return
        left = note.tried + self.quiescence - self._around.clock.now().timestamp()
        if 0 < left <= self.quiescence:
            raise Retry("it is not known yet whether Gmail has stored the letter", after=left)

    def update_draft(self, ref: str, content: Content, version: str) -> StoredDraft:
        headers.check(content)
        self._connection.require(Feature.WRITE_DRAFTS)
        mine = Ref.of(ref)
        self._drafts.rewrite(self._untouched(mine, version), content, self._looking(mine, version))
        key = self._notes.key_of(mine.draft)
        note = self._notes.of(key)
        if note is not None:
            self._notes.put(key, replace(note, recipients=recipients(content), written=fingerprint(content)))
        return told(self._read_back(mine.draft), mine)

    def look(self, ref: str, key: str) -> Waiting | Sent | Gone:
        self._connection.require(Feature.READ_MAIL)
        mine = Ref.of(ref)
        held = self._drafts.find(mine.draft)
        if held is not None and held.unsent:
            note = self._notes.of(key)
            if note is not None and note.recipients != recipients(held.content):
                self._notes.put(key, replace(note, recipients=recipients(held.content)))
            return Waiting(told(held, mine))
        sent = self._outcome.sent_copy(mine, key)
        if sent is not None:
            return Sent(sent)
        taken_over = self._outcome.replacement(mine, key)
        return Waiting(told(taken_over, mine)) if taken_over is not None else Gone()

    def send_draft(self, ref: str, version: str) -> Accepted | Refused:
        if not self._around.sends:
            return Refused("this account is set to drafts only; send it from Gmail's Drafts")
        self._connection.require(Feature.WRITE_DRAFTS)
        mine = Ref.of(ref)
        held = self._untouched(mine, version)
        if not recipients(held.content):
            return Refused("the draft has no recipient")
        answer = self._drafts.send(held, self._looking(mine, version))
        if isinstance(answer, Refused):
            return answer
        sent = text(answer.get("id"))
        self._note_sent(mine, sent)
        return Accepted(sent, self._message_id_of(sent))

    def find_sent(self, ref: str, key: str, message_id: str, since: datetime) -> Message | None:
        self._connection.require(Feature.READ_MAIL)
        return self._outcome.sent_copy(Ref.of(ref), key, since=since, message_id=message_id)

    def discard(self, ref: str, version: str) -> None:
        self._connection.require(Feature.WRITE_DRAFTS)
        mine = Ref.of(ref)
        held = self._drafts.find(mine.draft)
        if held is not None and held.unsent:
            self._drafts.delete(self._same(held, version), self._looking(mine, version))
            return
        key = self._notes.key_of(mine.draft)
        if (held is not None and held.sent) or self._outcome.sent_copy(mine, key) is not None:
            raise Touched("it was sent")
        if self._outcome.replacement(mine, key) is not None:
            raise Touched("the draft was replaced by another")

    def _there_already(self, note: Note, content: Content, key: str) -> Held | None:
        """The draft this key has in Gmail by now. Raises ``Touched`` when the letter has left already."""
        if not note.draft:
            return self._outcome.adopted(note, key, content, edited=True)
        held = self._drafts.find(note.draft)
        if held is not None and held.unsent:
            return held
        sent = self._outcome.sent_copy(Ref(note.draft, note.thread, note.created), key)
        if (held is not None and held.sent) or (sent is not None and says(content, sent)):
            raise Touched("this letter was sent already")
        return self._outcome.adopted(note, key, content, edited=False)

    def _untouched(self, ref: Ref, version: str) -> Held:
        held = self._drafts.find(ref.draft)
        if held is None or not held.unsent:
            raise Touched("the draft is no longer there, or was sent")
        return self._same(held, version)

    def _looking(self, ref: Ref, version: str) -> Look:
        return lambda: self._untouched(ref, version)

    def _same(self, held: Held, version: str) -> Held:
        if not version or held.version != version:
            raise Touched("the draft is not the one that was stored")
        return held

    def _read_back(self, draft: str) -> Held:
        held = self._drafts.find(draft)
        if held is None or not held.unsent:
            raise Retry("the draft that was just stored is not to be found at the moment")
        return held

    def _note_sent(self, ref: Ref, sent: str) -> None:
        """It has left: whatever happens to the note, nothing else may be said now."""
        try:
            key = self._notes.key_of(ref.draft)
            note = self._notes.of(key)
            if note is not None and sent:
                self._notes.put(key, replace(note, sent=sent))
        except Retry as error:
            log.warning("the mail was sent, but its note could not be written: %s", error)

    def _message_id_of(self, sent: str) -> str:
        """The Message-ID Gmail gave the sent mail; not knowing it does no harm."""
        request = self._connection.gmail.users().messages().get(
            userId="me", id=sent, format="metadata", metadataHeaders=["Message-ID"]
        )  # fmt: skip
        try:
            return header(self._connection.read(request), "Message-ID")
        except CalwatchError as error:
            log.info("the mail was sent; its Message-ID is not known yet: %s", error)
            return ""
