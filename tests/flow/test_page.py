"""The page of the real service by the real command: opened, approved on, closed; and what is said when it is off or its
address is taken."""

from __future__ import annotations

import html
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from flow.program import eventually
from flow.world import World, assert_is_what_was_shown

QUICK = '[watch]\nevery = "1s"\nsettle = "0s"\n'
PUBLIC = "https://calwatch.example.org"


@dataclass(frozen=True)
class Told:
    """One answer of the page."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Visitor:
    """A browser that keeps nothing: each request is a connection of its own."""

    listen: str

    def ask(self, path: str, *, form: dict[str, str] | None = None, **headers: str) -> Told:
        line = HTTPConnection(self.listen, timeout=20)
        try:
            if form is None:
                line.request("GET", path, headers=headers)
            else:
                given = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.listen}"}
                line.request("POST", path, body=urlencode(form), headers={**given, **headers})
            answer = line.getresponse()
            return Told(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            line.close()

    def follow(self, url: str) -> str:
        """Opens an address that works once; gives the path of the page it leads to."""
        opened = self.ask(urlsplit(url).path)
        assert opened.status == 303, opened
        return opened.headers["Location"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, more=QUICK)


@pytest.fixture
def visitor(world: World) -> Visitor:
    """The page of the world is on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    listening(world, listen)
    return Visitor(listen)


def listening(world: World, listen: str, public: str = "") -> None:
    """Writes the configuration with the page there."""
    world.configure()
    text = world.config.read_text("utf-8")
    world.configure(text.replace('listen = ""', f'listen = "{listen}"\npublic_url = "{public}"'))


def fields(page: str) -> dict[str, str]:
    """The letter's form, unchanged, as far as one value a field goes."""
    form = page[page.index('<form id="letter"') :].partition("</form>")[0]
    hidden = re.findall(r'type="hidden" name="(token)" value="([^"]*)"', form)
    text = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", form, re.DOTALL)
    assert text is not None
    return {**dict(hidden), "text": html.unescape(text[1])}


def test_a_letter_is_approved_on_the_page_and_leaves(world: World, visitor: Visitor) -> None:
    world.globex()
    with world.service() as service:
        eventually(world.waiting, "no draft appears", service)
        draft = world.draft()
        url = world.calwatch("open", draft["id"], "--print").out.strip()
        assert re.fullmatch(rf"http://{visitor.listen}/o/[\w-]{{32}}", url)
        path = visitor.follow(url)
        assert re.fullmatch(r"/k/[\w-]{22}/d/1", path)
        page = visitor.ask(path)
        assert page.status == 200
        assert "Globex" in page.text
        assert world.sent() == []
        approved = visitor.ask(f"{path}/approve", form=fields(page.text))
        assert (approved.status, approved.headers["Location"]) == (303, path)
        eventually(world.sent, "the letter does not leave", service)
        assert "Approved." in visitor.ask(path).text
        visitor.ask(f"{path}/approve", form=fields(page.text))  # the old page's button once more
        assert visitor.ask(urlsplit(url).path).status == 403  # the address worked once
        service.stop()
        for secret in (url.rpartition("/")[2], path.split("/")[2]):
            assert secret not in service.log
    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)
    assert any(entry["who"] == "page" for entry in world.calwatch("history", "--json").json)


def test_opening_needs_a_draft_that_exists_and_a_service_that_runs(world: World, visitor: Visitor) -> None:
    alone = world.calwatch("open", "--print", code=75)
    assert "calwatch run" in alone.err
    with world.service() as service:
        unknown = world.calwatch("open", 99, "--print", code=3)
        assert "99" in unknown.err
        for words in (("--pair", "--revoke"), (1, "--revoke"), (1, "--pair"), ("x",), ("9" * 30,)):
            assert world.calwatch("open", *words, code=2).out == ""
        assert world.status()["page"] == {"address": f"http://{visitor.listen}", "state": "ok", "detail": None}
        assert service.stop() < 2.0
    assert world.status()["page"]["state"] == "stopped"


