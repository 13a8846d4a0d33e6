"""Outlook as a mailbox: the letters lie in the person's own Drafts, and only a stored draft is ever sent.

Nothing here guesses: a draft is touched only while Outlook shows it unsent and in the version we know, and every change
is one attempt. No note is kept beside the mailbox; what a draft is stands in its marks.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from calwatch.errors import CalwatchError, Doubt, NeedsSignIn, Rejected, Retry, Stop, Touched
from calwatch.formats import headers
from calwatch.formats.mime import fingerprint
from calwatch.model.event import Person
from calwatch.model.message import Content, Message
from calwatch.ports import Accepted, Gone, MailChanges, MailQuery, Refused, Sent, StoredDraft, Waiting
from calwatch.providers.outlook.calendar.people import Viewer
from calwatch.providers.outlook.calendar.times import viewer_zone
from calwatch.providers.outlook.mail.changes import News
from calwatch.providers.outlook.mail.drafts import Drafts, Held, Look, Ref, people, told
from calwatch.providers.outlook.mail.folders import Folders
from calwatch.providers.outlook.mail.mails import Mails
from calwatch.providers.outlook.mail.outcome import Outcome
from calwatch.providers.outlook.mail.search import search
from calwatch.providers.outlook.scopes import Feature

if TYPE_CHECKING:
    from calwatch.providers import Surroundings
    from calwatch.providers.outlook.api.connection import Connection
    from calwatch.providers.outlook.options import OutlookAccount

log = logging.getLogger(__name__)


class OutlookMail:
    """``ports.Mailbox`` on one Outlook account."""

    def __init__(self, connection: Connection, account: OutlookAccount, around: Surroundings) -> None:
        address = (account.email or around.me.email).lower()
        mine = frozenset(known.lower() for known in around.addresses) | {address}
        viewer = Viewer(Person(address, around.me.name), mine, viewer_zone(around.viewer_zone))
        folders = Folders(connection)
        self._connection = connection
        self._around = around
        self._mails = Mails(connection, folders, viewer, around.clock)
        self._news = News(connection, self._mails, around.clock)
        self._drafts = Drafts(connection, folders, around.clock)
        self._outcome = Outcome(self._mails, self._drafts)
        self._lock = Lock()
        self._tried: dict[str, float] = {}

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
            return "sends through Outlook"
        return "never sends; you send from Outlook's Drafts"

    def changes(self, cursor: str | None, since: datetime) -> MailChanges:
        self._connection.require(Feature.READ_MAIL)
        return self._news.first(since) if cursor is None else self._news.after(cursor)

    def find(self, query: MailQuery) -> Sequence[Message]:
        self._connection.require(Feature.READ_MAIL)
        return search(self._mails, query)

    def save_draft(self, reply_to: Message | None, content: Content, key: str) -> StoredDraft:
        headers.check(content)
        self._connection.require(Feature.WRITE_DRAFTS)
        ref = Ref(draft="", answered=reply_to.message_id if reply_to else "", key=key)
        held = self._there_already(reply_to, content, key)
        if held is None:
            held = self._create(reply_to, content, key)
        if not held.ours and not held.begun:
            return told(held, ref)  # the person has written into it meanwhile
        if held.written != fingerprint(content):
            try:
                self._drafts.rewrite(held, content, key)
            except Touched as changed:
                raise Retry("the letter's draft in Outlook has just changed; it is looked at again") from changed
            held = self._read_back(held.draft)
        self._created(key)
        return told(held, ref)

    def _there_already(self, reply_to: Message | None, content: Content, key: str) -> Held | None:
        """The draft this letter has in Outlook by now. Raises ``Touched`` when the letter has left already."""
        marked = [held for held in self._drafts.marked(key) if not held.deleted]
        if any(held.sent for held in marked):
            raise Touched("this letter was sent already")
        if any(not held.unsent for held in marked):
            raise Retry("this letter is on its way, or was put away; it is looked for again")
        self._without_twins(marked)
        if marked:
            self._created(key)
            return next((held for held in marked if not held.begun), marked[0])
        # Where Outlook takes no mark along with a reply, a creation that got lost left one without words.
        empty = self._drafts.unmarked(reply_to) if reply_to is not None else []
        same = [held for held in empty if people(held.content) == people(content)]
        return next((held for held in same if held.content.subject == content.subject), None)

    def _without_twins(self, marked: list[Held]) -> None:
        """Of several drafts of one letter those without words are leftovers of ours; several with words are a doubt."""
        worded = [held for held in marked if not held.begun]
        if len(worded) > 1:
            raise Doubt("several drafts in Outlook may be this letter; delete the ones you do not want")
        for spare in [held for held in marked if held.begun][0 if worded else 1 :]:
            self._drafts.delete(spare, self._looking(spare.draft, spare.version))

    def _create(self, reply_to: Message | None, content: Content, key: str) -> Held:
        """The one attempt, remembered as under way until the draft is seen, for Outlook may show it late.

        Once it certainly failed, it is under way no longer.
        """
        self._wait_for_an_earlier_creation(key)
        unread = self._drafts.is_unread(reply_to) if reply_to is not None else False
        with self._lock:
            self._tried[key] = self._around.clock.now().timestamp()
        try:
            made = self._drafts.create(content, key) if reply_to is None else self._drafts.reply(reply_to, content, key)
        except (Retry, Stop, NeedsSignIn, Rejected):  # these say that nothing was stored; Doubt does not
            self._created(key)
            raise
        if reply_to is None:
            return self._read_back(made.draft)
        if unread:
            self._leave_unread(reply_to)
        return made

    def _created(self, key: str) -> None:
        with self._lock:
            self._tried.pop(key, None)

    def _wait_for_an_earlier_creation(self, key: str) -> None:
        """A request that was lost may still be carried out: until it cannot any more, another one would be a second."""
        with self._lock:
            tried = self._tried.get(key)
        left = tried + self.quiescence - self._around.clock.now().timestamp() if tried is not None else 0.0
        if 0 < left <= self.quiescence:
            raise Retry("it is not known yet whether Outlook has stored the letter", after=left)

    def _leave_unread(self, answered: Message) -> None:
        try:
            if not self._drafts.is_unread(answered):
                self._drafts.mark_unread(answered)
        except CalwatchError as error:
            log.info("a mail that was answered may show as read: %s", error)

    def update_draft(self, ref: str, content: Content, version: str) -> StoredDraft:
        headers.check(content)
        self._connection.require(Feature.WRITE_DRAFTS)
        mine = Ref.of(ref)
        held = self._untouched(mine.draft, version)
        self._drafts.rewrite(held, content, mine.key, self._looking(mine.draft, version))
        return told(self._read_back(mine.draft), mine)

    def look(self, ref: str, key: str) -> Waiting | Sent | Gone:
        self._connection.require(Feature.READ_MAIL)
        mine = Ref.of(ref)
        held = self._drafts.find(mine.draft)
        if held is not None and held.unsent:
            return Waiting(told(held, mine))
        sent = self._outcome.sent_copy(mine, key, deleted=held is not None and held.deleted)
        if sent is not None:
            return Sent(sent)
        taken_over = self._outcome.replacement(mine, key)
        if taken_over is not None:
            return Waiting(told(taken_over, mine))
        return Gone(elsewhere=held is not None and not held.deleted)

    def send_draft(self, ref: str, version: str) -> Accepted | Refused:
        if not self._around.sends:
            raise Stop("this account is set to drafts only; send it from Outlook's Drafts")
        self._connection.require(Feature.SEND_MAIL)
        mine = Ref.of(ref)
        held = self._untouched(mine.draft, version)
        if not people(held.content):
            return Refused("the draft has no recipient")
        return self._drafts.send(held, self._looking(mine.draft, version)) or Accepted()

    def find_sent(self, ref: str, key: str, message_id: str, since: datetime) -> Message | None:
        self._connection.require(Feature.READ_MAIL)
        return self._outcome.sent_copy(Ref.of(ref), key, since=since, message_id=message_id)

    def discard(self, ref: str, version: str) -> None:
        self._connection.require(Feature.WRITE_DRAFTS)
        mine = Ref.of(ref)
        held = self._drafts.find(mine.draft)
        if held is not None and held.unsent:
            self._drafts.delete(self._same(held, version), self._looking(mine.draft, version))
            return
        if held is not None and not held.deleted:
            raise Touched("it was sent, or put away")
        if self._outcome.sent_copy(mine, mine.key, deleted=held is not None) is not None:
            raise Touched("it was sent")
        if self._outcome.replacement(mine, mine.key) is not None:
            raise Touched("the draft was replaced by another")

    def _untouched(self, draft: str, version: str) -> Held:
        held = self._drafts.find(draft)
        if held is None or not held.unsent:
            raise Touched("the draft is no longer there, or was sent")
        return self._same(held, version)

    def _looking(self, draft: str, version: str) -> Look:
        return lambda: self._untouched(draft, version)

    def _same(self, held: Held, version: str) -> Held:
        if not version or held.version != version:
            raise Touched("the draft is not the one that was stored")
        return held

    def _read_back(self, draft: str) -> Held:
        held = self._drafts.find(draft)
        if held is None or not held.unsent:
            raise Retry("the draft that was just stored is not to be found at the moment")
        return held
