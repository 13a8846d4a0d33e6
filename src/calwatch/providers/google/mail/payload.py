"""Gmail's JSON of one mail, turned back into RFC 5322 bytes, so that every provider's mail is read by the same parser.

Only what calwatch reads is rebuilt: the headers, the texts and the calendar parts, each bounded. Whatever else is
attached is left where it is. Nothing in the JSON is trusted: any shape of it gives some mail.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Fetch = Callable[[str], bytes]
"""Gives the content of an attachment by its id."""

_MOST_PARTS = 200
_MOST_DEPTH = 50
_MOST_HEADERS = 500
_LONGEST_HEADER = 64_000
_LARGEST_TEXT = 4_000_000
_LARGEST_CALENDAR = 2_000_000
_MOST_FETCHED = 5
_BOUNDARY = "=_of_one_mail_="  # no line of base64 can be it
_TEXTS = ("text/plain", "text/html")
_CALENDARS = ("text/calendar", "application/ics")
_NAME = re.compile(r"[\x21-\x39\x3b-\x7e]{1,200}")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,60}")
_PARAMETER = r"""(?:^|;)\s*{name}\s*=\s*(?:"([^"]{{0,100}})"|([^\s;"]{{1,100}}))"""
_CHARSET = re.compile(_PARAMETER.format(name="charset"), re.IGNORECASE)
_METHOD = re.compile(_PARAMETER.format(name="method"), re.IGNORECASE)
_ONE_SENDER = re.compile(r"(.*)<([^<>]*)>\s*", re.DOTALL)
_SENDERS = ("from", "sender")


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    filename: str
    content_type: str
    attached: bool
    data: str
    attachment: str
    size: int

    @property
    def is_calendar(self) -> bool:
        return self.kind in _CALENDARS or self.filename.lower().endswith(".ics")

    @property
    def is_text(self) -> bool:
        return self.kind in _TEXTS and not self.attached and not self.filename


def mail_bytes(message: object, fetch: Fetch) -> bytes:
    """The mail a ``users.messages`` resource in format ``full`` or ``metadata`` describes.

    A mail without a Message-ID gets one made of its id here. Raises what ``fetch`` raises, and nothing else.
    """
    resource = mapping(message)
    payload = mapping(resource.get("payload"))
    lines = [f"{name}: {value}".encode("utf-8", "replace") for name, value in _headers(payload)]
    if not any(line.lower().startswith(b"message-id:") for line in lines):
        number = re.sub(r"[^0-9A-Za-z-]", "", text(resource.get("id")))[:100]
        lines.append(f"Message-ID: <{number}@unnamed.invalid>".encode())
    lines.append(f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{_BOUNDARY}"\r\n'.encode())
    for kind, data in _contents(payload, fetch):
        lines += [f"--{_BOUNDARY}\r\n{kind}\r\nContent-Transfer-Encoding: base64\r\n".encode("utf-8", "replace")]
        lines += [base64.encodebytes(data).replace(b"\n", b"\r\n")]
    lines.append(f"--{_BOUNDARY}--\r\n".encode())
    return b"\r\n".join(lines)


def header(message: object, name: str) -> str:
    """The first value of a header as Gmail gives it, ``""`` without."""
    pairs = _headers(mapping(mapping(message).get("payload")))
    return next((value for found, value in pairs if found.lower() == name.lower()), "")


def labels(message: object) -> frozenset[str]:
    """The ids of a message's labels."""
    return frozenset(text(label) for label in sequence(mapping(message).get("labelIds"))[:200])


def internal_date(message: object) -> datetime | None:
    """When Gmail took the message; ``None`` where it does not say."""
    told = mapping(message).get("internalDate")
    try:
        return datetime.fromtimestamp(int(told) / 1000, UTC) if isinstance(told, str | int) else None
    except (ValueError, OverflowError, OSError):
        return None


