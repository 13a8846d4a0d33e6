"""The same promise on files: Maildir filing, and a real SMTP server that breaks off after taking the mail."""

from __future__ import annotations

import copy
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from calwatch.model.case import DraftState
from crash.harness import Story, Theatre, Watched, approve, fresh_clock, keeps_the_promise, watched_files
from fakes.clock import ManualClock
from fakes.smtp_server import Cut, SmtpServer
from worlds import Files, World

INVITATION = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:tech@acme.example
DTSTAMP:20260414T080000Z
CREATED:20260414T080000Z
DTSTART:20260505T130000Z
DTEND:20260505T140000Z
SUMMARY:Technical interview with Acme
DESCRIPTION:Looking forward to the technical interview for the Backend Engineer role.
ORGANIZER;CN=Dana Fox:mailto:dana@acme.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=Alex Rivera:mailto:alex.rivera@example.com
END:VEVENT
END:VCALENDAR
"""

CLASH = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:parents@rivera.example
DTSTAMP:20260420T070000Z
CREATED:20260420T070000Z
DTSTART:20260505T130000Z
DTEND:20260505T143000Z
SUMMARY:Parents' evening
END:VEVENT
END:VCALENDAR
"""

MAIL = """From: Dana Fox <dana@acme.example>
To: Alex Rivera <alex.rivera@example.com>
Subject: Interview at Acme
Date: Mon, 13 Apr 2026 09:00:00 +0000
Message-ID: <first@acme.example>

Hi Alex,

thank you for applying. An invitation for the technical interview follows.

Best
Dana
"""

CUTS = {"ok": Cut.NONE, "refused": Cut.SPAM, "reply lost": Cut.TAKEN, "lost, and it did not happen": Cut.DROPPED}


class FilesTheatre(Theatre):
    """A vdir and a Maildir below ``root``; mail leaves by ``server``, or is filed when there is none.

    ``cut`` is where the server breaks off in a first life; every later one meets a server that works. So a life that
    died before a server could break off goes on as it would have with any other, and only those with a server that
    works are told.
    """

    def __init__(self, folder: Path, root: Path, server: SmtpServer | None, clock: ManualClock) -> None:
        super().__init__(folder)
        self.root, self.server, self.clock = root, server, clock
        self.cut = Cut.NONE
        self._copies = root.with_name("copies")
        self._numbers = itertools.count()

        self._before: int | None = None  # how many mails the server had seen, while a first life has not met the cut

    @property
    def files(self) -> Files:
        return Files(self.root, self.server.url if self.server else "maildir", self.clock)

    def outside(self) -> Any:
        files = self._copies / str(next(self._numbers))
        shutil.copytree(self.root, files)
        return files, copy.copy(self.clock), list(self.server.accepted) if self.server else []

    def forget(self, outside: Any) -> None:
        shutil.rmtree(outside[0])

    def put_back(self, outside: Any) -> None:
        files, clock, accepted = outside
        shutil.rmtree(self.root)
        shutil.copytree(files, self.root)
        self.clock = copy.copy(clock)
        if self.server is not None:
            self.server.accepted[:] = accepted

    def life(self, *, first: bool) -> World:
        if self.server is not None:
            self.server.cut = self.cut if first else Cut.NONE
            self._before = self.server.seen if self.server.cut is not Cut.NONE else None
        return World(
            Path(),
            self.files,  # type: ignore[arg-type]  # stands in for a fake's two ports
            self.clock,
            wrap_mail=lambda mail: Watched(mail, self.checkpoints),
            wrap_calendar=lambda calendar: Watched(calendar, self.checkpoints),
            opener=lambda _folder: self.store,
        )

    def matters(self) -> bool:
        return self._before is None or self.server is None or self.server.seen > self._before

    def delivered(self) -> int:
        return self.files.filed() if self.server is None else len(self.server.accepted)


@contextmanager
def a_theatre(base: Path, server: SmtpServer | None) -> Iterator[FilesTheatre]:
    """A draft waits in the Maildir, and the person's approval was just written down by a command."""
    root, state, clock = base / "home", base / "state", fresh_clock()
    for folder in ("calendar", "Maildir/cur", "Maildir/new", "Maildir/tmp"):
        (root / folder).mkdir(parents=True)
    (root / "calendar" / "tech.ics").write_text(INVITATION)
    (root / "calendar" / "parents.ics").write_text(CLASH)
    (root / "Maildir" / "cur" / "1.first.host:2,S").write_text(MAIL)
    world = World(state, Files(root, server.url if server else "maildir", clock), clock)  # type: ignore[arg-type]  # as above
    world.look()
    approve(world)
    world.stop()
    theatre = FilesTheatre(state, root, server, clock)
    with watched_files(theatre.checkpoints, root):
        yield theatre
    theatre.close()


@pytest.fixture(scope="module")
def filing() -> Iterator[FilesTheatre]:
    with tempfile.TemporaryDirectory(dir=_room()) as folder, a_theatre(Path(folder), None) as theatre:
        yield theatre


@pytest.fixture(scope="module")
def smtp() -> Iterator[FilesTheatre]:
    with (
        tempfile.TemporaryDirectory(dir=_room()) as folder,
        SmtpServer() as server,
        a_theatre(Path(folder), server) as theatre,
    ):
        yield theatre


def _room() -> Path | None:
    base = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    return base if base.is_dir() else None


def check(theatre: FilesTheatre, story: Story) -> None:
    told = f"killed at {story.plan}, server {theatre.cut.value}"
    keeps_the_promise(story.result, told)
    assert theatre.files.filed() <= 1, told
    if story.result.state in (DraftState.WAITING, DraftState.UNSURE, DraftState.FAILED):
        kept = [*theatre.root.glob("Maildir/.Drafts/cur/*"), *theatre.root.glob("Maildir/.Sending/*/*")]
        assert kept, f"the person's letter is gone, {told}"


def told(theatre: FilesTheatre) -> int:
    """Checks every story with up to two deaths; gives how many that were."""
    number = 0
    for story in theatre.stories(2):
        check(theatre, story)
        number += 1
    return number


def test_filing_is_once_wherever_it_is_killed(filing: FilesTheatre) -> None:
    assert filing.undisturbed().result.state is DraftState.SENT
    assert told(filing) > 100


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
def test_smtp_is_once_wherever_it_is_killed(smtp: FilesTheatre, cut: Cut) -> None:
    smtp.cut = cut
    assert told(smtp) > (100 if cut is Cut.NONE else 10)


def test_a_reply_lost_after_the_dot_is_asked_once_and_never_repeated(smtp: FilesTheatre) -> None:
    smtp.cut = Cut.TAKEN
    result = smtp.undisturbed().result
    assert (result.state, result.delivered, result.asked) == (DraftState.UNSURE, 1, 1)
