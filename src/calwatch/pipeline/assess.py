"""detect: what is wrong, for everything that changed or is due; opens, settles, replaces and closes cases."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from calwatch.approve.canonical import letter_hash
from calwatch.detect.interview import recognise
from calwatch.detect.rules import strongest_trouble
from calwatch.detect.view import Neighbour, Snapshot, Trouble, View
from calwatch.errors import NeedsSignIn, Retry, Stop
from calwatch.model.booking import Booking, Interview, Recognition, Source
from calwatch.model.case import PRECEDENCE, CaseState, DraftState, Move, Outcome, Situation, Weight
from calwatch.model.event import Response, Status
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.model.workdays import working_days_between
from calwatch.pipeline import closing, deliver, ending, known, letters, notices
from calwatch.pipeline.parts import Parts
from calwatch.ports import MailQuery
from calwatch.watch.interviews import group

log = logging.getLogger(__name__)

NEAR = timedelta(hours=24)
"""How far around a change interviews are looked at again: a loop of sessions and all-day entries reach so far."""

HASTE = timedelta(minutes=2)
"""The settle time with less than a working day left."""


def assess(parts: Parts) -> None:
    """Decides about everything dirty or due, once. Work is proportional to that, not to the calendar."""
    now = parts.now()
    dirty = parts.store.bookings.take_dirty()
    changed = _recognise(parts, dirty.booking_ids, now)
    scope = [*dirty.spans, *changed]
    due = [case for case in parts.store.cases.due(now) if case.state is not CaseState.CLOSED]
    scope += [Span(case.start, max(case.end, case.start)) for case in due]
    for interview in _interviews_near(parts, scope, now):
        _judge(parts, interview, now)
    _close_orphans(parts, now)
    parts.store.bookings.clear_dirty(dirty.token)
    for case in parts.store.cases.open_cases():
        _advance(parts, case, now)
    _first_pass(parts, now)


# --- recognition ---------------------------------------------------------------------------------------------------


def _recognise(parts: Parts, ids: Iterable[int], now: datetime) -> list[Span]:
    """Recognises what changed; gives the stretches in which an interview appeared, changed or disappeared."""
    spans: list[Span] = []
    for booking in parts.store.bookings.booking_list(ids):
        was = parts.store.bookings.recognition(booking.id)
        found = _recognition(parts, booking, now) if booking.sightings else was
        if found is not None and found != was:
            parts.store.bookings.set_recognition(booking.id, found)
        if (found and found.is_interview) or (was and was.is_interview):
            spans.append(booking.event.span)
    return spans


def _recognition(parts: Parts, booking: Booking, now: datetime) -> Recognition | None:
    if booking.event.busy_only or booking.event.end < now - timedelta(days=14):
        return None
    mail = next((s for s in booking.sightings if s.source is Source.MAIL), None)
    envelope = parts.store.mail.by_ref(mail.account, mail.message_ref) if mail is not None else None
    return recognise(
        booking.event,
        me=parts.preferences.me,
        options=parts.preferences.interviews,
        mark=parts.store.marks.get(booking.event.uid),
        from_mail=envelope,
    )


def _interviews_near(parts: Parts, scope: Sequence[Span], now: datetime) -> tuple[Interview, ...]:
    """The upcoming interviews (vanished and cancelled ones too) around any of ``scope``, each once."""
    until = now + parts.preferences.watch.horizon
    wanted = [span.padded(NEAR) for span in scope if span.end > now - NEAR and span.start < until + NEAR]
    if not wanted:
        return ()
    reach = Span(max(min(s.start for s in wanted), now - NEAR), max(s.end for s in wanted))
    near = [i for i in interviews(parts, reach) if any(i.span.padded(NEAR).overlaps(span) for span in wanted)]
    return tuple(i for i in near if i.span.end > now)


def interviews(parts: Parts, reach: Span) -> tuple[Interview, ...]:
    """All interviews with a session inside ``reach``, grouped as one mail would deal with them."""
    return group(
        parts.store.bookings.interviews(reach.start, reach.end, include_gone=True), zone=parts.preferences.zone
    )


# --- judging -------------------------------------------------------------------------------------------------------


def view_of(parts: Parts, interview: Interview, now: datetime) -> View:
    """What the rules may look at around one interview."""
    wish = parts.preferences
    margin = max(wish.conflicts.travel, wish.slots.buffer) + NEAR
    around = interview.span.padded(margin)
    others = [i for i in interviews(parts, around) if not set(i.booking_ids) & set(interview.booking_ids)]
    of_booking = {b.id: i for i in others for b in i.bookings}
    neighbours = tuple(
        Neighbour(
            booking=booking,
            interview=of_booking.get(booking.id),
            first_seen=parts.store.bookings.facts(booking.id).first_seen,
            moved_before=_moved_before(parts, of_booking.get(booking.id)),
        )
        for booking in parts.store.bookings.overlapping(around)
        if booking.id not in interview.booking_ids
    )
    ahead: tuple[Neighbour, ...] = ()
    event = interview.lead.event
    if event.status is Status.CANCELLED:
        ahead = tuple(
            Neighbour(booking=i.lead, interview=i, first_seen=parts.store.bookings.facts(i.lead.id).first_seen)
            for i in interviews(parts, Span(now, now + wish.watch.horizon))
            if i.id != interview.id
        )
    booked = parts.store.bookings.facts(interview.lead.id).first_seen
    return View(
        now=now,
        me=wish.me,
        zone=wish.zone,
        neighbours=neighbours,
        others=ahead,
        options=wish.conflicts,
        buffer=wish.slots.buffer,
        priority=wish.interviews.priority,
        snapshot=_snapshot(parts, interview),
        covers=parts.store.marks.covers(),
        cancel_words=_cancel_words(parts, interview) if event.status is Status.CANCELLED else "",
        vanished=_vanished(parts, interview),
        moved_before=_moved_before(parts, interview),
        booked_at=event.created or booked,
        first_seen=booked,
    )


def _moved_before(parts: Parts, interview: Interview | None) -> bool:
    return interview is not None and known.requests_made(parts, interview) > 0


def _vanished(parts: Parts, interview: Interview) -> bool:
    """Whether no calendar shows it any more although one did; a mail may still speak of it."""
    return all(
        not any(s.source is Source.CALENDAR for s in b.sightings)
        and parts.store.bookings.facts(b.id).left_calendars_at is not None
        for b in interview.bookings
    )


def _snapshot(parts: Parts, interview: Interview) -> Snapshot | None:
    """The earliest and latest of the sessions as they were when last in order."""
    noted = [parts.store.bookings.facts(b.id).snapshot for b in interview.bookings]
    kept = [_read_snapshot(note) for note in noted if note is not None]
    if not kept:
        return None
    return Snapshot(
        start=min(s.start for s in kept),
        end=max(s.end for s in kept),
        response=kept[0].response,
        booking_ids=interview.booking_ids,
    )


def _remember(parts: Parts, interview: Interview) -> None:
    """The interview is in order: this is what a later move or removal is compared with."""
    for booking in interview.bookings:
        event = booking.event
        note = {"start": event.start.isoformat(), "end": event.end.isoformat(), "response": event.response.value}
        parts.store.bookings.set_snapshot(booking.id, note)


def _read_snapshot(note: dict[str, Any]) -> Snapshot:
    return Snapshot(
        start=datetime.fromisoformat(note["start"]),
        end=datetime.fromisoformat(note["end"]),
        response=Response(note["response"]),
    )


def _cancel_words(parts: Parts, interview: Interview) -> str:
    """What the organizer wrote when cancelling: the mail's own text and its COMMENT."""
    words: list[str] = []
    for booking in interview.bookings:
        for sighting in booking.sightings:
            if sighting.source is not Source.MAIL or sighting.method != "CANCEL":
                continue
            account = parts.accounts.get(sighting.account)
            envelope = parts.store.mail.by_ref(sighting.account, sighting.message_ref)
            if account is None or account.mail is None or envelope is None:
                continue
            try:
                whole = account.mail.find(MailQuery(message_ids=frozenset({envelope.message_id})))
            except (Retry, Stop, NeedsSignIn):
                continue
            for message in whole:
                words += [message.text, *(invitation.comment for invitation in message.invitations)]
        words.append(booking.event.description if booking.event.status is Status.CANCELLED else "")
    return "\n".join(dict.fromkeys(word for word in words if word))


