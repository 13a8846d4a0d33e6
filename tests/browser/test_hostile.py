"""Invitations are written by strangers: whatever stands in them is text on the page, and nothing else."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from browser.household import Visitor, free_port
from calwatch.demo.files import a_calendar, an_event
from calwatch.demo.people import ALEX, Somebody
from flow.world import World

MARK = "marked"
"""What any script of a stranger would leave behind."""

TITLES = {
    "markup": f"Technical interview </h1><script>window.{MARK}=1</script><img src=x onerror=window.{MARK}=1>",
    "attribute": f'Technical interview " autofocus onfocus="window.{MARK}=1" x="',
    "drawing": f"Technical interview </text></svg><svg onload=window.{MARK}=1><a href=javascript:window.{MARK}=1>",
    "template": "Technical interview {{ 7*7 }} {% raw %} ${7*7} <%= 7*7 %>",
    "address": f"Technical interview javascript:window.{MARK}=1 https://evil.test/?x",
    "turned": "Technical interview \u202eneddih\u202c \u2066x\u2069 \u200b\u0007\u001b[31mred\u0085",
    "closing": f"Technical interview </title></textarea></style>--><script>window.{MARK}=1</script>",
}
CLASH = "Dr. Kaya <svg/onload=alert(1)>'\"><b>{{3*3}} \u202etsitned"
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@dataclass
class HostileHousehold(World):
    """Interviews whose every word is a stranger's, at hours that are taken by something of the same kind."""

    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        super().__post_init__()
        text = self.config.read_text("utf-8").replace('listen = ""', f'listen = "127.0.0.1:{self.port}"')
        self.configure(text)
        for number, (name, title) in enumerate(TITLES.items()):
            self.invite(name, title, self.at(8 + number, "14:00"))
        self.look()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def invite(self, name: str, title: str, start: datetime) -> None:
        stranger = Somebody("Dana Fox</a><script>x</script>", f"dana@{name}.example", "America/New_York")
        words = f"{title}\nThis is the technical interview for the Backend Engineer role. Your recruiter, Dana"
        given: dict[str, Any] = {"organizer": stranger, "description": words, "location": "javascript:alert(1)"}
        end, stamp = start + timedelta(hours=1), (self.now - timedelta(days=6)).astimezone(UTC)

        def event(answer: str) -> str:
            people = [(ALEX, answer), (stranger, "ACCEPTED")]
            return an_event(f"{name}@{name}.example", title, start, end, stamp=stamp, attendees=people, **given)

        self.put(name, event("ACCEPTED"))
        subject = "".join(c for c in title if c.isprintable())
        invited = a_calendar(event("NEEDS-ACTION"), method="REQUEST")
        self.receive(stranger, subject, words, days_ago=6, calendar=("REQUEST", invited))
        self.event(f"clash-{name}", CLASH, start)


@pytest.fixture
def hostile(tmp_path: Path, browser: Browser) -> Iterator[Visitor]:
    home = HostileHousehold(tmp_path / "home")
    visitor = Visitor(home, browser)  # type: ignore[arg-type]  # it has all that a visitor needs of a home
    with home.service():
        yield visitor
        visitor.leave()
    assert visitor.troubles == []


def test_a_strangers_words_are_text_everywhere(hostile: Visitor) -> None:
    drafts = hostile.home.drafts()
    assert len(drafts) == len(TITLES)
    page = hostile()
    page.on("dialog", lambda dialog: hostile.troubles.append(f"dialog: {dialog.message}"))
    base = page.url.rstrip("/")
    numbers = [draft["id"] for draft in drafts]
    shown = ""
    for path in ("/", "/interviews", "/history", "/accounts", *(f"/d/{n}" for n in numbers), "/history?draft=1"):
        page.goto(base + path)
        page.eval_on_selector_all("details", "all => all.forEach(e => { e.open = true })")
        assert page.evaluate(f"window.{MARK}") is None
        assert page.locator("main :is(img, iframe, script, style, object, [onload], [onfocus], [onerror])").count() == 0
        assert page.locator("svg :is(a, image, script, foreignObject)").count() == 0
        text = page.content()
        assert not TURNING & set(text)
        assert [c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"] == []
        foreign = page.eval_on_selector_all(
            "a[href], img[src], form", "all => all.map(e => String(e.href || e.src || e.getAttribute('action')))"
        )
        assert [found for found in foreign if not found.startswith((hostile.home.origin, "/k/", "tel:"))] == []
        shown += page.locator("body").inner_text()
    assert "<script>" in shown  # as it was written, for the person to see
    assert "{{ 7*7 }}" in shown


def test_a_letter_about_it_can_still_be_decided(hostile: Visitor) -> None:
    page = hostile(hostile.home.drafts()[0]["id"])
    page.get_by_role("button", name="Keep the interview").click()
    expect(page.get_by_role("button", name="Bring it back")).to_be_visible()
