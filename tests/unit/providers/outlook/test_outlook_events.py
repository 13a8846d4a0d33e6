"""Graph's event JSON read into events: what they say, and what must not break the reading."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import ALEX, DANA, at
from calwatch.model.event import Event, Kind, Person, Response, Status
from calwatch.model.twins import join_link
from calwatch.providers.outlook.calendar.parse import Entry, Sort, mark_in, mark_of, read_entry, same_version
from calwatch.providers.outlook.calendar.people import Viewer
from calwatch.providers.outlook.calendar.series import hydrated, is_light
from calwatch.providers.outlook.calendar.times import viewer_zone

VIEWER = Viewer(ALEX, frozenset({ALEX.email}), viewer_zone("Europe/Berlin"))
START = {"dateTime": "2026-05-05T13:00:00.0000000", "timeZone": "UTC"}
END = {"dateTime": "2026-05-05T14:00:00.0000000", "timeZone": "UTC"}
HOST = {"name": "Dana Fox", "address": "dana@acme.example"}
NEVER = {"response": "none", "time": "0001-01-01T00:00:00Z"}
ME = {"type": "required", "status": NEVER, "emailAddress": {"name": "", "address": "Alex.Rivera@example.com"}}


def raw(**fields: Any) -> dict[str, Any]:
    """Dana's invitation of Alex; ``...`` takes a field away."""
    whole = {
        "@odata.type": "#microsoft.graph.event",
        "@odata.etag": 'W/"CQAAABYAAAC"',
        "id": "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AKq_AAA=",
        "createdDateTime": "2026-04-10T08:00:00.1234567Z",
        "lastModifiedDateTime": "2026-04-12T09:30:00.0630000Z",
        "changeKey": "CQAAABYAAAC",
        "categories": ["Jobs"],
        "originalStartTimeZone": "W. Europe Standard Time",
        "iCalUId": "040000008200E00074C5B7101A82E00800000000C3A4945E8A0EDB01000000000000000010000000" + "1A" * 16,
        "subject": "Technical interview",
        "body": {"contentType": "text", "content": "Join: <https://teams.microsoft.com/l/meetup-join/19%3a1>\r\n"},
        "start": START,
        "end": END,
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": False,
        "responseRequested": True,
        "responseStatus": {"response": "accepted", "time": "2026-04-12T09:30:00Z"},
        "type": "singleInstance",
        "seriesMasterId": None,
        "showAs": "busy",
        "sensitivity": "normal",
        "location": {"displayName": "Microsoft Teams Meeting"},
        "organizer": {"emailAddress": HOST},
        "attendees": [{"type": "required", "status": NEVER, "emailAddress": HOST}, ME],
        "onlineMeeting": {"joinUrl": "https://teams.microsoft.com/l/meetup-join/19%3a1"},
        "onlineMeetingUrl": None,
        "allowNewTimeProposals": True,
        "isDraft": False,
    }
    return {name: value for name, value in {**whole, **fields}.items() if value is not ...}


def entry(**fields: Any) -> Entry:
    return read_entry(raw(**fields), VIEWER)


def event(**fields: Any) -> Event:
    item = entry(**fields).item
    assert item is not None
    return item


def moment(text: str, zone: str | None = "UTC") -> dict[str, Any]:
    return {"dateTime": text, "timeZone": zone}


MASTER = raw(id="M", type="seriesMaster", recurrence={"pattern": {}}, start=moment("2023-05-02T13:00:00"))
LIGHT = {
    "@odata.type": "#microsoft.graph.event",
    "@odata.etag": 'W/"1"',
    "seriesMasterId": "M",
    "type": "occurrence",
    "start": START,
    "end": END,
    "id": "O1",
}


