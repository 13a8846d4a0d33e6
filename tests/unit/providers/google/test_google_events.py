"""Google's event JSON read into events: what they say, and what must not break the reading."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import ALEX, DANA, at
from calwatch.formats.moments import Zone
from calwatch.model.addresses import is_unreadable
from calwatch.model.event import Event, Kind, Person, Response, Series, Status
from calwatch.model.span import Span
from calwatch.model.twins import join_link, normal_uid
from calwatch.providers.google.calendar.parse import Entry, read_entry
from calwatch.providers.google.calendar.times import zone_named
from calwatch.recur.expand import expand


def _zone(name: str) -> Zone:
    zone = zone_named(name)
    assert zone is not None
    return zone


BERLIN = _zone("Europe/Berlin")
START = {"dateTime": "2026-05-05T15:00:00+02:00", "timeZone": "Europe/Berlin"}
END = {"dateTime": "2026-05-05T16:00:00+02:00", "timeZone": "Europe/Berlin"}
ME = {"email": "Alex.Rivera@example.com", "self": True, "responseStatus": "accepted"}
HOST = {"email": "dana@acme.example", "displayName": "Dana Fox"}


def raw(**fields: Any) -> dict[str, Any]:
    """Dana's invitation of Alex; ``None`` takes a field away."""
    whole = {
        "kind": "calendar#event",
        "etag": '"3225621880126000"',
        "id": "4s0r7rm5pq3bkh3ccvlfpa6qa4",
        "status": "confirmed",
        "htmlLink": "https://www.google.com/calendar/event?eid=NHMwcjd",
        "created": "2026-04-10T08:00:00.000Z",
        "updated": "2026-04-12T09:30:00.063Z",
        "summary": "Technical interview",
        "creator": HOST,
        "organizer": HOST,
        "start": START,
        "end": END,
        "iCalUID": "4s0r7rm5pq3bkh3ccvlfpa6qa4@google.com",
        "sequence": 1,
        "attendees": [{**HOST, "organizer": True, "responseStatus": "accepted"}, ME],
        "reminders": {"useDefault": True},
        "eventType": "default",
    }
    return {name: value for name, value in {**whole, **fields}.items() if value is not None}


def entry(**fields: Any) -> Entry:
    return read_entry(raw(**fields), BERLIN)


def event(**fields: Any) -> Event:
    item = entry(**fields).item
    assert isinstance(item, Event)
    return item


def series(**fields: Any) -> Series:
    item = entry(**fields).item
    assert isinstance(item, Series)
    return item


class TestAnInvitation:
    def test_is_read_with_all_that_identifies_it(self) -> None:
        found = event()
        assert (found.ref, found.uid) == ("4s0r7rm5pq3bkh3ccvlfpa6qa4", "4s0r7rm5pq3bkh3ccvlfpa6qa4@google.com")
        assert (found.etag, found.sequence) == ('"3225621880126000"', 1)
        assert found.dtstamp == at("2026-04-12 09:30:00")
        assert found.created == at("2026-04-10 08:00")
        assert (found.summary, found.status, found.kind) == ("Technical interview", Status.CONFIRMED, Kind.DEFAULT)
        assert not entry().problem

    def test_has_its_time_as_an_instant_and_the_zone_of_its_author(self) -> None:
        found = event(start={"dateTime": "2026-05-05T15:00:00+02:00", "timeZone": "America/New_York"})
        assert (found.start, found.timezone) == (at("2026-05-05 13:00"), "America/New_York")

    def test_with_a_zone_nobody_knows_is_placed_by_its_offset(self) -> None:
        found = event(start={"dateTime": "2026-05-05T15:00:00+02:00", "timeZone": "Custom/Nowhere"})
        assert (found.start, found.timezone) == (at("2026-05-05 13:00"), None)

    def test_without_an_offset_is_in_its_zone_else_in_that_of_the_calendar(self) -> None:
        assert event(start={"dateTime": "2026-05-05T15:00:00", "timeZone": "Asia/Tokyo"}).start == at(
            "2026-05-05 06:00"
        )
        assert event(start={"dateTime": "2026-05-05T15:00:00"}).start == at("2026-05-05 13:00")

    def test_whose_end_was_left_open_keeps_the_end_google_gives(self) -> None:
        assert event(endTimeUnspecified=True).end == at("2026-05-05 14:00")

    def test_without_an_end_takes_no_time(self) -> None:
        found = event(end=None)
        assert found.start == found.end

    def test_that_ends_before_it_starts_ends_with_its_start(self) -> None:
        assert event(end={"dateTime": "2026-05-05T14:00:00+02:00"}).end == at("2026-05-05 13:00")

    def test_may_be_tentative_for_its_organizer_which_is_no_answer_of_the_user(self) -> None:
        found = event(status="tentative")
        assert (found.status, found.response) == (Status.TENTATIVE, Response.ACCEPTED)


