"""The ways in: an address that works once on this machine, the pairing of a device, and what is said without either."""

from __future__ import annotations

from flask import Blueprint, abort, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from calwatch.model.plain import one_line
from calwatch.web import sessions
from calwatch.web.guard import COOKIE, Host
from calwatch.web.neighbours import is_stranger
from calwatch.web.sessions import LASTING, Kind
from calwatch.web.texts import Teller, choose

blueprint = Blueprint("entry", __name__, template_folder="templates")

_DEVICES = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")


@blueprint.get("/o/<token>")
def opened(token: str) -> Response:
    """Trades a fresh token for a session whose key is in the address."""
    if not _here() or _only_looks() or is_stranger(request.environ):
        return closed()
    accepted = sessions.accept(g.site.store, g.site.now(), Kind.LOOPBACK, token, _browser())
    if accepted is None:
        return closed()
    key, path = accepted
    return redirect(f"/k/{key}{path}", 303)


@blueprint.get("/p/<token>")
def pairing(token: str) -> Response:
    """Asks before it pairs: addresses are opened by previews and prefetching, too."""
    if _here() or not sessions.is_invited(g.site.store, g.site.now(), Kind.PAIRED, token):
        return closed()
    return make_response(render_template("entry.html", tell=_teller(), pair=True))


@blueprint.post("/p/<token>")
def paired(token: str) -> Response:
    accepted = None if _here() else sessions.accept(g.site.store, g.site.now(), Kind.PAIRED, token, _browser())
    if accepted is None:
        return closed()
    if g.session is not None:
        sessions.revoke(g.site, g.session.id)  # this browser has one cookie: the old key is nobody's now
    key, path = accepted
    answer = redirect(path, 303)
    lasting = int(LASTING[Kind.PAIRED].total_seconds())
    answer.set_cookie(COOKIE, key, max_age=lasting, secure=True, httponly=True, samesite="Strict", path="/")
    return answer


def closed(number: int | None = None, *, again: str = "") -> Response:
    """What anybody without a session is told: how to get one, and nothing else; ``again`` is where to go at once."""
    page = render_template("entry.html", tell=_teller(), pair=False, draft=number, public=not _here(), again=again)
    return make_response(page, 403)


def let_in() -> Response | None:
    """For the pages: nobody without a session.

    A link in somebody's web mail comes without our cookie (SameSite=Strict), also on a paired device. The page then
    goes to the same address once more by itself, and that step comes from its own origin.
    """
    if g.session is not None:
        return None
    number = (request.view_args or {}).get("number")
    asked = number if request.endpoint == "pages.draft" else None
    return closed(asked, again=request.path if _from_elsewhere() else "")


def not_for_everybody() -> None:
    """For what programs on this machine may read, and nobody behind the public address."""
    if not _here():
        abort(404)


def _here() -> bool:
    host: Host = request.environ["calwatch.host"]
    return host.kind is Kind.LOOPBACK


def _only_looks() -> bool:
    """Whether this is no visit yet: a HEAD, or a browser that fetches ahead of a click."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method != "GET" or "prefetch" in purpose


def _from_elsewhere() -> bool:
    """Whether a link somewhere else led a browser's window to the public address."""
    told = [request.headers.get(f"Sec-Fetch-{what}") for what in ("Site", "Mode", "Dest")]
    return not _here() and request.method == "GET" and told == ["cross-site", "navigate", "document"]


def _teller() -> Teller:
    language = choose(request.accept_languages.values(), g.site.settings.you.languages)
    return Teller(language, g.site.zone, g.site.now())


def _browser() -> str:
    """What the browser calls itself, for the list of open pages: the system it runs on is what people recognise."""
    agent = request.headers.get("User-Agent", "")
    return next((name for name in _DEVICES if name in agent), one_line(agent, 40))
