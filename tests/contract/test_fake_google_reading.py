"""The fake Google Calendar, read: what lists, deltas and pages look like, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from builders import ALEX, DANA, at
from calwatch.model.event import Person, Response
from contract.google_browser import START, Browser, reason
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle

WEEK = timedelta(weeks=1)
CAROL = Person("carol@acme.example", "Carol Park")


class TestReading:
    def test_an_event_looks_like_googles(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, answer=Response.ACCEPTED)
        event = browser.event(ref)
        micros = at("2026-04-20 08:00").timestamp() * 1_000_000
        assert event["etag"] == f'"{int(2 * micros)}"'
        assert event["updated"] == "2026-04-20T08:00:00.000Z"
        assert event["start"] == {"dateTime": "2026-05-05T15:00:00+02:00", "timeZone": "Europe/Berlin"}
        assert event["iCalUID"] == f"{ref}@google.com"
        dana, alex = event["attendees"]
        assert dana["organizer"] is True
        assert "self" not in dana
        assert (alex["self"], alex["responseStatus"]) == (True, "accepted")
        assert "self" not in event["organizer"]

    def test_defaults_are_absent(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, transparency="opaque", visibility="default", guestsCanModify=False)
        assert not browser.event(ref).keys() & {"transparency", "visibility", "guestsCanModify"}

    def test_times_are_shown_in_the_zone_asked_for(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add(START)
        (event,) = browser.events(timeZone="UTC")["items"]
        assert event["start"] == {"dateTime": "2026-05-05T13:00:00Z", "timeZone": "Europe/Berlin"}

    def test_a_delta_is_coalesced_and_shows_the_present_state(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START)
        token = browser.token()
        for hour in (1, 2, 3):
            google.calendar.move(ref, START + timedelta(hours=hour))
        (event,) = browser.delta(token)
        assert event["start"]["dateTime"] == "2026-05-05T18:00:00+02:00"
        assert event["sequence"] == 3

    def test_an_unchanged_calendar_gives_the_same_token(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add(START)
        token = browser.token()
        assert browser.events(syncToken=token)["nextSyncToken"] == token

    def test_the_window_of_the_first_list_is_forgotten(self, google: FakeGoogle, browser: Browser) -> None:
        token = browser.token(timeMin="2026-04-01T00:00:00Z", timeMax="2026-08-01T00:00:00Z")
        google.calendar.add(at("2035-01-01 10:00"))
        assert len(browser.delta(token)) == 1

    def test_only_the_last_page_has_a_token_and_a_page_may_be_empty(self, google: FakeGoogle, browser: Browser) -> None:
        refs = {google.calendar.add(START + n * WEEK) for n in range(5)}
        google.calendar.page_cap, google.calendar.empty_pages = 2, True
        page = browser.events()
        assert page["items"] == []
        found: set[str] = set()
        while "nextPageToken" in page:
            assert "nextSyncToken" not in page
            page = browser.events(pageToken=page["nextPageToken"])
            found |= {e["id"] for e in page["items"]}
        assert found == refs
        assert page["nextSyncToken"]

    def test_what_changes_while_paging_comes_in_the_next_delta(self, google: FakeGoogle, browser: Browser) -> None:
        first, *_ = sorted(google.calendar.add(START + n * WEEK) for n in range(3))
        page = browser.events(maxResults=2)
        google.calendar.cancel(first)
        token = browser.events(maxResults=2, pageToken=page["nextPageToken"])["nextSyncToken"]
        assert [e["id"] for e in browser.delta(token)] == [first]

    def test_a_page_of_another_question_is_refused(self, google: FakeGoogle, browser: Browser) -> None:
        for n in range(3):
            google.calendar.add(START + n * WEEK)
        page = browser.events(maxResults=2)
        answer = browser.call(
            "GET", "calendars/primary/events", pageToken=page["nextPageToken"], showHiddenInvitations=True
        )
        assert reason(answer) == "400 invalid"

    @pytest.mark.parametrize(
        "forbidden",
        [
            {"timeMin": "2026-01-01T00:00:00Z"},
            {"timeMax": "2026-01-01T00:00:00Z"},
            {"updatedMin": "2026-01-01T00:00:00Z"},
            {"orderBy": "updated"},
            {"q": "x"},
            {"iCalUID": "x"},
            {"privateExtendedProperty": "a=b"},
            {"showDeleted": False},
        ],
        ids=lambda given: next(iter(given)),
    )
    def test_restrictions_beside_a_token_are_refused(self, browser: Browser, forbidden: dict[str, Any]) -> None:
        answer = browser.call("GET", "calendars/primary/events", syncToken=browser.token(), **forbidden)
        assert reason(answer) == "400 syncTokenWithRequestRestrictions"

    def test_other_parameters_than_the_tokens_are_refused(self, browser: Browser) -> None:
        answer = browser.call("GET", "calendars/primary/events", syncToken=browser.token(), singleEvents=True)
        assert reason(answer) == "400 badRequest"

    @pytest.mark.parametrize("order", [{"orderBy": "updated"}, {"q": "x"}, {"iCalUID": "x"}])
    def test_some_lists_give_no_token(self, browser: Browser, order: dict[str, str]) -> None:
        assert "nextSyncToken" not in browser.events(**order)

    def test_a_dead_token_is_gone_and_a_broken_one_invalid(self, google: FakeGoogle, browser: Browser) -> None:
        token = browser.token()
        google.calendar.forget_tokens()
        assert reason(browser.call("GET", "calendars/primary/events", syncToken=token)) == "410 fullSyncRequired"
        broken = browser.call("GET", "calendars/primary/events", syncToken="broken")
        assert reason(broken) == "400 invalid"
        assert broken.json()["error"]["message"] == "Invalid sync token value."

    def test_ordering_by_start_needs_single_events(self, browser: Browser) -> None:
        answer = browser.call("GET", "calendars/primary/events", orderBy="startTime")
        assert reason(answer) == "400 badRequest"

    def test_an_empty_range_is_refused(self, browser: Browser) -> None:
        day = "2026-05-05T00:00:00Z"
        answer = browser.call("GET", "calendars/primary/events", timeMin=day, timeMax=day)
        assert reason(answer) == "400 timeRangeEmpty"

    def test_hidden_invitations_are_shown_only_when_asked_for(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add(START, hidden=True)
        assert not browser.events()["items"]
        assert len(browser.events(showHiddenInvitations=True)["items"]) == 1

    def test_with_too_many_guests_only_the_person_is_shown(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add(START, others=(CAROL,))
        (event,) = browser.events(maxAttendees=2)["items"]
        assert event["attendeesOmitted"] is True
        assert [a["email"] for a in event["attendees"]] == [ALEX.email]

    def test_guests_may_be_hidden_from_each_other(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, others=(CAROL,), guestsCanSeeOtherGuests=False)
        assert [a["email"] for a in browser.event(ref)["attendees"]] == [DANA.email, ALEX.email]

    def test_other_peoples_changes_take_their_time(
        self, google: FakeGoogle, browser: Browser, clock: ManualClock
    ) -> None:
        ref = google.calendar.add(START)
        google.calendar.lag = timedelta(seconds=2)
        google.calendar.cancel(ref)
        assert browser.event(ref)["status"] == "confirmed"
        clock.advance(2)
        assert browser.event(ref)["status"] == "cancelled"
