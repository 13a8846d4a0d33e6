"""What became of a draft of ours that no longer lies under its id: sent, taken over by another draft, or gone.

Gmail tells none of this. A sent mail is recognised by its thread and by the mail it answers, a draft by being the only
new one of its thread; what belongs to another letter of ours is never taken for this one's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from calwatch.errors import Doubt
from calwatch.formats.mime import UnreadableMail, fingerprint
from calwatch.model.message import Content, Message
from calwatch.providers.google.mail.drafts import Drafts, Held, Ref
from calwatch.providers.google.mail.messages import Messages
from calwatch.providers.google.mail.notes import Note, Notes

_CLOCKS_APART = timedelta(seconds=5)
_NEWEST_SENT = 50
_MOST_CANDIDATES = 20
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|inoltrato|doorst)\s*:", re.IGNORECASE)


class Outcome:
    """Looks for sent copies and for drafts that took the place of ours."""

    def __init__(self, messages: Messages, drafts: Drafts, notes: Notes) -> None:
        self._messages = messages
        self._drafts = drafts
        self._notes = notes

    def sent_copy(self, ref: Ref, key: str, *, since: datetime | None = None, message_id: str = "") -> Message | None:
        """The mail this draft became, whether we sent it or the person: the first one that can be it.

        By thread and by label, never by the search index, which lags.
        """
        note = self._notes.of(key) or Note()
        earliest = (since or ref.since) - _CLOCKS_APART
        if note.sent:
            known = self._sent(note.sent)
            if known is not None:
                return known if known.date >= earliest else None
        others = self._notes.others(key)
        found: dict[str, Message] = {}
        for message in (*self._of_thread(ref.thread, earliest), *self._newest(earliest)):
            if message.ref not in others and _is_it(message, ref, note, message_id):
                found[message.ref] = message
        first = min(found.values(), key=lambda message: (message.date, message.ref), default=None)
        if first is not None and self._notes.of(key) is not None:
            self._notes.put(key, replace(note, sent=first.ref))
        return first

    def replacement(self, ref: Ref, key: str) -> Held | None:
        """The draft a mail program put in the place of ours: the one new draft of its thread, if there is one.

        Another subject takes a draft out of its thread; then it is the one that still answers the same mail, to the
        same people.
        """
        note = self._notes.of(key)
        if note is None:
            return None
        taken = self._notes.others(key) | set(note.before) | {ref.draft}
        if note.draft and note.draft not in taken:
            held = self._drafts.find(note.draft)  # noticed before
            if held is not None and held.unsent:
                return held
            taken |= {note.draft}
        new = {draft: thread for draft, thread in self._drafts.all().items() if draft not in taken}
        beside = [draft for draft, thread in new.items() if thread == ref.thread]
        if len(beside) > 1:
            return None
        found = self._unsent(beside) if beside else [h for h in self._unsent(new) if _answers(h, ref, note)]
        if len(found) != 1:
            return None
        self._notes.put(key, replace(note, draft=found[0].draft))
        return found[0]

    def adopted(self, note: Note, key: str, content: Content, *, edited: bool) -> Held | None:
        """The draft of a creation whose answer was lost; ``None`` when there is none. Raises ``Doubt`` for several.

        Our words are ours wherever they lie. Other words may be ours, ``edited`` by the person since, only in the
        thread we wrote into and to the people we wrote to.
        """
        taken = self._notes.others(key) | set(note.before)
        new = {draft: thread for draft, thread in self._drafts.all().items() if draft not in taken}
        nearest = sorted(new, key=lambda draft: new[draft] != note.thread)
        held = self._unsent(nearest)
        same = [found for found in held if fingerprint(found.content) in (fingerprint(content), note.written)]
        if not same and edited:
            people = set(note.recipients)
            same = [f for f in held if note.thread and f.thread == note.thread and _people(f.content) == people]
        if len(same) > 1:
            raise Doubt("several new drafts in Gmail may be this letter; delete the ones you do not want")
        return same[0] if same else None

    def _unsent(self, drafts: Iterable[str]) -> list[Held]:
        """Those of the first few that are still drafts."""
        few = islice(drafts, _MOST_CANDIDATES)
        return [held for draft in few if (held := self._drafts.find(draft)) is not None and held.unsent]

    def _of_thread(self, thread: str, earliest: datetime) -> Iterator[Message]:
        for stub in self._messages.of_thread(thread) if thread else ():
            recent = stub.moment is None or stub.moment >= earliest
            if "SENT" in stub.labels and "DRAFT" not in stub.labels and recent:
                message = self._sent(stub.ref)
                if message is not None and message.date >= earliest:
                    yield message

    def _newest(self, earliest: datetime) -> Iterator[Message]:
        for ref in self._messages.listed(_NEWEST_SENT, label="SENT"):
            message = self._sent(ref)
            if message is None:
                continue
            if message.date < earliest:
                return
            yield message

    def _sent(self, ref: str) -> Message | None:
        """A sent mail, thrown away since or not."""
        try:
            mailed = self._messages.read(ref)
        except UnreadableMail:
            return None
        sent = mailed is not None and "SENT" in mailed.labels and "DRAFT" not in mailed.labels
        return mailed.message if mailed is not None and sent else None


def says(content: Content, sent: Message) -> bool:
    """Whether the sent mail is this content; Bcc shows in no copy."""
    same = Content(to=sent.to, cc=sent.cc, bcc=content.bcc, subject=sent.subject, text=sent.text)
    return fingerprint(content) == fingerprint(same)


def recipients(content: Content) -> tuple[str, ...]:
    """The addresses a draft goes to, as a note keeps them."""
    return tuple(sorted(_people(content)))


def _people(content: Content) -> set[str]:
    return {person.email.lower() for person in (*content.to, *content.cc, *content.bcc)}


def _answers(held: Held, ref: Ref, note: Note) -> bool:
    return bool(ref.answered) and held.answered == ref.answered and _people(held.content) == set(note.recipients)


def _is_it(message: Message, ref: Ref, note: Note, message_id: str) -> bool:
    """Whether a mail sent since can be this draft; in another thread or further down it must go to its people.

    A forwarded mail names the mail it forwards as the one it answers, and is no answer.
    """
    if message_id and message.message_id == message_id:
        return True
    here = bool(ref.thread) and message.thread == ref.thread
    ours = bool({person.email for person in (*message.to, *message.cc)} & set(note.recipients))
    if not ref.answered:
        return here or (ours and not message.in_reply_to)
    if message.in_reply_to == ref.answered and not (here and _FORWARDED.match(message.subject)):
        return here or ours or not note.recipients
    return ours and ref.answered in message.references