def trouble_of(parts: Parts, interview: Interview, now: datetime) -> Trouble | None:
    """What is wrong with an interview at present, whatever was decided about it before."""
    return strongest_trouble(interview, view_of(parts, interview, now))


def _judge(parts: Parts, interview: Interview, now: datetime) -> None:
    """Compares what is wrong now with the case there is, and moves the case accordingly."""
    case = parts.store.cases.open_for(interview.booking_ids)
    trouble = trouble_of(parts, interview, now)
    if case is not None and case.state is CaseState.SENT:
        closing.read_answer(parts, case, interview, trouble, now)
        return
    if case is not None and case.situation is Situation.MANUAL:
        return  # the person's own word outlasts what the calendar says
    if trouble is None or trouble.weight is Weight.NOTICE:
        parts.store.meta.set(f"notice:{interview.id}", list(trouble.why) if trouble else None)
        if case is not None:
            _gone(parts, case, "the appointment is in order again")
        _remember(parts, interview)
        return
    if trouble.key in parts.store.cases.dismissed_keys(interview.booking_ids):
        if case is not None and case.key != trouble.key:
            _gone(parts, case, "what is left was dismissed before")
        return
    if case is None:
        _open(parts, interview, trouble, now)
    elif case.key != trouble.key:
        _changed(parts, case, interview, trouble, now)


