"""The page as a web application: its guard, its ways in, its pages, and what is said when something goes wrong."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from calwatch.errors import CalwatchError, NotFound, Rejected
from calwatch.logs import log_bug
from calwatch.web import entry, guard, metrics, pages
from calwatch.web.site import Site
from calwatch.web.texts import Teller, choose

log = logging.getLogger(__name__)

LARGEST = 256 * 1024
"""Bytes of a form: a letter is a few thousand."""


def make_app(site: Site) -> Flask:
    """The application of one service. It keeps nothing between requests but what ``site.store`` has."""
    app = Flask("calwatch.web", static_folder="static", template_folder="templates")
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST,
        MAX_FORM_MEMORY_SIZE=LARGEST,
        MAX_FORM_PARTS=100,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.url_map.merge_slashes = False  # a path is one of ours as it is, or none: nothing is redirected by its looks
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    guard.register(app, site)
    app.register_blueprint(entry.blueprint)
    app.register_blueprint(pages.blueprint)
    metrics.register(app, site)
    app.register_error_handler(Exception, _trouble)
    return app


def _trouble(error: Exception) -> Response:
    """A short page. A bug is logged by where it happened, not with what."""
    if isinstance(error, HTTPException):
        return _page(error.code or 500, error)
    if isinstance(error, NotFound):
        return _page(404)
    if isinstance(error, Rejected):
        return _page(409)
    if isinstance(error, CalwatchError):
        log.error("the page cannot be shown: %s", type(error).__name__)
        return _page(503)
    log_bug(log, "the page", error)
    return _page(500)


def _page(status: int, error: HTTPException | None = None) -> Response:
    try:
        return _explained(status, error)
    except Exception as bug:  # noqa: BLE001 - else Flask and waitress would log it their way, with its words
        log_bug(log, "the page cannot even say what went wrong", bug)
        return Response("Something went wrong in calwatch; its log says where.\n", 500, mimetype="text/plain")


def _explained(status: int, error: HTTPException | None) -> Response:
    site: Site = g.site
    tell = Teller(choose(request.accept_languages.values(), site.settings.you.languages), site.zone, site.now())
    known = status if tell.has(f"trouble_page.{status}") else 400 if status < 500 else 500
    page = render_template("trouble.html", tell=tell, text=tell(f"trouble_page.{known}"), status=status)
    answer = make_response(page, status)
    answer.headers.extend(h for h in (error.get_headers() if error else ()) if h[0] == "Allow")
    return answer
