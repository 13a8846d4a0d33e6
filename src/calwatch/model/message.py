"""Mail as calwatch sees it: what was received, and the content of what would be sent. No MIME above the edge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from calwatch.model.event import Event, Person, Series


class Folder(StrEnum):
    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"


class Method(StrEnum):
    """iTIP methods a mail can carry (RFC 5546 §1.4)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    REPLY = "REPLY"
    COUNTER = "COUNTER"
    DECLINECOUNTER = "DECLINECOUNTER"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The calendar part of a mail; ``comment`` is what the sender wrote in COMMENT."""

    method: Method
    items: tuple[Event | Series, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail in the mailbox.

    ``ref`` is the provider's id, ``thread`` its conversation id (for files: the root Message-ID of the reference
    chain).
    ``message_id`` and ``references`` keep their angle brackets. ``text`` is the sender's own plain text above any
    quote;
    in listings (``Mail.changes``) it may be empty. ``automatic`` marks mail no human typed (RFC 3834, lists, calendar
    systems).
    """

    ref: str
    thread: str
    folder: Folder
    message_id: str
    date: datetime
    sender: Person | None
    subject: str
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    reply_to: tuple[Person, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    text: str = ""
    automatic: bool = False
    invitations: tuple[Invitation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a draft says: recipients, subject and the user's own text above any quote. The unit of approval."""

    to: tuple[Person, ...]
    subject: str
    text: str
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