class TestAnInvitation:
    def test_is_read_with_all_that_identifies_it(self) -> None:
        found = event()
        assert found.ref == "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0AKq_AAA="
        assert found.uid == raw()["iCalUId"]
        assert found.etag == 'W/"CQAAABYAAAC"'
        assert (found.created, found.dtstamp) == (at("2026-04-10 08:00"), at("2026-04-12 09:30"))
        assert (found.summary, found.status, found.kind) == ("Technical interview", Status.CONFIRMED, Kind.DEFAULT)
        assert found.recurrence_id is None
        assert found.categories == ("Jobs",)
        assert not entry().problem

    def test_leads_into_its_call(self) -> None:
        assert event().url == "https://teams.microsoft.com/l/meetup-join/19%3a1"
        assert event(onlineMeeting=None, onlineMeetingUrl="javascript:alert(1)").url == ""
        assert join_link(event(onlineMeeting=None)) == "https://teams.microsoft.com/l/meetup-join/19%3a1"
        assert event(location=None, locations=[{"displayName": "Room 5"}]).location == "Room 5"

    def test_is_plain_text_however_its_body_comes(self) -> None:
        html = '<html><body><p>Hi <b>Alex</b>,</p><a href="https://acme.zoom.us/j/1">the call</a><script>x()</script>'
        found = event(body={"contentType": "html", "content": html}, onlineMeeting=None)
        assert found.description.startswith("Hi Alex,")
        assert "https://acme.zoom.us/j/1" in found.description
        assert "x()" not in found.description
        assert len(event(body={"contentType": "html", "content": "<p>word</p>" * 50_000}).description) < 66_000

    def test_without_a_body_shows_the_beginning_of_it(self) -> None:
        assert event(body=..., bodyPreview="Hi Alex").description == "Hi Alex"

    def test_shows_links_where_they_lead_and_not_by_way_of_a_checking_page(self) -> None:
        safe = "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Facme.zoom.us%2Fj%2F1&data=05"
        assert event(body={"contentType": "text", "content": f"Call: {safe} now"}).description == (
            "Call: https://acme.zoom.us/j/1 now"
        )

    def test_takes_a_foreign_uid_as_it_was_and_the_date_out_of_exchanges(self) -> None:
        assert event(iCalUId="abc@google.com").uid == "abc@google.com"
        dated = raw()["iCalUId"].replace("E0080000", "E00807EA", 1)
        assert event(iCalUId=dated).uid == raw()["iCalUId"]

    def test_without_a_uid_has_one_of_its_own(self) -> None:
        assert event(iCalUId=None).uid == f"{event().ref}@outlook.com"


