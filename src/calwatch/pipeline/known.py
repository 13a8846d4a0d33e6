"""What the store knows of one case put together: its interview as it is now, its live draft, the requests made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from calwatch.errors import NotFound, Rejected, UsageError
from calwatch.model.booking import Interview
from calwatch.model.case import DraftState, Intent
from calwatch.model.draft import Draft
from calwatch.model.ledger import Request
from calwatch.model.trouble import Case
from calwatch.pipeline.parts import Parts


def interview_of(parts: Parts, case: Case) -> Interview:
    """The interview of a case as it is now; sessions that are gone as they last were."""
    kept = case.snapshot
    if kept is None:
        raise NotFound(f"case {case.id} has lost its appointment")
    present = tuple(parts.store.bookings.booking_list(case.booking_ids))
    known = [found for found in (parts.store.bookings.recognition(b.id) for b in present) if found is not None]
    named = next((r for r in known if r.contact is not None or r.company is not None), kept.recognition)
    return replace(
        kept, bookings=present or kept.bookings, recognition=named if named.is_interview else kept.recognition
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The requests for another time that were sent so far, by company (case folded) and by booking."""

    by_company: Counter[str]
    by_booking: Counter[int]

    def by(self, interview: Interview) -> int:
        """How often the user already asked this company, or about these sessions."""
        company = (interview.recognition.company or "").casefold()
        about = [self.by_booking[number] for number in interview.booking_ids]
        return max(self.by_company[company] if company else 0, *about, 0)


def asked(parts: Parts) -> Asked:
    """Read off the sent letters; once per pass, for there may be many interviews to look at."""
    found = Asked(Counter(), Counter())
    for draft in parts.store.drafts.in_states((DraftState.SENT,)):
        if draft.letter.intent is Intent.RESCHEDULE:
            case = parts.store.cases.get(draft.case_id)
            company = case.snapshot.recognition.company if case.snapshot else None
            if company:
                found.by_company[company.casefold()] += 1
            found.by_booking.update(case.booking_ids)
    return found


def live_draft(parts: Parts, case: Case) -> Draft | None:
    """The one draft of a case that is not over yet, newest first."""
    over = {DraftState.DISMISSED, DraftState.EXPIRED, DraftState.WITHDRAWN, DraftState.REPLACED, DraftState.SENT}
    return next((d for d in reversed(parts.store.drafts.of_case(case.id)) if d.state not in over), None)


def other_interviews(parts: Parts, case: Case) -> tuple[Interview, ...]:
    """The person's other interviews, whose names must not slip into this letter."""
    from calwatch.watch.interviews import group

    now = parts.now()
    found = parts.store.bookings.interviews(now - timedelta(days=7), now + parts.preferences.watch.horizon)
    return group([row for row in found if row[0].id not in case.booking_ids], zone=parts.preferences.zone)


def draft_asked_for(parts: Parts, request: Request) -> Draft:
    """The draft a request names, if it still is the version that was shown; else NotFound or Rejected."""
    if request.draft_id is None:
        raise UsageError("this request names no draft")
    draft = parts.store.drafts.get(request.draft_id)
    version = request.payload.get("version")
    if version is not None and int(version) != draft.version:
        raise Rejected(
            f"draft {draft.id} has changed: you saw version {version}, it is version {draft.version} now; "
            f"look again with: calwatch show {draft.id}"
        )
    return draft
