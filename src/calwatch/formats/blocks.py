"""Finds the components of an iCalendar file as stretches of bytes, in one forward scan that copies nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from mmap import mmap

    Data: TypeAlias = bytes | mmap

_LINE_END = b"\r\n \t"
_MARKS = re.compile(rb"(?im)^(begin|end):(vevent|vcalendar|vtimezone|valarm|standard|daylight)(?=[ \t\r\n]|\Z)")


class Stretch(NamedTuple):
    """``data[start:end]`` from BEGIN to END inclusive; ``closed`` is false when the END is missing."""

    start: int
    end: int
    closed: bool


def normalise(data: Data) -> Data:
    """The same file as UTF-8-like bytes with ``\\n`` in its line ends and its BEGIN/END lines in upper case.

    Costs nothing for the usual file; only odd ones (UTF-16, old Mac line ends, lower case) are copied.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data[:].decode("utf-16", errors="replace").encode()
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    head = data[:4096]
    if b"\r" in head and b"\n" not in head:
        data = data[:].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"BEGIN:V" not in head and b"begin:v" in head.lower():
        data = _MARKS.sub(lambda match: match[0].upper(), data)
    return data


def stretches(data: Data, name: bytes, start: int = 0) -> Iterator[Stretch]:
    """All components called ``name``; one that begins before the last has ended leaves that one unclosed."""
    opening, closing = b"BEGIN:" + name, b"END:" + name
    begin, end = _find_line(data, opening, start), start
    while begin >= 0:
        if 0 <= end < begin:  # looked for once per END, not once per BEGIN: a file of BEGINs alone stays cheap
            end = _find_line(data, closing, begin)
        stop = len(data) if end < 0 else end + len(closing)
        following = _find_line(data, opening, begin + len(opening), stop)
        if following >= 0:
            yield Stretch(begin, following, closed=False)
            begin = following
        else:
            yield Stretch(begin, stop, closed=end >= 0)
            begin = _find_line(data, opening, stop)


def _find_line(data: Data, text: bytes, start: int, stop: int | None = None) -> int:
    """Where ``text`` stands as a whole line, -1 if nowhere; folded text never looks like one."""
    limit = len(data) if stop is None else stop
    position = data.find(text, start, limit)
    while position >= 0:
        after = position + len(text)
        if (position == 0 or data[position - 1] == 10) and (after >= len(data) or data[after] in _LINE_END):
            return position
        position = data.find(text, after, limit)
    return -1
