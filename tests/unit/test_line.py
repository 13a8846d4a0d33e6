"""The word between commands and the service: for the owner's programs only."""

from __future__ import annotations

import os
import socket
import struct
import threading
from pathlib import Path
from typing import Any

import pytest

from calwatch.daemon.line import SOCKET, answer_one, listen, poke
from calwatch.errors import Retry


class Connection:
    """What ``accept`` gives: a program of the user ``user`` says something."""

    def __init__(self, user: int) -> None:
        self._user = user
        self.sent = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *error: object) -> None:
        self.closed = True

    def settimeout(self, _seconds: float) -> None:
        pass

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        assert (level, option, size) == (socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return struct.pack("3i", 4711, self._user, 100)

    def recv(self, _size: int) -> bytes:
        return b"open\n"

    def sendall(self, data: bytes) -> None:
        self.sent += data


class Listener:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def accept(self) -> tuple[Connection, str]:
        return self._connection, ""


def answered(user: int) -> tuple[bytes, list[str]]:
    heard: list[str] = []

    def reply(word: str) -> str:
        heard.append(word)
        return "ok a secret address"

    connection = Connection(user)
    listener: Any = Listener(connection)
    answer_one(listener, reply)
    assert connection.closed
    return connection.sent, heard


def test_a_command_of_the_owner_is_answered(tmp_path: Path) -> None:
    with listen(tmp_path) as listener:
        assert (tmp_path / SOCKET).stat().st_mode & 0o777 == 0o600
        thread = threading.Thread(target=answer_one, args=(listener, lambda word: f"ok {word}"))
        thread.start()
        assert poke(tmp_path, "open 12") == "ok open 12"
        thread.join(5)


@pytest.mark.parametrize("user", [os.geteuid(), 0])
def test_the_owner_and_root_are_answered(user: int) -> None:
    assert answered(user) == (b"ok a secret address\n", ["open"])


def test_another_users_program_is_neither_heard_nor_answered() -> None:
    assert answered(os.geteuid() + 1) == (b"", [])


def test_without_a_service_a_command_is_told_that_none_answers(tmp_path: Path) -> None:
    with pytest.raises(Retry, match="no calwatch service answers"):
        poke(tmp_path)
