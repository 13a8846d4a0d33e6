"""Mail bytes as the fake Gmail shows them in JSON, and as it rewrites them on the way in."""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses
from html import escape, unescape
from typing import Any

_ADDRESSES = frozenset({"from", "to", "cc", "bcc", "reply-to", "sender"})
_ID = re.compile(r"<[^<>\s]+>")
_PREFIX = re.compile(r"^(?:(?:re|fwd?|aw|wg|sv|tr|rv|r)(?:\[\d+\])?:\s*)+", re.IGNORECASE)

Attached = Callable[[str, "Message[str, str]", int], str]
"""(part id, part, size) → the attachment id by which its bytes are to be fetched, "" when they are shown inline."""


@functools.lru_cache(maxsize=4096)
def parsed(raw: bytes) -> Message[str, str]:
    return message_from_bytes(raw, policy=policy.compat32)


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def decoded(text: str) -> bytes:
    """Raises ``ValueError`` for what is no base64url; padding may be missing."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("no base64url") from None


def shown(name: str, value: str) -> str:
    """A header value as the API gives it: unfolded, and for people and subjects with its encoded words read."""
    text = re.sub(r"\r?\n(?=[ \t])", "", value).encode("ascii", "surrogateescape").decode("utf-8", "replace").strip()
    if name.lower() in _ADDRESSES or name.lower() == "subject":
        try:
            return str(policy.default.header_factory(name, text))
        except (MessageError, ValueError, IndexError, AttributeError):
            return text
    return text


def header(raw: bytes, name: str) -> str:
    value = parsed(raw)[name]
    return "" if value is None else shown(name, str(value))


def headers(part: Message[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": shown(name, str(value))} for name, value in part.raw_items()]


def addresses(raw: bytes, *names: str) -> list[tuple[str, str]]:
    """(name, lower-case address) of these headers."""
    values = [str(value) for name in names for value in parsed(raw).get_all(name, [])]
    return [(shown("subject", name), email.lower()) for name, email in getaddresses(values) if email]


def ids(raw: bytes, *names: str) -> list[str]:
    return [found for name in names for found in _ID.findall(header(raw, name))]


def base_subject(raw: bytes) -> str:
    """What conversations are held together by, besides references."""
    return " ".join(_PREFIX.sub("", header(raw, "Subject")).split()).casefold()


def parts(raw: bytes) -> Iterator[tuple[str, Message[str, str]]]:
    """Every part with its part id, containers included; the whole mail has the id ""."""
    yield from _below("", parsed(raw))


def _below(path: str, part: Message[str, str]) -> Iterator[tuple[str, Message[str, str]]]:
    yield path, part
    if part.is_multipart():
        for number, child in enumerate(part.get_payload()):
            if isinstance(child, Message):
                yield from _below(f"{path}.{number}" if path else str(number), child)


def content(part: Message[str, str]) -> bytes:
    """The bytes of a leaf as the API gives them: text is UTF-8 whatever its Content-Type goes on saying."""
    if part.is_multipart():
        return b"".join(p.as_bytes() for p in part.get_payload() if isinstance(p, Message))
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return b""
    charset = str(part.get_param("charset") or "utf-8")
    if part.get_content_maintype() != "text" or charset.lower() in ("utf-8", "us-ascii"):
        return data
    try:
        return data.decode(charset).encode("utf-8")
    except (LookupError, UnicodeError):
        return data


def payload(raw: bytes, attached: Attached) -> dict[str, Any]:
    """``Message.payload`` of format "full"."""
    return _payload("", parsed(raw), attached)


def _payload(path: str, part: Message[str, str], attached: Attached) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "partId": path,
        "mimeType": part.get_content_type(),
        "filename": filename(part),
        "headers": headers(part),
        "body": {"size": 0},
    }
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        children = [p for p in part.get_payload() if isinstance(p, Message)]
        shape["parts"] = [
            _payload(f"{path}.{number}" if path else str(number), child, attached)
            for number, child in enumerate(children)
        ]
        return shape
    data = content(part)
    outside = attached(path, part, len(data))
    shape["body"] = {"size": len(data)} | ({"attachmentId": outside} if outside else {"data": encoded(data)})
    return shape


def filename(part: Message[str, str]) -> str:
    return shown("subject", str(part.get_filename() or ""))


def text_of(raw: bytes) -> str:
    """The plain text of a mail, line ends as ``\\n``."""
    for kind in ("text/plain", "text/html"):
        for _, part in parts(raw):
            if part.get_content_type() == kind and not part.is_multipart() and not filename(part):
                text = content(part).decode("utf-8", "replace").replace("\r\n", "\n")
                return text if kind == "text/plain" else unescape(re.sub(r"<[^<>]*>", " ", text))
    return ""


def snippet(raw: bytes) -> str:
    return escape(" ".join(text_of(raw).split())[:200])


def rewritten(raw: bytes, changes: Mapping[str, str], *, without: Callable[[str], bool] = lambda name: False) -> bytes:
    """``raw`` with these headers set (new ones on top) and those ``without`` names dropped; the rest byte for byte."""
    head, gap, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines: list[bytes] = []
    dropping = False
    wanted = {name.lower() for name in changes}
    for line in head.split(b"\n") if head else []:
        if not line.startswith((b" ", b"\t")):
            name = line.partition(b":")[0].strip().lower().decode("ascii", "replace")
            dropping = name in wanted or without(name)
        if not dropping:
            lines.append(line)
    new = [f"{name}: {value}".encode() for name, value in changes.items() if value]
    return (b"\n".join([*new, *lines]) + (gap or b"\n\n") + body).replace(b"\n", b"\r\n")
