"""What happens besides the mail: the answer to the invitation, holds, and their release; each a row before the call."""

from __future__ import annotations

from datetime import datetime, timedelta

from calwatch.errors import Doubt, NeedsSignIn, Retry, Stop, Touched
from calwatch.model.booking import Interview, Sighting, Source
from calwatch.model.case import CaseState, EffectKind, EffectState, Intent
from calwatch.model.draft import Draft, Effect
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.pipeline import known
from calwatch.pipeline.parts import Account, Parts
from calwatch.pipeline.rsvp import read_rsvp

MAX_ATTEMPTS = 5


def plan(parts: Parts, draft: Draft, *, by_hand: bool) -> None:
    """Plans the effects of a draft in the transaction that says it was sent; after sending by hand only holds."""
    for number, action in enumerate(draft.letter.actions):
        if action.kind == "send" or (by_hand and action.kind == EffectKind.RSVP.value):
            continue
        parts.store.effects.plan(
            draft.id,
            EffectKind(action.kind),
            key=f"{draft.key}-{number}",
            value=action.value,
            detail=action.detail,
            now=parts.now(),
        )


def plan_release(parts: Parts, case_id: int) -> None:
    """When a case closes, the holds of its letters are freed."""
    for draft in parts.store.drafts.of_case(case_id):
        for effect in parts.store.effects.of_draft(draft.id):
            if effect.kind is EffectKind.HOLD and effect.state is EffectState.DONE and effect.provider_ref:
                parts.store.effects.plan(
                    draft.id,
                    EffectKind.RELEASE,
                    key=f"{effect.key}-release",
                    value=effect.provider_ref,
                    detail="free the time that was held",
                    now=parts.now(),
                )


def retry_failed(parts: Parts, draft: Draft) -> list[str]:
    """What failed after the mail of ``draft`` had left, due again; gives the kinds."""
    failed = [effect for effect in parts.store.effects.of_draft(draft.id) if effect.state is EffectState.FAILED]
    for effect in failed:
        parts.store.effects.retry(effect.id, now=parts.now())
    return [effect.kind.value for effect in failed]


def run(parts: Parts, effect: Effect) -> None:
    """One due effect: attempted after it is written down; each kind is safe to call again after a crash."""
    draft = parts.store.drafts.get(effect.draft_id)
    case = parts.store.cases.get(draft.case_id)
    interview = known.interview_of(parts, case)
    now = parts.now()
    if effect.kind is EffectKind.HOLD and effect.attempts == 0 and case.state is CaseState.CLOSED:
        parts.store.effects.skip(effect.id, "the offered times are free again", now=now)
        return
    if effect.kind is EffectKind.RSVP and draft.letter.intent is not Intent.WITHDRAW and _moved(interview, case):
        parts.store.effects.skip(effect.id, "it was moved, and the answer was meant for the old time", now=now)
        return
    attempt = parts.store.effects.attempt(effect.id, now=now, due_at=now + timedelta(minutes=1))
    try:
        ref = _call(parts, attempt, draft, interview)
    except (Retry, Doubt, Touched) as reason:  # touched: the next reading knows the event as it is now
        _again(parts, attempt, now, str(reason))
    except (Stop, NeedsSignIn) as reason:
        parts.store.effects.fail(attempt.id, str(reason), now=now)
    else:
        with parts.store.write():
            parts.store.effects.done(attempt.id, now=now, provider_ref=ref)
            if effect.kind is EffectKind.HOLD and case.state is CaseState.CLOSED:
                plan_release(parts, case.id)  # it was closed between two tries


def _moved(interview: Interview, case: Case) -> bool:
    return interview.span.start != case.start


def _again(parts: Parts, effect: Effect, now: datetime, why: str) -> None:
    if effect.attempts >= MAX_ATTEMPTS:
        parts.store.effects.fail(effect.id, why, now=now)
    else:
        parts.store.effects.fail(effect.id, why, now=now, retry_at=now + timedelta(seconds=30 * 2**effect.attempts))


def _call(parts: Parts, effect: Effect, draft: Draft, interview: Interview) -> str:
    if effect.kind is EffectKind.RSVP:
        return _respond(parts, effect, interview)
    account, name = _hold_calendar(parts, draft)
    if account.calendar is None:
        raise Stop("there is no calendar to write to")
    if effect.kind is EffectKind.RELEASE:
        account.calendar.release(name, effect.value)
        return ""
    start, _, end = effect.value.partition("/")
    return account.calendar.hold(name, effect.key, Span(datetime.fromisoformat(start), datetime.fromisoformat(end)))


def _respond(parts: Parts, effect: Effect, interview: Interview) -> str:
    """The same answer for every session of the interview that is on a calendar of ours and not yet so answered."""
    wanted = read_rsvp(effect.value)
    for booking in interview.bookings:
        for sighting in booking.sightings:
            account = parts.accounts.get(sighting.account)
            if not _answerable(sighting, account) or account is None or account.calendar is None:
                continue
            event = sighting.event
            account.calendar.respond(
                sighting.calendar, event.ref, event.recurrence_id, wanted.answer, event.etag, wanted.note
            )
    return ""


def _answerable(sighting: Sighting, account: Account | None) -> bool:
    return sighting.source is Source.CALENDAR and account is not None and not account.busy_only


def _hold_calendar(parts: Parts, draft: Draft) -> tuple[Account, str]:
    """Where holds go: a calendar of the letter's own account, else of the first account we may write to."""
    usable = [a for a in parts.accounts.values() if a.calendar is not None and not a.busy_only]
    usable.sort(key=lambda a: a.name != draft.account)
    for account in usable:
        names = account.calendar.calendars() if account.calendar is not None else ()
        own = [name for name in names if name not in account.busy_calendars()]
        if own:
            return account, own[0]
    raise Stop("there is no calendar to write to")
