"""What systemd is told: readiness, reloading, stopping, and that the service is still alive (sd_notify(3))."""

from __future__ import annotations

import logging
import os
import socket

log = logging.getLogger(__name__)


def notify_systemd(message: str) -> None:
    """Tells systemd (sd_notify(3)); without NOTIFY_SOCKET nothing happens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        try:
            line.connect("\0" + address[1:] if address.startswith("@") else address)
            line.sendall(message.encode())
        except OSError as reason:
            log.warning("systemd cannot be told: %s", reason)
