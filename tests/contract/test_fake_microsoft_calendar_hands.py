"""calwatch's own events put into the fake Outlook calendar, and what else its hands can do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from builders import ALEX, DANA, NOW, an_event, an_invitation, at
from calwatch.model.event import Attendee, Event, Kind, Response, Series, Status
from contract.outlook_caller import START, Caller
from fakes.clock import ManualClock
from fakes.microsoft.calendar import CalendarState
from fakes.microsoft.calendar_events import event_of, raw_of, raw_of_series
from fakes.microsoft.calendar_ids import EXCHANGE
from fakes.microsoft.calendar_manners import ZoneNames


@pytest.fixture
def calendar() -> CalendarState:
    return CalendarState(clock=ManualClock(), owner=ALEX.email, owner_name=ALEX.name)


@pytest.fixture
def caller(calendar: CalendarState) -> Caller:
    return Caller(calendar)


def put(calendar: CalendarState, event: Event) -> str:
    return calendar.put(raw_of(event, ALEX), ref=event.ref)


class TestPut:
    def test_an_invitation_keeps_its_ref_its_uid_and_the_own_answer(
        self, calendar: CalendarState, caller: Caller
    ) -> None:
        invitation = an_invitation(START, response=Response.TENTATIVE, location="Room 3")
        shown = caller.event(put(calendar, invitation))
        assert (shown["id"], shown["iCalUId"]) == (invitation.ref, invitation.uid)
        assert (shown["responseStatus"]["response"], shown["showAs"]) == ("tentativelyAccepted", "tentative")
        assert shown["organizer"]["emailAddress"]["address"] == DANA.email
        assert [a["emailAddress"]["address"] for a in shown["attendees"]] == [ALEX.email]
        assert shown["location"]["displayName"] == "Room 3"
        assert not shown["isOrganizer"]

    def test_an_own_entry_has_nobody_to_answer(self, calendar: CalendarState, caller: Caller) -> None:
        shown = caller.event(put(calendar, an_event(START)))
        assert (shown["isOrganizer"], shown["responseStatus"]["response"]) == (True, "organizer")

    @pytest.mark.parametrize(
        ("fields", "shown"),
        [({"transparent": True}, "free"), ({"kind": Kind.OUT_OF_OFFICE}, "oof"), ({"kind": Kind.DEFAULT}, "busy")],
    )
    def test_what_it_blocks_is_written(
        self, calendar: CalendarState, caller: Caller, fields: dict[str, Any], shown: str
    ) -> None:
        assert caller.event(put(calendar, an_event(START, **fields)))["showAs"] == shown

    def test_days_are_days(self, calendar: CalendarState, caller: Caller) -> None:
        days = {"all_day": True, "start_date": date(2026, 5, 5), "end_date": date(2026, 5, 7)}
        shown = caller.event(put(calendar, an_event("2026-05-04 22:00", 2880, **days)))
        assert (shown["isAllDay"], shown["start"]["dateTime"][:10], shown["end"]["dateTime"][:10]) == (
            True,
            "2026-05-05",
            "2026-05-07",
        )

    def test_the_same_ref_replaces_what_was_there_or_was_removed(self, calendar: CalendarState, caller: Caller) -> None:
        event = an_invitation(START)
        put(calendar, event)
        put(calendar, replace(event, summary="Second interview"))
        assert [e["subject"] for e in caller.view()] == ["Second interview"]
        calendar.remove(event.ref)
        put(calendar, event)
        assert [e["subject"] for e in caller.view()] == [event.summary]

    def test_a_series_is_a_master(self, calendar: CalendarState, caller: Caller) -> None:
        master = an_invitation("2026-04-28 13:00", uid="loop@acme.example")
        series = Series(
            ref="loop",
            uid=master.uid,
            master=master,
            local_start=at("2026-04-28 15:00").replace(tzinfo=None),
            zone_key="Europe/Berlin",
            rrules=("FREQ=WEEKLY;UNTIL=20260519T130000Z",),
        )
        calendar.put(raw_of_series(series, ALEX), ref="loop")
        assert caller.event("loop")["type"] == "seriesMaster"
        starts = [e["start"]["dateTime"][:16] for e in caller.view()]
        assert starts == ["2026-04-28T13:00", "2026-05-05T13:00", "2026-05-12T13:00", "2026-05-19T13:00"]
        assert {e["iCalUId"] for e in caller.view()} == {"loop@acme.example"}

    def test_what_is_cancelled_says_so(self, calendar: CalendarState, caller: Caller) -> None:
        assert caller.event(put(calendar, an_invitation(START, status=Status.CANCELLED)))["isCancelled"]

    def test_it_can_be_read_back_for_a_mail(self, calendar: CalendarState) -> None:
        invitation = an_invitation(START, attendees=(Attendee(ALEX), Attendee(DANA)), response=Response.ACCEPTED)
        _, item = calendar.locate(put(calendar, invitation))
        event = event_of(item)
        assert (event.uid, event.span, event.summary) == (invitation.uid, invitation.span, invitation.summary)
        assert (event.organizer, event.response, event.dtstamp) == (DANA, Response.ACCEPTED, NOW)


class TestSwitches:
    def test_a_foreign_uid_may_be_wrapped(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.wraps_foreign_uids = True
        uid = caller.event(put(calendar, an_invitation(START, uid="loop@acme.example")))["iCalUId"]
        assert uid.startswith(EXCHANGE)
        assert b"vCal-Uid\x01\x00\x00\x00loop@acme.example\x00" in bytes.fromhex(uid)

    def test_an_event_may_be_shown_as_nonsense(self, calendar: CalendarState, caller: Caller) -> None:
        ref = calendar.add(START)
        calendar.distort(ref, start=None, showAs="somethingNew", attendees=7)
        (shown,) = caller.view()
        assert (shown["start"], shown["showAs"], shown["attendees"]) == (None, "somethingNew", 7)

    def test_guests_may_be_hidden(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.hide_attendees = True
        shown = caller.event(calendar.add(START))
        assert (shown["attendees"], shown["hideAttendees"]) == ([], True)

    @pytest.mark.parametrize(
        ("names", "zone"),
        [("windows", "W. Europe Standard Time"), ("iana", "Europe/Berlin"), ("custom", "tzone://Microsoft/Custom")],
    )
    def test_the_own_zone_has_many_names(
        self, calendar: CalendarState, caller: Caller, names: ZoneNames, zone: str
    ) -> None:
        calendar.zone_names = names
        assert caller.event(calendar.add(START))["originalStartTimeZone"] == zone

    def test_a_personal_account_may_organize_by_another_address(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.alias = "outlook_0123@outlook.com"
        shown = caller.event(calendar.add(START, answer=Response.OWN))
        assert shown["organizer"]["emailAddress"]["address"] == calendar.alias
        assert shown["isOrganizer"]

    def test_a_series_keeps_its_wall_time_when_the_clocks_change(self, calendar: CalendarState, caller: Caller) -> None:
        calendar.add(at("2026-10-22 08:00"), weeks=2)
        ends = {"startDateTime": "2026-10-01T00:00:00", "endDateTime": "2026-11-30T00:00:00"}
        events = caller.get("calendarView", ends)["value"]
        assert [e["start"]["dateTime"][:16] for e in events] == ["2026-10-22T08:00", "2026-10-29T09:00"]
        assert timedelta(hours=1) == at(events[0]["end"]["dateTime"][:16]) - at(events[0]["start"]["dateTime"][:16])
