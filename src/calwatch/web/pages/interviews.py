"""The interviews ahead: how calwatch knows them, and what to do when one cannot be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, g, render_template, request
from werkzeug.wrappers import Response

from calwatch.model.booking import Interview
from calwatch.model.case import DraftState, Intent, Occasion, RequestKind
from calwatch.store import overview
from calwatch.web import tokens
from calwatch.web.pages import blueprint, posting

_OVER = (DraftState.DISMISSED, DraftState.EXPIRED, DraftState.WITHDRAWN, DraftState.REPLACED)


@dataclass(frozen=True, slots=True)
class Ahead:
    """One interview ahead as it is shown; ``draft`` is the number of the reply that is ready, if one is."""

    interview: Interview
    name: str
    remarks: Sequence[str]
    draft: int | None
    token: str


@blueprint.get("/interviews")
def interviews() -> str:
    site = g.site
    found = overview.upcoming(site.store, zone=site.zone, horizon=site.settings.watch.horizon, now=site.now())
    return render_template(
        "interviews.html",
        word=posting.taken(),
        ahead=[_ahead(one) for one in found],
        days=site.settings.watch.horizon.days,
        occasions=[occasion.value for occasion in Occasion],
    )


def _ahead(one: Interview) -> Ahead:
    return Ahead(
        interview=one,
        name=overview.name_of(one),
        remarks=overview.remarks(g.site.store, one),
        draft=_live_draft(one.booking_ids),
        token=tokens.make("event", *_facts(one.id)),
    )


def _facts(booking: int) -> tuple[object, ...]:
    """With the reply that is ready: who clicks twice, or on an old page, must not put another in its place."""
    event = g.site.store.bookings.booking(booking).event
    return booking, event.start.isoformat(), event.summary, _live_draft((booking,))


def _live_draft(bookings: Sequence[int]) -> int | None:
    case = g.site.store.cases.open_for(bookings)
    drafts = g.site.store.drafts.of_case(case.id) if case is not None else []
    return next((draft.id for draft in reversed(drafts) if draft.state not in _OVER), None)


@blueprint.post("/i/<int:booking>/cannot")
def cannot(booking: int) -> Response:
    """Opens a case by hand; its letter waits for approval as any other."""
    intent, occasion = request.form.get("intent", ""), request.form.get("occasion", "")
    if intent not in (Intent.RESCHEDULE.value, Intent.WITHDRAW.value) or occasion not in set(Occasion):
        abort(400)
    if not posting.is_fresh("event", *_facts(booking)):
        posting.stale()
        return _to_reply(booking)
    payload = {"booking": booking, "intent": intent, "occasion": occasion}
    posting.ask(RequestKind.OPEN_CASE, None, payload, done="interviews.nothing_yet")
    return _to_reply(booking)


def _to_reply(booking: int) -> Response:
    """On to the reply about this interview, if one is ready."""
    number = _live_draft((booking,))
    return posting.back("draft", number=number) if number is not None else posting.back("interviews")


@blueprint.post("/i/<int:booking>/mark")
def mark(booking: int) -> Response:
    """The person's word that this is no interview of theirs."""
    if not posting.is_fresh("event", *_facts(booking)):
        posting.stale()
    else:
        posting.ask(RequestKind.MARK, None, {"booking": booking, "value": "not"}, done="said.noted")
    return posting.back("interviews")
