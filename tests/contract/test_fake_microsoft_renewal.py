"""How a sign-in at the fake Microsoft is renewed by the real msal, how it ends, and the file it is kept in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msal
import pytest

from contract.microsoft_browser import ONCE, SCOPES, Browser, elsewhere, renewed
from fakes.clock import ManualClock
from fakes.microsoft.server import FakeMicrosoft, Fault


@pytest.fixture
def browser(microsoft: FakeMicrosoft, tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(microsoft, microsoft.ca_file(tmp_path))
    yield browser
    browser.session.close()
    assert microsoft.violations == []


def signed_in(browser: Browser) -> Any:
    app = browser.app()
    app.acquire_token_by_device_flow(app.initiate_device_flow(scopes=SCOPES), **ONCE)
    return app


def refresh_token(app: Any) -> str:
    (entry,) = json.loads(app.token_cache.serialize())["RefreshToken"].values()
    return str(entry["secret"])


class TestRenewal:
    def test_every_renewal_gives_another_refresh_token_and_the_old_one_is_no_good(self, browser: Browser) -> None:
        app = signed_in(browser)
        kept, old = elsewhere(app, browser), refresh_token(app)
        assert "access_token" in renewed(app)
        assert refresh_token(app) != old
        refused = renewed(kept)
        assert (refused["error"], refused["suberror"]) == ("invalid_grant", "bad_token")
        assert "access_token" in renewed(app)

    def test_without_rotation_the_old_one_stays_good(self, browser: Browser) -> None:
        browser.microsoft.identity.rotates = False
        app = signed_in(browser)
        kept = elsewhere(app, browser)
        assert "access_token" in renewed(app)
        assert "access_token" in renewed(kept)

    def test_ninety_idle_days_end_it_and_every_renewal_begins_them_anew(
        self, browser: Browser, clock: ManualClock
    ) -> None:
        app = signed_in(browser)
        for _ in range(2):
            clock.advance(timedelta(days=90))
            assert "access_token" in renewed(app)
        clock.advance(timedelta(days=90, seconds=1))
        assert renewed(app)["error_codes"] == [700082]

    def test_a_permission_more_needs_the_person(self, browser: Browser) -> None:
        app = signed_in(browser)
        refused = renewed(app, *SCOPES, "MailboxSettings.Read")
        assert (refused["error"], refused["suberror"]) == ("invalid_grant", "consent_required")

    def test_a_changed_password_ends_all_and_ended_sessions_leave_the_access_token(self, browser: Browser) -> None:
        app = signed_in(browser)
        browser.microsoft.identity.revoke_refresh()
        assert renewed(app)["error"] == "invalid_grant"
        assert browser.view().status_code == 200
        browser.sign_in()
        browser.microsoft.identity.revoke()
        assert browser.view().status_code == 401

    @pytest.mark.parametrize(
        ("error", "number", "suberror"),
        [
            ("interaction_required", 50076, "basic_action"),
            ("consent_required", 65001, ""),
            ("login_required", 50058, ""),
            ("invalid_grant", 50173, "token_expired"),
        ],
    )
    def test_what_is_refused_may_be_allowed_again(
        self, browser: Browser, error: str, number: int, suberror: str
    ) -> None:
        app = signed_in(browser)
        browser.microsoft.identity.refuse(error, number, suberror=suberror)
        refused = renewed(app)
        assert (refused["error"], refused.get("suberror", "")) == (error, suberror)
        assert re.match(
            rf"AADSTS{number}: .* Trace ID: .* Correlation ID: .* Timestamp: ", refused["error_description"]
        )
        browser.microsoft.identity.relent()
        assert "access_token" in renewed(elsewhere(app, browser))

    def test_the_service_can_be_down_in_html_in_json_and_for_a_while(self, browser: Browser) -> None:
        app = signed_in(browser)
        browser.microsoft.identity.down = 1
        with pytest.raises(msal.exceptions.MsalServiceError):
            renewed(elsewhere(app, browser))
        browser.microsoft.faults.plan("identity.token", Fault.DOWN, Fault.TOO_MANY)
        with pytest.raises(msal.exceptions.MsalServiceError):
            renewed(elsewhere(app, browser))
        assert renewed(elsewhere(app, browser))["error"] == "temporarily_unavailable"
        assert "access_token" in renewed(elsewhere(app, browser))

    def test_an_answer_that_was_lost_has_used_up_the_old_token(self, browser: Browser) -> None:
        app = signed_in(browser)
        browser.microsoft.faults.plan("identity.token", Fault.LOST)
        with pytest.raises(OSError, match="Connection aborted"):
            renewed(elsewhere(app, browser))
        assert renewed(elsewhere(app, browser))["error"] == "invalid_grant"


class TestFile:
    def test_a_sign_in_file_is_what_msal_itself_would_have_kept(self, browser: Browser, tmp_path: Path) -> None:
        path = browser.microsoft.sign_in(tmp_path, "outlook")
        stored = json.loads(path.read_text(encoding="utf-8"))
        assert path.stat().st_mode & 0o777 == 0o600
        app = signed_in(browser)
        own = json.loads(app.token_cache.serialize())
        for section in ("Account", "RefreshToken", "IdToken", "AppMetadata"):
            assert stored["cache"][section].keys() == own[section].keys()
            for name, entry in stored["cache"][section].items():
                assert entry.keys() == own[section][name].keys()
        another = browser.app()
        another.token_cache.deserialize(json.dumps(stored["cache"]))
        assert "access_token" in renewed(another)

    def test_its_access_token_is_good_for_what_was_granted(self, browser: Browser, tmp_path: Path) -> None:
        path = browser.microsoft.sign_in(tmp_path, "outlook", ("User.Read", "Calendars.ReadBasic"))
        stored = json.loads(path.read_text(encoding="utf-8"))
        granted = {"User.Read", "Calendars.ReadBasic"}
        assert set(stored["granted_scopes"]) == {*granted, "openid", "profile"}
        assert set(browser.microsoft.identity.scopes_of(stored["token"]) or ()) == granted
