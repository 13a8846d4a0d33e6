"""How the accounts are doing, what could not be read, and where this page is open."""

from __future__ import annotations

from flask import g, render_template, request
from werkzeug.wrappers import Response

from calwatch import __version__
from calwatch.notify import channels
from calwatch.notify.standing import KEPT, Standing, channels_or_why_not, standings
from calwatch.web import sessions, tokens
from calwatch.web.pages import blueprint, posting


@blueprint.get("/accounts")
def accounts() -> str:
    site = g.site
    return render_template(
        "accounts.html",
        word=posting.taken(),
        accounts=[(account, site.health.get(account.name)) for account in site.settings.accounts],
        quarantine=site.store.quarantine.all(),
        counts=site.store.drafts.counts(),
        notifiers=_notifiers(),
        sessions=sessions.listed(site),
        token=tokens.make("sessions"),
        version=__version__,
        started=site.started,
        public=bool(site.settings.approval.public_url),
    )


def _notifiers() -> list[Standing]:
    site = g.site
    return standings(channels_or_why_not(lambda: channels(site.settings.notify)), site.store.meta.get(KEPT))


@blueprint.post("/accounts/close")
def close_session() -> Response:
    """Closes this page somewhere else, or everywhere else."""
    if not posting.is_fresh("sessions"):
        posting.stale()
    else:
        wanted = request.form.get("session", "")
        for one in sessions.listed(g.site):
            if one.id != g.session.id and wanted in (one.id, "others"):
                sessions.revoke(g.site, one.id)
        posting.leave("good", g.tell("said.done"))
    return posting.back("accounts")
