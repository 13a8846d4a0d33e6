"""Bare hands on the fake Microsoft: HTTP without calwatch, and msal as it comes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from fakes.microsoft.identity import CLIENT_ID
from fakes.microsoft.server import ALL, FakeMicrosoft

SCOPES = list(ALL)
ONCE = {"exit_condition": lambda _: True}
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC", odata.maxpagesize=50'
WINDOW = {"startDateTime": "2026-04-01T00:00:00Z", "endDateTime": "2026-08-01T00:00:00Z"}


class Browser:
    """Calls Graph on the sign-in of one person, with everything a careful client sends."""

    def __init__(self, microsoft: FakeMicrosoft, trusted: Path, *scopes: str) -> None:
        self.microsoft = microsoft
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(trusted)
        self.session.headers.update({"Accept": "application/json", "Prefer": PREFER})
        self.sign_in(*scopes)

    def sign_in(self, *scopes: str) -> None:
        identity = self.microsoft.identity
        grant = identity.grants[identity.allow(frozenset(scopes or ALL))]
        self.session.headers["Authorization"] = f"Bearer {identity.issue_access(grant)}"

    def call(
        self, verb: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, params: Any = None
    ) -> requests.Response:
        """``path`` is below the API's root, or a link that was given out."""
        url = path if path.startswith("https://") else self.microsoft.api_root + path
        given = {"client-request-id": str(uuid.uuid4()), **(headers or {})}
        return self.session.request(verb, url, json=body, headers=given, params=params, timeout=10)

    def view(self) -> requests.Response:
        return self.call("GET", "/me/calendarView", params=WINDOW)

    def app(self, tenant: str = "common", client_id: str = CLIENT_ID) -> Any:
        """A fresh msal application, which remembers no refusal."""
        import msal

        return msal.PublicClientApplication(
            client_id,
            authority=f"{self.microsoft.authority}/{tenant}",
            token_cache=msal.SerializableTokenCache(),
            http_client=self.plain(),
            instance_discovery=False,
        )

    def plain(self) -> requests.Session:
        """The session of somebody who has not signed in."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.session.verify
        return session


def reason(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.json()['error']['code']}"


def renewed(app: Any, *scopes: str) -> Any:
    """What a forced renewal of the one account in its cache gives."""
    (account,) = app.get_accounts()
    return app.acquire_token_silent_with_error(list(scopes) or SCOPES, account=account, force_refresh=True)


def elsewhere(app: Any, browser: Browser) -> Any:
    """A fresh application on the same cache: msal keeps a refusal for a minute."""
    another = browser.app()
    another.token_cache.deserialize(app.token_cache.serialize())
    return another
