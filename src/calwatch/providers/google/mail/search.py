"""Whole mails by address, Message-ID or thread: by Gmail's index and, because that lags, by its labels as well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from calwatch.formats.mime import UnreadableMail
from calwatch.model.message import Message
from calwatch.ports import MailQuery
from calwatch.providers.google.mail.messages import HIDDEN, Messages

INDEX_LAG = timedelta(hours=1)
"""How long a mail may be in the mailbox before the index must know it."""

_MOST = 300
_MOST_BY_ADDRESS = 100
_MOST_NEWEST = 40
_MOST_ADDRESSES = 60
_MOST_IDS = 60
_AT_ONCE = 10
_ADDRESS = re.compile(r"[^\s\"(){}<>\\,;:]{1,200}@[^\s\"(){}<>\\,;:@]{1,200}")
_ID = re.compile(r"<?([^\s\"(){}<>\\]{1,900})>?")


def search(messages: Messages, query: MailQuery, now: datetime) -> list[Message]:
    """What ``ports.Mail.find`` promises, at most 300 mails; those that cannot be read are left out."""
    found: dict[str, Message] = {}
    for ref in _candidates(messages, query, now):
        if ref in found:
            continue
        message = _read(messages, ref)
        if message is not None and _matches(message, query):
            found[ref] = message
        if len(found) >= _MOST:
            break
    return sorted(found.values(), key=lambda message: (message.date, message.ref), reverse=True)


def _candidates(messages: Messages, query: MailQuery, now: datetime) -> Iterator[str]:
    """Ids of mails that may match, each one perhaps several times."""
    for thread in sorted(query.threads)[:_MOST_IDS]:
        yield from (stub.ref for stub in messages.of_thread(thread) if not stub.labels & HIDDEN)
    known = messages.kept.refs_of(query.message_ids)
    yield from known.values()
    message_ids = query.message_ids - known.keys()
    if not query.addresses and not message_ids:
        return
    yield from messages.kept.recent()
    for label in ("INBOX", "SENT"):
        yield from _newest(messages, label, now - INDEX_LAG)
    for terms in _in_chunks([f"rfc822msgid:{i}" for i in _plain(_ID, message_ids)[:_MOST_IDS]]):
        yield from messages.listed(_MOST_BY_ADDRESS, query=_any_of(terms))
    since = f" after:{int(query.since.timestamp())}" if query.since is not None else ""
    for addresses in _in_chunks(_plain(_ADDRESS, query.addresses)[:_MOST_ADDRESSES]):
        terms = [f'{field}:"{address}"' for address in addresses for field in ("from", "to", "cc")]
        yield from messages.listed(_MOST_BY_ADDRESS, query=_any_of(terms) + since)


def _newest(messages: Messages, label: str, earliest: datetime) -> Iterator[str]:
    """The mails under a label, newest first, as far as the index may not have come."""
    for ref in messages.listed(_MOST_NEWEST, label=label):
        yield ref
        message = _read(messages, ref)
        if message is not None and message.date < earliest:
            return


def _read(messages: Messages, ref: str) -> Message | None:
    try:
        return messages.whole(ref)
    except UnreadableMail:
        return None  # ``changes`` has named it


def _matches(message: Message, query: MailQuery) -> bool:
    if query.since is not None and message.date < query.since:
        return False
    people = {person.email for person in (*message.to, *message.cc, *message.reply_to)}
    people |= {message.sender.email} if message.sender else set()
    return message.thread in query.threads or bool(people & query.addresses) or message.message_id in query.message_ids


def _plain(pattern: re.Pattern[str], values: frozenset[str]) -> list[str]:
    """Those that cannot be taken for anything else inside a query, without angle brackets."""
    found = [pattern.fullmatch(value) for value in sorted(values)]
    return [match[match.lastindex or 0] for match in found if match is not None]


def _in_chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _any_of(terms: Sequence[str]) -> str:
    return terms[0] if len(terms) == 1 else "{" + " ".join(terms) + "}"
