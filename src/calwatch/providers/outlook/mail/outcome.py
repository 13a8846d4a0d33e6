"""What became of a draft of ours that no longer lies under its id: sent, taken over by another draft, or gone.

Outlook gives a sent mail another id now and then. Our mark is copied to what a draft becomes; where a mail program
drops it, the mail's name is left, and else the conversation. What carries the mark of another letter is never this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from calwatch.model.message import Message
from calwatch.providers.outlook.api.paths import literal
from calwatch.providers.outlook.mail import marker
from calwatch.providers.outlook.mail.drafts import Drafts, Held, Ref
from calwatch.providers.outlook.mail.mails import ALL, SENT, Mails
from calwatch.providers.outlook.mail.messages import Mail

_CLOCKS_APART = timedelta(seconds=5)
_MOST = 50
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|tr|rv|enc|i|inoltrato|doorst)\s*:", re.IGNORECASE)


class Outcome:
    """Looks for sent copies and for drafts that took the place of ours."""

    def __init__(self, mails: Mails, drafts: Drafts) -> None:
        self._mails = mails
        self._drafts = drafts

    def sent_copy(
        self, ref: Ref, key: str, *, since: datetime | None = None, message_id: str = "", deleted: bool = False
    ) -> Message | None:
        """The mail this draft became, whether we sent it or the person: the first one that can be it.

        ``deleted``: it lies among the deleted items, so that another answer in its conversation is just that. The marks
        and filters are exact; none of this asks the search index, which lags.
        """
        earliest = (since or ref.since) - _CLOCKS_APART
        names = frozenset({message_id, ref.message_id}) - {""}
        in_thread = self._of_thread(ref) if not deleted else ()
        for found in (self._by_id(ref), self._by_mark(key or ref.key), self._by_name(names), in_thread):
            mails = [mail for mail in found if mail.message.date >= earliest and mail.key in ("", key or ref.key)]
            if mails:
                return min((mail.message for mail in mails), key=lambda message: (message.date, message.ref))
        return None

    def replacement(self, ref: Ref, key: str) -> Held | None:
        """The draft a mail program put in the place of ours, with our mark."""
        marked = self._drafts.marked(key) if key else []
        unsent = [held for held in marked if held.unsent and held.draft != ref.draft]
        return unsent[0] if len(unsent) == 1 else None

    def _by_id(self, ref: Ref) -> Iterator[Mail]:
        mail = self._mails.sent(ref.draft)
        if mail is not None:
            yield mail

    def _by_mark(self, key: str) -> Iterator[Mail]:
        if key:
            yield from self._mails.all_sent(ALL, {"$filter": marker.marked_with(key)}, _MOST)

    def _by_name(self, names: frozenset[str]) -> Iterator[Mail]:
        for name in sorted(names):
            yield from self._mails.all_sent(ALL, {"$filter": f"internetMessageId eq {literal(name)}"}, _MOST)

    def _of_thread(self, ref: Ref) -> Iterator[Mail]:
        """What was sent in the conversation as an answer to the same mail; an answer to an invitation is another."""
        if not ref.thread:
            return
        for mail in self._mails.all_sent(SENT, {"$filter": f"conversationId eq {literal(ref.thread)}"}, 4 * _MOST):
            answers = not ref.answered or mail.message.in_reply_to in ("", ref.answered)
            if answers and not mail.meeting and not _FORWARDED.match(mail.message.subject):
                yield mail
