"""Google: what a pass asks and how long it takes, with the real client against the fake Google in another process.

    python bench/google_account.py [--json] [--events 5000]

Printed: the first sync (requests, seconds, peak memory), an idle pass, a pass that finds one change (requests and bytes
against reading everything again), and the time from the poll that shows a clash to the draft in the mailbox.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

HERE = Path(__file__).parent
CONFIG = """
[you]
name = "Alex Rivera"
emails = ["{email}"]
timezone = "Europe/Berlin"

[[accounts]]
name = "personal"
provider = "google"
email = "{email}"
client_file = "client.json"
api_root = "{url}"
gmail_root = "{url}"

[watch]
settle = "0s"

[approval]
listen = ""

[storage]
path = "state/"
"""


@dataclass
class Other:
    """The other process: the fake Google, told what to do by lines of JSON."""

    orders: IO[str]
    answers: IO[str]

    def do(self, what: str, **more: Any) -> Any:
        self.orders.write(json.dumps({"do": what, **more}) + "\n")
        self.orders.flush()
        return json.loads(self.answers.readline())


@contextmanager
def other(folder: Path) -> Iterator[Other]:
    """Starts the fake Google; ``folder`` gets its client file and a sign-in."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "tests")}
    command = [sys.executable, str(HERE / "google_account.py"), "--serve", str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Other(process.stdin, process.stdout)
        process.stdin.close()


# --- the other process -------------------------------------------------------------------------------------------


def serve(folder: Path) -> None:
    """Obeys until there are no more lines."""
    from calwatch.clock import SystemClock
    from fakes.google.server import FakeGoogle

    with FakeGoogle(SystemClock()) as google:
        google.client_file(folder)
        google.sign_in(folder / "state", "personal")
        for line in sys.stdin:
            order = json.loads(line)
            print(json.dumps(_obey(google, order)), flush=True)
        assert not google.violations, google.violations


def _obey(google: Any, order: dict[str, Any]) -> Any:
    match order["do"]:
        case "where":
            return {"url": google.url, "email": google.owner}
        case "fill":
            _fill(google, order["events"])
        case "interview":
            _interview(google)
        case "change":
            google.calendar.change("filler7", summary="Another title")
        case "clash":
            google.calendar.put({"summary": "Parents' evening", **_hour(_working_day(8, 13))})
        case "seen":
            seen = list(google.seen)
            google.seen.clear()
            first = next((s.at for s in seen if s.method_id == "calendar.events.list"), None)
            drafted = next((s.at for s in seen if s.method_id == "gmail.users.drafts.create"), None)
            return {
                "requests": Counter(s.method_id for s in seen),
                "bytes": sum(s.sent for s in seen),
                "calendar bytes": sum(s.sent for s in seen if s.method_id == "calendar.events.list"),
                "connections": len({s.connection for s in seen}),
                "poll to draft": (drafted - first).total_seconds() if first and drafted else None,
            }
    return None


def _working_day(days: int, hour: int) -> datetime:
    """The ``days``-th working day from now, at an hour of UTC."""
    found = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    for _ in range(days):
        found += timedelta(days=1)
        while found.weekday() >= 5:
            found += timedelta(days=1)
    return found


def _hour(start: datetime) -> dict[str, Any]:
    return {
        "start": {"dateTime": start.isoformat(), "timeZone": "Europe/Berlin"},
        "end": {"dateTime": (start + timedelta(hours=1)).isoformat(), "timeZone": "Europe/Berlin"},
    }


def _fill(google: Any, events: int) -> None:
    """Single events over two years and one weekly series in fifty, at hours that are nobody's interview."""
    first = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=10)
    for number in range(events):
        raw: dict[str, Any] = {"id": f"filler{number}", "summary": f"Entry {number}", "description": "Agenda. " * 20}
        raw |= _hour(first + timedelta(days=number % 730, minutes=number % 50))
        if number % 50 == 0:
            raw["recurrence"] = ["RRULE:FREQ=WEEKLY"]
        google.calendar.put(raw)


def _interview(google: Any) -> None:
    """An hour with Acme, arranged in a thread and invited by mail."""
    from builders import DANA, an_invitation
    from calwatch.model.message import Invitation, Method
    from fakes.google.person import raw

    booked = datetime.now(UTC) - timedelta(days=6)
    event = an_invitation(_working_day(8, 13), created=booked, dtstamp=booked)
    first = google.gmail.receive(
        "Hi Alex,\n\nthank you for applying. I will send an invitation for the technical interview.\n\nBest\nDana",
        sender=DANA,
        subject="Interview at Acme",
        date=booked - timedelta(days=1),
    )
    google.gmail.receive(
        "",
        sender=DANA,
        subject=f"Invitation: {event.summary}",
        invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
        date=booked,
        automatic=True,
        answers=first,
    )
    google.calendar.put(raw(event))


# --- this process ------------------------------------------------------------------------------------------------


def measure(events: int) -> dict[str, Any]:
    """Everything, in one run."""
    from calwatch.settings import load
    from calwatch.wiring import open_world

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "state").mkdir(mode=0o700)
        with other(folder) as google:
            (folder / "calwatch.toml").write_text(CONFIG.format(**google.do("where")), encoding="utf-8")
            google.do("fill", events=events)
            google.do("interview")
            world = open_world(load(folder / "calwatch.toml"))
            found: dict[str, Any] = {"events": events}
            found["first sync"] = _pass(world, google) | {"peak MB": _peak()}
            found["idle pass"] = _pass(world, google)
            google.do("change")
            found["one change"] = _pass(world, google)
            google.do("clash")
            found["clash"] = _pass(world, google)
            found["idle pass with a draft waiting"] = _pass(world, google)
            world.close()
    change, everything = found["one change"]["calendar bytes"], found["first sync"]["calendar bytes"]
    found["bytes: one change / everything"] = change / everything
    return found


def _pass(world: Any, google: Other) -> dict[str, Any]:
    google.do("seen")
    before, cpu = time.perf_counter(), time.process_time()
    assert world.pipeline.pull_all(), {name: one.detail for name, one in world.pipeline.parts.health.items()}
    world.pipeline.assess()
    world.pipeline.act()
    spent = {"seconds": time.perf_counter() - before, "cpu seconds": time.process_time() - cpu}
    seen: dict[str, Any] = google.do("seen")
    return {**seen, **spent}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve)
        return 0
    found = measure(args.events)
    print(json.dumps(found) if args.json else json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