class TestPeople:
    def test_names_and_addresses_are_kept_plain(self) -> None:
        found = event(attendees=[{"email": "Bob@Acme.example", "displayName": "Bob\u202e\n Ray"}, ME])
        assert found.organizer == DANA
        assert [a.person for a in found.attendees] == [Person("bob@acme.example", "Bob Ray"), Person(ALEX.email)]

    @pytest.mark.parametrize("word", ["accepted", "declined", "tentative", "needsAction"])
    def test_the_answer_is_that_of_the_own_entry(self, word: str) -> None:
        expected = Response(word.replace("needsAction", "needs-action"))
        assert event(attendees=[HOST, {**ME, "responseStatus": word}]).response is expected

    def test_an_unknown_answer_is_none_yet(self) -> None:
        assert event(attendees=[HOST, {**ME, "responseStatus": "maybe"}]).response is Response.NEEDS_ACTION

    def test_the_address_alone_makes_nobody_the_user(self) -> None:
        assert event(attendees=[HOST, {"email": ALEX.email, "responseStatus": "declined"}]).response is Response.OWN

    def test_who_organizes_it_has_answered_with_that_unless_they_say_otherwise(self) -> None:
        mine = {"email": ALEX.email, "self": True}
        assert event(organizer=mine, attendees=None).response is Response.OWN
        assert event(organizer=mine, attendees=[{**ME, "organizer": True}, HOST]).response is Response.OWN
        declined = {**ME, "responseStatus": "declined"}
        assert event(organizer=mine, attendees=[declined, HOST]).response is Response.DECLINED

    def test_being_asked_as_an_option_is_kept(self) -> None:
        assert event(attendees=[HOST, {**ME, "optional": True}]).optional

    def test_rooms_are_resources_and_no_people(self) -> None:
        room = {"email": "c_188@resource.calendar.google.com", "resource": True, "responseStatus": "accepted"}
        assert [a.cutype for a in event(attendees=[HOST, ME, room]).attendees] == [
            "INDIVIDUAL",
            "INDIVIDUAL",
            "RESOURCE",
        ]

    @pytest.mark.parametrize("address", ["c_1@group.calendar.google.com", "unknownorganizer@calendar.google.com"])
    def test_an_organizer_that_is_a_calendar_is_known_to_be_nobody_to_write_to(self, address: str) -> None:
        organizer = event(organizer={"email": address}).organizer
        assert organizer is not None
        assert is_unreadable(organizer.email)

    @pytest.mark.parametrize(
        "fields",
        [
            {"attendeesOmitted": True},
            {"guestsCanSeeOtherGuests": False},
            {"attendees": [HOST, {"displayName": "Somebody"}, ME]},
            {"attendees": [{"email": f"guest{n}@acme.example"} for n in range(600)]},
        ],
        ids=["omitted", "not shown", "without address", "too many"],
    )
    def test_a_list_that_is_not_all_of_them_says_so(self, fields: dict[str, Any]) -> None:
        assert event(**fields).guests_hidden

    def test_the_organizer_sees_everybody(self) -> None:
        mine = {"email": ALEX.email, "self": True}
        assert not event(organizer=mine, guestsCanSeeOtherGuests=False).guests_hidden
        assert not event().guests_hidden


