"""The fake Google itself: who is let in, what is refused by the documents, and how the network breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from builders import DANA
from contract.google_browser import START, Browser, reason
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle, Fault

BODY = {
    "summary": "Busy",
    "start": {"dateTime": "2026-05-05T13:00:00Z"},
    "end": {"dateTime": "2026-05-05T14:00:00Z"},
}


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
                browser.call("POST", "calendars/primary/events", {**BODY, "id": ref})
        assert [e["id"] for e in browser.events()["items"]] == ["bbbbb"]

    def test_a_late_one_happens_later(self, google: FakeGoogle, browser: Browser) -> None:
        google.faults.plan("calendar.events.insert", Fault.LATE)
        with pytest.raises(requests.ConnectionError):
            browser.call("POST", "calendars/primary/events", BODY)
        assert not browser.events()["items"]
        google.faults.release_late()
        assert len(browser.events()["items"]) == 1

    def test_half_an_answer_is_no_json(self, google: FakeGoogle, browser: Browser) -> None:
        google.faults.plan("calendar.events.list", Fault.TRUNCATED)
        with pytest.raises(requests.exceptions.JSONDecodeError):
            browser.call("GET", "calendars/primary/events").json()

    def test_a_slow_answer_waits_until_it_is_let_go(self, google: FakeGoogle, browser: Browser) -> None:
        google.faults.plan("calendar.events.list", Fault.SLOW)
        with pytest.raises(requests.Timeout):
            browser.session.get(f"{google.url}/calendar/v3/calendars/primary/events", timeout=0.2)
        google.faults.release_slow()
        assert browser.call("GET", "calendars/primary/events").status_code == 200

    def test_a_connection_is_kept_for_the_next_request(self, google: FakeGoogle, browser: Browser) -> None:
        browser.events()
        browser.events()
        assert {s.connection for s in google.seen} == {google.seen[0].connection}

    def test_a_long_question_may_come_in_a_body(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add(START)
        url, headers = f"{google.url}/calendar/v3/calendars/primary/events", {"X-HTTP-Method-Override": "GET"}
        answer = browser.session.post(url, data={"q": "interview"}, headers=headers, timeout=10)
        assert len(answer.json()["items"]) == 1

    def test_long_answers_are_zipped_when_that_is_accepted(self, google: FakeGoogle, browser: Browser) -> None:
        for n in range(5):
            google.calendar.add(START + timedelta(days=n))
        assert browser.call("GET", "calendars/primary/events").headers["Content-Encoding"] == "gzip"
        plain = browser.call("GET", "calendars/primary/events", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers

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
