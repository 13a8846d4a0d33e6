"""What all components of one iCalendar file share: its METHOD and its time zone definitions."""

from __future__ import annotations

import re
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from calwatch.formats.blocks import stretches
from calwatch.formats.lines import decode, unfold
from calwatch.formats.moments import Zones

if TYPE_CHECKING:
    from calwatch.formats.blocks import Data

_MOST_ZONES = 500
_LONGEST_ZONE = 20_000
_METHOD = re.compile(rb"^METHOD[ \t]*:[ \t]*([A-Za-z-]{1,40})", re.MULTILINE | re.IGNORECASE)


class Header:
    """The head of a file; the zone definitions are read only when a TZID asks for them."""

    def __init__(self, data: Data) -> None:
        self._data = data
        first = data.find(b"\nBEGIN:VEVENT")
        head = data[: min(first if first >= 0 else len(data), 65_536)]
        match = _METHOD.search(head)
        self.method = match[1].decode("ascii").upper() if match else ""
        self._zones: dict[str, Zones] = {}

    @cached_property
    def definitions(self) -> dict[str, str]:
        """TZID → unfolded VTIMEZONE text."""
        found: dict[str, str] = {}
        for stretch in stretches(self._data, b"VTIMEZONE"):
            if len(found) == _MOST_ZONES:
                break
            text = decode(unfold(self._data[stretch.start : min(stretch.end, stretch.start + _LONGEST_ZONE)]))
            text = text.replace("\r", "")
            if match := re.search(r"^TZID(?:;[^:\n]*)?:(.*)$", text, re.MULTILINE | re.IGNORECASE):
                found.setdefault(match[1].strip().strip('"'), text)
        return found

    @cached_property
    def digest(self) -> bytes:
        """Changes with the method and with any time zone definition."""
        digest = blake2b(self.method.encode(), digest_size=16)
        for stretch in stretches(self._data, b"VTIMEZONE"):
            digest.update(self._data[stretch.start : stretch.end])
        return digest.digest()

    def zones(self, viewer_zone: str) -> Zones:
        if viewer_zone not in self._zones:
            self._zones[viewer_zone] = Zones(viewer_zone, lambda: self.definitions)
        return self._zones[viewer_zone]
