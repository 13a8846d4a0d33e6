"""Whose program it is that talks to the page on this machine: Linux says it of every connection.

An address that opens the page stands on the browser's command line for a moment, where every user of the machine can
read it; and whoever takes the port of a service that has ended is sent its keys by pages still open. So neither is any
use to other users' programs.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

_TABLES = {socket.AF_INET: Path("/proc/net/tcp"), socket.AF_INET6: Path("/proc/net/tcp6")}
_ROOT = 0  # may do everything anyway; relays of virtual machines run as root


def is_stranger(environ: WSGIEnvironment, own: int | None = None) -> bool:
    """Whether a request comes from another person's program; ``own`` is the service's user id.

    ``False`` when that cannot be told: on other systems, from another network namespace, and where the service has an
    account of its own, so that the person is somebody else by nature.
    """
    own = os.geteuid() if own is None else own
    address, port, own_port = (str(environ.get(name, "")) for name in ("REMOTE_ADDR", "REMOTE_PORT", "SERVER_PORT"))
    if not _is_person(own) or not port.isdigit() or not own_port.isdigit():
        return False
    owner = owner_of(address, int(port), int(own_port))
    return owner is not None and owner not in (own, _ROOT)


def _is_person(user: int) -> bool:
    """System accounts are below 1000, systemd's own from 61184 (systemd, "Users, Groups, UIDs and GIDs")."""
    return user >= 1000 and not 61184 <= user <= 65535


def owner_of(address: str, port: int, own_port: int) -> int | None:
    """The user id of the program whose socket (numeric address and port) is connected to ``own_port``."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        end = f"{_packed(family, address)}:{port:04X}"
        return owner_in(_TABLES[family].read_text(encoding="ascii").splitlines(), end, own_port)
    except OSError:  # no such table, or no such address
        return None


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
