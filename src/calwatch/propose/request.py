"""What times are wanted, and what can be offered: the two ends of ``propose``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from calwatch.model.span import Span
from calwatch.propose.options import SlotsOptions

GRID = 15 * 60
"""Seconds between two possible starts. Every zone's offset is a multiple of it, so it is the wall clock's grid too."""
_WINDOWS_OVER = timedelta(minutes=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRequest:
    """What times are wanted.

    ``busy`` is taken time without the appointment being moved; ``reserved`` what other drafts offer. ``original`` is
    the appointment being moved, ``None`` for a first one. ``interviews_on`` counts the other interviews and open
    offers per local day. ``windows`` asks for windows (``None``: calwatch decides) unless ``options.style`` is
    explicit. ``in_person_travel`` is kept free around an interview in person. ``away`` names the stretches of days
    (both inclusive) in which ``hours`` are meant in another zone.
    """

    duration: timedelta
    original: Span | None = None
    now: datetime
    busy: Sequence[Span]
    reserved: Sequence[Span] = ()
    zone: str
    recipient_zone: str | None = None
    options: SlotsOptions = field(default_factory=SlotsOptions)
    windows: bool | None = None
    interviews_on: Mapping[date, int] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    in_person_travel: timedelta = timedelta(0)
    count: int | None = None
    away: Sequence[tuple[date, date, str]] = ()

    @property
    def offers_windows(self) -> bool:
        """Whether windows are offered rather than points in time."""
        if self.options.style != "auto":
            return self.options.style == "windows"
        return self.windows if self.windows is not None else self.duration > _WINDOWS_OVER

    @property
    def seconds(self) -> int:
        """The length of one slot: whole minutes, at least one step of the grid."""
        return max(GRID, -(-int(self.duration.total_seconds()) // 60) * 60)

    def zone_on(self, day: date) -> str:
        """The zone the user's hours are meant in on that day."""
        return next((zone for first, last, zone in self.away if first <= day <= last), self.zone)


@dataclass(frozen=True, slots=True)
class Offer:
    """``slots`` to offer, by time; ``alternatives`` one could switch to; ``why`` are sentences for the person."""

    slots: tuple[Span, ...]
    alternatives: tuple[Span, ...]
    windows: bool
    why: tuple[str, ...]
