"""What the numbers for Prometheus count: readings of accounts, and how sending each letter ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import DANA
from calwatch.model.case import DraftState
from fakes.faults import Answer
from worlds import Waiting, World

MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.in_memory


def counted(world: World, what: str) -> dict[str, int]:
    return {name: n for name, n in world.pipeline.parts.tallies.items() if name.startswith(what)}


def test_a_day_in_the_life(world: World, waiting: Waiting) -> None:
    world.pipeline.parts.tallies.clear()
    world.live(10 * MINUTE, step=MINUTE)
    world.provider.mail.faults.plan("changes", Answer.DOWN)  # of the calendar's reading
    world.live(MINUTE, step=MINUTE)
    assert counted(world, "poll:") == {"poll:complete": 10, "poll:partial": 1}
    assert counted(world, "send:") == {}
    assert world.approve(world.draft()).ok
    world.live(5 * MINUTE)
    assert world.again(waiting.draft).state is DraftState.SENT
    assert counted(world, "send:") == {"send:accepted": 1}
    world.live(timedelta(hours=23), step=timedelta(hours=1))
    assert counted(world, "send:") == {"send:accepted": 1}
    assert counted(world, "poll:")["poll:partial"] == 1


@pytest.mark.parametrize(
    ("answer", "sends"),
    [
        (Answer.REFUSED, {"send:refused": 1}),
        (Answer.DOWN, {"send:unsent": 1, "send:accepted": 1}),
        (Answer.UNDONE, {"send:unsent": 1, "send:accepted": 1}),
        (Answer.LOST, {"send:found": 1}),
    ],
    ids=lambda value: value.value if isinstance(value, Answer) else "",
)
def test_however_an_attempt_ends_it_is_counted(
    world: World, waiting: Waiting, answer: Answer, sends: dict[str, int]
) -> None:
    world.provider.mail.faults.plan("send_draft", answer)
    assert world.approve(waiting.draft).ok
    world.live(15 * MINUTE)
    assert counted(world, "send:") == sends


def test_a_doubt_and_the_copy_that_ends_it_are_counted(world: World, waiting: Waiting) -> None:
    mail = world.provider.mail
    mail.lag_calls, mail.lag_seconds = 100_000, timedelta(hours=1).total_seconds()
    mail.faults.plan("send_draft", Answer.LOST)
    assert world.approve(waiting.draft).ok
    world.live(20 * MINUTE)
    assert counted(world, "send:") == {"send:doubt": 1}
    mail.settle()
    world.live(MINUTE)
    assert counted(world, "send:") == {"send:doubt": 1, "send:found": 1}


def test_a_letter_sent_by_hand_is_counted(world: World, waiting: Waiting) -> None:
    (ref,) = world.provider.mail.drafts
    world.provider.mail.edit_draft(ref, to=(DANA,), text="Hi Dana, in my own words.")
    world.provider.mail.send_by_hand(ref)
    world.live(10 * MINUTE, step=MINUTE)
    assert counted(world, "send:") == {"send:by_hand": 1}


def test_a_letter_thrown_away_was_no_sending(world: World, waiting: Waiting) -> None:
    (ref,) = world.provider.mail.drafts
    world.provider.mail.discard_by_hand(ref)
    world.live(10 * MINUTE, step=MINUTE)
    assert world.again(waiting.draft).state is DraftState.DISMISSED
    assert counted(world, "send:") == {}
