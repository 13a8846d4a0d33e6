"""What a calendar file says, read with all the bad manners of real calendar programs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from calwatch.formats.ical import LARGEST_FILE, Parsed, Unreadable, read
from calwatch.model.event import Event, Kind, Person, Response, Series, Status
from calwatch.model.span import Span

ME = frozenset({"alex.rivera@example.com"})
BERLIN = "Europe/Berlin"


def a_file(*blocks: str, head: str = "", newline: str = "\r\n") -> bytes:
    text = "\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *filter(None, [head]), *blocks, "END:VCALENDAR", ""]
    )
    return text.replace("\n", newline).encode()


def a_vevent(*lines: str, uid: str = "a@x.example", start: str = "DTSTART:20260505T130000Z") -> str:
    given = [f"UID:{uid}" if uid else "", "DTSTAMP:20260101T000000Z", start, *lines]
    return "\n".join(["BEGIN:VEVENT", *filter(None, given), "END:VEVENT"])


def parsed(*blocks: str, head: str = "", **options: Any) -> Parsed:
    return read(a_file(*blocks, head=head), **{"me": ME, "viewer_zone": BERLIN, **options})


def the_event(*lines: str, head: str = "", **fields: str) -> Event:
    result = parsed(a_vevent(*lines, **fields), head=head)
    assert result.problems == ()
    (item,) = result.items
    assert isinstance(item, Event)
    return item


def the_series(*blocks: str) -> Series:
    (item,) = parsed(*blocks).items
    assert isinstance(item, Series)
    return item


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestTimes:
    def test_utc(self) -> None:
        event = the_event("DTEND:20260505T140000Z")
        assert (event.start, event.end, event.timezone) == (utc("2026-05-05 13:00"), utc("2026-05-05 14:00"), None)

    @pytest.mark.parametrize(
        "tzid",
        [
            "America/New_York",
            '"America/New_York"',
            "america/new_york",
            "Eastern Standard Time",
            "/freeassociation.sourceforge.net/America/New_York",
            "/mozilla.org/20050126_1/America/New_York",
            '"(UTC-05:00) Eastern Time (US & Canada)"',
        ],
    )
    def test_every_spelling_of_a_zone(self, tzid: str) -> None:
        event = the_event("DURATION:PT1H", start=f"DTSTART;TZID={tzid}:20260505T090000")
        assert (event.start, event.timezone) == (utc("2026-05-05 13:00"), "America/New_York")

    @pytest.mark.parametrize("start", ["DTSTART:20260505T090000", "DTSTART;TZID=:20260505T090000"])
    def test_floating_time_is_the_viewers(self, start: str) -> None:
        event = the_event("DURATION:PT1H", start=start)
        assert (event.start, event.floating, event.timezone) == (utc("2026-05-05 07:00"), True, None)

    def test_a_zone_nobody_knows_is_read_as_the_viewers(self) -> None:
        assert the_event(start="DTSTART;TZID=Middle Earth:20260505T090000").start == utc("2026-05-05 07:00")

    def test_a_custom_zone_is_what_its_definition_says(self) -> None:
        zone = (
            "BEGIN:VTIMEZONE\nTZID:Customized\\, Zone\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
            "TZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE"
        )
        event = the_event("DURATION:PT1H", start="DTSTART;TZID=Customized\\, Zone:20260505T090000", head=zone)
        assert (event.start, event.timezone) == (utc("2026-05-05 03:30"), None)

    def test_a_definition_may_name_its_place(self) -> None:
        zone = "BEGIN:VTIMEZONE\nTZID:whatever\nX-LIC-LOCATION:America/New_York\nEND:VTIMEZONE"
        assert the_event(start="DTSTART;TZID=whatever:20260505T090000", head=zone).timezone == "America/New_York"

    def test_a_series_in_a_custom_zone_carries_its_definition(self) -> None:
        zone = (
            "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:16010101T000000\n"
            "TZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE"
        )
        series = the_series(zone, a_vevent("RRULE:FREQ=DAILY", start="DTSTART;TZID=Own:20260505T090000"))
        assert series.zone_key == "Own"
        assert "TZOFFSETTO:+0530" in dict(series.zones)["Own"]

    @pytest.mark.parametrize(
        "start", ["DTSTART;VALUE=DATE:20260505", "DTSTART:20260505", f"DTSTART;TZID={BERLIN}:20260505"]
    )
    def test_a_date_is_a_whole_day_at_the_viewers_midnights(self, start: str) -> None:
        event = the_event(start=start)
        assert event.all_day
        assert (event.start_date, event.end_date) == (date(2026, 5, 5), date(2026, 5, 6))
        assert (event.start, event.end) == (utc("2026-05-04 22:00"), utc("2026-05-05 22:00"))

    @pytest.mark.parametrize(
        ("line", "last"),
        [
            ("DTEND;VALUE=DATE:20260507", 7),
            ("DURATION:P2D", 7),
            ("DTEND;VALUE=DATE:20260505", 6),
            ("DURATION:PT36H", 7),
        ],
    )
    def test_the_end_of_a_whole_day_event(self, line: str, last: int) -> None:
        assert the_event(line, start="DTSTART;VALUE=DATE:20260505").end_date == date(2026, 5, last)

    def test_outlooks_all_day_mark_makes_a_whole_day_of_midnights(self) -> None:
        event = the_event(
            "DTEND;TZID=America/New_York:20260506T000000",
            "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
            start="DTSTART;TZID=America/New_York:20260505T000000",
        )
        assert (event.start_date, event.end_date) == (date(2026, 5, 5), date(2026, 5, 6))

    @pytest.mark.parametrize("line", ["", "DTEND:20260505T120000Z", "DURATION:-PT1H"])
    def test_no_end_or_one_before_the_start_takes_no_time(self, line: str) -> None:
        event = the_event(line)
        assert event.start == event.end
        assert not event.busy

    def test_a_duration_of_a_day_follows_the_wall_clock(self) -> None:
        event = the_event("DURATION:P1D", start=f"DTSTART;TZID={BERLIN}:20260328T120000")
        assert event.end - event.start == timedelta(hours=23)

    def test_a_start_inside_a_gap_keeps_the_length_people_wrote(self) -> None:
        event = the_event(f"DTEND;TZID={BERLIN}:20260329T033000", start=f"DTSTART;TZID={BERLIN}:20260329T023000")
        assert (event.start, event.end) == (utc("2026-03-29 01:30"), utc("2026-03-29 02:30"))

    def test_iso_8601_spelling_is_understood(self) -> None:
        assert the_event(start="DTSTART:2026-05-05T15:00:00+02:00").start == utc("2026-05-05 13:00")

    def test_an_end_at_the_end_of_time_is_cut(self) -> None:
        assert parsed(a_vevent("DURATION:P999999D")).problems == ()


class TestFields:
    def test_text_is_unfolded_and_unescaped(self) -> None:
        event = the_event("SUMMARY:Interview\\, part", " \\; two", "DESCRIPTION:One\\nTwo\\\\n")
        assert (event.summary, event.description) == ("Interview, part; two", "One\nTwo\\n")

    def test_control_and_direction_characters_do_not_come_through(self) -> None:
        event = the_event("SUMMARY:a\x1b[31m\u202egnp\\nb", "LOCATION:x\x00y", "DESCRIPTION:c\x07\u2066d")
        assert (event.summary, event.location, event.description) == ("a[31mgnp b", "xy", "cd")

    def test_long_text_is_cut(self) -> None:
        event = the_event("DESCRIPTION:" + "x" * 3_000_000)
        assert len(event.description) == 65_536

    def test_latin_1_text_is_readable_beside_utf_8(self) -> None:
        data = a_file(a_vevent("SUMMARY:Gespr\u00e4ch", "LOCATION:M\u00fcnchen"))
        data = data.replace("Gespr\u00e4ch".encode(), "Gespr\u00e4ch".encode("latin-1"))
        (event,) = read(data, me=ME, viewer_zone=BERLIN).items
        assert isinstance(event, Event)
        assert (event.summary, event.location) == ("Gespr\u00e4ch", "M\u00fcnchen")

    def test_a_fold_inside_a_character_is_mended(self) -> None:
        data = a_file(a_vevent("SUMMARY:Gespr\u00e4ch")).replace(b"\xc3\xa4", b"\xc3\r\n \xa4")
        (event,) = read(data, me=ME, viewer_zone=BERLIN).items
        assert isinstance(event, Event)
        assert event.summary == "Gespr\u00e4ch"

    def test_names_in_lower_case_are_names(self) -> None:
        data = a_file(a_vevent("summary:Quiet", "rrule:FREQ=DAILY;COUNT=2")).lower()
        (series,) = read(data, me=ME, viewer_zone=BERLIN).items
        assert isinstance(series, Series)
        assert series.rrules == ("freq=daily;count=2",)

    @pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
    def test_any_line_end_will_do(self, newline: str) -> None:
        (event,) = read(a_file(a_vevent("SUMMARY:Talk"), newline=newline), me=ME, viewer_zone=BERLIN).items
        assert isinstance(event, Event)
        assert event.summary == "Talk"

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_byte_order_marks_are_understood(self, encoding: str) -> None:
        data = a_file(a_vevent("SUMMARY:T\u00e4lk")).decode().encode(encoding)
        (event,) = read(data, me=ME, viewer_zone=BERLIN).items
        assert isinstance(event, Event)
        assert event.summary == "T\u00e4lk"

    def test_what_stands_in_an_alarm_is_not_the_events(self) -> None:
        event = the_event("BEGIN:VALARM", "SUMMARY:Alarm", "DURATION:PT5M", "END:VALARM", "SUMMARY:Talk")
        assert (event.summary, event.start) == ("Talk", event.end)

    @pytest.mark.parametrize(
        ("line", "status"),
        [
            ("Confirmed", Status.CONFIRMED),
            ("cancelled", Status.CANCELLED),
            ("TENTATIVE", Status.TENTATIVE),
            ("?", Status.CONFIRMED),
        ],
    )
    def test_status_in_any_case(self, line: str, status: Status) -> None:
        assert the_event(f"STATUS:{line}").status is status

    def test_outlooks_availability(self) -> None:
        assert the_event("X-MICROSOFT-CDO-BUSYSTATUS:OOF").kind is Kind.OUT_OF_OFFICE
        assert the_event("X-MICROSOFT-CDO-BUSYSTATUS:FREE", "DURATION:PT1H").busy is False

    def test_transparent_takes_no_time(self) -> None:
        assert the_event("TRANSP:transparent", "DURATION:PT1H").busy is False

    def test_a_conference_link_stands_in_for_a_missing_url(self) -> None:
        assert the_event("X-GOOGLE-CONFERENCE:https://meet.example/abc").url == "https://meet.example/abc"

    def test_an_html_description_serves_when_there_is_no_other(self) -> None:
        event = the_event("X-ALT-DESC;FMTTYPE=text/html:<html><b>Hi</b> &amp; welcome</html>")
        assert event.description.split() == ["Hi", "&", "welcome"]


class TestPeople:
    def test_the_users_answer_is_found_in_any_case(self) -> None:
        event = the_event("ATTENDEE;PARTSTAT=declined;CN=Alex:MAILTO:Alex.Rivera@Example.com")
        assert event.response is Response.DECLINED

    def test_an_address_may_hide_in_a_parameter(self) -> None:
        event = the_event("ATTENDEE;PARTSTAT=TENTATIVE;EMAIL=alex.rivera@example.com:urn:uuid:123")
        assert event.response is Response.TENTATIVE

    def test_optional_attendance_is_known(self) -> None:
        event = the_event("ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:alex.rivera@example.com")
        assert (event.response, event.optional) == (Response.NEEDS_ACTION, True)

    def test_nobody_asked_the_organizer_nor_a_stranger(self) -> None:
        assert the_event("ORGANIZER:mailto:alex.rivera@example.com").response is Response.OWN
        assert the_event("ATTENDEE;PARTSTAT=DECLINED:mailto:dana@x.example").response is Response.OWN

    def test_quoted_names_may_hold_colons_and_commas(self) -> None:
        event = the_event('ORGANIZER;CN="Fox, Dana: Talent";SENT-BY="mailto:bot@x.example":mailto:dana@x.example')
        assert event.organizer == Person("dana@x.example", "Fox, Dana: Talent")

    @pytest.mark.parametrize(
        "value",
        [
            "mailto:dana@x.example\\nBcc: eve@x.example",
            "mailto:dana@x.example%0d%0aBcc:eve@x.example",
            "javascript:alert(1)",
            "mailto:<script>@x.example",
            "mailto:",
            "Dana Fox",
            "invalid:nomail",
        ],
    )
    def test_an_organizer_that_is_no_plain_address_is_nobody(self, value: str) -> None:
        assert the_event(f"ORGANIZER;CN=Dana:{value}").organizer is None

    def test_a_name_cannot_carry_a_line_break(self) -> None:
        event = the_event('ORGANIZER;CN="Dana^nBcc: eve@x.example":mailto:dana@x.example')
        assert event.organizer == Person("dana@x.example", "Dana Bcc: eve@x.example")

    def test_attendees_are_bounded(self) -> None:
        event = the_event(*(f"ATTENDEE:mailto:p{number}@x.example" for number in range(600)))
        assert len(event.attendees) == 500


class TestSeries:
    def test_master_and_overrides_make_one_series(self) -> None:
        series = the_series(
            a_vevent("RRULE:FREQ=DAILY", "EXDATE:20260507T130000Z,20260508T130000Z", "DURATION:PT1H"),
            a_vevent("RECURRENCE-ID:20260506T130000Z", start="DTSTART:20260506T150000Z"),
        )
        assert series.rrules == ("FREQ=DAILY",)
        assert series.exdates == ("20260507T130000Z", "20260508T130000Z")
        assert [(e.recurrence_id, e.start) for e in series.overrides] == [("20260506T130000Z", utc("2026-05-06 15:00"))]

    def test_exchange_names_days_of_a_whole_day_series_by_times(self) -> None:
        series = the_series(
            a_vevent("RRULE:FREQ=DAILY", "EXDATE:20260506T220000Z", start="DTSTART;VALUE=DATE:20260505"),
            a_vevent("RECURRENCE-ID:20260506T000000", start="DTSTART;VALUE=DATE:20260510"),
        )
        assert series.exdates == ("20260507",)
        assert series.overrides[0].recurrence_id == "20260506"

    def test_of_two_versions_the_newer_counts(self) -> None:
        series = the_series(
            a_vevent("RRULE:FREQ=DAILY"),
            a_vevent("RECURRENCE-ID:20260506T130000Z", "SEQUENCE:2", "SUMMARY:new", start="DTSTART:20260506T150000Z"),
            a_vevent("RECURRENCE-ID:20260506T130000Z", "SEQUENCE:1", "SUMMARY:old", start="DTSTART:20260506T140000Z"),
        )
        assert [event.summary for event in series.overrides] == ["new"]

    def test_an_override_alone_is_a_series_without_a_master(self) -> None:
        series = the_series(a_vevent("RECURRENCE-ID:20260506T130000Z", start="DTSTART:20260506T150000Z"))
        assert series.master is None
        assert len(series.overrides) == 1


class TestBrokenFiles:
    def test_one_broken_event_does_not_cost_the_others(self) -> None:
        result = parsed(a_vevent(uid="good"), a_vevent(uid="bad", start=""), a_vevent(uid="odd", start="DTSTART:soon"))
        assert [item.uid for item in result.items] == ["good"]
        assert [problem.name for problem in result.problems] == ["bad", "odd"]
        assert "DTSTART" in result.problems[0].reason
        assert '"soon"' in result.problems[1].reason

    @pytest.mark.parametrize("line", ["DTEND:never", "DURATION:long", "RECURRENCE-ID:then"])
    def test_the_line_that_is_wrong_is_named(self, line: str) -> None:
        (problem,) = parsed(a_vevent(line)).problems
        assert problem.reason.startswith(line.partition(":")[0])

    def test_a_year_out_of_range_is_named(self) -> None:
        (problem,) = parsed(a_vevent(start="DTSTART:99991231T235959Z")).problems
        assert "9999" in problem.reason

    @pytest.mark.parametrize(
        ("data", "word"), [(b"", "empty"), (b"\x89PNG\r\n", "not an iCalendar"), (b"BEGIN:VCARD", "not an")]
    )
    def test_what_is_no_calendar_is_said_to_be_none(self, data: bytes, word: str) -> None:
        result = read(data, me=ME, viewer_zone=BERLIN, ref="photo.ics")
        (problem,) = result.problems
        assert problem.name == "photo.ics"
        assert word in problem.reason

    def test_a_half_written_file_gives_what_is_whole_and_says_so(self) -> None:
        data = a_file(a_vevent(uid="whole"), a_vevent(uid="half"))
        result = read(data[: data.rindex(b"DTSTART")], me=ME, viewer_zone=BERLIN)
        assert [item.uid for item in result.items] == ["whole"]
        assert result.problems[0].name == "half"
        assert "half-written" in result.problems[0].reason

    def test_an_event_that_is_not_closed_does_not_swallow_the_next(self) -> None:
        result = parsed("BEGIN:VEVENT\nUID:open\nDTSTART:20260505T130000Z", a_vevent(uid="next"))
        assert [item.uid for item in result.items] == ["next"]
        assert result.problems == (Unreadable("open", "the event has no END:VEVENT; the file may be half-written"),)

    def test_text_that_looks_like_an_event_is_text(self) -> None:
        event = the_event("DESCRIPTION:x\\n", " BEGIN:VEVENT", " ", " END:VEVENT")
        assert "BEGIN:VEVENT" in event.description

    def test_many_openings_without_an_end_cost_no_more_than_their_bytes(self) -> None:
        result = read(b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 20_000, me=ME, viewer_zone=BERLIN)
        assert result.items == ()
        assert len(result.problems) == 201

    def test_a_giant_file_is_refused_whole(self) -> None:
        class Giant(bytes):
            def __len__(self) -> int:
                return LARGEST_FILE + 1

        (problem,) = read(Giant(b""), me=ME, viewer_zone=BERLIN).problems
        assert "200 MB" in problem.reason

    def test_an_event_without_uid_gets_the_same_name_every_time(self) -> None:
        first, again = (parsed(a_vevent("SUMMARY:x", uid="")).items[0].uid for _ in range(2))
        assert first == again
        assert parsed(a_vevent("SUMMARY:y", uid="")).items[0].uid != first


class TestMethods:
    def test_a_cancellation_cancels_whatever_its_status_says(self) -> None:
        event = the_event("COMMENT:The role is filled\\, sorry", head="METHOD:CANCEL")
        assert event.status is Status.CANCELLED

    def test_method_and_comment_are_handed_out(self) -> None:
        result = parsed(a_vevent("COMMENT:Sorry\\, filled"), head="METHOD:CANCEL")
        assert (result.method, result.comment) == ("CANCEL", "Sorry, filled")

    def test_a_cancellation_may_leave_the_time_out(self) -> None:
        event = the_event("SEQUENCE:3", start="", head="METHOD:CANCEL")
        assert (event.start, event.end, event.sequence) == (utc("2026-01-01 00:00"), utc("2026-01-01 00:00"), 3)


class TestWindow:
    WINDOW = Span(utc("2026-05-01 00:00"), utc("2026-06-01 00:00"))

    @pytest.mark.parametrize(
        ("lines", "start", "kept"),
        [
            (["DTEND:20260505T140000Z"], "DTSTART:20260505T130000Z", True),
            (["DTEND:20260405T140000Z"], "DTSTART:20260405T130000Z", False),
            (["DTEND:20260705T140000Z"], "DTSTART:20260705T130000Z", False),
            (["DTEND:20260505T140000Z"], "DTSTART:20260105T130000Z", True),
            (["DURATION:P60D"], "DTSTART:20260405T130000Z", True),
            (["DURATION:PT1H"], "DTSTART:20240405T130000Z", False),
            ([], "DTSTART;VALUE=DATE:20260405", False),
            (["RRULE:FREQ=DAILY"], "DTSTART:20200405T130000Z", True),
            (['DTEND;TZID="a:b":20260405T140000'], 'DTSTART;TZID="a:b":20260405T130000', True),
        ],
    )
    def test_only_what_surely_lies_outside_is_passed_over(self, lines: list[str], start: str, kept: bool) -> None:
        result = parsed(a_vevent(*lines, start=start), window=self.WINDOW)
        assert (len(result.items), result.parsed, result.pruned) == ((1, 1, 0) if kept else (0, 0, 1))

    def test_a_newer_version_outside_the_window_takes_the_older_one_along(self) -> None:
        old = a_vevent("SEQUENCE:1", "DTEND:20260505T140000Z")
        new = a_vevent("SEQUENCE:2", "DTEND:20260905T140000Z", start="DTSTART:20260905T130000Z")
        for blocks in ((old, new), (new, old)):
            (event,) = parsed(*blocks, window=self.WINDOW).items
            assert isinstance(event, Event)
            assert event.sequence == 2

    def test_unusual_spelling_is_never_passed_over(self) -> None:
        result = parsed(a_vevent("rrule:FREQ=DAILY", start="DTSTART:20200405T130000Z"), window=self.WINDOW)
        assert isinstance(result.items[0], Series)


def test_an_unknown_zone_is_remarked_once_for_its_event_which_is_read_in_the_viewers_zone() -> None:
    unknown = "DTSTART;TZID=Arda/Shire:20260505T130000"
    result = parsed(
        a_vevent("DTEND;TZID=Arda/Shire:20260505T140000", "RRULE:FREQ=DAILY;COUNT=3", start=unknown),
        a_vevent("RECURRENCE-ID;TZID=Arda/Shire:20260506T130000", "DTSTAMP:20260102T000000Z", start=unknown),
        a_vevent(uid="b@x.example", start="DTSTART;TZID=Europe/Paris:20260505T130000"),
        a_vevent(uid="c@x.example", start="DTSTART;TZID=Arda/Shire;VALUE=DATE:20260505"),
        a_vevent(uid="d@x.example", start="DTSTART;TZID=Arda/Shire:20260505T130000Z"),
    )
    assert result.problems == ()
    assert result.remarks == (
        Unreadable("a@x.example", "time zone 'Arda/Shire' is not known; read in your own zone"),
    )  # fmt: skip
    (series, *_) = result.items
    assert isinstance(series, Series)
    assert series.master is not None
    assert series.master.start == datetime(2026, 5, 5, 11, tzinfo=UTC)


def test_a_zone_the_file_defines_is_known() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Arda/Shire\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0500\n"
        "TZOFFSETTO:+0500\nEND:STANDARD\nEND:VTIMEZONE"
    )
    result = parsed(a_vevent(start="DTSTART;TZID=Arda/Shire:20260505T130000"), head=zone)
    assert result.remarks == ()
    assert isinstance(result.items[0], Event)
    assert result.items[0].start == datetime(2026, 5, 5, 8, tzinfo=UTC)
