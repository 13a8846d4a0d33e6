"""Days with Google Calendar and Gmail as they really are: what Google does in nobody's name, or tells in half."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from builders import ALEX, DANA, NOW, an_event, an_invitation
from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import CaseState, DraftState, RequestKind, Situation
from calwatch.model.event import Attendee, Response, Series
from calwatch.model.message import Invitation, Method
from calwatch.model.span import Span
from fakes.google.person import GooglePerson, raw
from fakes.google.server import FakeGoogle
from worlds import Waiting, World, a_clash, a_waiting_draft, an_arranged_interview

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TEAM = "team@group.calendar.google.com"
WORK = "work@group.calendar.google.com"


@pytest.fixture
def provider(google_person: GooglePerson) -> GooglePerson:
    return google_person


def with_options(world: World, person: GooglePerson, **fields: object) -> None:
    """Alex writes something into the account's table and starts calwatch again."""
    world.stop()
    world.provider = GooglePerson(person.google, world.clock, person.folder, **fields)
    world.start()


def situations(world: World) -> list[Situation]:
    return [case.situation for case in world.store.cases.all()]


def starts(world: World, uid: str = "") -> list[datetime]:
    """When the bookings stand."""
    found = world.store.bookings.overlapping(Span(NOW, NOW + timedelta(days=60)))
    return sorted(b.event.start for b in found if not uid or b.event.uid == uid)


def weekly(provider: GooglePerson, *, by_mail: bool = False) -> list[datetime]:
    """Acme talks to Alex every Tuesday, four times; gives the starts."""
    master = replace(an_invitation("2026-04-28 13:00", ref="loop", uid="loop@google.com"), recurring=True)
    series = Series(
        ref="loop",
        uid=master.uid,
        master=master,
        local_start=datetime(2026, 4, 28, 15, 0),  # noqa: DTZ001 - wall time
        zone_key="Europe/Berlin",
        rrules=("FREQ=WEEKLY;COUNT=4",),
    )
    provider.calendar.add(series)
    if by_mail:
        invitation = Invitation(method=Method.REQUEST, items=(series,))
        provider.mail.receive(
            "", sender=DANA, subject="Interviews", invitations=(invitation,), date=NOW - timedelta(days=2)
        )
    return [master.start + timedelta(weeks=n) for n in range(4)]


# -- series ----------------------------------------------------------------------------------------------------------


def test_a_series_split_at_the_same_times_raises_nothing(
    world: World, google: FakeGoogle, provider: GooglePerson
) -> None:
    times = weekly(provider)
    world.look()
    said = list(world.said)
    google.calendar.split("loop", times[1], times[1])
    world.live(5 * MINUTE, step=MINUTE)
    assert (situations(world), starts(world), world.said) == ([], times, said)


@pytest.mark.parametrize("by_mail", [False, True], ids=["calendar", "calendar and mail"])
@pytest.mark.parametrize("by", [HOUR, timedelta(days=1)], ids=["an hour", "a day"])
def test_a_series_split_to_other_times_is_moved_and_not_removed(
    world: World, google: FakeGoogle, provider: GooglePerson, by: timedelta, by_mail: bool
) -> None:
    times = weekly(provider, by_mail=by_mail)
    world.look()
    google.calendar.split("loop", times[2], times[2] + by)
    world.live(5 * MINUTE, step=MINUTE)
    assert {times[2] + by, times[3] + by} <= set(starts(world))
    assert (situations(world), world.store.questions.open_questions()) == ([], [])


@pytest.mark.parametrize("by", [HOUR, timedelta(days=1)], ids=["an hour", "a day"])
def test_the_letter_about_a_split_series_speaks_of_its_new_time_alone(
    world: World, google: FakeGoogle, provider: GooglePerson, by: timedelta
) -> None:
    times = weekly(provider)
    provider.calendar.add(an_event(times[2] + by, 60, summary="Dentist", created=NOW))
    world.look()
    google.calendar.split("loop", times[2], times[2] + by)
    world.live(5 * MINUTE, step=MINUTE)
    (case,) = world.store.cases.open_cases()
    assert case.snapshot is not None
    assert [b.event.start for b in case.snapshot.bookings] == [times[2] + by]
    assert {slot.duration for slot in world.draft().letter.slots} == {HOUR}


