"""Content lines of one iCalendar component: unfolded, decoded, split and unescaped (RFC 5545 §3.1), fast and forgiving.

Everything in a calendar file is foreign text, so the cleaning of control and direction characters happens here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_TEXT = 65_536
"""Characters kept of any text field."""

_BIG_BLOCK = 1_000_000
_LONGEST_LINE = 4 * MOST_TEXT
_MOST_LINES = 20_000
_LONGEST_HEAD = 4096

_FOLD = re.compile(rb"\r{0,2}\n[ \t]")
_PARAMETER = re.compile(r'([A-Za-z0-9-]{1,60})=("[^"]*"|[^";]*)((?:[^";]|"[^"]*")*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_UNWANTED = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_DIRECTIONS}]")
_CARET = {"^n": "\n", "^^": "^", "^'": '"'}


class Line(NamedTuple):
    """One property: its upper-case name, its parameters as written, its value as written."""

    name: str
    parameters: str
    value: str

    def parameter(self, name: str) -> str:
        """The value of a parameter without its quotes; "" when absent. RFC 6868 escapes are decoded."""
        return parse_parameters(self.parameters).get(name, "") if self.parameters else ""


def parse_parameters(text: str) -> dict[str, str]:
    """``;CN="Fox, Dana";ROLE=CHAIR`` as upper-case names and values; of a name given twice the first counts."""
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(text[:_LONGEST_HEAD]):
        value = (match[2] + match[3]).replace('"', "")
        if "^" in value:
            value = re.sub(r"\^[n^']", lambda m: _CARET[m[0]], value)
        found.setdefault(match[1].upper(), value.strip())
    return found


def content_lines(block: bytes) -> Iterator[Line]:
    """The properties of one component block, those of nested components (VALARM) left out.

    UTF-8; lines that are not are read as Windows-1252. A line without a colon is no property and is passed over.
    """
    depth = 0
    for text in decode(unfold(block)).split("\n"):
        head, colon, value = text.partition(":")
        if not colon:
            continue
        if '"' in head and head.count('"') % 2:
            head, value = _split_quoted(text)
        name, _, parameters = head.partition(";")
        name = name.upper()
        if name == "BEGIN":
            depth += 1
        elif name == "END":
            depth -= 1
        elif depth <= 1:
            yield Line(name, parameters, value.rstrip("\r"))


def _split_quoted(text: str) -> tuple[str, str]:
    """Splits at the first colon outside quotes; with an unclosed quote at the first colon."""
    quoted = False
    for index, character in enumerate(text[:_LONGEST_HEAD]):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return text[:index], text[index + 1 :]
    head, _, value = text.partition(":")
    return head.replace('"', ""), value


def unfold(block: bytes) -> bytes:
    """Joins folded lines on bytes, because a fold may split a character; huge blocks are cut to a bounded size."""
    if b"\n " in block or b"\n\t" in block:
        block = _FOLD.sub(b"", block)
    if len(block) > _BIG_BLOCK:
        block = b"\n".join(_cut(line) for line in block.split(b"\n", _MOST_LINES)[:_MOST_LINES])
    return block


def _cut(line: bytes) -> bytes:
    if len(line) <= _LONGEST_LINE:
        return line
    end = _LONGEST_LINE
    while end > _LONGEST_LINE - 4 and line[end] & 0xC0 == 0x80:  # never inside a UTF-8 character
        end -= 1
    return line[:end]


def decode(raw: bytes) -> str:
    """UTF-8, or line by line Windows-1252 (Latin-1 for its holes) where it is not."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return "\n".join(_decode_line(line) for line in raw.split(b"\n"))


def _decode_line(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def unescape(value: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11): ``\\n``, ``\\,``, ``\\;`` and ``\\\\``; other escapes lose their backslash."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def split_list(value: str) -> list[str]:
    """The unescaped items of a comma-separated TEXT list; escaped commas belong to an item."""
    return [unescape(item) for item in re.findall(r"(?:\\.|[^\\,])+", value, re.DOTALL)]


def one_line(text: str) -> str:
    """Foreign text for one line: white space collapsed, control and direction characters gone."""
    text = " ".join(text[:MOST_TEXT].split())
    return text if text.isprintable() else _UNWANTED.sub("", text)


def many_lines(text: str) -> str:
    """Foreign text with its line breaks as ``\\n``; control and direction characters gone."""
    text = text[:MOST_TEXT]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWANTED.sub("", text).strip()
