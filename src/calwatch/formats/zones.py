"""Time zone names as calendars write them, made into IANA names; used wherever a TZID or a Windows name comes in."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

_UTC_NAMES = frozenset({"utc", "z", "zulu", "gmt", "uct", "universal", "etc/utc", "etc/gmt", "etc/uct", "etc/zulu"})

_DISPLAY_NAMES = {
    "eastern time": "America/New_York",
    "central time": "America/Chicago",
    "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "atlantic time": "America/Halifax",
    "coordinated universal time": "UTC",
}
"""Outlook display names, "(UTC-05:00) Eastern Time (US & Canada)", that name no city."""


@lru_cache(maxsize=2048)
def resolve(tzid: str) -> str | None:
    """The IANA name a TZID means, ``"UTC"`` for every spelling of UTC, ``None`` when nobody can know.

    Knows IANA names in any case, Windows names, vendor prefixes that end in an IANA name (``/mozilla.org/20050126_1/``,
    ``/freeassociation.sourceforge.net/``) and Outlook display names that list a city. Never touches the file system
    with the name it is given.
    """
    name = " ".join(tzid.replace("\\", "").replace('"', "").split())
    if not name or len(name) > 200:
        return None
    lowered = name.lower()
    if lowered in _UTC_NAMES:
        return "UTC"
    known = _iana()
    if found := known.get(lowered):
        return found
    if found := _windows().get(lowered) or _windows().get(re.sub(r"[ ]?[0-9/]+$", "", lowered)):
        return found
    if "/" in lowered:
        pieces = lowered.strip("/").split("/")
        for length in (3, 2, 1):
            tail = "/".join(pieces[-length:])
            if found := known.get(tail) if length > 1 or len(pieces) > 2 else None:
                return found
    if lowered.startswith(("(utc", "(gmt")):
        return _from_display_name(lowered.partition(")")[2])
    return None


def _from_display_name(text: str) -> str | None:
    name = text.strip()
    for prefix, zone in _DISPLAY_NAMES.items():
        if name.startswith(prefix):
            return zone
    for city in name.split(",")[:8]:
        if found := _cities().get(city.strip().replace(" ", "_")):
            return found
    return None


@cache
def _iana() -> dict[str, str]:
    names = (files("tzdata") / "zones").read_text(encoding="ascii").split()
    return {name.lower(): name for name in names}


@cache
def _cities() -> dict[str, str]:
    return {name.rpartition("/")[2].lower(): name for name in _iana().values() if "/" in name and "Etc/" not in name}


@cache
def _windows() -> dict[str, str]:
    from tzlocal.windows_tz import win_tz

    return {name.lower(): zone for name, zone in win_tz.items()}
