"""The running service on a Google account: what people do at Google is followed, and what fails there is survived."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from builders import ALEX, DANA
from fakes.google.server import Fault
from flow.google_world import TITLE, GoogleWorld, google_for
from flow.program import Service, eventually
from flow.world import own_words, text_of


def first_look(world: GoogleWorld, service: Service) -> None:
    eventually(lambda: "found, none needs you" in service.log, "no interview is found", service)


def drafted(world: GoogleWorld, service: Service) -> None:
    eventually(lambda: world.google.gmail.drafts, "no draft appears in Gmail", service)


def state_is(world: GoogleWorld, state: str, service: Service) -> None:
    eventually(lambda: world.health()["state"] == state, f"the account is not {state}", service)


def becomes(world: GoogleWorld, service: Service, **fields: Any) -> dict[str, Any]:
    """Draft 1 as soon as it has these fields."""

    def found() -> dict[str, Any] | None:
        draft = world.show(1)
        return draft if all(draft[name] == value for name, value in fields.items()) else None

    draft: dict[str, Any] = eventually(found, f"the draft never has {fields}", service, pause=0.5)
    return draft


def assert_discreet(world: GoogleWorld, service: Service) -> None:
    """The log names nobody, no appointment, and no secret of the sign-in."""
    oauth = world.google.oauth
    secrets = [*oauth.grants, *oauth.access, *oauth.codes, *oauth.clients.values(), *oauth.clients]
    for word in (ALEX.email, DANA.email, DANA.name, "Acme", TITLE, "Parents", *secrets):
        assert word not in service.log, word


def test_a_draft_edited_and_sent_in_gmail_is_followed(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            world.clash()
            drafted(world, service)
            text = text_of(world.draft_mail())
            changed = text.replace("Best regards,", "With my best regards,")
            world.google.gmail.edit_draft(world.mailbox_draft(), text=changed)
            draft = becomes(world, service, version=2)
            assert draft["touched"] is True
            assert own_words(draft["body"]) == own_words(changed)
            world.google.gmail.send_by_hand(world.mailbox_draft())
            becomes(world, service, state="sent")
            assert service.stop() < 2.0
        assert [own_words(text_of(mail)) for mail in world.sent()] == [own_words(changed)]
        assert world.asked()["gmail.users.drafts.send"] == 0
        assert_discreet(world, service)


def test_a_quiet_minute_costs_two_small_requests_a_pass(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            before = world.asked()
            done = before["calendar.events.list"] + 3
            eventually(lambda: world.asked()["calendar.events.list"] >= done, "it does not look again", service)
            service.stop()
        asked = world.asked() - before
        assert set(asked) == {"calendar.events.list", "gmail.users.history.list"}
        assert max(asked.values()) - min(asked.values()) <= 1
        assert all(seen.sent < 500 for seen in world.google.seen[-4:])


def test_a_sign_in_that_was_taken_back_is_said_once_and_healed_by_signing_in_again(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            world.google.oauth.revoke()
            state_is(world, "needs_sign_in", service)
            asked = len(world.google.seen)
            looked = world.health()["next_sync"]
            eventually(lambda: world.health()["next_sync"] > looked, "it gives up", service)
            time.sleep(1.5)  # one more pass, for nothing must happen in it
            assert len(world.google.seen) == asked
            (account,) = world.status()["accounts"]
            assert account["state"] == "needs_sign_in"
            assert "run: calwatch auth personal" in account["detail"]
            told = [line for line in service.log.splitlines() if "calwatch.notify" in line]
            assert len(told) == 2, service.log  # the first message, and this
            assert "sign" in told[1]

            said = world.auth()
            assert "The running service takes it up now." in said.out
            state_is(world, "ok", service)
            world.clash()
            drafted(world, service)
            service.stop()
        assert_discreet(world, service)


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


def test_broken_answers_are_survived_and_nothing_is_lost(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            faults = world.google.faults
            faults.plan("calendar.events.list", Fault.HTML_502, Fault.UNDONE, Fault.TRUNCATED, Fault.BROKEN_OFF)
            faults.plan("gmail.users.history.list", Fault.DOWN, Fault.LOST)
            world.clash()
            state_is(world, "degraded", service)
            assert not world.google.gmail.drafts
            state_is(world, "ok", service)
            drafted(world, service)
            assert faults.pending() == {}
            service.stop()
        assert_discreet(world, service)
