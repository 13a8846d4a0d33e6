"""The mails of one Gmail account by id: each one read whole at most once, for a mail never changes (drafts do)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from calwatch.formats.mime import Reader, parse_message
from calwatch.model.message import Folder, Message
from calwatch.ports import Clock
from calwatch.providers.google.mail.kept import Kept, Mailed
from calwatch.providers.google.mail.payload import decoded, internal_date, labels, mail_bytes, mapping, sequence, text
from calwatch.providers.remote.faults import Refusal

if TYPE_CHECKING:
    from calwatch.providers.google.api.connection import Connection

HIDDEN = frozenset({"DRAFT", "TRASH", "SPAM", "CHAT"})
"""Mail with one of these labels is never shown to anybody."""

_NEEDED = (
    "From", "Sender", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    "Auto-Submitted", "Precedence", "List-Id", "Return-Path",
)  # fmt: skip
_MOST_PAGES = 40
_PLAIN_ID = re.compile(r"[0-9A-Za-z_-]{1,200}")


@dataclass(frozen=True, slots=True)
class Stub:
    """What a listing tells of one mail."""

    ref: str
    labels: frozenset[str]
    moment: datetime | None


class Messages:
    """Reads mails and lists their ids; what was read is ``kept``."""

    def __init__(self, connection: Connection, reader: Reader, clock: Clock) -> None:
        self._connection = connection
        self._reader = reader
        self._clock = clock
        self.kept = Kept()

    def whole(self, ref: str) -> Message | None:
        """The mail with its text; ``None`` when it is gone, or lies where nobody looks. Raises ``UnreadableMail``."""
        return _shown(self.read(ref))

    def envelope(self, ref: str) -> Message | None:
        """As ``whole``, without text and invitations unless they are known already."""
        return _shown(self.read(ref, envelope=True))

    def read(self, ref: str, *, envelope: bool = False) -> Mailed | None:
        """One mail wherever it lies; ``None`` when Gmail does not know it."""
        known = self.kept.get(ref, envelope=envelope)
        if known is not None:
            return known
        asked: dict[str, Any] = {"format": "full"}
        if envelope:
            asked = {"format": "metadata", "metadataHeaders": list(_NEEDED)}
        resource = self._asked(lambda: self._users().messages().get(userId="me", id=ref, **asked), ref)
        if resource is None:
            return None
        data = mail_bytes(resource, lambda attachment: self._attachment(ref, attachment))
        moment = internal_date(resource)
        found = labels(resource)
        message = parse_message(
            data,
            self._reader,
            ref=ref,
            folder=Folder.SENT if "SENT" in found else Folder.DRAFTS if "DRAFT" in found else Folder.INBOX,
            received=moment or self._clock.now(),
            with_text=not envelope,
        )
        message = replace(message, thread=text(resource.get("threadId")), date=moment or message.date)
        mailed = Mailed(message, found)
        if "DRAFT" not in found:
            self.kept.put(ref, mailed, envelope=envelope)
        return mailed

    def listed(self, most: int, *, query: str = "", label: str = "") -> Iterator[str]:
        """The ids of at most ``most`` mails, newest first; trash and spam are left out."""
        given: dict[str, Any] = {"userId": "me", "maxResults": min(most, 500)}
        given |= {"q": query} if query else {}
        given |= {"labelIds": [label]} if label else {}
        for _ in range(_MOST_PAGES):
            answer = mapping(self._connection.read(self._users().messages().list(**given)))
            found = [text(mapping(entry).get("id")) for entry in sequence(answer.get("messages"))][:most]
            yield from (ref for ref in found if ref)
            most -= len(found)
            given["pageToken"] = text(answer.get("nextPageToken"))
            if not given["pageToken"] or most <= 0:
                return

    def of_thread(self, thread: str) -> list[Stub]:
        """The mails of a conversation, drafts and trash included; none when Gmail does not know it."""
        resource = self._asked(lambda: self._users().threads().get(userId="me", id=thread, format="minimal"), thread)
        stubs = [mapping(entry) for entry in sequence(mapping(resource).get("messages"))]
        return [Stub(text(stub.get("id")), labels(stub), internal_date(stub)) for stub in stubs if text(stub.get("id"))]

    def _users(self) -> Any:
        return self._connection.gmail.users()

    def _asked(self, request: Any, ref: str) -> dict[str, Any] | None:
        """The answer to ``request()``; ``None`` when Gmail has nothing by the id ``ref``."""
        if not _PLAIN_ID.fullmatch(ref):
            return None
        try:
            return mapping(self._connection.read(request()))
        except Refusal as no:
            if no.status == 404 or (no.status == 400 and "invalid id" in str(no).lower()):
                return None
            raise

    def _attachment(self, ref: str, attachment: str) -> bytes:
        request = self._users().messages().attachments().get(userId="me", messageId=ref, id=attachment)
        try:
            return decoded(mapping(self._connection.read(request)).get("data"))
        except Refusal as no:
            if no.status == 404:
                return b""
            raise


def _shown(mailed: Mailed | None) -> Message | None:
    return mailed.message if mailed is not None and not mailed.labels & HIDDEN else None
