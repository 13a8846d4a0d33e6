"""Runs every bench, one after the other, and writes docs/benchmarks.md from what they measured.

    python bench/report.py [--quick]

Takes about ten minutes (one without W2: ``--quick``, which prints and writes nothing). A ratio is always of two
things measured in the same run; absolute times are this machine's of that moment.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table: what was compared, with what, the aim, what came out, and whether that meets the aim."""

    what: str
    against: str
    aim: str
    measured: str
    met: bool
    beside: str = ""


def run(name: str, *options: str) -> Any:
    """The JSON one bench prints; its exit status says nothing here."""
    print(f"{name} {' '.join(options)}", file=sys.stderr, flush=True)
    command = [sys.executable, str(HERE / f"{name}.py"), "--json", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout)


def fraction(ratio: float) -> str:
    """0.0036 as ``1/280``; ratios from a third upward as they are."""
    return f"1/{1 / ratio:.0f}" if ratio < 1 / 3 else f"{ratio:.1f}"


def parsing(*, quick: bool) -> Iterator[Line]:
    sizes = {"w1": "5,000 events, 4.8 MB", "w2": "50,000 events, 47 MB"}
    for result in run("parse", *(("--quick",) if quick else ())):
        mine, peer = result["calwatch"], result["peer"]
        yield Line(
            f"first pass of one .ics to busy time ({sizes[result['workload']]})",
            "icalendar + recurring-ical-events",
            "1/5",
            fraction(result["cpu_ratio"]),
            result["cpu_ratio"] <= result["aim"],
            f"{mine['cpu']:.2f} s against {peer['cpu']:.1f} s; peak memory {mine['rss_mb']:.0f} against "
            f"{peer['rss_mb']:.0f} MB",
        )


def incremental(*, quick: bool) -> Iterator[Line]:
    found = run("incremental", *(("--events", "5000") if quick else ()))
    change, spread = found["change / full pass"], found["change in 50,000 / in 500"]
    beside = f"{found['one change ms']:.0f} ms against {found['full pass s']:.1f} s, store included"
    yield Line(
        "one changed event handed over, taken over and assessed (50,000 events)",
        "the first full pass",
        "1/500",
        fraction(change),
        change <= 1 / 500,
        beside,
    )
    yield Line(
        "the same change in a calendar of 50,000 events",
        "in one of 500 events",
        "3",
        f"{spread:.1f}",
        spread <= 3,
        f"{found['one change, 500 events ms']:.0f} ms in the small one",
    )
    rows = found["rows written when nothing changed"]
    yield Line(
        "an unchanged source: rows written", "–", "0", f"{rows:.0f}", rows == 0, "a test counts events parsed: 0"
    )


def searching() -> Iterator[Line]:
    slots = run("slots")
    yield Line(
        "all slots of 8 weeks (worst of three calendars)",
        "portion",
        "1/8",
        fraction(slots["worst_ratio"]),
        bool(slots["met"]),
        "; ".join(f"{name}: {one['calwatch_ms']:.2f} ms" for name, one in slots["workloads"].items()),
    )
    pairs = run("conflicts")
    yield Line(
        "all conflicts among 5,000 events",
        "comparing every pair",
        "1/80",
        fraction(pairs["ratio"]),
        bool(pairs["met"]),
        f"{pairs['calwatch_ms']:.1f} ms; one new event against 50,000: {pairs['one_span']['50000']['index_us']:.0f} µs",
    )


def remote() -> Iterator[Line]:
    found = run("remote_account")
    for provider, each in PROVIDERS.items():
        yield from _of_provider(provider, found[provider.lower()], each)


@dataclass(frozen=True)
class Expected:
    """What is aimed at with one provider, and why."""

    page: int
    first: int
    idle: int
    watched: str


PROVIDERS = {
    "Google": Expected(2_500, 3, 2, "one calendar and the mailbox"),
    "Outlook": Expected(100, 52, 3, "one calendar, inbox and sent items"),
}


