"""The minimal cases of RFC 5545 that calendars disagree on: one file each, busy stretches beside it in expected.json.

To add a case, drop an .ics in ``rfc5545/`` and a line in ``expected.json``: ``MMDDTHHMM`` in UTC + minutes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from calwatch.formats.ical import read
from calwatch.model.event import Event, Series
from calwatch.model.span import Span
from calwatch.recur.expand import expand

FOLDER = Path(__file__).parent / "rfc5545"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
WINDOW = Span(*(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in EXPECTED["window"]))


def busy(name: str) -> list[str]:
    viewer_zone = EXPECTED["viewer_zone"]
    parsed = read((FOLDER / f"{name}.ics").read_bytes(), me=frozenset(), viewer_zone=viewer_zone, window=WINDOW)
    assert parsed.problems == ()
    events: list[Event] = []
    for item in parsed.items:
        events += [item] if isinstance(item, Event) else expand(item, WINDOW, viewer_zone=viewer_zone).events
    return [
        f"{event.start:%m%dT%H%M}+{int((event.end - event.start).total_seconds()) // 60}"
        for event in sorted(events, key=lambda event: event.start)
        if event.busy
    ]


def test_every_file_has_an_expectation() -> None:
    assert {path.stem for path in FOLDER.glob("*.ics")} == set(EXPECTED["cases"])


@pytest.mark.parametrize("name", sorted(EXPECTED["cases"]))
def test_the_case_reads_as_decided(name: str) -> None:
    case = EXPECTED["cases"][name]
    assert busy(name) == case["expect"], case["why"]


def test_occurrences_know_their_original_start_even_when_written_in_another_zone() -> None:
    parsed = read((FOLDER / "recid_utc_vs_tzid.ics").read_bytes(), me=frozenset(), viewer_zone="America/New_York")
    (series,) = parsed.items
    assert isinstance(series, Series)
    events = expand(series, WINDOW, viewer_zone="America/New_York").events
    assert [event.recurrence_id for event in events] == [
        "20260905T120000Z",
        "20260912T120000Z",
        "20260919T120000Z",
        "20260926T120000Z",
    ]
    assert all(event.recurring for event in events)