def _open(parts: Parts, interview: Interview, trouble: Trouble, now: datetime) -> Case:
    settle = settle_time(parts, trouble.situation, interview, now)
    return parts.store.cases.open(
        interview,
        situation=trouble.situation,
        weight=trouble.weight,
        key=trouble.key,
        clashing_ids=tuple(b.id for b in trouble.clashing),
        why=trouble.why,
        movable=trouble.movable,
        ends_process=trouble.ends_process,
        promises_times=trouble.promises_times,
        requests_made=known.requests_made(parts, interview),
        now=now,
        settle_until=now + settle,
    )


def settle_time(parts: Parts, situation: Situation, interview: Interview, now: datetime) -> timedelta:
    """How long this trouble must last before anything is drafted; at most two minutes with less than a working day left."""
    if parts.once:
        return timedelta(0)
    wanted = parts.preferences.watch.settle.of(situation)
    near = working_days_between(now, interview.span.start, parts.preferences.zone) < 1
    return min(wanted, HASTE) if near else wanted


def _changed(parts: Parts, case: Case, interview: Interview, trouble: Trouble, now: datetime) -> None:
    """The trouble is another one now: an unwritten case takes it over, a written one is replaced."""
    draft = known.live_draft(parts, case)
    if draft is not None and draft.state in (DraftState.SENDING, DraftState.UNSURE):
        return  # nothing stops a draft on its way
    if draft is None and PRECEDENCE.index(trouble.situation) == PRECEDENCE.index(case.situation):
        parts.store.cases.change(
            case.id,
            case.state,
            key=trouble.key,
            weight=trouble.weight,
            why=trouble.why,
            clashing_ids=tuple(b.id for b in trouble.clashing),
            start=interview.span.start,
            end=interview.span.end,
            snapshot=interview,
            booking_ids=interview.booking_ids,
            now=now,
        )
        return
    with parts.store.write():
        if draft is not None and draft.state is DraftState.WAITING:
            parts.store.drafts.move(
                draft.id,
                draft.version,
                Move.REPLACE,
                now=now,
                who="calwatch",
                what="something else is wrong now",
                due_at=None,
            )
        elif draft is not None and draft.state is DraftState.APPROVED:
            parts.store.drafts.move(
                draft.id,
                draft.version,
                Move.GONE,
                now=now,
                who="calwatch",
                what="something else is wrong now",
                due_at=None,
            )
        ending.close(parts, case.id, Outcome.REPLACED, f"now it is {trouble.situation.value}")
        _open(parts, interview, trouble, now)


def _gone(parts: Parts, case: Case, why: str) -> None:
    draft = known.live_draft(parts, case)
    if draft is None:
        ending.close(parts, case.id, Outcome.GONE, why)
    elif draft.state in (DraftState.WAITING, DraftState.APPROVED):
        ending.withdraw(parts, draft, why)
    elif draft.state is DraftState.FAILED:
        ending.close(parts, case.id, Outcome.GONE, why)


def _close_orphans(parts: Parts, now: datetime) -> None:
    """Cases whose bookings are no interview any more: marked so by the person, or recognised anew."""
    for case in parts.store.cases.open_cases():
        if case.state is CaseState.SENT:
            continue
        found = [parts.store.bookings.recognition(number) for number in case.booking_ids]
        if found and not any(r is not None and r.is_interview for r in found):
            _gone(parts, case, "it is not an interview")


# --- advancing -----------------------------------------------------------------------------------------------------


