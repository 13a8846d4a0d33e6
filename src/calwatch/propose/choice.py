"""Which of many possible times to offer: spread over days and over the day, what the person prefers first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from calwatch.propose.hours import Stretch
from calwatch.propose.request import SlotRequest

_MORNING, _AFTERNOON = 10 * 60, 14 * 60 + 30
_LONG_ENOUGH = 4 * 3600  # a longer window is no better


@dataclass(frozen=True, slots=True)
class _Option:
    stretch: Stretch
    day: date
    minute: int  # of the user's day
    preferred: bool
    round_start: bool  # on the hour or half hour, on both sides' clocks

    @property
    def length(self) -> int:
        return self.stretch[1] - self.stretch[0]


def choose(
    possible: Sequence[Stretch], request: SlotRequest, *, wanted: int, spare: int
) -> tuple[list[Stretch], list[Stretch]]:
    """``wanted`` stretches to offer and up to ``spare`` others, each list by time; none of them overlap.

    One per day first, on days with a preferred time, then from the original's day onward, then before it; more than
    one on a day only when days run out, and never more than ``per_day`` with what is there. Starts on the hour or
    half hour win. Times of day alternate between the half of the original and the other one.
    """
    by_day: dict[date, list[_Option]] = {}
    for stretch in possible:
        option = _option(stretch, request)
        by_day.setdefault(option.day, []).append(option)
    days = sorted(by_day, key=lambda day: _day_rank(day, by_day[day], request))
    slots = _pick(days, by_day, request, wanted, taken=[], limit=True)
    others = _pick(days, by_day, request, spare, taken=slots, limit=False)
    return sorted(option.stretch for option in slots), sorted(option.stretch for option in others)


def _option(stretch: Stretch, request: SlotRequest) -> _Option:
    place = ZoneInfo(request.zone)
    local = datetime.fromtimestamp(stretch[0], place)
    there = datetime.fromtimestamp(stretch[0], ZoneInfo(request.recipient_zone)) if request.recipient_zone else local
    return _Option(
        stretch=stretch,
        day=local.date(),
        minute=local.hour * 60 + local.minute,
        preferred=_is_preferred(stretch, local, request),
        round_start=local.minute % 30 == 0 and there.minute % 30 == 0,
    )


def _is_preferred(stretch: Stretch, local: datetime, request: SlotRequest) -> bool:
    """Whether a point lies within a preferred stretch of the day, or a window has room for the interview in one."""
    if not request.options.prefer:
        return False
    closes = datetime.fromtimestamp(stretch[1], local.tzinfo)
    starts, ends = local.time(), closes.time() if closes.date() == local.date() else time.max
    for first, last in request.options.prefer:
        opens, shuts = max(starts, first), min(ends, last)
        if opens < shuts and _minutes(shuts) - _minutes(opens) >= request.seconds // 60:
            return True
    return False


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _day_rank(day: date, options: Sequence[_Option], request: SlotRequest) -> tuple[bool, int, int]:
    preferred = any(option.preferred for option in options)
    if request.original is None:
        return not preferred, 0, day.toordinal()
    original = request.original.start.astimezone(ZoneInfo(request.zone)).date()
    side = 0 if day > original else 1 if day == original else 2
    return not preferred, side, abs((day - original).days)


def _pick(
    days: Sequence[date],
    by_day: dict[date, list[_Option]],
    request: SlotRequest,
    wanted: int,
    *,
    taken: Sequence[_Option],
    limit: bool,
) -> list[_Option]:
    """One option per day and round until there are enough; ``limit`` counts them against ``per_day``."""
    picked: list[_Option] = []
    rounds: Counter[date] = Counter(request.interviews_on)
    gap = int(request.options.buffer.total_seconds())
    open_days = list(days)
    while open_days and len(picked) < wanted:
        still_open = []
        for day in open_days:
            if len(picked) == wanted:
                break
            if limit and rounds[day] >= request.options.per_day:
                continue
            fitting = [option for option in by_day[day] if _is_apart(option, (*taken, *picked), gap)]
            if not fitting:
                continue
            aim = _aim(request, len(picked))
            picked.append(min(fitting, key=lambda option: _rank(option, aim)))
            rounds[day] += 1
            still_open.append(day)
        open_days = still_open
    return picked


def _is_apart(option: _Option, others: Sequence[_Option], gap: int) -> bool:
    start, end = option.stretch
    return all(end + gap <= other.stretch[0] or other.stretch[1] + gap <= start for other in others)


def _aim(request: SlotRequest, number: int) -> int:
    """The minute of the day to come near to: the original's for even picks, the other half of the day for odd ones."""
    usual = _MORNING
    if request.original is not None:
        usual = _minutes(request.original.start.astimezone(ZoneInfo(request.zone)).time())
    if number % 2 == 0:
        return usual
    return _AFTERNOON if usual < 12 * 60 else _MORNING


def _rank(option: _Option, aim: int) -> tuple[bool, bool, int, int, int, int]:
    return (
        not option.preferred,
        not option.round_start,
        -min(option.length, _LONG_ENOUGH),
        abs(option.minute - aim),
        option.minute % 60,
        option.stretch[0],
    )