def decoded(data: object) -> bytes:
    """base64url as Gmail writes it, with or without its padding; what is no base64 is passed over."""
    plain = re.sub(rb"[^A-Za-z0-9+/]", b"", text(data).encode("ascii", "ignore").translate(_URL_SAFE))
    whole = plain[: -1 if len(plain) % 4 == 1 else None]
    try:
        return base64.b64decode(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _headers(part: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values, each value on one line; those that describe how the parts are packed are ours to write."""
    for given in sequence(part.get("headers"))[:_MOST_HEADERS]:
        name, value = text(mapping(given).get("name")), text(mapping(given).get("value"))
        if not _NAME.fullmatch(name) or name.lower().startswith("content-") or name.lower() == "mime-version":
            continue
        value = " ".join(value[:_LONGEST_HEADER].replace("\0", " ").split())
        yield name, _as_one_sender(value) if name.lower() in _SENDERS else value


def _as_one_sender(value: str) -> str:
    """A From with its name in quotes: Gmail decodes encoded words, and a comma out of one would make two senders."""
    found = _ONE_SENDER.fullmatch(value)
    if found is None:
        return value
    name = re.sub(r"\\(.)", r"\1", found[1].strip().strip('"'))
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{found[2].strip()}>' if name else f"<{found[2].strip()}>"


def _contents(payload: dict[str, Any], fetch: Fetch) -> Iterator[tuple[str, bytes]]:
    """(Content headers, bytes) of the parts that are read, in their order."""
    fetched = 0
    calendar_sizes: set[int] = set()
    for part in _leaves(payload):
        if not part.is_text and not part.is_calendar:
            continue
        most = _LARGEST_TEXT if part.is_text else _LARGEST_CALENDAR
        # An attached calendar as large as the one inline is that one again, as in every invitation of Google's.
        again = part.is_calendar and not part.data and part.size in calendar_sizes
        data = decoded(part.data[: 2 * most])
        if not data and part.attachment and not again and part.size <= most and fetched < _MOST_FETCHED:
            fetched += 1
            data = fetch(part.attachment)
        data = data[:most] if part.is_text else data
        if not data or len(data) > most:
            continue
        if part.is_calendar:
            calendar_sizes.add(len(data))
        yield _content_headers(part, data), data


def _leaves(payload: dict[str, Any]) -> Iterator[_Part]:
    """The parts that are no containers, depth first; attached mails are not entered."""
    waiting: list[tuple[int, dict[str, Any]]] = [(0, payload)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        depth, part = waiting.pop(0)
        kind = text(part.get("mimeType")).strip().lower()
        if kind.startswith("multipart/"):
            if depth < _MOST_DEPTH:
                inside = [mapping(child) for child in sequence(part.get("parts"))[:_MOST_PARTS]]
                waiting[:0] = [(depth + 1, child) for child in inside]
        elif not kind.startswith("message/"):
            yield _leaf(part, kind)


def _leaf(part: dict[str, Any], kind: str) -> _Part:
    body = mapping(part.get("body"))
    size = body.get("size")
    own = {text(mapping(h).get("name")).lower(): text(mapping(h).get("value")) for h in sequence(part.get("headers"))}
    return _Part(
        kind=kind,
        filename=text(part.get("filename")),
        content_type=own.get("content-type", ""),
        attached=own.get("content-disposition", "").strip().lower().startswith("attachment"),
        data=text(body.get("data")),
        attachment=text(body.get("attachmentId")),
        size=size if isinstance(size, int) else 0,
    )


def _content_headers(part: _Part, data: bytes) -> str:
    kind = f"Content-Type: {'text/calendar' if part.is_calendar else part.kind}; charset={_charset(part, data)}"
    if part.is_calendar and (method := _parameter(_METHOD, part.content_type)):
        kind += f"; method={method}"
    return kind


def _charset(part: _Part, data: bytes) -> str:
    """Gmail hands out most texts in UTF-8 whatever the mail declares, so UTF-8 is believed wherever it fits.

    What an escaping or a wide encoding wrote would fit as well, and is not UTF-8.
    """
    declared = _parameter(_CHARSET, part.content_type).lower()
    odd = (b"\x1b" in data and declared.startswith("iso-2022")) or (b"\0" in data and declared.startswith("utf-"))
    if declared and odd:
        return declared
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return declared or "utf-8"
    return "utf-8"


def _parameter(pattern: re.Pattern[str], value: str) -> str:
    found = pattern.search(value[:2_000])
    name = (found[1] or found[2] or "").strip() if found else ""
    return name if _TOKEN.fullmatch(name) else ""
