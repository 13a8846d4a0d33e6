"""Google and Outlook side by side: what a pass asks and how long it takes, the real clients against fakes elsewhere.

    python bench/remote_account.py [--json] [--provider google|outlook|all] [--events 5000]

Each fake is a process of its own. Google tells of every event from the window's start on, Outlook only of those in the
window; so the events lie in the two months ahead, and both read all of them. Printed, per provider: the first sync
(requests, seconds, peak memory), an idle pass, a pass that finds one change (requests and bytes against reading
everything again), and the time from the poll that shows a clash to the draft in the mailbox.
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
email = "{email}"
{table}

[watch]
settle = "0s"

[approval]
listen = ""

[storage]
path = "state/"
"""


@dataclass
class Other:
    """The other process: a fake provider, told what to do by lines of JSON."""

    orders: IO[str]
    answers: IO[str]

    def do(self, what: str, **more: Any) -> Any:
        self.orders.write(json.dumps({"do": what, **more}) + "\n")
        self.orders.flush()
        return json.loads(self.answers.readline())


@contextmanager
def other(provider: str, folder: Path) -> Iterator[Other]:
    """Starts the fake; ``folder`` gets what an account there needs, and a sign-in."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "tests")}
    command = [sys.executable, str(HERE / "remote_account.py"), "--serve", str(folder), "--provider", provider]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Other(process.stdin, process.stdout)
        process.stdin.close()


# --- the other process -------------------------------------------------------------------------------------------


class Google:
    """What is asked of the fake Google."""

    CALENDAR = "calendar.events.list"
    CREATE = "gmail.users.drafts.create"

    def __init__(self, folder: Path) -> None:
        from calwatch.clock import SystemClock
        from fakes.google.person import CalendarWithHands
        from fakes.google.server import FakeGoogle

        self.server: Any = FakeGoogle(SystemClock())
        self.calendar: Any = CalendarWithHands(None, self.server)
        self.mailbox: Any = self.server.gmail
        self.folder = folder

    def where(self) -> dict[str, str]:
        self.server.client_file(self.folder)
        url = self.server.url
        table = f'provider = "google"\nclient_file = "client.json"\napi_root = "{url}"\ngmail_root = "{url}"'
        return {"table": table, "ca": ""}

    def names(self) -> list[str]:
        return [seen.method_id for seen in self.server.seen]


class Outlook:
    """What is asked of the fake Microsoft."""

    CALENDAR = "calendarView.delta"
    CREATE = "messages.createReply"

    def __init__(self, folder: Path) -> None:
        from calwatch.clock import SystemClock
        from fakes.microsoft.person import CalendarWithHands
        from fakes.microsoft.server import FakeMicrosoft

        self.server: Any = FakeMicrosoft(SystemClock())
        self.calendar: Any = CalendarWithHands(None, self.server.calendar, None)
        self.mailbox: Any = self.server.mail
        self.folder = folder

    def where(self) -> dict[str, str]:
        account = self.server.account()
        table = (
            f'provider = "outlook"\nclient_id = "{account.client_id}"\nauthority = "{account.authority}"\n'
            f'api_root = "{account.api_root}"'
        )
        return {"table": table, "ca": str(self.server.ca_file(self.folder))}

    def names(self) -> list[str]:
        return [seen.operation for seen in self.server.seen]


FAKES: dict[str, type[Google] | type[Outlook]] = {"google": Google, "outlook": Outlook}


def serve(provider: str, folder: Path) -> None:
    """Obeys until there are no more lines."""
    fake = FAKES[provider](folder)
    with fake.server as server:
        server.sign_in(folder / "state", "personal")
        for line in sys.stdin:
            order = json.loads(line)
            print(json.dumps(_obey(fake, order)), flush=True)
        assert not server.violations, server.violations


def _obey(fake: Google | Outlook, order: dict[str, Any]) -> Any:
    from builders import an_event

    match order["do"]:
        case "where":
            return {"email": fake.server.owner, **fake.where()}
        case "fill":
            _fill(fake, order["events"])
        case "interview":
            _interview(fake)
        case "change":
            fake.calendar.change("filler7", summary="Another title")
        case "clash":
            fake.calendar.add(an_event(_working_day(8, 13), 60, summary="Parents' evening", timezone="Europe/Berlin"))
        case "seen":
            names, seen = fake.names(), list(fake.server.seen)
            fake.server.seen.clear()
            both = list(zip(names, seen, strict=True))
            first = next((s.at for name, s in both if name == fake.CALENDAR), None)
            drafted = next((s.at for name, s in both if name == fake.CREATE), None)
            return {
                "requests": Counter(names),
                "calendar requests": names.count(fake.CALENDAR),
                "bytes": sum(s.sent for s in seen),
                "calendar bytes": sum(s.sent for name, s in both if name == fake.CALENDAR),
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


def _fill(fake: Google | Outlook, events: int) -> None:
    """Single events in the two months ahead, at hours that are nobody's interview."""
    from builders import an_event

    first = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for number in range(events):
        start = first + timedelta(days=number % 55, minutes=number % 50)
        words = {"summary": f"Entry {number}", "description": "Agenda. " * 20}
        fake.calendar.add(an_event(start, 60, ref=f"filler{number}", timezone="Europe/Berlin", **words))


