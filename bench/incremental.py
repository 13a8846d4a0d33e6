"""One changed event handed over, in a calendar of 50,000 events: against the first full pass, and against 500 events.

    python bench/incremental.py [--events 50000] [--json]

"Handed over" is what a provider's change feed gives (a delta item): the change is committed with its cursor,
joined, recognised, and everything it concerns is assessed, as the service does it. CPU time in one process, median
of five. Each measured change moves another event, so nothing is ever found unchanged.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workloads import cached

from calwatch.formats.ical import read
from calwatch.model.event import Attendee, Event, Person, Response, Series
from calwatch.model.me import Me
from calwatch.model.span import Span
from calwatch.pipeline import Account, Parts, Pipeline, Preferences
from calwatch.pipeline.pull import take_over
from calwatch.pipeline.reading import reading_window
from calwatch.ports import NO_NOTE, Changes, Found, Gone, Known, Note, Unknown
from calwatch.store import open_store

NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
# The workload draws its titles from words like "interview" and "recruiter", and its people all work at example.com and
# example.org. They are the user's colleagues here; ten interviews with somebody else are added.
COLLEAGUES = frozenset({"example.com", "example.org"})
ME = Me(emails=frozenset({"alex@rivera.example"}), name="Alex Rivera", employer=COLLEAGUES)
ZONE = "Europe/Berlin"
CHANGES = 5


class StillClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    def boot_id(self) -> str:
        return "bench"


class NoCalendar:
    """Never asked: the changes are handed over."""

    proposes = False

    def calendars(self) -> Sequence[str]:
        return ("calendar",)

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        return Changes(cursor=cursor or "")

    def get(self, calendar: str, ref: str, window: Span) -> Found | Gone:
        return Gone()

    def busy(self, calendars: Sequence[str], window: Span) -> Mapping[str, tuple[Span, ...] | Unknown]:
        return dict.fromkeys(calendars, ())

    def respond(
        self, calendar: str, ref: str, recurrence_id: str | None, answer: Response, etag: str, note: Note = NO_NOTE
    ) -> str:
        return etag

    def hold(self, calendar: str, key: str, span: Span) -> str:
        return key

    def release(self, calendar: str, ref: str) -> None:
        return None


class Bench:
    """A calwatch whose one calendar was just read for the first time."""

    def __init__(self, folder: Path, data: bytes) -> None:
        self.store = open_store(folder)
        preferences = Preferences(me=ME, name=ME.name, phone="", zone=ZONE, languages=("en",))
        self.account = Account(name="bench", email="alex@rivera.example", calendar=NoCalendar(), mail=None)
        self.parts = Parts(
            store=self.store,
            accounts={"bench": self.account},
            clock=StillClock(),
            preferences=preferences,
            holidays=lambda years: frozenset(),
        )
        self.pipeline = Pipeline(self.parts)
        self.window = reading_window(NOW, preferences.watch.horizon, preferences.slots.within)
        started = time.process_time()
        parsed = read(data, me=ME.emails, viewer_zone=ZONE, window=self.window)
        # The single-file provider names resources by uid; so does this.
        items = (*(_named(item) for item in parsed.items), *_interviews())
        etags = {item.ref: "1" for item in items}
        self.hand_over(Changes(items=items, etags=etags, cursor="1", window=self.window, complete=True), None)
        self.full = time.process_time() - started
        self.singles = [i for i in items if isinstance(i, Event) and NOW < i.start < NOW + timedelta(days=55)]
        self.known = len(items)

    def hand_over(self, changes: Changes, cursor: str | None) -> None:
        take_over(self.parts, self.account, "calendar", changes, window=self.window, cursor=cursor, now=NOW)
        self.pipeline.assess()

    def one_change(self, number: int) -> float:
        """CPU seconds to take over one event that moved by an hour, and to assess what that concerns."""
        event = self.singles[number * 7 % len(self.singles)]
        moved = replace(
            event,
            start=event.start + timedelta(hours=1),
            end=event.end + timedelta(hours=1),
            sequence=event.sequence + 1,
            etag=f"changed-{number}",
        )
        changes = Changes(items=(moved,), etags={moved.ref: moved.etag}, cursor=f"{number + 2}", window=self.window)
        started = time.process_time()
        self.hand_over(changes, str(number + 1))
        return time.process_time() - started

    def nothing(self) -> tuple[int, float]:
        """Rows written and CPU seconds of a pass over an unchanged source."""
        before, started = self.store.counters.rows_written, time.process_time()
        self.pipeline.pull_all()
        return self.store.counters.rows_written - before, time.process_time() - started


def _interviews() -> list[Event]:
    organizer = Person("dana@acme.example", "Dana Fox")
    starts = [NOW + timedelta(days=3 + 4 * n, hours=n % 5) for n in range(10)]
    return [
        Event(
            ref=f"interview-{n}",
            uid=f"interview-{n}@acme.example",
            start=start,
            end=start + timedelta(hours=1),
            summary="Technical interview with Acme",
            organizer=organizer,
            attendees=(Attendee(organizer), Attendee(Person("alex@rivera.example"), Response.ACCEPTED)),
            response=Response.ACCEPTED,
            etag="1",
        )
        for n, start in enumerate(starts)
    ]


def _named(item: Event | Series) -> Event | Series:
    return replace(item, ref=item.uid)


def subset(data: bytes, events: int) -> bytes:
    """The first ``events`` components of a calendar file."""
    head, _, rest = data.partition(b"BEGIN:VEVENT")
    blocks = rest.split(b"BEGIN:VEVENT")[:events]
    body = b"BEGIN:VEVENT".join([b"", *blocks])
    return head + body.removesuffix(b"END:VCALENDAR\r\n") + b"END:VCALENDAR\r\n"


def measure(events: int) -> dict[str, float]:
    """The figures of this machine, now."""
    logging.disable(logging.WARNING)
    data = cached("w2").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        small = Bench(Path(folder) / "small", subset(data, 500))
        large = Bench(Path(folder) / "large", subset(data, events))
        for bench in (small, large):
            bench.one_change(100)  # statements are compiled once
        pairs = [(small.one_change(n), large.one_change(n)) for n in range(CHANGES)]
        rows, idle = large.nothing()
        in_small, in_large = (statistics.median(column) for column in zip(*pairs, strict=True))
        return {
            "events": float(events),
            "full pass s": large.full,
            "one change ms": in_large * 1000,
            "one change, 500 events ms": in_small * 1000,
            "change / full pass": in_large / large.full,
            "change in 50,000 / in 500": in_large / in_small,
            "rows written when nothing changed": float(rows),
            "pass when nothing changed ms": idle * 1000,
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = measure(args.events)
    if args.json:
        json.dump(figures, sys.stdout)
        return 0
    for name, value in figures.items():
        print(f"{name:36} {value:12.4f}")
    print(f"\nchange / full pass: 1/{1 / figures['change / full pass']:.0f} (aim 1/500)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
