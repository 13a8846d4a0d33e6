"""The UID of an appointment as the whole world knows it, from what Exchange makes of it; for calendar and mail alike.

Exchange names appointments by a global object id: one of its own, in which the date of a single occurrence may be
written, or one wrapped around the UID of a foreign invitation (MS-OXCICAL 2.1.3.1.1.20.26).
"""

from __future__ import annotations

import base64
import binascii
import re

_ID = "040000008200E00074C5B7101A82E008"
_DATE = slice(32, 40)
_DATA = 80
_FOREIGN = b"vCal-Uid\x01\x00\x00\x00"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){41,1000}", re.ASCII)
_LONGEST = 1000


def plain_uid(uid: str) -> str:
    """The UID that all copies and occurrences of an appointment share; what is not Exchange's stays as it is."""
    text = uid.strip()[:_LONGEST]
    if not (_HEX.fullmatch(text) and text[:32].upper() == _ID):
        return text
    known = text.upper()
    data = bytes.fromhex(known[_DATA:])
    if data.startswith(_FOREIGN):
        foreign = data[len(_FOREIGN) :].split(b"\0", 1)[0].decode("utf-8", "replace")
        if foreign.isprintable() and foreign.strip():
            return foreign.strip()
    return known[: _DATE.start] + "00000000" + known[_DATE.stop :]


def uid_of_property(value: str) -> str:
    """The UID from the base64 of a mail's GlobalObjectId property; ``""`` when it is none."""
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return ""
    text = data[:_LONGEST].hex().upper()
    return plain_uid(text) if text.startswith(_ID) and _HEX.fullmatch(text) else ""
