"""Signing in to Google from the command line; an account whose sign-in is missing, partial, or for busy time only."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from fakes.google.server import ROOT
from flow.google_world import GoogleWorld, google_for


def scopes_asked(world: GoogleWorld) -> set[str]:
    return {scope.removeprefix(ROOT) for scope in world.google.oauth.consents[-1]["scope"].split()}


def test_without_a_sign_in_everything_says_how_to_get_one_and_google_is_asked_nothing(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        missing = world.calwatch("check", code=1).out
        assert "not signed in to Google; run: calwatch auth personal" in missing
        (account,) = world.status()["accounts"]
        assert (account["state"], account["last_sync"]) == ("needs_sign_in", None)
        assert account["detail"] == "not signed in to Google; run: calwatch auth personal"
        for _ in range(2):  # who looks again is told again
            assert "calwatch auth personal" in world.look(code=4).err
        (account,) = world.status()["accounts"]
        assert account["state"] == "needs_sign_in"
        assert "run: calwatch auth personal" in account["detail"]
        assert world.google.seen == []


def test_signing_in_by_the_browser_stores_a_sign_in_for_the_person_alone(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        said = world.auth()
        assert "signed in as alex.rivera@example.com" in said.out
        assert "reading your mail" in said.out
        # Answering invitations is configured, other people's calendars are not.
        assert scopes_asked(world) == {"calendar.events.owned", "gmail.readonly", "gmail.compose"}
        assert stat.S_IMODE(world.token_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(world.token_file.parent.stat().st_mode) == 0o700
        kept = json.loads(world.token_file.read_text("utf-8"))
        assert not any(kept[key] in said.out + said.err for key in ("token", "refresh_token", "client_secret"))
        found = {(c["what"], c["result"]) for c in world.calwatch("check", "--json").json}
        assert ("account personal: sign-in", "ok") in found
        assert ("account personal: sign-in", "warning") in found  # it may end after seven days
        assert ("account personal: calendar primary", "ok") in found
        assert ("account personal: mail", "ok") in found
        assert "Testing" in world.calwatch("check").out
        assert world.look().code == 0


def test_a_box_that_was_unticked_is_named_and_the_rest_works(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.google.oauth.unticked = frozenset({ROOT + "calendar.events.owned"})
        refused = world.auth(code=4)
        assert "reading your appointments" in refused.err
        assert "leave every box ticked" in refused.err
        assert not world.token_file.exists()

        world.google.oauth.unticked = frozenset({ROOT + "gmail.compose"})
        said = world.auth()
        assert "keeping drafts in your mailbox and sending them when you approve was not allowed" in said.err
        warnings = [c["detail"] for c in world.calwatch("check", "--json").json if c["result"] == "warning"]
        assert any("keeping drafts in your mailbox" in detail for detail in warnings)
        world.acme()
        world.clash()
        world.look()
        assert world.draft()["situation"] == "conflict"  # the letter is there, though not in Gmail
        assert world.asked()["gmail.users.drafts.create"] == 0


def test_an_account_for_busy_time_is_asked_for_nothing_else_and_keeps_no_titles(tmp_path: Path) -> None:
    with google_for(tmp_path, account='use = "busy"') as world:
        world.acme()
        said = world.auth()
        assert scopes_asked(world) == {"calendar.freebusy"}
        assert "seeing when your calendars are busy" in said.out
        world.look()
        assert set(world.asked()) <= {"oauth.authorize", "oauth.token", "calendar.freebusy.query"}
        assert world.drafts() == []
        kept = b"".join(path.read_bytes() for path in world.state.rglob("*") if path.is_file())
        assert b"Acme" not in kept
        assert b"dana" not in kept
        assert any("sightings" in row and "primary" in row for row in world.rows())  # the hour itself is known
