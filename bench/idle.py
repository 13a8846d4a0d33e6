"""What the service costs when nothing happens: CPU, wake-ups and memory of one minute, on the demo world.

    python bench/idle.py [--seconds 60] [--json]

The service runs with its default ``watch.every`` and its page; after its first pass has settled, the kernel's counters
of the process and its threads are read twice. A wake-up is a voluntary context switch. Aims per minute: 10 ms of CPU,
20 wake-ups.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

AIMS = {"cpu ms": 10.0, "wake-ups": 20.0}


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads, from the scheduler's own nanosecond clock."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def wake_ups(pid: int) -> int:
    """Voluntary context switches of all threads."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        found = re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M)
        total += int(found[1]) if found else 0
    return total


def memory(pid: int) -> dict[str, float]:
    """Resident and proportional memory in MB."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return {
        name.lower(): int(re.search(rf"^{name}:\s+(\d+)", rollup, re.M)[1]) / 1024  # type: ignore[index]  # always there
        for name in ("Rss", "Pss")
    }


def measure(seconds: float) -> dict[str, float]:
    """One quiet stretch, scaled to a minute."""
    calwatch = str(Path(sys.executable).with_name("calwatch"))
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "demo"
        subprocess.run([calwatch, "demo", str(world)], check=True, stdout=subprocess.DEVNULL)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            listen = f"127.0.0.1:{probe.getsockname()[1]}"
        service = subprocess.Popen(
            [calwatch, "--config", str(world / "calwatch.toml"), "run"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "CALWATCH_WATCH__EVERY": "60s", "CALWATCH_APPROVAL__LISTEN": listen},
        )
        try:
            time.sleep(20)  # the first pass, and what follows from it
            before = cpu_seconds(service.pid), wake_ups(service.pid)
            time.sleep(seconds)
            after = cpu_seconds(service.pid), wake_ups(service.pid)
            resident = memory(service.pid)
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(timeout=10)
    scale = 60 / seconds
    return {
        "cpu ms": (after[0] - before[0]) * 1000 * scale,
        "wake-ups": (after[1] - before[1]) * scale,
        "rss MB": resident["rss"],
        "pss MB": resident["pss"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.seconds)
    if args.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:10} {value:8.1f}" + (f"  (aim ≤ {AIMS[name]:.0f})" if name in AIMS else ""))
    return 0 if all(found[name] <= aim for name, aim in AIMS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