class TestKinds:
    def test_out_of_office_and_focus_time_are_known_and_whether_they_decline(self) -> None:
        away = event(
            eventType="outOfOffice", outOfOfficeProperties={"autoDeclineMode": "declineAllConflictingInvitations"}
        )
        assert (away.kind, away.auto_declines, away.busy) == (Kind.OUT_OF_OFFICE, True, True)
        quiet = event(eventType="focusTime", focusTimeProperties={"autoDeclineMode": "declineNone"})
        assert (quiet.kind, quiet.auto_declines) == (Kind.FOCUS_TIME, False)

    @pytest.mark.parametrize("sort", ["workingLocation", "birthday", "fromGmail"])
    def test_what_says_where_one_is_or_what_to_remember_takes_no_time(self, sort: str) -> None:
        assert not event(eventType=sort).busy
        assert event(eventType=sort).transparent

    def test_a_sort_that_is_new_is_kept_and_takes_time(self) -> None:
        found = event(eventType="retreat", retreatProperties={"depth": 3})
        assert (found.kind, found.busy) == (Kind.UNKNOWN, True)

    def test_what_google_took_from_a_mail_is_free_and_its_organizer_nobody(self) -> None:
        found = event(
            eventType="fromGmail",
            organizer={"email": "unknownorganizer@calendar.google.com", "displayName": "Unknown Organizer"},
            attendees=[ME],
            privateCopy=True,
            transparency="transparent",
            visibility="private",
        )
        assert not found.busy

    def test_free_and_declined_entries_take_no_time(self) -> None:
        assert not event(transparency="transparent").busy
        assert not event(attendees=[HOST, {**ME, "responseStatus": "declined"}]).busy


class TestDays:
    def test_begin_at_midnight_where_the_calendar_is(self) -> None:
        found = event(start={"date": "2026-03-29"}, end={"date": "2026-03-30"})
        assert (found.all_day, found.start_date, found.end_date) == (True, date(2026, 3, 29), date(2026, 3, 30))
        assert found.span == Span(at("2026-03-28 23:00"), at("2026-03-29 22:00"))
        assert found.span.duration == timedelta(hours=23)
        assert found.timezone is None

    def test_last_at_least_one(self) -> None:
        assert event(start={"date": "2026-05-05"}, end={"date": "2026-05-05"}).end_date == date(2026, 5, 6)
        assert event(start={"date": "2026-05-05"}, end=None).end_date == date(2026, 5, 6)

    def test_of_a_series_begin_there_too(self) -> None:
        found = series(start={"date": "2026-05-05"}, end={"date": "2026-05-06"}, recurrence=["RRULE:FREQ=WEEKLY"])
        window = Span(at("2026-05-01 00:00"), at("2026-05-20 00:00"))
        assert [e.start for e in expand(found, window, viewer_zone="America/New_York").events] == [
            at("2026-05-04 22:00"),
            at("2026-05-11 22:00"),
            at("2026-05-18 22:00"),
        ]

    def test_of_a_calendar_in_utc_are_days_of_utc(self) -> None:
        days = raw(start={"date": "2026-05-05"}, end={"date": "2026-05-06"}, recurrence=["RRULE:FREQ=DAILY;COUNT=1"])
        item = read_entry(days, _zone("UTC")).item
        assert isinstance(item, Series)
        window = Span(at("2026-05-01 00:00"), at("2026-05-20 00:00"))
        assert [e.start for e in expand(item, window, viewer_zone="Europe/Berlin").events] == [at("2026-05-05 00:00")]


