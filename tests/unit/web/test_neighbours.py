"""Whose program is at the other end of a connection on this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calwatch.web import neighbours
from calwatch.web.neighbours import is_stranger, owner_in

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
OURS = "   0: 0100007F:223D 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000   998        0 71 1 0 20 4 1 10 -1"
THEIRS = (
    "   1: 0100007F:D2F0 0100007F:223D 01 00000000:00000000 00:00000000 00000000  1001        0 72 1 0 20 4 1 10 -1"
)
END = "0100007F:D2F0"


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
def test_a_program_of_ours_is_found_and_is_no_stranger(family: socket.AddressFamily, host: str) -> None:
    with a_connection(family, host) as (address, port, own_port):
        assert neighbours._owner(address, port, own_port) == os.geteuid()
        assert not is_stranger(address, port, own_port)


def test_the_row_of_the_other_end_is_read_and_not_ours() -> None:
    assert owner_in([HEAD, OURS, THEIRS], END, 8765) == 1001


@pytest.mark.parametrize("lines", [[], [HEAD], [HEAD, OURS], [HEAD, THEIRS.replace("223D", "223E")], ["", "garbage"]])
def test_what_is_not_in_the_table_is_unknown(lines: list[str]) -> None:
    assert owner_in(lines, END, 8765) is None


@pytest.mark.parametrize(("owner", "strange"), [(1001, True), (0, False), (os.geteuid(), False)])
def test_other_users_are_strangers_and_root_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int, *, strange: bool
) -> None:
    table = tmp_path / "tcp"
    table.write_text("\n".join([HEAD, OURS, THEIRS.replace("1001", str(owner))]))
    monkeypatch.setitem(neighbours._TABLES, socket.AF_INET, table)  # the kernel's own cannot be asked for another user
    assert is_stranger("127.0.0.1", 0xD2F0, 8765) is strange


def test_without_the_kernels_table_nobody_is_called_a_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(neighbours._TABLES, socket.AF_INET, tmp_path / "nothing")
    assert not is_stranger("127.0.0.1", 1, 2)
