"""An account is read beside everything else; what was read is taken over only when it is still the newest."""

from __future__ import annotations

from datetime import timedelta

from builders import DANA, an_event
from calwatch.model.case import DraftState
from calwatch.model.span import Span
from calwatch.pipeline.parts import AccountState
from fakes.faults import Answer
from worlds import Provider, Waiting, World

MINUTE = timedelta(minutes=1)


def titles(world: World) -> set[str]:
    now = world.clock.now()
    return {b.event.summary for b in world.store.bookings.overlapping(Span(now, now + timedelta(days=30)))}


def test_asking_writes_nothing(world: World, provider: Provider) -> None:
    provider.calendar.add(an_event("2026-05-05 13:00", summary="Dentist"))
    before = world.store.counters.rows_written
    world.pipeline.read("personal")
    assert world.store.counters.rows_written == before


def test_what_was_read_is_taken_over(world: World, provider: Provider) -> None:
    provider.calendar.add(an_event("2026-05-05 13:00", summary="Dentist"))
    reading = world.pipeline.read("personal")
    provider.calendar.faults.plan("changes", *[Answer.DOWN] * 9)
    assert world.pipeline.pull("personal", reading)
    assert titles(world) == {"Dentist"}


def test_an_older_reading_takes_nothing_back(world: World, provider: Provider) -> None:
    ref = provider.calendar.add(an_event("2026-05-05 13:00", summary="Dentist"))
    reading = world.pipeline.read("personal")
    provider.calendar.change(ref, summary="Dentist, later")
    world.pipeline.pull("personal")
    world.clock.advance(MINUTE)
    world.pipeline.pull("personal", reading)
    assert titles(world) == {"Dentist, later"}


def test_an_older_reading_makes_no_calendar_look_fresher_than_it_is(world: World, provider: Provider) -> None:
    reading = world.pipeline.read("personal")
    world.clock.advance(MINUTE)
    world.pipeline.pull("personal")
    read_at = world.clock.now()
    world.pipeline.pull("personal", reading)
    assert world.pipeline.parts.health["personal"].calendars == {"primary": read_at}


def test_a_mailbox_that_is_not_allowed_takes_no_calendar_away(world: World, provider: Provider) -> None:
    provider.mail.faults.plan("changes", Answer.OK, Answer.SIGN_IN)  # the calendar's question comes first
    provider.calendar.add(an_event("2026-05-05 13:00", summary="Dentist"))
    assert not world.pipeline.pull("personal")
    assert titles(world) == {"Dentist"}
    assert world.pipeline.parts.health["personal"].state is AccountState.NEEDS_SIGN_IN


def test_a_calendar_that_is_not_allowed_takes_no_mail_away(world: World, provider: Provider) -> None:
    provider.mail.faults.plan("changes", Answer.SIGN_IN, Answer.OK)
    provider.mail.receive("Hello", sender=DANA, subject="Hello")
    world.pipeline.pull("personal")
    assert world.store.mail.messages_with({DANA.email})


def test_what_only_the_person_can_mend_is_told_before_what_passes(world: World, provider: Provider) -> None:
    provider.mail.faults.plan("changes", Answer.DOWN, Answer.SIGN_IN)
    world.pipeline.pull("personal")
    assert world.pipeline.parts.health["personal"].state is AccountState.NEEDS_SIGN_IN


def test_a_feed_that_names_what_nobody_knows_is_no_outage(world: World, provider: Provider, waiting: Waiting) -> None:
    strangers = [provider.calendar.add(an_event(f"2026-05-{day:02} 09:00")) for day in range(6, 26)]
    for ref in strangers:  # made and removed between two looks: all of them are only gone
        provider.calendar.remove_by_hand(ref)
    provider.calendar.remove_by_hand(waiting.clash)
    world.look()
    assert world.again(waiting.draft).state is DraftState.WITHDRAWN
    assert world.pipeline.parts.health["personal"].state is AccountState.OK


def test_a_week_that_has_passed_is_no_outage(world: World, provider: Provider) -> None:
    for day in range(21, 29):
        provider.calendar.add(an_event(f"2026-04-{day:02} 09:00"))
    provider.calendar.add(an_event("2026-07-01 09:00", summary="Far ahead"))
    world.live(timedelta(days=30), step=timedelta(days=3))
    provider.calendar.kill_cursor()
    world.look()
    assert world.pipeline.parts.health["personal"].state is AccountState.OK
