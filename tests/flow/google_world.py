"""A person with a Google account for flow tests: the fake Google in this process, the real console script in others."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as readable
from pathlib import Path
from typing import IO, Any

import requests

from builders import DANA, an_invitation
from calwatch.clock import SystemClock
from calwatch.model.event import Response
from calwatch.model.message import Invitation, Message, Method
from fakes.google.person import raw
from fakes.google.server import FakeGoogle, Seen
from flow.program import Program, Ran

HOUR = timedelta(hours=1)
TITLE = "Technical interview with Acme"


@dataclass(kw_only=True)
class GoogleWorld(Program):
    """``account`` is further TOML of the account; the sign-in is the test's own first step, see ``sign_in``."""

    google: FakeGoogle
    account: str = ""
    watch: str = 'every = "1s"\nsettle = "0s"\n'
    _start: datetime | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.google.client_file(self.folder)
        self.configure()

    def configure(self) -> None:
        self.config.write_text(
            '[you]\nname = "Alex Rivera"\nemails = ["alex.rivera@example.com"]\ntimezone = "Europe/Berlin"\n\n'
            f'[[accounts]]\nname = "personal"\nprovider = "google"\nemail = "{self.google.owner}"\n'
            f'client_file = "client.json"\napi_root = "{self.google.api_root}"\n'
            f'gmail_root = "{self.google.gmail_root}"\n{self.account}\n'
            f'[watch]\n{self.watch}\n[approval]\nlisten = ""\nundo = "{self.undo}"\n\n'
            f'[notify]\nquiet = ""\n\n[storage]\npath = "state/"\n\n{self.more}',
            encoding="utf-8",
        )

    # --- signing in ------------------------------------------------------------------------------------------------

    @property
    def token_file(self) -> Path:
        return self.state / "tokens" / "personal.json"

    def sign_in(self) -> GoogleWorld:
        """The sign-in is there already."""
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.google.sign_in(self.state, "personal")
        return self

    def auth(self, *, paste: bool = False, code: int = 0) -> Ran:
        """``calwatch auth``; the person opens the printed address, and comes back to the port or pastes where they end.

        Gives what was said in all.
        """
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

    # --- what is at Google -----------------------------------------------------------------------------------------

    def acme(self, answer: Response = Response.ACCEPTED, **fields: Any) -> tuple[str, Message]:
        """An hour with Acme, arranged with Dana by mail and invited by Google; gives the event's id and Dana's mail.

        The person has answered her, and she has written once more.
        """
        booked = datetime.now(UTC) - timedelta(days=6)
        self._start = self.at(8, "15:00").astimezone(UTC)
        event = an_invitation(self._start, created=booked, dtstamp=booked, summary=TITLE, **fields)
        gmail = self.google.gmail
        first = gmail.receive(
            "Hi Alex,\n\nthank you for applying. When would a technical interview suit you?\n\nBest\nDana",
            sender=DANA,
            subject="Interview at Acme",
            date=booked - timedelta(days=2),
        )
        mine = gmail.write(
            "Hi Dana,\n\nany afternoon of that week.\n\nBest regards\nAlex",
            to=(DANA,),
            subject="Re: Interview at Acme",
            answers=first,
            date=booked - timedelta(days=1),
        )
        last = gmail.receive(
            "Hi Alex,\n\ngreat, the invitation follows.\n\nBest\nDana",
            sender=DANA,
            subject="Re: Interview at Acme",
            answers=mine,
            date=booked - timedelta(hours=1),
        )
        gmail.receive(
            "",
            sender=DANA,
            subject=f"Invitation: {TITLE}",
            invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
            date=booked,
            automatic=True,
        )
        ref = self.google.calendar.put(raw(event))
        self.google.calendar.raw(ref)
        if answer is not Response.ACCEPTED:
            self.google.calendar.answer(ref, answer)
        return ref, last

    @property
    def start(self) -> datetime:
        assert self._start is not None, "there is no interview yet"
        return self._start

    def clash(self, title: str = "Parents' evening") -> str:
        """Something of the person's own takes the interview's hour."""
        return self.google.calendar.put({"summary": title, **hour(self.start)})

    def mailbox_draft(self) -> str:
        """The id of the one draft in Gmail."""
        (one,) = self.google.gmail.drafts
        return one

    def draft_mail(self) -> EmailMessage:
        return read(self.google.gmail.drafts[self.mailbox_draft()].mail.raw)

    def sent(self) -> list[EmailMessage]:
        """What left through calwatch or by hand from a draft, oldest first; not what the person wrote before."""
        begun = self.now.astimezone(UTC)
        gmail = self.google.gmail
        mails = [mail for mail in gmail.mails.values() if "SENT" in mail.labels and mail.internal >= begun]
        return [read(mail.raw) for mail in mails]

    # --- what was asked --------------------------------------------------------------------------------------------

    def asked(self) -> Counter[str]:
        """The requests so far by method."""
        return Counter(seen.method_id for seen in list(self.google.seen))

    def requests(self, method: str) -> list[Seen]:
        return [seen for seen in list(self.google.seen) if seen.method_id == method]


@contextmanager
def google_for(folder: Path, **given: Any) -> Iterator[GoogleWorld]:
    """The world in ``folder``; what no discovery document knows must never have been asked."""
    with FakeGoogle(SystemClock()) as google:
        yield GoogleWorld(folder=folder, google=google, **given)
        assert google.violations == []


def read(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=readable)


def hour(start: datetime) -> dict[str, Any]:
    """The times of an event of one hour, as Google's JSON has them."""
    return {
        "start": {"dateTime": start.isoformat(), "timeZone": "Europe/Berlin"},
        "end": {"dateTime": (start + HOUR).isoformat(), "timeZone": "Europe/Berlin"},
    }


def _address(printed: IO[bytes]) -> tuple[str, str]:
    """The address to open, and everything said until it."""
    said = ""
    for line in printed:
        said += line.decode()
        if line.startswith(b"http"):
            return line.decode().strip(), said
    raise AssertionError(f"no address was printed:\n{said}")
