"""Whose program is at the other end of a connection on this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calwatch.web import neighbours
from calwatch.web.neighbours import is_stranger, owner_in, owner_of

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
OURS = "   0: 0100007F:223D 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000  1000        0 71 1 0 20 4 1 10 -1"
THEIRS = (
    "   1: 0100007F:D2F0 0100007F:223D 01 00000000:00000000 00:00000000 00000000  1001        0 72 1 0 20 4 1 10 -1"
)
END = "0100007F:D2F0"
REQUEST = {"REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": str(0xD2F0), "SERVER_PORT": "8765"}


@contextmanager
def a_connection(family: socket.AddressFamily, host: str) -> Iterator[tuple[str, int, int]]:
    """A real connection on this machine: the client's address and port, and the server's port."""
    with socket.socket(family) as listener, socket.socket(family) as client:
        listener.bind((host, 0))
        listener.listen()
        client.connect(listener.getsockname())
        address, port, *_ = client.getsockname()
        yield address, port, listener.getsockname()[1]


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_kernel_tells_whose_a_real_connection_is(family: socket.AddressFamily, host: str) -> None:
    with a_connection(family, host) as (address, port, own_port):
        assert owner_of(address, port, own_port) == os.geteuid()


def test_the_row_of_the_other_end_is_read_and_not_ours() -> None:
    assert owner_in([HEAD, OURS, THEIRS], END, 8765) == 1001


@pytest.mark.parametrize("lines", [[], [HEAD], [HEAD, OURS], [HEAD, THEIRS.replace("223D", "223E")], ["", "garbage"]])
def test_what_is_not_in_the_table_is_unknown(lines: list[str]) -> None:
    assert owner_in(lines, END, 8765) is None


@pytest.fixture
def their_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """User 1001 talks to the page; the kernel's own table cannot be asked for another user's connection."""
    table = tmp_path / "tcp"
    table.write_text("\n".join([HEAD, OURS, THEIRS]), encoding="ascii")
    monkeypatch.setitem(neighbours._TABLES, socket.AF_INET, table)


@pytest.mark.usefixtures("their_connection")
@pytest.mark.parametrize("own", [1000, 1002, 60001, 1668400001])
def test_to_a_person_another_users_program_is_a_stranger(own: int) -> None:
    assert is_stranger(REQUEST, own)


@pytest.mark.usefixtures("their_connection")
def test_the_persons_own_program_is_none() -> None:
    assert not is_stranger(REQUEST, 1001)


@pytest.mark.usefixtures("their_connection")
@pytest.mark.parametrize("own", [0, 113, 999, 61184, 65534])
def test_to_a_service_with_an_account_of_its_own_everybody_is_somebody_else(own: int) -> None:
    assert not is_stranger(REQUEST, own)


def test_root_is_no_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "tcp"
    table.write_text(THEIRS.replace(" 1001 ", " 0 "), encoding="ascii")
    monkeypatch.setitem(neighbours._TABLES, socket.AF_INET, table)
    assert not is_stranger(REQUEST, 1000)


@pytest.mark.parametrize("told", [{}, {**REQUEST, "REMOTE_PORT": ""}, {**REQUEST, "REMOTE_ADDR": "not one"}])
def test_what_cannot_be_told_is_held_against_nobody(told: dict[str, str]) -> None:
    assert not is_stranger(told, 1000)


def test_without_the_kernels_table_nobody_is_called_a_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(neighbours._TABLES, socket.AF_INET, tmp_path / "nothing")
    assert not is_stranger(REQUEST, 1000)
