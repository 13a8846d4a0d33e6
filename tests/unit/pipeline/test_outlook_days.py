"""Days with Outlook as it really is: what vanishes without a word, what comes back, and what the line loses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from builders import DANA, NOW, an_event, an_invitation
from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.model.case import CaseState, DraftState, RequestKind, Situation
from calwatch.model.event import Response, Series
from calwatch.model.span import Span
from fakes.microsoft.calendar_manners import Lost
from fakes.microsoft.person import OutlookPerson
from fakes.microsoft.server import FakeMicrosoft, Fault
from worlds import Waiting, World, a_clash, a_waiting_draft, an_arranged_interview

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def provider(outlook_person: OutlookPerson) -> OutlookPerson:
    return outlook_person


def with_options(world: World, person: OutlookPerson, **fields: object) -> None:
    """Alex writes something into the account's table and starts calwatch again."""
    world.stop()
    world.provider = OutlookPerson(person.microsoft, world.clock, person.folder, **fields)
    world.start()


def situations(world: World) -> list[Situation]:
    return [case.situation for case in world.store.cases.all()]


def starts(world: World) -> list[datetime]:
    """When the bookings stand."""
    return sorted(b.event.start for b in world.store.bookings.overlapping(Span(NOW, NOW + timedelta(days=60))))


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


# -- what becomes of an appointment ----------------------------------------------------------------------------------


@pytest.mark.parametrize("preserved", [False, True], ids=["leaves the calendar", "stays there"])
def test_the_persons_own_no_is_one_trouble_whether_the_event_stays_or_not(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, preserved: bool
) -> None:
    microsoft.calendar.preserve_declined = preserved
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.answer(event.ref, Response.DECLINED)
    world.live(5 * MINUTE, step=MINUTE)
    assert situations(world) == [Situation.DECLINED]
    assert world.store.questions.open_questions() == []
    assert world.draft()


@pytest.mark.parametrize("new_id", [False, True], ids=["the same id", "a new id"])
def test_what_was_declined_and_comes_back_by_the_organizers_update_is_no_longer_declined(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, new_id: bool
) -> None:
    microsoft.calendar.returns_with_new_id = new_id
    event = an_arranged_interview(provider)
    world.look()
    world.clock.advance(HOUR)
    microsoft.calendar.answer(event.ref, Response.DECLINED)
    world.live(5 * MINUTE, step=MINUTE)
    world.clock.advance(HOUR)
    microsoft.calendar.move(event.ref, event.start + 2 * DAY)
    world.live(5 * MINUTE, step=MINUTE)
    assert starts(world) == [event.start + 2 * DAY]
    assert Situation.REMOVED not in situations(world)
    assert not [draft for draft in world.store.drafts.open_drafts() if draft.letter.slots]


def test_one_occurrence_removed_leaves_the_others(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson
) -> None:
    times = weekly(provider)
    world.look()
    microsoft.calendar.remove(microsoft.calendar.occurrence("loop", times[1]))
    world.live(2 * MINUTE, step=MINUTE)
    (asked,) = world.store.questions.open_questions()
    assert asked.kind == "removed"
    assert [c.start for c in world.store.cases.open_cases()] == [times[1]]


def test_one_occurrence_moved_onto_a_taken_hour_is_the_only_trouble(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson
) -> None:
    times = weekly(provider)
    provider.calendar.add(an_event(times[1] + 3 * HOUR, 60, summary="Dentist", created=NOW))
    world.look()
    microsoft.calendar.move(microsoft.calendar.occurrence("loop", times[1]), times[1] + 3 * HOUR)
    world.live(2 * MINUTE, step=MINUTE)
    (case,) = world.store.cases.all()
    assert case.start == times[1] + 3 * HOUR
    assert world.draft()


def test_a_series_moved_by_an_hour_is_moved_and_not_removed(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson
) -> None:
    times = weekly(provider)
    world.look()
    microsoft.calendar.move("loop", times[0] + HOUR)
    world.live(5 * MINUTE, step=MINUTE)
    assert starts(world) == [time + HOUR for time in times]
    assert (situations(world), world.store.questions.open_questions()) == ([], [])


