"""The page without a network: the real application over a world on fakes, and somebody who looks and clicks."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from builders import NOW
from calwatch.settings import Settings, load
from calwatch.web.app import make_app
from calwatch.web.sessions import Kind, accept, invite
from calwatch.web.site import Site
from worlds import World

HERE = "http://127.0.0.1:8765"
_OWN = "the page's own"
PUBLIC = "https://calwatch.example.org"
TOKEN = re.compile(r'name="token" value="([^"]*)"')


def the_settings(folder: Path, *, listen: str = "127.0.0.1:8765", public: str = PUBLIC, more: str = "") -> Settings:
    """Alex's, with a page; nothing of the account in them is ever opened."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "calwatch.toml"
    path.write_text(
        '[you]\nname = "Alex Rivera"\nemails = ["alex.rivera@example.com"]\ntimezone = "Europe/Berlin"\n\n'
        '[[accounts]]\nname = "personal"\nprovider = "local"\ncalendar = "calendar/"\nmail = "Maildir/"\n\n'
        f'[approval]\nlisten = "{listen}"\npublic_url = "{public}"\n\n[storage]\npath = "state/"\n\n{more}',
        encoding="utf-8",
    )
    return load(path, {"HOME": str(folder)})


@dataclass
class Visit:
    """The page of ``world``, whose actor acts as soon as it is woken unless it is ``busy``, which is soon noticed.

    ``key`` is that of an open session on this machine: ``get`` and ``post`` take paths below it, ``ask`` any.
    """

    world: World
    settings: Settings
    busy: bool = False
    woken: int = 0
    site: Site = field(init=False)
    app: Flask = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        parts = self.world.pipeline.parts
        self.site = Site(
            settings=self.settings,
            store=self.world.store,
            clock=self.world.clock,
            health=parts.health,
            wake=self._wake,
            started=NOW,
            tallies=parts.tallies,
            transmits=self.world.pipeline.transmits,
            patience=0.2,
        )
        self.app = make_app(self.site)
        self.key = self.admitted(Kind.LOOPBACK)

    def _wake(self) -> None:
        self.woken += 1
        if not self.busy:
            self.world.pipeline.act()

    def admitted(self, kind: Kind) -> str:
        """The key of a new session."""
        store, now = self.site.store, self.site.now()
        accepted = accept(store, now, kind, invite(store, now, kind), "Firefox")
        assert accepted is not None
        return accepted[0]

    @property
    def here(self) -> str:
        """The page's origin on this machine."""
        return f"http://{self.settings.approval.listen}"

    def ask(self, path: str, *, method: str = "GET", base: str = "", cookie: str = "", **more: Any) -> TestResponse:
        """One request by a client that knows nothing of the last."""
        headers = dict(more.pop("headers", {}))
        if cookie:
            headers["Cookie"] = cookie
        browser = FlaskClient(self.app, use_cookies=False)
        return browser.open(path, method=method, base_url=base or self.here, headers=headers, **more)

    def get(self, path: str, *, language: str = "en", **more: Any) -> TestResponse:
        """A page, as the person's browser asks for it."""
        headers = {"Accept-Language": language, **more.pop("headers", {})}
        return self.ask(f"/k/{self.key}{path}", headers=headers, **more)

    def post(self, path: str, data: Any = None, *, origin: str | None = _OWN, **more: Any) -> TestResponse:
        """A click on a form, as the person's browser sends it."""
        origin = self.here if origin == _OWN else origin
        headers = {**({"Origin": origin} if origin is not None else {}), **more.pop("headers", {})}
        return self.ask(f"/k/{self.key}{path}", method="POST", data=data or {}, headers=headers, **more)

    def text(self, path: str, *, language: str = "en") -> str:
        """What a page shows; it must be there."""
        answer = self.get(path, language=language)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    def token(self, path: str, form: str = "") -> str:
        """The token of a page's first form whose markup has ``form`` in it."""
        for one in self.text(path).split("<form")[1:]:
            found = TOKEN.search(one)
            if form in one and found is not None:
                return found[1]
        raise AssertionError(f"no form with {form!r} on {path}")

    def said(self, path: str = "/") -> str:
        """What the next page says at its top about the click before."""
        found = re.search(r'<div class="word.*?</div>', self.text(path), re.DOTALL)
        return html.unescape(" ".join(re.sub("<[^>]+>", " ", found[0]).split())) if found else ""
