"""A mailbox and calendar that misbehave as Microsoft Graph's Outlook does."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from builders import ALEX
from calwatch.model.event import Person
from calwatch.model.message import Content, Message
from calwatch.ports import Accepted, Clock
from fakes.clock import ManualClock
from fakes.faults import Faults
from fakes.memory_mail import Draft, MemoryMail
from fakes.outlook_calendar import OutlookLikeCalendar


@dataclass
class GraphLikeMail(MemoryMail):
    """Outlook's drafts: createReply and a PATCH, a marker of ours, If-Match, 202 and a Sent copy that comes later.

    The subject of a reply is the server's ("RE: …"), a quote stands below the own text, and white space comes back
    as HTML left it. ``ids_change_on_send``: the immutable id is not (reported again and again). ``markers_survive``:
    whether the sent copy keeps ours.
    """

    ids_change_on_send: bool = True
    markers_survive: bool = True

    def _adopt(self, reply_to: Message | None, content: Content, key: str) -> Draft | None:
        for draft in self.drafts.values():
            if draft.marker == key:
                return draft
        if reply_to is None:
            return None
        for draft in self.drafts.values():  # createReply happened, its PATCH did not: an empty reply without a marker
            if draft.born_in == reply_to.thread and not draft.marker and not draft.content.text and not draft.touched:
                self._write(draft, content)
                draft.marker = key
                return draft
        return None

    def _create(self, reply_to: Message | None, content: Content, key: str, *, half: bool) -> Draft:
        draft = Draft(
            ref=self.new_id("AAMk"),
            version=self.new_id("ck"),
            thread=reply_to.thread if reply_to else self.new_id("conv"),
            message_id=f"<{self.new_id('out')}@prod.outlook.com>",
            content=Content(to=(), subject=content.subject, text=""),
            born_in=reply_to.thread if reply_to else "",
        )
        if reply_to is not None:
            sender = reply_to.sender.email if reply_to.sender else ""
            draft.content = replace(
                draft.content, subject="RE: " + re.sub(r"^(?i:re|aw|sv|antw): *", "", reply_to.subject)
            )
            draft.quote = (
                f"________________________________\nFrom: {sender}\nSubject: {reply_to.subject}\n\n{reply_to.text}"
            )
            draft.in_reply_to = reply_to.message_id
            draft.references = (*reply_to.references, reply_to.message_id)
        self.drafts[draft.ref] = draft
        if not half or reply_to is None:
            self._write(draft, content)
            draft.marker = key
        return draft

    def _write(self, draft: Draft, content: Content) -> None:
        subject = draft.content.subject if draft.born_in else content.subject
        draft.content = replace(content, subject=subject, text=_through_html(content.text))
        draft.version = self.new_id("ck")

    def _edit(self, draft: Draft, content: Content) -> str:
        draft.content = replace(content, text=_through_html(content.text))
        draft.version = self.new_id("ck")
        return draft.ref

    def _draft_of(self, ref: str, key: str) -> Draft | None:
        marked = (d for d in self.drafts.values() if key and d.marker == key)
        return self.drafts.get(ref) or next(marked, None)

    def _was(self, draft: Draft, ref: str, key: str) -> bool:
        marked = self.markers_survive and bool(key) and draft.marker == key
        return marked or draft.ref == ref

    def _sent_ids(self, draft: Draft) -> tuple[str, str]:
        return (self.new_id("AAMk") if self.ids_change_on_send else draft.ref), draft.message_id

    def _accepted(self, message: Message) -> Accepted:
        return Accepted()  # 202, empty


def _through_html(text: str) -> str:
    """What is left of plain text after it was stored as HTML and read back: runs of blanks collapse."""
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


class GraphLike:
    """One Microsoft account: ``mail`` and ``calendar`` share faults and clock and live on when calwatch crashes."""

    def __init__(
        self,
        me: Person = ALEX,
        clock: Clock | None = None,
        *,
        faults: Faults | None = None,
        ids_change_on_send: bool = True,
    ) -> None:
        self.me = replace(me, email=me.email.lower())
        self.clock = clock or ManualClock()
        self.faults = faults or Faults()
        self.mail = GraphLikeMail(
            self.me, self.clock, faults=self.faults, lag_calls=3, ids_change_on_send=ids_change_on_send
        )
        self.calendar = OutlookLikeCalendar(self.me, self.clock, faults=self.faults)
