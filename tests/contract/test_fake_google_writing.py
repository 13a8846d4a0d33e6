"""The fake Google Calendar, written: answers, a guest's limits, ids, taken time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, DANA
from calwatch.model.event import Person, Response
from contract.google_browser import START, Browser, reason
from fakes.google.server import FakeGoogle

WEEK = timedelta(weeks=1)
CAROL = Person("carol@acme.example", "Carol Park")
SELF_ONLY = {"attendeesOmitted": True, "attendees": [{"email": ALEX.email, "responseStatus": "declined"}]}
BODY = {
    "summary": "Busy",
    "start": {"dateTime": "2026-05-05T13:00:00Z"},
    "end": {"dateTime": "2026-05-05T14:00:00Z"},
}


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

    def test_google_declines_in_the_name_of_who_is_away(self, google: FakeGoogle, browser: Browser) -> None:
        hit, missed = google.calendar.add(START), google.calendar.add(START + WEEK)
        google.calendar.out_of_office(START - timedelta(hours=4), START + timedelta(hours=4), "I am away")
        mine = [browser.event(ref)["attendees"][1] for ref in (hit, missed)]
        assert [(a["responseStatus"], a.get("comment")) for a in mine] == [
            ("declined", "I am away"),
            ("needsAction", None),
        ]


class TestWriting:
    def test_an_id_is_taken_once_and_stays_taken(self, browser: Browser) -> None:
        body = {**BODY, "id": "abcde12345"}
        assert browser.call("POST", "calendars/primary/events", body).json()["organizer"]["self"] is True
        assert reason(browser.call("POST", "calendars/primary/events", body)) == "409 duplicate"
        browser.call("DELETE", "calendars/primary/events/abcde12345")
        assert reason(browser.call("POST", "calendars/primary/events", body)) == "409 duplicate"

    def test_a_deleted_event_of_ones_own_can_be_restored(self, browser: Browser) -> None:
        browser.call("POST", "calendars/primary/events", {**BODY, "id": "abcde12345"})
        browser.call("DELETE", "calendars/primary/events/abcde12345")
        assert browser.patch("abcde12345", {"status": "confirmed"}).json()["summary"] == "Busy"

    @pytest.mark.parametrize("ref", ["abcd", "abcxyz", "ABCDE", "hold-12"])
    def test_an_id_outside_base32hex_is_refused(self, browser: Browser, ref: str) -> None:
        assert reason(browser.call("POST", "calendars/primary/events", {**BODY, "id": ref})) == "400 invalid"

    def test_a_calendar_one_may_only_read_cannot_be_written(self, google: FakeGoogle, browser: Browser) -> None:
        google.calendar.add_calendar("team@example.com", role="reader")
        answer = browser.call("POST", "calendars/team%40example.com/events", BODY)
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
