"""Serves the page: waitress in a thread of its own, asleep while nobody looks."""

from __future__ import annotations

import errno
import socket
import threading
from typing import Any

from calwatch.errors import Stop
from calwatch.web.site import Site

_THREADS = 3
_LOOP = 30
"""Seconds waitress sleeps at most when nothing comes; it closes forgotten connections when it wakes."""


class Taken(Stop):
    """Another program listens at the page's address. Reaction: say so, watch on, try again now and then."""


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
    listener = _bound(listen)  # before anything is made for it: this may be tried every minute
    try:
        return Running(_made(site, listener), f"http://{listen}")
    except BaseException:
        listener.close()
        raise


def _bound(listen: str) -> socket.socket:
    """A socket at that address (numeric host and port), not yet listening."""
    host, _, port = listen.rpartition(":")
    listener = socket.socket(socket.AF_INET6 if host.startswith("[") else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # over what a service before left in TIME_WAIT
        listener.bind((host.strip("[]"), int(port)))
        listener.listen(64)  # two bound sockets pass on Linux; the second one to listen is refused
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Taken(
                f"the page's address {listen} is taken by another program; set approval.listen to another port, "
                "then: calwatch reload"
            ) from error
        raise Stop(f"the page cannot be served at {listen} ({error.strerror}); see approval.listen") from error
    return listener


def _made(site: Site, listener: socket.socket) -> Any:
    from waitress.server import create_server

    from calwatch.web.app import make_app
    from calwatch.web.guard import HEADERS

    server = create_server(
        make_app(site),
        sockets=[listener],
        threads=_THREADS,
        ident=None,
        asyncore_loop_timeout=_LOOP,
        asyncore_use_poll=True,
        channel_timeout=60,
        connection_limit=60,
        max_request_body_size=512 * 1024,
        max_request_header_size=32 * 1024,
        clear_untrusted_proxy_headers=True,
    )
    server.channel_class = _channel(HEADERS)
    return server


def _channel(headers: dict[str, str]) -> Any:
    """waitress' own answers, to what is no request, carry our headers as well."""
    from waitress.channel import HTTPChannel
    from waitress.task import ErrorTask

    class Refusal(ErrorTask):  # type: ignore[misc]  # waitress has no types
        def execute(self) -> None:
            self.response_headers.extend(headers.items())
            super().execute()

    class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
        error_task_class = Refusal

    return Channel
