"""Stores with something in them: an interview on the calendar, a case of it, a draft of that."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from builders import DANA, NOW, a_recognition, an_invitation
from calwatch.model.booking import Interview, Source
from calwatch.model.case import Intent, Situation, Weight
from calwatch.model.draft import Draft, Letter
from calwatch.model.event import Event
from calwatch.model.message import Content
from calwatch.model.trouble import Case
from calwatch.store import Store

_numbers = itertools.count(1)


def put(store: Store, *events: Event, account: str = "personal", calendar: str = "calendar", **more: Any) -> list[int]:
    """Each event as a resource of its own; gives the booking ids touched."""
    ids: set[int] = set()
    for event in events:
        ids |= store.sightings.put_resource(
            account, calendar, event.ref, event.etag or "1", [event], now=NOW, **more
        ).booking_ids
    return sorted(ids)


def an_interview_in(store: Store, *events: Event) -> Interview:
    """Events put on the calendar and taken as one recognised interview."""
    ids = put(store, *(events or (an_invitation(),)))
    for booking_id in ids:
        store.bookings.set_recognition(booking_id, a_recognition())
    bookings = tuple(store.bookings.booking_list(ids))
    return Interview(
        id=ids[0], bookings=bookings, recognition=a_recognition(), account="personal", source=Source.CALENDAR
    )


def a_case_in(store: Store, **fields: Any) -> Case:
    given: dict[str, Any] = {"situation": Situation.CONFLICT, "weight": Weight.CLASH, "key": "conflict|1", "now": NOW}
    interview = fields.pop("interview", None) or an_interview_in(store)
    return store.cases.open(interview, **{**given, **fields})


def a_letter(**fields: Any) -> Letter:
    given: dict[str, Any] = {
        "intent": Intent.RESCHEDULE,
        "content": Content(to=(DANA,), subject="Re: Interview", text="Hi Dana, could we find another time?"),
    }
    return Letter(**{**given, **fields})


def a_draft_in(store: Store, case: Case | None = None, letter: Letter | None = None, **fields: Any) -> Draft:
    given: dict[str, Any] = {
        "hash": "hash-1",
        "key": f"key-{next(_numbers)}",
        "now": NOW,
        "respond_by": NOW + timedelta(days=3),
        "expires": NOW + timedelta(days=5),
    }
    case = case or a_case_in(store)
    return store.drafts.create(case.id, "personal", letter or a_letter(), **{**given, **fields})
