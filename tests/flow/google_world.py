"""A person with a Google account for flow tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import requests

from calwatch.clock import SystemClock
from calwatch.model.span import Span
from fakes.google.person import CalendarWithHands
from fakes.google.server import FakeGoogle, Fault, Seen
from flow.program import Ran
from flow.remote_world import RemoteWorld


@dataclass(kw_only=True)
class GoogleWorld(RemoteWorld):
    server: FakeGoogle

    CREATE = "gmail.users.drafts.create"
    SEND = "gmail.users.drafts.send"
    DELTA = "calendar.events.list"
    MAIL_DELTA = "gmail.users.history.list"
    QUIET = {DELTA: 1, MAIL_DELTA: 1}  # noqa: RUF012 - a class variable of the base

    @property
    def google(self) -> FakeGoogle:
        return self.server

    def table(self) -> str:
        self.google.client_file(self.folder)
        return (
            f'provider = "google"\nclient_file = "client.json"\napi_root = "{self.google.api_root}"\n'
            f'gmail_root = "{self.google.gmail_root}"'
        )

    def auth(self, *, code: int = 0, paste: bool = False) -> Ran:
        """The person opens the printed address, and comes back to the port or pastes where they end."""
        with subprocess.Popen(
            self.words("auth", "personal", "--no-browser"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            cwd=self.folder,
            bufsize=0,
        ) as process:
            assert process.stdout is not None
            try:
                address, said = _address(process.stdout)
                with requests.Session() as browser:
                    browser.trust_env = False
                    led = browser.get(address, timeout=10, allow_redirects=not paste)
                typed = f"{led.headers['Location']}\n" if paste else ""
                assert led.status_code == (302 if paste else 200), led.text
                out, err = process.communicate(typed.encode(), timeout=30)
            finally:
                process.kill()
        ran = Ran(process.returncode, said + out.decode(), err.decode())
        assert "Traceback" not in ran.err, ran.err
        assert ran.code == code, ran
        return ran

    def revoke(self) -> None:
        self.google.oauth.revoke()

    def secrets(self) -> list[str]:
        oauth = self.google.oauth
        return [*oauth.grants, *oauth.access, *oauth.codes, *oauth.clients.values(), *oauth.clients]

    @property
    def mailbox(self) -> Any:
        return self.google.gmail

    def hands(self) -> Any:
        return CalendarWithHands(None, self.google)

    def held(self) -> list[Span]:
        raws = [e.raw for e in self.google.calendar.book().entries.values() if e.raw.get("summary") == "Busy"]
        assert {raw["visibility"] for raw in raws} <= {"private"}
        return [Span(*(datetime.fromisoformat(raw[end]["dateTime"]) for end in ("start", "end"))) for raw in raws]

    def forget_mail(self) -> None:
        for one in list(self.google.gmail.mails.values()):
            self.google.gmail.remove(one)

    def lose(self, operation: str) -> None:
        self.google.faults.plan(operation, Fault.LOST)

    def stumble(self) -> None:
        faults = self.google.faults
        faults.plan(self.DELTA, Fault.HTML_502, Fault.UNDONE, Fault.TRUNCATED, Fault.BROKEN_OFF)
        faults.plan(self.MAIL_DELTA, Fault.DOWN, Fault.LOST)

    @property
    def operations(self) -> list[str]:
        return [seen.method_id for seen in list(self.google.seen)]

    def sizes(self) -> list[int]:
        return [seen.sent for seen in list(self.google.seen)]

    def requests(self, method: str) -> list[Seen]:
        return [seen for seen in list(self.google.seen) if seen.method_id == method]


@contextmanager
def google_for(folder: Path, **given: Any) -> Iterator[GoogleWorld]:
    """The world in ``folder``; what no discovery document knows must never have been asked."""
    with FakeGoogle(SystemClock()) as google:
        yield GoogleWorld(folder=folder, server=google, **given)
        assert google.violations == []


def _address(printed: IO[bytes]) -> tuple[str, str]:
    """The address to open, and everything said until it."""
    said = ""
    for line in printed:
        said += line.decode()
        if line.startswith(b"http"):
            return line.decode().strip(), said
    raise AssertionError(f"no address was printed:\n{said}")
