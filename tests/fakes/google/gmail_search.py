"""Gmail's search language, as far as anybody here speaks it: the ``q`` of messages.list, threads.list, drafts.list."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fakes.google import gmail_mime


@dataclass(frozen=True)
class Entry:
    """One mail as the index knows it."""

    raw: bytes
    labels: frozenset[str]
    internal: datetime


Test = Callable[[Entry], bool]

_FIELDS = ("from", "to", "cc", "bcc", "subject", "filename", "rfc822msgid", "in", "label", "is", "has", "after",
           "before", "newer_than", "older_than", "newer", "older")  # fmt: skip
_TOKEN = re.compile(
    rf'"[^"]*"|[(){{}}]|(?<![^\s({{])-(?=\S)|(?:{"|".join(_FIELDS)}):(?=\S)|[^\s(){{}}"]+', re.IGNORECASE
)
_HEADERS = {"from": ("From",), "to": ("To", "Cc", "Bcc"), "cc": ("Cc",), "bcc": ("Bcc",)}
_PLACES = {"sent": "SENT", "drafts": "DRAFT", "draft": "DRAFT", "inbox": "INBOX", "trash": "TRASH", "spam": "SPAM"}
_UNITS = {"h": 1 / 24, "d": 1, "m": 30, "y": 365}


@dataclass(frozen=True)
class Query:
    """``everywhere``: whether trash and spam were asked for."""

    matches: Test
    everywhere: bool


def understood(text: str, now: datetime) -> Query:
    """``text`` as a test of mails. What is no operator is a word that must occur."""
    tokens = _TOKEN.findall(text)
    places = {token.lower() for before, token in itertools.pairwise(tokens) if before.lower() == "in:"}
    return Query(_Parser(tokens, now).all_of("", ""), bool(places & {"trash", "spam", "anywhere"}))


class _Parser:
    def __init__(self, tokens: list[str], now: datetime) -> None:
        self._tokens = tokens
        self._now = now

    def all_of(self, field: str, closing: str) -> Test:
        """Terms up to ``closing``: all must hold, but for those joined by OR (or by braces), of which one must."""
        groups: list[list[Test]] = []
        joining = False
        while self._tokens:
            token = self._tokens.pop(0)
            if token == closing:
                break
            if token == "OR":
                joining = True
                continue
            if token == "AND":
                continue
            test = self._term(token, field)
            if groups and (joining or closing == "}"):
                groups[-1].append(test)
            else:
                groups.append([test])
            joining = False
        return lambda entry: all(any(test(entry) for test in group) for group in groups)

    def _term(self, token: str, field: str) -> Test:
        if token == "-" and self._tokens:
            inner = self._term(self._tokens.pop(0), field)
            return lambda entry: not inner(entry)
        if token in ("(", "{"):
            return self.all_of(field, ")" if token == "(" else "}")
        if token.endswith(":") and token[:-1].lower() in _FIELDS and self._tokens:
            return self._term(self._tokens.pop(0), token[:-1].lower())
        return _test(field, token.strip('"'), self._now)


def _test(field: str, value: str, now: datetime) -> Test:
    low = value.lower()
    if field in _HEADERS:
        names = _HEADERS[field]
        return lambda entry: any(_within(value, gmail_mime.header(entry.raw, name)) for name in names)
    match field:
        case "subject":
            return lambda entry: _within(value, gmail_mime.header(entry.raw, "Subject"))
        case "rfc822msgid":
            wanted = value.strip("<>")
            return lambda entry: any(i.strip("<>") == wanted for i in gmail_mime.ids(entry.raw, "Message-ID"))
        case "filename":
            return lambda entry: any(_within(value, gmail_mime.filename(p)) for _, p in gmail_mime.parts(entry.raw))
        case "in" | "label" | "is":
            if low == "anywhere":
                return lambda entry: True
            return lambda entry: _PLACES.get(low, value.upper()) in entry.labels
        case "has":
            return lambda entry: any(gmail_mime.filename(part) for _, part in gmail_mime.parts(entry.raw))
        case "after" | "newer":
            moment = _moment(value)
            return lambda entry: entry.internal >= moment
        case "before" | "older":
            moment = _moment(value)
            return lambda entry: entry.internal < moment
        case "newer_than":
            limit = now - timedelta(days=int(low[:-1]) * _UNITS[low[-1]])
            return lambda entry: entry.internal >= limit
        case "older_than":
            limit = now - timedelta(days=int(low[:-1]) * _UNITS[low[-1]])
            return lambda entry: entry.internal < limit
    return lambda entry: any(_within(value, text) for text in _texts(entry.raw))


def _texts(raw: bytes) -> Iterable[str]:
    yield from (gmail_mime.header(raw, name) for name in ("Subject", "From", "To", "Cc"))
    yield gmail_mime.text_of(raw)


def _within(value: str, text: str) -> bool:
    """Whether the words of ``value`` occur in ``text`` one after the other; case and punctuation do not count."""
    wanted, there = (re.findall(r"\w+", part.casefold()) for part in (value, text))
    return any(there[i : i + len(wanted)] == wanted for i in range(len(there) - len(wanted) + 1)) if wanted else False


def _moment(value: str) -> datetime:
    if value.isdigit() and len(value) > 4:
        return datetime.fromtimestamp(int(value), UTC)
    year, month, day = (int(part) for part in re.split(r"[/-]", value))
    return datetime(year, month, day, tzinfo=UTC)
