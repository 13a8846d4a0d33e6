"""A sign-in lives in its file: renewed and kept there, healed from there, and never asked about in vain."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calwatch.errors import NeedsSignIn, Retry, Stop
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.scopes import Feature
from calwatch.providers.google.sign_in import token_file
from fakes.google.oauth import CLIENT_ID
from fakes.google.server import ROOT, Fault
from unit.providers.google.conftest import Line

EVENTS, TOKEN = "calendar.events.list", "oauth.token"


def read(connection: Connection) -> Any:
    return connection.read(connection.calendar.events().list(calendarId="primary"))


def stored(line: Line) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line.token.read_bytes())
    return found


def rewritten(line: Line, **fields: Any) -> None:
    line.token.write_text(json.dumps(stored(line) | fields), encoding="utf-8")


def test_a_token_that_lasts_is_used_without_asking_for_another(signed_in: Line) -> None:
    read(signed_in.open())
    assert signed_in.asked(TOKEN) == 0


def test_a_token_near_its_end_is_renewed_before_it_is_refused_and_the_new_one_is_kept(signed_in: Line) -> None:
    before = stored(signed_in)
    signed_in.clock.advance(timedelta(minutes=57))
    read(signed_in.open())
    after = stored(signed_in)
    assert after["token"] != before["token"]
    assert after["refresh_token"] == before["refresh_token"]
    assert datetime.fromisoformat(after["expiry"]) == signed_in.clock.now() + timedelta(seconds=3599)
    assert {s.status for s in signed_in.google.seen if s.method_id == EVENTS} == {200}
    read(signed_in.open())  # as another process
    assert signed_in.asked(TOKEN) == 1


def test_a_new_refresh_token_is_kept(signed_in: Line) -> None:
    signed_in.google.oauth.rotates = True
    connection = signed_in.open()
    for _ in range(3):
        signed_in.clock.advance(timedelta(hours=1))
        read(connection)
    assert stored(signed_in)["refresh_token"] in signed_in.google.oauth.grants
    assert signed_in.asked(TOKEN) == 3


def test_what_the_file_knows_of_the_person_survives_renewing(signed_in: Line) -> None:
    before = stored(signed_in)
    signed_in.clock.advance(timedelta(hours=2))
    read(signed_in.open())
    after = stored(signed_in)
    assert after["email"] == before["email"]
    assert datetime.fromisoformat(after["signed_in"]) == datetime.fromisoformat(before["signed_in"])
    assert sorted(after["granted_scopes"]) == sorted(before["granted_scopes"])


def test_nobody_else_can_read_the_sign_in_at_any_moment(signed_in: Line) -> None:
    signed_in.token.chmod(0o644)
    signed_in.clock.advance(timedelta(hours=2))
    read(signed_in.open())
    assert signed_in.token.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in signed_in.token.parent.iterdir() if p.suffix == ".tmp"] == []


def test_the_client_files_token_address_is_asked_whatever_the_token_file_says(signed_in: Line) -> None:
    rewritten(signed_in, token_uri="https://oauth2.googleapis.com/token", token="")
    assert read(signed_in.open())["kind"] == "calendar#events"


def test_a_file_that_changed_while_renewing_wins(signed_in: Line, tmp_path: Path) -> None:
    other = signed_in.google.sign_in(tmp_path / "other", "google")
    asked_while = signed_in.google.oauth.token
    theirs = json.loads(other.read_bytes())["refresh_token"]

    def meanwhile(form: dict[str, str]) -> Any:
        shutil.copy(other, signed_in.token)
        return asked_while(form)

    signed_in.google.oauth.token = meanwhile  # type: ignore[method-assign]  # the fake's server is interrupted here
    signed_in.google.oauth.expire_access()
    connection = signed_in.open()
    read(connection)
    assert stored(signed_in)["refresh_token"] == theirs


def test_without_a_sign_in_nothing_is_asked_and_the_command_is_named(line: Line) -> None:
    with pytest.raises(NeedsSignIn, match="run: calwatch auth google"):
        read(line.open())
    assert line.google.seen == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"refresh_token": 5}', "[" * 100000, "\xff"])
def test_a_token_file_that_is_none_is_no_sign_in(line: Line, text: str) -> None:
    line.token.parent.mkdir(parents=True)
    line.token.write_text(text, encoding="latin-1")
    with pytest.raises(NeedsSignIn):
        read(line.open())
    assert line.google.seen == []


def test_a_revoked_sign_in_is_told_once_to_google_and_heals_when_the_person_signs_in_again(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.google.oauth.revoke()
    for _ in range(3):
        with pytest.raises(NeedsSignIn, match="calwatch auth google"):
            read(connection)
    asked = len(signed_in.google.seen)
    assert signed_in.asked(TOKEN) == 1
    with pytest.raises(NeedsSignIn):
        connection.write(connection.calendar.events().delete(calendarId="primary", eventId="x"))
    assert len(signed_in.google.seen) == asked
    signed_in.sign_in()
    assert read(connection)["kind"] == "calendar#events"


def test_a_consent_to_a_project_in_testing_dies_after_seven_days(signed_in: Line) -> None:
    signed_in.google.oauth.testing = True
    connection = signed_in.open()
    signed_in.clock.advance(timedelta(days=6))
    read(connection)
    signed_in.clock.advance(timedelta(days=1))
    with pytest.raises(NeedsSignIn, match="seven days"):
        read(connection)


def test_an_organization_that_wants_a_new_sign_in_is_named(signed_in: Line) -> None:
    signed_in.google.oauth.revoke()
    signed_in.google.oauth.subtype = "invalid_rapt"
    with pytest.raises(NeedsSignIn, match="your organization wants you to sign in again"):
        read(signed_in.open())


def test_a_sign_in_of_another_client_is_not_tried(signed_in: Line) -> None:
    account = signed_in.account()
    signed_in.google.client_file(signed_in.folder, "another-client")
    with pytest.raises(NeedsSignIn, match="another client"):
        read(Connection(account, signed_in.around()))
    assert signed_in.google.seen == []


def test_a_sign_in_of_another_account_is_not_used_for_the_one_configured_now(signed_in: Line) -> None:
    with pytest.raises(NeedsSignIn, match=r"signed in as .*, and other@rivera\.example is configured"):
        read(Connection(signed_in.account(email="other@rivera.example"), signed_in.around()))
    assert signed_in.google.seen == []


def test_a_client_google_no_longer_knows_is_asked_for_once_and_heals_with_a_new_file(signed_in: Line) -> None:
    connection = signed_in.open()
    secret = signed_in.google.oauth.clients.pop(CLIENT_ID)
    signed_in.google.oauth.expire_access()
    for _ in range(3):
        with pytest.raises(Stop, match="does not know the client"):
            read(connection)
    assert signed_in.asked(TOKEN) == 1
    signed_in.google.oauth.clients[CLIENT_ID] = secret
    signed_in.google.client_file(signed_in.folder)
    assert read(connection)["kind"] == "calendar#events"


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.HTML_502, Fault.LOST, Fault.TRUNCATED, Fault.TOO_MANY])
def test_a_sign_in_that_cannot_be_renewed_at_the_moment_is_tried_again(signed_in: Line, fault: Fault) -> None:
    rewritten(signed_in, token="")
    signed_in.google.faults.plan(TOKEN, fault)
    assert read(signed_in.open())["kind"] == "calendar#events"
    assert signed_in.asked(TOKEN) == 2


def test_a_write_that_has_no_token_has_done_nothing(signed_in: Line) -> None:
    rewritten(signed_in, token="")
    signed_in.google.faults.plan(TOKEN, Fault.DOWN)
    connection = signed_in.open()
    with pytest.raises(Retry):
        connection.write(connection.calendar.events().delete(calendarId="primary", eventId="x"))
    assert signed_in.asked("calendar.events.delete") == 0


def test_a_missing_client_file_is_told_with_what_to_do(signed_in: Line) -> None:
    connection = signed_in.open()
    (signed_in.folder / "client.json").unlink()
    with pytest.raises(Stop, match=r"there is no client file .*client.json; download the Desktop client"):
        read(connection)


def test_a_feature_that_was_not_allowed_is_named_before_anything_is_asked(line: Line) -> None:
    line.sign_in(ROOT + "calendar.events", ROOT + "gmail.readonly")
    connection = line.open()
    connection.require(Feature.READ_EVENTS)
    connection.require(Feature.READ_MAIL)
    with pytest.raises(NeedsSignIn, match=r"does not cover keeping drafts in your mailbox .* calwatch auth google"):
        connection.require(Feature.WRITE_DRAFTS)
    with pytest.raises(NeedsSignIn, match="does not cover seeing when your calendars are busy"):
        connection.require(Feature.FREE_BUSY)
    assert line.google.seen == []


def test_permission_added_later_counts_without_a_restart(line: Line) -> None:
    line.sign_in(ROOT + "calendar.events")
    connection = line.open()
    with pytest.raises(NeedsSignIn):
        connection.require(Feature.READ_MAIL)
    line.sign_in()
    connection.require(Feature.READ_MAIL)


def test_a_state_folder_that_cannot_be_written_does_not_stop_reading(
    signed_in: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(token_file, "write", full)
    signed_in.clock.advance(timedelta(hours=2))
    connection = signed_in.open()
    read(connection)
    read(connection)
    assert signed_in.asked(TOKEN) == 1
    assert "cannot be stored: No space left on device" in caplog.text
