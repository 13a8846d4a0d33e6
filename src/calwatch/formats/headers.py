"""Mail headers read from hostile bytes and written from checked values; the part of MIME where injections happen."""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.utils import formataddr, getaddresses, parsedate_to_datetime

from calwatch.errors import Rejected
from calwatch.model.event import Person
from calwatch.model.message import Content
from calwatch.model.plain import one_line

_WORD = re.compile(r"=\?([A-Za-z0-9_.:*-]{1,60})\?([bBqQ])\?([^?\s]{0,4000})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]{1,40}(=\?)")
_ADDRESS = re.compile(  # longer local parts than RFC 5321 allows: hiring systems put reply tokens there
    r"[^\s<>@,;:\"()\[\]\\]{1,200}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}"
)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_LONGEST = 64_000
_LINE = 78
_OCTETS = 39
"""Of text in one encoded word: with ``Subject: `` before it 73 characters, where RFC 2047 §2 allows 76."""

_CHARSETS = re.compile(
    r"utf-?(?:8|16|32)\S{0,8}|ascii|iso8859-\d{1,2}|cp\d{3,4}|koi8-[rut]|mac-\S{1,12}|gb\w{1,6}|big5\w{0,6}|hz"
    r"|euc_\w{1,12}|iso2022_\w{1,8}|shift_jis\w{0,6}|johab|tis-620|ptcp154|hp-roman8|utf_8_sig"
)


def decode(data: bytes, charset: str) -> str:
    """``data`` as text: by ``charset`` if that is a known text encoding and fits, else UTF-8, else Windows-1252."""
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup(name.strip().strip("\"'") or "utf-8")
            if _CHARSETS.fullmatch(codec.name):  # never idna, punycode, unicode_escape and other slow or odd codecs
                return data.decode(codec.name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", errors="replace")


def decode_words(value: str) -> str:
    """A header value with its encoded words read (RFC 2047), on one line and free of control characters."""
    raw = value[:_LONGEST].encode("utf-8", "surrogateescape")
    text = _BETWEEN_WORDS.sub(r"\1\2", decode(raw, "utf-8"))
    return one_line(_WORD.sub(_decode_word, text), limit=4_000)


def _decode_word(word: re.Match[str]) -> str:
    charset, encoding, body = word[1].partition("*")[0], word[2].lower(), word[3]
    try:
        if encoding == "b":
            data = binascii.a2b_base64(body + "=" * (-len(body) % 4))
        else:
            data = quopri.decodestring(body.replace("_", " ").encode("ascii", "replace"), header=False)
    except (binascii.Error, ValueError):
        return word[0]
    return decode(data, charset)


def people(values: Iterable[str]) -> tuple[Person, ...]:
    """The addressees of To-like headers; what is not a plain address is left out. At most 500."""
    found: dict[str, Person] = {}
    for value in values:
        if value.count("(") > 50:  # nested comments make the address parser recurse
            value = value.replace("(", " ").replace(")", " ")
        for name, address in getaddresses([" ".join(value[:_LONGEST].split())])[:500]:
            email = plain_address(address)
            if email is not None:
                found.setdefault(email, Person(email, decode_words(name)))
    return tuple(found.values())


def plain_address(value: str) -> str | None:
    """The lower-case address ``value`` is, ``None`` when it is not a plain one."""
    email = one_line(value, limit=400).lower()
    return email if _ADDRESS.fullmatch(email) else None


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """The ids of Message-ID, In-Reply-To or References headers, in order, with their angle brackets."""
    return tuple(dict.fromkeys(i for value in values for i in _MESSAGE_ID.findall(value[:_LONGEST])))


def moment(value: str) -> datetime | None:
    """A Date header in UTC, ``None`` if it says nothing; without an offset it is taken as UTC (RFC 5322 §3.3)."""
    try:
        parsed = parsedate_to_datetime(value[:200])
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def subject_line(subject: str) -> bytes:
    """The Subject header, folded (RFC 5322 §2.2.3), that every reader gives back as ``subject``; no line end after it.

    Plain where that is exact, else in encoded words (RFC 2047): the library's own folding may begin with a fold, which
    many programs read as a leading blank.
    """
    words = subject.split(" ")
    if subject.isascii() and "=?" not in subject and "\t" not in subject and all(words):
        lines = ["Subject:"]
        for word in words:
            if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1] != "Subject:":
                lines.append("")
            lines[-1] += f" {word}"
        if all(len(line) <= _LINE for line in lines):
            return "\r\n".join(lines).encode("ascii")
    return b"Subject: " + b"\r\n ".join(_encoded(subject))


def address_line(name: str, addresses: Iterable[Address]) -> bytes:
    """A To-like header, one address a line, that every reader gives back as ``addresses``; no line end after it.

    The library can fold the comma between two addresses into an encoded word, and the second is lost with it.
    """
    return f"{name}: ".encode("ascii") + b",\r\n ".join(_address(one) for one in addresses)


def _address(one: Address) -> bytes:
    name = one.display_name
    if name.isascii() and "=?" not in name:
        return formataddr((name, one.addr_spec)).encode("ascii")
    return b"\r\n ".join([*_encoded(name), f"<{one.addr_spec}>".encode("ascii")])


def _encoded(text: str) -> list[bytes]:
    return [b"=?utf-8?b?%b?=" % binascii.b2a_base64(piece, newline=False) for piece in _pieces(text)]


def _pieces(text: str) -> list[bytes]:
    """``text`` in UTF-8, in pieces short enough for one encoded word each and never cut inside a character."""
    pieces = [b""]
    for character in text:
        octets = character.encode("utf-8")
        if len(pieces[-1]) + len(octets) > _OCTETS:
            pieces.append(b"")
        pieces[-1] += octets
    return pieces


def check(content: Content) -> None:
    """Raises ``Rejected`` unless every header value of ``content`` is one clean line and every address a plain one."""
    values = [("The subject", content.subject)]
    for person in (*content.to, *content.cc, *content.bcc):
        values += [("A recipient's name", person.name), ("A recipient's address", person.email)]
        if not _ADDRESS.fullmatch(person.email):
            raise Rejected(f"{one_line(person.email, limit=80)!r} is not a mail address; nothing was stored.")
    for what, value in values:
        if any(ord(c) < 32 or 127 <= ord(c) < 160 or 0xD800 <= ord(c) < 0xE000 for c in value):
            raise Rejected(f"{what} contains a line break or control character; nothing was stored.")
