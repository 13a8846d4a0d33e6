"""What the store knows around a draft and ahead of now, put together for those who show it: commands and page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from calwatch.model.booking import Booking, Interview, Recognition, Source
from calwatch.model.case import DraftState, EffectState, Intent
from calwatch.model.draft import Action, Draft, Effect
from calwatch.model.plain import one_line
from calwatch.model.trouble import Case

if TYPE_CHECKING:
    from calwatch.store.book import Store

_MAIL_STATE = {
    DraftState.SENT: EffectState.DONE,
    DraftState.FAILED: EffectState.FAILED,
    DraftState.SENDING: EffectState.ATTEMPTED,
    DraftState.UNSURE: EffectState.ATTEMPTED,
    DraftState.DISMISSED: EffectState.SKIPPED,
    DraftState.EXPIRED: EffectState.SKIPPED,
    DraftState.WITHDRAWN: EffectState.SKIPPED,
    DraftState.REPLACED: EffectState.SKIPPED,
}


class Around(NamedTuple):
    """What is around one draft."""

    case: Case
    about: Interview
    clashes: Sequence[Booking]
    effects: Sequence[Effect]


class Step(NamedTuple):
    """One thing approval makes happen, and how far it is."""

    action: Action
    state: EffectState


def around(store: Store, draft: Draft) -> Around:
    """The draft's case and interview, what stands in its way, and its effects."""
    case = store.cases.get(draft.case_id)
    clashes = store.bookings.booking_list(case.clashing_ids)
    return Around(case, case_interview(store, case), clashes, store.effects.of_draft(draft.id))


def case_interview(store: Store, case: Case) -> Interview:
    """The interview of a case: as it stood when the case was opened, which is what the letter speaks of."""
    if case.snapshot is not None:
        return case.snapshot
    bookings = tuple(store.bookings.booking_list(case.booking_ids))
    known = store.bookings.recognition(case.interview_id) or Recognition(is_interview=True)
    return Interview(
        id=case.interview_id, bookings=bookings, recognition=known, account=case.account, source=Source.CALENDAR
    )


def interview_of(store: Store, case_id: int | None) -> Interview | None:
    """The interview a question is about, if it is about one."""
    return case_interview(store, store.cases.get(case_id)) if case_id is not None else None


def name_of(interview: Interview) -> str:
    """The company, else the title."""
    return one_line(interview.recognition.company or interview.lead.event.summary) or "an appointment"


def steps(draft: Draft, effects: Sequence[Effect]) -> list[Step]:
    """What approval makes happen, in order; the mail's state follows the draft's."""
    by_kind = {effect.kind.value: effect for effect in effects}
    found = []
    for action in draft.letter.actions:
        effect = by_kind.get(action.kind)
        if action.kind == "send":
            state = _MAIL_STATE.get(draft.state, EffectState.PLANNED)
        else:
            state = effect.state if effect is not None else EffectState.PLANNED
        found.append(Step(action, state))
    return found


def upcoming(store: Store, *, zone: str, horizon: timedelta, now: datetime) -> tuple[Interview, ...]:
    """The interviews ahead within ``horizon``, sessions that one mail would deal with joined."""
    from calwatch.watch.interviews import group

    rows = store.bookings.interviews(now, now + horizon)
    return tuple(sorted(group(rows, zone=zone), key=lambda i: i.span.start))


def remarks(store: Store, interview: Interview) -> Sequence[str]:
    """What was noticed about an interview that needs no draft."""
    return store.meta.get(f"notice:{interview.id}") or ()


def still_stands(store: Store, case: Case, now: datetime) -> bool:
    """Whether a new time was asked for and the old one is yet to come: until it is settled, the old one counts."""
    sent = [draft for draft in store.drafts.of_case(case.id) if draft.state is DraftState.SENT]
    return bool(sent) and sent[-1].letter.intent is Intent.RESCHEDULE and case.end > now
