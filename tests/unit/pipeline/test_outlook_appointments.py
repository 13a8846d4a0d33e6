"""What becomes of appointments in Outlook, as the person is told of it: by the calendar alone, or with its mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from builders import NOW, an_event, an_invitation
from calwatch.model.case import Situation
from calwatch.model.event import Response, Series
from calwatch.model.span import Span
from fakes.microsoft.person import OutlookPerson
from fakes.microsoft.server import FakeMicrosoft
from worlds import World, an_arranged_interview, cancelled_by_mail

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def provider(outlook_person: OutlookPerson) -> OutlookPerson:
    return outlook_person


@pytest.fixture(params=[False, True], ids=["calendar", "calendar and mail"])
def by_mail(microsoft: FakeMicrosoft, request: pytest.FixtureRequest) -> bool:
    """Whether what organizers do arrives as mail, too."""
    microsoft.invites_by_mail = bool(request.param)
    microsoft.join()
    return microsoft.invites_by_mail


def situations(world: World) -> list[Situation]:
    return [case.situation for case in world.store.cases.all()]


def starts(world: World) -> list[datetime]:
    """When the bookings stand."""
    return sorted(b.event.start for b in world.store.bookings.overlapping(Span(NOW, NOW + timedelta(days=60))))


def passes(world: World) -> None:
    """Some minutes in which the service runs."""
    world.live(4 * MINUTE, step=MINUTE)


def weekly(provider: OutlookPerson) -> list[datetime]:
    """Acme talks to Alex every Tuesday, four times; gives the starts."""
    master = replace(an_invitation("2026-04-28 13:00", ref="loop", uid="loop@acme.example"), recurring=True)
    provider.calendar.add(
        Series(
            ref="loop",
            uid=master.uid,
            master=master,
            local_start=datetime(2026, 4, 28, 15, 0),  # noqa: DTZ001 - wall time
            zone_key="Europe/Berlin",
            rrules=("FREQ=WEEKLY;COUNT=4",),
        )
    )
    return [master.start + timedelta(weeks=n) for n in range(4)]


# -- declined and removed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preserved", [False, True], ids=["leaves the calendar", "stays there"])
def test_the_persons_own_no_is_one_trouble_whether_the_event_stays_or_not(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, preserved: bool, by_mail: bool
) -> None:
    microsoft.calendar.preserve_declined = preserved
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.answer(event.ref, Response.DECLINED)
    passes(world)
    assert situations(world) == [Situation.DECLINED]
    assert world.store.questions.open_questions() == []
    assert world.draft()


def test_a_no_that_nobody_was_told_of_is_asked_about(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson
) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.answer(event.ref, Response.DECLINED, send=False)
    passes(world)
    assert situations(world) == [Situation.REMOVED]
    assert [asked.kind for asked in world.store.questions.open_questions()] == ["removed"]
    assert world.store.drafts.open_drafts() == []


@pytest.mark.parametrize("new_id", [False, True], ids=["the same id", "a new id"])
def test_what_was_declined_and_comes_back_by_the_organizers_update_is_no_longer_declined(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, new_id: bool, by_mail: bool
) -> None:
    microsoft.calendar.returns_with_new_id = new_id
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.answer(event.ref, Response.DECLINED)
    passes(world)
    world.clock.advance(HOUR)
    microsoft.calendar.move(event.ref, event.start + 2 * DAY)
    passes(world)
    assert starts(world) == [event.start + 2 * DAY]
    assert Situation.REMOVED not in situations(world)
    assert not [draft for draft in world.store.drafts.open_drafts() if draft.letter.slots]


# -- cancelled and moved ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", ["by the calendar alone", "by mail first", "by mail afterwards"])
def test_cancelled_and_cleared_away_is_cancelled_once(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, told: str
) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    if told == "by mail first":
        cancelled_by_mail(provider, event)
        passes(world)
    microsoft.calendar.cancel(event.ref)
    passes(world)
    if told == "by mail afterwards":
        cancelled_by_mail(provider, event)
        passes(world)
    draft = world.draft()
    microsoft.calendar.remove(event.ref)
    world.live(HOUR, step=20 * MINUTE)
    assert situations(world) == [Situation.CANCELLED]
    assert (world.draft(), world.store.questions.open_questions()) == (draft, [])


def test_moved_to_a_time_that_fits_it_is_where_it_was_moved_to(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, by_mail: bool
) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.move(event.ref, event.start + DAY)
    passes(world)
    assert starts(world) == [event.start + DAY]
    assert [s for s in situations(world) if s is not Situation.MOVED] == []
    assert (world.store.drafts.open_drafts(), world.store.questions.open_questions()) == ([], [])


def test_moved_far_ahead_and_back_again_it_is_the_same_interview(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, by_mail: bool
) -> None:
    event = an_arranged_interview(provider)
    world.look()
    for start in (event.start + timedelta(days=200), event.start + DAY):
        world.clock.advance(HOUR)
        microsoft.calendar.move(event.ref, start)
        passes(world)
        (booking,) = world.store.bookings.of_uid(event.uid)
        assert booking.event.start == start
    assert [s for s in situations(world) if s is not Situation.MOVED] == []
    assert world.store.questions.open_questions() == []


# -- series ----------------------------------------------------------------------------------------------------------


def test_one_occurrence_removed_leaves_the_others(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson
) -> None:
    times = weekly(provider)
    world.look()
    microsoft.calendar.remove(microsoft.calendar.occurrence("loop", times[1]))
    passes(world)
    (asked,) = world.store.questions.open_questions()
    assert asked.kind == "removed"
    assert [c.start for c in world.store.cases.open_cases()] == [times[1]]


@pytest.mark.parametrize("preserved", [False, True], ids=["leaves the calendar", "stays there"])
def test_one_occurrence_declined_is_the_persons_no_to_that_one(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, preserved: bool, by_mail: bool
) -> None:
    microsoft.calendar.preserve_declined = preserved
    times = weekly(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.answer(microsoft.calendar.occurrence("loop", times[1]), Response.DECLINED)
    passes(world)
    assert [(c.situation, c.start) for c in world.store.cases.all()] == [(Situation.DECLINED, times[1])]
    assert world.store.questions.open_questions() == []


def test_one_occurrence_cancelled_leaves_the_others(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, by_mail: bool
) -> None:
    times = weekly(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.cancel(microsoft.calendar.occurrence("loop", times[1]))
    passes(world)
    assert [(c.situation, c.start) for c in world.store.cases.all()] == [(Situation.CANCELLED, times[1])]
    assert world.store.questions.open_questions() == []


def test_one_occurrence_moved_onto_a_taken_hour_is_the_only_trouble(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, by_mail: bool
) -> None:
    times = weekly(provider)
    provider.calendar.add(an_event(times[1] + 3 * HOUR, 60, summary="Dentist", created=NOW))
    world.look()
    microsoft.calendar.move(microsoft.calendar.occurrence("loop", times[1]), times[1] + 3 * HOUR)
    passes(world)
    (case,) = world.store.cases.all()
    assert case.start == times[1] + 3 * HOUR
    assert world.draft()


def test_a_series_moved_is_moved_and_not_removed(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, by_mail: bool
) -> None:
    times = weekly(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.move("loop", times[0] + HOUR)
    passes(world)
    assert sorted(set(starts(world))) == [time + HOUR for time in times]
    assert [s for s in situations(world) if s is not Situation.MOVED] == []
    assert (world.store.drafts.open_drafts(), world.store.questions.open_questions()) == ([], [])