class TestTime:
    def test_is_utc_where_nobody_says_otherwise(self) -> None:
        found = event(start=moment("2026-05-05T13:00:00", None), end={"dateTime": "2026-05-05T14:00:00"})
        assert (found.start, found.end) == (at("2026-05-05 13:00"), at("2026-05-05 14:00"))

    @pytest.mark.parametrize("zone", ["Pacific Standard Time", "America/Los_Angeles"])
    def test_follows_the_zone_beside_it_by_either_name(self, zone: str) -> None:
        assert event(start=moment("2026-05-05T06:00:00", zone)).start == at("2026-05-05 13:00")

    @pytest.mark.parametrize(
        ("name", "zone"),
        [
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("Alberta Standard Time", "America/Edmonton"),
            ("Europe/Paris", "Europe/Paris"),
            ("tzone://Microsoft/Custom", None),
            ("tzone://Microsoft/Utc", None),
            ("Customized Time Zone", None),
            ("", None),
            (5, None),
        ],
    )
    def test_its_author_thought_in_a_zone_if_anybody_knows_it(self, name: object, zone: str | None) -> None:
        found = event(originalStartTimeZone=name)
        assert (found.start, found.timezone) == (at("2026-05-05 13:00"), zone)

    def test_of_a_zone_nobody_knows_is_the_wall_time_of_the_viewer(self) -> None:
        assert event(start=moment("2026-05-05T13:00:00", "Customized Time Zone")).start == at("2026-05-05 11:00")

    def test_a_day_is_that_day_wherever_it_was_written(self) -> None:
        found = event(
            isAllDay=True,
            start=moment("2026-03-08T00:00:00.0000000"),
            end=moment("2026-03-09T00:00:00.0000000"),
            originalStartTimeZone="Pacific Standard Time",
        )
        assert (found.start_date, found.end_date) == (date(2026, 3, 8), date(2026, 3, 9))
        assert (found.start, found.end) == (at("2026-03-07 23:00"), at("2026-03-08 23:00"))

    def test_a_day_on_which_clocks_change_is_as_long_as_it_is(self) -> None:
        found = event(isAllDay=True, start=moment("2026-03-29T00:00:00"), end=moment("2026-03-30T00:00:00"))
        assert (found.end - found.start).total_seconds() == 23 * 3600

    @pytest.mark.parametrize(
        "start",
        [None, {}, moment("0001-01-01T00:00:00"), moment("4501-01-01T00:00:00"), moment("soon"), 5, moment(5)],  # type: ignore[arg-type]
    )
    def test_that_is_none_is_named_and_shown_nowhere(self, start: Any) -> None:
        found = entry(start=start)
        assert found.item is None
        assert found.problem
        assert found.ref

    def test_never_is_no_moment(self) -> None:
        found = event(createdDateTime="0001-01-01T00:00:00Z", lastModifiedDateTime="4501-01-01T00:00:00Z")
        assert (found.created, found.dtstamp) == (None, None)

    def test_that_ends_before_it_starts_ends_with_its_start(self) -> None:
        assert event(end=moment("2026-05-05T12:00:00")).end == at("2026-05-05 13:00")


class TestTheUsersOwnAnswer:
    @pytest.mark.parametrize(
        ("word", "answer"),
        [
            ("accepted", Response.ACCEPTED),
            ("tentativelyAccepted", Response.TENTATIVE),
            ("tenativelyAccepted", Response.TENTATIVE),
            ("declined", Response.DECLINED),
            ("notResponded", Response.NEEDS_ACTION),
            ("none", Response.NEEDS_ACTION),
            ("maybe", Response.NEEDS_ACTION),
            (None, Response.NEEDS_ACTION),
        ],
    )
    def test_is_that_of_the_event_and_not_of_the_guest_list(self, word: str | None, answer: Response) -> None:
        accepted = {**ME, "status": {"response": "accepted"}}
        found = event(responseStatus={"response": word}, attendees=[{"emailAddress": HOST}, accepted])
        assert found.response is answer

    def test_is_not_asked_for_in_a_plain_appointment(self) -> None:
        own = {"organizer": {"emailAddress": {"address": ALEX.email}}, "attendees": [], "isOrganizer": True}
        assert event(**own, responseStatus=NEVER).response is Response.OWN
        assert event(organizer=None, attendees=[], responseStatus=None).response is Response.OWN

    def test_is_the_organizers_when_they_organize_it_under_a_made_up_address(self) -> None:
        alias = {"emailAddress": {"name": "Alex Rivera", "address": "outlook_12AB@outlook.com"}}
        found = event(organizer=alias, isOrganizer=True, responseStatus={"response": "organizer"})
        assert (found.response, found.organizer) == (Response.OWN, ALEX)

    def test_being_asked_as_an_option_is_kept(self) -> None:
        assert event(attendees=[{**ME, "type": "optional"}]).optional
        assert not event().optional


