"""A mailbox that can be read and nothing else, for ``run --dry-run``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from calwatch.errors import Stop
from calwatch.model.message import Content, Message
from calwatch.ports import Accepted, Gone, Mailbox, MailChanges, MailQuery, Refused, Sent, StoredDraft, Waiting

_WORDS = "this is a dry run; nothing is written to the mailbox"


class ReadOnlyMail:
    """``ports.Mailbox`` whose writing half is not there."""

    def __init__(self, mail: Mailbox) -> None:
        self._mail = mail

    transmits = False
    quiescence = 0.0
    sent_lag = 0.0

    def changes(self, cursor: str | None, since: datetime) -> MailChanges:
        return self._mail.changes(cursor, since)

    def find(self, query: MailQuery) -> Sequence[Message]:
        return self._mail.find(query)

    def look(self, ref: str, key: str) -> Waiting | Sent | Gone:
        return self._mail.look(ref, key)

    def find_sent(self, ref: str, key: str, message_id: str, since: datetime) -> Message | None:
        return self._mail.find_sent(ref, key, message_id, since)

    def save_draft(self, reply_to: Message | None, content: Content, key: str) -> StoredDraft:
        raise Stop(_WORDS)

    def update_draft(self, ref: str, content: Content, version: str) -> StoredDraft:
        raise Stop(_WORDS)

    def send_draft(self, ref: str, version: str) -> Accepted | Refused:
        raise Stop(_WORDS)

    def discard(self, ref: str, version: str) -> None:
        raise Stop(_WORDS)
