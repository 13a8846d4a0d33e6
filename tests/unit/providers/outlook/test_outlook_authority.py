"""Whatever Microsoft's sign-in answers, msal sees only what is whole, and all else is an error of calwatch's."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from calwatch.errors import CalwatchError, Retry, Stop
from calwatch.providers.outlook.sign_in.authority import Authority
from calwatch.providers.remote.faults import Fault, Reaction
from fakes.clock import ManualClock
from unit.providers.outlook.microsoft_answers import (
    AUTHORITY,
    CONFIGURATION,
    Script,
    ScriptedWire,
    an_account,
    device,
    part,
    reply,
    tokens,
)

SECRET = "0.AXoA-a-secret-that-nobody-may-see"
SCOPES = ("User.Read", "Calendars.Read")
DEEP = b"[" * 100_000
ODD: list[Any] = [None, 5, [], {}, "", True, "x" * 9000, "a\r\nX: y"]


def authority(script: Script, **fields: Any) -> Authority:
    return Authority(an_account(**fields), ScriptedWire(script), ManualClock())


def signed_in(script: Script) -> tuple[Authority, str, str]:
    """An authority that has tokens, its cache, and the account in it."""
    script.answers += [device(), tokens()]
    found = authority(script)
    assert found.polled(found.device_code(SCOPES))["access_token"] == "access-1"
    return found, found.kept(), found.account_ids()[0]


def failure(script: Script, *answers: Any) -> CalwatchError:
    """What renewing ends in when it is answered so."""
    found, cache, account = signed_in(script)
    script.answers += answers
    with pytest.raises(CalwatchError) as caught:
        found.renewed(cache, account, SCOPES)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert str(caught.value).isprintable()
    return caught.value


def test_where_to_sign_in_is_asked_once_and_only_there() -> None:
    script = Script()
    found, cache, account = signed_in(script)
    script.answers += [tokens(access_token="access-2"), tokens(access_token="access-3")]
    found.renewed(cache, account, SCOPES)
    found.renewed(found.kept(), account, SCOPES)
    assert [asked.url for asked in script.asked if asked.method == "GET"] == [
        f"{AUTHORITY}/common/v2.0/.well-known/openid-configuration"
    ]
    assert all(asked.url.startswith(f"{AUTHORITY}/common/") for asked in script.asked)


def test_a_renewal_keeps_the_new_refresh_token_and_uses_it_next() -> None:
    script = Script()
    found, cache, account = signed_in(script)
    script.answers += [tokens(refresh_token="refresh-2"), tokens(refresh_token="refresh-3")]
    found.renewed(cache, account, SCOPES)
    found.renewed(found.kept(), account, SCOPES)
    used = [asked.form["refresh_token"] for asked in script.asked if "refresh_token" in asked.form]
    assert used == ["refresh-1", "refresh-2"]


def test_a_renewal_always_asks_whatever_msals_own_clock_thinks_of_the_token() -> None:
    script = Script()
    found, cache, account = signed_in(script)
    script.answers += [tokens(access_token="access-2")]
    assert (found.renewed(cache, account, SCOPES) or {})["access_token"] == "access-2"


def test_a_refusal_is_not_kept_for_a_minute() -> None:
    script = Script()
    found, cache, account = signed_in(script)
    script.answers += [{"error": "invalid_grant", "error_description": "AADSTS50173: no"}, tokens()]
    assert (found.renewed(cache, account, SCOPES) or {})["error"] == "invalid_grant"
    assert (found.renewed(cache, account, SCOPES) or {})["access_token"] == "access-1"


def test_claims_are_passed_on() -> None:
    script = Script()
    found, cache, account = signed_in(script)
    script.answers.append(tokens())
    found.renewed(cache, account, SCOPES, '{"access_token":{"nbf":{"essential":true}}}')
    assert json.loads(script.asked[-1].form["claims"]) == {"access_token": {"nbf": {"essential": True}}}


def test_a_cache_of_another_account_has_nothing_for_this_one() -> None:
    found, cache, _ = signed_in(Script())
    assert found.renewed(cache, "somebody.else", SCOPES) is None


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_sign_in_that_is_down_is_waited_for(status: int) -> None:
    error = failure(Script(), reply(b"<html>down</html>", status, retry_after="2.128"))
    assert isinstance(error, Retry)
    assert error.after == 2.128


@pytest.mark.parametrize("word", ["temporarily_unavailable", "server_error"])
def test_a_passing_refusal_is_waited_for(word: str) -> None:
    assert isinstance(failure(Script(), {"error": word}), Retry)


def test_a_broken_network_is_waited_for_before_anything_is_known_too() -> None:
    broken = Fault(Reaction.BROKEN, "login.example could not be reached")
    assert isinstance(failure(Script(), broken), Retry)
    with pytest.raises(Retry):
        authority(Script(configuration=broken)).device_code(SCOPES)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"null", DEEP, b"\xff", f'"{SECRET}"'.encode(), b"{}"])
def test_what_is_no_answer_is_waited_for_and_not_shown(content: bytes) -> None:
    assert isinstance(failure(Script(), reply(content)), Retry)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["access_token", "expires_in", "scope", "refresh_token", "id_token", "client_info"])
def test_tokens_whose_fields_are_odd_are_used_without_them_or_not_at_all(name: str, odd: Any) -> None:
    script = Script()
    found, cache, account = signed_in(script)
    script.answers.append(reply({**tokens(access_token="access-2"), name: odd}))
    try:
        answer = found.renewed(cache, account, SCOPES) or {}
    except Retry:
        return
    assert answer["access_token"] == "access-2"
    assert json.loads(found.kept())["RefreshToken"]


@pytest.mark.parametrize("claims", [[], 5, {}, {"sub": 5}, {"sub": "s", "oid": []}, {"sub": "s", "tid": 5}])
def test_an_id_token_that_names_nobody_is_no_use(claims: Any) -> None:
    assert isinstance(failure(Script(), tokens(id_token=f"x.{part(claims)}.y")), Retry)


@pytest.mark.parametrize("info", [[], {"uid": "a b", "utid": "t"}, {"uid": "x" * 999, "utid": "t"}, {"uid": "u\n"}])
def test_an_account_that_could_not_stand_in_a_header_is_no_use(info: Any) -> None:
    assert isinstance(failure(Script(), tokens(client_info=part(info))), Retry)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["error", "error_description", "suberror", "error_codes"])
def test_a_refusal_whose_fields_are_odd_is_a_refusal_or_waited_for(name: str, odd: Any) -> None:
    script = Script()
    found, cache, account = signed_in(script)
    script.answers.append(reply({"error": "invalid_grant", "error_description": "no", name: odd}, 400))
    try:
        answer = found.renewed(cache, account, SCOPES) or {}
    except Retry:
        return
    assert isinstance(answer["error"], str)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["device_code", "user_code", "verification_uri", "message", "expires_in", "interval"])
def test_a_device_code_whose_fields_are_odd_is_whole_or_waited_for(name: str, odd: Any) -> None:
    found = authority(Script([reply({**device(), name: odd})]))
    try:
        flow = found.device_code(SCOPES)
    except Retry:
        return
    assert flow["verification_uri"].startswith("https://")
    assert 1 <= flow["interval"] <= 86_400
    assert flow["expires_in"] >= 0


@pytest.mark.parametrize("name", ["token_endpoint", "authorization_endpoint", "device_authorization_endpoint"])
def test_secrets_are_told_to_the_configured_authority_alone(name: str) -> None:
    elsewhere = {**CONFIGURATION, name: "https://login.evil.example/common/oauth2/v2.0/token"}
    script = Script(configuration=elsewhere)
    with pytest.raises(Stop, match=r"login\.evil\.example"):
        authority(script).device_code(SCOPES)
    assert len(script.asked) == 1


@pytest.mark.parametrize("odd", [None, 5, "", "not an address", "http://login.example/token"])
def test_a_configuration_without_addresses_is_no_use(odd: Any) -> None:
    with pytest.raises(Retry):
        authority(Script(configuration={**CONFIGURATION, "token_endpoint": odd})).device_code(SCOPES)


def test_a_tenant_nobody_knows_is_the_persons_to_correct() -> None:
    unknown = reply({"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant 'x.example' not found."}, 400)
    with pytest.raises(Stop, match=r'knows no tenant "x\.example"'):
        authority(Script(configuration=unknown), tenant="x.example").device_code(SCOPES)


def test_an_answer_for_another_request_in_the_browser_is_refused() -> None:
    found = authority(Script([tokens(id_token=f"x.{part({'sub': 's', 'nonce': 'of another'})}.y")]))
    flow = found.browser_flow(SCOPES, "http://localhost:1", "state")
    assert found.redeemed(flow, "code")["error"] == "invalid_grant"
