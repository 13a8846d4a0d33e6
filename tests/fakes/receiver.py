"""Somebody at the other end of ``json://``: a loopback HTTP server that takes messages, refuses them, or is silent."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """``bodies`` is what came; ``status`` is answered next. While ``silent`` nothing is answered at all."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.status = 200
        self.silent = False
        self.came, self._speak = threading.Event(), threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                outer.came.set()
                if outer.silent:
                    outer._drip(self)
                    return
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def _drip(self, handler: BaseHTTPRequestHandler) -> None:
        """A byte now and then, so that no read of the other side times out."""
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not self._speak.wait(0.2):
                handler.wfile.write(b".")
        except OSError:
            return  # it went away

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self._speak.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/hidden-path"

    @property
    def texts(self) -> list[str]:
        return [" | ".join(filter(None, (body["title"], body["message"]))) for body in self.bodies]
