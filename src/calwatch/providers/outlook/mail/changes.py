"""New mail of an Outlook account: a bounded first reading, then what its inbox and sent mail tell since.

Of what changed only ids are asked for, and each mail then by itself: a change tells less of a mail than the mail does.
Two requests when nothing changed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from calwatch.errors import Resync, Retry
from calwatch.model.message import Message
from calwatch.ports import Clock, MailChanges
from calwatch.providers.outlook.calendar.times import written
from calwatch.providers.outlook.mail.mails import INBOX, SENT, Mails
from calwatch.providers.outlook.mail.messages import plain_id
from calwatch.providers.remote.faults import Refusal
from calwatch.providers.remote.fields import Fields

if TYPE_CHECKING:
    from calwatch.providers.outlook.api.connection import Connection

_MOST_INBOX = 300
_MOST_SENT = 500
_MOST_AT_ONCE = 250
_MOST_PAGES = 200
_PAGE = "odata.maxpagesize=200"
_MOST_ON_A_PAGE = 1_000
_KEPT = timedelta(hours=12)
"""How long a link is used again while nothing happens."""

_LOST = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "link"})


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where the two folders stand, and when that was told."""

    inbox: str
    sent: str
    at: float

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> _Cursor:
        try:
            told = json.loads(text)
            return cls(inbox=_text(told["inbox"]), sent=_text(told["sent"]), at=float(told["at"]))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise Resync("this is no place in Outlook's changes") from error


class News:
    """``ports.Mail.changes``; ``at_once`` is how many new mails one answer has at most, or a page more."""

    def __init__(self, connection: Connection, mails: Mails, clock: Clock, *, at_once: int = _MOST_AT_ONCE) -> None:
        self._connection = connection
        self._mails = mails
        self._clock = clock
        self._at_once = at_once

    def first(self, since: datetime) -> MailChanges:
        """The newest of the inbox and of sent mail. The cursor is older than all that was read."""
        cursor = _Cursor(self._begun(INBOX, since), self._begun(SENT, since), self._clock.now().timestamp())
        # Sorting by what the filter begins with is the one order Outlook allows beside a filter.
        newest = {"$filter": f"receivedDateTime ge {written(since)}", "$orderby": "receivedDateTime desc"}
        found: dict[str, Message] = {}
        for path, most in ((INBOX, _MOST_INBOX), (SENT, _MOST_SENT)):
            found |= {message.ref: message for message in self._mails.listed(path, newest, most)}
        return MailChanges(messages=tuple(found.values()), cursor=str(cursor), complete=True)

    def after(self, text: str) -> MailChanges:
        """What came since. After a long absence it comes in portions, each with its own cursor."""
        cursor = _Cursor.of(text)
        wanted: dict[str, None] = {}
        inbox = self._since(cursor.inbox, wanted)
        sent = self._since(cursor.sent, wanted) if len(wanted) < self._at_once else (cursor.sent, False)
        now = self._clock.now().timestamp()
        quiet = not inbox[1] and not sent[1] and 0 <= now - cursor.at < _KEPT.total_seconds()
        read = [message for ref in wanted if (message := self._mails.whole(ref)) is not None]
        moved = text if quiet else str(replace(cursor, inbox=inbox[0], sent=sent[0], at=now))
        return MailChanges(messages=tuple(read), cursor=moved, complete=False)

    def _begun(self, path: str, since: datetime) -> str:
        """The link from which on a folder tells what changes in it."""
        given = {"$filter": f"receivedDateTime ge {written(since)}", "$select": "id"}
        *_, last = self._connection.pages(f"{path}/delta", given, prefer=_PAGE)
        return _link(last, "@odata.deltaLink")

    def _since(self, link: str, wanted: dict[str, None]) -> tuple[str, bool]:
        """Notes the ids of what came; gives the link to go on from, and whether anything happened."""
        happened = False
        seen: set[str] = set()
        while True:
            page = self._page(link)
            for entry in Fields(page).several("value", _MOST_ON_A_PAGE):
                happened = True
                _want(entry, wanted)
            if page.get("@odata.nextLink") is None:
                return _link(page, "@odata.deltaLink"), happened
            seen.add(link)
            link = _link(page, "@odata.nextLink")
            if link in seen or len(seen) == _MOST_PAGES:
                raise Retry("Outlook's changes do not end")
            if len(wanted) >= self._at_once:
                return link, True

    def _page(self, link: str) -> dict[str, object]:
        try:
            return self._connection.follow(link, prefer=_PAGE)
        except Refusal as no:
            # A bare "bad request" or "not found" is the answer to a link that is too old as well.
            if no.status in (400, 404, 410) or no.reason.lower() in _LOST:
                raise Resync("Outlook's changes do not reach back that far") from no
            raise


def _want(entry: Fields, wanted: dict[str, None]) -> None:
    """What left the folder is no news, and neither is that a mail was opened."""
    ref = plain_id(entry.word("id"))
    only_read = "isRead" in entry and "@odata.etag" not in entry
    if ref and "@removed" not in entry and not only_read:
        wanted[ref] = None


def _link(page: dict[str, object], name: str) -> str:
    link = page.get(name)
    if not isinstance(link, str) or not link:
        raise Retry("Outlook did not say from where its changes go on")
    return link


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no link")
    return value
