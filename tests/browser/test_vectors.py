"""Ways to make the page act for somebody else, each tried in a real browser and refused.

The attacker is given more than they could have: the session's key, and a form's own token. What stops them is where the
click comes from, and under which name the page was reached.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import CHROMIUM, QUIET
from browser.household import Household, Visitor
from flow.program import Service

ELSEWHERE = "--host-resolver-rules=MAP evil.test 127.0.0.1, MAP rebind.test 127.0.0.1"


@dataclass
class Attacker:
    """A web server of somebody else's on this machine; ``pages`` are what it shows, by path."""

    pages: dict[str, str] = field(default_factory=dict)
    port: int = 0
    visits: list[str] = field(default_factory=list)

    @contextmanager
    def serving(self) -> Iterator[Attacker]:
        attacker = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                attacker.visits.append(self.headers.get("Cookie", ""))
                body = attacker.pages.get(self.path, "<title>nothing</title>").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


@pytest.fixture(scope="module")
def misled(browser: Browser) -> Iterator[Browser]:
    """A browser whose names lead where an attacker wants: two foreign names mean this machine."""
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=[*QUIET, ELSEWHERE], chromium_sandbox=False)
    yield chromium
    chromium.close()


@pytest.fixture
def visitor(household: Household, service: Service, misled: Browser) -> Iterator[Visitor]:
    """The person, in that browser; what it complains of is what these tests are about."""
    person = Visitor(household, misled)
    yield person
    person.leave()


@pytest.fixture
def attacker() -> Iterator[Attacker]:
    with Attacker().serving() as found:
        yield found


def stolen_form(page: Page, **more: str) -> str:
    """The approving form of an open draft, as an attacker would rebuild it: token, words, times and all."""
    fields = page.eval_on_selector(
        "#letter",
        "form => Array.from(new FormData(form)).map(([name, value]) => [name, value])",
    )
    inputs = "".join(f"<input type=hidden name='{escape(n)}' value='{escape(v, quote=True)}'>" for n, v in fields)
    action = page.url.split("#")[0] + "/approve"
    attributes = " ".join(f'{name}="{value}"' for name, value in more.items())
    return f'<form id=f method=post action="{escape(action)}" {attributes}>{inputs}</form>'


def is_untouched(home: Household, number: int) -> bool:
    draft = home.show(number)
    return (draft["state"], draft["version"]) == ("waiting", 1)


SUBMIT = "<script>document.getElementById('f').submit()</script>"


def test_a_rebound_name_reaches_nothing(household: Household, visitor: Visitor) -> None:
    page = visitor(household.draft_of("conflict"))
    answer = page.goto(page.url.replace("127.0.0.1", "rebind.test"))
    assert answer is not None
    assert answer.status == 421
    assert "Acme" not in page.content()


@pytest.mark.parametrize("name", ["evil.test", "127.0.0.1", "localhost"])
def test_a_form_on_another_site_or_another_port_approves_nothing(
    household: Household, visitor: Visitor, attacker: Attacker, name: str
) -> None:
    number = household.draft_of("conflict")
    page = visitor(number)
    attacker.pages["/"] = stolen_form(page) + SUBMIT
    lured = page.context.new_page()
    with lured.expect_response(re.compile("/approve$")) as answered:
        lured.goto(f"http://{name}:{attacker.port}/", wait_until="commit")
    assert answered.value.status == 403
    assert is_untouched(household, number)


@pytest.mark.parametrize("sandbox", ["allow-scripts allow-forms", "allow-scripts allow-forms allow-same-origin"])
def test_a_form_in_a_sandbox_or_a_scripts_request_approves_nothing(
    household: Household, visitor: Visitor, attacker: Attacker, sandbox: str
) -> None:
    number = household.draft_of("conflict")
    page = visitor(number)
    attacker.pages["/inner"] = stolen_form(page) + SUBMIT
    attacker.pages["/"] = f"<iframe sandbox='{sandbox}' src='/inner'></iframe>"
    lured = page.context.new_page()
    with lured.expect_request(re.compile("/approve$")):
        lured.goto(f"http://evil.test:{attacker.port}/")
    lured.wait_for_load_state("networkidle")
    assert is_untouched(household, number)


def test_a_request_that_wants_no_answer_approves_nothing(
    household: Household, visitor: Visitor, attacker: Attacker
) -> None:
    number = household.draft_of("conflict")
    page = visitor(number)
    attacker.pages["/"] = stolen_form(page) + (
        "<script>fetch(document.getElementById('f').action, {method: 'POST', mode: 'no-cors', credentials: 'include',"
        " body: new URLSearchParams(new FormData(document.getElementById('f')))})"
        ".finally(() => { document.title = 'tried' })</script>"
    )
    lured = page.context.new_page()
    lured.goto(f"http://evil.test:{attacker.port}/")
    expect(lured).to_have_title("tried")
    assert is_untouched(household, number)


