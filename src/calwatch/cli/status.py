"""``status``: accounts, what waits for a decision, what still stands, what could not be read."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Any

from calwatch import __version__
from calwatch.cli import context, out, shapes, words
from calwatch.cli.look import ask
from calwatch.cli.opening import standing
from calwatch.model.case import CaseState
from calwatch.model.plain import one_line
from calwatch.notify.standing import KEPT, OK
from calwatch.settings import Account, Settings
from calwatch.store.overview import around, interview_of, name_of, still_stands

if TYPE_CHECKING:
    from calwatch.pipeline.parts import AccountState
    from calwatch.store import Store


def status(args: argparse.Namespace) -> int:
    """Accounts, quarantine, open drafts and questions, interviews ahead."""
    settings = context.settings_of(args)
    with context.reading(settings) as store:
        found = _status(store, settings)
        drafts = [(draft, *around(store, draft)) for draft in store.drafts.open_drafts()]
        questions = [(q, interview_of(store, q.case_id)) for q in store.questions.open_questions()]
        notices = context.notices(store, settings, context.now())
        settling = [case for case in store.cases.open_cases() if case.state is CaseState.SETTLING]
        sent = [case for case in store.cases.in_states((CaseState.SENT,)) if still_stands(store, case, context.now())]
    if args.json:
        out.document(found)
        return 0
    out.table(
        ("account", "provider", "use", "state", "last sync", ""),
        [
            (
                a["name"],
                a["provider"],
                a["use"],
                a["state"].replace("_", " ") if a["last_sync"] or a["state"] != "ok" else "–",
                _shown(a["last_sync"]),
                a["detail"] or "",
            )
            for a in found["accounts"]
        ],
    )
    for one in found["notifiers"]:
        if one["state"] != OK:
            since = f" (since {_shown(one['since'])})" if one["since"] else ""
            out.say(f"Messages do not arrive by {one['label']}: {one['detail']}{since}")
    _tell_of_page(found["page"])
    out.say()
    out.say(f"Interviews ahead: {found['interviews_ahead']}")
    zone = settings.you.timezone
    for draft, case, interview, _, _ in drafts:
        what = f"{name_of(interview)}, {out.wall(case.start, zone)}, {words.TROUBLE[case.situation]}"
        out.say(f"Draft {draft.id} {draft.state.value}: {what}  (calwatch show {draft.id})")
    for case in settling:
        title = one_line(case.snapshot.lead.event.summary) if case.snapshot is not None else f"case {case.id}"
        until = out.wall(case.settle_until, zone)
        out.say(f"Watching: {title}: {words.TROUBLE[case.situation]}; if that lasts, a reply is drafted after {until}")
    for case in sent:
        title = one_line(case.snapshot.lead.event.summary) if case.snapshot is not None else f"case {case.id}"
        out.say(f"Sent, not settled yet: {title}; until they answer, {out.wall(case.start, zone)} still stands")
    if not drafts and not settling and not questions:
        read = all(a["last_sync"] for a in found["accounts"])
        out.say("Drafts: none; nothing needs you." if read else "Drafts: none yet; not every account has been read.")
    for question, about in questions:
        ask(question, about, zone)
    for line in notices:
        out.say(f"Noticed: {one_line(line, 300)}")
    for item in found["quarantine"]:
        out.say(f"Could not be read: {one_line(item['source'])}: {one_line(item['reason'], 300)}")
    if not context.service_runs(settings):
        out.say(f"The service is not running; start it with: calwatch run (state: {settings.state})")
    return 0


def _status(store: Store, settings: Settings) -> dict[str, Any]:
    from calwatch.wiring import read_health

    zone = settings.you.timezone
    health = read_health(settings.state)
    states = Counter(draft.state.value for draft in store.drafts.all())
    accounts = []
    for account in settings.accounts:
        known = health.get(account.name)
        state, detail = (known.state, known.detail) if known else _before_reading(account, settings)
        accounts.append(
            {
                "name": account.name,
                "provider": account.provider,
                "use": account.use,
                "state": state.value,
                "last_sync": shapes.moment(known.last_sync, zone) if known else None,
                "next_sync": shapes.moment(known.next_sync, zone) if known else None,
                "detail": detail or None,
            }
        )
    return {
        "accounts": accounts,
        "notifiers": _notifiers(store, settings),
        "quarantine": [{"source": q.source, "reason": q.reason} for q in store.quarantine.all()],
        "drafts": dict(sorted(states.items())),
        "questions": len(store.questions.open_questions()),
        "interviews_ahead": len(context.upcoming(store, settings, context.now())),
        "page": standing(settings),
        "version": __version__,
    }


def _notifiers(store: Store, settings: Settings) -> list[dict[str, Any]]:
    """Every way to reach the person, and whether the last message arrived."""
    from calwatch.notify import channels
    from calwatch.notify.standing import channels_or_why_not, standings

    listed = channels_or_why_not(lambda: channels(settings.notify))
    return [
        {
            "label": one.label,
            "state": one.state,
            "detail": one.detail or None,
            "since": shapes.moment(one.since, settings.you.timezone),
        }
        for one in standings(listed, store.meta.get(KEPT))
    ]


def _tell_of_page(page: dict[str, Any]) -> None:
    """Where the page is; nothing where it is off on purpose, or because the service does not run, which is told."""
    if page["state"] == "ok":
        out.say(f"Approval page: open it with: calwatch open  ({page['address']})")
    elif page["state"] not in ("off", "stopped"):
        out.say(f"Approval page: {page['detail']}")


def _before_reading(account: Account, settings: Settings) -> tuple[AccountState, str]:
    """How an account stands that was never read: its sign-in may be missing, which no waiting mends."""
    from calwatch.clock import SystemClock
    from calwatch.pipeline.parts import AccountState
    from calwatch.providers import PROVIDERS
    from calwatch.providers.signing import Standing
    from calwatch.wiring import surroundings

    look_at = PROVIDERS[account.provider].look_at_sign_in
    for finding in look_at(account, surroundings(settings, SystemClock())) if look_at is not None else ():
        if finding.standing is Standing.FAILS:
            return AccountState.NEEDS_SIGN_IN, finding.text
    return AccountState.OK, "not read yet"


def _shown(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else "–"