def _interview(fake: Google | Outlook) -> None:
    """An hour with Acme, arranged in a thread and invited by mail."""
    from builders import DANA, an_invitation
    from calwatch.model.message import Invitation, Method

    booked = datetime.now(UTC) - timedelta(days=6)
    event = an_invitation(_working_day(8, 13), created=booked, dtstamp=booked)
    first = fake.mailbox.receive(
        "Hi Alex,\n\nthank you for applying. I will send an invitation for the technical interview.\n\nBest\nDana",
        sender=DANA,
        subject="Interview at Acme",
        date=booked - timedelta(days=1),
    )
    fake.mailbox.receive(
        "",
        sender=DANA,
        subject=f"Invitation: {event.summary}",
        invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
        date=booked,
        automatic=True,
        answers=first,
    )
    fake.calendar.add(event)


# --- this process ------------------------------------------------------------------------------------------------


def measure(provider: str, events: int) -> dict[str, Any]:
    """Everything of one provider, in one run."""
    from calwatch.settings import load
    from calwatch.wiring import open_world

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "state").mkdir(mode=0o700)
        with other(provider, folder) as fake:
            where = fake.do("where")
            (folder / "calwatch.toml").write_text(CONFIG.format(**where), encoding="utf-8")
            if where["ca"]:
                os.environ["SSL_CERT_FILE"] = where["ca"]
            fake.do("fill", events=events)
            fake.do("interview")
            world = open_world(load(folder / "calwatch.toml"))
            found: dict[str, Any] = {"events": events}
            found["first sync"] = _pass(world, fake) | {"peak MB": _peak()}
            found["idle pass"] = _pass(world, fake)
            fake.do("change")
            found["one change"] = _pass(world, fake)
            fake.do("clash")
            found["clash"] = _pass(world, fake)
            found["idle pass with a draft waiting"] = _pass(world, fake)
            world.close()
    change, everything = found["one change"]["calendar bytes"], found["first sync"]["calendar bytes"]
    found["bytes: one change / everything"] = change / everything
    return found


def _pass(world: Any, fake: Other) -> dict[str, Any]:
    fake.do("seen")
    before, cpu = time.perf_counter(), time.process_time()
    assert world.pipeline.pull_all(), {name: one.detail for name, one in world.pipeline.parts.health.items()}
    world.pipeline.assess()
    world.pipeline.act()
    spent = {"seconds": time.perf_counter() - before, "cpu seconds": time.process_time() - cpu}
    seen: dict[str, Any] = fake.do("seen")
    return {**seen, **spent}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--provider", choices=(*FAKES, "all"), default="all")
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.provider, args.serve)
        return 0
    if args.provider == "all":  # each in a process of its own: a peak of memory is one's own
        found = {provider: _apart(provider, args.events) for provider in FAKES}
    else:
        found = measure(args.provider, args.events)
    print(json.dumps(found) if args.json else json.dumps(found, indent=2))
    return 0


def _apart(provider: str, events: int) -> Any:
    command = [sys.executable, __file__, "--json", "--provider", provider, "--events", str(events)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
