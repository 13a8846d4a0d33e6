"""Gmail and Google Calendar fail apart: while one is left alone, the other is watched."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fakes.google.server import Fault
from flow.google_world import google_for
from flow.program import eventually
from flow.remote_world import assert_discreet, first_look, state_is


def test_gmail_asking_for_patience_leaves_the_calendar_watched(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            world.google.faults.wait = timedelta(seconds=8)
            world.google.faults.plan("gmail.users.history.list", Fault.RATE_UNTIL)
            state_is(world, "degraded", service)
            before = world.asked()
            world.clash()
            eventually(lambda: "case 1 waits for its mailbox" in service.log, "the clash is not seen", service)
            (account,) = world.status()["accounts"]
            assert (account["state"], account["detail"].split(" until")[0]) == ("degraded", "Gmail is left alone")
            asked = world.asked() - before
            assert asked["calendar.events.list"] >= 1
            assert not [method for method in asked if method.startswith("gmail.")]
            state_is(world, "ok", service)
            assert world.asked()["gmail.users.history.list"] >= 2
            assert service.log.count("WARNING calwatch") == 2  # what Gmail said, and until when it is left alone
            service.stop()
        assert_discreet(world, service)
