"""The demo world at home: the real service on it, its page open on a port of its own, and a browser before it."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from calwatch.demo import world as demo
from flow.program import Program


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Household(Program):
    """The letters of the first look are ready. ``undo`` is how long an approved one can be called back, any of them."""

    undo: str = "4s"
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        demo.build(self.folder, self.now)
        self.look()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The demo's own configuration counts, but for where the page is and how long to wait."""
        listen = f"127.0.0.1:{self.port}"
        return {**super().environment, "CALWATCH_APPROVAL__LISTEN": listen, "CALWATCH_APPROVAL__UNDO": self.undo}

    def draft_of(self, situation: str) -> int:
        """The id of the one open draft of that situation."""
        (found,) = [draft["id"] for draft in self.drafts() if draft["situation"] == situation]
        return int(found)


@dataclass
class Visitor:
    """Whoever looks at the page: each call opens it anew by ``calwatch open``, in a browser that knows nothing yet.

    ``troubles`` fills with what a page complains of and with requests that go anywhere but to the page's own origin; a
    test that provokes some empties it, because in the end it must be empty.
    """

    home: Household
    browser: Browser
    troubles: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self,
        draft: int | None = None,
        *,
        phone: bool = False,
        dark: bool = False,
        language: str = "en",
        scripts: bool = True,
    ) -> Page:
        page = self.context(phone=phone, dark=dark, language=language, scripts=scripts).new_page()
        page.goto(self.link(draft))
        return page

    def link(self, draft: int | None = None) -> str:
        """A one-time address of the list, or of one draft."""
        return self.home.calwatch("open", *([] if draft is None else [draft]), "--print").out.strip()

    def context(
        self, *, phone: bool = False, dark: bool = False, language: str = "en", scripts: bool = True
    ) -> BrowserContext:
        """A browser of somebody with this screen and these wishes, without a page open."""
        context = self.browser.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1200, "height": 900},
            device_scale_factor=2 if phone else 1,
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            locale={"en": "en-GB", "de": "de-DE"}[language],
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        context.on("request", self._asked)
        self._contexts.append(context)
        return context

    def leave(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home.origin}/", "data:", "about:")):
            self.troubles.append(f"asked for {request.url}")


@dataclass(frozen=True)
class Album:
    """Where pictures are kept, if they are wanted: ``--pictures FOLDER``."""

    folder: Path | None

    def keep(self, page: Page, name: str, *, whole: bool = True) -> None:
        """A picture of ``page``; its ``whole`` length, or what fits the screen."""
        if self.folder is not None:
            page.screenshot(path=self.folder / f"{name}.png", full_page=whole)