class TestWords:
    def test_html_becomes_text_and_keeps_the_links_behind_words(self) -> None:
        text = event(
            description='<b>Hi Alex</b>,<br>please <a href="https://cal.acme.example/reschedule/1">pick</a> a time.'
        ).description
        assert "Hi Alex,\nplease" in text
        assert "https://cal.acme.example/reschedule/1" in text
        assert "<" not in text

    def test_links_that_go_over_google_lead_where_they_lead(self) -> None:
        wrapped = "https://www.google.com/url?q=https%3A%2F%2Fzoom.us%2Fj%2F98765&sa=D&source=calendar&usg=AOv"
        assert event(description=f"Join {wrapped} soon").description == "Join https://zoom.us/j/98765 soon"

    def test_plain_text_stays_as_it_is(self) -> None:
        assert event(description="a < b\nand b > c").description == "a < b\nand b > c"

    def test_the_call_is_the_url(self) -> None:
        assert (
            join_link(event(hangoutLink="https://meet.google.com/abc-defg-hij"))
            == "https://meet.google.com/abc-defg-hij"
        )
        ways = [
            {"entryPointType": "phone", "uri": "tel:+49-30-1234", "label": "+49 30 1234"},
            {"entryPointType": "video", "uri": "https://acme.zoom.us/j/98765", "meetingCode": "98765"},
        ]
        assert join_link(event(conferenceData={"entryPoints": ways})) == "https://acme.zoom.us/j/98765"

    def test_a_number_to_call_stands_for_the_place_when_there_is_no_other(self) -> None:
        ways = {"entryPoints": [{"entryPointType": "phone", "uri": "tel:+49-30-1234", "label": "+49 30 1234"}]}
        assert event(conferenceData=ways).location == "+49 30 1234"
        assert event(conferenceData=ways, location="Room 3").location == "Room 3"

    def test_nothing_of_them_can_harm_a_terminal_or_a_database(self) -> None:
        found = event(summary="Inter\x1b[31mview \ud800 \u202etxt", location="a\r\nb\x00", description="x\x07\ud83d")
        assert found.summary == "Inter[31mview ? txt"
        assert found.location == "a b"
        assert found.description == "x?"

    def test_of_a_calendar_that_shows_only_taken_time_there_are_none(self) -> None:
        item = read_entry(raw(summary=None, visibility="private"), BERLIN, time_only=True).item
        assert isinstance(item, Event)
        assert item.busy_only


