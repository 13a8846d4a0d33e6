"""What every calendar promises, whatever stands behind ``ports.Calendar``; the real one and the fakes pass it alike.

A subclass gives the fixture ``world``: a calendar with the hands of the person, of organizers and of the network.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import pytest

from builders import at
from calwatch.errors import Doubt, Resync, Touched
from calwatch.model.event import Event, Response, Series, Status
from calwatch.model.span import Span
from calwatch.ports import Calendar, Cancelled, Changes, Found, Gone, Unknown
from calwatch.recur.expand import expand
from fakes.faults import Answer

WINDOW = Span(at("2026-04-01 00:00"), at("2026-08-01 00:00"))
START = at("2026-05-05 13:00")
HOUR = timedelta(hours=1)


class CalendarWorld(Protocol):
    """A calendar and everybody else who touches it."""

    @property
    def calendar(self) -> Calendar: ...

    @property
    def name(self) -> str: ...

    def add(
        self, start: datetime, title: str = "Interview", answer: Response = Response.ACCEPTED, *, weekly: int = 0
    ) -> str:
        """Dana invites the person for an hour; ``OWN`` is an entry of the person's own. ``weekly``: so many weeks."""

    def block(self, start: datetime, *, transparent: bool) -> None:
        """An hour of the person's own, taken or free."""

    def move(self, ref: str, start: datetime) -> None: ...

    def remove(self, ref: str) -> None:
        """The person deletes their copy."""

    def cancel(self, ref: str) -> None:
        """Dana cancels."""

    def forget_cursors(self) -> str: ...

    def break_next(self, operation: str, answer: Answer) -> None: ...

    def make_unreadable(self) -> None: ...

    def told(self) -> list[Response]:
        """What Dana was told."""

    def restart(self) -> None: ...


class Ledger:
    """A store as small as can be: what one calendar is known to hold."""

    def __init__(self, world: CalendarWorld) -> None:
        self._world = world
        self.cursor: str | None = None
        self.etags: dict[str, str] = {}
        self.items: dict[str, Event | Series] = {}
        self.replaced: dict[str, tuple[str, ...]] = {}

    def known(self, prefix: str = "") -> dict[str, str]:
        return {ref: etag for ref, etag in self.etags.items() if ref.startswith(prefix)}

    def pull(self) -> Changes:
        """Reads what changed and takes it over as the port's docstring says."""
        changes = self._world.calendar.changes(self._world.name, self.cursor, WINDOW, self.known)
        gone = set(changes.gone)
        if changes.complete:
            gone |= self.etags.keys() - changes.etags.keys() - {i.ref for i in changes.items}
        for ref in gone:
            self.etags.pop(ref, None)
            self.items.pop(ref, None)
        for ref, etag in changes.etags.items():
            if self.etags.get(ref) != etag:
                self.items.pop(ref, None)
            self.etags[ref] = etag
        self.items.update({item.ref: item for item in changes.items})
        self.replaced.update(changes.replaced_occurrences)
        self.cursor = changes.cursor
        return changes

    def events(self) -> list[Event]:
        """Everything in the window, series expanded, by start."""
        found: list[Event] = []
        for item in self.items.values():
            if isinstance(item, Series):
                holes = self.replaced.get(item.ref, ())
                events = expand(item, WINDOW, viewer_zone="Europe/Berlin").events
                found += [e for e in events if e.recurrence_id not in holes]
            else:
                found.append(item)
        return sorted((e for e in found if e.span.overlaps(WINDOW)), key=lambda e: e.start)


def shown(ledger: Ledger) -> list[tuple[str, str]]:
    """Title and start of everything in the window."""
    return [(event.summary, f"{event.start:%m-%d %H:%M}") for event in ledger.events()]


def only_event(ledger: Ledger) -> Event:
    (event,) = ledger.events()
    return event


def nothing_new(changes: Changes, ledger_cursor: str | None) -> bool:
    """Whether a poll found nothing, so that nothing would be written."""
    told = (changes.items, changes.etags, changes.gone, changes.problems)
    return not any(told) and changes.cursor == ledger_cursor


