"""Sightings joined into bookings, and the bookings that one mail would deal with joined into an interview."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calwatch.model.event import Event, Person
from calwatch.model.span import Span


class Source(StrEnum):
    CALENDAR = "calendar"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One appearance of an appointment in one source: a calendar entry, or an invitation in a mail."""

    account: str
    source: Source
    calendar: str  # the calendar's name, or "" for mail
    event: Event
    method: str = ""  # iTIP method for mail
    message_ref: str = ""
    busy_account: bool = False  # an account with use = "busy": time only


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One appointment in the world: all its sightings, and ``event``, what the strongest of them says now.

    ``event`` has the time of the highest (SEQUENCE, DTSTAMP), the user's own answer from their calendar where there
    is one, and the richest text. ``twin_of`` is the id of the booking this one merely repeats (a sync tool's "Busy").
    """

    id: int
    event: Event
    sightings: tuple[Sighting, ...]
    twin_of: int | None = None


class Role(StrEnum):
    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to write to, and how we know: ``evidence`` is a sentence for the person."""

    person: Person
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What ``detect.interview`` makes of an event. ``score`` is 0..1; ``evidence`` are sentences for the person."""

    is_interview: bool
    role: Role = Role.NONE
    stage: str | None = None
    company: str | None = None
    contact: Contact | None = None
    language: str = "en"
    score: float = 0.0
    evidence: tuple[str, ...] = ()
    agency: bool = False
    in_person: bool = False
    phone: bool = False
    reschedule_link: str | None = None
    job: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """The bookings one mail would deal with: same contact or company, same local day, gaps of 90 minutes at most.

    ``id`` is the lowest booking id. ``span`` reaches from the first start to the last end. ``recognition`` is that of
    the strongest session.
    """

    id: int
    bookings: tuple[Booking, ...]
    recognition: Recognition
    account: str
    source: Source

    @property
    def lead(self) -> Booking:
        return min(self.bookings, key=lambda b: (b.event.start, b.id))

    @property
    def span(self) -> Span:
        return Span(min(b.event.start for b in self.bookings), max(b.event.end for b in self.bookings))

    @property
    def booking_ids(self) -> tuple[int, ...]:
        return tuple(sorted(b.id for b in self.bookings))
