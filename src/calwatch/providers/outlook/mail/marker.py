"""Extended properties of mails: our marks on drafts, and what Exchange keeps of a mail without a field in Graph.

The marks stay in the person's mailbox. They are in no header of the mail that leaves, but within one organization
Exchange may hand such properties on: their names say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from calwatch.providers.remote.fields import Fields

_OURS = "{1e6c5f0b-93a4-4d0e-8f5c-7b21c5a64d9e}"
_MEETING = "{6ED8DA90-450B-101B-98DA-00AA003F1305}"
_APPOINTMENT = "{00062002-0000-0000-C000-000000000046}"

KEY = f"String {_OURS} Name letter-key"
"""The key of the letter a draft is."""

WRITTEN = f"String {_OURS} Name letter-words"
"""A hash of the words we wrote last: whoever reads other words knows that a person wrote them."""

HEADERS = "String 0x007D"
IN_REPLY_TO = "String 0x1042"
REFERENCES = "String 0x1039"
OBJECT_ID = f"Binary {_MEETING} Id 0x3"
CLEAN_OBJECT_ID = f"Binary {_MEETING} Id 0x23"
ATTENDEE_CHANGED = f"SystemTime {_MEETING} Id 0x1"
ORGANIZER_CHANGED = f"SystemTime {_MEETING} Id 0x1A"
SEQUENCE = f"Integer {_APPOINTMENT} Id 0x8201"
REPLACED_START = f"SystemTime {_APPOINTMENT} Id 0x8228"
PROPOSED_START = f"SystemTime {_APPOINTMENT} Id 0x8250"
PROPOSED_END = f"SystemTime {_APPOINTMENT} Id 0x8251"

OF_MAIL = (KEY, WRITTEN, HEADERS, IN_REPLY_TO, REFERENCES)
OF_MEETING = (
    OBJECT_ID, CLEAN_OBJECT_ID, ATTENDEE_CHANGED, ORGANIZER_CHANGED, SEQUENCE, REPLACED_START, PROPOSED_START,
    PROPOSED_END,
)  # fmt: skip

_LARGEST = 200_000
_MOST = 50
_NAME = re.compile(
    r"(\w{1,20}) (?:0x([0-9A-Fa-f]{1,8})"
    r"|\{([0-9A-Fa-f-]{36})\} (?:Name (.{1,200})|Id (0x[0-9A-Fa-f]{1,8}|[0-9]{1,9})))",
    re.DOTALL,
)

Properties = Mapping[tuple[str, ...], str]


def expanded(*names: str) -> str:
    """The ``$expand`` that shows these properties; without it none is ever shown."""
    wanted = " or ".join(f"id eq '{name}'" for name in names)
    return f"singleValueExtendedProperties($filter={wanted})"


def marked_with(key: str) -> str:
    """The ``$filter`` for everything that carries the mark of a letter."""
    value = key.replace("'", "''")
    return f"singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and ep/value eq '{value}')"


def mark(key: str) -> dict[str, str]:
    """The mark of a letter, to be written."""
    return {"id": KEY, "value": key}


def marks(key: str, words: str) -> list[dict[str, str]]:
    """Both marks; without a ``key`` the one that is there stays."""
    found = [{"id": WRITTEN, "value": words}]
    return [mark(key), *found] if key else found


def properties(item: Fields) -> Properties:
    """What was expanded of an item, by ``name``."""
    found: dict[tuple[str, ...], str] = {}
    for one in item.several("singleValueExtendedProperties", _MOST):
        found.setdefault(_normal(one.word("id")), one.word("value")[:_LARGEST])
    return found


def value(of: Properties, wanted: str) -> str:
    """One property by the name it was asked for with; ``""`` when it is not there."""
    return of.get(_normal(wanted), "")


def _normal(name: str) -> tuple[str, ...]:
    """One form for all spellings of a name: answers write numbers and sets in other ways than requests."""
    found = _NAME.fullmatch(name)
    if found is None:
        return (name,)
    kind, tag, group, given, number = found.groups()
    if tag:
        return kind, str(int(tag, 16))
    return kind, group.lower(), given or str(int(number, 16 if number.startswith("0x") else 10))
