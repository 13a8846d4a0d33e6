"""Which of the mails were written by people on the other side; every reader of the conversation starts here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from calwatch.draft.foreign import safe_person
from calwatch.model.addresses import is_unreadable
from calwatch.model.event import Person
from calwatch.model.me import Me
from calwatch.model.message import Folder, Message

MAX_MESSAGES = 500


def incoming(messages: Sequence[Message], me_emails: frozenset[str] = frozenset()) -> Iterator[Message]:
    """Mails a person on the other side wrote, newest first, at most ``MAX_MESSAGES`` looked at."""
    me = Me(emails=me_emails)
    for message in sorted(messages, key=lambda m: (m.date, m.ref), reverse=True)[:MAX_MESSAGES]:
        if message.folder is Folder.INBOX and not message.automatic and reply_addresses(message, me):
            yield message


def reply_addresses(message: Message, me: Me) -> tuple[Person, ...]:
    """Where an answer to ``message`` reaches a person: Reply-To, else From (RFC 5322 §3.6.2); empty when nowhere.

    Reply tokens of applicant tracking systems pass; the user's own addresses and those nobody reads never do.
    """
    sender = safe_person(message.sender)
    if sender is None or me.owns(sender.email):
        return ()
    wished = tuple(p for p in (safe_person(p) for p in message.reply_to[:5]) if p is not None and readable(p, me))
    if wished:
        return tuple(p if p.name or len(wished) > 1 else Person(p.email, sender.name) for p in wished)
    return (sender,) if readable(sender, me) else ()


def readable(person: Person, me: Me) -> bool:
    """Whether the address is somebody else's and reaches a person."""
    return not me.owns(person.email) and not is_unreadable(person.email)
