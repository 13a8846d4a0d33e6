"""The calendar contract, kept by the real Google provider over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.calendar_suite import BreakableCalendarSuite
from contract.google_calendar_world import GoogleCalendarWorld
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle


class TestGoogle(BreakableCalendarSuite):
    @pytest.fixture
    def world(self, google: FakeGoogle, clock: ManualClock, tmp_path: Path) -> Iterator[GoogleCalendarWorld]:
        yield GoogleCalendarWorld(google, clock, tmp_path)
        assert not google.violations
        assert not google.faults.pending()
