"""A real folder of .ics files, with the hands of a calendar program and of organizers."""

from __future__ import annotations

import itertools
import shutil
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from builders import ALEX
from calwatch.model.event import Response
from calwatch.ports import Calendar
from calwatch.providers.local.calendar import LocalCalendar
from calwatch.providers.local.mail import LocalMail
from fakes.clock import ManualClock
from fakes.faults import Answer


class LocalCalendarWorld:
    """A vdir in ``root``/calendar and a Maildir that files answers instead of sending them."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "calendar"
        self.folder.mkdir()
        self.maildir = root / "Maildir"
        for part in ("cur", "new", "tmp"):
            (self.maildir / part).mkdir(parents=True)
        self.clock = ManualClock()
        self._numbers = itertools.count(1)
        self.restart()

    @property
    def calendar(self) -> Calendar:
        return self.local

    @property
    def name(self) -> str:
        return "calendar"

    def restart(self) -> None:
        mine = frozenset({ALEX.email})
        mail = LocalMail(
            self.maildir, me=ALEX, addresses=mine, viewer_zone="Europe/Berlin", clock=self.clock, outgoing="maildir"
        )
        self.local = LocalCalendar(
            self.folder, me=ALEX, addresses=mine, viewer_zone="Europe/Berlin", clock=self.clock, mail=mail
        )

    def add(
        self, start: datetime, title: str = "Interview", answer: Response = Response.ACCEPTED, *, weekly: int = 0
    ) -> str:
        number = next(self._numbers)
        people = [
            "ORGANIZER;CN=Dana Fox:mailto:dana@acme.example",
            "ATTENDEE;CN=Dana Fox;PARTSTAT=ACCEPTED:mailto:dana@acme.example",
            f"ATTENDEE;RSVP=TRUE;X-KEEP=yes;PARTSTAT={answer.value.upper()}:MAILTO:Alex.Rivera@example.com",
        ]
        lines = [] if answer is Response.OWN else people
        if weekly:
            lines = [*lines, f"RRULE:FREQ=WEEKLY;COUNT={weekly}"]
        return self.put(f"event-{number}.ics", start, title, *lines, "X-UNKNOWN;X-P=1:kept")

    def block(self, start: datetime, *, transparent: bool) -> None:
        transp = "TRANSP:TRANSPARENT" if transparent else "TRANSP:OPAQUE"
        self.put(f"block-{next(self._numbers)}.ics", start, "Own", transp)

    def put(self, name: str, start: datetime, title: str, *lines: str) -> str:
        """Writes one event of an hour as calendar programs do: aside, then renamed."""
        end = start + timedelta(hours=1)
        text = "\r\n".join(
            (
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:-//test//EN",
                "BEGIN:VEVENT",
                f"UID:{name.removesuffix('.ics')}@acme.example",
                "DTSTAMP:20260401T080000Z",
                f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}",
                f"DTEND:{end.astimezone(UTC):%Y%m%dT%H%M%SZ}",
                f"SUMMARY:{title}",
                *lines,
                "END:VEVENT",
                "END:VCALENDAR",
                "",
            )
        )
        waiting = self.folder / f".{name}.tmp"
        waiting.write_text(text, encoding="utf-8", newline="")
        waiting.rename(self.folder / name)
        return name

    def replace(self, ref: str, *changes: tuple[str, str]) -> None:
        path = self.folder / ref
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8", newline="")

    def move(self, ref: str, start: datetime) -> None:
        lines = (self.folder / ref).read_text(encoding="utf-8").splitlines()
        old_start = next(x for x in lines if x.startswith("DTSTART"))
        old_end = next(x for x in lines if x.startswith("DTEND"))
        end = start + timedelta(hours=1)
        self.replace(
            ref,
            (old_start, f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"),
            (old_end, f"DTEND:{end.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\nSEQUENCE:1"),
        )

    def remove(self, ref: str) -> None:
        (self.folder / ref).unlink()

    def cancel(self, ref: str) -> None:
        self.replace(ref, ("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT"))

    def forget_cursors(self) -> str:
        return "a cursor of something else"

    def break_next(self, operation: str, answer: Answer) -> None:
        raise AssertionError("files do not lose answers")

    def make_unreadable(self) -> None:
        shutil.rmtree(self.folder)

    def told(self) -> list[Response]:
        found: list[Response] = []
        sent = self.maildir / ".Sent" / "cur"
        for path in sorted(sent.iterdir() if sent.exists() else ()):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
            text = str(part.get_content()).replace("\r\n ", "").replace("\n ", "")
            assert "METHOD:REPLY" in text
            assert mail["To"] == "Dana Fox <dana@acme.example>"
            status = text.partition("PARTSTAT=")[2].partition(":")[0].partition(";")[0]
            found.append(Response(status.strip().lower()))
        return found
