"""Signing in by a code: asked for in a person's words, polled no faster than allowed, stored when all is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from calwatch.errors import ConfigError, NeedsSignIn, Retry, Stop
from calwatch.providers.outlook.sign_in.consent import sign_in
from calwatch.providers.signing import SignedIn, Terminal
from fakes.microsoft.identity import PERSONAL_TENANT
from unit.providers.outlook.conftest import Line


@dataclass
class Desk:
    """Somebody who runs ``calwatch auth``; pauses let the time pass."""

    line: Line
    said: list[str] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.line.paused.append(seconds)
        self.line.clock.advance(seconds)

    def sign_in(self, around: dict[str, Any] | None = None, **fields: Any) -> SignedIn:
        terminal = Terminal(self.said.append, lambda _: pytest.fail("no browser is needed for a code"))
        surroundings = self.line.around(**(around or {}))
        return sign_in(self.line.account(**fields), surroundings, terminal, pause=self.pause)

    @property
    def stored(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.line.token.read_bytes())
        return found

    @property
    def asked(self) -> set[str]:
        """The permissions of the one request for consent."""
        (asked,) = self.line.microsoft.identity.asked
        return set(asked["scope"].split())


@pytest.fixture
def desk(line: Line) -> Iterator[Desk]:
    yield Desk(line)
    assert not line.state.exists() or not [one for one in line.token.parent.iterdir() if one.suffix == ".tmp"]


def test_a_code_that_is_typed_is_a_sign_in_that_works(desk: Desk) -> None:
    signed_in = desk.sign_in()
    assert signed_in.address == "alex.rivera@example.com"
    assert signed_in.remarks == ()
    assert len(signed_in.granted) == 5
    assert desk.line.open().read("/me/calendars")["value"]


def test_the_person_is_told_what_is_asked_for_and_where_to_type_what(desk: Desk) -> None:
    desk.sign_in()
    first, second = desk.said
    assert "reading your appointments\n" in first
    assert "sending a draft when you approve it" in first
    assert "Mail.Send" in first
    assert "https://www.microsoft.com/link" in second
    assert "C0DE0001" in second
    assert "Ctrl-C" in second


def test_the_least_is_asked_for_and_nothing_that_msal_adds_by_itself(desk: Desk) -> None:
    desk.sign_in(around={"sends": False, "responds": False, "holds": False})
    added = {"openid", "profile", "offline_access"}
    assert desk.asked - added == {"User.Read", "Calendars.Read", "Mail.ReadWrite"}


def test_busy_time_is_all_that_is_asked_for_where_it_is_all_that_is_read(desk: Desk) -> None:
    signed_in = desk.sign_in(use="busy")
    assert signed_in.granted == ("seeing when your calendars are busy",)
    assert {"User.Read", "Calendars.ReadBasic"} == desk.asked - {"openid", "profile", "offline_access"}
    assert "Nothing else of the account is read" in desk.said[0]


def test_polls_come_no_faster_than_microsoft_allows(desk: Desk) -> None:
    identity = desk.line.microsoft.identity
    identity.told.extend(["pending", "pending", "slow_down", "pending"])
    began = desk.line.clock.now()
    desk.sign_in()
    seconds = [(poll - began).total_seconds() for poll in identity.polls]
    assert seconds == [5, 10, 15, 25, 35]


def test_a_poll_that_gets_lost_is_made_again_later(desk: Desk) -> None:
    desk.line.microsoft.identity.told.extend(["pending"])
    plain = desk.pause

    def pause(seconds: float) -> None:
        plain(seconds)
        if len(desk.line.paused) == 2:
            desk.line.microsoft.identity.down = 1

    terminal = Terminal(desk.said.append, lambda _: False)
    sign_in(desk.line.account(), desk.line.around(), terminal, pause=pause)
    assert desk.line.paused == [5, 5, 10]


def test_the_sign_in_is_stored_for_its_owner_only_with_what_microsoft_said(desk: Desk) -> None:
    desk.sign_in()
    stored, now = desk.stored, desk.line.clock.now()
    assert desk.line.token.stat().st_mode & 0o777 == 0o600
    assert desk.line.token.parent.stat().st_mode & 0o777 == 0o700
    assert desk.line.state.stat().st_mode & 0o777 == 0o700
    assert stored["email"] == "alex.rivera@example.com"
    assert stored["home_tenant"] == PERSONAL_TENANT
    assert set(stored["granted_scopes"]) >= {"User.Read", "Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send"}
    assert stored["expiry"].startswith(f"{now + timedelta(seconds=3599):%Y-%m-%dT%H:%M:%S}")


def test_a_sign_in_is_renewed_after_an_hour_and_again_after_the_next(desk: Desk) -> None:
    desk.sign_in()
    for _ in range(3):
        desk.line.clock.advance(timedelta(hours=1))
        assert desk.line.open().read("/me/calendars")["value"]
    assert desk.line.asked("identity.devicecode") == 1


def test_signing_in_again_replaces_what_there_was(desk: Desk) -> None:
    desk.sign_in()
    before = desk.stored
    desk.sign_in()
    assert desk.stored["token"] != before["token"]
    assert len(desk.stored["cache"]["RefreshToken"]) == 1


def test_breaking_off_leaves_nothing(desk: Desk) -> None:
    def pause(_: float) -> None:
        raise KeyboardInterrupt

    terminal = Terminal(desk.said.append, lambda _: False)
    with pytest.raises(KeyboardInterrupt):
        sign_in(desk.line.account(), desk.line.around(), terminal, pause=pause)
    assert not desk.line.state.exists()


def test_breaking_off_leaves_the_earlier_sign_in(desk: Desk) -> None:
    desk.sign_in()
    before = desk.line.token.read_bytes()
    desk.line.microsoft.identity.declines = True
    with pytest.raises(NeedsSignIn):
        desk.sign_in()
    assert desk.line.token.read_bytes() == before


@pytest.mark.parametrize(("told", "said"), [("expired", "ran out"), ("declined", "declined")])
def test_a_code_that_is_not_used_or_refused_stores_nothing(desk: Desk, told: Any, said: str) -> None:
    desk.line.microsoft.identity.told.append(told)
    with pytest.raises(NeedsSignIn, match=said) as caught:
        desk.sign_in()
    assert "nothing was stored" in str(caught.value)
    assert "run: calwatch auth outlook" in str(caught.value)
    assert not desk.line.token.exists()


def test_a_code_that_nobody_types_is_not_waited_for_for_ever(desk: Desk) -> None:
    desk.line.microsoft.identity.types_codes = False
    with pytest.raises(NeedsSignIn, match="ran out"):
        desk.sign_in()
    assert sum(desk.line.paused) <= 905


def test_another_persons_sign_in_is_refused(desk: Desk) -> None:
    desk.line.microsoft.identity.address = "somebody.else@example.com"
    with pytest.raises(NeedsSignIn, match=r"signed in as somebody\.else@example\.com, but account outlook is alex"):
        desk.sign_in()
    assert not desk.line.token.exists()


def test_an_account_whose_name_is_written_otherwise_is_the_same(desk: Desk) -> None:
    assert desk.sign_in(email="Alex.Rivera@Example.com").address == "alex.rivera@example.com"


def test_a_personal_account_without_a_mail_address_is_known_by_the_name_it_signs_in_with(desk: Desk) -> None:
    desk.line.microsoft.calendar.mail_null = True
    signed_in = desk.sign_in()
    assert (signed_in.address, signed_in.remarks) == ("alex.rivera@example.com", ())


def test_an_account_that_cannot_be_checked_is_taken_by_its_tokens(desk: Desk) -> None:
    desk.line.microsoft.identity.unallowed = frozenset({"User.Read"})
    assert desk.sign_in().address == "alex.rivera@example.com"


def test_what_was_not_allowed_is_said_and_the_rest_works(desk: Desk) -> None:
    desk.line.microsoft.identity.unallowed = frozenset({"Mail.Send"})
    signed_in = desk.sign_in()
    assert "sending a draft when you approve it" not in signed_in.granted
    (remark,) = signed_in.remarks
    assert remark.startswith("sending a draft when you approve it was not allowed")


def test_without_what_matters_most_nothing_is_stored(desk: Desk) -> None:
    desk.line.microsoft.identity.unallowed = frozenset({"Calendars.ReadWrite"})
    with pytest.raises(NeedsSignIn, match="without reading your appointments there is nothing to watch"):
        desk.sign_in()
    assert not desk.line.token.exists()


@pytest.mark.parametrize(("error", "number"), [("invalid_grant", 65001), ("invalid_grant", 90094)])
def test_an_administrator_who_must_agree_is_named_with_the_address(desk: Desk, error: str, number: int) -> None:
    desk.line.microsoft.identity.refuse(error, number, "Admin approval needed.", "consent_required")
    with pytest.raises(NeedsSignIn) as caught:
        desk.sign_in()
    assert f"{desk.line.microsoft.url}/example.com/adminconsent?client_id=11111111-2222" in str(caught.value)


def test_a_tenant_that_forbids_codes_is_told_about_the_browser(desk: Desk) -> None:
    desk.line.microsoft.identity.device_blocked = True
    with pytest.raises(NeedsSignIn, match='sign_in = "browser"'):
        desk.sign_in()


def test_a_registration_without_public_clients_is_the_persons_to_change(desk: Desk) -> None:
    desk.line.microsoft.identity.public = False
    with pytest.raises(ConfigError, match='"Allow public client flows" to Yes'):
        desk.sign_in()
    assert not desk.line.state.exists()


def test_a_client_nobody_knows_is_the_persons_to_correct(desk: Desk) -> None:
    with pytest.raises(ConfigError, match="There is no app with client_id 99999999"):
        desk.sign_in(client_id="99999999-2222-3333-4444-555555555555")


def test_a_service_that_is_down_is_tried_later(desk: Desk) -> None:
    desk.line.microsoft.identity.down = 1
    with pytest.raises(Retry, match="cannot answer now"):
        desk.sign_in()


@pytest.mark.parametrize(
    ("fields", "warned"),
    [
        ({}, True),
        ({"tenant": "consumers"}, False),
        ({"tenant": "organizations"}, True),
        ({"email": "alex@hotmail.co.uk"}, False),
        ({"email": "alex@outlook.com", "tenant": "contoso.example"}, True),
    ],
)
def test_an_administrator_who_may_look_on_is_told_of_before_anybody_is_asked(
    desk: Desk, fields: dict[str, str], warned: bool
) -> None:
    asked_before: list[int] = []

    def say(text: str) -> None:
        desk.said.append(text)
        asked_before.append(len(desk.line.microsoft.seen))

    identity = desk.line.microsoft.identity
    identity.address = fields.get("email", "")
    identity.kind = "work" if fields.get("tenant") == "organizations" else "msa"
    desk.line.microsoft.identity.kind = "work" if fields.get("tenant", "consumers") != "consumers" else "msa"
    sign_in(desk.line.account(**fields), desk.line.around(), Terminal(say, lambda _: False), pause=desk.pause)
    assert ("administrator may see" in desk.said[0]) is warned
    assert asked_before[0] == 0


def test_a_state_folder_that_cannot_be_written_is_said(desk: Desk) -> None:
    desk.line.state.write_text("a file in its place")
    with pytest.raises(Stop, match="cannot be stored"):
        desk.sign_in()
    desk.line.state.unlink()
