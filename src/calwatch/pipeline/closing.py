"""close: after a letter has left the case owns its interview; what happens next is read as the answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from calwatch.detect.view import Trouble
from calwatch.model.booking import Interview
from calwatch.model.case import CaseState, DraftState, Intent, Outcome, Weight
from calwatch.model.draft import Draft
from calwatch.model.event import Response, Status
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.pipeline import effects, ending, known, letters, notices, seeing, times
from calwatch.pipeline.parts import Parts


def read_answer(parts: Parts, case: Case, interview: Interview, trouble: Trouble | None, now: datetime) -> None:
    """What the calendar says about an interview whose letter is out: moved is rebooked, cancelled is on record.

    After a withdrawal it is rebooked only when the person accepted the new time after all.
    """
    event = interview.lead.event
    wanted = event.response is Response.ACCEPTED or _intent_sent(parts, case) is not Intent.WITHDRAW
    moved = wanted and interview.span.start != case.start and event.status is not Status.CANCELLED
    if moved:
        _closed(parts, case, Outcome.REBOOKED, "they moved it to another time")
        notices.rebooked(parts, case, interview.span.start)
        if trouble is not None and trouble.weight is not Weight.NOTICE:
            parts.store.bookings.mark_dirty(interview.booking_ids, ())
        return
    if event.status is Status.CANCELLED:
        if _intent_sent(parts, case) is Intent.WITHDRAW:
            _closed(parts, case, Outcome.ANSWERED, "they cancelled the appointment you withdrew from")
            notices.closed(parts, case)
        elif parts.store.meta.get(f"answer:{case.id}") is None:
            parts.store.meta.set(f"answer:{case.id}", "cancelled")
            parts.store.history.add(
                at=now,
                who="organizer",
                kind="answer",
                what="cancelled the old time; waiting for a new one",
                case_id=case.id,
            )
            notices.called_off(parts, case)


def follow(parts: Parts, case: Case, now: datetime) -> None:
    """What time and new invitations do to a sent case."""
    fresh = _new_invitation(parts, case, now)
    if fresh is not None:
        _closed(parts, case, Outcome.REBOOKED, f"a new time came: {fresh.lead.event.summary}")
        notices.rebooked(parts, case, fresh.span.start)
        return
    _watch_offers(parts, case, now)
    if now > max(case.end, _sent_at(parts, case)) + timedelta(days=14):
        _closed(parts, case, Outcome.EXPIRED, "nothing came back, and the old time has long passed")


def _watch_offers(parts: Parts, case: Case, now: datetime) -> None:
    """Times in a letter that is out: when one fills up the person hears of it, as long as the offer holds."""
    for draft in _sent_drafts(parts, case):
        if draft.letter.slots and (draft.sent_at or draft.changed) >= times.offered_since(parts):
            for slot in letters.prove(parts, draft).taken:
                if slot.start > now:
                    notices.taken(parts, draft, slot)


def _new_invitation(parts: Parts, case: Case, now: datetime) -> Interview | None:
    """A later invitation from the same contact that appeared after the letter left."""
    old, sent_at = known.interview_of(parts, case), _sent_at(parts, case)
    contact = old.recognition.contact
    if contact is None:
        return None
    for interview in seeing.interviews(parts, Span(now, now + parts.preferences.watch.horizon)):
        if set(interview.booking_ids) & set(case.booking_ids):
            continue
        seen = parts.store.bookings.facts(interview.lead.id).first_seen
        their = interview.recognition.contact
        same = their is not None and their.person.email == contact.person.email
        if same and seen > sent_at and interview.lead.event.status is not Status.CANCELLED:
            return interview
    return None


def _sent_drafts(parts: Parts, case: Case) -> list[Draft]:
    return [draft for draft in parts.store.drafts.of_case(case.id) if draft.state is DraftState.SENT]


def _sent_at(parts: Parts, case: Case) -> datetime:
    """When the last letter of the case left."""
    return max((draft.sent_at or draft.changed for draft in _sent_drafts(parts, case)), default=case.first_seen)


def _intent_sent(parts: Parts, case: Case) -> Intent | None:
    return next((draft.letter.intent for draft in reversed(_sent_drafts(parts, case))), None)


def _closed(parts: Parts, case: Case, outcome: Outcome, why: str) -> None:
    with parts.store.write():
        effects.plan_release(parts, case.id)
        if case.state is not CaseState.CLOSED:
            ending.close(parts, case.id, outcome, why)
