"""The JSON documents of ``--json``, exactly as documented in docs/commands.md; times are RFC 3339 with offset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from calwatch.model.booking import Booking, Interview, Recognition
from calwatch.model.draft import Draft, Effect, Finding
from calwatch.model.ledger import HistoryEntry, Question
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.model.workdays import urgency

Json = dict[str, Any]


def moment(value: datetime | None, zone: str) -> str | None:
    """RFC 3339 in ``zone``, whole seconds."""
    if value is None:
        return None
    return value.astimezone(ZoneInfo(zone)).replace(microsecond=0).isoformat()


def spans(values: Sequence[Span], zone: str) -> list[Json]:
    """``[{"start", "end"}]``."""
    return [{"start": moment(s.start, zone), "end": moment(s.end, zone)} for s in values]


def interview(found: Interview, zone: str) -> Json:
    """One interview: its first session's identity, the whole stretch of time, company, stage and contact."""
    event, known = found.lead.event, found.recognition
    contact = known.contact
    return {
        "id": found.id,
        "uid": event.uid,
        "recurrence_id": event.recurrence_id,
        "bookings": list(found.booking_ids),
        "title": event.summary,
        "start": moment(found.span.start, event.timezone or zone),
        "end": moment(found.span.end, event.timezone or zone),
        "timezone": event.timezone or zone,
        "company": known.company,
        "stage": known.stage,
        "contact": None
        if contact is None
        else {"name": contact.person.name, "email": contact.person.email, "evidence": contact.evidence},
        "url": event.url or None,
    }


def interview_listed(found: Interview, zone: str) -> Json:
    """As ``interview``, with what the list adds: account, the user's answer, source and evidence."""
    return {
        **interview(found, zone),
        "account": found.account,
        "response": found.lead.event.response.value,
        "source": found.source.value,
        "evidence": list(found.recognition.evidence),
    }


def clash(booking: Booking, zone: str) -> Json:
    """One booking in the way."""
    event = booking.event
    return {
        "id": booking.id,
        "uid": event.uid,
        "title": event.summary,
        "start": moment(event.start, zone),
        "end": moment(event.end, zone),
    }


def draft(
    one: Draft,
    case: Case,
    about: Interview,
    clashes: Sequence[Booking],
    effects: Sequence[Effect],
    *,
    zone: str,
    now: datetime,
) -> Json:
    """One draft, whole."""
    letter = one.letter
    in_zone = letter.recipient_timezone
    return {
        "id": one.id,
        "version": one.version,
        "state": one.state.value,
        "situation": case.situation.value,
        "weight": case.weight.value,
        "intent": letter.intent.value,
        "kind": letter.kind.value,
        "channel": letter.channel.value,
        "account": one.account,
        "urgency": urgency(case.start, one.respond_by, now, zone).value,
        "created": moment(one.created, zone),
        "respond_by": moment(one.respond_by, zone),
        "expires": moment(one.expires, zone),
        "outcome": case.outcome.value if case.outcome is not None else None,
        "interview": interview(about, zone),
        "conflicts_with": [clash(b, zone) for b in clashes],
        "to": [p.email for p in letter.content.to],
        "cc": [p.email for p in letter.content.cc],
        "recipient_evidence": letter.recipient.evidence or None,
        "subject": letter.content.subject,
        "body": letter.content.text,
        "language": letter.language,
        "in_reply_to": letter.recipient.in_reply_to or None,
        "message_id": one.stored.message_id or None if one.stored is not None else None,
        "recipient_timezone": None if in_zone is None else {"name": in_zone.name, "evidence": in_zone.evidence},
        "slots": spans(letter.slots, zone),
        "alternatives": spans(letter.alternatives, zone),
        "phone": None
        if letter.phone is None
        else {
            "name": letter.phone.name,
            "number": letter.phone.number,
            "evidence": letter.phone.evidence,
            "script": letter.phone.script,
            "voicemail": letter.phone.voicemail,
        },
        "reschedule_link": letter.reschedule_link,
        "actions": actions(one, effects),
        "variants": [v.value for v in letter.variants],
        "etiquette": [finding(f) for f in letter.etiquette],
        "why": list(dict.fromkeys((*case.why, *letter.why))),  # a letter repeats its case's reasons
        "touched": one.touched,
        "notice": one.notice or None,
    }


def actions(one: Draft, effects: Sequence[Effect]) -> list[Json]:
    """What approval makes happen, each with how far it is; the mail's state follows the draft's."""
    from calwatch.store import overview  # not for whoever only classifies a file

    return [
        {"kind": step.action.kind, "detail": step.action.detail, "state": step.state.value}
        for step in overview.steps(one, effects)
    ]


def finding(one: Finding) -> Json:
    """One remark of the etiquette check."""
    return {"rule": one.rule, "level": one.level.value, "text": one.text, "guideline": one.guideline}


def question(one: Question, about: Interview | None, zone: str) -> Json:
    """One open question."""
    return {
        "id": one.id,
        "kind": one.kind,
        "interview": interview(about, zone) if about is not None else None,
        "text": one.text,
        "choices": list(one.choices),
        "asked": moment(one.asked, zone),
        "expires": moment(one.expires, zone),
        "default": one.default or None,
    }


def history(entry: HistoryEntry, zone: str) -> Json:
    """One line of the audit trail."""
    return {
        "at": moment(entry.at, zone),
        "who": entry.who,
        "kind": entry.kind,
        "what": entry.what,
        "draft": entry.draft_id,
        "case": entry.case_id,
        "from": entry.before,
        "to": entry.after,
        "version": entry.version,
    }


def classified(file: str, known: Recognition) -> Json:
    """What is made of one event of a file."""
    contact = known.contact
    return {
        "file": file,
        "is_interview": known.is_interview,
        "role": known.role.value,
        "stage": known.stage,
        "company": known.company,
        "contact_email": contact.person.email if contact is not None else None,
        "contact_name": (contact.person.name or None) if contact is not None else None,
        "language": known.language,
        "score": round(known.score, 3),
        "evidence": list(known.evidence),
    }