def test_one_occurrence_moved_onto_a_taken_hour_is_the_only_trouble(
    world: World, google: FakeGoogle, provider: GooglePerson
) -> None:
    times = weekly(provider)
    provider.calendar.add(an_event(times[1] + 3 * HOUR, 60, summary="Dentist", created=NOW))
    world.look()
    google.calendar.move(f"loop_{times[1]:%Y%m%dT%H%M%SZ}", times[1] + 3 * HOUR)
    world.look()
    (case,) = world.store.cases.all()
    assert case.snapshot is not None
    assert [b.event.start for b in case.snapshot.bookings] == [times[1] + 3 * HOUR]
    assert world.draft()


def test_one_occurrence_cancelled_leaves_the_others(world: World, google: FakeGoogle, provider: GooglePerson) -> None:
    times = weekly(provider)
    world.look()
    google.calendar.cancel(f"loop_{times[1]:%Y%m%dT%H%M%SZ}")
    world.look()
    assert starts(world) == [times[0], *times[2:]]


# -- calendars -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["there", "gone"])
def test_an_interview_moved_to_another_watched_calendar_raises_nothing(
    world: World, google: FakeGoogle, provider: GooglePerson, first: str
) -> None:
    google.calendar.add_calendar(TEAM)
    with_options(world, provider, calendars=("primary", TEAM))
    event = an_arranged_interview(provider)
    world.look()
    if first == "there":
        google.calendar.put(raw(event), TEAM)
        world.look()
    google.calendar.cancel(event.ref)
    if first == "gone":
        google.calendar.put(raw(event), TEAM)
    world.live(3 * MINUTE, step=MINUTE)
    assert (situations(world), starts(world), world.store.questions.open_questions()) == ([], [event.start], [])


def test_an_invitation_hidden_until_it_is_answered_is_seen(
    world: World, google: FakeGoogle, provider: GooglePerson
) -> None:
    event = an_invitation(response=Response.NEEDS_ACTION, attendees=(Attendee(ALEX, Response.NEEDS_ACTION),))
    google.calendar.put(raw(event), hidden=True)
    a_clash(provider, event)
    world.look()
    assert situations(world) == [Situation.CONFLICT]


def test_a_calendar_of_taken_time_that_cannot_be_read_offers_no_time(
    world: World, google: FakeGoogle, provider: GooglePerson
) -> None:
    google.calendar.add_calendar(WORK)
    with_options(world, provider, busy_calendars=(WORK,))
    world.look()
    google.calendar.take_away(WORK)
    world.live(10 * MINUTE, step=MINUTE)
    a_clash(provider, an_arranged_interview(provider))
    world.look()
    assert world.draft().letter.slots == ()


def test_what_is_taken_at_work_is_not_offered(world: World, google: FakeGoogle, provider: GooglePerson) -> None:
    google.calendar.add_calendar(WORK)
    with_options(world, provider, busy_calendars=(WORK,))
    waiting = a_waiting_draft(world)
    slot = waiting.draft.letter.slots[0]
    google.calendar.put(raw(an_event(slot.start, 60, summary="Secret project")), WORK)
    world.look()
    draft = world.draft()
    assert draft.letter.slots
    assert not any(slot.overlaps(offered) for offered in draft.letter.slots)
    assert "Secret" not in str(draft)


def test_a_time_taken_at_work_after_the_click_is_not_sent(
    world: World, google: FakeGoogle, provider: GooglePerson
) -> None:
    google.calendar.add_calendar(WORK)
    with_options(world, provider, busy_calendars=(WORK,))
    waiting = a_waiting_draft(world)
    assert world.approve(waiting.draft).ok
    slot = waiting.draft.letter.slots[0]
    google.calendar.put(raw(an_event(slot.start, 60)), WORK)
    world.live(2 * MINUTE)
    back = world.again(waiting.draft)
    assert (back.state, slot in back.letter.slots, google.gmail.delivered) == (DraftState.WAITING, False, [])


# -- answers ---------------------------------------------------------------------------------------------------------


def test_an_interview_google_declined_for_an_absence_is_in_conflict_with_it(
    world: World, google: FakeGoogle, provider: GooglePerson
) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    google.calendar.out_of_office(event.start - HOUR, event.end + HOUR, "I am away.")
    world.look()
    assert situations(world) == [Situation.CONFLICT]
    assert world.draft()


