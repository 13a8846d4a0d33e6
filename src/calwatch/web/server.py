"""Serves the page: waitress in a thread of its own, asleep while nobody looks."""

from __future__ import annotations

import errno
import threading
from typing import Any

from calwatch.errors import Stop
from calwatch.web.site import Site

_THREADS = 3
_LOOP = 30
"""Seconds waitress sleeps at most when nothing comes; it closes forgotten connections when it wakes."""


class Running:
    """A page that is being served, until ``stop``."""

    def __init__(self, server: Any, address: str) -> None:
        self._server = server
        self.address = address
        self._thread = threading.Thread(target=server.run, name="page", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Lets answers that are being written end, and frees the address."""
        server = self._server
        server.task_dispatcher.shutdown(timeout=5)

        def close() -> None:  # in the loop's own thread: it ends when nothing is left to wait for
            server.asyncore.close_all(server._map, ignore_all=True)  # noqa: SLF001 - waitress has no other way to stop

        server.trigger.pull_trigger(close)
        self._thread.join(timeout=5)


def start(site: Site) -> Running | None:
    """Serves ``approval.listen``; ``None`` when that is switched off. Raises Stop when the address cannot be had."""
    listen = site.settings.approval.listen
    if not listen:
        return None
    from waitress.server import create_server

    from calwatch.web.app import make_app

    host, _, port = listen.rpartition(":")
    try:
        server = create_server(
            make_app(site),
            host=host.strip("[]"),
            port=int(port),
            threads=_THREADS,
            ident=None,
            asyncore_loop_timeout=_LOOP,
            channel_timeout=60,
            connection_limit=60,
            max_request_body_size=512 * 1024,
            max_request_header_size=32 * 1024,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Stop(
                f"the page's address {listen} is taken by another program; set approval.listen to another port, "
                "then: calwatch reload"
            ) from error
        raise Stop(f"the page cannot be served at {listen} ({error.strerror}); see approval.listen") from error
    return Running(server, f"http://{listen}")