class TestSeries:
    def test_a_master_has_its_rule_its_wall_time_and_its_zone(self) -> None:
        found = series(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"], start={**START, "timeZone": "America/New_York"})
        assert (found.zone_key, found.rrules) == ("America/New_York", ("FREQ=WEEKLY;COUNT=3",))
        assert str(found.local_start) == "2026-05-05 09:00:00"
        assert found.master is not None
        assert found.master.summary == "Technical interview"

    def test_dates_left_out_and_added_are_read_in_every_spelling(self) -> None:
        found = series(
            recurrence=[
                "RRULE:FREQ=WEEKLY",
                "EXDATE;TZID=Europe/Berlin:20260512T150000,20260519T150000",
                "EXDATE:20260526T130000Z",
                "EXDATE:20260602T150000",
                "EXDATE;VALUE=DATE:20260609",
                "RDATE;TZID=Europe/Berlin:20260506T150000",
                "RDATE;VALUE=PERIOD:20260507T130000Z/PT2H",
            ]
        )
        assert found.exdates == (
            "20260512T130000Z",
            "20260519T130000Z",
            "20260526T130000Z",
            "20260602T130000Z",
            "20260609",
        )
        assert found.rdates == ("20260506T130000Z", "20260507T130000Z")
        assert found.rdate_durations == (("20260507T130000Z", 7200),)

    def test_a_rule_that_cannot_be_followed_is_named_and_the_first_date_stays(self) -> None:
        found = entry(recurrence=["RRULE:FREQ=SOMETIMES", "garbage", "EXRULE:FREQ=DAILY"])
        assert isinstance(found.item, Series)
        assert "FREQ" in found.problem
        assert "EXRULE" in found.problem
        window = Span(at("2026-05-01 00:00"), at("2026-06-01 00:00"))
        assert len(expand(found.item, window, viewer_zone="UTC").events) == 1

    def test_the_later_part_of_a_split_series_belongs_to_the_same_appointment(self) -> None:
        later = series(
            id="4s0r_R20260512T130000", iCalUID="4s0r_R20260512T130000@google.com", recurrence=["RRULE:FREQ=WEEKLY"]
        )
        assert normal_uid(later.uid) == "4s0r@google.com"

    def test_a_changed_occurrence_is_an_event_of_its_own_that_knows_what_it_replaces(self) -> None:
        found = entry(
            id="4s0r_20260505T130000Z",
            recurringEventId="4s0r",
            originalStartTime=START,
            start={"dateTime": "2026-05-06T15:00:00+02:00"},
            end={"dateTime": "2026-05-06T16:00:00+02:00"},
        )
        assert isinstance(found.item, Event)
        assert (found.series, found.original) == ("4s0r", "20260505T130000Z")
        assert (found.item.recurrence_id, found.item.recurring) == ("20260505T130000Z", True)
        assert found.item.start == at("2026-05-06 13:00")

    def test_an_occurrence_of_a_later_part_may_carry_the_plain_id(self) -> None:
        found = entry(id="4s0r_20260519T130000Z", recurringEventId="4s0r_R20260512T130000")
        assert (found.series, found.original) == ("4s0r_R20260512T130000", "20260519T130000Z")

    def test_an_occurrence_of_days_is_named_by_its_date(self) -> None:
        found = entry(
            id="4s0r_20260505",
            recurringEventId="4s0r",
            originalStartTime={"date": "2026-05-05"},
            start={"date": "2026-05-06"},
            end={"date": "2026-05-07"},
        )
        assert found.original == "20260505"


class TestCancelled:
    def test_a_tombstone_with_only_an_id_is_one(self) -> None:
        found = read_entry({"kind": "calendar#event", "id": "4s0r", "status": "cancelled"}, BERLIN)
        assert found == Entry("4s0r", cancelled=True)

    def test_a_cancelled_occurrence_is_a_hole_even_when_only_its_id_is_left(self) -> None:
        whole = {"id": "4s0r_20260505T130000Z", "status": "cancelled", "recurringEventId": "4s0r"}
        hole = Entry("4s0r_20260505T130000Z", cancelled=True, series="4s0r", original="20260505T130000Z")
        assert read_entry({**whole, "originalStartTime": START}, BERLIN) == hole
        assert read_entry(whole, BERLIN) == hole
        assert read_entry({"id": "4s0r_20260505T130000Z", "status": "cancelled"}, BERLIN) == hole

    def test_a_hole_without_a_telling_id_is_named_by_its_original_start(self) -> None:
        found = read_entry(
            {"id": "x1", "status": "cancelled", "recurringEventId": "4s0r", "originalStartTime": START}, BERLIN
        )
        assert (found.series, found.original) == ("4s0r", "20260505T130000Z")


class TestHostile:
    @pytest.mark.parametrize(
        "item", [None, 5, "event", [], {}, {"id": 7}, {"id": "a/b"}, {"id": "\ud800"}, {"id": ".."}, {"id": "."}]
    )
    def test_what_has_no_usable_id_is_named_as_such(self, item: object) -> None:
        found = read_entry(item, BERLIN)
        assert not found.ref
        assert found.problem

    @pytest.mark.parametrize(
        "fields",
        [
            {"start": None},
            {"start": 5},
            {"start": {"dateTime": "soon"}},
            {"start": {"date": "2026-02-30"}},
            {"start": {"dateTime": "9999-12-31T23:59:59-14:00"}},
            {"end": {"dateTime": "late"}},
        ],
    )
    def test_without_a_readable_time_it_is_quarantined_by_name(self, fields: dict[str, Any]) -> None:
        found = entry(**fields)
        assert found.item is None
        assert found.ref == raw()["id"]
        assert found.problem

    def test_wrong_types_elsewhere_are_named_and_cost_only_themselves(self) -> None:
        found = entry(summary=["x"], attendees={"a": 1}, sequence="three", recurrence=[5], conferenceData="none")
        assert isinstance(found.item, Event)
        assert found.item.start == at("2026-05-05 13:00")
        for name in ("summary", "attendees", "sequence"):
            assert name in found.problem

    def test_fields_nobody_knows_yet_do_no_harm(self) -> None:
        assert not entry(futureField={"a": [1, {"b": None}]}, visibility="tomorrow").problem

    def test_missing_fields_are_filled_with_what_is_safe(self) -> None:
        found = read_entry({"id": "abcde", "start": START, "end": END}, BERLIN).item
        assert isinstance(found, Event)
        assert (found.uid, found.response, found.busy) == ("abcde@google.com", Response.OWN, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
_TIME = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {},
        optional={
            "date": st.sampled_from(["2026-05-05", "0001-01-01", "x", 3]),
            "dateTime": st.sampled_from(
                ["2026-05-05T15:00:00+02:00", "2999-12-31T23:59:59Z", "1500-01-01T00:00:00+23:59"]
            ),
            "timeZone": st.sampled_from(["Europe/Berlin", "../../etc/passwd", "", 5]),
        },
    ),
)
_PERSON = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {},
        optional={
            "email": st.sampled_from(["a@b.example", "", "x", None]) | JSON,
            "self": st.booleans() | JSON,
            "responseStatus": st.sampled_from(["declined", "accepted", ""]) | JSON,
            "resource": JSON,
        },
    ),
)
_LINE = st.sampled_from(
    [
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=YEARLY;BYDAY=99MO",
        "EXDATE:x",
        "RDATE;VALUE=PERIOD:20260505/P9999999D",
        "BEGIN:VEVENT",
    ]
) | st.text(max_size=40)
EVENTS = st.fixed_dictionaries(
    {"id": st.just("abcde_20260505") | st.just("abcde") | JSON},
    optional={
        "status": st.sampled_from(["confirmed", "cancelled", "tentative"]) | JSON,
        "start": _TIME,
        "end": _TIME,
        "originalStartTime": _TIME,
        "recurringEventId": st.just("abcde") | JSON,
        "recurrence": st.lists(_LINE, max_size=4) | JSON,
        "attendees": st.lists(_PERSON, max_size=3) | JSON,
        "organizer": _PERSON,
        "summary": JSON,
        "description": JSON | st.just("<a href='https://x'>&#99999;<"),
        "hangoutLink": JSON,
        "conferenceData": JSON | st.fixed_dictionaries({"entryPoints": st.lists(JSON, max_size=3)}),
        "outOfOfficeProperties": JSON,
        "eventType": st.sampled_from(["outOfOffice", "new"]) | JSON,
        "updated": JSON | st.just("0000-00-00"),
    },
)


@given(EVENTS | JSON)
def test_any_json_is_an_entry_and_what_it_shows_can_be_used(item: object) -> None:
    found = read_entry(item, BERLIN)
    assert found.item is not None or found.cancelled or found.problem
    window = Span(at("2026-05-01 00:00"), at("2026-06-01 00:00"))
    if isinstance(found.item, Series):
        expand(found.item, window, viewer_zone="UTC", limit=50)
    elif found.item is not None:
        assert found.item.start <= found.item.end
        found.item.summary.encode()
        found.item.description.encode()
