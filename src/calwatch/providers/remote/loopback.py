"""Where the browser comes back to after the consent: a port of this machine, or the same address pasted by hand.

Whatever else knocks (a favicon, a scanner, an old tab with another state) gets a page and ends nothing.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from calwatch.errors import Stop
from calwatch.providers.signing import Terminal

_LONGEST = 8000  # characters of an address; real ones have about 600 to 2000
_SILENT = 10.0  # seconds; browsers open connections in advance and say nothing on them

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>calwatch</title><meta name="viewport" content="width=device-width">
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}}
@media (prefers-color-scheme:dark){{body{{background:#111;color:#eee}}}}</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""
_DONE = ("Thank you", "calwatch has the answer. You can close this page; the terminal says the rest.")
_DENIED = ("Not allowed", "calwatch was not given access. You can close this page; the terminal says what to do.")
_STRAY = ("Nothing to see here", "This address only waits for a sign-in. Nothing happened.")


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought back: a code, or the provider's word for a no and its description."""

    code: str = ""
    error: str = ""
    description: str = ""


class _Server(ThreadingHTTPServer):
    """Says nothing about visitors that break off."""

    daemon_threads = True

    def handle_error(self, *visitor: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(*visitor)


class Loopback:
    """A context manager: listens on a free port of 127.0.0.1 from the start on. ``state`` is this sign-in's own.

    ``address`` is where the browser is to be led back to, written as the provider wants it: Google compares all of
    ``http://127.0.0.1:PORT/``, Microsoft knows ``http://localhost`` with any port and no path.
    """

    def __init__(self, shown: str = "http://127.0.0.1:{port}/", *, state: str = "") -> None:
        self.state = state or secrets.token_urlsafe(32)
        self._returned: Returned | None = None
        self._bell, self._ringer = socket.socketpair()
        try:
            self._server = _Server(("127.0.0.1", 0), self._handler())
        except OSError as error:
            self._bell.close()
            self._ringer.close()
            raise Stop(f"no port of 127.0.0.1 can be opened for the browser to come back to: {error}") from error
        self.address = shown.format(port=self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._ringer.close()
        self._bell.close()

    def lead(self, address: str, terminal: Terminal) -> Returned:
        """Has the person open ``address`` in their browser, or in one somewhere else, and waits for what comes back."""
        if terminal.browse(address):
            terminal.say(f"Your browser opens. If it does not, open this address:\n\n{address}\n")
            return self.wait(None, terminal.say)
        terminal.say(
            f"Open this address in a browser:\n\n{address}\n\n"
            "If that browser is on another machine, it ends at a page that cannot be opened "
            f"({self.address}…). Copy the address of that page and paste it here:"
        )
        return self.wait(terminal.typed, terminal.say)

    def wait(self, typed: int | None, say: Callable[[str], None]) -> Returned:
        """Waits for the browser, and for an address pasted on ``typed``, until one of them brings an answer."""
        lines = _Lines()
        with selectors.SelectSelector() as waiting:
            waiting.register(self._bell, selectors.EVENT_READ)
            if typed is not None:
                waiting.register(typed, selectors.EVENT_READ)
            while self._returned is None:
                for key, _ in waiting.select():
                    if key.fd != typed:
                        continue
                    read = os.read(key.fd, 65536)
                    if not read:
                        waiting.unregister(key.fd)  # nobody types any more; the browser may still come
                    for line in lines.of(read):
                        problem = self._pasted(line)
                        if problem:
                            say(problem)
            return self._returned

    def _pasted(self, line: str) -> str:
        """Takes a pasted address; otherwise says what is wrong with it."""
        text = line.strip().strip("'\"<>")
        if not text:
            return ""
        with contextlib.suppress(ValueError):
            asked = _parameters(text)
            if asked.get("state") == self.state and self._take(asked):
                return ""
            if "code_challenge" in asked:
                return "That is the address to open. Open it in a browser, and paste the address you are led to."
            if "state" in asked and ("code" in asked or "error" in asked):
                return "That address is of another attempt to sign in. Open the address above and paste the new one."
        return f"That is not the address the browser was led to. It begins with {self.address} and has a code in it."

    def _take(self, asked: Mapping[str, str]) -> bool:
        """Keeps the first answer that belongs to this sign-in."""
        if not secrets.compare_digest(asked.get("state", "").encode(), self.state.encode()):
            return False
        if not (asked.get("code") or asked.get("error")):
            return False
        if self._returned is None:
            code = asked.get("code", "")
            self._returned = (
                Returned(code) if code else Returned("", asked["error"], asked.get("error_description", ""))
            )
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            """Answers the browser; says nothing on the terminal and keeps nothing."""

            timeout = _SILENT
            server_version = "calwatch"
            sys_version = ""

            def do_GET(self) -> None:
                asked: Mapping[str, str] = {}
                with contextlib.suppress(ValueError):
                    asked = _parameters(self.path) if urlsplit(self.path).path == "/" else {}
                taken = loopback._take(asked)
                title, text = _STRAY if not taken else _DONE if asked.get("code") else _DENIED
                page = _PAGE.format(title=title, text=text).encode()
                try:
                    self._show(page, 200 if taken else 404)
                finally:  # the browser may not wait for its page
                    if taken:
                        loopback._ring()

            def _show(self, page: bytes, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
                self.send_header("Referrer-Policy", "no-referrer")
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(page)
                self.wfile.flush()

            def log_message(self, *_: object) -> None:
                return

        return Handler

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # a second answer, after the first was enough
            self._ringer.send(b"!")


class _Lines:
    """Lines out of what a terminal or a pipe gives in pieces; the last one counts without its end, too."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, read: bytes) -> Iterator[str]:
        *whole, self._rest = (self._rest + read).split(b"\n")
        if not read:
            whole, self._rest = [self._rest], b""
        self._rest = self._rest[-_LONGEST:]
        for line in whole:
            yield line[:_LONGEST].decode("utf-8", "replace")


def _parameters(address: str) -> dict[str, str]:
    """The parameters of an address or of what stands behind its question mark; each once."""
    text = address[:_LONGEST]
    query = urlsplit(text).query or (text if "://" not in text and "=" in text else "")
    return {name: values[0] for name, values in parse_qs(query, max_num_fields=50).items() if len(values) == 1}
