"""What is over goes in time."""

from __future__ import annotations

from datetime import timedelta

from calwatch.model.case import CaseState, RequestKind
from worlds import World, a_clash, an_arranged_interview


def test_a_closed_case_is_kept_as_long_as_the_person_said_and_no_longer(world: World) -> None:
    event = an_arranged_interview(world.provider)
    a_clash(world.provider, event)
    world.look()
    world.ask(RequestKind.DISMISS, world.draft(), because="keep")
    world.pipeline.keep_house(timedelta(days=180))
    assert [case.state for case in world.store.cases.all()] == [CaseState.CLOSED]
    world.clock.advance(timedelta(days=181))
    world.pipeline.keep_house(timedelta(days=180))
    assert not world.store.cases.all()
