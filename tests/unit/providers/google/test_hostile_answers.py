"""A server that answers anything at all: each answer ends in one of calwatch's errors, and none of its words leak."""

from __future__ import annotations

import json
import socket
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from calwatch.errors import CalwatchError, Retry
from calwatch.providers.remote.faults import Refusal
from unit.providers.google.conftest import Line
from unit.providers.google.test_reading_and_writing import failure, insert, read_events
from unit.providers.google.test_sign_in import Desk

SECRET = "1//0g-a-secret-that-nobody-may-see"
DEEP = "[" * 100_000


@contextmanager
def answering(body: str, status: int = 200) -> Iterator[str]:
    """The root of a server that gives every request this answer."""
    whole = body.encode("utf-8", "surrogatepass")
    head = f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(whole)}\r\n"

    def answer(listener: socket.socket) -> None:
        while True:
            peer, _ = listener.accept()
            with peer:
                request = peer.recv(65536)
                if request == b"enough":
                    return
                wanted = int(request.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
                while len(request.partition(b"\r\n\r\n")[2]) < wanted:
                    request += peer.recv(65536)
                peer.sendall(head.encode() + b"Connection: close\r\n\r\n" + whole)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer, args=(listener,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with socket.create_connection(listener.getsockname()) as last:
                last.sendall(b"enough")
            thread.join()


def another_client(line: Line, root: str) -> Path:
    """The client file of somebody whose token endpoint is at ``root``."""
    client = json.loads(line.account().client_file.read_text())
    client["installed"]["token_uri"] = f"{root}/token"
    path = line.folder / "another.json"
    path.write_text(json.dumps(client))
    return path


@pytest.mark.parametrize("message", [5, [1], {"a": 1}, None, True, "\ud800"])
def test_a_refusal_whose_words_are_no_words_is_a_refusal(signed_in: Line, message: Any) -> None:
    with answering(json.dumps({"error": {"code": 403, "message": message}}), 403) as root:
        connection = signed_in.open(api_root=root)
        assert isinstance(failure(lambda: read_events(connection)), Refusal)
        assert isinstance(failure(lambda: insert(connection)), Refusal)


@pytest.mark.parametrize("body", ["", "null", "5", DEEP, '{"error": ' + DEEP, '"\ud800"', "9" * 5000])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_any_other_answer_is_one_to_try_again_or_a_doubt(signed_in: Line, body: str, status: int) -> None:
    with answering(body, status) as root:
        connection = signed_in.open(api_root=root)
        assert isinstance(failure(lambda: read_events(connection)), CalwatchError)
        assert isinstance(failure(lambda: insert(connection)), CalwatchError)


ODD_TOKENS: list[tuple[int, str]] = [
    (200, json.dumps({"refresh_token": SECRET, "expires_in": 3599})),
    (200, json.dumps({"access_token": SECRET, "refresh_token": SECRET, "expires_in": "soon"})),
    (200, json.dumps({"access_token": SECRET, "refresh_token": SECRET, "expires_in": [1]})),
    (200, '{"access_token": "' + SECRET + '", "refresh_token": "x", "expires_in": 1e999}'),
    (200, json.dumps({"access_token": 5, "refresh_token": SECRET})),
    (200, json.dumps({"access_token": "", "refresh_token": SECRET})),
    (200, json.dumps({"access_token": None, "refresh_token": SECRET})),
    (200, json.dumps([SECRET])),
    (200, json.dumps(SECRET)),
    (200, ""),
    (200, DEEP),
    (200, "<html>sign in to the hotel's network</html>"),
    (400, json.dumps({"error": {"code": 5}})),
    (408, json.dumps({"error": "timeout"})),
    (400, json.dumps({"error": 5, "access_token": SECRET})),
]


@pytest.mark.parametrize(("status", "body"), ODD_TOKENS)
def test_an_odd_answer_to_renewing_is_told_without_its_words(signed_in: Line, status: int, body: str) -> None:
    signed_in.clock.advance(7200)
    with answering(body, status) as root:
        connection = signed_in.open(client_file=another_client(signed_in, root))
        error = failure(lambda: read_events(connection))
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET not in signed_in.token.read_text()
    if status in (200, 408):
        assert isinstance(error, Retry)


@pytest.mark.parametrize(("status", "body"), ODD_TOKENS)
def test_an_odd_answer_to_the_code_is_told_without_its_words(line: Line, status: int, body: str) -> None:
    desk = Desk(line)
    with answering(body, status) as root:
        client = another_client(line, root)
        error = failure(lambda: desk.sign_in(client_file=client))
    assert SECRET not in "".join(traceback.format_exception(error))
    assert not line.token.exists()


def test_what_was_asked_stands_in_no_error(signed_in: Line) -> None:
    whom = "nadia@corp.example"

    def search(root: str) -> str:
        connection = signed_in.open(gmail_root=root)
        request = connection.gmail.users().messages().list(userId="me", q=whom)
        return "".join(traceback.format_exception(failure(lambda: connection.read(request))))

    with answering('{"error": {"code": 400, "message": "no"}}', 400) as root:
        assert "nadia" not in search(root)
    assert "nadia" not in search(root)  # nobody listens there any more
