"""Why an appointment is or is not an interview, and why there is or is not a draft about it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from calwatch.model.booking import Booking, Source
from calwatch.model.case import CaseState
from calwatch.pipeline import seeing
from calwatch.pipeline.parts import Parts


def why(parts: Parts, booking_id: int) -> list[str]:
    """Sentences for the person, the verdict first. Raises NotFound."""
    booking = parts.store.bookings.booking(booking_id)
    said = [*_recognised(parts, booking), *_seen(booking)]
    cases = parts.store.cases.of_bookings([booking_id])
    for case in cases:
        verdict = f"{case.situation.value}: {' '.join(case.why)}"
        if case.state is CaseState.CLOSED:
            ended = case.outcome.value if case.outcome else "closed"
            said.append(f"An earlier trouble is over ({ended}). {verdict}")
            continue
        drafts = parts.store.drafts.of_case(case.id)
        letters = ", ".join(f"draft {draft.id} ({draft.state.value})" for draft in drafts)
        until = f"; it settles until {_local(parts, case.settle_until)}" if case.settle_until else ""
        said.append(f"There is {letters or 'no draft yet' + until}, because: {verdict}")
    said += [f"Noticed: {line}" for line in parts.store.meta.get(f"notice:{booking_id}") or ()]
    known = parts.store.bookings.recognition(booking_id)
    if not any(case.state is not CaseState.CLOSED for case in cases) and known is not None and known.is_interview:
        said.append(_no_draft(parts, booking))
    return said


def _local(parts: Parts, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(parts.preferences.zone))
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


def _recognised(parts: Parts, booking: Booking) -> list[str]:
    mark = parts.store.marks.get(booking.event.uid)
    known = parts.store.bookings.recognition(booking.id)
    if booking.event.busy_only:
        return ["Only its time is known, so it cannot be told whether it is an interview; it counts as busy."]
    if known is None:
        return ["It has not been looked at yet; the next pass does."]
    verdict = "It is an interview of yours" if known.is_interview else "It is not an interview of yours"
    if mark is not None:
        return [f"{verdict}, because you said so.", *known.evidence]
    return [f"{verdict} (score {known.score:.2f}).", *known.evidence]


def _seen(booking: Booking) -> list[str]:
    if not booking.sightings:
        return ["No calendar and no mail shows it any more."]
    places = dict.fromkeys(
        f"the mail of {s.account}" if s.source is Source.MAIL else f"calendar {s.calendar} of {s.account}"
        for s in booking.sightings
    )
    copy = [f"It repeats event {booking.twin_of} and does not count twice."] if booking.twin_of is not None else []
    return [f"Seen in {' and '.join(places)}.", *copy]


def _no_draft(parts: Parts, booking: Booking) -> str:
    now = parts.now()
    if booking.event.end <= now:
        return "There is no draft: it is over."
    if booking.event.start > now + parts.preferences.watch.horizon:
        return "There is no draft: it lies beyond watch.horizon."
    interview = next((i for i in seeing.interviews(parts, booking.event.span) if booking.id in i.booking_ids), None)
    trouble = seeing.trouble_of(parts, interview, now) if interview is not None else None
    if trouble is None:
        return "There is no draft: nothing is in its way, and nobody declined or cancelled it."
    return f"There is no draft at present, although: {' '.join(trouble.why)}"
