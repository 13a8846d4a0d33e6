"""The page on a real port: what it says to what is no request of its own, byte by byte, and how it begins and ends."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from calwatch.errors import Stop
from calwatch.web.guard import HEADERS
from calwatch.web.server import Running, Taken, start
from visits import Visit, the_settings
from worlds import World, a_waiting_draft


@pytest.fixture
def listen() -> str:
    """A free address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def served(world: World, tmp_path: Path, listen: str) -> Visit:
    return Visit(world, the_settings(tmp_path, listen=listen))


@pytest.fixture
def running(served: Visit) -> Iterator[Running]:
    running = start(served.site)
    assert running is not None
    yield running
    running.stop()


def address(running: Running) -> tuple[str, int]:
    host, port = running.address.removeprefix("http://").split(":")
    return host, int(port)


def said(running: Running, request: str | bytes) -> str:
    """All that is answered to these bytes, on a connection of their own."""
    with socket.create_connection(address(running), timeout=10) as line:
        line.sendall(request if isinstance(request, bytes) else request.encode("latin-1"))
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b"")).decode("latin-1")


def a_request(running: Running, first: str, *lines: str) -> str:
    host = running.address.removeprefix("http://")
    return "\r\n".join([first, f"Host: {host}", "Connection: close", *lines, "", ""])


def test_a_visitor_gets_the_page(running: Running, served: Visit) -> None:
    answer = said(running, a_request(running, f"GET /k/{served.key}/ HTTP/1.1"))
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "<!doctype html>" in answer


def test_no_answer_says_which_program_or_version_gives_it(running: Running) -> None:
    for first in ("GET / HTTP/1.1", "NONSENSE", "GET /static/calwatch.css HTTP/1.1", "OPTIONS * HTTP/1.1"):
        head = said(running, a_request(running, first)).partition("\r\n\r\n")[0].lower()
        assert "\r\nserver:" not in head
        for name in ("waitress", "werkzeug", "flask", "python"):
            assert name not in head


