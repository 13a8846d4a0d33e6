"""One plausible brief that letter tests vary: Acme in New York, Alex in Berlin, three free hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from builders import DANA, NOW, an_interview, at
from calwatch.draft.brief import Brief
from calwatch.draft.options import RepliesOptions
from calwatch.model.case import Intent, Situation
from calwatch.model.draft import Recipient, ZoneGuess
from calwatch.model.span import Span

BUSY = "a commitment I can't move has come up at that time"
NEW_YORK = ZoneGuess("America/New_York", "Dana wrote “9 am ET” on 18 April 2026")


def a_span(start: str, minutes: int = 60) -> Span:
    return Span(at(start), at(start) + timedelta(minutes=minutes))


SLOTS = (a_span("2026-05-06 13:00"), a_span("2026-05-07 14:30"), a_span("2026-05-11 13:30"))
WINDOWS = tuple(Span(slot.start, slot.start + timedelta(hours=3)) for slot in SLOTS)
ALTERNATIVES = (a_span("2026-05-12 13:00"), a_span("2026-05-13 15:00"))
DANA_IN_THREAD = Recipient(
    to=(DANA,),
    evidence="Dana Fox <dana@acme.example>: wrote on 18 April 2026 (“Interview”)",
    reply_to_ref="m1",
    in_reply_to="<m1@acme.example>",
    references=("<m1@acme.example>",),
    thread="t1",
    thread_subject="Interview at Acme",
)


def a_brief(**fields: Any) -> Brief:
    given: dict[str, Any] = {
        "situation": Situation.CONFLICT,
        "intent": Intent.RESCHEDULE,
        "interview": an_interview(),
        "snapshot_span": a_span("2026-05-05 13:00"),
        "recipient": DANA_IN_THREAD,
        "user_name": "Alex Rivera",
        "user_phone": "+49 30 901820",
        "user_zone": "Europe/Berlin",
        "recipient_zone": NEW_YORK,
        "options": RepliesOptions(),
        "now": NOW,
        "respond_by": at("2026-05-01 13:00"),
        "slots": SLOTS,
        "alternatives": ALTERNATIVES,
        "reason": BUSY,
    }
    return Brief(**{**given, **fields})
