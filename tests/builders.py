"""Small builders for the values tests talk about; every argument has a plausible default."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from calwatch.model.booking import Booking, Contact, Interview, Recognition, Role, Sighting, Source
from calwatch.model.event import Attendee, Event, Person, Response
from calwatch.model.message import Folder, Message
from calwatch.ports import Clock, Known
from calwatch.providers import Surroundings

NOW = datetime(2026, 4, 20, 8, 0, tzinfo=UTC)
"""A Monday morning, 10:00 in Berlin; the stage on which most tests play."""

ALEX = Person("alex.rivera@example.com", "Alex Rivera")
DANA = Person("dana@acme.example", "Dana Fox")

_ids = itertools.count(1)


def the_surroundings(clock: Clock, state: Path, **fields: Any) -> Surroundings:
    """What an account of Alex's is opened with."""
    given: dict[str, Any] = {"me": ALEX, "addresses": frozenset({ALEX.email}), "viewer_zone": "Europe/Berlin"}
    return Surroundings(**{**given, "clock": clock, "state": state, **fields})


def knowing(etags: Mapping[str, str]) -> Known:
    """A store that knows these resources of a calendar."""

    def known(prefix: str = "") -> Mapping[str, str]:
        return {ref: etag for ref, etag in etags.items() if ref.startswith(prefix)}

    return known


def at(text: str) -> datetime:
    """An aware UTC datetime from ``"2026-05-05 13:00"``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def an_event(start: str | datetime = "2026-05-05 13:00", minutes: int = 60, **fields: Any) -> Event:
    """An event of ``minutes`` starting at ``start`` (UTC)."""
    begin = at(start) if isinstance(start, str) else start
    number = next(_ids)
    given: dict[str, Any] = {
        "ref": f"event-{number}.ics",
        "uid": f"event-{number}@example.com",
        "start": begin,
        "end": begin + timedelta(minutes=minutes),
        "summary": "Weekly sync",
    }
    return Event(**{**given, **fields})


def an_invitation(start: str | datetime = "2026-05-05 13:00", minutes: int = 60, **fields: Any) -> Event:
    """Acme's invitation of Alex to a technical interview, organised by Dana."""
    given: dict[str, Any] = {
        "summary": "Technical interview with Acme",
        "description": "Hi Alex, looking forward to the technical interview for the Backend Engineer role.",
        "organizer": DANA,
        "attendees": (Attendee(ALEX, Response.ACCEPTED), Attendee(DANA, Response.ACCEPTED)),
        "response": Response.ACCEPTED,
        "timezone": "Europe/Berlin",
    }
    return an_event(start, minutes, **{**given, **fields})


def a_sighting(event: Event | None = None, **fields: Any) -> Sighting:
    given: dict[str, Any] = {"account": "personal", "source": Source.CALENDAR, "calendar": "calendar"}
    return Sighting(event=event or an_event(), **{**given, **fields})


def a_booking(event: Event | None = None, **fields: Any) -> Booking:
    event = event or an_event()
    given: dict[str, Any] = {"id": next(_ids), "sightings": (a_sighting(event),)}
    return Booking(event=event, **{**given, **fields})


def a_recognition(**fields: Any) -> Recognition:
    given: dict[str, Any] = {
        "is_interview": True,
        "role": Role.CANDIDATE,
        "stage": "technical",
        "company": "Acme",
        "contact": Contact(person=DANA, evidence="organizer of the invitation"),
        "score": 0.95,
    }
    return Recognition(**{**given, **fields})


def an_interview(*events: Event, **fields: Any) -> Interview:
    """An interview of one booking per event (one default invitation without)."""
    bookings = tuple(a_booking(e) for e in (events or (an_invitation(),)))
    given: dict[str, Any] = {
        "id": min(b.id for b in bookings),
        "bookings": bookings,
        "recognition": a_recognition(),
        "account": "personal",
        "source": Source.CALENDAR,
    }
    return Interview(**{**given, **fields})


def a_message(text: str = "Hi Alex, could we talk next week?", **fields: Any) -> Message:
    number = next(_ids)
    given: dict[str, Any] = {
        "ref": f"message-{number}",
        "thread": f"<root-{number}@acme.example>",
        "folder": Folder.INBOX,
        "message_id": f"<m{number}@acme.example>",
        "date": NOW - timedelta(days=2),
        "sender": DANA,
        "to": (ALEX,),
        "subject": "Interview at Acme",
    }
    return Message(text=text, **{**given, **fields})
