"""Who is let in: the names the page answers to, where clicks may come from, and whose session it is.

Each rule closes one way in: a rebound DNS name arrives with its own Host; a form on another site or on another port of
this machine with its own Origin; cookies of the loopback address go to every port of it, so the key is in the path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Request, abort, g, request

from calwatch.web import sessions
from calwatch.web.neighbours import is_stranger
from calwatch.web.sessions import Kind, Session
from calwatch.web.site import Site

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from _typeshed import OptExcInfo

COOKIE = "__Host-calwatch"
_KEYED = re.compile(r"/k/([A-Za-z0-9_-]{22})(/.*)?", re.DOTALL)
_ALLOWED = ("GET", "HEAD", "POST")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # "no-referrer" would turn the Origin of our own forms into "null"
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
"""Behind every answer, whoever gives it; only a file from static/ may be kept."""


@dataclass(frozen=True, slots=True)
class Host:
    """A name the page answers to. ``origin`` is what its own forms come from."""

    kind: Kind
    origin: str


def hosts(listen: str, public_url: str) -> dict[str, Host]:
    """Every allowed Host header, lower case, for an address such as ``127.0.0.1:8765`` and a public one or ""."""
    name, _, port = listen.rpartition(":")
    names = (name, "localhost") if name.startswith("[") else (name, "127.0.0.1", "localhost")
    ours = [f"{one}:{port}".removesuffix(":80") for one in names]  # the port of http goes without saying
    found = {one: Host(Kind.LOOPBACK, f"http://{one}") for one in ours}
    if public_url:
        found[urlsplit(public_url).netloc] = Host(Kind.PAIRED, public_url)
    return found


class Door:
    """WSGI: refuses what is not for this page, says whose Host it is, and takes the key out of the path.

    It asks nobody and so cannot fail; the session is looked up inside the application, where failures have an answer.
    """

    def __init__(self, app: WSGIApplication, site: Site) -> None:
        self._app = app
        approval = site.settings.approval
        self._hosts = hosts(approval.listen, approval.public_url)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        host = self._hosts.get(environ.get("HTTP_HOST", "").lower())
        closing = _Closing(start, host)
        if environ["REQUEST_METHOD"] not in _ALLOWED:
            return closing.refuse("405 Method Not Allowed", "That is not possible here.", Allow=", ".join(_ALLOWED))
        if host is None:
            text = "This address is not one of calwatch's. Use the one that `calwatch open` gives."
            return closing.refuse("421 Misdirected Request", text)
        if not environ.get("REQUEST_URI", "/").startswith("/"):
            return closing.refuse("400 Bad Request", "This is no proxy.")
        environ["calwatch.host"] = host
        if host.kind is Kind.LOOPBACK:
            _take_key(environ)
        else:
            environ["wsgi.url_scheme"] = urlsplit(host.origin).scheme
        return self._app(environ, closing)


class _Closing:
    """``start_response`` with the page's headers."""

    def __init__(self, start: StartResponse, host: Host | None) -> None:
        self._start = start
        self._secure = host is not None and host.origin.startswith("https:")

    def __call__(
        self, status: str, headers: list[tuple[str, str]], error: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        named = {name.lower() for name, _ in headers}
        added = [(name, value) for name, value in HEADERS.items() if name.lower() not in named]
        if self._secure:
            added.append(("Strict-Transport-Security", "max-age=31536000"))
        return self._start(status, [*headers, *added], error)

    def refuse(self, status: str, text: str, **headers: str) -> Iterable[bytes]:
        body = f"{text}\n".encode()
        plain = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        self(status, [*plain, *headers.items()])
        return [body]


def _take_key(environ: WSGIEnvironment) -> None:
    """Moves ``/k/KEY`` from the path to where the application is mounted, whether or not the key is any good."""
    found = _KEYED.fullmatch(environ.get("PATH_INFO", ""))
    if found is not None:
        environ["calwatch.key"] = found[1]
        environ["SCRIPT_NAME"] = f"/k/{found[1]}"
        environ["PATH_INFO"] = found[2] or "/"


def register(app: Flask, site: Site) -> None:
    """Puts the rules before everything the app answers, and the headers behind it."""
    app.wsgi_app = Door(app.wsgi_app, site)  # type: ignore[assignment, method-assign]  # Flask's documented way

    @app.before_request
    def _let_in() -> None:
        g.site, g.session = site, None
        host: Host = request.environ["calwatch.host"]
        if request.method == "POST" and not _comes_from(host.origin):
            abort(403)
        if request.endpoint != "static":
            g.session = _session(site, host, request)


def _comes_from(origin: str) -> bool:
    """Whether a click comes from a page of ours: browsers tell, and nobody else has to click."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return request.headers.get("Origin") == origin and site == "same-origin"


def _session(site: Site, host: Host, asking: Request) -> Session | None:
    """By the key in the path on this machine, by the cookie elsewhere; never by the other's way."""
    if host.kind is Kind.LOOPBACK:
        key = asking.environ.get("calwatch.key", "")
        if key and is_stranger(asking.environ):
            return None
    else:
        key = asking.cookies.get(COOKIE, "")
    return sessions.find(site.store, site.now(), host.kind, key) if key else None
