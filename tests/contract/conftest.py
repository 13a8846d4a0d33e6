"""The fake Google and a caller, for its own tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.calendar_suite import Ledger
from contract.google_browser import Browser
from contract.google_calendar_world import GoogleCalendarWorld
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle
from fakes.microsoft.server import FakeMicrosoft


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def google(clock: ManualClock) -> Iterator[FakeGoogle]:
    with FakeGoogle(clock) as google:
        yield google


@pytest.fixture
def browser(google: FakeGoogle) -> Iterator[Browser]:
    browser = Browser(google)
    yield browser
    browser.session.close()


@pytest.fixture
def world(google: FakeGoogle, clock: ManualClock, tmp_path: Path) -> Iterator[GoogleCalendarWorld]:
    """The real provider before the fake; the suites bring worlds of their own."""
    yield GoogleCalendarWorld(google, clock, tmp_path)
    assert not google.violations
    assert not google.faults.pending()


@pytest.fixture
def ledger(world: GoogleCalendarWorld) -> Ledger:
    return Ledger(world)


@pytest.fixture
def microsoft(clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMicrosoft]:
    """Microsoft, whose certificate is trusted as behind a company's proxy."""
    with FakeMicrosoft(clock) as microsoft:
        monkeypatch.setenv("SSL_CERT_FILE", str(microsoft.ca_file(tmp_path)))
        yield microsoft
