"""Every letter calwatch can write, by name, for the golden drafts and the tests that hold for all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from builders import NOW, at
from calwatch.model.case import Intent, Occasion, Situation
from calwatch.model.draft import LetterKind
from letter_briefs import SLOTS, WINDOWS, a_span

_THANKS = {"situation": Situation.CANCELLED, "intent": Intent.ACKNOWLEDGE, "reason": None}
_CHECK = {"situation": Situation.INTERVIEWER_DECLINED, "intent": Intent.ACKNOWLEDGE, "reason": None}
_AGAIN = {"intent": Intent.FOLLOW_UP, "kind": LetterKind.FOLLOW_UP, "asked_at": NOW}
_LATE = {"now": at("2026-05-05 09:00"), "respond_by": at("2026-05-04 13:00")}


def _by_hand(occasion: Occasion, **fields: Any) -> dict[str, Any]:
    return {"situation": Situation.MANUAL, "occasion": occasion, "reason": None, **fields}


CASES: dict[str, dict[str, Any]] = {
    "conflict": {},
    "conflict, no reason": {"reason": None},
    "conflict, one time": {"slots": SLOTS[:1]},
    "conflict, no times": {"slots": (), "alternatives": ()},
    "conflict, calendar unknown": {"times_unknown": True},
    "conflict, windows": {"slots": WINDOWS, "windows": True},
    "conflict, one window": {"slots": WINDOWS[:1], "windows": True},
    "conflict, zone unknown": {"recipient_zone": None},
    "conflict, short notice": _LATE,
    "conflict, withdraw": {"intent": Intent.WITHDRAW},
    "second request": {"second_request": True, "slots": WINDOWS, "windows": True},
    "second request, no phone": {"second_request": True, "user_phone": ""},
    "second request, no times": {"second_request": True, "slots": (), "alternatives": (), "reason": None},
    "invitation unanswered": {"invitation_unanswered": True},
    "invitation unanswered, no times": {"invitation_unanswered": True, "times_unknown": True, "reason": None},
    "moved": {"situation": Situation.MOVED},
    "moved, no times": {"situation": Situation.MOVED, "slots": (), "alternatives": (), "reason": None},
    "declined": {"situation": Situation.DECLINED, "declined_already": True, "reason": None},
    "declined, withdraw": {"situation": Situation.DECLINED, "declined_already": True, "intent": Intent.WITHDRAW},
    "removed": {"situation": Situation.REMOVED, "reason": None},
    "cancelled": _THANKS,
    "cancelled, windows": {**_THANKS, "slots": WINDOWS, "windows": True},
    "cancelled, no times": {**_THANKS, "times_unknown": True},
    "cancelled, process ended": {**_THANKS, "ends_process": True},
    "cancelled, times promised": {**_THANKS, "promises_times": True},
    "cancelled, withdraw": {**_THANKS, "intent": Intent.WITHDRAW},
    "interviewer declined": _CHECK,
    "interviewer declined, no times": {**_CHECK, "times_unknown": True},
    "interviewer declined, windows": {**_CHECK, "slots": WINDOWS, "windows": True},
    "sick": _by_hand(Occasion.SICK, reason="I have fallen ill"),
    "emergency": _by_hand(Occasion.EMERGENCY, reason="something has happened that I have to attend to", **_LATE),
    "late": _by_hand(Occasion.LATE, delay=timedelta(minutes=15), **_LATE),
    "late, unknown how much": _by_hand(Occasion.LATE, user_phone=""),
    "missed": _by_hand(Occasion.MISSED),
    "missed, no times": _by_hand(Occasion.MISSED, times_unknown=True),
    "no-show": _by_hand(Occasion.NO_SHOW),
    "no-show, no times": _by_hand(Occasion.NO_SHOW, times_unknown=True),
    "extension": _by_hand(Occasion.EXTENSION),
    "follow-up": _AGAIN,
    "follow-up, the second": {**_AGAIN, "follow_ups": 1},
    "follow-up of a cancellation": {**_AGAIN, "situation": Situation.CANCELLED, "times_unknown": True},
    "accept": {"intent": Intent.ACCEPT, "kind": LetterKind.COUNTER, "proposed": SLOTS[0], "slots": SLOTS[:1]},
    "offer others": {"kind": LetterKind.COUNTER, "proposed": a_span("2026-05-08 13:00")},
    "offer others, no times": {"kind": LetterKind.COUNTER, "times_unknown": True},
    "correction": {"kind": LetterKind.CORRECTION, "taken": (a_span("2026-05-08 13:00"),)},
    "correction, no times": {"kind": LetterKind.CORRECTION, "times_unknown": True},
}