class TestGuests:
    def test_of_an_attendees_copy_have_said_nothing_whatever_it_shows(self) -> None:
        guest = {"emailAddress": HOST, "status": {"response": "declined"}}
        answers = {a.person.email: a.response for a in event(attendees=[guest, ME]).attendees}
        assert answers == {DANA.email: Response.NEEDS_ACTION, ALEX.email: Response.ACCEPTED}

    def test_of_the_organizers_copy_have_said_what_it_shows(self) -> None:
        guest = {"emailAddress": HOST, "status": {"response": "declined"}}
        found = event(isOrganizer=True, attendees=[guest], responseStatus={"response": "organizer"})
        assert [a.response for a in found.attendees] == [Response.DECLINED]

    def test_may_be_hidden(self) -> None:
        assert event(hideAttendees=True, attendees=[]).guests_hidden
        assert event(attendees=[]).guests_hidden
        assert not event().guests_hidden

    def test_rooms_are_resources_and_inner_names_nobody(self) -> None:
        room = {"type": "resource", "emailAddress": {"address": "room5@acme.example"}}
        inner = {"emailAddress": {"address": "/O=EXCHANGELABS/OU=FIRST/CN=RECIPIENTS/CN=DANA", "name": "Dana"}}
        found = event(attendees=[ME, room, inner], organizer=inner)
        assert [a.cutype for a in found.attendees] == ["INDIVIDUAL", "RESOURCE"]
        assert found.organizer is None

    def test_names_and_addresses_are_kept_plain(self) -> None:
        guest = {"emailAddress": {"address": "Bob@Acme.example", "name": "Bob\u202e\n Ray"}}
        assert event(attendees=[guest]).attendees[0].person == Person("bob@acme.example", "Bob Ray")


class TestWhatTakesTime:
    @pytest.mark.parametrize("shown", ["busy", "tentative", "oof", "unknown", "brandNew", None, 5])
    def test_is_everything_but_what_is_shown_as_free(self, shown: object) -> None:
        assert event(showAs=shown).busy

    @pytest.mark.parametrize("shown", ["free", "workingElsewhere"])
    def test_is_not_what_is_shown_as_free(self, shown: str) -> None:
        assert not event(showAs=shown).busy

    def test_is_a_draft_of_a_meeting_as_well(self) -> None:
        assert event(isDraft=True).busy

    def test_is_nothing_that_was_cancelled_or_declined_however_it_is_shown(self) -> None:
        assert not event(isCancelled=True).busy
        assert not event(responseStatus={"response": "declined"}).busy

    def test_an_absence_declines_nothing_by_itself_and_is_no_meeting(self) -> None:
        alone: dict[str, Any] = {"attendees": [], "organizer": None, "isOrganizer": True}
        found = event(showAs="oof", **alone)
        assert (found.kind, found.auto_declines) == (Kind.OUT_OF_OFFICE, False)
        assert event(showAs="workingElsewhere", **alone).kind is Kind.WORKING_LOCATION
        assert event(showAs="oof").kind is Kind.DEFAULT


class TestACancelledMeeting:
    @pytest.mark.parametrize(
        "subject",
        [
            "Canceled: Onsite",
            "Abgesagt: Abgesagt: Onsite",
            "Annulé : Onsite",
            "Onsite",
            "Canceled: " * 6000 + "Onsite",
            "已取消：Onsite",
        ],
    )
    def test_is_one_whatever_stands_before_its_title(self, subject: str) -> None:
        found = event(isCancelled=True, subject=subject)
        assert (found.status, found.summary, found.response) == (Status.CANCELLED, "Onsite", Response.ACCEPTED)

    def test_is_not_made_one_by_its_title(self) -> None:
        found = event(subject="Canceled: Onsite")
        assert (found.status, found.summary) == (Status.CONFIRMED, "Canceled: Onsite")