def _advance(parts: Parts, case: Case, now: datetime) -> None:
    """What time does to a case: settled, snoozed, expired, unanswered."""
    if case.state is CaseState.SENT:
        closing.follow(parts, case, now)
        return
    draft = known.live_draft(parts, case)
    if draft is not None:
        if draft.state in (DraftState.WAITING, DraftState.APPROVED) and now >= draft.expires:
            ending.expire(parts, draft)
        elif draft.state is DraftState.WAITING:
            _reprove(parts, draft.id)
        return
    settled = case.settle_until is None or now >= case.settle_until or parts.once
    waiting = case.due_at is not None and now < case.due_at and case.state is CaseState.OPEN
    if not settled or waiting:
        return
    if now >= case.end and case.situation is not Situation.MANUAL:
        ending.close(parts, case.id, Outcome.EXPIRED, "the appointment has passed")
        return
    prepare(parts, case, now)


def prepare(parts: Parts, case: Case, now: datetime) -> None:
    """A settled case gets its letter, or its question; or it turns out to be handled already."""
    interview = known.interview_of(parts, case)
    if case.situation is Situation.REMOVED and case.state is not CaseState.OPEN:
        if case.state is CaseState.SETTLING:
            parts.store.cases.move(
                case.id, case.state, CaseState.ASKING, now=now, who="calwatch", what="asked who removed it"
            )
            notices.ask_removed(parts, case)
        return
    try:
        around = letters.surroundings(parts, case)
    except (Retry, Stop, NeedsSignIn) as reason:
        parts.store.cases.change(case.id, case.state, now=now, settle_until=now + timedelta(minutes=1))
        log.info("case %s waits for its mailbox: %s", case.id, reason)
        return
    if around is None:
        if parts.store.meta.get(f"nomail:{case.id}") is None:
            parts.store.meta.set(f"nomail:{case.id}", True)
            parts.store.history.add(
                at=now,
                who="calwatch",
                kind="case",
                what="no account with a mailbox can write about it",
                case_id=case.id,
            )
        return
    contact = interview.recognition.contact
    people = (contact.person,) if contact is not None else ()
    since = letters.trouble_began(parts, case, interview)
    if case.situation is not Situation.MANUAL and letters.written_since(parts, people, since, but=frozenset()):
        ending.close(parts, case.id, Outcome.HANDLED, "you have already written to them about it")
        notices.handled(parts, case)
        return
    intent = case.intent or letters.DEFAULT_INTENT[case.situation]
    draft = letters.create(parts, case, around, intent)
    draft = deliver.stage(parts, draft)
    notices.ready(parts, draft, parts.store.cases.get(case.id))


def _reprove(parts: Parts, draft_id: int) -> None:
    """A waiting draft is looked at again: times that filled up are exchanged, or the person is told."""
    draft = parts.store.drafts.get(draft_id)
    proof = letters.prove(parts, draft)
    now = parts.now()
    if proof.answered is not None:
        with parts.store.write():
            moved = parts.store.drafts.move(
                draft.id,
                draft.version,
                Move.DISMISS,
                now=now,
                who="mailbox",
                what="you wrote to them yourself",
                due_at=None,
            )
            ending.close(parts, draft.case_id, Outcome.HANDLED, "you wrote to them yourself")
        notices.gone(parts, moved, "you wrote to them yourself")
        return
    if not proof.taken:
        return
    if draft.touched:
        words = "a time it offers is taken now"
        if draft.notice != words:
            draft = parts.store.drafts.set_due(draft.id, draft.version, draft.due_at, now=now, notice=words, what=words)
            notices.returned(parts, draft)
        return
    try:
        letter = letters.renewed(parts, draft)
    except (Retry, Stop, NeedsSignIn):
        return
    if letter == draft.letter:
        return
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.REFRESH,
        now=now,
        who="calwatch",
        what="a time it offered was taken; others are offered",
        letter=letter,
        hash=letter_hash(letter, draft.account),
    )
    deliver.stage(parts, moved)


def _first_pass(parts: Parts, now: datetime) -> None:
    """The first pass says one thing, in numbers, instead of one message per trouble."""
    if parts.store.meta.get("first_pass") is not None:
        return
    ahead = interviews(parts, Span(now, now + parts.preferences.watch.horizon))
    need = [d for d in parts.store.drafts.open_drafts() if d.state is DraftState.WAITING]
    if not ahead and not need:
        return
    parts.store.meta.set("first_pass", now.timestamp())
    notices.welcome(parts, appointments=len(ahead), need=len(need))
