"""What a command costs before it does anything: ``--version`` and ``drafts`` against ``python -c pass``, in CPU time.

Every candidate runs in a fresh process, round robin, median of ``--rounds``; the ratio is the figure to trust.
Aims: ``--version`` at most 1.5, ``drafts`` (on the demo world) at most 40.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

AIMS = {"version": 1.5, "drafts": 40.0}


def seconds_of(command: list[str]) -> float:
    """CPU seconds (user and system) of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(rounds: int) -> dict[str, float]:
    """Median CPU milliseconds per candidate."""
    calwatch = str(Path(sys.executable).with_name("calwatch"))
    with tempfile.TemporaryDirectory() as folder:
        world = str(Path(folder) / "demo")
        subprocess.run([calwatch, "demo", world], check=True, stdout=subprocess.DEVNULL)
        commands = {
            "pass": [sys.executable, "-c", "pass"],
            "version": [calwatch, "--version"],
            "drafts": [calwatch, "--config", f"{world}/calwatch.toml", "drafts"],
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                taken[name].append(seconds_of(command) * 1000)
    return {name: statistics.median(values) for name, values in taken.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.rounds)
    ratios = {name: found[name] / found["pass"] for name in AIMS}
    if args.json:
        print(json.dumps({"milliseconds": found, "ratios": ratios, "aims": AIMS}))
    else:
        for name, ratio in ratios.items():
            print(f"{name}: {found[name]:.0f} ms, {ratio:.1f} × python -c pass (aim ≤ {AIMS[name]})")
    return 0 if all(ratios[name] <= aim for name, aim in AIMS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
