"""Signing in to Microsoft from the command line; accounts whose sign-in is missing, refused, or for busy time only."""

from __future__ import annotations

import itertools
import json
import signal
import stat
import subprocess
from pathlib import Path

import requests

from flow.outlook_world import OutlookWorld, outlook_for


def scopes_asked(world: OutlookWorld) -> set[str]:
    """Without what msal adds by itself."""
    return set(world.microsoft.identity.asked[-1]["scope"].split()) - {"openid", "profile", "offline_access"}


def test_without_a_sign_in_everything_says_how_to_get_one_and_microsoft_is_asked_nothing(tmp_path: Path) -> None:
    with outlook_for(tmp_path) as world:
        assert "not signed in to Microsoft; run: calwatch auth personal" in world.calwatch("check", code=1).out
        assert world.status()["accounts"][0]["state"] == "needs_sign_in"
        assert "calwatch auth personal" in world.look(code=4).err
        assert world.microsoft.seen == []


def test_a_code_typed_elsewhere_stores_a_sign_in_for_the_person_alone(tmp_path: Path) -> None:
    with outlook_for(tmp_path) as world:
        world.microsoft.identity.told.extend(["pending", "slow_down"])
        said = world.auth()
        assert "https://www.microsoft.com/link" in said.out
        assert "signed in as alex.rivera@example.com" in said.out
        assert "reading your mail" in said.out
        assert scopes_asked(world) == {"User.Read", "Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send"}
        polls = world.microsoft.identity.polls
        waits = [(later - sooner).total_seconds() for sooner, later in itertools.pairwise(polls)]
        assert [wait >= least for wait, least in zip(waits, (1, 6), strict=True)] == [True, True]
        assert stat.S_IMODE(world.token_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(world.token_file.parent.stat().st_mode) == 0o700
        kept = world.token_file.read_text("utf-8")
        assert not any(token in said.out + said.err for token in (*world.microsoft.identity.access, "fake-refresh"))
        found = {(c["what"], c["result"]) for c in world.calwatch("check", "--json").json}
        assert ("account personal: calendar primary", "ok") in found
        assert ("account personal: mail", "ok") in found
        assert world.look().code == 0
        assert json.loads(world.token_file.read_text("utf-8"))["email"] == json.loads(kept)["email"]


def test_drafts_only_is_never_asked_for_sending_nor_without_answers_for_writing(tmp_path: Path) -> None:
    more = '[replies]\ndelivery = "drafts"\nrsvp = { reschedule = "none", withdraw = "none" }\n'
    with outlook_for(tmp_path, more=more) as world:
        said = world.auth()
        assert scopes_asked(world) == {"User.Read", "Calendars.Read", "Mail.ReadWrite"}
        assert "sending" not in said.out


def test_an_account_for_busy_time_is_asked_for_nothing_else_and_keeps_no_titles(tmp_path: Path) -> None:
    with outlook_for(tmp_path, account='use = "busy"') as world:
        world.acme()
        said = world.auth()
        assert scopes_asked(world) == {"User.Read", "Calendars.ReadBasic"}
        assert "seeing when your calendars are busy" in said.out
        world.look()
        graph = {operation for operation in world.asked() if not operation.startswith("identity.")}
        assert graph <= {"me", "calendarView.delta", "calendarView"}
        assert world.drafts() == []
        kept = b"".join(path.read_bytes() for path in world.state.rglob("*") if path.is_file())
        assert b"Acme" not in kept
        assert b"dana" not in kept
        assert any("sightings" in row and "primary" in row for row in world.rows())


def test_where_an_administrator_must_agree_the_address_for_them_is_shown(tmp_path: Path) -> None:
    with outlook_for(tmp_path, account='tenant = "organizations"') as world:
        identity = world.microsoft.identity
        identity.kind = "work"
        identity.refuse("invalid_grant", 65001, "The user or administrator has not consented.", "consent_required")
        refused = world.auth(code=4)
        assert "Its administrator may see" in " ".join((refused.out + refused.err).split())
        assert f"{world.microsoft.authority}/example.com/adminconsent?client_id=" in refused.err
        assert not world.token_file.exists()


def test_a_no_or_another_account_stores_nothing(tmp_path: Path) -> None:
    with outlook_for(tmp_path) as world:
        world.microsoft.identity.declines = True
        world.auth(code=4)
        world.microsoft.identity.declines = False
        world.microsoft.identity.address = "somebody@else.example"
        refused = world.auth(code=4)
        assert "somebody@else.example" in refused.err
        assert not world.token_file.exists()


def test_breaking_off_leaves_nothing(tmp_path: Path) -> None:
    with outlook_for(tmp_path) as world:
        world.microsoft.identity.types_codes = False
        with subprocess.Popen(
            world.words("auth", "personal"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=world.environment,
            cwd=world.folder,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if b"Ctrl-C breaks off" in line:
                    break
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        assert process.returncode == 130
        assert b"Traceback" not in err
        assert not world.token_file.exists()


def test_signing_in_by_the_browser_of_this_machine(tmp_path: Path) -> None:
    with outlook_for(tmp_path, account='sign_in = "browser"') as world:
        with subprocess.Popen(
            world.words("auth", "personal", "--no-browser"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=world.environment,
            cwd=world.folder,
        ) as process:
            assert process.stdout is not None
            address = next(line.decode().strip() for line in process.stdout if line.startswith(b"https://"))
            with requests.Session() as browser:
                browser.trust_env = False
                browser.verify = str(world.microsoft.ca_file(world.folder))
                page = browser.get(address, timeout=10)
            assert "You can close this page" in page.text
            out, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
        assert b"signed in as alex.rivera@example.com" in out
        assert "code_challenge=" in address
        assert world.look().code == 0


def test_a_certificate_that_is_not_trusted_is_named(tmp_path: Path) -> None:
    with outlook_for(tmp_path) as world:
        untrusting = {name: value for name, value in world.environment.items() if name != "SSL_CERT_FILE"}
        done = subprocess.run(
            world.words("auth", "personal"),
            stdin=subprocess.DEVNULL,
            env=untrusting,
            cwd=world.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 75
        assert "set SSL_CERT_FILE" in done.stderr
        assert "Traceback" not in done.stderr
