"""What the store knows of one case put together: its interview as it is now, its live draft, the requests made."""

from __future__ import annotations

from dataclasses import replace
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


def requests_made(parts: Parts, interview: Interview) -> int:
    """How often the user already asked this company for another time."""
    company = (interview.recognition.company or "").casefold()
    asked = 0
    for case in parts.store.cases.all():
        theirs = (case.snapshot.recognition.company or "").casefold() if case.snapshot else ""
        if (company and theirs == company) or set(case.booking_ids) & set(interview.booking_ids):
            asked += sum(
                draft.state is DraftState.SENT and draft.letter.intent is Intent.RESCHEDULE
                for draft in parts.store.drafts.of_case(case.id)
            )
    return asked


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
