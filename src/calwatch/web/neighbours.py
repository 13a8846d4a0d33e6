"""Whose program it is that talks to the page on this machine: Linux says it of every connection.

An address that opens the page stands on the browser's command line for a moment, where every user of the machine can
read it. So it opens the page to the person's own programs only.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

_TABLES = {socket.AF_INET: Path("/proc/net/tcp"), socket.AF_INET6: Path("/proc/net/tcp6")}
_ROOT = 0  # may do everything anyway; relays of virtual machines run as root


def is_stranger(address: str, port: int, own_port: int) -> bool:
    """Whether the program at the other end (its numeric ``address`` and ``port``) is another user's.

    ``False`` when that cannot be told: on other systems, or from another network namespace.
    """
    owner = _owner(address, port, own_port)
    return owner is not None and owner not in (os.geteuid(), _ROOT)


def _owner(address: str, port: int, own_port: int) -> int | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        lines = _TABLES[family].read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return owner_in(lines, f"{_packed(family, address)}:{port:04X}", own_port)


def owner_in(lines: Iterable[str], end: str, own_port: int) -> int | None:
    """The user id of the socket at ``end`` that is connected to ``own_port``, in a table such as /proc/net/tcp.

    Fields (Linux, net/ipv4/tcp_ipv4.c): number, local end, remote end, state, queues, timer, retransmits, uid, …
    """
    for line in lines:
        fields = line.split()
        if len(fields) > 7 and fields[1] == end and fields[2].endswith(f":{own_port:04X}"):
            return int(fields[7])
    return None


def _packed(family: socket.AddressFamily, address: str) -> str:
    """As the kernel prints it: 32-bit words in the machine's byte order, in hexadecimal."""
    raw = socket.inet_pton(family, address)
    words = (raw[at : at + 4] for at in range(0, len(raw), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
