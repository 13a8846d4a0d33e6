"""One person's disk for a flow test: a vdir, a Maildir and a configuration, with the real console script run on them.

Everything is dated relative to the real now, on working days far enough ahead, because the program has the real clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as readable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from calwatch.demo.files import a_calendar, a_mail, an_event, deliver, make_maildir
from calwatch.demo.people import ALEX, DANA, MARTA, PRIYA, SAM, TOM, Somebody
from flow.program import BERLIN, Program

ACME = "acme-technical@acme.example"
GLOBEX = "globex-manager@globex.example"
INITECH = "initech-screen@initech.example"


@dataclass
class World(Program):
    """``folder`` holds it all."""

    outgoing: str = "maildir"
    mail: bool = True
    given: set[Path] = field(default_factory=set)  # mails of the test's own, wherever they are
    _mails: int = 0

    def __post_init__(self) -> None:
        self.calendar.mkdir(parents=True, exist_ok=True)
        if self.mail:
            make_maildir(self.maildir)
        self.configure()

    # --- where things are ------------------------------------------------------------------------------------------

    @property
    def calendar(self) -> Path:
        return self.folder / "calendar"

    @property
    def maildir(self) -> Path:
        return self.folder / "Maildir"

    def configure(self, text: str | None = None) -> None:
        """Writes the configuration; without ``text`` a right one."""
        if text is None:
            mailbox = f'mail = "Maildir/"\noutgoing = "{self.outgoing}"\n' if self.mail else ""
            text = (
                '[you]\nname = "Alex Rivera"\nemails = ["alex.rivera@example.com"]\ntimezone = "Europe/Berlin"\n\n'
                f'[[accounts]]\nname = "personal"\nprovider = "local"\ncalendar = "calendar/"\n{mailbox}\n'
                f'[approval]\nlisten = ""\nundo = "{self.undo}"\n\n[storage]\npath = "state/"\n\n{self.more}'
            )
        self.config.write_text(text, encoding="utf-8")

    # --- the calendar ----------------------------------------------------------------------------------------------

    def put(self, name: str, *events: str) -> Path:
        """Writes one file of the vdir in one step, as synchronising tools do."""
        path = self.calendar / f"{name}.ics"
        waiting = path.with_suffix(".tmp")
        waiting.write_text(a_calendar(*events), encoding="utf-8", newline="")
        waiting.replace(path)
        return path

    def event(
        self,
        name: str,
        summary: str,
        start: datetime | date,
        minutes: int = 60,
        *,
        made: timedelta = timedelta(days=2),
        **more: Any,
    ) -> Path:
        """Puts one event into the vdir; ``made`` is how long ago the person (or somebody) entered it."""
        end = start + timedelta(minutes=minutes) if isinstance(start, datetime) else start + timedelta(days=1)
        return self.put(name, an_event(f"{name}@example.com", summary, start, end, stamp=self._stamp(made), **more))

    def _stamp(self, ago: timedelta) -> datetime:
        return (self.now - ago).astimezone(ZoneInfo("UTC"))

    def acme(self, day: int = 8, wall: str = "14:00", answer: str = "ACCEPTED", **more: Any) -> datetime:
        """An hour with Acme that Dana arranged by mail, Sam on copy, invitation in the thread; gives its start."""
        start = self.at(day, wall)
        self.put("acme", self.acme_event(start, answer, **more))
        subject = "Next step: technical interview at Acme"
        text = "Hi Alex,\n\nthe team would like to meet you for a technical interview of one hour.\n\nBest,\nDana\n"
        first = self.receive(DANA, subject, text, days_ago=9, cc=(SAM,))
        answered = "Hi Dana,\n\nthank you, that time works well for me.\n\nBest regards,\nAlex\n"
        second = self.write(DANA, f"Re: {subject}", answered, days_ago=8.5, thread=(first,), cc=(SAM,))
        invited = a_calendar(self.acme_event(start, "NEEDS-ACTION"), method="REQUEST")
        self.receive(
            DANA,
            f"Re: {subject}",
            "Great, the invitation is attached. Sam is looking forward to it.\n\nBest,\nDana\n",
            days_ago=6,
            thread=(first, second),
            cc=(SAM,),
            calendar=("REQUEST", invited),
        )
        return start

    def acme_event(self, start: datetime, answer: str = "ACCEPTED", **more: Any) -> str:
        given: dict[str, Any] = {
            "stamp": self._stamp(timedelta(days=6)),
            "organizer": DANA,
            "attendees": [(ALEX, answer), (DANA, "ACCEPTED"), (SAM, "ACCEPTED")],
            "description": "Hi Alex, this is the technical interview for the Backend Engineer role. Best, Dana",
            "location": "https://meet.acme.example/alex-rivera",
        }
        summary = "Technical interview: Alex Rivera / Acme (Backend Engineer)"
        return an_event(ACME, summary, start, start + timedelta(hours=1), **{**given, **more})

    def globex(self, day: int = 9, answer: str = "DECLINED") -> datetime:
        """The hiring manager of Globex, answered with ``answer``; only the invitation's own thread."""
        start = self.at(day, "11:00")
        fields: dict[str, Any] = {
            "stamp": self._stamp(timedelta(days=5)),
            "organizer": PRIYA,
            "description": "Dear Alex, Tom would like to meet you. This is the hiring manager interview.",
        }
        summary, end = "Interview with Tom Becker, Data Platform (Globex)", start + timedelta(minutes=45)
        people = [(PRIYA, "ACCEPTED"), (TOM, "ACCEPTED")]
        self.put("globex", an_event(GLOBEX, summary, start, end, attendees=[(ALEX, answer), *people], **fields))
        invited = an_event(GLOBEX, summary, start, end, attendees=[(ALEX, "NEEDS-ACTION"), *people], **fields)
        self.receive(
            PRIYA,
            "Your application at Globex: interview with the hiring manager",
            "Dear Alex,\n\nTom Becker would like to get to know you.\n\nKind regards\nPriya Nair\n",
            days_ago=5,
            calendar=("REQUEST", a_calendar(invited, method="REQUEST")),
        )
        return start

    def initech_event(self, start: datetime, *, method: str = "REQUEST", **more: Any) -> str:
        """Initech's phone screen; as a CANCEL when ``method`` says so."""
        cancelled = method == "CANCEL"
        given: dict[str, Any] = {
            "stamp": self._stamp(timedelta(hours=3) if cancelled else timedelta(days=6)),
            "organizer": MARTA,
            "attendees": [(ALEX, "ACCEPTED"), (MARTA, "ACCEPTED")],
            "sequence": 1 if cancelled else 0,
            "lines": ["STATUS:CANCELLED"] if cancelled else [],
            "description": "Phone screen for the Site Reliability Engineer role. I will call you. Marta",
        }
        summary = "Initech: first conversation with Alex Rivera (Site Reliability Engineer)"
        return an_event(INITECH, summary, start, start + timedelta(minutes=30), **{**given, **more})

    def initech(self, day: int = 7) -> tuple[datetime, str]:
        """Marta's phone screen by invitation mail; gives its start and the invitation's Message-ID."""
        start = self.at(day, "14:00", MARTA)
        invited = self.initech_event(start)
        self.put("initech", invited)
        first = self.receive(
            MARTA,
            "Interview invitation: first conversation",
            "Hi Alex,\n\nI'd like to start with a phone screen of half an hour.\n\nAll the best\nMarta\n",
            days_ago=5.5,
            calendar=("REQUEST", a_calendar(invited, method="REQUEST")),
        )
        return start, first

    def initech_cancels(self, start: datetime, first: str, words: str) -> None:
        """Marta's METHOD:CANCEL mail, three hours ago."""
        self.receive(
            MARTA,
            "Cancelled: first conversation",
            f"Hi Alex,\n\n{words}\n\nAll the best\nMarta\n",
            days_ago=0.125,
            thread=(first,),
            calendar=("CANCEL", a_calendar(self.initech_event(start, method="CANCEL"), method="CANCEL")),
        )

    # --- the mailbox -----------------------------------------------------------------------------------------------

    def receive(self, sender: Somebody, subject: str, text: str, *, days_ago: float, **more: Any) -> str:
        """A mail from ``sender`` lies in the inbox; gives its Message-ID."""
        return self._mail("", sender, [ALEX], subject, text, days_ago=days_ago, **more)

    def write(self, to: Somebody, subject: str, text: str, *, days_ago: float = 0.0, **more: Any) -> str:
        """The person themselves wrote to ``to``, with their own mail program."""
        return self._mail(".Sent", ALEX, [to], subject, text, days_ago=days_ago, **more)

    def _mail(
        self, folder: str, sender: Somebody, to: Sequence[Somebody], subject: str, text: str, *, days_ago: float,
        **more: Any,
    ) -> str:  # fmt: skip
        self._mails += 1
        sent = datetime.now(BERLIN) - timedelta(days=days_ago)
        message_id = f"<{sent:%Y%m%d%H%M}.{self._mails}@{sender.email.partition('@')[2]}>"
        message = a_mail(sender, to, subject, text, sent=sent, message_id=message_id, **more)
        name = f"{int(sent.timestamp())}.M{self._mails}.test"
        deliver(self.maildir, folder, name, message, seen=True)
        self.given.add(self.maildir / folder / "cur" / f"{name}:2,S")
        return message_id

    def files_of(self, folder: str) -> list[Path]:
        """The mails of one folder that calwatch (or the person's program, later) put there."""
        found = [p for part in ("cur", "new") for p in (self.maildir / folder / part).glob("*")]
        return sorted(set(found) - self.given)

    def mails(self, folder: str) -> list[EmailMessage]:
        return [read_mail(path) for path in self.files_of(folder)]

    def sent(self) -> list[EmailMessage]:
        return self.mails(".Sent")

    def waiting(self) -> list[EmailMessage]:
        return self.mails(".Drafts")

    # --- looking at the whole --------------------------------------------------------------------------------------

    def everything(self) -> dict[str, Any]:
        """All that must not change when nothing happened: every mail, every event, every row."""
        files = {
            str(p.relative_to(self.folder)): p.read_bytes()
            for root in (self.maildir, self.calendar)
            for p in sorted(root.rglob("*"))
            if p.is_file()
        }
        return {**files, "rows": self.rows()}