# -- reading anew ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", list(Lost), ids=lambda lost: lost.name)
def test_lost_links_in_the_middle_of_it_all_repeat_nothing(
    world: World, microsoft: FakeMicrosoft, waiting: Waiting, lost: Lost
) -> None:
    world.live(2 * MINUTE, step=MINUTE)
    before, said = world.draft(), list(world.said)
    microsoft.mail.lost = lost
    microsoft.calendar.forget_tokens(lost)
    microsoft.mail.kill_cursor()
    world.live(3 * MINUTE, step=MINUTE)
    assert (world.draft(), world.said, len(microsoft.mail.drafts)) == (before, said, 1)
    assert world.approve(world.draft()).ok
    microsoft.calendar.forget_tokens(lost)
    microsoft.mail.kill_cursor()
    world.live(15 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.SENT
    assert [mail.by for mail in microsoft.mail.delivered] == ["calwatch"]
    assert situations(world) == [Situation.CONFLICT]


def test_three_days_in_which_nothing_happens_tell_nothing(world: World, provider: OutlookPerson) -> None:
    weekly(provider)
    an_arranged_interview(provider)
    world.look()
    said = list(world.said)
    world.live(3 * DAY, step=3 * HOUR)
    assert (world.said, situations(world), world.store.questions.open_questions()) == (said, [], [])


def test_a_clash_no_delta_told_of_is_found_within_a_day(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson
) -> None:
    event = an_arranged_interview(provider, "2026-05-19 13:00")
    world.look()
    microsoft.calendar.drop_change(a_clash(provider, event))
    world.live(HOUR, step=10 * MINUTE)
    assert situations(world) == []
    world.live(DAY + HOUR, step=HOUR)
    assert situations(world) == [Situation.CONFLICT]


# -- the letter ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", ["owa", "classic"])
def test_a_letter_sent_by_hand_is_seen_whatever_became_of_its_ids(
    world: World, microsoft: FakeMicrosoft, waiting: Waiting, client: str
) -> None:
    assert waiting.draft.stored is not None
    microsoft.mail.send_by_hand(waiting.draft.stored.ref, client)  # type: ignore[arg-type]  # one of the two
    world.live(15 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.SENT
    assert [mail.by for mail in microsoft.mail.delivered] == ["person"]
    assert not microsoft.mail.drafts


def test_a_letter_thrown_away_in_outlook_is_not_written_again(
    world: World, microsoft: FakeMicrosoft, waiting: Waiting
) -> None:
    assert waiting.draft.stored is not None
    microsoft.mail.discard_by_hand(waiting.draft.stored.ref)
    world.live(HOUR, step=5 * MINUTE)
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    assert not microsoft.mail.drafts
    world.live(DAY, step=3 * HOUR)
    assert (len(world.store.drafts.all()), microsoft.mail.delivered) == (1, [])


@pytest.mark.parametrize("intent", ["reschedule", "withdraw"])
def test_what_calwatch_answered_itself_opens_nothing(world: World, microsoft: FakeMicrosoft, intent: str) -> None:
    world.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="decline", withdraw="decline")))
    waiting = a_waiting_draft(world)
    if intent == "withdraw":
        world.ask(RequestKind.EDIT, waiting.draft, intent=intent)
    slots = world.draft().letter.slots
    assert world.approve(world.draft()).ok
    world.live(15 * MINUTE, step=MINUTE)
    (reply,) = microsoft.calendar.replies
    assert (reply.response, reply.sent) == ("declined", True)
    assert bool(reply.comment) is True
    assert bool(reply.proposal) is (intent == "reschedule" and bool(slots))
    (case,) = world.store.cases.all()
    assert (case.state, world.store.drafts.open_drafts()) == (CaseState.SENT, [])


