"""The embedded world: readable, relative to now on any day of the year, and never built over something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from calwatch.demo.teller import working_day
from calwatch.demo.world import build
from calwatch.errors import UsageError
from calwatch.formats import ical
from calwatch.model.event import Event, Response, Series
from calwatch.providers.local.options import LocalAccount
from calwatch.settings import load

ME = frozenset({"alex.rivera@example.com"})
DAYS = [datetime(2026, 1, 1, 0, 5, tzinfo=UTC) + timedelta(days=37 * n, hours=5 * n) for n in range(10)]


def events(folder: Path) -> dict[str, Event | Series]:
    found = {}
    for path in sorted(folder.glob("*.ics")):
        parsed = ical.read(path.read_bytes(), me=ME, viewer_zone="Europe/Berlin", window=None)
        assert not parsed.problems, path
        (item,) = parsed.items
        found[path.stem] = item
    return found


@pytest.mark.parametrize("now", DAYS, ids=lambda d: f"{d:%Y-%m-%d}")
def test_its_troubles_hold_on_any_day(tmp_path: Path, now: datetime) -> None:
    world = build(tmp_path / "demo", now)
    found = events(world.calendar)
    acme, dentist, globex, initech = (found[n] for n in ("acme-technical", "dentist", "globex", "initech"))
    assert isinstance(acme, Event)
    assert isinstance(dentist, Event)
    assert isinstance(globex, Event)
    assert isinstance(initech, Event)
    assert acme.span.overlaps(dentist.span)
    assert acme.response is Response.ACCEPTED
    assert globex.response is Response.DECLINED
    assert initech.start - now > timedelta(days=4)
    assert isinstance(found["stand-up"], Series)


def test_its_mail_reads_back_in_threads_with_a_cancellation(tmp_path: Path) -> None:
    world = build(tmp_path / "demo", DAYS[3])
    mails = [BytesParser(policy=policy.default).parsebytes(p.read_bytes()) for p in world.mail.glob("*/*.demo*")]
    mails += [BytesParser(policy=policy.default).parsebytes(p.read_bytes()) for p in world.mail.glob(".Sent/cur/*")]
    ids = {m["Message-ID"] for m in mails}
    assert len(ids) == len(mails) == 8
    assert all(m["In-Reply-To"] in ids for m in mails if m["In-Reply-To"])
    methods = [str(p.get_param("method")) for m in mails for p in m.walk() if p.get_content_type() == "text/calendar"]
    assert sorted(methods) == ["CANCEL", "REQUEST", "REQUEST", "REQUEST", "REQUEST"]


def test_its_configuration_loads_and_sends_nowhere(tmp_path: Path) -> None:
    world = build(tmp_path / "demo", DAYS[0])
    settings = load(world.config, {"HOME": str(tmp_path)})
    (account,) = settings.accounts
    assert isinstance(account, LocalAccount)
    assert account.outgoing == "maildir"
    assert settings.state == world.folder / "state"


def test_it_is_built_once_and_kept(tmp_path: Path) -> None:
    world = build(tmp_path / "demo", DAYS[0])
    before = {p: p.stat().st_mtime_ns for p in world.folder.rglob("*")}
    build(tmp_path / "demo", DAYS[1])
    assert {p: p.stat().st_mtime_ns for p in world.folder.rglob("*")} == before


def test_it_is_never_built_over_something_else(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="something else"):
        build(tmp_path, DAYS[0])
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_working_days_skip_the_weekend() -> None:
    friday = datetime(2026, 4, 24, tzinfo=UTC).date()
    assert working_day(friday, 1) == friday + timedelta(days=3)
