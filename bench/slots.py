"""All slots of eight weeks: calwatch's sweep against the ``portion`` library, equal sets asserted, CPU time of one
process.

``python bench/slots.py [--json]``; the aim is 1/8 of portion's time. Both start from the same spans and give the same
spans; both may keep the working hours of a day from run to run.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import portion

from calwatch.model.span import Span
from calwatch.propose.options import SlotsOptions
from calwatch.propose.slots import SlotRequest, bounds, candidates

AIM = 1 / 8
RUNS = 5
REPEATS = 20
ZONE = "America/New_York"
THERE = "Europe/Berlin"
NOW = datetime(2026, 9, 25, 12, tzinfo=UTC)
GRID = timedelta(minutes=15)
WORKLOADS = {"one calendar": 270, "busy person": 470, "dense": 1410}


def a_request(busy_count: int, *, seed: int = 20261122) -> SlotRequest:
    """Eight weeks that contain the changes of the clock on both sides, with ``busy_count`` meetings."""
    rng = random.Random(seed + busy_count)
    busy = []
    for _ in range(busy_count):
        day = NOW.date() + timedelta(days=rng.randrange(60))
        start = datetime(
            day.year, day.month, day.day, rng.randrange(7, 19), 15 * rng.randrange(4), tzinfo=ZoneInfo(ZONE)
        )
        length = timedelta(minutes=rng.choice((15, 25, 30, 30, 45, 60, 60, 90)))
        busy.append(Span(start.astimezone(UTC), start.astimezone(UTC) + length))
    busy.sort()  # by start, as a store hands them over
    options = SlotsOptions(within=timedelta(weeks=8), notice=timedelta(0), buffer=timedelta(minutes=5))
    return SlotRequest(
        duration=timedelta(minutes=45), now=NOW, busy=busy, zone=ZONE, recipient_zone=THERE, options=options
    )


@lru_cache(maxsize=8192)
def _opening(day: datetime, zone: str, opens: tuple[int, int], closes: tuple[int, int]) -> Any:
    place = ZoneInfo(zone)
    start = datetime(day.year, day.month, day.day, *opens, tzinfo=place)
    end = datetime(day.year, day.month, day.day, *closes, tzinfo=place)
    return portion.closedopen(start.astimezone(UTC), end.astimezone(UTC))


def with_portion(request: SlotRequest) -> list[Span]:
    """The same slots by interval arithmetic, as somebody would write it with ``portion``."""
    first, last = (datetime.fromtimestamp(seconds, UTC) for seconds in bounds(request))
    own, there = portion.empty(), portion.empty()
    day = first - timedelta(days=1)
    while day < last + timedelta(days=1):
        if day.weekday() < 5:
            key = datetime(day.year, day.month, day.day, tzinfo=UTC)
            own |= _opening(key, ZONE, (9, 0), (17, 30))
            there |= _opening(key, THERE, (8, 0), (18, 0))
        day += timedelta(days=1)
    buffer = request.options.buffer
    taken = portion.Interval(*(portion.closedopen(b.start - buffer, b.end + buffer) for b in request.busy))
    free = (own & there & portion.closedopen(first, last)) - taken
    found = []
    for piece in free:
        since = piece.lower - datetime(2020, 1, 1, tzinfo=UTC)
        start = piece.lower + (-since % GRID)
        while start + request.duration <= piece.upper:
            found.append(Span(start, start + request.duration))
            start += GRID
    return found


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU of one call, averaged over ``REPEATS``."""
    before = time.process_time()
    for _ in range(REPEATS):
        work()
    return (time.process_time() - before) / REPEATS


def measure() -> dict[str, Any]:
    """Per workload the medians in milliseconds and their ratio, measured in turns."""
    results: dict[str, Any] = {"aim": AIM, "workloads": {}}
    for name, count in WORKLOADS.items():
        request = a_request(count)
        slots = list(candidates(request))
        assert slots == with_portion(request), f"{name}: the two find different slots"
        ours, theirs = [], []
        for _ in range(RUNS):
            ours.append(cpu(lambda request=request: list(candidates(request))))  # type: ignore[misc]  # bound early
            theirs.append(cpu(lambda request=request: with_portion(request)))  # type: ignore[misc]  # bound early
        mine, peer = statistics.median(ours), statistics.median(theirs)
        results["workloads"][name] = {
            "busy": count,
            "slots": len(slots),
            "calwatch_ms": round(mine * 1000, 3),
            "portion_ms": round(peer * 1000, 3),
            "ratio": round(mine / peer, 5),
        }
    results["worst_ratio"] = max(row["ratio"] for row in results["workloads"].values())
    results["met"] = results["worst_ratio"] <= AIM
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    results = measure()
    if parser.parse_args().json:
        print(json.dumps(results))
        return 0
    for name, row in results["workloads"].items():
        print(
            f"{name:14} {row['busy']:5} busy {row['slots']:5} slots  calwatch {row['calwatch_ms']:7.3f} ms  "
            f"portion {row['portion_ms']:8.3f} ms  1/{1 / row['ratio']:.0f}"
        )
    print(f"aim 1/{1 / AIM:.0f}: {'met' if results['met'] else 'missed'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
