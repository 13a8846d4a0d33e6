"""A letter that waited until calling is the better way."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from builders import ALEX, DANA, NOW, an_event
from calwatch.model.draft import Channel
from fakes.clock import ManualClock
from fakes.gmail_like import GmailLike
from worlds import World, an_arranged_interview

NUMBER = "+1 212 555 0134"


class Running(ManualClock):
    """As a real clock: no two looks at it see the same moment."""

    def now(self) -> datetime:
        return self.advance(timedelta(microseconds=1))


def a_clash(world: World, *, number: str = NUMBER, **when: Any) -> None:
    event = an_arranged_interview(world.provider, **when)
    signed = f"Hi Alex,\n\nlooking forward to it.\n\nBest\nDana Fox\nRecruiter, Acme\n{number}"
    world.provider.mail.receive(signed, sender=DANA, subject="Interview at Acme", date=NOW - timedelta(days=5))
    world.provider.calendar.add(an_event(event.start, 60, summary="Dentist", created=NOW))
    world.look()


def test_gets_the_phone_card_once_and_keeps_its_words(world: World) -> None:
    a_clash(world)
    early = world.draft()
    assert (early.letter.phone, early.letter.channel) == (None, Channel.EMAIL)
    world.clock.advance(early.respond_by - world.clock.now() + timedelta(minutes=5))
    world.look()
    late = world.draft()
    assert late.letter.phone is not None
    assert late.letter.phone.number.endswith("0134")
    assert (late.letter.channel, late.version) == (Channel.PHONE, early.version + 1)
    assert (late.letter.content, late.letter.slots) == (early.letter.content, early.letter.slots)
    world.live(timedelta(hours=2), step=timedelta(minutes=30))
    assert world.draft().version == late.version


def test_stays_as_it_is_when_they_gave_no_number(world: World) -> None:
    a_clash(world, number="")
    early = world.draft()
    world.clock.advance(early.respond_by - world.clock.now() + timedelta(minutes=5))
    world.look()
    assert world.draft().version == early.version


def test_one_written_when_it_is_late_already_has_the_card_from_the_start(tmp_path: Path) -> None:
    clock = Running()
    world = World(tmp_path / "state", GmailLike(ALEX, clock), clock)
    a_clash(world, start=NOW + timedelta(hours=3))
    letter = world.draft().letter
    world.stop()
    assert letter.phone is not None
    assert letter.channel is Channel.PHONE
