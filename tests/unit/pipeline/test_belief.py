"""A forged invitation moves nothing, cancels nothing and makes nobody a recipient."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import DANA, NOW, at
from calwatch.model.event import Event, Person
from calwatch.model.message import Invitation, Method
from worlds import World, a_clash, an_arranged_interview

EVE = Person("eve@elsewhere.example", "Eve")
GREENHOUSE = Person("no-reply@us.greenhouse-mail.io", "Acme")
SAM = Person("sam@mail.acme.example", "Sam Ortega")


def mailed(world: World, sender: Person, event: Event, method: Method = Method.REQUEST) -> None:
    invitation = Invitation(method=method, items=(event,))
    world.provider.mail.receive("x", sender=sender, subject="Updated", invitations=(invitation,), automatic=True)
    world.look()


def forged(event: Event, organizer: Person | None = EVE) -> Event:
    return replace(
        event,
        start=at("2026-05-06 13:00"),
        end=at("2026-05-06 14:00"),
        attendees=(),
        sequence=99,
        dtstamp=NOW + timedelta(hours=1),
        organizer=organizer,
    )


def booked(world: World) -> Event:
    (found,) = world.store.bookings.interviews(NOW, NOW + timedelta(days=60))
    return found[0].event


@pytest.mark.parametrize("organizer", [EVE, DANA], ids=["their own organizer", "the real organizer's name"])
def test_a_stranger_s_request_moves_nothing_and_is_named(world: World, organizer: Person) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    mailed(world, EVE, forged(event, organizer))
    assert (booked(world).start, booked(world).organizer) == (event.start, DANA)
    (entry,) = world.store.quarantine.all()
    assert "eve@elsewhere.example" in entry.reason


def test_a_stranger_s_cancel_cancels_nothing(world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    mailed(world, EVE, forged(event), Method.CANCEL)
    assert booked(world).status.value == "confirmed"
    assert not world.store.drafts.open_drafts()


def test_the_letter_about_a_clash_goes_to_those_who_arranged_it(world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    mailed(world, EVE, forged(event))
    a_clash(world.provider, event)
    world.look()
    assert [person.email for person in world.draft().letter.content.to] == [DANA.email]


@pytest.mark.parametrize(
    "sender", [DANA, SAM, GREENHOUSE], ids=["the organizer", "a colleague of theirs", "their system"]
)
def test_the_side_that_arranged_it_may_move_it(world: World, sender: Person) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    mailed(world, sender, forged(event, DANA))
    assert booked(world).start == at("2026-05-06 13:00")


def test_a_scheduler_nobody_knows_may_repeat_what_is_known_and_gets_no_voice_by_it(world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    scheduler = Person("no-reply@scheduling.example", "Dana Fox via Scheduling")
    mailed(world, scheduler, event)
    assert not world.store.quarantine.all()
    mailed(world, scheduler, forged(event, DANA))
    assert booked(world).start == event.start
    assert len(world.store.quarantine.all()) == 1
