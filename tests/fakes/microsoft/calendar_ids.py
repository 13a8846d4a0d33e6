"""The names of the fake's events: two forms of every id, the ids of occurrences, and Exchange's global object ids."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

REGULAR = "AAMkADAwATM0MDAAMS1iNTcwAGI2ZS0wMAItMDAKAEYAAAP-"
IMMUTABLE = "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A"
TWINS = ("Kq-", "Kq_", "kq-", "kQ/")
"""Four ids in a row differ by no more than case, ``-``, ``_`` and ``/``."""
EXCHANGE = "040000008200E00074C5B7101A82E008"
_OF_AN_OCCURRENCE = re.compile(r"(.+)FRAAgI(\d{8})AAAA==")


@dataclass(frozen=True)
class Ids:
    """Both forms; which one is shown is up to ``Prefer: IdType``."""

    regular: str
    immutable: str

    def shown(self, *, immutable: bool) -> str:
        return self.immutable if immutable else self.regular

    def occurrence(self, key: str) -> Ids:
        """The ids of a series' occurrence on a date: they come from the date it was planned for."""
        return Ids(*(f"{own.rstrip('=')}FRAAgI{key}AAAA==" for own in (self.regular, self.immutable)))


def numbered(number: int) -> Ids:
    middle = f"{number // len(TWINS):05d}{TWINS[number % len(TWINS)]}AAA="
    return Ids(REGULAR + middle, IMMUTABLE + middle)


def named(immutable: str, number: int = 0) -> Ids:
    """Ids of which the immutable one is given. ``number`` tells apart what an item had in several calendars."""
    own = base64.urlsafe_b64encode(immutable.encode()).decode()
    return Ids(f"{REGULAR}{number:03d}{own}", immutable)


def split(ref: str) -> tuple[str, str]:
    """The id of a series without its padding and the date of an occurrence's id; the date is empty for any other."""
    found = _OF_AN_OCCURRENCE.fullmatch(ref)
    return (found[1], found[2]) if found else (ref, "")


def is_malformed(ref: str) -> bool:
    return not re.fullmatch(r"[\w+/=@.~-]+", ref)


def global_object_id(number: int) -> str:
    """The iCalUId of a meeting made in Exchange."""
    data = f"{number:032X}"
    return f"{EXCHANGE}{'0' * 8}C3A4945E8A0EDB01{'0' * 16}10000000{data}"


def wrapping(uid: str) -> str:
    """The global object id by which Exchange keeps the UID of a foreign invitation."""
    data = b"vCal-Uid\x01\x00\x00\x00" + uid.encode() + b"\x00"
    size = len(data).to_bytes(4, "little").hex().upper()
    return f"{EXCHANGE}{'0' * 8}{'0' * 16}{'0' * 16}{size}{data.hex().upper()}"


def of_an_occurrence(ical_uid: str, key: str) -> str:
    """The same with the occurrence's date in it; a foreign UID has no place for one."""
    if not ical_uid.upper().startswith(EXCHANGE):
        return ical_uid
    date = f"{int(key[:4]):04X}{int(key[4:6]):02X}{int(key[6:]):02X}"
    return f"{ical_uid[:32]}{date}{ical_uid[40:]}"


def change_key(number: int) -> str:
    return base64.b64encode(b"\x09\x00\x00\x00" + number.to_bytes(12, "big")).decode()


def etag(number: int) -> str:
    return f'W/"{change_key(number)}"'
