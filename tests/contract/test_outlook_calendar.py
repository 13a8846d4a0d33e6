"""The calendar contract, kept by the real Outlook provider over HTTP, however Outlook behaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.calendar_suite import BreakableCalendarSuite
from contract.outlook_calendar_world import OutlookCalendarWorld
from fakes.clock import ManualClock
from fakes.microsoft.server import FakeMicrosoft

AT_ITS_BEST: dict[str, Any] = {"removed_for_out_of_window": False, "masters_first": False, "curly_apostrophe": True}
AT_ITS_WORST: dict[str, Any] = {
    "page_size": 2,
    "empty_pages": True,
    "duplicates": True,
    "replays": True,
    "spurious_removed": True,
    "omit_masters": True,
    "preserve_declined": True,
    "zone_names": "custom",
    "hide_attendees": True,
    "removed_series": "master",
}


class TestOutlook(BreakableCalendarSuite):
    @pytest.fixture(params=[AT_ITS_BEST, AT_ITS_WORST], ids=["at its best", "at its worst"])
    def world(
        self, request: pytest.FixtureRequest, microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path
    ) -> Iterator[OutlookCalendarWorld]:
        yield OutlookCalendarWorld(microsoft, clock, tmp_path, manners=request.param)
        assert not microsoft.violations
        assert not microsoft.faults.pending()
