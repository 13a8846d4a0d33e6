"""From an entry of the outbox to what a message says: what still holds, as it is at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from calwatch.draft import phone
from calwatch.errors import NeedsSignIn, NotFound, Retry, Stop
from calwatch.model.case import CaseState, DraftState, Urgency
from calwatch.model.draft import Draft
from calwatch.model.trouble import Case
from calwatch.model.workdays import urgency
from calwatch.notify.topics import ACCOUNT, DECIDE, Item, Topic
from calwatch.pipeline import conversation, known, letters
from calwatch.pipeline.outbox import Entry
from calwatch.pipeline.parts import Parts
from calwatch.pipeline.reminders import CALLING

_ON_THE_PHONE = frozenset({Topic.READY, Topic.NUDGE, Topic.REMIND, Topic.CALL})
_LOUDEST = (Topic.CALL, Topic.BACK, Topic.REMIND, Topic.READY, Topic.QUESTION, Topic.NUDGE)
"""Of several things about one waiting draft the first of these is said; the others say no more."""


def holds(parts: Parts, entry: Entry, now: datetime) -> bool:
    """Whether it is still true and of use to say it."""
    try:
        draft = parts.store.drafts.get(entry.draft) if entry.draft is not None else None
        case = _case_of(parts, entry, draft)
    except NotFound:
        return False
    if entry.topic in ACCOUNT:
        health = parts.health.get(entry.account)
        return entry.account in parts.accounts and (health is None or health.state.value == _STATES[entry.topic])
    if draft is not None and entry.topic in DECIDE:
        over = case is not None and entry.topic in (Topic.REMIND, Topic.CALL) and case.start <= now
        return draft.state is DraftState.WAITING and now < draft.expires and not over
    match entry.topic:
        case Topic.FAILED:
            return draft is not None and draft.state is DraftState.FAILED
        case Topic.UNSURE:
            return draft is not None and draft.state is DraftState.UNSURE
        case Topic.QUESTION:
            asked = parts.store.questions.of_case(entry.case) if entry.case is not None else []
            return any(question.answer is None and question.closed_at is None for question in asked)
        case Topic.TAKEN:
            return case is not None and case.state is CaseState.SENT and entry.at is not None and entry.at > now
        case Topic.SENT:
            return case is not None and case.state is CaseState.SENT and case.start > now
        case Topic.CALLED_OFF:
            return case is not None and case.state is CaseState.SENT
        case Topic.REBOOKED:
            return entry.at is not None and entry.at > now
        case _:
            return True


_STATES = {Topic.SIGN_IN: "needs_sign_in", Topic.ERROR: "error", Topic.DEGRADED: "degraded"}


def _case_of(parts: Parts, entry: Entry, draft: Draft | None) -> Case | None:
    number = draft.case_id if draft is not None else entry.case
    return parts.store.cases.get(number) if number is not None else None


def start_of(parts: Parts, entry: Entry) -> datetime | None:
    """The start of the appointment an entry is about, if it is about one."""
    case = _case_of(parts, entry, parts.store.drafts.get(entry.draft) if entry.draft is not None else None)
    return case.start if case is not None else None


def without_echoes(entries: Iterable[Entry]) -> list[Entry]:
    """One entry per draft that waits, the loudest; everything else as it is."""
    found: dict[object, Entry] = {}
    for entry in entries:
        waits = entry.draft is not None and entry.topic in DECIDE
        about: object = entry.draft if waits else (entry.topic, entry.account) if entry.topic in ACCOUNT else entry.key
        other = found.get(about)
        if not waits or other is None or _LOUDEST.index(entry.topic) <= _LOUDEST.index(other.topic):
            found[about] = entry
    return list(found.values())


def item(parts: Parts, entry: Entry) -> Item:
    """The entry as a message tells it now. Raises NotFound when what it is about is gone."""
    draft = parts.store.drafts.get(entry.draft) if entry.draft is not None else None
    case = _case_of(parts, entry, draft)
    if case is None:
        return Item(topic=entry.topic, account=entry.account, text=entry.text, found=entry.found, need=entry.need)
    interview = known.interview_of(parts, case)
    pressing = urgency(case.start, draft.respond_by if draft else case.start, parts.now(), parts.preferences.zone)
    topic, person, number = _by_phone(parts, entry.topic, draft, case, pressing)
    return Item(
        topic=topic,
        start=case.start,
        at=entry.at,
        number=draft.id if draft else None,
        urgency=pressing,
        account=draft.account if draft and draft.stored else "",
        company=interview.recognition.company or "",
        title=interview.lead.event.summary,
        situation=case.situation,
        text=entry.text,
        person=person,
        phone=number,
    )


def _by_phone(parts: Parts, topic: Topic, draft: Draft | None, case: Case, pressing: Urgency) -> tuple[Topic, str, str]:
    """Under four hours before the start the message about a letter that waits is the phone card."""
    if draft is None or topic not in _ON_THE_PHONE:
        return topic, "", ""
    if pressing is not Urgency.NOW or draft.letter.intent not in CALLING or case.start <= parts.now():
        return Topic.REMIND if topic is Topic.CALL else topic, "", ""
    return Topic.CALL, *_whom_to_call(parts, draft, case)


def _whom_to_call(parts: Parts, draft: Draft, case: Case) -> tuple[str, str]:
    """Name and number for a message in full; a letter written days ago has no card yet, so the mails are asked."""
    if parts.preferences.notify.detail != "full":
        return "", ""
    card = draft.letter.phone
    if card is not None:
        return card.name, card.number
    try:
        around = conversation.surroundings(parts, case)
        found = phone.find(letters.brief_for(parts, case, around, draft.letter.intent)) if around else None
    except (Retry, Stop, NeedsSignIn):
        found = None
    return (found.name, found.number) if found else ("", "")


def items(parts: Parts, entries: Sequence[Entry]) -> list[Item]:
    """All of them, echoes left out."""
    return [item(parts, entry) for entry in without_echoes(entries)]
