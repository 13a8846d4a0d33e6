"""What time does to a case: settled it gets its letter, waiting it is proved again, over it is closed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from calwatch.approve.canonical import letter_hash
from calwatch.draft import compose
from calwatch.errors import NeedsSignIn, Retry, Stop
from calwatch.model.case import CaseState, DraftState, Move, Outcome, Situation
from calwatch.model.draft import Draft, Letter
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.pipeline import closing, conversation, ending, handled, known, letters, mailbox, notices, seeing
from calwatch.pipeline.parts import Parts

log = logging.getLogger(__name__)


_COUNTED_FROM = "first_pass:from"

FIRST_LOOK = timedelta(minutes=15)
"""The first message waits so long for what it is to count, and no longer."""


def advance(parts: Parts, case: Case, now: datetime) -> None:
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
        around = conversation.surroundings(parts, case)
    except (Retry, Stop, NeedsSignIn) as reason:
        _look_again(parts, case, now + timedelta(minutes=1))
        log.info("case %s waits for its mailbox: %s", case.id, reason)
        return
    if around is None:
        _look_again(parts, case, None)
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
    since = handled.trouble_began(parts, case, interview)
    if case.situation is not Situation.MANUAL and handled.written_since(
        parts, people, since, but=handled.own_mail(parts)
    ):
        ending.close(parts, case.id, Outcome.HANDLED, "you have already written to them about it")
        notices.handled(parts, case)
        return
    intent = case.intent or letters.DEFAULT_INTENT[case.situation]
    draft = letters.create(parts, case, around, intent)
    draft = mailbox.stage(parts, draft)
    notices.ready(parts, draft, parts.store.cases.get(case.id))


def _look_again(parts: Parts, case: Case, moment: datetime | None) -> None:
    """When a case without a draft is due next; ``None``: whenever something is looked at anyway."""
    if case.state is CaseState.SETTLING:
        parts.store.cases.change(case.id, case.state, now=parts.now(), settle_until=moment)
    else:
        parts.store.cases.change(case.id, case.state, now=parts.now(), due_at=moment)


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
        _turn_late(parts, draft, now)
        return
    if mailbox.is_missing(parts, draft):
        return  # one that cannot be found just now may have been sent by hand, with the times it has
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
    _refresh(parts, draft, letter, "a time it offered was taken; others are offered")


def _turn_late(parts: Parts, draft: Draft, now: datetime) -> None:
    """Past the time to respond by a call comes first: the letter that waits gets the phone card, once."""
    looked = f"late:{draft.id}"
    if now < draft.respond_by or draft.letter.phone is not None or parts.store.meta.get(looked) is not None:
        return
    case = parts.store.cases.get(draft.case_id)
    try:
        around = conversation.surroundings(parts, case)
    except (Retry, Stop, NeedsSignIn):
        return
    parts.store.meta.set(looked, now.timestamp())
    if around is None:
        return
    letter = compose.turned_late(draft.letter, letters.brief_for(parts, case, around, draft.letter.intent))
    _refresh(parts, draft, letter, "calling is the better way now")


def _refresh(parts: Parts, draft: Draft, letter: Letter, what: str) -> None:
    """A new version of a waiting draft, in the mailbox too, if anything of its letter is different."""
    if letter == draft.letter:
        return
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.REFRESH,
        now=parts.now(),
        who="calwatch",
        what=what,
        letter=letter,
        hash=letter_hash(letter, draft.account),
    )
    mailbox.stage(parts, moved)


def first_pass(parts: Parts, now: datetime) -> None:
    """The first pass says one thing, in numbers, instead of one message per trouble."""
    wait = parts.store.meta.get(_COUNTED_FROM, 0.0)
    if parts.store.meta.get("first_pass") is not None or now.timestamp() < float(wait):
        return
    ahead = seeing.interviews(parts, Span(now, now + parts.preferences.watch.horizon))
    need = [d for d in parts.store.drafts.open_drafts() if d.state is DraftState.WAITING]
    soon = now + FIRST_LOOK
    settling = [c for c in parts.store.cases.open_cases() if c.settle_until and now < c.settle_until < soon]
    if settling:
        parts.store.meta.set(_COUNTED_FROM, max(c.settle_until or now for c in settling).timestamp())
        return
    if not ahead and not need:
        return
    notices.welcome(parts, appointments=len(ahead), need=len(need))
    parts.store.meta.set("first_pass", now.timestamp())
