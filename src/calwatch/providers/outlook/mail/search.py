"""Whole mails by address, Message-ID or conversation: by filters, which are exact, and an index, which lags.

Only an index knows the people a mail went to; so the newest sent mails are always looked through as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from calwatch.model.message import Message
from calwatch.ports import MailQuery
from calwatch.providers.outlook.api.paths import literal
from calwatch.providers.outlook.calendar.times import written
from calwatch.providers.outlook.mail.mails import ALL, SENT, Mails

_MOST = 300
_MOST_BY_ADDRESS = 200
_MOST_OF_A_THREAD = 200
_MOST_NEWEST = 40
_MOST_ADDRESSES = 60
_MOST_IDS = 60
_AT_ONCE = 10
_ADDRESS = re.compile(r"[^\s\"(){}<>\\,;:]{1,200}@[^\s\"(){}<>\\,;:@']{1,200}")


def search(mails: Mails, query: MailQuery) -> list[Message]:
    """What ``ports.Mail.find`` promises, at most 300 mails."""
    found: dict[str, Message] = {}
    for message in _candidates(mails, query):
        if _matches(message, query):
            found[message.ref] = message
        if len(found) >= _MOST:
            break
    return sorted(found.values(), key=lambda message: (message.date, message.ref), reverse=True)


def _candidates(mails: Mails, query: MailQuery) -> Iterator[Message]:
    """Mails that may match, each one perhaps several times. No filter is sorted: Outlook refuses many that are."""
    for thread in sorted(query.threads)[:_MOST_IDS]:
        yield from mails.listed(ALL, {"$filter": f"conversationId eq {literal(thread)}"}, _MOST_OF_A_THREAD)
    for message_id in sorted(query.message_ids)[:_MOST_IDS]:
        yield from mails.listed(ALL, {"$filter": f"internetMessageId eq {literal(message_id)}"}, _AT_ONCE)
    addresses = [address for address in sorted(query.addresses) if _ADDRESS.fullmatch(address)][:_MOST_ADDRESSES]
    if not addresses:
        return
    yield from mails.listed(SENT, {"$orderby": "receivedDateTime desc"}, _MOST_NEWEST)
    for some in _in_chunks(addresses):
        senders = " or ".join(f"from/emailAddress/address eq {literal(address)}" for address in some)
        yield from mails.listed(ALL, {"$filter": _since(query.since) + f"({senders})"}, _MOST_BY_ADDRESS)
        people = " OR ".join(f"participants:{address}" for address in some)
        yield from mails.listed(ALL, {"$search": f'"{people}"'}, _MOST_BY_ADDRESS)


def _since(since: datetime | None) -> str:
    return f"receivedDateTime ge {written(since)} and " if since is not None else ""


def _matches(message: Message, query: MailQuery) -> bool:
    if query.since is not None and message.date < query.since:
        return False
    people = {person.email for person in (*message.to, *message.cc, *message.reply_to)}
    people |= {message.sender.email} if message.sender else set()
    return message.thread in query.threads or bool(people & query.addresses) or message.message_id in query.message_ids


def _in_chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
