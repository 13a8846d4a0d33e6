"""The change feed of a Google calendar: tokens, pages, refusals, and what comes of one entry at a time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from builders import at
from calwatch.errors import Resync, Retry, Stop
from calwatch.model.event import Event, Kind, Response, Status
from calwatch.ports import Gone, nothing_known
from contract.calendar_suite import HOUR, START, WINDOW, Ledger, nothing_new, only_event, shown
from contract.google_calendar_world import LAG, GoogleCalendarWorld
from contract.google_calendars import GET, LIST, asked, open_calendar, requests_of
from fakes.clock import ManualClock
from fakes.google.faults import Fault
from fakes.google.server import FakeGoogle

DAY = timedelta(days=1)
FORBIDDEN = {"timeMin", "timeMax", "orderBy", "q", "iCalUID", "updatedMin", "showDeleted", "privateExtendedProperty"}


class TestTheFirstReading:
    def test_takes_every_page_with_the_same_question_and_the_token_only_from_the_last(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        for number in range(5):
            world.add(START + number * DAY)
        ledger.pull()
        pages = asked(google, LIST)
        assert len(pages) == 4  # an empty one, then two, two and one
        questions = [{name: value for name, value in page.items() if name != "pageToken"} for page in pages]
        assert all(question == questions[0] for question in questions)
        assert questions[0]["timeMin"] == "2026-04-01T00:00:00Z"
        assert "timeMax" not in questions[0]
        assert len(ledger.events()) == 5

    def test_shows_invitations_google_hides_until_they_are_answered(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = google.calendar.add(START, hidden=True)
        ledger.pull()
        assert only_event(ledger).ref == ref
        google.calendar.move(ref, START + HOUR)
        world.clock.advance(LAG)
        ledger.pull()
        assert only_event(ledger).start == START + HOUR

    def test_knows_what_lies_outside_the_window_and_does_not_show_it(
        self, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        far = world.add(at("2031-05-05 13:00"))
        changes = ledger.pull()
        assert far in changes.etags
        assert not changes.items

    def test_that_breaks_off_leaves_nothing_behind(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        for number in range(5):
            world.add(START + number * DAY)
        google.faults.plan(LIST, Fault.OK, Fault.OK, Fault.REFUSED)
        with pytest.raises(Stop):
            ledger.pull()
        assert ledger.cursor is None
        assert not ledger.etags
        ledger.pull()
        assert len(ledger.events()) == 5


class TestAPoll:
    def test_sends_the_token_with_the_same_parameters_and_none_that_google_forbids(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START)
        ledger.pull()
        ledger.pull()
        first, second = asked(google, LIST)
        assert second.pop("syncToken")
        assert not FORBIDDEN & second.keys()
        assert first.pop("timeMin")
        assert first == second

    def test_keeps_its_token_over_the_pages_of_a_long_delta(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ledger.pull()
        for number in range(5):
            world.add(START + number * DAY)
        google.seen.clear()
        ledger.pull()
        pages = asked(google, LIST)
        assert len({page["syncToken"] for page in pages}) == 1
        assert ["pageToken" in page for page in pages] == [False, True, True, True]
        assert len(ledger.events()) == 5

    def test_that_breaks_off_between_pages_is_simply_done_again(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ledger.pull()
        before = ledger.cursor
        for number in range(5):
            world.add(START + number * DAY)
        google.faults.plan(LIST, Fault.OK, Fault.REFUSED)
        with pytest.raises(Stop):
            ledger.pull()
        assert ledger.cursor == before
        ledger.pull()
        assert len(ledger.events()) == 5

    def test_without_news_is_one_request_and_tells_nothing_to_write(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START, weekly=3)
        ledger.pull()
        kept = ledger.cursor
        google.seen.clear()
        for _ in range(3):
            assert nothing_new(ledger.pull(), kept)
        assert requests_of(google) == [LIST] * 3

    def test_evaluates_what_changed_often_once_and_as_it_is_now(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        for hours in (1, 2, 3):
            world.move(ref, START + hours * HOUR)
        google.seen.clear()
        changes = ledger.pull()
        assert [item.ref for item in changes.items] == [ref]
        assert only_event(ledger).start == START + 3 * HOUR
        assert requests_of(google) == [LIST]


class TestATokenGoogleNoLongerTakes:
    @pytest.mark.parametrize("reason", ["fullSyncRequired", "gone"])
    def test_is_a_410_whatever_its_reason(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger, reason: str
    ) -> None:
        google.calendar.gone_reason = reason
        world.add(START)
        ledger.pull()
        google.calendar.forget_tokens()
        with pytest.raises(Resync):
            ledger.pull()

    def test_is_a_400_that_calls_it_invalid(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ledger.pull()
        google.faults.plan(LIST, Fault.BAD_TOKEN_400)
        with pytest.raises(Resync):
            ledger.pull()

    def test_is_no_other_400_which_a_full_reading_would_meet_as_well(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ledger.pull()
        google.faults.plan(LIST, Fault.REFUSED)
        with pytest.raises(Stop):
            ledger.pull()

    def test_is_not_asked_with_when_it_was_made_for_other_parameters(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ledger.pull()
        assert ledger.cursor is not None
        kind, _, rest = ledger.cursor.split(":", 2)
        google.seen.clear()
        for cursor in (f"{kind}:0000aaaa:{rest}", "busy:1234", "files-1:abc:3", ""):
            with pytest.raises(Resync):
                world.calendar.changes("primary", cursor, WINDOW, ledger.known)
        assert not requests_of(google)

    def test_nor_is_one_whose_calendar_moved_to_another_time_zone(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        google.calendar.put({"start": {"date": "2026-05-05"}, "end": {"date": "2026-05-06"}, "summary": "Away"})
        ledger.pull()
        assert shown(ledger) == [("Away", "05-04 22:00")]
        google.calendar.book().zone = "America/New_York"
        with pytest.raises(Resync):
            ledger.pull()
        ledger.cursor = None
        ledger.pull()
        assert shown(ledger) == [("Away", "05-05 04:00")]


class TestWhatOrganizersAndThePersonDo:
    def test_a_tombstone_with_only_an_id_takes_the_known_event_and_an_unknown_one_changes_nothing(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        kept, dropped = world.add(START), world.add(START + DAY)
        ledger.pull()
        brief = world.add(START + 2 * DAY)
        world.cancel(dropped)
        world.cancel(brief)
        changes = ledger.pull()
        assert dropped in changes.gone
        assert [event.ref for event in ledger.events()] == [kept]
        assert ledger.etags.keys() == {kept}

    def test_who_cancelled_google_does_not_say(self, world: GoogleCalendarWorld, ledger: Ledger) -> None:
        cancelled, removed = world.add(START), world.add(START + DAY)
        world.cancel(cancelled)
        world.remove(removed)
        assert world.calendar.get("primary", cancelled, WINDOW) == Gone()
        assert world.calendar.get("primary", removed, WINDOW) == Gone()
        assert world.calendar.get("primary", "neverwasthere", WINDOW) == Gone()

    def test_what_an_organizer_brings_back_is_there_again(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        world.cancel(ref)
        ledger.pull()
        google.calendar.restore(ref)
        world.clock.advance(LAG)
        ledger.pull()
        assert only_event(ledger).ref == ref

    def test_a_decline_leaves_the_event_where_it_is_and_frees_the_time(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        google.calendar.answer(ref, Response.DECLINED)
        ledger.pull()
        event = only_event(ledger)
        assert (event.status, event.response, event.busy) == (Status.CONFIRMED, Response.DECLINED, False)

    def test_a_move_by_the_organizer_asks_again_with_a_higher_sequence(
        self, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START, answer=Response.ACCEPTED)
        ledger.pull()
        before = only_event(ledger)
        world.move(ref, START + HOUR)
        ledger.pull()
        after = only_event(ledger)
        assert (before.response, after.response) == (Response.ACCEPTED, Response.NEEDS_ACTION)
        assert after.start == START + HOUR
        assert after.sequence > before.sequence
        assert after.dtstamp is not None
        assert before.dtstamp is not None
        assert after.dtstamp > before.dtstamp

    def test_other_words_are_no_other_time(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        before = only_event(ledger)
        google.calendar.change(ref, summary="Second interview", location="Room 3")
        world.clock.advance(LAG)
        ledger.pull()
        after = only_event(ledger)
        assert (after.span, after.response, after.sequence) == (before.span, before.response, before.sequence)
        assert after.summary == "Second interview"

    def test_google_declining_for_who_is_away_shows_both_the_decline_and_the_absence(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START)
        ledger.pull()
        google.calendar.out_of_office(START - HOUR, START + 3 * HOUR, "I am away")
        ledger.pull()
        away, interview = ledger.events()
        assert (away.kind, away.auto_declines, away.busy) == (Kind.OUT_OF_OFFICE, True, True)
        assert interview.response is Response.DECLINED

    def test_what_moves_to_another_watched_calendar_keeps_its_uid(
        self, google: FakeGoogle, clock: ManualClock, tmp_path: Path
    ) -> None:
        other = google.calendar.add_calendar("jobs@group.calendar.google.com")
        calendar = open_calendar(google, clock, tmp_path, calendars=("primary", other))
        ref = google.calendar.add(START)
        cursors = {name: calendar.changes(name, None, WINDOW, nothing_known).cursor for name in calendar.calendars()}
        uid = google.calendar.raw(ref)["iCalUID"]
        google.calendar.put({**google.calendar.raw(ref), "organizer": {"email": other}}, other)
        google.calendar.cancel(ref)
        left = calendar.changes("primary", cursors["primary"], WINDOW, lambda prefix="": {ref: "x"})
        (here,) = calendar.changes(other, cursors[other], WINDOW, nothing_known).items
        assert left.gone == (ref,)
        assert here.uid == uid


class TestWhatCannotBeRead:
    def test_is_named_and_costs_only_itself(self, world: GoogleCalendarWorld, ledger: Ledger) -> None:
        world.add(START, weekly=2)
        odd = world.google.calendar.add(START + DAY, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2", "EXRULE:FREQ=YEARLY"])
        changes = ledger.pull()
        assert [problem.ref for problem in changes.problems] == [odd]
        assert len(ledger.events()) == 4

    def test_a_calendar_that_is_not_shared_any_more_is_named(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        ledger.pull()
        google.calendar.take_away("primary")
        with pytest.raises(Stop, match="primary"):
            ledger.pull()

    def test_a_cut_answer_is_read_again_within_the_same_poll(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START)
        google.faults.plan(LIST, Fault.TRUNCATED, Fault.HTML_502, Fault.LOST)
        ledger.pull()
        assert len(ledger.events()) == 1

    def test_a_server_that_stays_down_is_a_reason_to_wait(
        self, google: FakeGoogle, world: GoogleCalendarWorld, ledger: Ledger
    ) -> None:
        google.faults.plan(LIST, *[Fault.DOWN] * 4)
        with pytest.raises(Retry):
            ledger.pull()


def test_a_calendar_that_shows_only_taken_time_gives_events_without_words(
    google: FakeGoogle, clock: ManualClock, tmp_path: Path
) -> None:
    other = google.calendar.add_calendar("colleague@acme.example", role="freeBusyReader")
    google.calendar.add(START, "Secret", Response.OWN, calendar=other)
    calendar = open_calendar(google, clock, tmp_path, calendars=(other,))
    (event,) = calendar.changes(other, None, WINDOW, nothing_known).items
    assert isinstance(event, Event)
    assert (event.busy_only, event.summary, event.busy) == (True, "", True)
    assert GET not in requests_of(google)
