"""The fake Google itself: it misbehaves as the real one was seen to, and never as would be convenient."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from builders import ALEX, DANA, at
from calwatch.model.event import Person, Response
from fakes.clock import ManualClock
from fakes.google.oauth import CLIENT_ID, CLIENT_SECRET, challenge_of
from fakes.google.server import ALL, ROOT, FakeGoogle, Fault

START = at("2026-05-05 13:00")
WEEK = timedelta(weeks=1)
CAROL = Person("carol@acme.example", "Carol Park")
SELF_ONLY = {"attendeesOmitted": True, "attendees": [{"email": ALEX.email, "responseStatus": "declined"}]}


class Browser:
    """Calls the API without any library's help."""

    def __init__(self, google: FakeGoogle, *scopes: str) -> None:
        self.google = google
        granted = frozenset(ROOT + s for s in scopes) or frozenset(ALL)
        self.refresh_token = google.oauth.allow(granted)
        token = google.oauth.issue_access(google.oauth.grants[self.refresh_token], granted)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(
        self, verb: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **params: Any
    ) -> requests.Response:
        given = {k: str(v).lower() if isinstance(v, bool) else v for k, v in params.items()}
        url = f"{self.google.url}/calendar/v3/{path}"
        return self.session.request(verb, url, json=body, headers=headers, params=given, timeout=10)

    def events(self, **params: Any) -> dict[str, Any]:
        answer = self.call("GET", "calendars/primary/events", **params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def delta(self, token: str, **params: Any) -> list[dict[str, Any]]:
        return list(self.events(syncToken=token, **params)["items"])

    def token(self, **params: Any) -> str:
        return str(self.events(**params)["nextSyncToken"])

    def event(self, ref: str) -> dict[str, Any]:
        return dict(self.call("GET", f"calendars/primary/events/{ref}").json())

    def patch(self, ref: str, body: Any, etag: str = "", **params: Any) -> requests.Response:
        headers = {"If-Match": etag} if etag else None
        return self.call("PATCH", f"calendars/primary/events/{ref}", body, headers, **params)

    def busy(self, *calendars: str, days: int = 30, **more: Any) -> requests.Response:
        low = START - timedelta(days=1)
        window = {"timeMin": low.isoformat(), "timeMax": (low + timedelta(days=days)).isoformat()}
        return self.call("POST", "freeBusy", {**window, "items": [{"id": c} for c in calendars], **more})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def google(clock: ManualClock) -> Iterator[FakeGoogle]:
    with FakeGoogle(clock) as google:
        yield google


@pytest.fixture
def browser(google: FakeGoogle) -> Iterator[Browser]:
    browser = Browser(google)
    yield browser
    browser.session.close()


def reason(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.json()['error']['errors'][0]['reason']}"


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


class TestCancelled:
    def test_an_organizers_tombstone_has_only_an_id(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START)
        token = browser.token()
        google.calendar.cancel(ref)
        (event,) = browser.delta(token)
        assert event.keys() == {"kind", "etag", "id", "status"}
        assert not browser.events()["items"]

    def test_what_the_person_removed_keeps_its_details_for_a_direct_look(
        self, google: FakeGoogle, browser: Browser
    ) -> None:
        ref = google.calendar.add(START, "Interview")
        token = browser.token()
        google.calendar.remove(ref)
        (event,) = browser.delta(token)
        assert "summary" not in event
        assert (browser.event(ref)["status"], browser.event(ref)["summary"]) == ("cancelled", "Interview")

    def test_what_was_purged_is_not_there_any_more(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START)
        google.calendar.cancel(ref)
        google.calendar.purge()
        assert reason(browser.call("GET", f"calendars/primary/events/{ref}")) == "404 notFound"

    def test_a_cancelled_occurrence_says_which_one_it_was(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, weekly=3)
        token = browser.token()
        google.calendar.cancel(f"{ref}_20260512T130000Z")
        (event,) = browser.delta(token)
        assert event.keys() == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
        assert [e["status"] for e in browser.events()["items"]] == ["confirmed", "cancelled"]

    def test_a_deleted_series_is_one_tombstone(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, weekly=3)
        google.calendar.move(f"{ref}_20260512T130000Z", START + WEEK + timedelta(hours=1))
        token = browser.token()
        google.calendar.cancel(ref)
        assert [e["id"] for e in browser.delta(token)] == [ref]

    def test_where_instances_are_listed_a_deleted_series_ends_half_a_year_ahead(
        self, google: FakeGoogle, browser: Browser
    ) -> None:
        ref = google.calendar.add(START, weekly=100)
        token = browser.token(singleEvents=True)
        google.calendar.cancel(ref)
        assert len(browser.delta(token, singleEvents=True)) == 24

    def test_deleting_twice_is_gone(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START)
        assert browser.call("DELETE", f"calendars/primary/events/{ref}").status_code == 204
        assert reason(browser.call("DELETE", f"calendars/primary/events/{ref}")) == "410 deleted"

    def test_a_moved_event_leaves_an_id_behind(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add_calendar("other@group.calendar.google.com")
        ref = google.calendar.add(START, answer=Response.OWN)
        moved = browser.call(
            "POST", f"calendars/primary/events/{ref}/move", destination="other@group.calendar.google.com"
        )
        assert moved.json()["iCalUID"] == f"{ref}@google.com"
        assert browser.event(ref).keys() == {"kind", "etag", "id", "status"}


class TestSeries:
    def test_instances_carry_their_original_start_in_their_id(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, weekly=3)
        items = browser.call("GET", f"calendars/primary/events/{ref}/instances").json()["items"]
        assert [e["id"] for e in items] == [f"{ref}_2026{day}T130000Z" for day in ("0505", "0512", "0519")]
        assert all(e["recurringEventId"] == ref and "recurrence" not in e for e in items)

    def test_a_series_keeps_its_wall_time_over_a_clock_change(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(at("2026-10-20 13:00"), weekly=2)
        items = browser.call("GET", f"calendars/primary/events/{ref}/instances").json()["items"]
        assert [e["id"].rpartition("_")[2] for e in items] == ["20261020T130000Z", "20261027T140000Z"]

    def test_an_instance_nobody_has_is_not_found(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, weekly=3)
        path = f"calendars/primary/events/{ref}_20260513T130000Z"
        assert reason(browser.call("GET", path)) == "404 notFound"

    def test_one_moved_occurrence_comes_without_its_master(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, weekly=3)
        token = browser.token()
        google.calendar.move(f"{ref}_20260512T130000Z", START + WEEK + timedelta(hours=2))
        (event,) = browser.delta(token)
        assert event["recurringEventId"] == ref
        assert event["originalStartTime"]["dateTime"] == "2026-05-12T15:00:00+02:00"
        assert event["start"]["dateTime"] == "2026-05-12T17:00:00+02:00"

    def test_touching_a_series_delivers_all_of_it_where_instances_are_listed(
        self, google: FakeGoogle, browser: Browser
    ) -> None:
        ref = google.calendar.put(
            {
                "start": {"dateTime": "2026-05-05T15:00:00", "timeZone": "Europe/Berlin"},
                "end": {"dateTime": "2026-05-05T16:00:00", "timeZone": "Europe/Berlin"},
                "recurrence": ["RRULE:FREQ=WEEKLY"],
            }
        )
        token = browser.token(singleEvents=True, timeMin="2026-05-01T00:00:00Z", timeMax="2026-06-01T00:00:00Z")
        google.calendar.touch(ref)
        events = browser.events(syncToken=token, singleEvents=True, maxResults=2500)["items"]
        assert len(events) > 700

    def test_this_and_following_goes_on_under_an_r_id(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, weekly=4)
        token = browser.token()
        renewed = google.calendar.split(ref, START + 2 * WEEK, START + 2 * WEEK + timedelta(hours=1))
        old, new = sorted(browser.delta(token), key=lambda e: len(e["id"]))
        assert old["recurrence"] == ["RRULE:FREQ=WEEKLY;UNTIL=20260519T125959Z"]
        assert (new["id"], new["iCalUID"]) == (f"{ref}_R20260519T130000", f"{ref}_R20260519T130000@google.com")
        assert new["id"] == renewed

    def test_an_answer_to_one_occurrence_makes_an_exception(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, weekly=3)
        instance = f"{ref}_20260512T130000Z"
        assert browser.patch(instance, SELF_ONLY, browser.event(instance)["etag"]).status_code == 200
        assert {e["id"] for e in browser.events()["items"]} == {ref, instance}


class TestAnswering:
    def test_only_the_own_answer_is_taken_from_a_partial_list(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, others=(CAROL,))
        before = browser.event(ref)["attendees"]
        answer = browser.patch(ref, SELF_ONLY, sendUpdates="all").json()
        assert [a["email"] for a in answer["attendees"]] == [a["email"] for a in before]
        assert answer["attendees"][1]["responseStatus"] == "declined"
        assert [a for a in answer["attendees"] if "self" not in a] == [a for a in before if "self" not in a]

    def test_a_whole_list_is_taken_for_the_whole(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, answer=Response.ACCEPTED, others=(CAROL,))
        answer = browser.patch(ref, {"attendees": [{"email": ALEX.email}]}).json()
        assert [(a["email"], a["responseStatus"]) for a in answer["attendees"]] == [(ALEX.email, "needsAction")]

    def test_another_guests_answer_cannot_be_given(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, others=(CAROL,))
        body = {"attendeesOmitted": True, "attendees": [{"email": CAROL.email, "responseStatus": "declined"}]}
        assert browser.patch(ref, body).json()["attendees"][2]["responseStatus"] == "accepted"

    def test_who_is_not_invited_invites_themselves(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, attendees=[{"email": DANA.email, "responseStatus": "accepted"}])
        answer = browser.patch(ref, SELF_ONLY).json()
        assert [a["email"] for a in answer["attendees"]] == [DANA.email, ALEX.email]

    def test_the_organizer_is_mailed_only_when_asked_for(self, google: FakeGoogle, browser: Browser) -> None:
        quiet, loud = google.calendar.add(START), google.calendar.add(START + WEEK)
        browser.patch(quiet, SELF_ONLY, sendUpdates="none")
        browser.patch(loud, SELF_ONLY, sendUpdates="all")
        assert [(r.ref, r.response, r.mailed) for r in google.calendar.replies] == [
            (quiet, "declined", False),
            (loud, "declined", True),
        ]

    def test_an_organizer_elsewhere_never_hears_without_a_mail(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, id="_60q30c1g60o30e1i60o4ac1g60rj8gpl")
        browser.patch(ref, SELF_ONLY, sendUpdates="none")
        assert not google.calendar.replies

    def test_a_private_copy_tells_nobody(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, privateCopy=True)
        browser.patch(ref, SELF_ONLY, sendUpdates="all")
        assert not google.calendar.replies

    def test_a_guest_cannot_change_what_is_shared(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START)
        assert reason(browser.patch(ref, {"summary": "Mine"})) == "403 forbiddenForNonOrganizer"
        whole = {"start": browser.event(ref)["start"], "end": browser.event(ref)["end"]}
        put = browser.call("PUT", f"calendars/primary/events/{ref}", whole)
        assert reason(put) == "403 forbiddenForNonOrganizer"

    def test_a_stale_etag_is_refused(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START)
        etag = browser.event(ref)["etag"]
        google.calendar.touch(ref)
        answer = browser.patch(ref, SELF_ONLY, etag)
        assert reason(answer) == "412 conditionNotMet"
        assert browser.event(ref)["attendees"][1]["responseStatus"] == "needsAction"

    def test_a_new_time_asks_again_and_a_new_title_does_not(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START, answer=Response.ACCEPTED)
        google.calendar.change(ref, summary="Another title")
        assert browser.event(ref)["attendees"][1]["responseStatus"] == "accepted"
        google.calendar.move(ref, START + timedelta(hours=1))
        event = browser.event(ref)
        assert [a["responseStatus"] for a in event["attendees"]] == ["accepted", "needsAction"]
        assert event["sequence"] == 1


class TestWriting:
    BODY = {
        "summary": "Busy",
        "start": {"dateTime": "2026-05-05T13:00:00Z"},
        "end": {"dateTime": "2026-05-05T14:00:00Z"},
    }

    def test_an_id_is_taken_once_and_stays_taken(self, browser: Browser) -> None:
        body = {**self.BODY, "id": "abcde12345"}
        assert browser.call("POST", "calendars/primary/events", body).json()["organizer"]["self"] is True
        assert reason(browser.call("POST", "calendars/primary/events", body)) == "409 duplicate"
        browser.call("DELETE", "calendars/primary/events/abcde12345")
        assert reason(browser.call("POST", "calendars/primary/events", body)) == "409 duplicate"

    def test_a_deleted_event_of_ones_own_can_be_restored(self, browser: Browser) -> None:
        browser.call("POST", "calendars/primary/events", {**self.BODY, "id": "abcde12345"})
        browser.call("DELETE", "calendars/primary/events/abcde12345")
        assert browser.patch("abcde12345", {"status": "confirmed"}).json()["summary"] == "Busy"

    @pytest.mark.parametrize("ref", ["abcd", "abcxyz", "ABCDE", "hold-12"])
    def test_an_id_outside_base32hex_is_refused(self, browser: Browser, ref: str) -> None:
        assert reason(browser.call("POST", "calendars/primary/events", {**self.BODY, "id": ref})) == "400 invalid"

    def test_a_calendar_one_may_only_read_cannot_be_written(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add_calendar("team@example.com", role="reader")
        answer = browser.call("POST", "calendars/team%40example.com/events", self.BODY)
        assert reason(answer) == "403 requiredAccessLevel"


class TestFreeBusy:
    def test_what_blocks_is_taken_and_merged(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add(START, answer=Response.TENTATIVE)
        google.calendar.add(START + timedelta(minutes=30), answer=Response.NEEDS_ACTION)
        google.calendar.add(START + timedelta(days=1), answer=Response.DECLINED)
        google.calendar.add(START + timedelta(days=2), answer=Response.OWN, transparency="transparent")
        google.calendar.add(START + timedelta(days=3), weekly=2)
        busy = browser.busy("primary").json()["calendars"]["primary"]["busy"]
        assert [b["start"] for b in busy] == [f"2026-05-{day}T13:00:00Z" for day in ("05", "08", "15")]
        assert busy[0]["end"] == "2026-05-05T14:30:00Z"

    def test_an_all_day_event_is_taken_from_local_midnight(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.put({"start": {"date": "2026-05-06"}, "end": {"date": "2026-05-07"}})
        busy = browser.busy("primary").json()["calendars"]["primary"]["busy"]
        assert busy == [{"start": "2026-05-05T22:00:00Z", "end": "2026-05-06T22:00:00Z"}]

    def test_a_calendar_out_of_sight_is_an_error_of_its_own(self, google: FakeGoogle, browser: Browser) -> None:
        calendars = browser.busy("primary", "nobody@example.com").json()["calendars"]
        assert "errors" not in calendars["primary"]
        assert calendars["nobody@example.com"]["errors"] == [{"domain": "global", "reason": "notFound"}]

    def test_a_long_range_is_refused(self, browser: Browser) -> None:
        assert browser.busy("primary", days=62).status_code == 200
        assert reason(browser.busy("primary", days=63)) == "400 timeRangeTooLong"


class TestAdmission:
    def test_freebusy_is_not_part_of_events(self, google: FakeGoogle) -> None:
        answer = Browser(google, "calendar.events").busy("primary")
        assert reason(answer) == "403 insufficientPermissions"
        assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"

    def test_an_access_token_ends_by_the_clock(self, browser: Browser, clock: ManualClock) -> None:
        assert browser.call("GET", "calendars/primary/events").status_code == 200
        clock.advance(3599)
        assert reason(browser.call("GET", "calendars/primary/events")) == "401 authError"

    def test_what_no_document_knows_is_refused_and_remembered(self, google: FakeGoogle, browser: Browser) -> None:
        assert browser.call("GET", "calendars/primary/events", singleEvent=True).status_code == 400
        assert browser.call("POST", "calendars/primary/events", {"title": "x"}).status_code == 400
        assert browser.call("GET", "calendars/primary/events", timeMin="2026-05-05T00:00:00").status_code == 400
        assert len(google.violations) == 3

    def test_part_of_an_answer_can_be_asked_for(self, google: FakeGoogle, browser: Browser) -> None:
        ref = google.calendar.add(START)
        assert browser.events(fields="items(id,organizer/email),timeZone") == {
            "items": [{"id": ref, "organizer": {"email": DANA.email}}],
            "timeZone": "Europe/Berlin",
        }


class TestNetwork:
    def test_a_lost_answer_has_happened_and_an_undone_one_has_not(self, google: FakeGoogle, browser: Browser) -> None:
        google.faults.plan("calendar.events.insert", Fault.UNDONE, Fault.LOST)
        for ref in ("aaaaa", "bbbbb"):
            with pytest.raises(requests.ConnectionError):
                browser.call("POST", "calendars/primary/events", {**TestWriting.BODY, "id": ref})
        assert [e["id"] for e in browser.events()["items"]] == ["bbbbb"]

    def test_a_late_one_happens_later(self, google: FakeGoogle, browser: Browser) -> None:
        google.faults.plan("calendar.events.insert", Fault.LATE)
        with pytest.raises(requests.ConnectionError):
            browser.call("POST", "calendars/primary/events", TestWriting.BODY)
        assert not browser.events()["items"]
        google.faults.release_late()
        assert len(browser.events()["items"]) == 1

    def test_half_an_answer_is_no_json(self, google: FakeGoogle, browser: Browser) -> None:
        google.faults.plan("calendar.events.list", Fault.TRUNCATED)
        with pytest.raises(requests.exceptions.JSONDecodeError):
            browser.call("GET", "calendars/primary/events").json()

    def test_a_share_of_the_answers_is_lost(self, clock: ManualClock) -> None:
        with FakeGoogle(clock, lose=0.3, seed=1) as google:
            browser, lost = Browser(google), 0
            for _ in range(50):
                try:
                    browser.call("GET", "calendars/primary/events")
                except requests.ConnectionError:
                    lost += 1
            browser.session.close()
            assert 5 < lost < 25
            assert google.count("calendar.events.list") == 50


class TestSignIn:
    ASKED = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://127.0.0.1:53111/",
        "scope": " ".join(ALL),
        "state": "xyz",
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": challenge_of("a" * 64),
        "code_challenge_method": "S256",
    }

    def consent(self, google: FakeGoogle, **changes: str) -> dict[str, str]:
        url = f"{google.url}/o/oauth2/auth?{urlencode({**self.ASKED, **changes})}"
        answer = requests.get(url, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith("http://127.0.0.1:53111/?")
        return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def exchange(self, google: FakeGoogle, **form: str) -> requests.Response:
        given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": "http://127.0.0.1:53111/"}
        given |= {"grant_type": "authorization_code", "code_verifier": "a" * 64}
        return requests.post(f"{google.url}/token", data={**given, **form}, timeout=10)

    def refresh(self, google: FakeGoogle, refresh_token: str, **form: str) -> requests.Response:
        return self.exchange(google, grant_type="refresh_token", refresh_token=refresh_token, **form)

    def test_a_code_becomes_tokens_once(self, google: FakeGoogle) -> None:
        back = self.consent(google)
        assert back["state"] == "xyz"
        token = self.exchange(google, code=back["code"]).json()
        assert token["token_type"] == "Bearer"
        assert token["refresh_token"]
        assert self.exchange(google, code=back["code"]).json()["error"] == "invalid_grant"

    def test_a_wrong_verifier_is_refused(self, google: FakeGoogle) -> None:
        answer = self.exchange(google, code=self.consent(google)["code"], code_verifier="b" * 64)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    def test_a_redirect_elsewhere_is_refused(self, google: FakeGoogle) -> None:
        url = f"{google.url}/o/oauth2/auth?{urlencode({**self.ASKED, 'redirect_uri': 'http://evil.example/'})}"
        assert "redirect_uri_mismatch" in requests.get(url, timeout=10).text

    def test_scopes_can_be_unticked(self, google: FakeGoogle) -> None:
        google.oauth.unticked = frozenset({ROOT + "gmail.compose"})
        token = self.exchange(google, code=self.consent(google)["code"]).json()
        assert set(token["scope"].split()) == set(ALL) - {ROOT + "gmail.compose"}

    def test_the_person_can_say_no(self, google: FakeGoogle) -> None:
        google.oauth.denies = True
        assert self.consent(google) == {"error": "access_denied", "state": "xyz"}

    def test_a_second_consent_without_asking_for_it_gives_no_refresh_token(self, google: FakeGoogle) -> None:
        google.oauth.allow(frozenset(ALL))
        token = self.exchange(google, code=self.consent(google, prompt="none")["code"]).json()
        assert "refresh_token" not in token

    def test_what_was_revoked_cannot_be_refreshed(self, google: FakeGoogle) -> None:
        refresh_token = google.oauth.allow(frozenset(ALL))
        assert self.refresh(google, refresh_token).status_code == 200
        google.oauth.revoke()
        answer = self.refresh(google, refresh_token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    def test_a_project_in_testing_forgets_after_a_week(self, google: FakeGoogle, clock: ManualClock) -> None:
        google.oauth.testing = True
        refresh_token = google.oauth.allow(frozenset(ALL))
        clock.advance(timedelta(days=7) - timedelta(seconds=1))
        assert self.refresh(google, refresh_token).status_code == 200
        clock.advance(1)
        assert self.refresh(google, refresh_token).json()["error"] == "invalid_grant"

    def test_another_client_cannot_refresh(self, google: FakeGoogle) -> None:
        google.oauth.clients["another"] = CLIENT_SECRET
        answer = self.refresh(google, google.oauth.allow(frozenset(ALL)), client_id="another")
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized_client")

    def test_refresh_tokens_can_rotate(self, google: FakeGoogle) -> None:
        google.oauth.rotates = True
        refresh_token = google.oauth.allow(frozenset(ALL))
        renewed = self.refresh(google, refresh_token).json()["refresh_token"]
        assert self.refresh(google, refresh_token).json()["error"] == "invalid_grant"
        assert self.refresh(google, renewed).status_code == 200

    def test_a_new_password_ends_only_what_reads_mail(self, google: FakeGoogle) -> None:
        mail, calendar = google.oauth.allow(frozenset(ALL)), google.oauth.allow(frozenset({ROOT + "calendar.events"}))
        google.oauth.change_password()
        assert self.refresh(google, mail).status_code == 400
        assert self.refresh(google, calendar).status_code == 200

    def test_a_token_file_is_what_signing_in_writes(self, google: FakeGoogle, tmp_path: Path) -> None:
        path = google.sign_in(tmp_path, "personal")
        token = json.loads(path.read_text(encoding="utf-8"))
        assert path.stat().st_mode & 0o777 == 0o600
        assert google.oauth.scopes_of(token["token"]) == frozenset(ALL)
        assert self.refresh(google, token["refresh_token"]).status_code == 200
