"""The change feed of an Outlook calendar: pages, links and their deaths, and what a round says without saying it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from builders import NOW
from calwatch.errors import NeedsSignIn, Resync, Retry, Stop
from calwatch.model.event import Response
from calwatch.ports import Found, nothing_known
from contract.calendar_suite import HOUR, START, WINDOW, Ledger, nothing_new, only_event, shown
from contract.outlook_calendar_world import DELTA, GET, OutlookCalendarWorld
from fakes.clock import ManualClock
from fakes.microsoft.calendar_manners import Lost
from fakes.microsoft.faults import Fault
from fakes.microsoft.server import FakeMicrosoft

DAY = timedelta(days=1)
NEVER_ASKED_FOR = {"$select", "$filter", "$orderby", "$search", "$expand", "$top"}


@pytest.fixture
def world(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[OutlookCalendarWorld]:
    yield OutlookCalendarWorld(microsoft, clock, tmp_path)
    assert not microsoft.violations
    assert not microsoft.faults.pending()


@pytest.fixture
def ledger(world: OutlookCalendarWorld) -> Ledger:
    return Ledger(world)


def resynced(ledger: Ledger) -> None:
    """What the pipeline does when a cursor is dead."""
    with pytest.raises(Resync):
        ledger.pull()
    ledger.cursor = None
    ledger.pull()


class TestTheFirstReading:
    def test_takes_every_page_and_a_link_only_from_the_last(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.outlook.page_size, world.outlook.empty_pages = 2, True
        for number in range(5):
            world.add(START + number * DAY)
        ledger.pull()
        pages = [seen.params for seen in world.microsoft.seen if seen.operation == DELTA]
        assert len(pages) == 4  # an empty one, then two, two and one
        assert len(ledger.events()) == 5
        assert ledger.cursor
        assert "deltatoken" in ledger.cursor

    def test_asks_for_a_window_in_utc_a_day_wider_and_for_nothing_graph_forbids(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        world.outlook.page_size = 1
        near = world.add(WINDOW.end + 2 * HOUR)
        inside = world.add(START)
        changes = ledger.pull()
        first, *others = [seen.params for seen in world.microsoft.seen if seen.operation == DELTA]
        assert first == {"startDateTime": "2026-03-31T00:00:00Z", "endDateTime": "2026-08-02T00:00:00Z"}
        assert not any(NEVER_ASKED_FOR & page.keys() or "startDateTime" in page for page in others)
        assert [item.ref for item in changes.items] == [inside]
        assert near not in changes.etags

    def test_that_breaks_off_leaves_nothing_behind(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.outlook.page_size = 2
        for number in range(5):
            world.add(START + number * DAY)
        world.microsoft.faults.plan(DELTA, Fault.OK, Fault.REFUSED)
        with pytest.raises(Stop):
            ledger.pull()
        assert ledger.cursor is None
        assert not ledger.etags
        ledger.pull()
        assert len(ledger.events()) == 5

    def test_whose_link_dies_on_the_way_is_begun_again_another_time(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        world.outlook.page_size = 1
        world.add(START)
        world.add(START + DAY)
        world.microsoft.faults.plan(DELTA, Fault.OK, Fault.GONE_410)
        with pytest.raises(Retry):
            ledger.pull()
        ledger.pull()
        assert len(ledger.events()) == 2

    def test_tells_ids_apart_that_differ_by_a_letters_case_or_a_stroke(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        refs = [world.add(START + number * DAY) for number in range(8)]
        ledger.pull()
        assert len({ref.casefold().replace("_", "-") for ref in refs}) < len(refs)
        assert sorted(event.ref for event in ledger.events()) == sorted(refs)
        for ref in refs:
            found = world.calendar.get(world.name, ref, WINDOW)
            assert isinstance(found, Found)
            assert found.item.ref == ref


class TestARound:
    def test_without_news_is_one_request_and_tells_nothing_to_write(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START, weekly=3)
        ledger.pull()
        kept = ledger.cursor
        world.microsoft.seen.clear()
        for _ in range(3):
            assert nothing_new(ledger.pull(), kept)
        assert world.asked() == [DELTA] * 3

    def test_asks_in_the_same_words_every_time(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.outlook.page_size = 1
        for number in range(3):
            world.add(START + number * DAY)
        ledger.pull()
        world.move(world.add(START + 4 * DAY), START + 5 * DAY)
        ledger.pull()
        preferred = [seen.prefer for seen in world.microsoft.seen if seen.operation == DELTA]
        assert len(preferred) > 3
        assert all(prefer == preferred[0] for prefer in preferred)
        assert preferred[0]["IdType"] == "ImmutableId"
        assert preferred[0]["outlook.timezone"] == "UTC"

    def test_that_tells_an_event_twice_means_the_last(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.outlook.duplicates = True
        ref = world.add(START)
        ledger.pull()
        world.move(ref, START + 3 * HOUR)
        changes = ledger.pull()
        assert len(changes.items) == 1
        assert only_event(ledger).start == START + 3 * HOUR

    def test_that_repeats_the_last_one_is_no_news(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.outlook.replays = True
        ledger.pull()
        world.add(START, weekly=3)
        world.add(START + DAY)
        ledger.pull()
        kept = ledger.cursor
        assert nothing_new(ledger.pull(), kept)

    def test_after_a_restart_begins_where_the_last_was_kept_and_tells_nothing_twice(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        ledger.pull()
        world.move(ref, START + HOUR)
        ledger.pull()
        kept = ledger.cursor
        ledger.pull()
        world.restart()
        assert nothing_new(ledger.pull(), kept)

    def test_that_names_somebody_elses_event_as_removed_says_nothing(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        world.outlook.spurious_removed = True
        far = world.add(WINDOW.end + 30 * DAY)
        ledger.pull()
        kept = ledger.cursor
        world.microsoft.seen.clear()
        world.outlook.edit(far, subject="Far away")
        assert nothing_new(ledger.pull(), kept)
        assert world.asked() == [DELTA]

    def test_that_breaks_off_between_pages_is_simply_done_again(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        world.outlook.page_size = 2
        ledger.pull()
        before = ledger.cursor
        for number in range(5):
            world.add(START + number * DAY)
        world.microsoft.faults.plan(DELTA, Fault.OK, Fault.FORBIDDEN_SCOPE)
        with pytest.raises(NeedsSignIn):
            ledger.pull()
        assert ledger.cursor == before
        ledger.pull()
        assert len(ledger.events()) == 5

    def test_of_more_than_can_be_looked_at_one_by_one_is_read_whole(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        refs = [world.add(START + number * HOUR) for number in range(60)]
        ledger.pull()
        for ref in refs[5:]:
            world.remove(ref)
        resynced(ledger)
        assert [event.ref for event in ledger.events()] == refs[:5]


class TestALinkThatIsNoLongerKnown:
    @pytest.mark.parametrize("lost", list(Lost))
    def test_asks_for_a_whole_reading_that_tells_the_difference(
        self, world: OutlookCalendarWorld, ledger: Ledger, lost: Lost
    ) -> None:
        moved, removed, kept = (world.add(START + number * DAY, f"Interview {number}") for number in range(3))
        ledger.pull()
        before = ledger.etags[kept]
        world.move(moved, START + HOUR)
        world.remove(removed)
        world.outlook.forget_tokens(lost)
        resynced(ledger)
        assert shown(ledger) == [("Interview 0", "05-05 14:00"), ("Interview 2", "05-07 13:00")]
        assert ledger.etags[kept] == before

    def test_and_does_not_say_so_is_believed_once(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.add(START)
        ledger.pull()
        world.outlook.forget_tokens(Lost.BARE)
        resynced(ledger)
        world.outlook.forget_tokens(Lost.BARE)
        with pytest.raises(Stop):
            ledger.pull()

    def test_because_it_leads_elsewhere_is_never_followed(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        world.add(START)
        ledger.pull()
        assert ledger.cursor is not None
        ledger.cursor = ledger.cursor.replace("https://", "https://elsewhere.example/?")
        world.microsoft.seen.clear()
        with pytest.raises(Resync):
            ledger.pull()
        assert not world.microsoft.seen

    @pytest.mark.parametrize("cursor", ["", "google:1:Europe/Berlin:x", "outlook", "outlook:::::", "outlook:1:2:3:4:5"])
    def test_because_it_is_none_is_read_anew(self, world: OutlookCalendarWorld, cursor: str) -> None:
        with pytest.raises(Resync):
            world.calendar.changes(world.name, cursor, WINDOW, nothing_known)
        assert not world.microsoft.seen


class TestOnceADay:
    def test_what_no_round_told_is_found(self, world: OutlookCalendarWorld, ledger: Ledger) -> None:
        moved, removed = world.add(START, "Moved"), world.add(START + DAY, "Removed")
        ledger.pull()
        world.move(moved, START + HOUR)
        world.outlook.drop_change(moved)
        world.remove(removed)
        world.outlook.drop_change(removed)
        ledger.pull()
        assert shown(ledger) == [("Moved", "05-05 13:00"), ("Removed", "05-06 13:00")]
        world.clock.advance(DAY.total_seconds())
        resynced(ledger)
        assert shown(ledger) == [("Moved", "05-05 14:00")]

    def test_a_calendar_in_which_nothing_happened_has_its_cursor_renewed(
        self, world: OutlookCalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START)
        ledger.pull()
        kept = ledger.cursor
        world.clock.advance(DAY.total_seconds() - 1)
        assert nothing_new(ledger.pull(), kept)
        world.clock.advance(1)
        resynced(ledger)
        assert ledger.cursor != kept

    def test_a_window_beyond_what_the_link_tells_of_is_read_whole(self, world: OutlookCalendarWorld) -> None:
        cursor = world.calendar.changes(world.name, None, WINDOW, nothing_known).cursor
        world.calendar.changes(world.name, cursor, WINDOW.padded(DAY), nothing_known)
        with pytest.raises(Resync):
            world.calendar.changes(world.name, cursor, WINDOW.padded(2 * DAY), nothing_known)


def test_a_direct_look_is_one_request(world: OutlookCalendarWorld, ledger: Ledger) -> None:
    ref = world.add(START, answer=Response.NEEDS_ACTION)
    ledger.pull()
    world.microsoft.seen.clear()
    world.calendar.get(world.name, ref, WINDOW)
    assert world.asked() == [GET]
    assert world.clock.now() == NOW
