"""The fake Microsoft's sign-in, asked by the real msal: codes, the browser, and everything it says no to."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contract.microsoft_browser import ONCE, SCOPES, Browser, elsewhere
from fakes.clock import ManualClock
from fakes.microsoft.identity import CLIENT_ID, PERSONAL_TENANT, WORK_TENANT
from fakes.microsoft.server import ALL, FakeMicrosoft

BACK = "http://localhost:53111"


@pytest.fixture
def browser(microsoft: FakeMicrosoft, tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(microsoft, microsoft.ca_file(tmp_path))
    yield browser
    browser.session.close()
    assert microsoft.violations == []


class TestDeviceCode:
    def signed_in(self, browser: Browser, *scopes: str, tenant: str = "common") -> tuple[Any, Any]:
        app = browser.app(tenant)
        flow = app.initiate_device_flow(scopes=list(scopes) or SCOPES)
        return app, app.acquire_token_by_device_flow(flow, **ONCE) if "user_code" in flow else flow

    def test_a_typed_code_becomes_tokens_that_graph_takes_and_msal_keeps(self, browser: Browser) -> None:
        app, token = self.signed_in(browser)
        assert set(token["scope"].split()) == {*ALL, "openid", "profile"}
        assert token["id_token_claims"]["preferred_username"] == browser.microsoft.owner
        assert [one["home_account_id"] for one in app.get_accounts()] == [browser.microsoft.identity.home_account_id]
        browser.session.headers["Authorization"] = f"Bearer {token['access_token']}"
        assert browser.view().status_code == 200

    def test_the_message_says_where_to_type_what(self, browser: Browser) -> None:
        flow = browser.app().initiate_device_flow(scopes=SCOPES)
        assert flow["user_code"] in flow["message"]
        assert flow["verification_uri"] in flow["message"]
        assert (flow["interval"], flow["expires_in"]) == (5, 900)

    def test_polls_are_answered_as_planned(self, browser: Browser) -> None:
        browser.microsoft.identity.told.extend(["pending", "slow_down", "declined"])
        app = browser.app()
        flow = app.initiate_device_flow(scopes=SCOPES)
        answers = [elsewhere(app, browser).acquire_token_by_device_flow(dict(flow), **ONCE) for _ in range(3)]
        assert [a["error"] for a in answers] == ["authorization_pending", "slow_down", "authorization_declined"]
        assert [a["error_codes"] for a in answers] == [[70016], [70016], [70018]]
        assert len(browser.microsoft.identity.polls) == 3

    def test_a_code_waits_for_the_person(self, browser: Browser) -> None:
        identity = browser.microsoft.identity
        identity.types_codes = False
        app = browser.app()
        flow = app.initiate_device_flow(scopes=SCOPES)
        assert app.acquire_token_by_device_flow(dict(flow), **ONCE)["error"] == "authorization_pending"
        identity.type_code()
        assert "access_token" in app.acquire_token_by_device_flow(dict(flow), **ONCE)

    def test_a_code_runs_out_and_is_good_once(self, browser: Browser, clock: ManualClock) -> None:
        app = browser.app()
        used, late = (app.initiate_device_flow(scopes=SCOPES) for _ in range(2))
        app.acquire_token_by_device_flow(dict(used), **ONCE)
        assert app.acquire_token_by_device_flow(dict(used), **ONCE)["error"] == "bad_verification_code"
        clock.advance(901)
        assert app.acquire_token_by_device_flow(dict(late), **ONCE)["error"] == "expired_token"

    def test_less_than_was_asked_for_may_be_granted(self, browser: Browser) -> None:
        browser.microsoft.identity.unallowed = frozenset({"Mail.Send"})
        _, token = self.signed_in(browser)
        assert "Mail.Send" not in token["scope"]

    def test_what_was_allowed_before_is_granted_again(self, browser: Browser) -> None:
        app, _ = self.signed_in(browser)
        flow = app.initiate_device_flow(scopes=["User.Read"])
        assert set(app.acquire_token_by_device_flow(flow, **ONCE)["scope"].split()) > {*ALL}

    def test_permissions_may_be_told_with_an_address(self, browser: Browser) -> None:
        browser.microsoft.identity.long_scopes = True
        assert "https://graph.microsoft.com/Mail.ReadWrite" in self.signed_in(browser)[1]["scope"].split()

    @pytest.mark.parametrize(
        ("switches", "error", "number"),
        [
            ({"public": False}, "invalid_client", 7000218),
            ({"device_blocked": True}, "invalid_grant", 53003),
            ({"declines": True}, "authorization_declined", 70018),
            ({"clients": set()}, "unauthorized_client", 700016),
            ({"audience": "personal"}, "invalid_request", 9002331),
            ({"audience": "organizations"}, "invalid_request", 50194),
            ({"kind": "work", "needs_admin": True}, "consent_required", 90094),
        ],
    )
    def test_a_registration_a_rule_or_the_person_may_stand_against_it(
        self, browser: Browser, switches: dict[str, Any], error: str, number: int
    ) -> None:
        for name, value in switches.items():
            setattr(browser.microsoft.identity, name, value)
        _, answer = self.signed_in(browser)
        assert (answer["error"], answer["error_codes"]) == (error, [number])

    def test_an_administrator_can_allow_what_members_cannot(self, browser: Browser) -> None:
        identity = browser.microsoft.identity
        identity.kind, identity.needs_admin = "work", True
        assert "access_token" in self.signed_in(browser, "User.Read", "Mail.Send")[1]
        where = f"{browser.microsoft.url}/organizations/adminconsent"
        with browser.plain() as session:
            assert session.get(where, params={"client_id": CLIENT_ID}, timeout=10).status_code == 200
        assert "access_token" in self.signed_in(browser)[1]

    @pytest.mark.parametrize(
        ("kind", "tenant", "fine"),
        [
            ("msa", "consumers", True),
            ("msa", PERSONAL_TENANT, True),
            ("msa", "organizations", False),
            ("work", "organizations", True),
            ("work", WORK_TENANT, True),
            ("work", "contoso.example", True),
            ("work", "consumers", False),
        ],
    )
    def test_not_every_tenant_is_for_everybody(self, browser: Browser, kind: Any, tenant: str, fine: bool) -> None:
        browser.microsoft.identity.kind = kind
        _, answer = self.signed_in(browser, tenant=tenant)
        assert ("access_token" in answer) is fine
        assert fine or answer["error_codes"] == [50020]

    def test_a_tenant_that_is_not_there_has_no_addresses(self, browser: Browser) -> None:
        with pytest.raises(ValueError, match="double check your tenant name"):
            browser.app("nowhere.example").initiate_device_flow(scopes=SCOPES)


class TestBrowser:
    def led(self, browser: Browser, app: Any, **changes: str) -> tuple[Any, dict[str, str]]:
        """Opens what msal wants opened; gives its notes and what the browser comes back with."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            given = {"redirect_uri": BACK, "response_mode": "query", **changes}
            flow = app.initiate_auth_code_flow(SCOPES, **given)
        with browser.plain() as session:
            answer = session.get(flow["auth_uri"], allow_redirects=False, timeout=10)
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith(f"{BACK}?")
            found = parse_qs(urlsplit(answer.headers["Location"]).query)
            return flow, {name: values[0] for name, values in found.items()}
        return flow, dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text)) or {"page": answer.text}

    @pytest.mark.parametrize("mode", ["query", "form_post"])
    def test_a_code_becomes_tokens_once(self, browser: Browser, mode: str) -> None:
        app = browser.app()
        flow, back = self.led(browser, app, response_mode=mode)
        token = app.acquire_token_by_auth_code_flow(dict(flow), back)
        assert token["id_token_claims"]["nonce"]
        again = elsewhere(app, browser).acquire_token_by_auth_code_flow(dict(flow), back)
        assert (again["error"], again["error_codes"]) == ("invalid_grant", [70008])

    def test_a_wrong_verifier_is_refused(self, browser: Browser) -> None:
        app = browser.app()
        flow, back = self.led(browser, app)
        refused = app.acquire_token_by_auth_code_flow({**flow, "code_verifier": "x" * 43}, back)
        assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [501481])

    def test_a_state_that_is_not_ours_is_msals_to_notice(self, browser: Browser) -> None:
        app = browser.app()
        flow, back = self.led(browser, app)
        with pytest.raises(ValueError, match="state"):
            app.acquire_token_by_auth_code_flow(flow, {**back, "state": "another"})

    def test_the_person_can_say_no(self, browser: Browser) -> None:
        browser.microsoft.identity.declines = True
        assert self.led(browser, browser.app())[1]["error"] == "access_denied"

    @pytest.mark.parametrize("where", ["http://127.0.0.1:53111", "https://evil.example/", "http://localhost:1/x"])
    def test_a_way_back_that_was_not_registered_is_a_page_and_no_redirect(self, browser: Browser, where: str) -> None:
        assert "AADSTS50011" in self.led(browser, browser.app(), redirect_uri=where)[1]["page"]
