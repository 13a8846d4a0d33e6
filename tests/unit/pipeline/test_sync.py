"""Catching up with the sources: a dead cursor, a sudden emptiness and a lost sign-in change no truth."""

from __future__ import annotations

from datetime import timedelta

from builders import an_event
from calwatch.model.case import DraftState, Situation
from calwatch.pipeline.parts import AccountState
from fakes.faults import Answer
from worlds import Provider, Waiting, World, an_arranged_interview

MINUTE = timedelta(minutes=1)


def gets(world: World) -> int:
    return len([name for name, _ in world.provider.calendar.faults.log if name == "get"])


def looks_itself(account: str) -> int:
    """Outlook says "removed" also of what only left the window: its provider looks before it passes that on."""
    return 1 if account == "outlook" else 0


def test_a_dead_calendar_cursor_changes_nothing(world: World, waiting: Waiting) -> None:
    before, said = world.draft(), len(world.said)
    world.provider.calendar.kill_cursor()
    world.look()
    assert (world.draft(), len(world.said), len(world.store.cases.all())) == (before, said, 1)


def test_a_dead_mail_cursor_changes_nothing(world: World, waiting: Waiting) -> None:
    before, said = world.draft(), len(world.said)
    world.provider.mail.kill_cursor()
    world.look()
    assert (world.draft(), len(world.said), len(world.store.cases.all())) == (before, said, 1)


def test_what_vanished_while_the_cursor_was_dead_is_noticed(world: World, waiting: Waiting) -> None:
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.provider.calendar.kill_cursor()
    world.look()
    assert world.again(waiting.draft).state is DraftState.WITHDRAWN


def test_a_new_week_reads_a_new_window_without_new_troubles(world: World, waiting: Waiting) -> None:
    world.live(timedelta(days=8), step=timedelta(days=2))
    assert len(world.store.cases.all()) == 1


def test_sudden_emptiness_is_not_believed(world: World, provider: Provider, waiting: Waiting) -> None:
    others = [provider.calendar.add(an_event(f"2026-05-{day:02} 09:00")) for day in range(6, 12)]
    world.look()
    kept = [provider.calendar.event(ref) for ref in (*others, waiting.clash, waiting.event.ref)]
    for entry in kept:
        provider.calendar.remove_by_hand(entry.ref)
    world.live(5 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.WAITING
    assert world.store.questions.open_questions() == []
    for entry in kept:
        provider.calendar.add(entry)
    world.look()
    assert len(world.store.cases.all()) == 1


def test_while_it_is_not_believed_no_time_is_offered(world: World, provider: Provider) -> None:
    refs = [provider.calendar.add(an_event(f"2026-05-{day:02} 09:00")) for day in range(6, 12)]
    world.look()
    for ref in refs:
        provider.calendar.remove_by_hand(ref)
    world.live(5 * MINUTE, step=MINUTE)
    assert world.pipeline.parts.health["personal"].state is AccountState.DEGRADED
    assert world.pipeline.slots(timedelta(hours=1)).slots == ()


def test_an_emptiness_that_lasts_is_believed(world: World, provider: Provider) -> None:
    refs = [provider.calendar.add(an_event(f"2026-05-{day:02} 09:00")) for day in range(6, 12)]
    world.look()
    for ref in refs:
        provider.calendar.remove_by_hand(ref)
    world.live(timedelta(minutes=65), step=5 * MINUTE)
    assert world.store.bookings.count() == 0
    assert world.pipeline.parts.health["personal"].state is AccountState.OK


def test_a_vanished_interview_is_looked_at_directly(world: World, provider: Provider, account: str) -> None:
    event = an_arranged_interview(provider)
    world.look()
    provider.calendar.remove_by_hand(event.ref)
    world.look()
    assert gets(world) == 1 + looks_itself(account)


def test_another_entry_that_vanished_is_not_looked_at(world: World, provider: Provider, account: str) -> None:
    ref = provider.calendar.add(an_event())
    world.look()
    provider.calendar.remove_by_hand(ref)
    world.look()
    assert gets(world) == looks_itself(account)


def test_while_the_direct_look_fails_nothing_is_concluded(world: World, provider: Provider) -> None:
    event = an_arranged_interview(provider)
    world.look()
    provider.calendar.remove_by_hand(event.ref)
    provider.calendar.faults.plan("get", *[Answer.DOWN] * 3)
    world.live(3 * MINUTE, step=MINUTE)
    assert world.store.cases.all() == []
    world.live(2 * MINUTE, step=MINUTE)
    assert [case.situation for case in world.store.cases.all()] == [Situation.REMOVED]


def test_an_account_that_cannot_be_read_keeps_what_is_known(world: World, waiting: Waiting) -> None:
    world.provider.calendar.faults.plan("changes", *[Answer.SIGN_IN] * 9)
    world.live(3 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.WAITING
    assert world.pipeline.parts.health["personal"].state is AccountState.NEEDS_SIGN_IN


def test_signed_in_again_it_goes_on(world: World, waiting: Waiting) -> None:
    world.provider.calendar.faults.plan("changes", Answer.SIGN_IN)
    world.look()
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.look()
    assert world.pipeline.parts.health["personal"].state is AccountState.OK
    assert world.again(waiting.draft).state is DraftState.WITHDRAWN


def test_a_failure_in_the_middle_of_a_look_loses_nothing(world: World, provider: Provider) -> None:
    an_arranged_interview(provider)
    provider.mail.faults.plan("changes", Answer.OK, Answer.DOWN)
    world.look()
    world.look()
    assert len(world.store.bookings.interviews(world.clock.now(), world.clock.now() + timedelta(days=60))) == 1


def test_one_look_at_an_unchanged_account_writes_nothing(world: World, waiting: Waiting) -> None:
    world.look()
    written = world.store.counters.rows_written
    world.live(3 * MINUTE, step=MINUTE)
    assert world.store.counters.rows_written == written
