"""The fake Google Calendar: what is cancelled, and what becomes of series."""

from __future__ import annotations

from datetime import timedelta

from builders import ALEX, at
from calwatch.model.event import Response
from contract.google_browser import START, Browser, reason
from fakes.google.server import FakeGoogle

WEEK = timedelta(weeks=1)
SELF_ONLY = {"attendeesOmitted": True, "attendees": [{"email": ALEX.email, "responseStatus": "declined"}]}


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
