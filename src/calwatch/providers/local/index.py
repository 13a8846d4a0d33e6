"""What lies in a Maildir, remembered between polls, so that a poll costs as much as what changed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calwatch.errors import Resync
from calwatch.formats.mime import LARGEST_MAIL, Mime, Reader, UnreadableMail, parse_message
from calwatch.model.message import Folder, Message
from calwatch.ports import MailChanges, MailQuery, Problem
from calwatch.providers.local.maildir import SENT, Entry, Maildir

_HEADERS = 65_536
_TICK = 50_000_000
"""Nanoseconds: a folder that changed so shortly before it was read may change again without a newer time stamp."""

_AFTER_RESTART = 600 * 1_000_000_000
"""Nanoseconds: how far before the last seen arrival a new process looks again; what it knows already is harmless."""


@dataclass(frozen=True, slots=True)
class _Known:
    entry: Entry
    number: int  # order of discovery in this process
    arrived: int  # ctime in nanoseconds
    modified: float


@dataclass(frozen=True, slots=True)
class _Envelope:
    message_id: str
    thread: str
    answered: str
    date: datetime
    people: frozenset[str]


class Index:
    """The mails of INBOX, archive and Sent. ``counters`` tells how much work was done, free of noise."""

    def __init__(self, maildir: Maildir, reader: Reader) -> None:
        self._maildir = maildir
        self._reader = reader
        self._known: dict[str, _Known] = {}
        self._envelopes: dict[str, _Envelope] = {}
        self._roots: dict[str, str] = {}
        self._settled: dict[Path, int] = {}
        self._instance = uuid.uuid4().hex[:12]
        self._number = 0
        self.counters = {"files_opened": 0, "messages_parsed": 0}

    def changes(self, cursor: str | None, since: datetime) -> MailChanges:
        """Mail that arrived since ``cursor``. The cursor names this process's count, and a time for the next one."""
        self._refresh()
        wanted = self._after(cursor, since)
        messages: list[Message] = []
        problems: list[Problem] = []
        for known in sorted(wanted, key=lambda k: k.number):
            try:
                message = self._message(known, with_text=False)
            except (UnreadableMail, OSError) as error:
                problems.append(Problem(known.entry.ref, f"the mail cannot be read: {_why(error)}"))
                continue
            if message is not None and (cursor is not None or message.date >= since):
                messages.append(message)
        newest = max((k.arrived for k in self._known.values()), default=0)
        return MailChanges(
            messages=tuple(messages),
            problems=tuple(problems),
            cursor=f"maildir-1:{self._instance}:{self._number}:{newest}",
            complete=cursor is None,
        )

    def find(self, query: MailQuery) -> list[Message]:
        """Whole messages that match any criterion, newest first."""
        self._refresh()
        found: list[Message] = []
        for known, envelope in self._read_envelopes(query.since):
            if query.since is not None and envelope.date < query.since:
                continue
            if not (
                envelope.message_id in query.message_ids
                or {envelope.thread, self._root(envelope.thread)} & query.threads
                or envelope.people & query.addresses
            ):
                continue
            message = self._whole(known)
            if message is not None:
                found.append(message)
        return sorted(found, key=lambda m: m.date, reverse=True)

    def sent(self, *, message_ids: frozenset[str], since: datetime, answered: str = "") -> Message | None:
        """The copy in .Sent with one of these ids; else, when ``answered`` is given, the newest answer to that mail."""
        self._refresh()
        answers: list[_Known] = []
        for known, envelope in self._read_envelopes(None, folder=SENT):
            if envelope.message_id in message_ids:
                return self._whole(known)
            if answered and envelope.answered == answered and envelope.date >= since:
                answers.append(known)
        return self._whole(max(answers, key=lambda k: k.number)) if answers else None

    def _after(self, cursor: str | None, since: datetime) -> list[_Known]:
        if cursor is None:
            earliest = (since - timedelta(days=2)).timestamp()
            return [k for k in self._known.values() if k.modified >= earliest]
        parts = cursor.split(":")
        if len(parts) != 4 or parts[0] != "maildir-1" or not (parts[2] + parts[3]).isdigit():
            raise Resync("the mail cursor is not one of this Maildir")
        if parts[1] == self._instance:
            return [k for k in self._known.values() if k.number > int(parts[2])]
        return [k for k in self._known.values() if k.arrived >= int(parts[3]) - _AFTER_RESTART]

    def _refresh(self) -> None:
        self._maildir.require()
        present: set[str] = set()
        for folder in self._maildir.readable_folders():
            unchanged = self._unchanged(folder)
            if unchanged:
                present |= {ref for ref, known in self._known.items() if known.entry.folder == folder}
                continue
            for entry in self._maildir.entries(folder):
                present.add(entry.ref)
                self._note(entry)
        for ref in self._known.keys() - present:
            del self._known[ref]
            self._envelopes.pop(ref, None)

    def _unchanged(self, folder: str) -> bool:
        same = True
        for part in ("new", "cur"):
            path = self._maildir.root / folder / part
            try:
                changed = path.stat().st_mtime_ns
            except FileNotFoundError:
                changed = 0
            same = same and self._settled.get(path) == changed
            if time.time_ns() - changed > _TICK:
                self._settled[path] = changed
            else:
                self._settled.pop(path, None)
        return same

    def _note(self, entry: Entry) -> None:
        known = self._known.get(entry.ref)
        if known is not None:
            if known.entry.path != entry.path:
                self._known[entry.ref] = replace(known, entry=entry)
            return
        try:
            stat = entry.path.stat()
        except OSError:
            return  # renamed or gone since it was listed: the folder's time stamp has changed, the next poll sees it
        self._number += 1
        self._known[entry.ref] = _Known(entry, self._number, stat.st_ctime_ns, stat.st_mtime)

    def _read_envelopes(self, since: datetime | None, folder: str | None = None) -> Iterator[tuple[_Known, _Envelope]]:
        earliest = (since - timedelta(days=2)).timestamp() if since is not None else float("-inf")
        for ref, known in list(self._known.items()):
            if known.modified < earliest or (folder is not None and known.entry.folder != folder):
                continue
            envelope = self._envelopes.get(ref) or self._envelope(known)
            if envelope is not None:
                yield known, envelope

    def _envelope(self, known: _Known) -> _Envelope | None:
        try:
            data = self._bytes(known, _HEADERS)
        except OSError:
            return None
        if data is None:
            return None
        head = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        mime = Mime(head + b"\n\n")
        references, answered = mime.ids("references"), next(iter(mime.ids("in-reply-to")), "")
        names = ("from", "to", "cc", "reply-to")
        envelope = _Envelope(
            message_id=mime.message_id,
            thread=next(iter(references), "") or answered or mime.message_id,
            answered=answered or next(iter(references[-1:]), ""),
            date=mime.date or datetime.fromtimestamp(known.modified, UTC),
            people=frozenset(p.email for name in names for p in mime.people(name)),
        )
        self._remember(known.entry.ref, envelope)
        return envelope

    def _remember(self, ref: str, envelope: _Envelope) -> None:
        self._envelopes[ref] = envelope
        if envelope.message_id:
            self._roots.setdefault(envelope.message_id, envelope.thread)

    def _root(self, thread: str) -> str:
        """The first mail of a conversation: some programs name only the mail they answer, not the whole chain."""
        for _ in range(50):
            above = self._roots.get(thread, thread)
            if above == thread:
                break
            thread = above
        return thread

    def _message(self, known: _Known, *, with_text: bool) -> Message | None:
        data = self._bytes(known, LARGEST_MAIL)
        if data is None:
            return None
        self.counters["messages_parsed"] += 1
        folder = Folder.SENT if known.entry.folder == SENT else Folder.INBOX
        received = datetime.fromtimestamp(known.modified, UTC)
        message = parse_message(
            data, self._reader, ref=known.entry.ref, folder=folder, received=received, with_text=with_text
        )
        if known.entry.ref not in self._envelopes:
            self._envelope(known)
        return replace(message, thread=self._root(message.thread))

    def _whole(self, known: _Known) -> Message | None:
        try:
            return self._message(known, with_text=True)
        except (UnreadableMail, OSError):
            return None  # named as a problem when it was first listed

    def _bytes(self, known: _Known, limit: int) -> bytes | None:
        self.counters["files_opened"] += 1
        return self._maildir.read(known.entry, limit)


def _why(error: UnreadableMail | OSError) -> str:
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
