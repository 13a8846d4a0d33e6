"""The fake Microsoft itself: who is let in, what a careful client never does, and how the network breaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from builders import at
from contract.microsoft_browser import PREFER, WINDOW, Browser, reason
from fakes.clock import ManualClock
from fakes.microsoft.server import FakeMicrosoft, Fault

START = at("2026-05-05 13:00")
EVENT: dict[str, Any] = {
    "subject": "Busy",
    "start": {"dateTime": "2026-05-05T13:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-05-05T14:00:00", "timeZone": "UTC"},
}


@pytest.fixture
def browser(microsoft: FakeMicrosoft, tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(microsoft, microsoft.ca_file(tmp_path))
    yield browser
    browser.session.close()


class TestAdmission:
    def test_a_permission_that_was_not_granted_is_403(self, browser: Browser) -> None:
        browser.sign_in("Calendars.Read", "Mail.ReadWrite")
        assert browser.view().status_code == 200
        assert reason(browser.call("POST", "/me/events", EVENT)) == "403 ErrorAccessDenied"
        assert reason(browser.call("POST", "/me/messages/AAA=/send")) == "403 ErrorAccessDenied"
        assert browser.microsoft.violations == []

    def test_an_access_token_ends_by_the_clock(self, browser: Browser, clock: ManualClock) -> None:
        clock.advance(3598)
        assert browser.view().status_code == 200
        clock.advance(1)
        assert reason(browser.view()) == "401 InvalidAuthenticationToken"
        assert "authorization_uri" in browser.view().headers["WWW-Authenticate"]

    def test_another_name_is_another_person(self, microsoft: FakeMicrosoft, browser: Browser) -> None:
        assert browser.call("GET", "/me").json()["userPrincipalName"] == microsoft.owner
        microsoft.identity.address = "somebody@example.org"
        browser.sign_in()
        assert browser.call("GET", "/me").json()["userPrincipalName"] == "somebody@example.org"

    def test_who_does_not_trust_the_certificate_is_no_fault_of_the_fake(self, microsoft: FakeMicrosoft) -> None:
        session = requests.Session()
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(microsoft.url, timeout=10)


class TestCare:
    @pytest.mark.parametrize(
        ("verb", "path", "headers"),
        [
            ("GET", "/me/calendarView", {"Prefer": 'outlook.timezone="UTC"'}),
            ("GET", "/me/calendarView", {"Prefer": 'IdType="ImmutableId"'}),
            ("GET", "/me/calendarView", {"Prefer": f"{PREFER}, handling=lenient"}),
            ("GET", "/me/calendarView", {"client-request-id": "the third"}),
            ("GET", "/me/calendarView", {"Accept": "*/*"}),
            ("GET", "/me/events/delta", {}),
            ("GET", "/me/calendarview/everything", {}),
            ("GET", "/users/alex/calendarView", {}),
        ],
    )
    def test_what_a_careful_client_never_sends_is_remembered(
        self, browser: Browser, verb: str, path: str, headers: dict[str, str]
    ) -> None:
        assert browser.call(verb, path, headers=headers, params=WINDOW).status_code == 400
        assert len(browser.microsoft.violations) == 1

    @pytest.mark.parametrize(
        ("path", "params"),
        [
            ("/me/calendarView/delta", {**WINDOW, "$select": "subject"}),
            ("/me/calendarView/delta", {**WINDOW, "$top": "10"}),
            ("/me/calendarView", {**WINDOW, "timeMin": "x"}),
            ("/me/mailFolders/inbox/messages/delta", {"$search": "x"}),
        ],
    )
    def test_a_parameter_that_an_operation_does_not_have_is_remembered(
        self, browser: Browser, path: str, params: dict[str, str]
    ) -> None:
        assert browser.call("GET", path, params=params).status_code == 400
        assert len(browser.microsoft.violations) == 1

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/me/events", {**EVENT, "summary": "x"}),
            ("/me/events", {**EVENT, "start": {**EVENT["start"], "zone": "UTC"}}),
            ("/me/events", {**EVENT, "isReminderOn": "false"}),
            ("/me/messages", {"toRecipients": [{"address": "x@example.org"}]}),
            ("/me/messages/AAA=/createReply", {"message": {"bodyPreview": "x"}}),
            ("/me/messages/AAA=/send", {"comment": "x"}),
            ("/me/events/AAA=/accept", {"proposedNewTime": None}),
            ("/me/sendMail", {"message": {}}),
        ],
    )
    def test_a_body_the_metadata_do_not_know_is_remembered(self, browser: Browser, path: str, body: Any) -> None:
        assert browser.call("POST", path, body).status_code == 400
        assert len(browser.microsoft.violations) == 1

    def test_the_parameters_of_an_action_may_be_written_in_any_case(self, browser: Browser) -> None:
        ref = browser.microsoft.calendar.add(START)
        body = {"SendResponse": True, "Comment": "gladly"}
        assert browser.call("POST", f"/me/events/{ref}/accept", body).status_code == 202
        assert browser.microsoft.violations == []

    def test_a_link_is_followed_as_it_was_given(self, browser: Browser) -> None:
        link = browser.call("GET", "/me/calendarView/delta", params=WINDOW).json()["@odata.deltaLink"]
        assert browser.call("GET", link).status_code == 200
        assert browser.microsoft.violations == []
        assert browser.call("GET", link.replace("$deltatoken", "%24deltatoken")).status_code == 400
        assert browser.call("GET", f"{link}x").status_code == 400
        assert len(browser.microsoft.violations) == 2

    def test_the_sign_in_is_shown_no_access_token(self, browser: Browser) -> None:
        where = f"{browser.microsoft.url}/common/v2.0/.well-known/openid-configuration"
        assert browser.call("GET", where).status_code == 400
        assert browser.microsoft.violations == ["identity.configuration is shown an access token"]

    def test_a_fifth_request_at_once_is_refused_and_remembered(
        self, microsoft: FakeMicrosoft, browser: Browser
    ) -> None:
        microsoft.faults.plan("calendarView", *[Fault.SLOW] * 4)
        with ThreadPoolExecutor(4) as threads:
            four = [threads.submit(browser.view) for _ in range(4)]
            waiting = threading.Event()
            while len([t for t in four if t.running()]) < 4 or microsoft.in_flight < 4:
                waiting.wait(0.005)
            fifth = browser.view()
            microsoft.faults.release_slow()
        assert [answer.result().status_code for answer in four] == [200] * 4
        assert reason(fifth) == "429 ApplicationThrottled"
        assert microsoft.violations == ["5 requests at once for one mailbox"]


class TestAnswers:
    def test_every_answer_can_be_asked_after(self, browser: Browser) -> None:
        mine = "6f1a3c1e-6f2b-4d62-9d4a-0c5b1f1a2b3c"
        named = {"client-request-id": mine}
        well = browser.call("GET", "/me/calendarView", headers=named, params=WINDOW)
        refused = browser.call("GET", "/me/events/AAA=", headers=named)
        for answer in (well, refused):
            assert answer.headers["client-request-id"] == mine
            assert answer.headers["request-id"]
        inner = refused.json()["error"]["innerError"]
        assert (inner["client-request-id"], inner["request-id"]) == (mine, refused.headers["request-id"])

    def test_preferences_that_were_followed_are_named(self, browser: Browser) -> None:
        applied = browser.view().headers["Preference-Applied"]
        assert 'IdType="ImmutableId"' in applied
        assert 'outlook.timezone="UTC"' in applied

    def test_long_answers_are_zipped_when_that_is_accepted(self, microsoft: FakeMicrosoft, browser: Browser) -> None:
        microsoft.calendar.add(START, "x" * 2000)
        assert browser.view().headers["Content-Encoding"] == "gzip"

    def test_what_was_asked_is_written_down(self, microsoft: FakeMicrosoft, browser: Browser) -> None:
        ref = microsoft.calendar.add(START)
        browser.call("DELETE", f"/me/events/{ref}", headers={"If-Match": 'W/"x"'})
        (seen,) = microsoft.seen
        assert (seen.operation, seen.status, seen.if_match) == ("events.delete", 412, 'W/"x"')
        assert seen.prefer["odata.maxpagesize"] == "50"
        assert "authorization" not in seen.headers
        assert microsoft.count("events.delete") == 1


class TestNetwork:
    def test_a_lost_answer_has_happened_and_an_undone_one_has_not(
        self, microsoft: FakeMicrosoft, browser: Browser
    ) -> None:
        microsoft.faults.plan("events.create", Fault.UNDONE, Fault.LOST)
        for subject in ("first", "second"):
            with pytest.raises(requests.ConnectionError):
                browser.call("POST", "/me/events", {**EVENT, "subject": subject})
        assert [event["subject"] for event in browser.view().json()["value"]] == ["second"]

    def test_a_late_one_happens_later(self, microsoft: FakeMicrosoft, browser: Browser, clock: ManualClock) -> None:
        microsoft.faults.late = timedelta(seconds=60)
        microsoft.faults.plan("events.create", Fault.LATE)
        with pytest.raises(requests.ConnectionError):
            browser.call("POST", "/me/events", EVENT)
        assert not browser.view().json()["value"]
        clock.advance(60)
        assert len(browser.view().json()["value"]) == 1

    def test_operations_that_are_joined_have_one_plan(self, microsoft: FakeMicrosoft, browser: Browser) -> None:
        ref = microsoft.calendar.add(START)
        microsoft.faults.join("events.accept", "events.decline")
        microsoft.faults.plan("events.accept", Fault.REFUSED)
        assert browser.call("POST", f"/me/events/{ref}/decline", {}).status_code == 400
        assert browser.call("POST", f"/me/events/{ref}/accept", {}).status_code == 202

    @pytest.mark.parametrize(
        ("fault", "said"),
        [
            (Fault.DOWN, "503 ErrorServerBusy"),
            (Fault.EMPTY_504, "504 UnknownError"),
            (Fault.TOO_MANY, "429 TooManyRequests"),
            (Fault.CONCURRENCY, "429 ApplicationThrottled"),
            (Fault.UNAUTHORIZED, "401 InvalidAuthenticationToken"),
            (Fault.FORBIDDEN_SCOPE, "403 ErrorAccessDenied"),
            (Fault.NO_MAILBOX, "404 MailboxNotEnabledForRESTAPI"),
            (Fault.SYNC_STATE_NOT_FOUND, "400 SyncStateNotFound"),
            (Fault.RESYNC_REQUIRED, "404 resyncRequired"),
            (Fault.BARE_400, "400 BadRequest"),
            (Fault.CONFLICT, "412 ErrorIrresolvableConflict"),
        ],
    )
    def test_every_refusal_is_worded_as_graph_does(self, browser: Browser, fault: Fault, said: str) -> None:
        browser.microsoft.faults.plan("calendarView", fault)
        assert reason(browser.view()) == said

    def test_a_gateway_answers_in_html(self, browser: Browser) -> None:
        browser.microsoft.faults.plan("calendarView", Fault.HTML_504)
        answer = browser.view()
        assert (answer.status_code, answer.text[:6]) == (504, "<html>")

    @pytest.mark.parametrize(
        ("way", "said"),
        [
            ("seconds", "90"),
            ("fraction", "90.128"),
            ("date", "Mon, 20 Apr 2026 08:01:30 GMT"),
            ("absent", None),
        ],
    )
    def test_how_long_to_stay_away_is_said_in_four_ways(self, browser: Browser, way: Any, said: str | None) -> None:
        faults = browser.microsoft.faults
        faults.retry_after, faults.wait = way, timedelta(seconds=90)
        faults.plan("calendarView", Fault.TOO_MANY)
        assert browser.view().headers.get("Retry-After") == said

    @pytest.mark.parametrize("names_another", [True, False])
    def test_a_lost_state_may_name_where_to_begin_anew(self, browser: Browser, names_another: bool) -> None:
        browser.microsoft.faults.names_another = names_another
        browser.microsoft.faults.plan("calendarView.delta", Fault.GONE_410)
        answer = browser.call("GET", "/me/calendarView/delta", params=WINDOW)
        assert answer.status_code == 410
        assert ("Location" in answer.headers) is names_another

    def test_half_an_answer_is_no_json(self, microsoft: FakeMicrosoft, browser: Browser) -> None:
        microsoft.faults.plan("calendarView", Fault.TRUNCATED, Fault.BROKEN_OFF)
        with pytest.raises(requests.exceptions.JSONDecodeError):
            browser.view().json()
        with pytest.raises(requests.RequestException):
            browser.view()

    def test_a_share_of_the_answers_is_lost(self, clock: ManualClock, tmp_path: Path) -> None:
        with FakeMicrosoft(clock, lose=0.3, seed=1) as microsoft:
            browser, lost = Browser(microsoft, microsoft.ca_file(tmp_path)), 0
            for _ in range(40):
                try:
                    browser.view()
                except requests.ConnectionError:
                    lost += 1
            browser.session.close()
            assert 5 < lost < 20
            assert microsoft.count("calendarView") == 40
