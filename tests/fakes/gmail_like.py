"""A mailbox and calendar that misbehave as Gmail and Google Calendar do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from builders import ALEX
from calwatch.errors import Doubt, Touched
from calwatch.model.event import Person
from calwatch.model.message import Content, Message
from calwatch.ports import Accepted, Clock
from fakes.clock import ManualClock
from fakes.faults import Faults
from fakes.google_calendar import GoogleLikeCalendar
from fakes.memory_mail import Draft, MemoryMail


@dataclass
class GmailLikeMail(MemoryMail):
    """Gmail's drafts: the draft id stays, everything else is new after every create, update, edit and send.

    There is no marker that survives; a draft whose creation was in doubt is recognised by being the one new draft of
    its thread. A subject changed by the person moves the draft to a thread of its own. ``rotates_refs``: an edit in the
    composer also replaces the draft id (seen rarely).
    """

    rotates_refs: bool = False
    before: dict[str, frozenset[str]] = field(default_factory=dict)  # key → drafts there before we created ours
    mine: dict[str, str] = field(default_factory=dict)  # key → draft id our side knows of
    renamed: dict[str, str] = field(default_factory=dict)  # draft id → the one that took its place

    def _adopt(self, reply_to: Message | None, content: Content, key: str) -> Draft | None:
        if key not in self.before:
            self.before[key] = frozenset(self.drafts)
            return None
        others = {ref for other, ref in self.mine.items() if other != key}
        thread = reply_to.thread if reply_to else ""
        new = [
            d
            for d in self.drafts.values()
            if d.ref not in self.before[key] and d.ref not in others and d.born_in == thread
        ]
        if len(new) > 1:
            raise Doubt("several new drafts lie in this thread")
        return new[0] if new else None

    def _create(self, reply_to: Message | None, content: Content, key: str, *, half: bool) -> Draft:
        draft = Draft(
            ref=self.new_id("r"),
            version=self.new_id("m"),
            thread=reply_to.thread if reply_to else self.new_id("t"),
            message_id=self._own_message_id(),
            content=content,
            born_in=reply_to.thread if reply_to else "",
            in_reply_to=reply_to.message_id if reply_to else "",
            references=(*reply_to.references, reply_to.message_id) if reply_to else (),
        )
        self.drafts[draft.ref] = draft
        return draft

    def _claim(self, draft: Draft, key: str) -> None:
        self.mine[key] = draft.ref

    def _write(self, draft: Draft, content: Content) -> None:
        draft.content = content
        draft.version = self.new_id("m")
        draft.message_id = self._own_message_id()

    def _edit(self, draft: Draft, content: Content) -> str:
        if content.subject != draft.content.subject:
            draft.thread = self.new_id("t")
        self._write(draft, content)
        if self.rotates_refs:
            del self.drafts[draft.ref]
            old, draft.ref = draft.ref, self.new_id("r")
            self.renamed[old] = draft.ref
            self.drafts[draft.ref] = draft
            self.mine = {key: draft.ref if ref == old else ref for key, ref in self.mine.items()}
        return draft.ref

    def discard(self, ref: str, version: str) -> None:
        if ref in self.renamed:
            raise Touched("the draft was replaced by another")
        super().discard(ref, version)

    def _draft_of(self, ref: str, key: str) -> Draft | None:
        return self.drafts.get(ref) or self.drafts.get(self.mine.get(key, ""))

    def _was(self, draft: Draft, ref: str, key: str) -> bool:
        return draft.ref in (ref, self.mine.get(key, ref))

    def _sent_ids(self, draft: Draft) -> tuple[str, str]:
        return self.new_id("m"), self._own_message_id()

    def _accepted(self, message: Message) -> Accepted:
        return Accepted(message.ref, message.message_id)

    def _own_message_id(self) -> str:
        return f"<CA{self.new_id('x')}@mail.gmail.com>"


class GmailLike:
    """One Google account: ``mail`` and ``calendar`` share faults and clock and live on when calwatch crashes."""

    def __init__(
        self,
        me: Person = ALEX,
        clock: Clock | None = None,
        *,
        faults: Faults | None = None,
        rotates_refs: bool = False,
    ) -> None:
        self.me = replace(me, email=me.email.lower())
        self.clock = clock or ManualClock()
        self.faults = faults or Faults()
        self.mail = GmailLikeMail(self.me, self.clock, faults=self.faults, index_lag_calls=2, rotates_refs=rotates_refs)
        self.calendar = GoogleLikeCalendar(self.me, self.clock, faults=self.faults)
