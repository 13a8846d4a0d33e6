"""Sudden emptiness is an outage until proven otherwise: whether a listing that lost much may be believed."""

from __future__ import annotations

_EVERYTHING_FROM = 3
_MOST_FROM = 5


def always_believable(gone: int) -> bool:
    """Whether so few may vanish from any calendar, so that nobody need count what it holds."""
    return gone < _EVERYTHING_FROM


def believable(known: int, gone: int) -> bool:
    """Whether ``gone`` of ``known`` resources may have vanished between two looks at one calendar.

    Not believed: everything gone at once when there were three or more, and more than half gone at once when that is
    five or more. One folder unmounted, one half-finished sync and one empty answer look exactly like that; people
    delete entries one by one, and a real clear-out is seen again on the next look, when the caller may ask about it.
    """
    if gone <= 0:
        return True
    if gone >= known:
        return known < _EVERYTHING_FROM
    return gone < _MOST_FROM or gone * 2 <= known
