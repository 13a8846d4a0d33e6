"""The same promise on files: Maildir filing, and a real SMTP server that breaks off after taking the mail."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from calwatch.model.case import DraftState, RequestKind
from crash.harness import Fused, Result, Stage, fresh_clock, fused_files, judge, prepare, run_out
from fakes.smtp_server import Cut, SmtpServer
from worlds import PREFERENCES, Files, World

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


@dataclass
class LocalStage:
    stage: Stage
    root: Path
    template: Path
    server: SmtpServer | None

    def trial(self, plan: tuple[int, ...], cut: Cut) -> Result:
        shutil.rmtree(self.root)
        shutil.copytree(self.template, self.root)
        _, clock = self.stage.reset()
        fuse = self.stage.fuse
        fuse.reset(plan)
        before = 0
        if self.server is not None:
            self.server.cut = cut
            before = len(self.server.accepted)
        outgoing = self.server.url if self.server is not None else "maildir"

        def start(_folder: Path) -> object:
            if self.server is not None and fuse.names:
                self.server.cut = Cut.NONE  # the next life meets a server that works
            return self.stage.store

        with fused_files(fuse, self.root):
            world = World(
                Path(),
                Files(self.root, outgoing, clock),  # type: ignore[arg-type]  # stands in for a fake's two ports
                clock,
                PREFERENCES,
                wrap_mail=lambda mail: Fused(mail, fuse),
                wrap_calendar=lambda calendar: Fused(calendar, fuse),
                opener=start,  # type: ignore[arg-type]  # gives the one open store
            )
            run_out(world, fuse)
        filed = Files(self.root, outgoing, clock).filed()
        left = filed if self.server is None else len(self.server.accepted) - before
        assert filed <= 1, f"filed {filed} times, killed at {plan}"
        (draft,) = world.store.drafts.all()
        if draft.state in (DraftState.WAITING, DraftState.UNSURE, DraftState.FAILED):
            kept = [*self.root.glob("Maildir/.Drafts/cur/*"), *self.root.glob("Maildir/.Sending/*/*")]
            assert kept, f"the person's letter is gone, killed at {plan}"
        return judge(world, draft.id, left, fuse)


def _prepare(base: Path, server: SmtpServer | None) -> LocalStage:
    root, state, clock = base / "home", base / "state", fresh_clock()
    for folder in ("calendar", "Maildir/cur", "Maildir/new", "Maildir/tmp"):
        (root / folder).mkdir(parents=True)
    (root / "calendar" / "tech.ics").write_text(INVITATION)
    (root / "calendar" / "parents.ics").write_text(CLASH)
    (root / "Maildir" / "cur" / "1.first.host:2,S").write_text(MAIL)
    outgoing = server.url if server is not None else "maildir"
    world = World(state, Files(root, outgoing, clock), clock)  # type: ignore[arg-type]  # as above
    world.look()
    draft = world.draft()
    payload = {"version": draft.version, "hash": draft.hash}
    world.store.requests.add(RequestKind.APPROVE, draft.id, payload, who="test", now=clock.now())
    world.stop()
    template = base / "template"
    shutil.copytree(root, template)
    return LocalStage(prepare(state, None, clock), root, template, server)


@pytest.fixture(scope="module")
def filing() -> Iterator[LocalStage]:
    with tempfile.TemporaryDirectory(dir=_room()) as folder:
        made = _prepare(Path(folder), None)
        yield made
        made.stage.close()


@pytest.fixture(scope="module")
def smtp() -> Iterator[LocalStage]:
    with tempfile.TemporaryDirectory(dir=_room()) as folder, SmtpServer() as server:
        made = _prepare(Path(folder), server)
        yield made
        made.stage.close()


def _room() -> Path | None:
    base = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    return base if base.is_dir() else None


def check(result: Result, plan: tuple[int, ...], cut: Cut) -> None:
    told = f"killed at {plan}, server {cut.value}: {result}"
    assert not result.duplicate, told
    assert not result.silently_lost, told
    assert not result.wrongly_unsent, told
    assert result.state not in (DraftState.APPROVED, DraftState.SENDING), told
    assert result.asked == (1 if result.state is DraftState.UNSURE else 0), told


def pairs(stage: LocalStage, cut: Cut) -> int:
    """Every checkpoint and every pair of checkpoints; gives how many trials that were."""
    trials = 0
    for first in range(1, len(stage.trial((), cut).checkpoints) + 1):
        check(stage.trial((first,), cut), (first,), cut)
        second = 1
        while True:
            result = stage.trial((first, second), cut)
            trials += 1
            check(result, (first, second), cut)
            if len(result.checkpoints) < first + second:
                break
            second += 1
    return trials


def test_filing_is_once_wherever_it_is_killed(filing: LocalStage) -> None:
    assert filing.trial((), Cut.NONE).state is DraftState.SENT
    assert pairs(filing, Cut.NONE) > 50


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS.keys())
def test_smtp_is_once_wherever_it_is_killed(smtp: LocalStage, cut: Cut) -> None:
    assert pairs(smtp, cut) > 10


def test_a_reply_lost_after_the_dot_is_asked_once_and_never_repeated(smtp: LocalStage) -> None:
    result = smtp.trial((), Cut.TAKEN)
    assert (result.state, result.delivered, result.asked) == (DraftState.UNSURE, 1, 1)
