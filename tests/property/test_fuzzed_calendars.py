"""Whatever bytes come, reading and expanding a calendar never raises and stays inside its bounds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from calwatch.formats.ical import read, read_header, read_resource, resources
from calwatch.model.event import Event
from calwatch.model.span import Span
from calwatch.recur.expand import expand

WINDOW = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
ME = frozenset({"alex.rivera@example.com"})
SEED = b"""BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VTIMEZONE\r
TZID:Own\r
BEGIN:STANDARD\r
DTSTART:19700101T000000\r
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:series\r
DTSTAMP:20260101T000000Z\r
DTSTART;TZID=Own:20260105T090000\r
DURATION:P1DT1H\r
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=20;WKST=SU\r
EXDATE;TZID=Own:20260107T090000\r
RDATE;VALUE=PERIOD:20260108T080000Z/PT2H,20260109T080000Z/20260109T100000Z\r
ORGANIZER;CN="Fox, Dana";SENT-BY="mailto:b@x.example":mailto:dana@x.example\r
ATTENDEE;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:mailto:alex.rivera@example.com\r
SUMMARY:Gespr\xc3\xa4ch\\, Teil\r
 zwei\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:series\r
RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Own:20260119T090000\r
DTSTART;TZID=Eastern Standard Time:20260119T100000\r
DTEND;TZID=Eastern Standard Time:20260119T110000\r
STATUS:CANCELLED\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:single\r
DTSTART;VALUE=DATE:20260110\r
DTEND;VALUE=DATE:20260112\r
BEGIN:VALARM\r
TRIGGER:-PT15M\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""
LINES = SEED.split(b"\r\n")
FRAGMENTS = st.sampled_from(
    [
        b"\r\n",
        b"\n ",
        b"\r",
        b":",
        b";",
        b'"',
        b"\\",
        b",",
        b"\x00",
        b"\xff",
        b"99999999",
        b"-1",
        b"0",
        b"Z",
        b"T",
        b"P",
        b"/",
        *LINES,
    ]
)


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """The seed with lines shuffled about, and fragments and noise put in at random."""
    lines = list(LINES)
    for _ in range(draw(st.integers(0, 6))):
        index = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                del lines[index]
                lines = lines or [b""]
            case 1:
                lines.insert(index, draw(FRAGMENTS))
            case 2:
                place = draw(st.integers(0, len(lines[index])))
                lines[index] = lines[index][:place] + draw(FRAGMENTS | st.binary(max_size=8)) + lines[index][place:]
            case 3:
                first, last = sorted((draw(st.integers(0, 90)), draw(st.integers(0, 90))))
                lines[index] = lines[index][:first] + lines[index][last:]
            case _:
                name, _, _ = lines[index].partition(b":")
                lines[index] = name + b":" + draw(FRAGMENTS | st.binary(max_size=20))
    return b"\r\n".join(lines)


def check(data: bytes) -> None:
    parsed = read(data, me=ME, viewer_zone="Europe/Berlin", window=WINDOW)
    for item in parsed.items:
        events = (item,) if isinstance(item, Event) else expand(item, WINDOW, viewer_zone="Europe/Berlin").events
        assert len(events) <= 1000
        for event in events:
            assert event.start <= event.end
            assert event.span.start.tzinfo is not None
            for text in (
                event.summary,
                event.location,
                *(str(a.person) for a in event.attendees),
                str(event.organizer),
            ):
                assert not set(text) & set("\r\n\x00\x1b\u2028\u202e")
    header = read_header(data)
    for raw in resources(data):
        read_resource(raw, header, me=ME, viewer_zone="Europe/Berlin", window=WINDOW)


@settings(max_examples=250, deadline=None)
@given(data=mutations())
def test_mutated_files_never_crash_the_reader(data: bytes) -> None:
    check(data)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400), first=st.sampled_from([b"", b"BEGIN:VEVENT\n", b"\xff\xfe", b"\xef\xbb\xbf"]))
def test_noise_never_crashes_the_reader(data: bytes, first: bytes) -> None:
    check(first + data)
