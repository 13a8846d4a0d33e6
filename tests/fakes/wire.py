"""HTTP/1.1 of the fake providers: keep-alive, quiet, with TLS or not, able to cut a connection without an answer."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """One request; ``headers`` have lower-case names, ``connection`` numbers the TCP connection it came on.

    ``target`` is path and query as they were written.
    """

    verb: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    connection: int
    target: str = ""


@dataclass(frozen=True)
class Reply:
    """One answer. ``broken_off``: after half of it the connection is cut."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    broken_off: bool = False


class Wire(ThreadingHTTPServer):
    """Listens on a free port of the loopback address; ``answer`` gives a reply, or ``None`` to cut the connection.

    With ``tls`` it speaks https and calls itself localhost, the name in the certificate.
    """

    def __init__(self, answer: Callable[[Request], Reply | None], tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.daemon_threads = False
        self.answer = answer
        self.tls = tls
        self.numbers = itertools.count(1)
        self.open: set[socket.socket] = set()
        self.bugs: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def start(self) -> str:
        self._thread.start()
        port = self.server_address[1]
        return f"https://localhost:{port}" if self.tls is not None else f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        for connection in list(self.open):
            hang_up(connection)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ssl.SSLError | ConnectionError):  # who does not trust us has every right
            self.bugs.append(traceback.format_exc())


class _Exchange(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Wire
    disable_nagle_algorithm = True

    def setup(self) -> None:
        if self.server.tls is not None:  # here, in the thread of this connection: others need not wait for it
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()
        self.number = next(self.server.numbers)
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()
        if self.server.tls is not None:  # the server closes only the socket it accepted, which is an empty shell now
            hang_up(self.connection)
            self.connection.close()

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def serve(self) -> None:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        query = parse_qsl(url.query, keep_blank_values=True)
        verb = self.command
        if verb == "POST" and headers.get("x-http-method-override") == "GET":
            verb, query, body = "GET", parse_qsl(body.decode(), keep_blank_values=True), b""
        reply = self.server.answer(Request(verb, url.path, query, headers, body, self.number, self.path))
        if reply is None:
            self.close_connection = True
            hang_up(self.connection)
            return
        self._write(reply, zipped="gzip" in headers.get("accept-encoding", ""))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815 - the names http.server looks for

    def _write(self, reply: Reply, *, zipped: bool) -> None:
        body = reply.body
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if zipped and len(body) > 1000:
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        if reply.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if reply.broken_off:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            hang_up(self.connection)
            return
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Quiet."""


def hang_up(connection: socket.socket) -> None:
    """Ends a connection both ways; the other side may have done so already."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