def _of_provider(provider: str, found: dict[str, Any], expected: Expected) -> Iterator[Line]:
    first, idle, waiting = (found[name] for name in ("first sync", "idle pass", "idle pass with a draft waiting"))
    change, clash = found["one change"], found["clash"]
    pages = first["calendar requests"]
    yield Line(
        f"{provider}, first sync of 5,000 events: requests to the calendar",
        f"pages of {expected.page:,}",
        str(expected.first),
        str(pages),
        pages <= expected.first,
        f"{first['seconds']:.1f} s, {first['calendar bytes'] / 1e6:.1f} MB before compression, peak memory "
        f"{first['peak MB']:.0f} MB; {sum(first['requests'].values()) - pages} requests to the mailbox",
    )
    asked = sum(idle["requests"].values())
    yield Line(
        f"{provider}, a pass in which nothing changed: requests",
        expected.watched,
        str(expected.idle),
        str(asked),
        asked <= expected.idle,
        f"{idle['bytes']} bytes, {idle['cpu seconds'] * 1000:.0f} ms; with a draft waiting "
        f"{sum(waiting['requests'].values())} requests",
    )
    share = found["bytes: one change / everything"]
    yield Line(
        f"{provider}, a pass with one change: bytes of the calendar",
        "reading everything again",
        "1/500",
        fraction(share),
        share <= 1 / 500,
        f"{change['calendar bytes']} bytes in {change['calendar requests']} request against {pages}",
    )
    spent = clash["poll to draft"]
    yield Line(
        f"{provider}, from the poll that shows a clash to the draft in the mailbox (settle 0 s): seconds",
        "the API's own latency",
        "1",
        f"{spent:.2f}",
        spent <= 1,
        f"{sum(clash['requests'].values())} requests, each of which the real one adds its own time to",
    )


def living() -> Iterator[Line]:
    startup = run("startup")
    for name, what in (("version", "calwatch --version"), ("drafts", "calwatch drafts")):
        ratio, aim = startup["ratios"][name], startup["aims"][name]
        beside = f"{startup['milliseconds'][name]:.0f} ms"
        yield Line(what, "python -c pass", f"{aim:g}", f"{ratio:.1f}", ratio <= aim, beside)
    idle = run("idle")
    for name, aim in (("cpu ms", 10), ("wake-ups", 20)):  # with its page; 60 wake-ups would do for that
        beside = f"memory: {idle['rss MB']:.0f} MB resident, {idle['pss MB']:.0f} MB proportional"
        yield Line(
            f"idle service with its page, a minute: {name}",
            "–",
            str(aim),
            f"{idle[name]:.0f}",
            idle[name] <= aim,
            beside,
        )


def showing() -> Iterator[Line]:
    found = run("approval_page")
    for name, what in (("list", "the list"), ("letter", "one letter")):
        one = found[name]
        yield Line(
            f"the approval page, {what}, with 200 letters waiting: ms of the server",
            "–",
            "20",
            f"{one['ms']:.0f}",
            one["ms"] <= 20,
            f"{one['kB']:.0f} kB all in (aim 60), {one['markup kB']:.0f} kB of it markup",
        )


def page(lines: list[Line]) -> str:
    """The Markdown page."""
    rows = "\n".join(
        f"| {line.what} | {line.against} | ≤ {line.aim} | **{line.measured}**{'' if line.met else ' (missed)'} "
        f"| {line.beside} |"
        for line in lines
    )
    return f"""# Benchmarks

Written by `make bench` (`bench/report.py`); every figure comes from `bench/` and can be measured again. A ratio
compares two things in one run, in CPU time, as the median of five (the idle minute and the first full pass of 50,000
events are single measurements); absolute times are those of the machine it ran on and say little elsewhere.
Measured with Python {platform.python_version()} on two shared cores.

| what | against | aim | measured | beside it |
|---|---|---|---|---|
{rows}

The workloads are made by `bench/workloads.py`, seeded: W1 holds two years with 5,000 events and 60 series, W2 ten years
with 50,000 events and 400 series, in nine zones, with overrides, exceptions and the clock changes of three continents.
`bench/remote_account.py` runs the real clients against the fake Google and the fake Microsoft of the tests, each in
another process on this machine: what it says about requests and bytes holds anywhere, its seconds are without a
network.
`bench/incremental.py` says which interviews it adds to W2 and why. Equal results are asserted where both
sides can give them (slots, conflicts); the parsers' instances differ by the few at clock changes that the peer
drops or lengthens (`tests/unit/recur/rfc5545`).
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without W2; prints, writes nothing")
    args = parser.parse_args()
    lines = [*parsing(quick=args.quick), *incremental(quick=args.quick), *searching(), *remote(), *showing(), *living()]
    text = page(lines)
    if args.quick:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")
    return 0 if all(line.met for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