class TestASeries:
    def test_is_not_an_appointment(self) -> None:
        found = read_entry(MASTER, VIEWER)
        assert (found.item, found.sort, found.problem) == (None, Sort.MASTER, "")

    def test_gives_its_occurrences_all_but_their_time(self) -> None:
        assert is_light(LIGHT)
        found = read_entry(hydrated(LIGHT, MASTER), VIEWER)
        assert found.item is not None
        assert (found.item.ref, found.item.start) == ("O1", at("2026-05-05 13:00"))
        assert (found.item.summary, found.item.organizer) == ("Technical interview", DANA)
        assert (found.item.recurrence_id, found.item.recurring) == ("20260505T130000Z", True)
        assert found.item.uid == raw()["iCalUId"]

    def test_of_days_has_dates_for_keys(self) -> None:
        master = {**MASTER, "isAllDay": True}
        days = {"start": moment("2026-05-05T00:00:00"), "end": moment("2026-05-06T00:00:00")}
        found = read_entry(hydrated({**LIGHT, **days}, master), VIEWER).item
        assert found is not None
        assert found.recurrence_id == "20260505"

    @pytest.mark.parametrize("original", ["2026-05-05T00:00:00Z", "2026-05-04T22:00:00Z"])
    def test_of_days_has_exceptions_known_by_the_day_they_were_planned_for(self, original: str) -> None:
        found = event(
            id="X",
            type="exception",
            seriesMasterId="M",
            isAllDay=True,
            originalStart=original,
            start=moment("2026-05-07T00:00:00"),
            end=moment("2026-05-08T00:00:00"),
        )
        assert (found.recurrence_id, found.start_date) == ("20260505", date(2026, 5, 7))

    def test_has_exceptions_known_by_their_original_start(self) -> None:
        found = event(id="X", type="exception", seriesMasterId="M", originalStart="2026-05-04T13:00:00Z")
        assert (found.recurrence_id, found.start) == ("20260504T130000Z", at("2026-05-05 13:00"))
        assert event(id="X", type="exception", seriesMasterId="M").recurrence_id == "20260505T130000Z"

    def test_is_named_in_the_etags_of_its_occurrences(self) -> None:
        light = read_entry(hydrated(LIGHT, MASTER), VIEWER)
        assert mark_in(light.etag) == mark_of("M") != mark_of("m")
        assert mark_in(entry().etag) == mark_in(read_entry(MASTER, VIEWER).etag) == ""

    def test_has_occurrences_whose_versions_are_what_they_say(self) -> None:
        light = read_entry(hydrated(LIGHT, MASTER), VIEWER)
        looked_at = entry(id="O1", type="occurrence", seriesMasterId="M", **{"@odata.etag": 'W/"other"'})
        assert same_version(light.etag, looked_at.etag)
        moved = entry(id="O1", type="occurrence", seriesMasterId="M", start=moment("2026-05-05T12:00:00"))
        assert not same_version(light.etag, moved.etag)
        assert not same_version('W/"1"', 'W/"2"')


def test_a_calendar_of_taken_time_gives_away_nothing_else() -> None:
    found = read_entry(raw(), VIEWER, time_only=True).item
    assert found is not None
    assert found.busy_only
    assert (found.summary, found.description, found.location, found.url) == ("", "", "", "")
    assert (found.organizer, found.attendees) == (None, ())
    assert found.busy


@pytest.mark.parametrize("ref", [None, 5, "", "..", "two words", "x" * 2000, ["AA"]])
def test_without_a_usable_id_it_is_nothing(ref: object) -> None:
    assert entry(id=ref).ref == ""


def test_ids_are_kept_letter_by_letter() -> None:
    refs = ["Kq-A", "Kq_A", "kq-A", "kQ/A", "K+q="]
    assert [entry(id=ref).ref for ref in refs] == refs


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(raw())), ANYTHING, max_size=6), st.booleans())
def test_any_value_anywhere_is_an_event_or_a_problem(fields: dict[str, Any], time_only: bool) -> None:
    found = read_entry({**raw(), **fields}, VIEWER, time_only=time_only)
    assert found.ref == "" or found.item is not None or found.problem or found.sort is Sort.MASTER
    if found.item is not None:
        assert found.item.start <= found.item.end
        repr(found.item).encode()


@given(ANYTHING)
def test_anything_at_all_is_read_without_a_crash(value: Any) -> None:
    assert read_entry(value, VIEWER).ref == "" or isinstance(value, dict)