def test_a_request_by_another_name_is_refused_to_the_byte(running: Running) -> None:
    answer = said(running, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition("\r\n\r\n")
    lines = head.split("\r\n")
    assert lines[0] == "HTTP/1.1 421 Misdirected Request"
    assert body == "This address is not one of calwatch's. Use the one that `calwatch open` gives.\n"
    found = dict(line.split(": ", 1) for line in lines[1:])
    assert found.pop("Date")
    assert found == {
        **HEADERS,
        "Connection": "close",
        "Content-Length": str(len(body)),
        "Content-Type": "text/plain; charset=utf-8",
    }


REFUSED = {
    "two names": ("GET / HTTP/1.1", ["Host: evil.example"], 421),
    "a proxy's request": ("GET http://evil.example/ HTTP/1.1", [], 400),
    "a proxy's request for us": ("GET http://127.0.0.1/ HTTP/1.1", [], 400),
    "a tunnel": ("CONNECT evil.example:443 HTTP/1.1", [], 405),
    "everything's options": ("OPTIONS * HTTP/1.1", [], 405),
    "no session": ("GET / HTTP/1.1", [], 403),
    "a click without an origin": ("POST /q/1 HTTP/1.1", ["Content-Length: 0"], 403),
    "nothing there": ("GET /nowhere HTTP/1.1", [], 404),
    "out of the folder": ("GET /static/../app.py HTTP/1.1", [], 404),
    "more than a form": ("POST /q/1 HTTP/1.1", ["Content-Length: 99999999"], 413),
    "two lengths": ("POST /q/1 HTTP/1.1", ["Content-Length: 1", "Content-Length: 2"], 400),
    "an unknown coding": ("POST /q/1 HTTP/1.1", ["Transfer-Encoding: gzip"], 501),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_refused_with_the_page_s_headers(running: Running, what: str) -> None:
    first, lines, status = REFUSED[what]
    head = said(running, a_request(running, first, *lines)).partition("\r\n\r\n")[0]
    assert head.startswith(f"HTTP/1.1 {status} "), head
    for name, value in HEADERS.items():
        assert head.count(f"\r\n{name}: {value}") == 1, name


def test_what_is_no_http_at_all_is_refused(running: Running) -> None:
    for raw in (
        b"NONSENSE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
    ):
        answer = said(running, raw)
        assert answer.split(" ")[1] in ("400", "421"), answer


def test_headers_without_end_are_not_read_to_the_end(running: Running, served: Visit) -> None:
    with socket.create_connection(address(running), timeout=10) as line, suppress(ConnectionError):
        line.sendall(f"GET /k/{served.key}/ HTTP/1.1\r\nX-Long: ".encode())
        for _ in range(1000):
            line.sendall(b"x" * 10_000)
        pytest.fail("10 MB of headers were taken")


def test_a_request_of_old_without_a_name_is_refused(running: Running) -> None:
    assert said(running, "GET / HTTP/1.0\r\n\r\n").split(" ")[1] == "421"


def test_a_header_cannot_be_given_by_a_name_that_only_looks_like_it(
    running: Running, served: Visit, world: World
) -> None:
    a_waiting_draft(world)
    token = served.token("/d/1", "letter")
    body = f"token={token}"
    lines = (
        f"Sec_Fetch_Site: same-origin\r\nContent_Length: 0\r\nOrigin : {running.address}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    )
    request = a_request(running, f"POST /k/{served.key}/d/1/approve HTTP/1.1", *lines) + body
    assert said(running, request).split(" ")[1] in ("400", "403")
    assert served.woken == 0


def test_somebody_slow_keeps_nobody_waiting(running: Running, served: Visit) -> None:
    slow = [socket.create_connection(address(running)) for _ in range(20)]
    for line in slow:
        line.sendall(a_request(running, "POST /q/1 HTTP/1.1", "Content-Length: 1000").encode() + b"value=")
    begin = time.monotonic()
    assert said(running, a_request(running, f"GET /k/{served.key}/ HTTP/1.1")).startswith("HTTP/1.1 200 ")
    assert time.monotonic() - begin < 5
    for line in slow:
        line.close()


def test_a_taken_address_is_named_with_what_to_do(running: Running, served: Visit, listen: str) -> None:
    with pytest.raises(Taken, match=f"{listen} is taken by another program; set approval.listen to another port"):
        start(served.site)


def test_an_address_this_machine_does_not_have_is_told_as_such(world: World, tmp_path: Path) -> None:
    settings = the_settings(tmp_path)
    nowhere = settings.approval.model_copy(update={"listen": "192.0.2.1:8765"})  # TEST-NET-1, RFC 5737
    visit = Visit(world, settings.model_copy(update={"approval": nowhere}))
    with pytest.raises(Stop, match=r"cannot be served at 192\.0\.2\.1:8765") as told:
        start(visit.site)
    assert not isinstance(told.value, Taken)


def test_a_page_that_is_switched_off_is_not_served(world: World, tmp_path: Path) -> None:
    assert start(Visit(world, the_settings(tmp_path, listen="", public="")).site) is None


def test_the_page_ends_at_once_and_frees_its_address(served: Visit) -> None:
    threads = threading.active_count()
    for _ in range(2):
        running = start(served.site)
        assert running is not None
        with socket.create_connection(address(running), timeout=10) as idle:  # a browser that keeps its connection
            idle.sendall(a_request(running, "GET /healthz HTTP/1.1").replace("close", "keep-alive").encode())
            answer = idle.recv(65536)
            while not answer.endswith(b"}\n"):
                answer += idle.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 ")
            begin = time.monotonic()
            running.stop()
            assert time.monotonic() - begin < 2
            assert idle.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address(running))
    assert threading.active_count() == threads


def test_a_click_that_is_being_answered_is_answered_before_the_page_ends(served: Visit, world: World) -> None:
    a_waiting_draft(world)
    token = served.token("/d/1", "letter")
    asked, go_on = threading.Event(), threading.Event()

    def wake() -> None:
        asked.set()
        go_on.wait(5)
        world.pipeline.act()

    running = start(replace(served.site, wake=wake))
    assert running is not None
    body = f"token={token}"
    lines = (
        f"Origin: {running.address}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    )
    request = a_request(running, f"POST /k/{served.key}/d/1/approve HTTP/1.1", *lines) + body
    answers: list[str] = []
    click = threading.Thread(target=lambda: answers.append(said(running, request)))
    click.start()
    assert asked.wait(5)
    threading.Timer(0.2, go_on.set).start()
    running.stop()
    click.join(10)
    assert answers[0].startswith("HTTP/1.1 303 "), answers
    assert f"\r\nLocation: /k/{served.key}/d/1\r\n" in answers[0]


def test_no_key_and_no_address_is_ever_logged(served: Visit, world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    running = start(served.site)
    assert running is not None
    world.stop()
    (world.folder / "calwatch.db").write_bytes(b"no database" * 1000)
    once = "Z" * 32
    for path in (f"/k/{served.key}/", f"/k/{served.key}/d/1", f"/o/{once}", f"/p/{once}"):
        assert said(running, a_request(running, f"GET {path} HTTP/1.1")).split(" ")[1] in ("403", "503")
    running.stop()
    assert caplog.text  # a store that cannot be read is told
    assert served.key not in caplog.text
    assert once not in caplog.text


def test_a_bug_is_told_by_where_it_happened_and_answered_without_details(
    served: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    title = "Interview with Acme"

    def broken() -> str:
        raise ZeroDivisionError(title, served.key)

    served.app.add_url_rule("/broken", view_func=broken)
    answer = served.get("/broken")
    assert answer.status_code == 500
    for told in (caplog.text, answer.get_data(as_text=True).replace(f'"/k/{served.key}/', '"/')):
        assert title not in told
        assert served.key not in told
    assert "ZeroDivisionError" in caplog.text
    assert "in broken" in caplog.text


class Stopped:
    """A clock that tells nothing."""

    def now(self) -> datetime:
        raise ValueError(SECRET)


SECRET = "the title of somebody's interview"


def test_what_goes_wrong_while_it_is_told_that_something_went_wrong_is_told_shortly(
    served: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    running = start(replace(served.site, clock=Stopped()))  # type: ignore[arg-type]
    assert running is not None
    told = said(running, a_request(running, f"GET /k/{served.key}/d/1 HTTP/1.1"))
    running.stop()
    assert told.startswith("HTTP/1.1 500 ")
    assert told.endswith("\r\n\r\nSomething went wrong in calwatch; its log says where.\n")
    assert f"\r\nContent-Security-Policy: {HEADERS['Content-Security-Policy']}\r\n" in told
    assert "in now" in caplog.text
    for secret in (SECRET, served.key):
        assert secret not in caplog.text
        assert secret not in told
