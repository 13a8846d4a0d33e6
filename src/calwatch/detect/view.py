"""What the situation rules see and say: one interview's surroundings in, at most one trouble out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from calwatch.detect.options import ConflictsOptions
from calwatch.model.booking import Booking, Interview
from calwatch.model.case import Situation, Weight
from calwatch.model.event import Response
from calwatch.model.me import Me
from calwatch.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What an interview looked like when it was first seen, or when it was last found to be in order."""

    start: datetime
    end: datetime
    response: Response
    booking_ids: tuple[int, ...] = ()

    @classmethod
    def of(cls, interview: Interview) -> Snapshot:
        """The present look of ``interview``; the response is that of its first session."""
        span = interview.span
        return cls(
            start=span.start,
            end=span.end,
            response=interview.lead.event.response,
            booking_ids=interview.booking_ids,
        )

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another booking near the interview. ``interview`` is the one it belongs to, ``None`` when it is no interview.

    ``first_seen`` is when calwatch first saw it (used where the source tells no CREATED); ``moved_before`` says that
    this neighbour's interview was already moved once at the user's request.
    """

    booking: Booking
    interview: Interview | None = None
    first_seen: datetime | None = None
    moved_before: bool = False

    @property
    def made_at(self) -> datetime | None:
        """When it came into the calendar, as far as anybody knows."""
        return self.booking.event.created or self.first_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything a rule may look at besides the interview itself.

    ``neighbours`` are the bookings near the interview (give those that overlap its span padded by an hour or two, and
    the whole local day); the interview's own bookings may be among them and are ignored. ``others`` are the person's
    other upcoming interviews, wherever they lie: a cancelled one looks for its replacement there. ``zone`` is the
    person's IANA zone. ``covers`` holds the uids the person called their own cover. ``cancel_words`` is the text of
    the CANCEL mail or its COMMENT. ``vanished`` means that a direct look confirmed it is gone from the calendar.
    ``booked_at`` is when the interview itself came into the calendar. ``first_seen`` when calwatch first saw it.
    ``moved_before``: it was already moved once at the user's request.
    """

    now: datetime
    me: Me
    zone: str
    neighbours: tuple[Neighbour, ...] = ()
    others: tuple[Neighbour, ...] = ()
    options: ConflictsOptions = field(default_factory=ConflictsOptions)
    buffer: timedelta = timedelta(minutes=15)
    priority: tuple[str, ...] = ()
    snapshot: Snapshot | None = None
    covers: frozenset[str] = frozenset()
    cancel_words: str = ""
    vanished: bool = False
    moved_before: bool = False
    booked_at: datetime | None = None
    first_seen: datetime | None = None

    def came_later(self, neighbour: Neighbour) -> bool | None:
        """Whether ``neighbour`` came into the calendar after the interview did; ``None`` when nobody knows.

        Dates of creation are compared with ``booked_at``. Where the neighbour has none, only the order in which
        calwatch saw the two counts: at its first pass everything is new.
        """
        created = neighbour.booking.event.created
        if created is not None:
            return created > self.booked_at if self.booked_at is not None else None
        if neighbour.first_seen is None or self.first_seen is None:
            return None
        return neighbour.first_seen > self.first_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong with one interview. ``why`` are sentences for the person, never for a letter.

    ``key`` is stable text of (situation, start, clashing bookings): a dismissed trouble is not raised again while its
    key stays the same. ``movable``: the person could move what is in the way. ``ends_process`` and
    ``promises_times`` are what the organizer's words say of a cancellation.
    """

    situation: Situation
    weight: Weight
    clashing: tuple[Booking, ...] = ()
    why: tuple[str, ...] = ()
    key: str = ""
    movable: bool = False
    ends_process: bool = False
    promises_times: bool = False


def trouble_key(situation: Situation, start: datetime, clashing: tuple[Booking, ...]) -> str:
    """The text by which a dismissed trouble is known again."""
    ids = ",".join(str(number) for number in sorted(booking.id for booking in clashing))
    return f"{situation.value}|{start.isoformat()}|{ids}"


def matter_of(key: str) -> str:
    """What a trouble's key is about, whatever the situation is called: the start and the bookings in the way."""
    return key.partition("|")[2]
