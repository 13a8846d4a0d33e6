"""What the fake Gmail keeps: mails, drafts, conversations, labels, and a search index that lags behind them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from builders import ALEX
from calwatch.formats.mime import parse_content
from calwatch.model.event import Person
from calwatch.model.message import Content
from calwatch.ports import Clock
from fakes.google import gmail_mime
from fakes.google.gmail_history import History
from fakes.google.gmail_search import Entry, Query
from fakes.memory_mail import Delivery

SYSTEM_LABELS = ("INBOX", "SENT", "DRAFT", "UNREAD", "TRASH", "SPAM", "IMPORTANT", "STARRED", "CATEGORY_PERSONAL",
                 "CATEGORY_UPDATES")  # fmt: skip


@dataclass(eq=False)
class Mail:
    """One mail; a changed draft is another one. ``searchable``: from when on ``q`` finds it."""

    id: str
    thread: str
    labels: set[str]
    raw: bytes
    internal: datetime
    searchable: datetime
    number: int
    history: int = 0

    @property
    def order(self) -> tuple[datetime, int]:
        return self.internal, self.number

    def entry(self) -> Entry:
        return Entry(self.raw, frozenset(self.labels), self.internal)


@dataclass(eq=False)
class Draft:
    """A draft: an id that stays, and the mail it is at present. ``touched``: the person changed it."""

    id: str
    mail: Mail
    touched: bool = False

    @property
    def content(self) -> Content:
        return parse_content(self.mail.raw)

    @property
    def thread(self) -> str:
        return self.mail.thread

    @property
    def version(self) -> str:
        return self.mail.id

    @property
    def message_id(self) -> str:
        return gmail_mime.header(self.mail.raw, "Message-ID")

    @property
    def in_reply_to(self) -> str:
        return gmail_mime.header(self.mail.raw, "In-Reply-To")


@dataclass
class Mailbox:
    """One person's mailbox.

    ``search_lag``: seconds until ``q`` knows of a change; labels, conversations and the history know at once.
    ``threads_by_subject``: a mail with another subject begins a conversation of its own, whatever it refers to.
    ``delivered`` is every mail that really left, ``destroyed`` every one of them that was deleted afterwards.
    """

    clock: Clock
    owner: str
    name: str = ALEX.name
    seed: int = 0
    search_lag: float = 60.0
    threads_by_subject: bool = True
    mails: dict[str, Mail] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    delivered: list[Delivery] = field(default_factory=list)
    destroyed: list[Mail] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.numbers = random.Random(self.seed)
        self.history = History(self.numbers)
        self._count = itertools.count(1)
        self._ghosts: list[tuple[Mail, datetime]] = []

    @property
    def me(self) -> Person:
        return Person(self.owner.lower(), self.name)

    # -- changes -------------------------------------------------------------------------------------------------

    def add(self, raw: bytes, labels: Iterable[str], *, thread: str = "", internal: datetime | None = None) -> Mail:
        """A new mail; without ``thread`` it begins a conversation, which then has the mail's own id."""
        moment = internal or self.clock.now()
        number = self._mail_number(moment)
        searchable = moment + timedelta(seconds=self.search_lag)
        mail = Mail(number, thread or number, set(labels), raw, moment, searchable, next(self._count))
        self.mails[mail.id] = mail
        mail.history = self.history.add("messagesAdded", mail.id, mail.thread, mail.labels)
        return mail

    def remove(self, mail: Mail) -> None:
        """Deletes a mail for good; ``q`` may name it a while longer."""
        del self.mails[mail.id]
        self.history.add("messagesDeleted", mail.id, mail.thread, mail.labels)
        now = self.clock.now()
        if mail.searchable <= now:
            self._ghosts.append((mail, now + timedelta(seconds=self.search_lag)))

    def label(self, mail: Mail, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        for new in set(add) - mail.labels:
            mail.labels.add(new)
            mail.history = self.history.add("labelsAdded", mail.id, mail.thread, mail.labels, (new,))
        for old in set(remove) & mail.labels:
            mail.labels.discard(old)
            mail.history = self.history.add("labelsRemoved", mail.id, mail.thread, mail.labels, (old,))

    def settle(self) -> None:
        """The search index has caught up."""
        now = self.clock.now()
        for mail in self.mails.values():
            mail.searchable = min(mail.searchable, now)
        self._ghosts.clear()

    # -- reading -------------------------------------------------------------------------------------------------

    def newest_first(self, *, everywhere: bool = False) -> list[Mail]:
        """All mails, drafts included; trash and spam only if ``everywhere``."""
        found = [m for m in self.mails.values() if everywhere or not m.labels & {"TRASH", "SPAM"}]
        return sorted(found, key=lambda mail: mail.order, reverse=True)

    def search(self, query: Query, *, everywhere: bool) -> list[Mail]:
        """What the index gives for ``query``: not yet what is new, and still what has just gone."""
        now = self.clock.now()
        self._ghosts = [(mail, until) for mail, until in self._ghosts if until > now]
        known = [*self.newest_first(everywhere=everywhere or query.everywhere), *(mail for mail, _ in self._ghosts)]
        found = [mail for mail in known if mail.searchable <= now and query.matches(mail.entry())]
        return sorted(found, key=lambda mail: mail.order, reverse=True)

    def conversation(self, thread: str) -> list[Mail]:
        """Oldest first, drafts and trash included."""
        return sorted((m for m in self.mails.values() if m.thread == thread), key=lambda mail: mail.order)

    def joins(self, raw: bytes, thread: str, *, but: Mail | None = None) -> bool:
        """Whether Gmail would keep this mail in that conversation (threadId, References, In-Reply-To, Subject)."""
        others = [mail for mail in self.conversation(thread) if mail is not but]
        named = {i for mail in others for i in gmail_mime.ids(mail.raw, "Message-ID")}
        if not set(gmail_mime.ids(raw, "In-Reply-To")) & named or not set(gmail_mime.ids(raw, "References")) & named:
            return False
        subject = gmail_mime.base_subject(raw)
        return not self.threads_by_subject or any(gmail_mime.base_subject(mail.raw) == subject for mail in others)

    def thread_of(self, raw: bytes) -> str:
        """The conversation a mail that arrives belongs to, "" for a new one."""
        named = set(gmail_mime.ids(raw, "In-Reply-To", "References"))
        threads = [m.thread for m in self.newest_first() if set(gmail_mime.ids(m.raw, "Message-ID")) & named]
        return next((thread for thread in threads if self.joins(raw, thread)), "")

    # -- ids -----------------------------------------------------------------------------------------------------

    def own_message_id(self) -> str:
        """As Gmail gives to everything that is written in it or through its API."""
        return f"<CA+{self.numbers.getrandbits(120):032x}@mail.gmail.com>"

    def draft_number(self) -> str:
        return f"r{self.numbers.randrange(-(2**63), 2**63)}"

    def _mail_number(self, moment: datetime) -> str:
        while True:
            number = f"{(int(moment.timestamp() * 1000) << 20) | self.numbers.getrandbits(20):016x}"
            if number not in self.mails:
                return number
