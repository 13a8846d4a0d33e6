"""The part of OData's ``$filter`` that Outlook's mail knows, and the sort orders it allows beside one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fakes.microsoft.call import ApiError
from fakes.microsoft.mail_events import values
from fakes.microsoft.mail_items import Mail
from fakes.microsoft.mail_mailbox import Mailbox
from fakes.microsoft.mail_properties import named

Test = Callable[[Mail], bool]
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([()])|,|([^\s()',]+))")
_ANY = re.compile(
    r"\s*singleValueExtendedProperties/any\(\s*(\w+)\s*:\s*\1/id eq '((?:[^']|'')*)'"
    r"(?:\s+and\s+\1/value (eq|ne) (?:'((?:[^']|'')*)'|(null)))?\s*\)",
    re.IGNORECASE,
)
_TEXTS: dict[str, Callable[[Mailbox, Mail], str]] = {
    "conversationId": lambda box, mail: mail.thread,
    "internetMessageId": lambda box, mail: mail.message_id,
    "parentFolderId": lambda box, mail: box.folder_id(mail.folder),
    "subject": lambda box, mail: mail.subject.casefold(),
    "importance": lambda box, mail: mail.importance,
    "from/emailAddress/address": lambda box, mail: mail.sender.email.casefold(),
    "sender/emailAddress/address": lambda box, mail: mail.sender.email.casefold(),
}
_TIMES: dict[str, Callable[[Mail], datetime]] = {
    "receivedDateTime": lambda mail: mail.received,
    "sentDateTime": lambda mail: mail.sent,
    "createdDateTime": lambda mail: mail.created,
    "lastModifiedDateTime": lambda mail: mail.modified,
}
_FLAGS: dict[str, Callable[[Mail], bool]] = {
    "isDraft": lambda mail: mail.is_draft,
    "isRead": lambda mail: mail.is_read,
    "hasAttachments": lambda mail: bool(mail.attachments),
}
_COMPARED: dict[str, Callable[[datetime, datetime], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
}


@dataclass
class Filter:
    """A filter that was read. ``properties`` are those it names, in order."""

    box: Mailbox
    text: str
    properties: list[str] = field(default_factory=list)
    _at: int = 0

    def __post_init__(self) -> None:
        self.matches = self._either()
        if self.text[self._at :].strip():
            raise invalid(self.text)

    def _either(self) -> Test:
        tests = [self._both()]
        while self._takes("or"):
            tests.append(self._both())
        return lambda mail: any(test(mail) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._takes("and"):
            tests.append(self._one())
        return lambda mail: all(test(mail) for test in tests)

    def _one(self) -> Test:
        if self._takes("not"):
            test = self._one()
            return lambda mail: not test(mail)
        if self._takes("("):
            test = self._either()
            if not self._takes(")"):
                raise invalid(self.text)
            return test
        extended = _ANY.match(self.text, self._at)
        if extended is not None:
            self._at = extended.end()
            return self._extended(extended)
        name, value = self._next(), ""
        if name in ("startswith", "contains") and self._takes("("):
            path, value = self._next(), _literal(self._next())
            if not self._takes(")") or path not in _TEXTS:
                raise invalid(self.text)
            self.properties.append(path)
            return self._within(name, path, value.casefold())
        operator, value = self._next(), self._next()
        self.properties.append(name)
        return self._compared(name, operator, value)

    def _extended(self, found: re.Match[str]) -> Test:
        wanted = named(found[2].replace("''", "'"))
        value = (found[4] or "").replace("''", "'").casefold()
        if found[3] is None or (found[5] and found[3].lower() == "ne"):
            return lambda mail: wanted in values(mail)
        if found[5] or found[3].lower() == "ne":
            raise invalid(self.text)
        return lambda mail: wanted in (kept := values(mail)) and kept[wanted].casefold() == value

    def _within(self, how: str, path: str, value: str) -> Test:
        read = _TEXTS[path]
        if how == "startswith":
            return lambda mail: read(self.box, mail).casefold().startswith(value)
        return lambda mail: value in read(self.box, mail).casefold()

    def _compared(self, name: str, operator: str, value: str) -> Test:
        if name in _TEXTS and operator in ("eq", "ne") and value.startswith("'"):
            text, read = _literal(value), _TEXTS[name]
            text = text if name.endswith("Id") else text.casefold()
            return lambda mail: (read(self.box, mail) == text) is (operator == "eq")
        if name in _TIMES and operator in _COMPARED:
            moment, when, compare = _moment(value, self.text), _TIMES[name], _COMPARED[operator]
            return lambda mail: compare(when(mail), moment)
        if name in _FLAGS and operator in ("eq", "ne") and value in ("true", "false"):
            flag = _FLAGS[name]
            return lambda mail: flag(mail) is ((value == "true") is (operator == "eq"))
        raise invalid(self.text)

    def _takes(self, word: str) -> bool:
        found = _TOKEN.match(self.text, self._at)
        if found is None or found[0].strip() != word:
            return False
        self._at = found.end()
        return True

    def _next(self) -> str:
        found = _TOKEN.match(self.text, self._at)
        while found is not None and found[0].strip() == ",":
            self._at = found.end()
            found = _TOKEN.match(self.text, self._at)
        if found is None or found[2]:
            raise invalid(self.text)
        self._at = found.end()
        return found[0].strip()


def sorted_by(mails: list[Mail], order: str, chosen: Filter | None) -> list[Mail]:
    """In the order asked for; beside a filter only properties it begins with can be sorted by."""
    if not order:
        return sorted(mails, key=lambda mail: (mail.received, mail.number), reverse=True)
    wanted = [part.split() for part in order.split(",")]
    if any(words[0] not in _TIMES or words[1:] not in ([], ["asc"], ["desc"]) for words in wanted):
        raise ApiError(400, "ErrorInvalidUrlQueryOrderBy", "The sort order is not supported.")
    names = [words[0] for words in wanted]
    if chosen is not None and chosen.properties[: len(names)] != names:
        message = "The restriction or sort order is too complex for this operation."
        raise ApiError(400, "InefficientFilter", message)
    for words in reversed(wanted):
        mails = sorted(mails, key=_TIMES[words[0]], reverse=words[1:] == ["desc"])
    return mails


def invalid(text: str) -> ApiError:
    message = "The query filter contains one or more invalid nodes."
    return ApiError(400, "ErrorInvalidUrlQueryFilter", message if text else "The filter is empty.")


def _literal(text: str) -> str:
    if not text.startswith("'"):
        raise invalid(text)
    return text[1:-1].replace("''", "'")


def _moment(text: str, whole: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as unreadable:
        raise invalid(whole) from unreadable
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