class CalendarSuite:
    """The promises of a calendar that can be read and written."""

    @pytest.fixture
    def ledger(self, world: CalendarWorld) -> Ledger:
        return Ledger(world)

    # -- reading -------------------------------------------------------------------------------------------------

    def test_the_first_reading_is_complete_and_the_second_has_nothing_new(
        self, world: CalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START)
        world.add(START + timedelta(days=1))
        first = ledger.pull()
        assert first.complete
        assert len(ledger.events()) == 2
        ledger.pull()
        again = ledger.pull()
        assert not again.gone or set(again.gone).isdisjoint(ledger.etags)
        assert len(ledger.events()) == 2
        assert again.cursor == ledger.pull().cursor

    def test_an_invitation_is_read_with_its_people_and_the_users_own_answer(
        self, world: CalendarWorld, ledger: Ledger
    ) -> None:
        world.add(START, "Technical interview", Response.TENTATIVE)
        ledger.pull()
        (event,) = ledger.events()
        assert (event.start, event.end) == (START, START + HOUR)
        assert event.summary == "Technical interview"
        assert event.organizer is not None
        assert event.organizer.email == "dana@acme.example"
        assert event.response is Response.TENTATIVE
        assert not event.busy_only

    def test_what_appears_changes_and_vanishes_is_told(self, world: CalendarWorld, ledger: Ledger) -> None:
        kept, dropped = world.add(START), world.add(START + timedelta(days=1))
        ledger.pull()
        world.move(kept, START + timedelta(hours=2))
        world.remove(dropped)
        world.add(START + timedelta(days=2))
        ledger.pull()
        starts = [e.start for e in ledger.events()]
        assert starts == [START + timedelta(hours=2), START + timedelta(days=2)]

    def test_a_change_is_told_again_when_it_was_not_taken_over(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        earlier = ledger.cursor
        world.remove(ref)
        world.calendar.changes(world.name, earlier, WINDOW, ledger.known)
        world.restart()
        again = world.calendar.changes(world.name, earlier, WINDOW, ledger.known)
        assert ref in again.gone

    def test_a_dead_cursor_asks_for_a_resync_and_the_full_reading_shows_what_went_meanwhile(
        self, world: CalendarWorld, ledger: Ledger
    ) -> None:
        ref = world.add(START)
        world.add(START + timedelta(days=1))
        ledger.pull()
        dead = world.forget_cursors()
        world.remove(ref)
        ledger.cursor = dead
        with pytest.raises(Resync):
            ledger.pull()
        ledger.cursor = None
        assert ledger.pull().complete
        assert [e.start for e in ledger.events()] == [START + timedelta(days=1)]

    def test_an_emptied_calendar_is_told_as_it_is(self, world: CalendarWorld, ledger: Ledger) -> None:
        refs = [world.add(START + timedelta(days=n)) for n in range(3)]
        ledger.pull()
        for ref in refs:
            world.remove(ref)
        ledger.pull()
        assert not ledger.events()
        assert not ledger.etags

    def test_a_series_has_all_its_occurrences_in_the_window(self, world: CalendarWorld, ledger: Ledger) -> None:
        world.add(START, weekly=4)
        ledger.pull()
        events = ledger.events()
        assert [e.start for e in events] == [START + timedelta(weeks=n) for n in range(4)]
        assert all(e.recurring and e.recurrence_id for e in events)
        assert len({e.uid for e in events}) == 1

    # -- one by one ----------------------------------------------------------------------------------------------

    def test_a_direct_look_tells_what_is_there_and_what_is_not(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        found = world.calendar.get(world.name, ref, WINDOW)
        assert isinstance(found, Found)
        assert isinstance(found.item, Event)
        assert found.item.start == START
        world.remove(ref)
        assert isinstance(world.calendar.get(world.name, ref, WINDOW), Gone)

    def test_a_cancelled_appointment_is_never_found_as_if_it_stood(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.cancel(ref)
        ledger.pull()
        assert isinstance(world.calendar.get(world.name, ref, WINDOW), Cancelled | Gone)
        assert not [e for e in ledger.events() if e.status is not Status.CANCELLED]

    def test_taken_time_counts_what_blocks_and_nothing_else(self, world: CalendarWorld) -> None:
        world.add(START)
        world.add(START + timedelta(days=1), answer=Response.TENTATIVE)
        world.add(START + timedelta(days=2), answer=Response.NEEDS_ACTION)
        world.add(START + timedelta(days=3), answer=Response.DECLINED)
        world.block(START + timedelta(days=4), transparent=True)
        world.block(START + timedelta(days=5), transparent=False)
        taken = world.calendar.busy([world.name], WINDOW)[world.name]
        assert not isinstance(taken, Unknown)
        assert taken == tuple(Span(START + timedelta(days=n), START + timedelta(days=n) + HOUR) for n in (0, 1, 2, 5))

    def test_a_calendar_that_cannot_be_read_is_unknown_and_not_free(self, world: CalendarWorld) -> None:
        world.add(START)
        world.make_unreadable()
        assert isinstance(world.calendar.busy([world.name], WINDOW)[world.name], Unknown)

    def test_a_calendar_nobody_has_is_unknown(self, world: CalendarWorld) -> None:
        assert isinstance(world.calendar.busy(["no such calendar"], WINDOW)["no such calendar"], Unknown)

    # -- writing -------------------------------------------------------------------------------------------------

    def test_an_answer_is_kept_and_the_organizer_is_told_once(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        etag = world.calendar.respond(world.name, ref, None, Response.TENTATIVE, ledger.etags[ref])
        assert world.told() == [Response.TENTATIVE]
        ledger.pull()
        assert [e.response for e in ledger.events()] == [Response.TENTATIVE]
        assert ledger.etags[ref] == etag

    def test_a_decline_no_longer_takes_time(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.calendar.respond(world.name, ref, None, Response.DECLINED, ledger.etags[ref])
        assert world.told() == [Response.DECLINED]
        assert world.calendar.busy([world.name], WINDOW)[world.name] == ()
        ledger.pull()
        assert not [e for e in ledger.events() if e.busy]

    def test_answering_what_is_the_answer_already_changes_nothing(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START, answer=Response.ACCEPTED)
        ledger.pull()
        assert world.calendar.respond(world.name, ref, None, Response.ACCEPTED, ledger.etags[ref]) == ledger.etags[ref]
        assert not world.told()
        assert not ledger.pull().items or ledger.events()[0].response is Response.ACCEPTED

    def test_an_own_entry_has_nobody_to_answer(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START, answer=Response.OWN)
        ledger.pull()
        assert world.calendar.respond(world.name, ref, None, Response.DECLINED, ledger.etags[ref]) == ledger.etags[ref]
        assert not world.told()

    def test_an_answer_to_something_that_changed_is_refused(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.move(ref, START + timedelta(hours=2))
        with pytest.raises(Touched):
            world.calendar.respond(world.name, ref, None, Response.DECLINED, ledger.etags[ref])
        assert not world.told()

    def test_one_occurrence_can_be_answered_and_the_others_stay(self, world: CalendarWorld, ledger: Ledger) -> None:
        world.add(START, weekly=3)
        ledger.pull()
        second = ledger.events()[1]
        world.calendar.respond(world.name, second.ref, second.recurrence_id, Response.TENTATIVE, second.etag)
        ledger.pull()
        answers = [(e.start, e.response) for e in ledger.events()]
        assert answers == [
            (START, Response.ACCEPTED),
            (START + timedelta(weeks=1), Response.TENTATIVE),
            (START + timedelta(weeks=2), Response.ACCEPTED),
        ]
        assert world.told() == [Response.TENTATIVE]

    def test_a_hold_is_neutral_and_one_however_often_it_is_asked_for(
        self, world: CalendarWorld, ledger: Ledger
    ) -> None:
        span = Span(START, START + HOUR)
        ref = world.calendar.hold(world.name, "draft-12-slot-1", span)
        world.restart()
        assert world.calendar.hold(world.name, "draft-12-slot-1", span) == ref
        ledger.pull()
        (event,) = ledger.events()
        assert (event.ref, event.summary, event.span, event.busy) == (ref, "Busy", span, True)
        assert not event.description
        assert not event.attendees

    def test_a_hold_can_be_released_and_twice_is_fine(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.calendar.hold(world.name, "key", Span(START, START + HOUR))
        world.calendar.release(world.name, ref)
        world.calendar.release(world.name, ref)
        ledger.pull()
        assert not ledger.events()


class BreakableCalendarSuite(CalendarSuite):
    """The promises of a calendar behind a network: what holds when answers are lost."""

    def test_an_answer_whose_confirmation_was_lost_can_be_read_back(self, world: CalendarWorld, ledger: Ledger) -> None:
        ref = world.add(START)
        ledger.pull()
        world.break_next("respond", Answer.LOST)
        with pytest.raises(Doubt):
            world.calendar.respond(world.name, ref, None, Response.TENTATIVE, ledger.etags[ref])
        found = world.calendar.get(world.name, ref, WINDOW)
        assert isinstance(found, Found)
        assert isinstance(found.item, Event)
        assert found.item.response is Response.TENTATIVE
        world.calendar.respond(world.name, ref, None, Response.TENTATIVE, found.item.etag)
        assert world.told() == [Response.TENTATIVE]

    def test_a_hold_whose_confirmation_was_lost_is_still_one(self, world: CalendarWorld, ledger: Ledger) -> None:
        span = Span(START, START + HOUR)
        world.break_next("hold", Answer.LOST)
        with pytest.raises(Doubt):
            world.calendar.hold(world.name, "key", span)
        world.calendar.hold(world.name, "key", span)
        ledger.pull()
        assert len(ledger.events()) == 1
