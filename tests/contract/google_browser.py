"""Bare hands on the fake Google: HTTP without any of the libraries calwatch uses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import requests

from builders import at
from fakes.google.server import ALL, ROOT, FakeGoogle

START = at("2026-05-05 13:00")


class Browser:
    """Calls the API without any library's help, on the sign-in of one person."""

    def __init__(self, google: FakeGoogle, *scopes: str) -> None:
        self.google = google
        granted = frozenset(ROOT + s for s in scopes) or frozenset(ALL)
        self.refresh_token = google.oauth.allow(granted)
        token = google.oauth.issue_access(google.oauth.grants[self.refresh_token], granted)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(
        self, verb: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **params: Any
    ) -> requests.Response:
        given = {k: str(v).lower() if isinstance(v, bool) else v for k, v in params.items()}
        url = f"{self.google.url}/calendar/v3/{path}"
        return self.session.request(verb, url, json=body, headers=headers, params=given, timeout=10)

    def events(self, **params: Any) -> dict[str, Any]:
        answer = self.call("GET", "calendars/primary/events", **params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def delta(self, token: str, **params: Any) -> list[dict[str, Any]]:
        return list(self.events(syncToken=token, **params)["items"])

    def token(self, **params: Any) -> str:
        return str(self.events(**params)["nextSyncToken"])

    def event(self, ref: str) -> dict[str, Any]:
        return dict(self.call("GET", f"calendars/primary/events/{ref}").json())

    def patch(self, ref: str, body: Any, etag: str = "", **params: Any) -> requests.Response:
        headers = {"If-Match": etag} if etag else None
        return self.call("PATCH", f"calendars/primary/events/{ref}", body, headers, **params)

    def busy(self, *calendars: str, days: int = 30, **more: Any) -> requests.Response:
        low = START - timedelta(days=1)
        window = {"timeMin": low.isoformat(), "timeMax": (low + timedelta(days=days)).isoformat()}
        return self.call("POST", "freeBusy", {**window, "items": [{"id": c} for c in calendars], **more})


def reason(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.json()['error']['errors'][0]['reason']}"