def test_a_page_that_is_off_is_said_to_be_off_until_a_reload_switches_it_on(world: World, visitor: Visitor) -> None:
    world.configure()
    with world.service() as service:
        off = world.calwatch("open", "--print", code=2)
        assert 'approval.listen = "127.0.0.1:8765"' in off.err
        assert world.status()["page"]["state"] == "off"
        assert "Approval page" not in world.calwatch("status").out
        listening(world, visitor.listen)
        world.calwatch("open", "--print", code=2)  # set, and not yet read
        world.calwatch("reload")
        assert visitor.ask(visitor.follow(world.calwatch("open", "--print").out.strip())).status == 200
        service.stop()


def test_a_taken_address_is_told_and_watching_goes_on(world: World, visitor: Visitor) -> None:
    host, port = visitor.listen.split(":")
    with socket.create_server((host, int(port))), world.service() as service:
        eventually(lambda: "is taken by another program" in service.log, "the log says nothing", service)
        told = world.calwatch("open", "--print", code=1)
        assert f"{visitor.listen} is taken by another program" in told.err
        assert world.status()["page"]["state"] == "taken"
        assert "taken by another program" in world.calwatch("status").out
        world.globex()
        eventually(world.waiting, "nobody watches", service)
        service.stop()


def test_the_page_is_closed_everywhere_also_when_the_service_is_gone(world: World, visitor: Visitor) -> None:
    assert "closed everywhere" in world.calwatch("open", "--revoke").out
    with world.service() as service:
        first, second = (visitor.follow(world.calwatch("open", "--print").out.strip()) for _ in range(2))
        assert visitor.ask(first).status == visitor.ask(second).status == 200
        assert "closed everywhere" in world.calwatch("open", "--revoke").out
        assert visitor.ask(first).status == visitor.ask(second).status == 403
        third = visitor.follow(world.calwatch("open", "--print").out.strip())
        service.stop()
    assert "closed everywhere" in world.calwatch("open", "--revoke").out
    with world.service() as service:
        assert visitor.ask(third).status == 403
        service.stop()


def test_a_session_outlives_a_restart_of_the_service_but_a_form_does_not(world: World, visitor: Visitor) -> None:
    world.globex()
    with world.service() as service:
        eventually(world.waiting, "no draft appears", service)
        path = visitor.follow(world.calwatch("open", 1, "--print").out.strip())
        before = fields(visitor.ask(path).text)
        service.stop()
    with world.service() as service:
        assert visitor.ask(f"{path}/approve", form=before).status == 303
        assert "This has changed since you looked" in visitor.ask(path).text
        assert world.draft()["state"] == "waiting"
        service.stop()
    assert world.sent() == []


def test_a_phone_is_paired_through_the_public_address(world: World, visitor: Visitor) -> None:
    with world.service() as service:
        refused = world.calwatch("open", "--pair", code=2)
        assert "approval.public_url" in refused.err
        service.stop()
    listening(world, visitor.listen, PUBLIC)
    host = PUBLIC.removeprefix("https://")
    with world.service() as service:
        url = world.calwatch("open", "--pair").out.strip()
        assert url.startswith(f"{PUBLIC}/p/")
        path = urlsplit(url).path
        assert visitor.ask(path, Host=host).status == 200  # a preview of the link pairs nothing
        paired = visitor.ask(path, form={}, Host=host, Origin=PUBLIC)
        assert (paired.status, paired.headers["Location"]) == (303, "/")
        cookie = paired.headers["Set-Cookie"].partition(";")[0]
        assert visitor.ask("/", Host=host, Cookie=cookie).status == 200
        assert visitor.ask("/", Host=host).status == 403
        assert visitor.ask("/", Cookie=cookie).status == 403
        service.stop()
        assert cookie.partition("=")[2] not in service.log


def test_a_browser_in_a_hurry_leaves_a_quiet_log(world: World, visitor: Visitor) -> None:
    with world.service() as service:
        path = visitor.follow(world.calwatch("open", "--print").out.strip())
        with ThreadPoolExecutor(12) as browser:
            answers = list(browser.map(lambda _: visitor.ask(path).status, range(48)))
        assert set(answers) == {200}
        service.stop()
        for word in ("WARNING", "ERROR", "queue"):
            assert word not in service.log
