"""One item of the fake Outlook's mail, the folders it may lie in, and a line of the log of changes."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime

from calwatch.model.event import Person
from calwatch.model.message import Content, Invitation
from fakes.microsoft import mail_html
from fakes.microsoft.calendar_ids import Ids, change_key
from fakes.microsoft.mail_properties import Property

FOLDERS = {
    "inbox": "Inbox",
    "drafts": "Drafts",
    "sentitems": "Sent Items",
    "deleteditems": "Deleted Items",
    "archive": "Archive",
    "junkemail": "Junk Email",
    "outbox": "Outbox",
    "teamsmessagesdata": "TeamsMessagesData",
}
"""Well-known names, and what they are called."""


@dataclass(frozen=True)
class Attachment:
    """A file in a mail."""

    id: str
    name: str
    kind: str
    data: bytes

    @property
    def encoded(self) -> str:
        return base64.b64encode(self.data).decode()


@dataclass(eq=False, kw_only=True)
class Mail:
    """One item. ``touched``: the person changed this draft; ``answers``: the mail a reply was made of."""

    ids: Ids
    folder: str
    thread: str
    message_id: str
    subject: str
    body: str
    sender: Person
    created: datetime
    sent: datetime
    received: datetime
    modified: datetime
    searchable: datetime
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    reply_to: tuple[Person, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    is_draft: bool = False
    is_read: bool = True
    plain: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    properties: dict[Property, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    importance: str = "normal"
    attachments: tuple[Attachment, ...] = ()
    event_message: Invitation | None = None
    attached: tuple[Invitation, ...] = ()
    automatic: bool = False
    touched: bool = False
    answers: str = ""
    change: int = 0
    number: int = 0

    @property
    def ref(self) -> str:
        return self.ids.immutable

    @property
    def version(self) -> str:
        return change_key(self.change)

    @property
    def content(self) -> Content:
        """What it says, as far as its writer wrote it."""
        text = mail_html.own_text(self.body)
        return Content(to=self.to, subject=self.subject, text=text, cc=self.cc, bcc=self.bcc)


@dataclass(frozen=True)
class Change:
    """That something happened to an item in a folder; ``read``: it was only marked as read or unread."""

    number: int
    folder: str
    ids: Ids
    read: bool = False
