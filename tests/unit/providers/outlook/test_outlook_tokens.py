"""Whatever happens to a sign-in, it is renewed once, stored before it is used, and given up only when it must be."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from calwatch.errors import CalwatchError, NeedsSignIn, Retry, Stop
from calwatch.providers.outlook.sign_in import token_store
from calwatch.providers.outlook.sign_in.tokens import EARLY, Tokens
from calwatch.providers.remote import sign_in_file
from fakes.clock import ManualClock
from unit.providers.outlook.microsoft_answers import Script, ScriptedWire, an_account, reply, tokens
from unit.providers.outlook.test_outlook_token_store import a_sign_in

GONE = {"error": "invalid_grant", "error_description": "AADSTS50173: The grant was revoked.", "error_codes": [50173]}


@dataclass
class Desk:
    """A sign-in in a file, and processes that use it."""

    state: Path
    clock: ManualClock = field(default_factory=ManualClock)
    script: Script = field(default_factory=Script)
    paused: list[float] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return sign_in_file.path_of(self.state, "o")

    def sign_in(self, **fields: Any) -> None:
        token_store.write(self.path, a_sign_in(**fields))

    def process(self, **fields: Any) -> Tokens:
        """The sign-in as a fresh process has it."""
        wire = ScriptedWire(self.script)
        return Tokens(an_account(**fields), self.state, self.clock, wire, pause=self.paused.append)

    @property
    def renewals(self) -> list[str]:
        """The refresh tokens that were used."""
        return [asked.form["refresh_token"] for asked in self.script.asked if "refresh_token" in asked.form]

    @property
    def stored(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_bytes())
        return found

    @property
    def refresh_token(self) -> str:
        (entry,) = self.stored["cache"]["RefreshToken"].values()
        return str(entry["secret"])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "state")
    desk.sign_in()
    yield desk
    assert desk.script.answers == []


def an_hour_later(desk: Desk, *answers: Any) -> Tokens:
    """A process that has to renew its token now."""
    process = desk.process()
    process.access()
    desk.clock.advance(timedelta(hours=1))
    desk.script.answers += answers
    return process


def failure(act: Callable[[], object]) -> CalwatchError:
    with pytest.raises(CalwatchError) as caught:
        act()
    return caught.value


def test_a_token_that_lasts_is_used_without_asking_anybody(desk: Desk) -> None:
    assert desk.process().access() == "access-1"
    assert desk.script.asked == []


def test_a_token_near_its_end_is_renewed_before(desk: Desk) -> None:
    process = an_hour_later(desk, tokens(access_token="access-2"))
    desk.clock.advance(-EARLY)
    assert process.access() == "access-2"


def test_what_was_renewed_is_whole_in_the_file_before_it_is_used(desk: Desk) -> None:
    process = an_hour_later(
        desk, tokens(access_token="access-2", refresh_token="refresh-2", scope="User.Read Mail.Read")
    )
    assert process.access() == "access-2"
    assert desk.refresh_token == "refresh-2"
    assert desk.stored["token"] == "access-2"
    assert process.scopes() == {"User.Read", "Mail.Read"}
    assert desk.path.stat().st_mode & 0o777 == 0o600
    assert not [one for one in desk.path.parent.iterdir() if one.suffix == ".tmp"]


def test_a_restart_after_any_number_of_renewals_uses_the_newest(desk: Desk) -> None:
    an_hour_later(desk, tokens(refresh_token="refresh-2")).access()
    an_hour_later(desk, tokens(refresh_token="refresh-3")).access()
    assert desk.process().access() == "access-1"
    assert desk.renewals == ["refresh-1", "refresh-2"]


def test_whoever_loses_the_new_refresh_token_in_a_crash_needs_to_sign_in_and_does_not_try_for_ever(desk: Desk) -> None:
    before = desk.path.read_bytes()
    an_hour_later(desk, tokens(refresh_token="refresh-2")).access()
    desk.path.write_bytes(before)  # the process died between the answer and the file
    process = desk.process()
    desk.script.answers.append(GONE)
    assert isinstance(failure(process.access), NeedsSignIn)
    assert isinstance(failure(process.access), NeedsSignIn)
    assert desk.renewals == ["refresh-1", "refresh-1"]


@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required", "login_required", "consent_required"])
def test_a_sign_in_that_is_over_asks_for_nothing_more_until_the_person_signed_in(desk: Desk, error: str) -> None:
    process = an_hour_later(desk, {"error": error, "error_description": "AADSTS1: No."})
    first = failure(process.access)
    asked = len(desk.script.asked)
    again = failure(process.access)
    assert isinstance(first, NeedsSignIn)
    assert (str(again), len(desk.script.asked)) == (str(first), asked)
    assert "run: calwatch auth o" in str(first)
    desk.sign_in(token="access-9", expiry=desk.clock.now() + timedelta(hours=1))
    assert process.access() == "access-9"


def test_after_signing_in_again_the_new_sign_in_is_renewed_at_once(desk: Desk) -> None:
    process = an_hour_later(desk, GONE)
    failure(process.access)
    desk.sign_in(token="old")
    desk.script.answers.append(tokens(access_token="access-2"))
    assert process.access() == "access-2"


def test_a_sign_in_service_that_is_down_is_no_end_of_the_sign_in(desk: Desk) -> None:
    process = an_hour_later(desk, reply(b"", 503, retry_after="7"), tokens(access_token="access-2"))
    error = failure(process.access)
    assert isinstance(error, Retry)
    assert error.after == 7.0
    assert process.access() == "access-2"


def test_a_wrong_app_registration_is_told_once_and_not_asked_about_again(desk: Desk) -> None:
    wrong = {"error": "invalid_client", "error_description": "AADSTS7000218: …", "error_codes": [7000218]}
    process = an_hour_later(desk, reply(wrong, 401))
    first, again = failure(process.access), failure(process.access)
    assert isinstance(first, Stop)
    assert "public client flows" in str(first)
    assert str(first) == str(again)


def test_a_word_nobody_knows_is_asked_about_again(desk: Desk) -> None:
    process = an_hour_later(desk, {"error": "something_new"}, tokens(access_token="access-2"))
    assert isinstance(failure(process.access), Stop)
    assert process.access() == "access-2"


def test_a_distrusted_token_is_renewed_with_the_claims_that_were_asked_for_once(desk: Desk) -> None:
    process = desk.process()
    process.distrust(process.access(), '{"access_token":{}}')
    desk.script.answers += [tokens(access_token="access-2")]
    assert process.access() == "access-2"
    assert "access_token" in desk.script.asked[-1].form["claims"]
    process.distrust("access-2")
    desk.script.answers += [tokens(access_token="access-3")]
    process.access()
    assert "claims" not in desk.script.asked[-1].form


def test_distrust_of_a_token_that_is_no_longer_used_renews_nothing(desk: Desk) -> None:
    process = desk.process()
    process.distrust("an older one")
    assert process.access() == "access-1"


def test_what_another_process_renewed_is_used(desk: Desk) -> None:
    first, second = desk.process(), desk.process()
    first.access()
    second.access()
    desk.clock.advance(timedelta(hours=1))
    desk.script.answers.append(tokens(access_token="access-2", refresh_token="refresh-2"))
    assert first.access() == second.access() == "access-2"
    assert desk.renewals == ["refresh-1"]


def test_what_another_process_renewed_while_the_lock_was_waited_for_is_used(desk: Desk) -> None:
    process = an_hour_later(desk)
    held = os.open(desk.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)

    def pause(_: float) -> None:
        desk.sign_in(token="access-2", expiry=desk.clock.now() + timedelta(hours=1))
        os.close(held)

    waiting = Tokens(an_account(), desk.state, desk.clock, ScriptedWire(desk.script), pause=pause)
    assert waiting.access() == "access-2"
    assert process.access() == "access-2"
    assert desk.renewals == []


def test_a_process_that_holds_the_lock_for_ever_stops_nobody_for_ever(desk: Desk) -> None:
    process = an_hour_later(desk)
    held = os.open(desk.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert isinstance(failure(process.access), Retry)
    assert 30 <= sum(desk.paused) <= 90
    os.close(held)


def test_many_threads_renew_once(desk: Desk) -> None:
    process = an_hour_later(desk, tokens(access_token="access-2"))
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(process.access())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["access-2"] * 8
    assert len(desk.renewals) == 1


def test_where_no_lock_can_be_had_the_sign_in_is_renewed_all_the_same(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    process = an_hour_later(desk, tokens(access_token="access-2"))
    lock = desk.path.with_suffix(".lock")
    lock.mkdir()
    assert process.access() == "access-2"
    assert "cannot be locked" in caplog.text


def test_no_sign_in_says_so(tmp_path: Path) -> None:
    error = failure(Desk(tmp_path).process().access)
    assert isinstance(error, NeedsSignIn)
    assert str(error) == "account o is not signed in to Microsoft; run: calwatch auth o"


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"client_id": "99999999-2222-3333-4444-555555555555"}, "another client_id"),
        ({"tenant": "consumers"}, '"consumers" is configured'),
        ({"authority": "https://login.microsoftonline.us"}, "https://login.microsoftonline.us is configured"),
        ({"email": "sam@example.com"}, "signed in as alex.rivera@example.com, and sam@example.com is configured"),
    ],
)
def test_a_sign_in_with_other_settings_is_none(desk: Desk, fields: dict[str, str], what: str) -> None:
    error = failure(desk.process(**fields).access)
    assert isinstance(error, NeedsSignIn)
    assert what in str(error)


@pytest.mark.parametrize("fields", [{"email": ""}, {"email": "Alex.Rivera@example.com"}])
def test_a_sign_in_is_not_asked_for_again_because_of_how_an_address_is_written(
    desk: Desk, fields: dict[str, str]
) -> None:
    assert desk.process(**fields).access() == "access-1"


def test_a_cache_without_a_way_to_renew_needs_signing_in(desk: Desk) -> None:
    desk.sign_in(home_account_id="somebody.else", token="")
    process = desk.process()
    assert isinstance(failure(process.access), NeedsSignIn)
    assert isinstance(failure(process.access), NeedsSignIn)
