"""The rows of the picture: which hours it shows, and what the other side's clock says at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil, floor
from zoneinfo import ZoneInfo

from calwatch.web.week.days import DAY, Piece, midnight
from calwatch.web.week.values import Kind

_FROM, _TO = 8, 18
_NOON = 12


@dataclass(frozen=True, slots=True)
class OtherClock:
    """The recipient's clock beside the person's rows. ``usual`` is the day for which the axis is right."""

    zone: str
    own_zone: str
    usual: date

    def says(self, hour: int, day: date | None = None) -> str:
        """What it shows when the person's says ``hour`` (0 to 24) on a day; "+1" where it is tomorrow there already."""
        day = day or self.usual
        place = ZoneInfo(self.own_zone)
        here = midnight(day + DAY, place) if hour == 24 else datetime.combine(day, time(hour), place)
        theirs = here.astimezone(ZoneInfo(self.zone))
        away = (theirs.date() - day).days
        return f"{theirs:%H:%M}" + (f"{away:+d}".replace("-", "−") if away else "")

    def ahead(self, day: date) -> timedelta:
        """How far it is ahead of the person's at noon."""
        noon = datetime.combine(day, time(_NOON), ZoneInfo(self.own_zone))
        theirs = noon.astimezone(ZoneInfo(self.zone))
        return (theirs.utcoffset() or timedelta()) - (noon.utcoffset() or timedelta())

    def differs(self, day: date) -> bool:
        """Whether the axis is wrong for that day, because only one side has changed its clocks."""
        return self.ahead(day) != self.ahead(self.usual)


def hours(pieces: Sequence[Piece]) -> range:
    """The full hours to show, the last one included; taken time alone does not make a day longer."""
    reaches = [_reach(piece) for piece in pieces if piece.kind is not Kind.BUSY and not piece.whole]
    first = floor(min([_FROM, *(begin for begin, _ in reaches)]))
    last = ceil(max([_TO, *(end for _, end in reaches)]))
    return range(first, last + 1)


def _reach(piece: Piece) -> tuple[float, float]:
    """Which hours it needs; of what clashes for days on end an hour is enough where it was cut at midnight."""
    begin, end = piece.begin, piece.end
    if piece.kind is Kind.CLASH:
        return (end - 1 if begin == 0 < end - 1 else begin), (begin + 1 if end == 24 > begin + 1 else end)
    return begin, end


def other_clock(shown: Sequence[date], pieces: Sequence[Piece], zone: str, other: str | None) -> OtherClock | None:
    """The recipient's clock, right for the day of the interview (else of the first day); ``None`` if it is the same."""
    if other is None or other == zone or not shown:
        return None
    usual = next((piece.day for piece in pieces if piece.kind is Kind.INTERVIEW), shown[0])
    clock = OtherClock(other, zone, usual)
    return clock if any(clock.ahead(day) for day in shown) else None


def place_name(zone: str) -> str:
    """``New York`` for ``America/New_York``."""
    return zone.rpartition("/")[2].replace("_", " ")
