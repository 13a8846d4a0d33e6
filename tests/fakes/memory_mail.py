"""What the two fake mailboxes have in common: messages, a change log, lag, and the person's own hands."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from calwatch.errors import Rejected, Resync, Touched
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder, Invitation, Message
from calwatch.ports import Accepted, Clock, Gone, MailChanges, MailQuery, Refused, Sent, StoredDraft, Waiting
from fakes.faults import Answer, Faults


@dataclass(slots=True)
class Draft:
    """A draft as the server keeps it; ``quote`` lies below the person's own text."""

    ref: str
    version: str
    thread: str
    message_id: str
    content: Content
    born_in: str  # thread it was created in; "" for a new mail
    quote: str = ""
    marker: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    touched: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail that really left: the truth that "exactly once" is measured against."""

    content: Content
    body: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    by: str  # "calwatch" or "person"
    draft_ref: str
    at: datetime


@dataclass(slots=True)
class _Lagging:
    message: Message
    calls: int
    until: datetime


@dataclass
class MemoryMail:
    """A mailbox in memory. Subclasses say how ids behave.

    The copy of a sent mail shows only after ``lag_calls`` further reads or ``lag_seconds``, whichever comes first; a
    received mail is found by address or Message-ID only after ``index_lag_calls`` reads, while ``changes`` and threads
    know it at once.
    """

    me: Person
    clock: Clock
    faults: Faults = field(default_factory=Faults)
    lag_calls: int = 2
    lag_seconds: float = 30.0
    index_lag_calls: int = 0
    late_seconds: float = 60.0
    delivered: list[Delivery] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    origin: dict[str, Draft] = field(default_factory=dict)  # ref of a sent copy → the draft it was
    _ids: Any = field(default_factory=lambda: itertools.count(1))
    _lagging: list[_Lagging] = field(default_factory=list)
    _late: list[tuple[datetime, str]] = field(default_factory=list)
    _indexed: dict[str, int] = field(default_factory=dict)
    _calls: int = 0
    _epoch: int = 1

    # -- ports.Mailbox -------------------------------------------------------------------------------------------

    @property
    def transmits(self) -> bool:
        return True

    @property
    def quiescence(self) -> float:
        return 120.0

    @property
    def sent_lag(self) -> float:
        return 600.0

    def describe(self) -> str:
        return "sends through a server in memory"

    def changes(self, cursor: str | None, since: datetime) -> MailChanges:
        answer = self._begin("changes")
        start = 0
        if cursor is not None:
            epoch, _, index = cursor.partition(":")
            if epoch != str(self._epoch) or not index.isdigit() or int(index) > len(self.messages):
                raise Resync("the history does not reach back that far")
            start = int(index)
        found = [m for m in self.messages[start:] if cursor is not None or m.date >= since]
        self.faults.end("changes", answer)
        return MailChanges(
            messages=tuple(replace(m, text="") for m in found),
            cursor=f"{self._epoch}:{len(self.messages)}",
            complete=cursor is None,
        )

    def find(self, query: MailQuery) -> Sequence[Message]:
        answer = self._begin("find")
        found = [m for m in self.messages if self._matches(m, query)]
        self.faults.end("find", answer)
        return sorted(found, key=lambda m: m.date, reverse=True)

    def save_draft(self, reply_to: Message | None, content: Content, key: str) -> StoredDraft:
        answer = self._begin("save_draft")
        refuse_control_characters(content)
        if answer is Answer.REFUSED:
            raise Rejected("the mailbox does not take this draft")
        draft = self._adopt(reply_to, content, key)
        if draft is None:
            draft = self._create(reply_to, content, key, half=answer is Answer.HALF)
        self.faults.end("save_draft", answer)
        self._claim(draft, key)
        return self._stored(draft)

    def update_draft(self, ref: str, content: Content, version: str) -> StoredDraft:
        answer = self._begin("update_draft")
        refuse_control_characters(content)
        draft = self._held(ref, version)
        if answer is Answer.REFUSED:
            raise Rejected("the mailbox does not take this draft")
        self._write(draft, content)
        self.faults.end("update_draft", answer)
        return self._stored(draft)

    def look(self, ref: str, key: str) -> Waiting | Sent | Gone:
        answer = self._begin("look")
        draft = self._draft_of(ref, key)
        sent = None if draft else self._sent_copy(ref, key, "")
        self.faults.end("look", answer)
        if draft is not None:
            return Waiting(self._stored(draft))
        return Sent(sent) if sent else Gone()

    def send_draft(self, ref: str, version: str) -> Accepted | Refused:
        answer = self._begin("send_draft")
        draft = self._held(ref, version)
        if answer is Answer.REFUSED:
            return Refused("550 the recipient does not exist")
        if answer is Answer.LATE:
            self._late.append((self.clock.now() + timedelta(seconds=self.late_seconds), ref))
        else:
            message = self._depart(draft, "calwatch")
        self.faults.end("send_draft", answer)
        return self._accepted(message)

    def find_sent(self, ref: str, key: str, message_id: str, since: datetime) -> Message | None:
        answer = self._begin("find_sent")
        found = self._sent_copy(ref, key, message_id)
        self.faults.end("find_sent", answer)
        return found if found and found.date >= since else None

    def discard(self, ref: str, version: str) -> None:
        answer = self._begin("discard")
        if ref in self.drafts:
            self._held(ref, version)
            del self.drafts[ref]
        elif self._sent_copy(ref, "", ""):
            raise Touched("it was sent")
        self.faults.end("discard", answer)

    # -- the person's own hands, and other people ----------------------------------------------------------------

    def receive(
        self,
        text: str = "Hi Alex, could we talk next week?",
        *,
        sender: Person,
        subject: str = "Interview",
        invitations: tuple[Invitation, ...] = (),
        answers: Message | None = None,
        **fields: Any,
    ) -> Message:
        """A mail arrives; ``answers`` puts it into that mail's thread."""
        number = next(self._ids)
        given: dict[str, Any] = {
            "ref": self.new_id("m"),
            "thread": answers.thread if answers else self.new_id("t"),
            "folder": Folder.INBOX,
            "message_id": f"<in-{number}@{sender.email.partition('@')[2]}>",
            "date": self.clock.now(),
            "to": (self.me,),
            "in_reply_to": answers.message_id if answers else "",
            "references": (*answers.references, answers.message_id) if answers else (),
        }
        message = Message(sender=sender, subject=subject, text=text, invitations=invitations, **{**given, **fields})
        self._append(message)
        return message

    def write(
        self,
        text: str,
        *,
        to: tuple[Person, ...],
        subject: str,
        answers: Message | None = None,
        date: datetime | None = None,
    ) -> Message:
        """The person writes and sends a mail of their own."""
        fields: dict[str, Any] = {"to": to, "folder": Folder.SENT, "date": date or self.clock.now()}
        message = self.receive(text, sender=self.me, subject=subject, answers=answers, **fields)
        content = Content(to=to, subject=subject, text=text)
        self.delivered.append(
            Delivery(
                content,
                text,
                message.message_id,
                message.in_reply_to,
                message.references,
                "person",
                "",
                message.date,
            )
        )
        return message

    def edit_draft(self, ref: str, **fields: Any) -> str:
        """The person changes a draft (``text``, ``subject``, ``to``, …); gives its ref, which may be new."""
        draft = self.drafts[ref]
        draft.touched = True
        return self._edit(draft, replace(draft.content, **fields))

    def autosave(self, ref: str) -> str:
        """The person only opened the draft: the version changes, the content but for white space does not."""
        draft = self.drafts[ref]
        return self._edit(draft, replace(draft.content, text=draft.content.text.replace("\n\n", "\n \n") + "\n"))

    def send_by_hand(self, ref: str) -> Message:
        """The person presses "send" in their own program."""
        return self._depart(self.drafts[ref], "person")

    def discard_by_hand(self, ref: str) -> None:
        del self.drafts[ref]

    def kill_cursor(self) -> None:
        """Every cursor given out so far is dead."""
        self._epoch += 1

    def settle(self) -> None:
        """Everything that lags has arrived; what was to happen late has happened."""
        while self._late:
            self._run_late(self._late.pop(0)[1])
        for lagging in self._lagging:
            self.messages.append(lagging.message)
        self._lagging.clear()
        self._indexed.clear()

    # -- how ids behave: for subclasses --------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        return f"{prefix}-{next(self._ids):06d}"

    def _adopt(self, reply_to: Message | None, content: Content, key: str) -> Draft | None:
        raise AssertionError("a subclass says how drafts are recognised")

    def _create(self, reply_to: Message | None, content: Content, key: str, *, half: bool) -> Draft:
        raise AssertionError("a subclass says how drafts are created")

    def _write(self, draft: Draft, content: Content) -> None:
        raise AssertionError("a subclass says how drafts are written")

    def _edit(self, draft: Draft, content: Content) -> str:
        raise AssertionError("a subclass says what an edit does to ids")

    def _sent_ids(self, draft: Draft) -> tuple[str, str]:
        raise AssertionError("a subclass says what sending does to ids")

    def _accepted(self, message: Message) -> Accepted:
        raise AssertionError("a subclass says what sending tells")

    def _claim(self, draft: Draft, key: str) -> None:
        """Our side now knows that ``draft`` is the one of ``key``."""

    def _draft_of(self, ref: str, key: str) -> Draft | None:
        return self.drafts.get(ref)

    def _was(self, draft: Draft, ref: str, key: str) -> bool:
        return draft.ref == ref

    # -- machinery -----------------------------------------------------------------------------------------------

    def _begin(self, operation: str) -> Answer:
        now = self.clock.now()
        self._calls += 1
        due = [ref for at, ref in self._late if at <= now]
        self._late = [(at, ref) for at, ref in self._late if at > now]
        for ref in due:
            self._run_late(ref)
        still: list[_Lagging] = []
        for lagging in self._lagging:
            if lagging.calls <= 0 or lagging.until <= now:
                self.messages.append(lagging.message)
            else:
                lagging.calls -= 1
                still.append(lagging)
        self._lagging = still
        return self.faults.begin(operation)

    def _run_late(self, ref: str) -> None:
        if ref in self.drafts:
            self._depart(self.drafts[ref], "calwatch")

    def _append(self, message: Message) -> None:
        self.messages.append(message)
        self._indexed[message.ref] = self._calls + self.index_lag_calls

    def _held(self, ref: str, version: str) -> Draft:
        draft = self.drafts.get(ref)
        if draft is None or draft.version != version:
            raise Touched("the draft is not the one that was stored")
        return draft

    def _stored(self, draft: Draft) -> StoredDraft:
        return StoredDraft(
            ref=draft.ref,
            version=draft.version,
            content=draft.content,
            message_id=draft.message_id,
            thread=draft.thread,
        )

    def _depart(self, draft: Draft, by: str) -> Message:
        del self.drafts[draft.ref]
        ref, message_id = self._sent_ids(draft)
        now = self.clock.now()
        message = Message(
            ref=ref,
            thread=draft.thread,
            folder=Folder.SENT,
            message_id=message_id,
            date=now,
            sender=self.me,
            subject=draft.content.subject,
            to=draft.content.to,
            cc=draft.content.cc,
            in_reply_to=draft.in_reply_to,
            references=draft.references,
            text=draft.content.text,
        )
        self.origin[ref] = draft
        self._lagging.append(_Lagging(message, self.lag_calls, now + timedelta(seconds=self.lag_seconds)))
        body = draft.content.text + (f"\n\n{draft.quote}" if draft.quote else "")
        self.delivered.append(
            Delivery(draft.content, body, message_id, draft.in_reply_to, draft.references, by, draft.ref, now)
        )
        return message

    def _sent_copy(self, ref: str, key: str, message_id: str) -> Message | None:
        for message in reversed(self.messages):
            if message.folder is not Folder.SENT:
                continue
            draft = self.origin.get(message.ref)
            if (draft is not None and self._was(draft, ref, key)) or (message_id and message.message_id == message_id):
                return message
        return None

    def _matches(self, message: Message, query: MailQuery) -> bool:
        if query.since is not None and message.date < query.since:
            return False
        if message.thread in query.threads:
            return True
        if self._indexed.get(message.ref, 0) > self._calls:
            return False
        people = {p.email for p in (*message.to, *message.cc, *message.reply_to)}
        people |= {message.sender.email} if message.sender else set()
        return bool(people & query.addresses) or message.message_id in query.message_ids


def refuse_control_characters(content: Content) -> None:
    """Servers answer 400 to a header with a line break; so do the fakes."""
    people = (*content.to, *content.cc, *content.bcc)
    for value in (content.subject, *(p.email for p in people), *(p.name for p in people)):
        if any(ord(c) < 32 or ord(c) == 127 for c in value):
            raise Rejected("a header with a control character is not accepted")
