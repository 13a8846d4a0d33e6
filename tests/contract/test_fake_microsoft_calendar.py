"""The fake Outlook calendar read and written by plain calls."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from builders import ALEX, DANA, at
from calwatch.model.event import Person, Response
from calwatch.model.span import Span
from contract.outlook_caller import START, WINDOW, Caller, refs
from fakes.clock import ManualClock
from fakes.microsoft.calendar import CalendarState
from fakes.microsoft.calendar_times import Json, day

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
GRACE = Person("grace@acme.example", "Grace Lee")
HALF_PAST = {"dateTime": "2026-05-05T13:30:00", "timeZone": "UTC"}
THREE = {"dateTime": "2026-05-05T15:00:00", "timeZone": "UTC"}
TWO = {"dateTime": "2026-05-05T14:00:00", "timeZone": "W. Europe Standard Time"}


@pytest.fixture
def calendar() -> CalendarState:
    return CalendarState(clock=ManualClock(), owner=ALEX.email, owner_name=ALEX.name)


@pytest.fixture
def caller(calendar: CalendarState) -> Caller:
    return Caller(calendar)


class TestIds:
    def test_an_event_has_two_ids_and_is_found_by_either(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        caller.prefer.pop("IdType")
        other = caller.event(ref)["id"]
        assert other != ref
        caller.prefer["IdType"] = "ImmutableId"
        assert caller.event(other)["id"] == ref

    def test_ids_may_differ_in_case_or_punctuation_alone(self, calendar: CalendarState) -> None:
        ids = [calendar.add(START) for _ in range(4)]
        assert len(set(ids)) == 4
        assert len({ref.casefold().replace("_", "-") for ref in ids}) == 2

    def test_a_move_to_another_calendar_changes_only_the_regular_id(
        self, calendar: CalendarState, caller: Caller
    ) -> None:
        ref = calendar.add(START)
        caller.prefer.pop("IdType")
        before = caller.event(ref)["id"]
        after = calendar.move_to_calendar(ref, calendar.add_calendar("Other"))
        assert caller.event(ref)["id"] == after
        assert caller.refusal("events.get", event=before) == "404 ErrorItemNotFound"

    def test_what_is_no_id_is_malformed(self, caller: Caller) -> None:
        assert caller.refusal("events.get", event="no id") == "400 ErrorInvalidIdMalformed"


class TestCalendarView:
    def test_both_ends_are_required(self, caller: Caller) -> None:
        ends = {"startDateTime": WINDOW["startDateTime"]}
        assert caller.refusal("calendarView", ends) == "400 ErrorInvalidParameter"

    def test_a_plus_that_was_not_encoded_is_no_time(self, caller: Caller) -> None:
        ends = {**WINDOW, "endDateTime": "2026-08-01T00:00:00 02:00"}
        assert caller.refusal("calendarView", ends) == "400 ErrorInvalidParameter"

    def test_a_range_of_more_than_five_years_is_refused(self, caller: Caller) -> None:
        ends = {**WINDOW, "endDateTime": "2032-08-01T00:00:00Z"}
        assert caller.refusal("calendarView", ends) == "400 ErrorInvalidRequest"

    def test_what_overlaps_is_in_it_and_what_touches_is_not(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.add(at("2026-03-31 23:00"), "before")
        calendar.add(at("2026-03-31 23:30"), "across")
        calendar.add(at("2026-08-01 00:00"), "after")
        assert [e["subject"] for e in caller.view()] == ["across"]

    def test_an_all_day_event_counts_from_midnight_utc_and_keeps_its_dates(
        self, calendar: CalendarState, caller: Caller
    ) -> None:
        calendar.put({"isAllDay": True, "start": day(date(2026, 7, 31)), "end": day(date(2026, 8, 1))})
        caller.prefer["outlook.timezone"] = "Pacific Standard Time"
        (event,) = caller.view()
        assert event["start"] == {"dateTime": "2026-07-31T00:00:00.0000000", "timeZone": "Pacific Standard Time"}

    def test_ten_are_a_page_unless_more_are_asked_for(self, calendar: CalendarState, caller: Caller) -> None:
        for n in range(25):
            calendar.add(START + n * DAY)
        caller.prefer.pop("odata.maxpagesize")
        page = caller.get("calendarView", WINDOW)
        assert (len(page["value"]), len(caller.view())) == (10, 25)
        assert len(caller.get("calendarView", {**WINDOW, "$top": "20"})["value"]) == 20

    def test_a_page_may_be_empty_and_not_the_last(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.add(START)
        calendar.empty_pages = True
        assert caller.get("calendarView", WINDOW)["value"] == []
        assert len(caller.view()) == 1

    def test_a_series_is_expanded_and_its_master_left_out(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, weeks=3)
        calendar.move(calendar.occurrence(ref, START + WEEK), START + WEEK + timedelta(hours=1))
        events = caller.view()
        assert [e["type"] for e in events] == ["occurrence", "exception", "occurrence"]
        assert {e["seriesMasterId"] for e in events} == {ref}
        assert events[1]["originalStart"] == "2026-05-12T13:00:00.0000000Z"

    def test_what_is_cancelled_or_declined_and_kept_is_in_it(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.preserve_declined = True
        calendar.cancel(calendar.add(START))
        calendar.answer(calendar.add(START + DAY), Response.DECLINED)
        cancelled, declined = caller.view()
        assert (cancelled["isCancelled"], cancelled["subject"]) == (True, "Canceled: Interview")
        assert (declined["responseStatus"]["response"], declined["showAs"]) == ("declined", "free")

    def test_only_the_own_calendar_is_seen(self, calendar: CalendarState, caller: Caller) -> None:
        other = calendar.add_calendar("Other")
        ref = calendar.add(START, calendar=other)
        assert caller.view() == []
        assert refs(caller.view(calendar=other)) == [ref]
        calendar.take_away(other)
        assert caller.refusal("calendarView", WINDOW, calendar=other) == "404 ErrorItemNotFound"


class TestEvents:
    def test_times_are_wall_times_in_the_asked_zone(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        assert caller.event(ref)["start"] == {"dateTime": "2026-05-05T13:00:00.0000000", "timeZone": "UTC"}
        caller.prefer["outlook.timezone"] = "W. Europe Standard Time"
        assert caller.event(ref)["start"]["dateTime"] == "2026-05-05T15:00:00.0000000"
        caller.prefer["outlook.timezone"] = "Nowhere"
        assert caller.refusal("events.get", event=ref) == "400 TimeZoneNotSupportedException"

    def test_a_guest_sees_nobodys_answer(self, calendar: CalendarState, caller: Caller) -> None:
        event = caller.event(calendar.add(START, answer=Response.ACCEPTED, others=(GRACE,)))
        assert [a["status"]["response"] for a in event["attendees"]] == ["none", "none"]
        assert event["responseStatus"]["response"] == "accepted"

    def test_an_organizer_sees_answers_and_proposals(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, answer=Response.OWN, others=(GRACE,))
        calendar.guest_answers(ref, GRACE, Response.DECLINED, Span(START + DAY, START + DAY + timedelta(hours=1)))
        (guest,) = caller.event(ref)["attendees"]
        assert guest["status"]["response"] == "declined"
        assert guest["proposedNewTime"]["start"]["dateTime"] == "2026-05-06T13:00:00.0000000"

    def test_others_answers_change_nothing_for_a_guest(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, others=(GRACE,))
        before = caller.event(ref)
        calendar.guest_answers(ref, GRACE, Response.DECLINED)
        assert caller.event(ref) == before

    def test_a_token_for_times_sees_no_body(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, body={"contentType": "html", "content": "<p>Room 3</p>"})
        assert caller.event(ref)["bodyPreview"] == "Room 3"
        caller.scopes = frozenset({"Calendars.ReadBasic"})
        assert "body" not in caller.event(ref)

    def test_one_can_be_found_by_its_ical_uid(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, iCalUId="o'neil@example.com")
        calendar.add(START)
        found = caller.get("events.list", {"$filter": "iCalUId eq 'o''neil@example.com'"})["value"]
        assert refs(found) == [ref]

    @pytest.mark.parametrize("apart", [True, False])
    def test_occurrences_may_have_uids_of_their_own(self, calendar: CalendarState, caller: Caller, apart: bool) -> None:
        calendar.uid_per_occurrence = apart
        ref = calendar.add(START, weeks=3)
        uids = {e["iCalUId"] for e in caller.view()}
        assert len(uids) == (3 if apart else 1)
        assert (caller.event(ref)["iCalUId"] in uids) is not apart

    def test_instances_and_holes_of_a_series_can_be_asked_for(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, weeks=3)
        calendar.remove(calendar.occurrence(ref, START + WEEK))
        assert len(caller.get("events.instances", WINDOW, event=ref)["value"]) == 2
        (gone,) = caller.event(ref, **{"$select": "subject,cancelledOccurrences"})["cancelledOccurrences"]
        assert gone.endswith(".2026-05-12")

    def test_nothing_is_what_was_sent_where_that_is_switched(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        calendar.null_fields, calendar.left_out = frozenset({"attendees"}), frozenset({"location"})
        event = caller.event(ref)
        assert event["attendees"] is None
        assert "location" not in event


class TestWriting:
    def a_hold(self, **fields: object) -> Json:
        return {
            "subject": "Busy",
            "start": HALF_PAST,
            "end": {**HALF_PAST, "dateTime": "2026-05-05T15:00:00"},
            **fields,
        }

    def test_a_transaction_makes_one_event(self, caller: Caller) -> None:
        body = self.a_hold(transactionId="t-1")
        first, again = (caller.get("events.create", body=body) for _ in range(2))
        assert first["id"] == again["id"]
        other = self.a_hold(transactionId="t-1", subject="Another")
        assert caller.refusal("events.create", body=other) == "409 ErrorDuplicateTransactionId"

    @pytest.mark.parametrize("outlives", [True, False])
    def test_a_deleted_events_transaction_may_stay_taken(
        self, calendar: CalendarState, caller: Caller, outlives: bool
    ) -> None:
        calendar.transactions_outlive = outlives
        body = self.a_hold(transactionId="t-1")
        caller.call("events.delete", event=caller.get("events.create", body=body)["id"])
        if outlives:
            assert caller.refusal("events.create", body=body) == "409 ErrorDuplicateTransactionId"
        else:
            assert caller.call("events.create", body=body).status == 201

    def test_extended_properties_show_only_when_asked_for(self, caller: Caller) -> None:
        name = "String {00020329-0000-0000-C000-000000000046} Name own"
        made = caller.get("events.create", body=self.a_hold(singleValueExtendedProperties=[{"id": name, "value": "x"}]))
        assert "singleValueExtendedProperties" not in caller.event(made["id"])
        expand = f"singleValueExtendedProperties($filter=id eq '{name}')"
        shown = caller.event(made["id"], **{"$expand": expand})
        assert shown["singleValueExtendedProperties"] == [{"id": name, "value": "x"}]

    @pytest.mark.parametrize(
        "fields",
        [
            {"start": {"dateTime": "2026-05-05T13:30:00"}},
            {"isAllDay": True},
            {"start": HALF_PAST, "end": {**HALF_PAST, "dateTime": "2026-05-05T12:00:00"}},
            {"summary": "Google's word"},
        ],
    )
    def test_what_is_no_event_is_refused(self, caller: Caller, fields: Json) -> None:
        assert caller.refusal("events.create", body=self.a_hold(**fields)).startswith("400 ")

    def test_a_stale_change_key_is_refused(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, answer=Response.OWN)
        stale = caller.event(ref)["@odata.etag"]
        calendar.touch(ref)
        assert caller.refusal("events.delete", event=ref, if_match=stale) == "412 ErrorIrresolvableConflict"
        patch = {"subject": "New"}
        assert caller.refusal("events.patch", event=ref, if_match=stale, body=patch).startswith("412 ")
        fresh = caller.event(ref)["@odata.etag"]
        assert caller.get("events.patch", event=ref, if_match=fresh, body=patch)["subject"] == "New"

    def test_deleting_twice_is_not_found(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        assert caller.call("events.delete", event=ref).status == 204
        assert caller.refusal("events.delete", event=ref) == "404 ErrorItemNotFound"

    def test_a_new_time_asks_the_own_guests_again(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START, answer=Response.OWN, others=(GRACE,))
        calendar.guest_answers(ref, GRACE, Response.ACCEPTED)
        moved = caller.get(
            "events.patch", event=ref, body={"start": TWO, "end": {**TWO, "dateTime": "2026-05-05T15:00"}}
        )
        assert moved["attendees"][0]["status"] == {"response": "notResponded", "time": "4501-01-01T00:00:00Z"}
        assert calendar.mailed == [("meetingRequest", ref)]

    def test_a_guest_changes_no_more_than_the_own_copy(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        caller.call("events.patch", event=ref, body={"subject": "Mine"})
        assert caller.event(ref)["subject"] == "Mine"
        calendar.edit(ref, subject="Interview")
        assert caller.event(ref)["subject"] == "Interview"

    def test_only_an_organizer_cancels(self, calendar: CalendarState, caller: Caller) -> None:
        assert caller.refusal("events.cancel", event=calendar.add(START), body={}) == "400 ErrorInvalidRequest"
        own = calendar.add(START, answer=Response.OWN, others=(GRACE,))
        assert caller.call("events.cancel", event=own, body={}).status == 202
        assert caller.refusal("events.cancel", event=own, body={}) == "404 ErrorItemNotFound"


class TestAccount:
    def test_a_personal_account_may_have_no_mail_address(self, calendar: CalendarState, caller: Caller) -> None:
        assert caller.get("me")["mail"] == ALEX.email
        calendar.mail_null = True
        assert (caller.get("me")["mail"], caller.get("me")["userPrincipalName"]) == (None, ALEX.email)

    def test_the_zone_may_be_spelt_in_several_ways_or_be_missing(self, calendar: CalendarState, caller: Caller) -> None:
        assert caller.get("mailboxSettings")["timeZone"] == "W. Europe Standard Time"
        calendar.zone_names = "iana"
        assert caller.get("mailboxSettings")["timeZone"] == "Europe/Berlin"
        calendar.zone_names = "custom"
        assert caller.get("mailboxSettings")["workingHours"]["timeZone"]["bias"] == -60
        calendar.timezone_empty = True
        assert caller.get("mailboxSettings")["timeZone"] == ""

    def test_calendars_are_listed_in_pages(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.add_calendar("Other")
        page = caller.get("calendars.list", {"$top": "1"})
        assert [c["isDefaultCalendar"] for c in page["value"]] == [True]
        following = caller.get("calendars.list", {"$top": "1", "$skip": "1"})
        assert [c["name"] for c in following["value"]] == ["Other"]
        assert "@odata.nextLink" in page
        assert "@odata.nextLink" not in following


class TestGetSchedule:
    def asked(self, *schedules: str, **fields: object) -> Json:
        noon = {"dateTime": "2026-05-05T12:00:00", "timeZone": "UTC"}
        hours = {"startTime": noon, "endTime": THREE, "availabilityViewInterval": 30}
        return {"schedules": list(schedules), **hours, **fields}

    def test_a_personal_account_has_none(self, calendar: CalendarState, caller: Caller) -> None:
        assert caller.refusal("getSchedule", body=self.asked(ALEX.email)) == "403 ErrorAccessDenied"
        calendar.own_schedule = True
        assert caller.call("getSchedule", body=self.asked(ALEX.email)).status == 200
        assert caller.refusal("getSchedule", body=self.asked(DANA.email)) == "403 ErrorAccessDenied"

    def test_whoever_is_not_known_is_an_error_in_the_answer(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.kind = "work"
        calendar.add(START, answer=Response.ACCEPTED)
        own, other = caller.get("getSchedule", body=self.asked(ALEX.email, DANA.email))["value"]
        assert own["availabilityView"] == "002200"
        assert [item["status"] for item in own["scheduleItems"]] == ["busy"]
        assert other["error"]["responseCode"] == "5009"
        assert "scheduleItems" not in other

    def test_too_long_and_no_interval_are_refused(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.kind = "work"
        far = self.asked(ALEX.email, endTime={"dateTime": "2026-08-05T15:00:00", "timeZone": "UTC"})
        assert caller.refusal("getSchedule", body=far) == "400 ErrorTimeIntervalTooBig"
        none = self.asked(ALEX.email, availabilityViewInterval=None)
        assert caller.refusal("getSchedule", body=none) == "500 ErrorInternalServerError"
