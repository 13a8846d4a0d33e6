"""New mail of a Gmail account: a bounded first reading, then what its history tells; one request if nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from calwatch.errors import Resync, Retry
from calwatch.formats.mime import UnreadableMail
from calwatch.model.message import Message
from calwatch.ports import Clock, MailChanges, Problem
from calwatch.providers.google.mail.messages import HIDDEN, Messages
from calwatch.providers.google.mail.payload import labels, mapping, sequence, text
from calwatch.providers.remote.faults import Refusal

if TYPE_CHECKING:
    from calwatch.providers.google.api.connection import Connection

NOT_YET_INDEXED = timedelta(days=2)
"""The stretch of the inbox that a first reading takes from the label, because the index may lag."""

_MOST_INVITATIONS = 500
_MOST_INBOX = 300
_MOST_SENT = 500
_MOST_AT_ONCE = 250
_MOST_PAGES = 200
_PLACE = re.compile(r"[0-9]{1,20}")

_Reader = Callable[[str], Message | None]


class History:
    """``ports.Mail.changes``; ``at_once`` is how many new mails one answer has at most."""

    def __init__(
        self, connection: Connection, messages: Messages, clock: Clock, *, at_once: int = _MOST_AT_ONCE
    ) -> None:
        self._connection = connection
        self._messages = messages
        self._clock = clock
        self._at_once = at_once

    def first(self, since: datetime) -> MailChanges:
        """Invitations, sent mail, and the inbox of the last days. The cursor is older than all that was read."""
        profile = mapping(self._connection.read(self._connection.gmail.users().getProfile(userId="me")))
        cursor = text(profile.get("historyId"))
        if not cursor:
            raise Retry("Gmail did not say where its history stands")
        reading = _Reading(self._messages)
        fresh = max(since, self._clock.now() - NOT_YET_INDEXED)
        invitations = self._messages.listed(_MOST_INVITATIONS, query=f"filename:ics after:{int(since.timestamp())}")
        reading.take(invitations, self._messages.whole, since, until_older=False)
        reading.take(self._messages.listed(_MOST_INBOX, label="INBOX"), self._messages.whole, fresh)
        reading.take(self._messages.listed(_MOST_SENT, label="SENT"), self._messages.envelope, since)
        return reading.told(cursor, complete=True)

    def after(self, cursor: str) -> MailChanges:
        """What was added since. After a long absence it comes in portions, each with its own cursor."""
        if not _PLACE.fullmatch(cursor):
            raise Resync("this is no place in Gmail's history")
        wanted: dict[str, None] = {}
        for record in self._records(cursor):
            self._note(record, wanted)
            cursor = text(record.get("historyId")) or text(record.get("id")) or cursor
            if len(wanted) >= self._at_once:
                break
        for ref in wanted:
            self._messages.kept.came(ref)
        reading = _Reading(self._messages)
        reading.take(iter(wanted), self._messages.whole, None)
        return reading.told(cursor, complete=False)

    def _records(self, cursor: str) -> Iterator[dict[str, Any]]:
        """The records since, oldest first, and at the end one with the ``historyId`` to go on from."""
        given: dict[str, Any] = {"userId": "me", "startHistoryId": cursor, "maxResults": 500}
        for _ in range(_MOST_PAGES):
            try:
                answer = mapping(self._connection.read(self._connection.gmail.users().history().list(**given)))
            except Refusal as no:
                if no.status == 404:
                    raise Resync("Gmail's history does not reach back that far") from no
                raise
            yield from map(mapping, sequence(answer.get("history")))
            given["pageToken"] = text(answer.get("nextPageToken"))
            if not given["pageToken"]:
                yield {"historyId": text(answer.get("historyId"))}
                return

    def _note(self, record: dict[str, Any], wanted: dict[str, None]) -> None:
        """What one record means for the mails to read. Only ids and labels are in it."""
        for added in map(mapping, sequence(record.get("messagesAdded"))):
            _want(mapping(added.get("message")), wanted)
        for change in map(mapping, sequence(record.get("labelsAdded"))):
            message, came = mapping(change.get("message")), labels(change)
            if came & HIDDEN:
                self._drop(message, wanted)
            elif came & {"INBOX", "SENT"}:
                self._messages.kept.forget(text(message.get("id")))
                _want(message, wanted)
        for change in map(mapping, sequence(record.get("labelsRemoved"))):
            if labels(change) & HIDDEN:
                self._messages.kept.forget(text(mapping(change.get("message")).get("id")))
                _want(mapping(change.get("message")), wanted)
        for deleted in map(mapping, sequence(record.get("messagesDeleted"))):
            self._drop(mapping(deleted.get("message")), wanted)

    def _drop(self, message: dict[str, Any], wanted: dict[str, None]) -> None:
        ref = text(message.get("id"))
        self._messages.kept.forget(ref)
        wanted.pop(ref, None)


class _Reading:
    """Mails read so far, each once, and those that could not be."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._found: dict[str, Message | None] = {}
        self._problems: list[Problem] = []

    def take(self, refs: Iterator[str], reader: _Reader, since: datetime | None, *, until_older: bool = True) -> None:
        """Reads what was not read yet, as far back as ``since``; a list that is in order ends at the first older."""
        for ref in refs:
            message = self._found[ref] if ref in self._found else self._read(ref, reader)
            older = message is not None and since is not None and message.date < since
            if older and until_older:
                return
            if not older:
                self._found[ref] = message

    def _read(self, ref: str, reader: _Reader) -> Message | None:
        try:
            return reader(ref)
        except UnreadableMail as error:
            self._problems.append(Problem(ref, str(error)))
            return None

    def told(self, cursor: str, *, complete: bool) -> MailChanges:
        read = tuple(message for message in self._found.values() if message is not None)
        return MailChanges(messages=read, problems=tuple(self._problems), cursor=cursor, complete=complete)


def _want(message: dict[str, Any], wanted: dict[str, None]) -> None:
    ref = text(message.get("id"))
    if ref and not labels(message) & HIDDEN:
        wanted[ref] = None