@pytest.mark.parametrize("curly", [False, True], ids=["'", "’"])
@pytest.mark.parametrize(
    ("refused", "sent", "carries"),
    [({"responseRequested": False}, False, False), ({"allowNewTimeProposals": False}, True, False)],
    ids=["no answer wanted", "no proposals wanted"],
)
def test_an_answer_carries_only_what_the_organizer_wants(
    world: World, microsoft: FakeMicrosoft, refused: dict[str, bool], sent: bool, carries: bool, curly: bool
) -> None:
    microsoft.calendar.curly_apostrophe = curly
    world.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative")))
    waiting = a_waiting_draft(world)
    microsoft.calendar.edit(waiting.event.ref, **refused)
    world.live(2 * MINUTE, step=MINUTE)
    assert world.approve(world.draft()).ok
    world.live(10 * MINUTE, step=MINUTE)
    (reply,) = microsoft.calendar.replies
    assert (reply.response, reply.sent, bool(reply.proposal)) == ("tentativelyAccepted", sent, carries)


# -- a calendar that is only taken time, and a bad line --------------------------------------------------------------


def test_what_is_taken_in_a_calendar_named_for_it_is_not_offered_and_not_named(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson
) -> None:
    family = microsoft.calendar.add_calendar("Family")
    with_options(world, provider, busy_calendars=("Family",))
    waiting = a_waiting_draft(world)
    slot = waiting.draft.letter.slots[0]
    microsoft.calendar.add(slot.start, "Secret party", Response.OWN, calendar=family)
    world.look()
    draft = world.draft()
    assert draft.letter.slots
    assert not any(slot.overlaps(offered) for offered in draft.letter.slots)
    assert "Secret" not in str(draft)
    assert not [b for b in world.store.bookings.overlapping(slot) if "Secret" in b.event.summary]


@pytest.mark.parametrize("seed", range(3))
def test_on_a_bad_line_one_mail_leaves_and_nothing_is_destroyed(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, seed: int
) -> None:
    mine = microsoft.mail.write("Hi Dana, thank you.", to=(DANA,), subject="Hello", date=NOW - timedelta(days=8))
    microsoft.faults.reseed(seed, lose=0.05)
    world.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True))
    a_clash(provider, an_arranged_interview(provider))
    world.live(3 * MINUTE, step=MINUTE)
    assert world.approve(world.draft()).ok
    world.live(25 * MINUTE, step=MINUTE)
    assert [mail.by for mail in microsoft.mail.delivered] == ["person", "calwatch"]
    assert (microsoft.mail.drafts, mine.ref in microsoft.mail.mails) == ({}, True)
    assert [reply.response for reply in microsoft.calendar.replies] == ["tentativelyAccepted"]
    assert provider.calendar.titles().count("Busy") == 3


@pytest.mark.parametrize("worded", ["seconds", "fraction", "date", "absent"])
@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.CONCURRENCY])
def test_asked_to_wait_it_waits_and_then_goes_on(
    world: World, microsoft: FakeMicrosoft, provider: OutlookPerson, worded: str, fault: Fault
) -> None:
    event = an_arranged_interview(provider)
    world.look()
    a_clash(provider, event)
    microsoft.faults.wait = timedelta(seconds=90)
    microsoft.faults.retry_after = worded  # type: ignore[assignment]  # one of the four
    microsoft.faults.plan("calendarView.delta", fault)
    asked = len(microsoft.seen)
    world.look()
    if worded != "absent":
        assert len(microsoft.seen) == asked + 1  # for the whole mailbox
    world.live(5 * MINUTE, step=20 * timedelta(seconds=1))
    assert situations(world) == [Situation.CONFLICT]


def test_a_sign_in_taken_back_is_said_once_and_nothing_is_forgotten(
    world: World, microsoft: FakeMicrosoft, waiting: Waiting
) -> None:
    before, said = world.draft(), len(world.said)
    microsoft.identity.revoke()
    world.live(2 * HOUR, step=10 * MINUTE)
    asked = len(microsoft.seen)
    world.live(HOUR, step=10 * MINUTE)
    assert len(microsoft.seen) == asked  # nobody is asked any more
    assert len([notice for notice in world.said[said:] if "sign" in f"{notice.title}{notice.body}".lower()]) == 1
    assert world.draft() == before
