"""The approval page: what it weighs, and how long the service takes to answer, with 200 letters waiting.

    python bench/approval_page.py [--drafts 200] [--json]

The demo world with its letters copied in the database, the page served on it from a process of its own (without the
service, which would put the copies in order), and plain HTTP on one connection; the median of 40 answers each. A page's
weight is all a browser fetches for it, before any compression. Aims: 60 kB, 20 ms.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

AIMS = {"kB": 60.0, "ms": 20.0}
ANSWERS = 40


def copy_drafts(database: Path, wanted: int) -> None:
    """Fills the store up with copies of the letters that wait, each with a case of its own."""
    with closing(sqlite3.connect(database)) as connection, connection:
        drafts = connection.execute("SELECT id, case_id, person, state, version, key, body FROM drafts").fetchall()
        for number in range(wanted - len(drafts)):
            _, case_id, person, state, version, key, body = drafts[number % len(drafts)]
            case = connection.execute("SELECT state, key, body FROM cases WHERE id = ?", (case_id,)).fetchone()
            made = connection.execute(
                "INSERT INTO cases (person, interview_id, state, key, body) VALUES (?, ?, ?, ?, ?)",
                (person, 1_000_000 + number, *case),
            ).lastrowid
            told = json.loads(body) | {"case_id": made, "key": f"{key}-{number}"}
            connection.execute(
                "INSERT INTO drafts (case_id, person, state, version, key, body) VALUES (?, ?, ?, ?, ?, ?)",
                (made, person, state, version, told["key"], json.dumps(told)),
            )


def measure(wanted: int) -> dict[str, dict[str, float]]:
    """Weight and answering time of the list and of one letter."""
    calwatch = str(Path(sys.executable).with_name("calwatch"))
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "demo"
        subprocess.run([calwatch, "demo", str(world)], check=True, stdout=subprocess.DEVNULL)
        copy_drafts(world / "state" / "calwatch.db", wanted)
        server = subprocess.Popen([sys.executable, __file__, "--serve", str(world)], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port, base = server.stdout.readline().split()
            with closing(http.client.HTTPConnection("127.0.0.1", int(port))) as line:
                return {name: looked(line, base + path, base) for name, path in (("list", "/"), ("letter", "/d/2"))}
        finally:
            server.terminate()
            server.wait(timeout=20)


def serve(world: Path) -> None:
    """The page alone, as the service serves it; prints its port and the path of a session."""
    from calwatch.clock import SystemClock
    from calwatch.settings import load
    from calwatch.store import open_store
    from calwatch.web import server
    from calwatch.web.sessions import Kind, accept, invite
    from calwatch.web.site import Site
    from calwatch.wiring import read_health

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = load(world / "calwatch.toml", {"HOME": str(world), "CALWATCH_APPROVAL__LISTEN": f"127.0.0.1:{port}"})
    clock, store, health = SystemClock(), open_store(settings.state), read_health(settings.state)
    now = clock.now()
    site = Site(settings=settings, store=store, clock=clock, health=health, wake=lambda: None, started=now)
    accepted = accept(store, now, Kind.LOOPBACK, invite(store, now, Kind.LOOPBACK))
    assert accepted is not None
    server.start(site)
    print(port, f"/k/{accepted[0]}", flush=True)
    signal.pause()


def looked(line: http.client.HTTPConnection, path: str, base: str) -> dict[str, float]:
    times = []
    for _ in range(ANSWERS):
        begin = time.perf_counter()
        body = fetched(line, path)
        times.append(time.perf_counter() - begin)
    parts = set(re.findall(rf'(?:href|src)="({re.escape(base)}/static/[^"]+)"', body.decode()))
    weight = len(body) + sum(len(fetched(line, part)) for part in parts)
    return {"ms": statistics.median(times) * 1000, "kB": weight / 1000, "markup kB": len(body) / 1000}


def fetched(line: http.client.HTTPConnection, path: str) -> bytes:
    line.request("GET", path)
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status)
    return body


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drafts", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve is not None:
        serve(args.serve)
    found = measure(args.drafts)
    if args.json:
        print(json.dumps(found))
    else:
        for name, one in found.items():
            print(name, ", ".join(f"{value:.1f} {unit}" for unit, value in one.items()))
    return 0 if all(one[unit] <= aim for one in found.values() for unit, aim in AIMS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
