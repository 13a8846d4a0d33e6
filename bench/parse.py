"""First pass of a big calendar file to busy time, against icalendar + recurring-ical-events used plainly.

    python bench/parse.py [--quick] [--rounds 5] [--json]

Every run is a process of its own, round robin, CPU time and peak memory from the kernel; the median counts. The peer
takes more than half a minute for W2: ``--quick`` measures W1 only. Instances and busy hours of both sides are printed;
they differ by the few at DST edges that the peer drops or lengthens.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workloads import cached

if TYPE_CHECKING:
    from calwatch.model.span import Span

WINDOW = (datetime(2026, 9, 28, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
"""Eight weeks with the clock changes of Sydney, Europe and New York."""

VIEWER = "America/New_York"
AIM = 1 / 5


def run_calwatch(path: Path) -> tuple[int, float]:
    """Instances inside the window and their merged busy seconds."""
    from calwatch.formats.ical import read
    from calwatch.model.event import Event
    from calwatch.model.span import Span, merge
    from calwatch.recur.expand import expand

    window = Span(*WINDOW)
    parsed = read(path.read_bytes(), me=frozenset(), viewer_zone=VIEWER, window=window)
    spans: list[Span] = []
    for item in parsed.items:
        events = (item,) if isinstance(item, Event) else expand(item, window, viewer_zone=VIEWER).events
        spans += [event.span for event in events if event.busy and event.span.overlaps(window)]
    return len(spans), _seconds(merge(spans))


def run_peer(path: Path) -> tuple[int, float]:
    from zoneinfo import ZoneInfo

    import icalendar
    import recurring_ical_events

    from calwatch.model.span import Span, merge

    viewer, window = ZoneInfo(VIEWER), Span(*WINDOW)

    def aware(moment: object) -> datetime:
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day, tzinfo=viewer)  # type: ignore[attr-defined] # a date
        return (moment if moment.tzinfo else moment.replace(tzinfo=viewer)).astimezone(UTC)

    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    spans = []
    for event in recurring_ical_events.of(calendar).between(*WINDOW):
        cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
        if cancelled or str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
            continue
        start, end = aware(event.start), aware(event.end)
        if start < end and start < window.end and window.start < end:
            spans.append(Span(start, end))
    return len(spans), _seconds(merge(spans))


def _seconds(spans: Sequence[Span]) -> float:
    return sum((min(s.end, WINDOW[1]) - max(s.start, WINDOW[0])).total_seconds() for s in spans)


SIDES = {"calwatch": run_calwatch, "peer": run_peer}


def measure_here(side: str, path: Path) -> None:
    """What the child process does: one pass, then its own bill on stdout."""
    instances, busy = SIDES[side](path)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    bill = {"cpu": usage.ru_utime + usage.ru_stime, "rss_mb": usage.ru_maxrss / 1024}
    print(json.dumps({**bill, "instances": instances, "busy_hours": busy / 3600}))


def measure(workload: str, rounds: int) -> dict[str, object]:
    """Medians of both sides over ``rounds`` alternating processes, and their ratios."""
    path = cached(workload)
    bills: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side in SIDES:
            command = [sys.executable, __file__, "--child", side, str(path)]
            result = subprocess.run(command, check=True, capture_output=True, text=True)
            bills[side].append(json.loads(result.stdout))
    medians = {
        side: {key: round(statistics.median(bill[key] for bill in runs), 3) for key in runs[0]}
        for side, runs in bills.items()
    }
    mine, peer = medians["calwatch"], medians["peer"]
    return {
        "workload": workload,
        "rounds": rounds,
        **medians,
        "cpu_ratio": round(mine["cpu"] / peer["cpu"], 4),
        "memory_ratio": round(mine["rss_mb"] / peer["rss_mb"], 4),
        "aim": AIM,
    }


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        measure_here(sys.argv[2], Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only W1 (5,000 appointments)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = [measure(name, options.rounds) for name in (("w1",) if options.quick else ("w1", "w2"))]
    if options.json:
        print(json.dumps(results))
        return
    for result in results:
        print(f"{result['workload']}: CPU ratio {result['cpu_ratio']} (aim {AIM}), memory {result['memory_ratio']}")
        for side in SIDES:
            print(f"  {side:9} {result[side]}")


if __name__ == "__main__":
    main()
