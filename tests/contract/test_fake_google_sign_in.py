"""The fake Google's sign-in: consent, codes, refresh tokens and how they end."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from fakes.clock import ManualClock
from fakes.google.oauth import CLIENT_ID, CLIENT_SECRET, challenge_of
from fakes.google.server import ALL, ROOT, FakeGoogle

ASKED = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": "http://127.0.0.1:53111/",
    "scope": " ".join(ALL),
    "state": "xyz",
    "access_type": "offline",
    "prompt": "consent",
    "code_challenge": challenge_of("a" * 64),
    "code_challenge_method": "S256",
}


class TestSignIn:
    def consent(self, google: FakeGoogle, **changes: str) -> dict[str, str]:
        url = f"{google.url}/o/oauth2/auth?{urlencode({**ASKED, **changes})}"
        answer = requests.get(url, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith("http://127.0.0.1:53111/?")
        return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def exchange(self, google: FakeGoogle, **form: str) -> requests.Response:
        given = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": "http://127.0.0.1:53111/"}
        given |= {"grant_type": "authorization_code", "code_verifier": "a" * 64}
        return requests.post(f"{google.url}/token", data={**given, **form}, timeout=10)

    def refresh(self, google: FakeGoogle, refresh_token: str, **form: str) -> requests.Response:
        return self.exchange(google, grant_type="refresh_token", refresh_token=refresh_token, **form)

    def test_a_code_becomes_tokens_once(self, google: FakeGoogle) -> None:
        back = self.consent(google)
        assert back["state"] == "xyz"
        token = self.exchange(google, code=back["code"]).json()
        assert token["token_type"] == "Bearer"
        assert token["refresh_token"]
        assert self.exchange(google, code=back["code"]).json()["error"] == "invalid_grant"

    def test_a_wrong_verifier_is_refused(self, google: FakeGoogle) -> None:
        answer = self.exchange(google, code=self.consent(google)["code"], code_verifier="b" * 64)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    def test_a_redirect_elsewhere_is_refused(self, google: FakeGoogle) -> None:
        url = f"{google.url}/o/oauth2/auth?{urlencode({**ASKED, 'redirect_uri': 'http://evil.example/'})}"
        assert "redirect_uri_mismatch" in requests.get(url, timeout=10).text

    def test_scopes_can_be_unticked(self, google: FakeGoogle) -> None:
        google.oauth.unticked = frozenset({ROOT + "gmail.compose"})
        token = self.exchange(google, code=self.consent(google)["code"]).json()
        assert set(token["scope"].split()) == set(ALL) - {ROOT + "gmail.compose"}

    def test_the_person_can_say_no(self, google: FakeGoogle) -> None:
        google.oauth.denies = True
        assert self.consent(google) == {"error": "access_denied", "state": "xyz"}

    def test_a_second_consent_without_asking_for_it_gives_no_refresh_token(self, google: FakeGoogle) -> None:
        google.oauth.allow(frozenset(ALL))
        token = self.exchange(google, code=self.consent(google, prompt="none")["code"]).json()
        assert "refresh_token" not in token

    def test_what_was_revoked_cannot_be_refreshed(self, google: FakeGoogle) -> None:
        refresh_token = google.oauth.allow(frozenset(ALL))
        assert self.refresh(google, refresh_token).status_code == 200
        google.oauth.revoke()
        answer = self.refresh(google, refresh_token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    def test_a_project_in_testing_forgets_after_a_week(self, google: FakeGoogle, clock: ManualClock) -> None:
        google.oauth.testing = True
        refresh_token = google.oauth.allow(frozenset(ALL))
        clock.advance(timedelta(days=7) - timedelta(seconds=1))
        assert self.refresh(google, refresh_token).status_code == 200
        clock.advance(1)
        assert self.refresh(google, refresh_token).json()["error"] == "invalid_grant"

    def test_another_client_cannot_refresh(self, google: FakeGoogle) -> None:
        google.oauth.clients["another"] = CLIENT_SECRET
        answer = self.refresh(google, google.oauth.allow(frozenset(ALL)), client_id="another")
        assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized_client")

    def test_refresh_tokens_can_rotate(self, google: FakeGoogle) -> None:
        google.oauth.rotates = True
        refresh_token = google.oauth.allow(frozenset(ALL))
        renewed = self.refresh(google, refresh_token).json()["refresh_token"]
        assert self.refresh(google, refresh_token).json()["error"] == "invalid_grant"
        assert self.refresh(google, renewed).status_code == 200

    def test_a_new_password_ends_only_what_reads_mail(self, google: FakeGoogle) -> None:
        mail, calendar = google.oauth.allow(frozenset(ALL)), google.oauth.allow(frozenset({ROOT + "calendar.events"}))
        google.oauth.change_password()
        assert self.refresh(google, mail).status_code == 400
        assert self.refresh(google, calendar).status_code == 200

    def test_a_token_file_is_what_signing_in_writes(self, google: FakeGoogle, tmp_path: Path) -> None:
        path = google.sign_in(tmp_path, "personal")
        token = json.loads(path.read_text(encoding="utf-8"))
        assert path.stat().st_mode & 0o777 == 0o600
        assert google.oauth.scopes_of(token["token"]) == frozenset(ALL)
        assert self.refresh(google, token["refresh_token"]).status_code == 200
