"""Occurrences made whole: in a delta they say no more than when they are, the rest stands in their master."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OWN = frozenset({"id", "@odata.etag", "type", "seriesMasterId", "start", "end", "recurrence", "originalStart"})
"""What a master says of itself and of no occurrence: its start is that of the first, perhaps years ago."""


def is_light(raw: Mapping[str, Any]) -> bool:
    """Whether an entry is an occurrence of which only the time was told."""
    return raw.get("type") == "occurrence" and "subject" not in raw and "responseStatus" not in raw


def hydrated(occurrence: Mapping[str, Any], master: Mapping[str, Any]) -> dict[str, Any]:
    """The occurrence with everything it does not say itself taken from its master."""
    own = {name: value for name, value in occurrence.items() if value is not None}
    return {name: value for name, value in master.items() if name not in _OWN} | own


def with_uid_of(raw: Mapping[str, Any], master: Mapping[str, Any]) -> dict[str, Any]:
    """An exception under the name of its series; some accounts give every occurrence one of its own."""
    uid = master.get("iCalUId")
    return {**raw, "iCalUId": uid} if isinstance(uid, str) and uid else dict(raw)
