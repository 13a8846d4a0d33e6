"""The word between commands and the running service: a socket in the state folder that only its owner can open."""

from __future__ import annotations

import logging
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from calwatch.errors import Retry, Stop

log = logging.getLogger(__name__)

SOCKET = "calwatch.sock"


def poke(state: Path, verb: str = "poke", *, patience: float = 30.0) -> str:
    """Says one word to the running service and gives its answer. Raises Retry when no service runs there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(patience)
        try:
            line.connect(str(state / SOCKET))
            line.sendall(verb.encode() + b"\n")
            return line.makefile("r", encoding="utf-8").read().strip()
        except OSError as reason:
            raise Retry(f"no calwatch service answers on {state}") from reason


def listen(state: Path) -> socket.socket:
    """Opens the socket for the service (mode 0600), in place of one a killed service left behind. Raises Stop."""
    path = state / SOCKET
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as reason:
        listener.close()
        raise Stop(f"the socket {path} cannot be made: {reason.strerror or reason}") from reason
    finally:
        os.umask(before)
    listener.listen(8)
    return listener


def answer_one(listener: socket.socket, reply: Callable[[str], str]) -> None:
    """Takes one command's word and answers it, if it comes from a program of ours (or of root)."""
    try:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(2)
            if _user_of(connection) not in (None, os.geteuid(), 0):
                log.warning("another user's program tried to speak to the service")
                return
            word = connection.recv(64).decode("ascii", "replace").strip()
            connection.sendall(reply(word).encode() + b"\n")
    except OSError:
        log.info("a command went away before it was answered")


def _user_of(connection: socket.socket) -> int | None:
    """Whose program is at the other end (unix(7), SO_PEERCRED); ``None`` where only the file's mode protects it."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", told)
    return int(user)
