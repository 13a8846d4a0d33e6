"""MAPI properties as Graph names them: what a client may store on a mail, and what Exchange keeps there itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fakes.microsoft.call import ApiError

MEETING = "6ed8da90-450b-101b-98da-00aa003f1305"
APPOINTMENT = "00062002-0000-0000-c000-000000000046"
_NUMBERS = ("Currency", "Double", "Float", "Integer", "Long", "Short")
_TYPES = frozenset({"ApplicationTime", "Binary", "Boolean", "CLSID", *_NUMBERS, "String", "SystemTime"})
_WRITTEN = re.compile(
    r"(?P<type>\w+) (?:0x(?P<tag>[0-9A-Fa-f]{1,4})"
    r"|\{(?P<set>[0-9A-Fa-f-]{36})\} (?:Name (?P<name>.+)|Id (?P<id>0x[0-9A-Fa-f]{1,4}|\d{1,5})))"
)


@dataclass(frozen=True)
class Property:
    """Which property is meant, however it was written. Names of named ones are case-sensitive."""

    kind: str
    tag: int = 0
    of: str = ""
    name: str = ""
    number: int = 0

    def __str__(self) -> str:
        """As answers name it: hexadecimal without leading zeros, sets in lower case."""
        if not self.of:
            return f"{self.kind} 0x{self.tag:x}"
        return f"{self.kind} {{{self.of}}} " + (f"Name {self.name}" if self.name else f"Id 0x{self.number:x}")


def named(text: str) -> Property:
    """The property a client names; raises the 400 for what is none."""
    found = _WRITTEN.fullmatch(text)
    if found is None or found["type"] not in _TYPES:
        raise ApiError(400, "ErrorInvalidExtendedProperty", "The extended property attribute combination is invalid.")
    if found["tag"]:
        return Property(found["type"], tag=int(found["tag"], 16))
    number = int(found["id"], 16 if found["id"].startswith("0x") else 10) if found["id"] else 0
    return Property(found["type"], of=found["set"].lower(), name=found["name"] or "", number=number)


MESSAGE_CLASS = Property("String", tag=0x1A)
TRANSPORT_HEADERS = Property("String", tag=0x7D)
INTERNET_MESSAGE_ID = Property("String", tag=0x1035)
REFERENCES = Property("String", tag=0x1039)
IN_REPLY_TO = Property("String", tag=0x1042)
GLOBAL_OBJECT_ID = Property("Binary", of=MEETING, number=0x3)
CLEAN_GLOBAL_OBJECT_ID = Property("Binary", of=MEETING, number=0x23)
OWNER_CRITICAL_CHANGE = Property("SystemTime", of=MEETING, number=0x1A)
ATTENDEE_CRITICAL_CHANGE = Property("SystemTime", of=MEETING, number=0x1)
SEQUENCE = Property("Integer", of=APPOINTMENT, number=0x8201)
LOCATION = Property("String", of=APPOINTMENT, number=0x8208)
STARTS = Property("SystemTime", of=APPOINTMENT, number=0x820D)
ENDS = Property("SystemTime", of=APPOINTMENT, number=0x820E)
OF_OCCURRENCE = Property("SystemTime", of=APPOINTMENT, number=0x8228)
PROPOSED_START = Property("SystemTime", of=APPOINTMENT, number=0x8250)
PROPOSED_END = Property("SystemTime", of=APPOINTMENT, number=0x8251)
IS_PROPOSAL = Property("Boolean", of=APPOINTMENT, number=0x8257)