def test_the_page_cannot_be_framed(household: Household, visitor: Visitor, attacker: Attacker) -> None:
    page = visitor(household.draft_of("conflict"))
    for name in ("evil.test", "127.0.0.1"):
        attacker.pages["/"] = f"<iframe id=it src='{page.url}'></iframe>"
        lured = page.context.new_page()
        lured.goto(f"http://{name}:{attacker.port}/")
        frames = [frame for frame in lured.frames if frame is not lured.main_frame]
        assert all("Acme" not in frame.content() for frame in frames)
        assert [frame.url for frame in frames if frame.url.startswith(household.origin)] == []


def test_nothing_is_left_in_the_browser_that_another_port_could_take(
    household: Household, visitor: Visitor, attacker: Attacker
) -> None:
    page = visitor(household.draft_of("conflict"))
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    neighbour = page.context.new_page()
    neighbour.goto(f"http://127.0.0.1:{attacker.port}/")
    assert set(attacker.visits) == {""}


def test_another_site_is_not_told_the_address_it_was_left_from(
    household: Household, visitor: Visitor, attacker: Attacker
) -> None:
    page = visitor(household.draft_of("conflict"))
    page.evaluate(f"location.href = 'http://evil.test:{attacker.port}/'")
    page.wait_for_url(f"http://evil.test:{attacker.port}/")
    assert page.evaluate("document.referrer") == ""
    assert page.evaluate("window.opener") is None


def test_what_changed_meanwhile_is_not_approved_as_it_was(household: Household, open_page: Visitor) -> None:
    number = household.draft_of("conflict")
    page = open_page(number)
    household.calwatch("edit", number, "--slots", "1,2")
    page.get_by_role("button", name="Ask for a new time", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("changed since you looked")
    draft = household.show(number)
    assert (draft["state"], draft["version"]) == ("waiting", 2)


def test_a_form_from_before_a_call_back_is_over(household: Household, open_page: Visitor) -> None:
    number = household.draft_of("conflict")
    page = open_page(number)
    earlier = page.context.new_page()
    earlier.goto(page.url)
    page.get_by_role("button", name="Ask for a new time", exact=True).click()
    page.get_by_role("button", name="Call it back").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing was sent")
    earlier.get_by_role("button", name="Ask for a new time", exact=True).click()
    expect(earlier.get_by_role("status")).to_contain_text("changed since you looked")
    assert household.show(number)["state"] == "waiting"


def test_the_back_button_shows_how_it_is_and_not_how_it_was(household: Household, open_page: Visitor) -> None:
    number = household.draft_of("conflict")
    page = open_page(number)
    page.get_by_role("button", name="Keep the interview").click()
    expect(page.get_by_role("button", name="Bring it back")).to_be_visible()
    page.get_by_role("link", name="Now").click()
    page.go_back()
    expect(page.get_by_role("button", name="Bring it back")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Keep the interview")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_approves_once(household: Household, open_page: Visitor, scripts: bool) -> None:
    number = household.draft_of("conflict")
    page = open_page(number, scripts=scripts)
    page.get_by_role("button", name="Ask for a new time", exact=True).dblclick()
    expect(page.get_by_text("It leaves in")).to_be_visible()
    approvals = [line for line in household.calwatch("history", number, "--json").json if line["kind"] == "approve"]
    assert len(approvals) == 1


def test_fetching_everything_ahead_changes_nothing(household: Household, open_page: Visitor) -> None:
    number = household.draft_of("conflict")
    page = open_page(number)
    before = [line for line in household.rows() if "INSERT INTO" in line and "page:" not in line]
    base = page.url.removesuffix(f"/d/{number}")
    seen, waiting = set[str](), [f"{base}/"]
    while waiting:
        address = waiting.pop()
        seen.add(address)
        page.goto(address)
        found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href.split('#')[0])")
        waiting += [link for link in dict.fromkeys(found) if link.startswith(base) and link not in seen | set(waiting)]
    assert len(seen) >= 8
    for action in ("approve", "save", "become", "dismiss", "undo", "retry", "reopen"):
        answer = page.goto(f"{base}/d/{number}/{action}")
        assert answer is not None
        assert answer.status == 405
    open_page.troubles.clear()  # the browser names each 405
    after = [line for line in household.rows() if "INSERT INTO" in line and "page:" not in line]
    assert [line for line in after if line not in before and "health" not in line] == []
    assert is_untouched(household, number)


def test_an_address_works_once(household: Household, open_page: Visitor) -> None:
    link = open_page.link(household.draft_of("conflict"))
    first = open_page.context().new_page()
    first.goto(link)
    expect(first.get_by_role("heading", name="Acme", level=1)).to_be_visible()
    second = open_page.context().new_page()
    answer = second.goto(link)
    assert answer is not None
    assert answer.status == 403
    assert "Acme" not in second.content()
    open_page.troubles.clear()


def test_closing_the_page_everywhere_closes_it_here(household: Household, open_page: Visitor) -> None:
    page = open_page(household.draft_of("conflict"))
    household.calwatch("open", "--revoke")
    page.get_by_role("button", name="Ask for a new time", exact=True).click()
    expect(page.get_by_role("heading", name="This page is opened by calwatch")).to_be_visible()
    assert is_untouched(household, household.draft_of("conflict"))
    open_page.troubles.clear()
