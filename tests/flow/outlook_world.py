"""A person with a Microsoft account for flow tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calwatch.clock import SystemClock
from calwatch.model.span import Span
from fakes.microsoft.identity import CLIENT_ID
from fakes.microsoft.person import CalendarWithHands
from fakes.microsoft.server import FakeMicrosoft, Fault, Seen
from flow.program import Ran
from flow.remote_world import RemoteWorld


@dataclass(kw_only=True)
class OutlookWorld(RemoteWorld):
    server: FakeMicrosoft

    CREATE = "messages.createReply"
    SEND = "messages.send"
    DELTA = "calendarView.delta"
    MAIL_DELTA = "messages.delta"
    QUIET = {DELTA: 1, MAIL_DELTA: 2}  # noqa: RUF012 - a class variable of the base

    @property
    def microsoft(self) -> FakeMicrosoft:
        return self.server

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "SSL_CERT_FILE": str(self.microsoft.ca_file(self.folder))}

    def table(self) -> str:
        return (
            f'provider = "outlook"\nclient_id = "{CLIENT_ID}"\nauthority = "{self.microsoft.authority}"\n'
            f'api_root = "{self.microsoft.api_root}"'
        )

    def auth(self, *, code: int = 0) -> Ran:
        """The person types the printed code somewhere else, at once."""
        done = subprocess.run(
            self.words("auth", "personal", "--no-browser"),
            stdin=subprocess.DEVNULL,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, done
        return Ran(done.returncode, done.stdout, done.stderr)

    def revoke(self) -> None:
        self.microsoft.identity.revoke()

    def secrets(self) -> list[str]:
        identity = self.microsoft.identity
        return [*identity.grants, *identity.access, *identity.codes, *identity.devices, CLIENT_ID]

    @property
    def mailbox(self) -> Any:
        return self.microsoft.mail

    def hands(self) -> Any:
        return CalendarWithHands(None, self.microsoft.calendar, None)

    def held(self) -> list[Span]:
        raws = [e.raw for e in self.microsoft.calendar.book().entries.values() if e.raw.get("subject") == "Busy"]
        assert {raw["sensitivity"] for raw in raws} <= {"private"}
        times = [(raw[end]["dateTime"], raw[end]["timeZone"]) for raw in raws for end in ("start", "end")]
        assert {zone for _, zone in times} <= {"UTC"}
        moments = [datetime.fromisoformat(wall).replace(tzinfo=UTC) for wall, _ in times]
        return [Span(start, end) for start, end in zip(moments[::2], moments[1::2], strict=True)]

    def forget_mail(self) -> None:
        self.microsoft.mail.mails.clear()

    def lose(self, operation: str) -> None:
        self.microsoft.faults.plan(operation, Fault.LOST)

    def stumble(self) -> None:
        faults = self.microsoft.faults
        faults.plan(self.DELTA, Fault.HTML_504, Fault.UNDONE, Fault.TRUNCATED, Fault.BROKEN_OFF)
        faults.plan(self.MAIL_DELTA, Fault.DOWN, Fault.LOST)

    @property
    def operations(self) -> list[str]:
        return [seen.operation for seen in list(self.microsoft.seen)]

    def sizes(self) -> list[int]:
        return [seen.sent for seen in list(self.microsoft.seen)]

    def requests(self, operation: str) -> list[Seen]:
        return [seen for seen in list(self.microsoft.seen) if seen.operation == operation]


@contextmanager
def outlook_for(folder: Path, **given: Any) -> Iterator[OutlookWorld]:
    """The world in ``folder``; what no Graph knows, or no careful client does, must never have been asked."""
    with FakeMicrosoft(SystemClock()) as microsoft:
        microsoft.identity.interval = 1
        yield OutlookWorld(folder=folder, server=microsoft, **given)
        assert microsoft.violations == []
