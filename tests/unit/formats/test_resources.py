"""One big .ics seen as one resource per UID, so that a change in it costs what the change costs."""

from __future__ import annotations

import mmap
from pathlib import Path

from calwatch.formats.ical import read, read_header, read_resource, resources
from calwatch.model.event import Event, Series

ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    "TZOFFSETFROM:+0530\r\nTZOFFSETTO:+0530\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def an_event_text(uid: str, summary: str = "Talk", *lines: str) -> str:
    given = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", "DTSTART;TZID=Own:20260505T090000", *lines]
    return "".join(f"{line}\r\n" for line in [*given, f"SUMMARY:{summary}", "END:VEVENT"])


def a_file(*events: str, zone: str = ZONE) -> bytes:
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + zone + "".join(events) + "END:VCALENDAR\r\n").encode()


def digests(data: bytes) -> dict[str, str]:
    return {raw.uid: raw.digest for raw in resources(data)}


def test_only_the_changed_resource_has_another_digest() -> None:
    before = digests(a_file(an_event_text("a"), an_event_text("b"), an_event_text("c")))
    after = digests(a_file(an_event_text("a"), an_event_text("b", "Moved"), an_event_text("d")))
    assert before["a"] == after["a"]
    assert before["b"] != after["b"]
    assert before.keys() - after.keys() == {"c"}


def test_a_changed_zone_definition_changes_all() -> None:
    before = digests(a_file(an_event_text("a")))
    assert before != digests(a_file(an_event_text("a"), zone=ZONE.replace("+0530", "+0600")))


def test_master_and_override_are_one_resource_wherever_they_stand() -> None:
    override = an_event_text("a", "Moved", "RECURRENCE-ID;TZID=Own:20260506T090000")
    data = a_file(override, an_event_text("b"), an_event_text("a", "Daily", "RRULE:FREQ=DAILY"))
    raw = next(raw for raw in resources(data) if raw.uid == "a")
    (series,) = read_resource(raw, read_header(data), me=frozenset(), viewer_zone="UTC").items
    assert isinstance(series, Series)
    assert (series.ref, series.etag) == ("a", raw.digest)
    assert len(series.overrides) == 1
    assert series.zone_key == "Own"


def test_resources_say_the_same_as_the_whole_file() -> None:
    data = a_file(an_event_text("a"), an_event_text("b" * 200), an_event_text(""))
    header = read_header(data)
    apart = [
        item
        for raw in resources(data)
        for item in read_resource(raw, header, me=frozenset(), viewer_zone="UTC", ref="x", etag="y").items
    ]
    whole = read(data, me=frozenset(), viewer_zone="UTC", ref="x", etag="y").items
    assert apart == list(whole)


def test_a_file_can_be_mapped_instead_of_read(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    path.write_bytes(a_file(an_event_text("a")))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        (event,) = read(data, me=frozenset(), viewer_zone="UTC").items
        assert isinstance(event, Event)
        assert [raw.uid for raw in resources(data)] == ["a"]


def test_a_broken_resource_is_named() -> None:
    data = a_file("BEGIN:VEVENT\r\nUID:bad\r\nEND:VEVENT\r\n")
    (raw,) = resources(data)
    (problem,) = read_resource(raw, read_header(data), me=frozenset(), viewer_zone="UTC").problems
    assert (problem.name, "DTSTART" in problem.reason) == ("bad", True)
