"""What the fake Outlook keeps of mail: items and their ids, conversations, a log of changes, copies that come late."""

from __future__ import annotations

import base64
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from builders import ALEX
from calwatch.model.event import Person
from calwatch.model.message import Folder, Message
from calwatch.ports import Clock
from fakes.memory_mail import Delivery
from fakes.microsoft.calendar_ids import TWINS, Ids
from fakes.microsoft.mail_items import FOLDERS, Change, Mail
from fakes.microsoft.mail_manners import MailManners

_FOLDER = "AQMkADAwATM0MDAAMS1iNTcwAGI2ZS0wMAItMDAKAC4AAAPzkq_4AAAIB"
_REGULAR = "AQMkADAwATM0MDAAMS1iNTcwAGI2ZS0wMAItMDAKAEYAAAPzkq_4AQ-"
_IMMUTABLE = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AzkrF"
_CONVERSATION = "AQQkADAwATM0MDAAMS1iNTcwAGI2ZS0wMAItMDAKABAA"


@dataclass
class Mailbox(MailManners):
    """One person's mail.

    ``drafts`` is what lies in Drafts, ``mails`` everything else, both by immutable id. ``delivered`` is every mail that
    really left, ``destroyed`` every mail that is nowhere any more.
    """

    clock: Clock
    owner: str
    name: str = ALEX.name
    seed: int = 0
    aliases: frozenset[str] = frozenset()
    mails: dict[str, Mail] = field(default_factory=dict)
    drafts: dict[str, Mail] = field(default_factory=dict)
    delivered: list[Delivery] = field(default_factory=list)
    destroyed: list[Mail] = field(default_factory=list)
    log: list[Change] = field(default_factory=list)
    epoch: int = 1

    def __post_init__(self) -> None:
        self.numbers = random.Random(self.seed)
        self._count = itertools.count(1)
        self._items = itertools.count(1)
        self._leaving: list[_Leaving] = []

    @property
    def me(self) -> Person:
        return Person(self.owner.lower(), self.name)

    # -- items ---------------------------------------------------------------------------------------------------

    def add(self, folder: str, **fields: Any) -> Mail:
        """A new item in a folder; it begins a conversation unless ``thread`` is given."""
        now = self.clock.now()
        given: dict[str, Any] = {
            "ids": self.new_ids(),
            "thread": "",
            "created": now,
            "sent": now,
            "received": now,
            "searchable": now + timedelta(seconds=self.search_lag),
            "sender": self.me,
            "message_id": self.own_message_id(),
        }
        mail = Mail(folder=folder, modified=now, number=next(self._count), **{**given, **fields})
        mail.thread = mail.thread or self.new_thread()
        self._place(mail)
        self.changed(mail)
        return mail

    def changed(self, mail: Mail, *, read: bool = False) -> None:
        """Something about it is different now: another change key, and a line in the log."""
        mail.change = next(self._count)
        mail.modified = self.clock.now()
        self._tell(mail, read=read)

    def move(self, mail: Mail, folder: str) -> None:
        """To another folder: the regular id is a new one."""
        self._take_away(mail)
        mail.ids = Ids(self.new_ids().regular, mail.ids.immutable)
        mail.folder = folder
        self._place(mail)
        self.changed(mail)

    def remove(self, mail: Mail) -> None:
        """It is deleted: into Deleted Items, and from there for good."""
        if mail.folder != "deleteditems":
            self.move(mail, "deleteditems")
            return
        self._take_away(mail)
        self.destroyed.append(mail)

    def every(self) -> Iterator[Mail]:
        yield from self.mails.values()
        yield from self.drafts.values()

    def named(self, ref: str) -> Mail | None:
        """By either form of id; both are case-sensitive."""
        return next((mail for mail in self.every() if ref in (mail.ids.immutable, mail.ids.regular)), None)

    def leave(self, mail: Mail, *, keeps_id: bool) -> None:
        """Out of Drafts; its copy in Sent Items comes later."""
        self._take_away(mail)
        fresh = self.new_ids()
        if self.while_leaving == "outbox":
            mail.ids = Ids(fresh.regular, mail.ids.immutable)
            mail.folder = "outbox"
            self._place(mail)
        until = self.clock.now() + timedelta(seconds=self.lag_seconds)
        filed = Ids(fresh.regular, mail.ids.immutable if keeps_id else fresh.immutable)
        self._leaving.append(_Leaving(mail, filed, self.lag_calls, until))

    def wait(self) -> None:
        """One more request comes: copies that are due are filed."""
        now = self.clock.now()
        still: list[_Leaving] = []
        for leaving in self._leaving:
            if leaving.calls <= 0 or leaving.until <= now:
                self._file_copy(leaving)
            else:
                leaving.calls -= 1
                still.append(leaving)
        self._leaving = still

    def settle(self) -> None:
        """Whatever lags has arrived."""
        for leaving in self._leaving:
            self._file_copy(leaving)
        self._leaving.clear()
        for mail in self.every():
            mail.searchable = min(mail.searchable, self.clock.now())

    # -- names ---------------------------------------------------------------------------------------------------

    @staticmethod
    def folder_id(folder: str) -> str:
        """The one, constant id of a well-known folder."""
        return f"{_FOLDER}{list(FOLDERS).index(folder):02d}AAAA=="

    def folder_named(self, text: str) -> str:
        """The well-known name behind a name in any case, or an id; "" for neither."""
        by_id = {self.folder_id(folder): folder for folder in FOLDERS}
        return text.lower() if text.lower() in FOLDERS else by_id.get(text, "")

    def new_ids(self) -> Ids:
        number = next(self._items)
        middle = f"{number // len(TWINS):05d}{TWINS[number % len(TWINS)]}AAA="
        return Ids(_REGULAR + middle, _IMMUTABLE + middle)

    def new_thread(self) -> str:
        data = base64.urlsafe_b64encode(self.numbers.randbytes(16)).decode()
        return f"{_CONVERSATION}{data}"

    def thread_of(self, named: tuple[str, ...]) -> str:
        """The conversation of a mail that refers to these ones, "" for a new one."""
        known = {mail.message_id: mail.thread for mail in (*self.every(), *(gone.mail for gone in self._leaving))}
        return next((known[name] for name in reversed(named) if name in known), "")

    def own_message_id(self) -> str:
        """As Exchange gives to everything written here."""
        return f"<{self.numbers.getrandbits(80):020X}@DB9P192MB1234.EURP192.PROD.OUTLOOK.COM>"

    def seen(self, mail: Mail) -> Message:
        """An item as calwatch would have it."""
        return Message(
            ref=mail.ref,
            thread=mail.thread,
            folder=Folder.SENT if mail.folder == "sentitems" or mail.sender == self.me else Folder.INBOX,
            message_id=mail.message_id,
            date=mail.received,
            sender=mail.sender,
            subject=mail.subject,
            to=mail.to,
            cc=mail.cc,
            reply_to=mail.reply_to,
            in_reply_to=mail.in_reply_to,
            references=mail.references,
            text=mail.content.text,
            automatic=mail.automatic,
            invitations=(mail.event_message,) if mail.event_message else mail.attached,
        )

    def _place(self, mail: Mail) -> None:
        (self.drafts if mail.folder == "drafts" else self.mails)[mail.ref] = mail

    def _take_away(self, mail: Mail) -> None:
        self.mails.pop(mail.ref, None)
        self.drafts.pop(mail.ref, None)
        self._tell(mail)

    def _tell(self, mail: Mail, *, read: bool = False) -> None:
        self.log.append(Change(len(self.log) + 1, mail.folder, mail.ids, read))

    def _file_copy(self, leaving: _Leaving) -> None:
        mail = leaving.mail
        if mail.ref in self.mails:
            self._take_away(mail)
        mail.ids = leaving.ids
        mail.folder = "sentitems"
        mail.is_draft = False
        if not self.keeps_properties:
            mail.properties.clear()
        self._place(mail)
        self.changed(mail)


@dataclass
class _Leaving:
    mail: Mail
    ids: Ids
    calls: int
    until: datetime
