"""The ways in: an address that works once on this machine, the pairing of a device, and what is said without either."""

from __future__ import annotations

from flask import Blueprint, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from calwatch.model.plain import one_line
from calwatch.web import sessions
from calwatch.web.guard import COOKIE, Host
from calwatch.web.sessions import LASTING, Kind
from calwatch.web.texts import Teller, choose

blueprint = Blueprint("entry", __name__, template_folder="templates")


@blueprint.get("/o/<token>")
def opened(token: str) -> Response:
    """Trades a fresh token for a session whose key is in the address."""
    accepted = sessions.accept(g.site.store, g.site.now(), Kind.LOOPBACK, token, _browser()) if _here() else None
    if accepted is None:
        return closed()
    key, path = accepted
    return redirect(f"/k/{key}{path}", 303)


@blueprint.get("/p/<token>")
def pairing(token: str) -> Response:
    """Asks before it pairs: addresses are opened by previews and prefetching, too."""
    if _here() or not sessions.is_invited(g.site.store, g.site.now(), Kind.PAIRED, token):
        return closed()
    return make_response(render_template("entry.html", tell=_teller(), pair=True, draft=None, public=True))


@blueprint.post("/p/<token>")
def paired(token: str) -> Response:
    accepted = None if _here() else sessions.accept(g.site.store, g.site.now(), Kind.PAIRED, token, _browser())
    if accepted is None:
        return closed()
    key, path = accepted
    answer = redirect(path, 303)
    lasting = int(LASTING[Kind.PAIRED].total_seconds())
    answer.set_cookie(COOKIE, key, max_age=lasting, secure=True, httponly=True, samesite="Strict", path="/")
    return answer


def closed(number: int | None = None) -> Response:
    """What anybody without a session is told: how to get one, and nothing else."""
    page = render_template("entry.html", tell=_teller(), pair=False, draft=number, public=not _here())
    return make_response(page, 403)


def let_in() -> Response | None:
    """For the pages: nobody without a session."""
    if g.session is not None:
        return None
    number = (request.view_args or {}).get("number")
    return closed(number if request.endpoint == "pages.draft" else None)


def _here() -> bool:
    host: Host = request.environ["calwatch.host"]
    return host.kind is Kind.LOOPBACK


def _teller() -> Teller:
    language = choose(request.accept_languages.values(), g.site.settings.you.languages)
    return Teller(language, g.site.zone, g.site.now())


def _browser() -> str:
    """What the browser calls itself, for the list of open pages: the system it runs on is what people recognise."""
    agent = request.headers.get("User-Agent", "")
    for name in ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux"):
        if name in agent:
            return name
    return one_line(agent, 40)
