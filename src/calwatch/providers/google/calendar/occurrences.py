"""What the id of an event tells: which occurrence of which series it is, and which series were once one.

An occurrence that was changed by itself is an entry of its own, ``<series>_<original start>``. A series that was
split ("this and following") leaves ``<id>_R<start>`` besides ``<id>``, and changed occurrences of the later part may
be called ``<id>_<original start>`` all the same. So everything below one ``<id>`` is one family.
"""

from __future__ import annotations

import re

from calwatch.model.walltime import read_occurrence_key

_OCCURRENCE = re.compile(r"(.+)_(\d{8}(?:T\d{6}Z)?)", re.ASCII)
_PART = re.compile(r"_R\d{8}(?:T\d{6}Z?)?$", re.ASCII)


def original_of(ref: str) -> str | None:
    """The original start an id names (a key as in ``Event.recurrence_id``); ``None`` if it is no occurrence's."""
    match = _OCCURRENCE.fullmatch(ref)
    if match is None:
        return None
    try:
        read_occurrence_key(match[2])
    except ValueError:
        return None
    return match[2]


def series_of(ref: str) -> str:
    """The id of an occurrence without its original start; any other id as it is."""
    original = original_of(ref)
    return ref if original is None else ref[: -len(original) - 1]


def family_of(ref: str) -> str:
    """What the ids of all parts of a split series, and of all their occurrences, begin with."""
    return _PART.sub("", series_of(ref))


def occurrence_refs(series: str, original: str) -> tuple[str, ...]:
    """What an occurrence of ``series`` can be called, the likeliest first."""
    plain = family_of(series)
    refs = (f"{series}_{original}", f"{plain}_{original}")
    return refs if plain != series else refs[:1]
