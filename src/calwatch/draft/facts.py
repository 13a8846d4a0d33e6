"""What templates can say: every name a template knows, made from the brief as plain text and flags."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from calwatch.draft.brief import Brief
from calwatch.draft.foreign import label, one_line
from calwatch.draft.language import words
from calwatch.draft.times import Printed, TimePrinter
from calwatch.draft.wording import BULLET, Context
from calwatch.model.case import Situation
from calwatch.model.event import Response
from calwatch.model.span import Span


def context_of(brief: Brief, printer: TimePrinter, printed: Printed, offered: tuple[Span, ...], topic: str) -> Context:
    """The names of all templates: texts are one-line and clean, an unknown thing is ``""``.

    ``times`` is the printed list and ``zone`` the zones above it; ``windows`` and ``single`` say how to introduce it,
    ``duration`` how long the conversation is ("hour", "45 minutes"). ``our`` and ``the`` go before ``meeting``.
    """
    recognition = brief.interview.recognition
    many = len(brief.interview.bookings) > 1
    company, job = label(recognition.company, 40), label(recognition.job, 60)
    named = f" {_with(brief)} {company}" if recognition.agency and company else ""
    appointment, short_appointment = _named(brief, printer, topic, many)
    answers = {booking.event.response for booking in brief.interview.bookings}
    return {
        "topic": topic,
        "user_name": one_line(brief.user_name),
        "phone": one_line(brief.user_phone, 40),
        "our": words(brief.language).patterns["my" if named else "our"],
        "the": words(brief.language).patterns["the"],
        "meeting": _meeting(brief, many, topic) + named,
        "company": company,
        "for_role": _for_role(brief, job, company),
        "appointment": appointment,
        "short_appointment": short_appointment,
        "reason": brief.reason or "",
        "accepted": not brief.invitation_unanswered and answers.isdisjoint({Response.NEEDS_ACTION, Response.TENTATIVE}),
        "declined": brief.declined_already,
        "cancelled": brief.situation is Situation.CANCELLED,
        "unable": brief.situation not in (Situation.CANCELLED, Situation.INTERVIEWER_DECLINED),
        "short_notice": short_notice(brief),
        "times": "\n".join(BULLET + line for line in printed.slot_lines),
        "zone": printed.zone_line,
        "windows": brief.windows and any(s.duration > brief.snapshot_span.duration for s in offered),
        "single": len(offered) == 1,
        "duration": duration(_length(brief, offered), brief.language),
        "first_slot": printer.appointment(offered[0].start) if offered else "",
        "proposed": printer.appointment(brief.proposed.start) if brief.proposed else "",
        "taken": _joined(brief, [printer.appointment(span.start) for span in brief.taken[:4]]),
        "asked_on": _asked_on(brief, printer),
        "follow_ups": brief.follow_ups,
        "delay": duration(brief.delay, brief.language, full=True) if brief.delay else "",
    }


def short_notice(brief: Brief) -> bool:
    """Whether the time to respond by has come: from then on a mail alone is late."""
    return brief.now >= brief.respond_by and brief.situation is not Situation.CANCELLED


def duration(length: timedelta, language: str, *, full: bool = False) -> str:
    """``hour``, ``45 minutes``, ``two hours``; with ``full`` also ``an hour`` where a bare noun cannot stand."""
    say = words(language).durations
    minutes = max(1, round(length.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    numbers = say["numbers"].split()
    if minutes == 60:
        return say["an_hour" if full else "hour"]
    if hours < 2 or rest not in (0, 30) or hours > len(numbers):
        return say["minutes"].format(count=minutes) if minutes < 180 else say["hours"].format(count=hours + (rest > 0))
    return say["half" if rest else "hours"].format(count=numbers[hours - 1])


def _length(brief: Brief, offered: tuple[Span, ...]) -> timedelta:
    """How long the conversation is: a point offered says it, a window does not."""
    return offered[0].duration if offered and not brief.windows else brief.snapshot_span.duration


def _named(brief: Brief, printer: TimePrinter, topic: str, many: bool) -> tuple[str, str]:
    """The appointment as text and as subject: what is due names its end, what is all day no time."""
    event = brief.interview.lead.event
    if event.all_day:
        last = brief.snapshot_span.end - timedelta(minutes=1) if topic == "extension" else brief.snapshot_span.start
        day = last.astimezone(ZoneInfo(brief.user_zone)).date()
        return printer.date(day), printer.date(day, short=True)
    moment = brief.snapshot_span.end if topic == "extension" else brief.snapshot_span.start
    return printer.appointment(moment, many=many), f"{printer.day(moment, short=True)}, {printer.clock(moment)}"


def _meeting(brief: Brief, many: bool, topic: str) -> str:
    vocabulary, stage = words(brief.language), brief.interview.recognition.stage or ""
    if topic == "extension":
        return vocabulary.stages["take_home"]
    if many:
        return vocabulary.many.get(stage, vocabulary.many["default"])
    in_person = brief.interview.recognition.in_person and vocabulary.stages_in_person.get(stage)
    return in_person or vocabulary.stages.get(stage, vocabulary.stages["default"])


def _for_role(brief: Brief, job: str, company: str) -> str:
    patterns = words(brief.language).patterns
    if job:
        known = job.casefold().endswith(tuple(patterns["role_words"].split()))
        return " " + patterns["for_named_role" if known else "for_role"].format(job=job)
    return " " + patterns["at_company"].format(company=company) if company else ""


def _with(brief: Brief) -> str:
    return words(brief.language).patterns["with"]


def _joined(brief: Brief, parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return "; ".join(parts[:-1]) + words(brief.language).patterns["and_last"] + parts[-1]


def _asked_on(brief: Brief, printer: TimePrinter) -> str:
    if brief.asked_at is None:
        return ""
    return " " + words(brief.language).patterns["of_day"].format(day=printer.day(brief.asked_at))
