"""The word between commands and the running service: a socket in the state folder that only its owner can open."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from calwatch.errors import Retry, Stop

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
