"""The port the browser comes back to, and browsers that do not wait for their page."""

from __future__ import annotations

import socket
import struct
from threading import Thread

import pytest

from calwatch.providers.remote.loopback import Loopback, Returned

RESET = struct.pack("ii", 1, 0)


def port_of(loopback: Loopback) -> tuple[str, int]:
    return "127.0.0.1", int(loopback.address.rstrip("/").rpartition(":")[2])


def test_a_browser_that_is_gone_before_its_page_has_brought_the_answer_all_the_same() -> None:
    found: list[Returned] = []
    said: list[str] = []
    for _ in range(5):
        with Loopback() as loopback:
            waiting = Thread(target=lambda: found.append(loopback.wait(None, said.append)), daemon=True)
            waiting.start()
            with socket.create_connection(port_of(loopback)) as browser:
                browser.sendall(f"GET /?state={loopback.state}&code=4%2F0A HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            waiting.join(timeout=10)
    assert found == [Returned("4/0A")] * 5


def test_a_visitor_that_breaks_off_shows_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    with Loopback() as loopback:
        for said in (b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\r\n\r\n"):
            with socket.create_connection(port_of(loopback)) as visitor:
                visitor.sendall(said)
                visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        with socket.create_connection(port_of(loopback)) as browser:
            browser.sendall(f"GET /?state={loopback.state}&code=c HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert loopback.wait(None, told.append) == Returned("c")
            assert browser.recv(100)
    assert capfd.readouterr() == ("", "")