# --- what a sent letter must be ---------------------------------------------------------------------------------------


def read_mail(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=readable)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def own_words(text: str) -> str:
    return " ".join(text.split())


def spans(entries: Sequence[dict[str, str]]) -> list[tuple[datetime, datetime]]:
    return [(datetime.fromisoformat(e["start"]), datetime.fromisoformat(e["end"])) for e in entries]


def assert_is_what_was_shown(mail: EmailMessage, draft: dict[str, Any]) -> None:
    """The sent mail is exactly the approved draft, and tells nobody which program wrote it."""
    assert [a.addr_spec for a in mail["To"].addresses] == draft["to"]
    assert [a.addr_spec for a in (mail["Cc"].addresses if mail["Cc"] else ())] == draft["cc"]
    assert mail["Bcc"] is None
    assert own_words(mail["Subject"]) == draft["subject"]  # wherever it is folded
    assert [a.addr_spec for a in mail["From"].addresses] == ["alex.rivera@example.com"]
    assert own_words(text_of(mail)) == own_words(draft["body"])
    assert (mail["In-Reply-To"] or None) == draft["in_reply_to"]
    assert mail["Date"].datetime <= datetime.now(BERLIN)
    assert mail["Message-ID"]
    assert "calwatch" not in mail.as_string().lower()


def assert_offers_free_times(draft: dict[str, Any], busy: Sequence[tuple[datetime, datetime]], *, text: str) -> None:
    """Every offered time is in the letter, in the person's hours, on a working day, and clear of all ``busy``."""
    offered = spans(draft["slots"])
    assert offered
    buffer = timedelta(minutes=15)
    for start, end in offered:
        assert all(end + buffer <= begin or over + buffer <= start for begin, over in busy), (start, busy)
        wall = start.astimezone(BERLIN)
        assert wall.weekday() < 5
        assert time(9) <= wall.time() <= end.astimezone(BERLIN).time() <= time(17, 30)
        assert start > datetime.now(BERLIN) + timedelta(hours=24)
        line = f"{wall:%a} {wall.day} {wall:%B}, {wall:%H:%M}–{end.astimezone(BERLIN):%H:%M}"
        assert line in text, line
