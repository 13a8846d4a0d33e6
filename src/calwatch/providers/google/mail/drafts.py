"""The drafts of a Gmail account: found by id, created in a thread, rewritten, sent and deleted, one attempt each.

Gmail gives a draft's mail a new id and a new Message-ID at every change of it; only the draft's own id stays, and even
that is replaced now and then. So the mail's id is the version, and nothing is ever looked up by a Message-ID of ours.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from calwatch.errors import Doubt, Rejected, Retry, Stop, Touched
from calwatch.formats.mime import Mime, UnreadableMail, build, parse_content
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder, Message
from calwatch.ports import Refused, StoredDraft
from calwatch.providers.google.mail.payload import internal_date, labels, mail_bytes, mapping, sequence, text
from calwatch.providers.remote.faults import Refusal

if TYPE_CHECKING:
    from calwatch.providers.google.api.connection import Connection

Look = Callable[[], object]

_MOST_PAGES = 10
_PLAIN_ID = re.compile(r"[0-9A-Za-z_-]{1,200}")


@dataclass(frozen=True, slots=True)
class Ref:
    """What ``StoredDraft.ref`` says: the draft's id and thread, when it was first stored, which mail it answers."""

    draft: str
    thread: str = ""
    created: int = 0
    answered: str = ""

    @classmethod
    def of(cls, ref: str) -> Ref:
        draft, thread, created, answered = (*ref.split(" "), "", "", "")[:4]
        seconds = int(created) if created.isdecimal() and len(created) <= 11 else 0
        return cls(draft, "" if thread == "-" else thread, seconds, "" if answered == "-" else answered)

    def __str__(self) -> str:
        return f"{self.draft} {self.thread or '-'} {self.created} {self.answered or '-'}"

    @property
    def since(self) -> datetime:
        return datetime.fromtimestamp(self.created, UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """One draft as Gmail has it now. ``unsent`` is what allows to touch it: some answers show it sent."""

    draft: str
    version: str
    thread: str
    labels: frozenset[str]
    content: Content
    message_id: str
    answered: str
    references: tuple[str, ...]
    stored: int

    @property
    def unsent(self) -> bool:
        return "DRAFT" in self.labels and not self.labels & {"SENT", "TRASH"}

    @property
    def sent(self) -> bool:
        return "SENT" in self.labels


class Drafts:
    """``users.drafts`` of one account, written by ``writer``.

    Gmail has no condition on a version. What changes a draft is given a ``look`` at it for the very last moment, which
    raises when it is no longer the one that is meant.
    """

    def __init__(self, connection: Connection, writer: Person) -> None:
        self._connection = connection
        self._writer = writer

    def find(self, draft: str) -> Held | None:
        """``None`` when there is no draft with this id."""
        if not _PLAIN_ID.fullmatch(draft):
            return None
        try:
            answer = self._connection.read(self._users().get(userId="me", id=draft, format="full"))
        except Refusal as no:
            if no.status == 404 or (no.status == 400 and "invalid id" in str(no).lower()):
                return None
            raise
        return _held(mapping(answer))

    def all(self) -> dict[str, str]:
        """Draft id → thread of every draft there is, asked from the label and not from the search index."""
        found: dict[str, str] = {}
        given: dict[str, Any] = {"userId": "me", "maxResults": 500}
        for _ in range(_MOST_PAGES):
            answer = mapping(self._connection.read(self._users().list(**given)))
            for entry in map(mapping, sequence(answer.get("drafts"))):
                found[text(entry.get("id"))] = text(mapping(entry.get("message")).get("threadId"))
            given["pageToken"] = text(answer.get("nextPageToken"))
            if not given["pageToken"]:
                break
        found.pop("", None)
        return found

    def create(self, content: Content, answers: Message | None) -> str:
        """Stores a new draft in the thread of the mail it answers; gives its id."""
        message = self._message(content, answers, answers.thread if answers else "")
        try:
            answer = self._connection.write(self._users().create(userId="me", body={"message": message}))
        except Refusal as no:
            if "threadId" in message and (no.status == 404 or (no.status == 400 and "thread" in str(no).lower())):
                raise Stop(
                    "Gmail no longer knows the conversation this letter belongs to, so it was not stored; "
                    "write it in Gmail yourself, or name another address to begin a new conversation"
                ) from no
            _reject(no)
            raise
        created = text(mapping(answer).get("id"))
        if not created:
            raise Doubt("Gmail did not say which draft it stored")
        return created

    def rewrite(self, held: Held, content: Content, look: Look) -> None:
        """Puts ``content`` into an existing draft, which goes on answering what it answered."""
        message = self._message(content, _what_it_answers(held), held.thread)
        request = self._users().update(userId="me", id=held.draft, body={"message": message})
        try:
            self._connection.write(request, look=look)
        except Refusal as no:
            if no.status == 404:
                raise Touched("the draft is no longer there") from no
            _reject(no)
            raise

    def send(self, held: Held, look: Look) -> dict[str, Any] | Refused:
        """The one attempt; the sent mail as far as Gmail tells of it."""
        request = self._users().send(userId="me", body={"id": held.draft})
        try:
            return mapping(self._connection.write(request, look=look))
        except Refusal as no:
            if no.status == 404:
                raise Touched("the draft is no longer there") from no
            if no.status == 400:
                return Refused(str(no))
            raise

    def delete(self, held: Held, look: Look) -> None:
        """For good, not to the trash; one that is gone already is fine."""
        try:
            self._connection.write(self._users().delete(userId="me", id=held.draft), look=look)
        except Refusal as no:
            if no.status != 404:
                raise

    def _users(self) -> Any:
        return self._connection.gmail.users().drafts()

    def _message(self, content: Content, answers: Message | None, thread: str) -> dict[str, str]:
        """Without Message-ID and Date: Gmail writes both, whatever we would say."""
        raw = build(content, sender=self._writer, message_id="", date=None, answers=answers)
        message = {"raw": base64.urlsafe_b64encode(raw).decode("ascii")}
        return message | ({"threadId": thread} if thread else {})


def told(held: Held, ref: Ref) -> StoredDraft:
    """A draft in the words of the port; ``ref`` says when it was first stored, and what it answered then."""
    now = Ref(held.draft, held.thread, ref.created or held.stored, ref.answered or held.answered)
    return StoredDraft(
        ref=str(now), version=held.version, content=held.content, message_id=held.message_id, thread=held.thread
    )


def _held(draft: dict[str, Any]) -> Held:
    message = mapping(draft.get("message"))
    moment = internal_date(message)
    data = mail_bytes(message, lambda attachment: b"")
    try:
        mime, content = Mime(data), parse_content(data)
    except UnreadableMail as error:
        raise Retry(f"a draft in Gmail cannot be read: {error}") from error
    return Held(
        draft=text(draft.get("id")),
        version=text(message.get("id")),
        thread=text(message.get("threadId")),
        labels=labels(message),
        content=content,
        message_id=mime.message_id,
        answered=next(iter(mime.ids("in-reply-to")), ""),
        references=mime.ids("references"),
        stored=int(moment.timestamp()) if moment else 0,
    )


def _what_it_answers(held: Held) -> Message | None:
    """Enough of the mail a draft answers to write its threading headers again."""
    if not held.answered:
        return None
    return Message(
        ref="",
        thread=held.thread,
        folder=Folder.INBOX,
        message_id=held.answered,
        date=datetime.fromtimestamp(held.stored, UTC),
        sender=None,
        subject="",
        references=tuple(i for i in held.references if i != held.answered),
    )


def _reject(no: Refusal) -> None:
    """A bad request is about what the letter says, and nobody can mend it but the person."""
    if no.status == 400:
        raise Rejected(f"Gmail does not take this draft: {no}") from no