def test_an_interview_the_person_declined_beside_an_absence_is_their_own_no(
    world: World, google: FakeGoogle, provider: GooglePerson
) -> None:
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    google.calendar.out_of_office(event.start - HOUR, event.end + HOUR, declines=False)
    google.calendar.answer(event.ref, Response.DECLINED)
    world.look()
    assert situations(world) == [Situation.DECLINED]


@pytest.mark.parametrize("intent", ["reschedule", "withdraw"])
def test_what_calwatch_answered_itself_opens_nothing(world: World, google: FakeGoogle, intent: str) -> None:
    world.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="decline", withdraw="decline")))
    waiting = a_waiting_draft(world)
    if intent == "withdraw":
        world.ask(RequestKind.EDIT, waiting.draft, intent=intent)
    assert world.approve(world.draft()).ok
    world.live(15 * MINUTE, step=MINUTE)
    assert [reply.response for reply in google.calendar.replies] == ["declined"]
    (case,) = world.store.cases.all()
    assert (case.state, world.store.drafts.open_drafts()) == (CaseState.SENT, [])


def test_a_new_start_that_took_the_answer_back_is_a_move(
    world: World, google: FakeGoogle, provider: GooglePerson
) -> None:
    event = an_arranged_interview(provider)
    later = event.start + timedelta(days=1)
    a_clash(provider, event, start=later)
    world.look()
    world.clock.advance(HOUR)
    google.calendar.move(event.ref, later)
    world.look()
    assert situations(world) == [Situation.MOVED]


def test_a_new_start_that_fits_raises_nothing(world: World, google: FakeGoogle, provider: GooglePerson) -> None:
    event = an_arranged_interview(provider)
    world.look()
    google.calendar.move(event.ref, event.start + timedelta(days=1))
    world.live(5 * MINUTE, step=MINUTE)
    assert [s for s in situations(world) if s is not Situation.MOVED] == []
    assert world.store.drafts.open_drafts() == []


@pytest.mark.parametrize(("seen", "raised"), [(True, [Situation.INTERVIEWER_DECLINED]), (False, [])])
def test_that_everybody_declined_follows_only_from_a_whole_list(
    world: World, google: FakeGoogle, provider: GooglePerson, seen: bool, raised: list[Situation]
) -> None:
    event = an_arranged_interview(provider)
    google.calendar.change(event.ref, guestsCanSeeOtherGuests=seen)
    world.look()
    google.calendar.guest_answers(event.ref, DANA.email, Response.DECLINED)
    world.look()
    assert situations(world) == raised


# -- reading anew, and a bad line ------------------------------------------------------------------------------------


def test_dead_tokens_in_the_middle_of_it_all_repeat_nothing(world: World, google: FakeGoogle, waiting: Waiting) -> None:
    world.live(2 * MINUTE, step=MINUTE)
    before, said = world.draft(), list(world.said)
    google.calendar.forget_tokens()
    google.gmail.kill_cursor()
    world.live(2 * MINUTE, step=MINUTE)
    assert (world.draft(), world.said, len(google.gmail.drafts)) == (before, said, 1)
    assert world.approve(world.draft()).ok
    google.calendar.forget_tokens()
    google.gmail.kill_cursor()
    world.live(5 * MINUTE)
    assert world.again(waiting.draft).state is DraftState.SENT
    assert (len(google.gmail.delivered), google.gmail.drafts, situations(world)) == (1, {}, [Situation.CONFLICT])


@pytest.mark.parametrize("seed", range(6))
def test_on_a_bad_line_one_mail_leaves_and_nothing_is_destroyed(
    world: World, google: FakeGoogle, provider: GooglePerson, seed: int
) -> None:
    mine = google.gmail.write("Hi Dana, thank you.", to=(DANA,), subject="Hello", date=NOW - timedelta(days=8))
    google.faults.reseed(seed, lose=0.05)
    world.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True))
    event = an_arranged_interview(provider)
    a_clash(provider, event)
    world.live(3 * MINUTE, step=MINUTE)
    assert world.approve(world.draft()).ok
    world.live(20 * MINUTE, step=MINUTE)
    assert [mail.by for mail in google.gmail.delivered] == ["person", "calwatch"]
    assert (google.gmail.destroyed, google.gmail.drafts, mine.ref in google.gmail.mails) == ([], {}, True)
    assert [reply.response for reply in google.calendar.replies] == ["tentative"]
    assert provider.calendar.titles().count("Busy") == 3
