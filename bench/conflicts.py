"""All conflicts among 5,000 events: sort and scan against comparing all pairs, equal sets asserted, CPU time.

``python bench/conflicts.py [--json]``; the aim is 1/80 of the naive time. The index for one new span is measured
beside it against a linear scan, at 5,000 and 50,000 spans.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from calwatch.detect.conflicts import Conflicts, overlapping
from calwatch.model.span import Span

AIM = 1 / 80
RUNS = 5
COUNT = 5_000
START = datetime(2025, 1, 1, tzinfo=UTC)


def spans(count: int, *, seed: int = 20261122) -> list[Span]:
    """``count`` events over two years per 5,000, a few of them lasting days."""
    rng = random.Random(seed + count)
    days = 730 * count // COUNT
    found = []
    for _ in range(count):
        start = START + timedelta(days=rng.randrange(days), minutes=15 * rng.randrange(28, 80))
        if rng.random() < 0.02:
            length = timedelta(days=rng.randrange(1, 5))
        else:
            length = timedelta(minutes=rng.choice((15, 25, 30, 45, 60, 90)))
        found.append(Span(start, start + length))
    return found


def naive(given: list[Span]) -> list[tuple[int, int]]:
    """Every pair compared, with the bounds taken out of the objects first to be fair."""
    rows = [(span.start, span.end) for span in given]
    pairs = []
    for i, (start, end) in enumerate(rows):
        for j in range(i + 1, len(rows)):
            other_start, other_end = rows[j]
            if start < other_end and other_start < end:
                pairs.append((i, j))
    return pairs


def cpu(work: Callable[[], object], repeats: int = 1) -> float:
    """Seconds of CPU of one call."""
    before = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - before) / repeats


def measure() -> dict[str, Any]:
    """Medians in milliseconds and their ratios, measured in turns."""
    given = spans(COUNT)
    pairs = overlapping(given)
    assert pairs == naive(given), "the two find different conflicts"
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(cpu(lambda: overlapping(given), repeats=5))
        theirs.append(cpu(lambda: naive(given)))
    mine, peer = statistics.median(ours), statistics.median(theirs)
    return {
        "aim": AIM,
        "events": COUNT,
        "pairs": len(pairs),
        "calwatch_ms": round(mine * 1000, 3),
        "naive_ms": round(peer * 1000, 1),
        "ratio": round(mine / peer, 6),
        "met": mine / peer <= AIM,
        "one_span": {str(count): one_span(count) for count in (COUNT, 10 * COUNT)},
    }


def one_span(count: int) -> dict[str, float]:
    """Microseconds to find what one new span overlaps among ``count``: the index, and a linear scan."""
    given = spans(count)
    index = Conflicts(given)
    asked = spans(200, seed=7)
    assert [index.of(span) for span in asked[:20]] == [
        [i for i, other in enumerate(given) if span.overlaps(other)] for span in asked[:20]
    ]
    found = statistics.median(cpu(lambda: [index.of(span) for span in asked]) / len(asked) for _ in range(RUNS))
    scanned = statistics.median(
        cpu(lambda: [i for i, other in enumerate(given) if asked[0].overlaps(other)]) for _ in range(RUNS)
    )
    return {"index_us": round(found * 1e6, 1), "scan_us": round(scanned * 1e6, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    arguments = parser.parse_args()
    results = measure()
    if arguments.json:
        print(json.dumps(results))
        return 0
    print(
        f"{results['events']} events, {results['pairs']} conflicts: calwatch {results['calwatch_ms']:.2f} ms, "
        f"naive {results['naive_ms']:.0f} ms, 1/{1 / results['ratio']:.0f}"
    )
    for count, row in results["one_span"].items():
        print(f"one new span among {count:>6}: index {row['index_us']:.1f} us, scan {row['scan_us']:.0f} us")
    print(f"aim 1/{1 / AIM:.0f}: {'met' if results['met'] else 'missed'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
