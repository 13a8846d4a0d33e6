"""Who is let in: the names the page answers to, where clicks may come from, and whose session it is.

Each rule closes one way in: a rebound DNS name arrives with its own Host; a form on another site or on another port of
this machine with its own Origin; cookies of the loopback address go to every port of it, so the key is in the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from calwatch.web import sessions
from calwatch.web.sessions import Kind, Session
from calwatch.web.site import Site

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

COOKIE = "__Host-calwatch"
_KEYED = re.compile(r"/k/([A-Za-z0-9_-]{22})(/.*)?\Z", re.DOTALL)
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
}


@dataclass(frozen=True, slots=True)
class Host:
    """A name the page answers to. ``origin`` is what its own forms come from."""

    kind: Kind
    origin: str


def hosts(listen: str, public_url: str) -> dict[str, Host]:
    """Every allowed Host header, lower case, for an address such as ``127.0.0.1:8765`` and a public one or ""."""
    name, _, port = listen.rpartition(":")
    names = dict.fromkeys((name, "127.0.0.1", "localhost") if "[" not in name else (name, "localhost"))
    found = {f"{one}:{port}": Host(Kind.LOOPBACK, f"http://{one}:{port}") for one in names}
    if public_url:
        public = urlsplit(public_url)
        found[public.netloc.lower()] = Host(Kind.PAIRED, f"{public.scheme}://{public.netloc.lower()}")
    return found


class Door:
    """WSGI: says whose Host it is and whose session, and takes the key out of the path."""

    def __init__(self, app: WSGIApplication, site: Site) -> None:
        self._app = app
        self._site = site
        approval = site.settings.approval
        self._hosts = hosts(approval.listen, approval.public_url)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        host = self._hosts.get(environ.get("HTTP_HOST", "").lower())
        session = None
        if host is not None and host.kind is Kind.LOOPBACK:
            session = self._keyed(environ)
        elif host is not None:
            environ["wsgi.url_scheme"] = urlsplit(host.origin).scheme
            session = self._paired(environ)
        environ["calwatch.host"], environ["calwatch.session"] = host, session
        return self._app(environ, start)

    def _keyed(self, environ: WSGIEnvironment) -> Session | None:
        found = _KEYED.match(environ.get("PATH_INFO", ""))
        if found is None:
            return None
        session = sessions.find(self._site.store, self._site.now(), Kind.LOOPBACK, found[1])
        if session is not None:
            environ["SCRIPT_NAME"] = f"/k/{found[1]}"
            environ["PATH_INFO"] = found[2] or "/"
        return session

    def _paired(self, environ: WSGIEnvironment) -> Session | None:
        for part in environ.get("HTTP_COOKIE", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE:
                return sessions.find(self._site.store, self._site.now(), Kind.PAIRED, value)
        return None


def register(app: Flask, site: Site) -> None:
    """Puts the rules before, and the headers behind, everything the app answers."""
    app.wsgi_app = Door(app.wsgi_app, site)  # type: ignore[assignment, method-assign]  # Flask's documented way

    @app.before_request
    def _let_in() -> None:
        g.site = site
        g.session = request.environ["calwatch.session"]
        host: Host | None = request.environ["calwatch.host"]
        if host is None:
            abort(421)
        if request.method not in _ALLOWED:
            abort(405)
        if request.method == "POST" and not _comes_from(host.origin):
            abort(403)

    @app.after_request
    def _close(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint == "static" and response.status_code < 400:
            response.headers["Cache-Control"] = "public, max-age=3600"
        else:
            response.headers["Cache-Control"] = "no-store"
        host = request.environ.get("calwatch.host")
        if host is not None and host.origin.startswith("https:"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def _comes_from(origin: str) -> bool:
    """Whether a click comes from a page of ours: browsers tell, and nobody else has to click."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return request.headers.get("Origin") == origin and site == "same-origin"
