"""One appointment as one source shows it, and a recurring one before it is expanded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from calwatch.model.span import Span


class Response(StrEnum):
    """The user's own answer (PARTSTAT, RFC 5545 §3.2.12); ``OWN`` when nobody had to ask them."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    NEEDS_ACTION = "needs-action"
    OWN = "own"


class Status(StrEnum):
    """STATUS of a VEVENT (RFC 5545 §3.8.1.11)."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """What sort of entry a provider says it is; files know only ``DEFAULT``."""

    DEFAULT = "default"
    OUT_OF_OFFICE = "out-of-office"
    FOCUS_TIME = "focus-time"
    WORKING_LOCATION = "working-location"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """A name and a mail address; the address is lower-case, the name may be empty."""

    email: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True, slots=True)
class Attendee:
    """One ATTENDEE line; ``cutype`` is INDIVIDUAL, GROUP, RESOURCE, ROOM or UNKNOWN (RFC 5545 §3.2.3)."""

    person: Person
    response: Response = Response.NEEDS_ACTION
    optional: bool = False
    cutype: str = "INDIVIDUAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One occurrence of one appointment in one source.

    ``ref`` is the provider's opaque, case-sensitive id of the *resource* (a file name, an API id); the
    occurrences of one series share it and differ in ``recurrence_id``. ``recurrence_id`` is normalised to the
    original start in UTC (``20260916T130000Z``) or its date (``20260916``); ``None`` for a single event. It is set
    on every expanded occurrence of a series, overridden or not.
    ``start``/``end`` are aware UTC instants. All-day events also carry their dates (``end_date`` exclusive); their
    instants are midnights in the viewer's zone, chosen when the event was read.
    ``timezone`` is the IANA name DTSTART was written in, ``None`` for UTC, floating, all-day and custom zones.
    ``response`` is the user's own answer, ``optional`` whether the user is OPT-PARTICIPANT.
    ``busy_only`` marks time known only as taken: no title, no people.
    ``etag`` changes whenever anything in the source's copy changed.
    ``guests_hidden`` says that ``attendees`` is only a part of those invited: nothing follows from who is missing.
    ``sequence_told`` is False where the source keeps no SEQUENCE, as Microsoft Graph's events: ``sequence`` is 0 then.
    ``auto_declines`` is about out-of-office and focus time: whether such an entry declines invitations by itself.
    """

    ref: str
    uid: str
    start: datetime
    end: datetime
    recurrence_id: str | None = None
    etag: str = ""
    sequence: int = 0
    dtstamp: datetime | None = None
    created: datetime | None = None
    all_day: bool = False
    start_date: date | None = None
    end_date: date | None = None
    floating: bool = False
    timezone: str | None = None
    summary: str = ""
    description: str = ""
    location: str = ""
    url: str = ""
    organizer: Person | None = None
    attendees: tuple[Attendee, ...] = ()
    status: Status = Status.CONFIRMED
    response: Response = Response.OWN
    optional: bool = False
    transparent: bool = False
    kind: Kind = Kind.DEFAULT
    busy_only: bool = False
    recurring: bool = False
    categories: tuple[str, ...] = ()
    replaces: str | None = None  # an organizer's "moved" pointer (RELATED-TO), when a source gives one
    guests_hidden: bool = False
    auto_declines: bool = True
    sequence_told: bool = True

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def busy(self) -> bool:
        """Whether it takes the user's time: opaque, not cancelled, not declined; tentative and unanswered count."""
        return (
            not self.transparent
            and self.status is not Status.CANCELLED
            and self.response is not Response.DECLINED
            and self.kind is not Kind.WORKING_LOCATION
            and self.start < self.end
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A recurring appointment as a provider that does not expand hands it over; ``recur.expand`` makes events of it.

    ``master`` carries the first occurrence (``None`` for orphaned overrides). ``local_start`` is its naive wall time
    (or date when all-day) in ``zone_key``: an IANA name, ``"UTC"``, ``"floating"``, or a key of ``zones`` for custom
    VTIMEZONEs; of days, ``"UTC"`` means the viewer's zone too. ``rrules`` are RRULE values without the name;
    ``rdates``/``exdates`` are normalised keys as in ``Event.recurrence_id``; ``rdate_durations`` gives seconds for
    RDATE;VALUE=PERIOD. ``overrides`` replace the occurrence named by their ``recurrence_id`` (cancelled ones leave it
    cancelled, never busy); those in ``this_and_future`` also shift all later ones (RFC 5545 §3.8.4.4). ``zones`` maps
    a custom TZID to its VTIMEZONE text. ``nominal_days`` is the part of the length that follows the wall clock
    (DURATION:P1D is a calendar day, PT24H is not; RFC 5545 §3.3.6); the rest of the length is exact.
    """

    ref: str
    uid: str
    etag: str = ""
    master: Event | None = None
    local_start: datetime | date | None = None
    zone_key: str = "UTC"
    rrules: tuple[str, ...] = ()
    rdates: tuple[str, ...] = ()
    rdate_durations: tuple[tuple[str, int], ...] = ()
    exdates: tuple[str, ...] = ()
    overrides: tuple[Event, ...] = ()
    this_and_future: tuple[str, ...] = ()
    zones: tuple[tuple[str, str], ...] = ()
    nominal_days: int = 0
