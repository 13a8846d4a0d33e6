"""The first page: what needs the person, what is under way, what still stands, and the interviews ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import g, render_template, request

from calwatch.model.case import CaseState, DraftState, Intent, Situation, Urgency
from calwatch.model.draft import Channel, Draft
from calwatch.model.plain import one_line
from calwatch.model.trouble import Case
from calwatch.model.workdays import urgency
from calwatch.store import overview
from calwatch.web.pages import blueprint, posting
from calwatch.web.pages.questions import Asked, asked

A_PAGE = 12
"""So many waiting replies on one page: more do not fit into a look, nor into a quick answer."""
_SOON = timedelta(days=14)
_UNDER_WAY = (DraftState.APPROVED, DraftState.SENDING, DraftState.UNSURE, DraftState.FAILED)


@dataclass(frozen=True, slots=True)
class Row:
    """One draft in a list. ``reply`` is what approving it means."""

    draft: Draft
    case: Case
    name: str
    title: str
    urgency: Urgency
    trouble: str
    why: str
    reply: str
    phone: bool


@blueprint.get("/")
def home() -> str:
    store, now = g.site.store, g.site.now()
    first = max(request.args.get("from", 0, type=int), 0)
    queue = store.drafts.queue((DraftState.WAITING,))
    waiting = rows(store.drafts.some(queue[first : first + A_PAGE]))
    cases = store.cases.in_states((CaseState.SENT, CaseState.SETTLING))  # of the others the drafts tell
    return render_template(
        "home.html",
        word=posting.taken(),
        waiting=waiting,
        first=first,
        more=max(len(queue) - first - A_PAGE, 0),
        step=A_PAGE,
        need=len(queue) + len(questions := asked()),
        questions=questions,
        under_way=rows(store.drafts.in_states(_UNDER_WAY)),
        stands=_standing(cases),
        settling=[_named(case) for case in cases if case.state is CaseState.SETTLING],
        ahead=overview.upcoming(store, zone=g.site.zone, horizon=_SOON, now=now),
        unread=any(account.name not in g.site.health for account in g.site.settings.accounts),
        name_of=overview.name_of,
    )


def rows(drafts: Sequence[Draft]) -> list[Row]:
    """Drafts as they are listed, in their order."""
    cases = {case.id: case for case in g.site.store.cases.some({draft.case_id for draft in drafts})}
    return [_row(draft, cases[draft.case_id]) for draft in drafts]


def _row(draft: Draft, case: Case) -> Row:
    about = overview.case_interview(g.site.store, case)
    return Row(
        draft=draft,
        case=case,
        name=overview.name_of(about),
        title=one_line(about.lead.event.summary),
        urgency=urgency(case.start, draft.respond_by, g.site.now(), g.site.zone),
        trouble=case.situation.value,
        why=case.why[0] if case.why else "",
        reply=meaning(draft.letter.intent, case),
        phone=draft.letter.channel is Channel.PHONE and draft.letter.phone is not None,
    )


def meaning(intent: Intent, case: Case) -> str:
    """What approving a letter of that intent means, as a button says it."""
    if intent is Intent.ACKNOWLEDGE and case.situation is Situation.INTERVIEWER_DECLINED:
        return str(g.tell("intent.stands"))
    by_occasion = f"intent.{case.occasion.value}" if case.occasion is not None else ""
    if intent is Intent.RESCHEDULE and g.tell.has(by_occasion):
        return str(g.tell(by_occasion))
    return str(g.tell(f"intent.{intent.value}"))


def _standing(cases: Sequence[Case]) -> list[tuple[Case, str]]:
    """Appointments that stand although another time was asked for."""
    store, now = g.site.store, g.site.now()
    sent = [case for case in cases if case.state is CaseState.SENT]
    return [_named(case) for case in sent if overview.still_stands(store, case, now)]


def _named(case: Case) -> tuple[Case, str]:
    return case, overview.name_of(overview.case_interview(g.site.store, case))


__all__ = ["Asked", "Row", "home", "meaning", "rows"]
