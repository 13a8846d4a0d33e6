"""What is kept on record around cases and drafts: questions to the person, requests to the actor, the audit trail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from calwatch.model.case import RequestKind
from calwatch.model.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something only the person can say. Unanswered (past ``expires``) means ``default``: do nothing.

    ``key`` identifies what is asked, so that nothing is asked twice. ``answer`` is one of ``choices`` once given;
    ``closed_at`` without an answer means that the question no longer matters.
    """

    id: int
    kind: str
    key: str
    text: str
    choices: tuple[str, ...]
    asked: datetime
    default: str = ""
    expires: datetime | None = None
    case_id: int | None = None
    draft_id: int | None = None
    booking_id: int | None = None
    answer: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a command or the page asks the one actor to do; ``ok`` and ``result`` (any JSON) are set at its end."""

    id: int
    kind: RequestKind
    who: str
    at: datetime
    draft_id: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    ok: bool | None = None
    result: Any = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One line of the audit trail: ``who`` did ``what`` (a sentence) and when.

    ``kind`` is the machine's word for it (a ``Move``, ``created``, ``stored``, ``case``, ``effect`` ...); ``before``
    and ``after`` are states where one changed; ``version`` is the draft's version after it.
    """

    id: int
    at: datetime
    who: str
    kind: str
    what: str
    draft_id: int | None = None
    case_id: int | None = None
    before: str | None = None
    after: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One source (a file, a message, an event) that could not be read; the rest goes on."""

    source: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What writing sightings changed: the bookings concerned, and the stretches of time whose use may differ now."""

    booking_ids: frozenset[int] = frozenset()
    spans: tuple[Span, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.booking_ids)

    def __or__(self, other: Applied) -> Applied:
        return Applied(
            booking_ids=self.booking_ids | other.booking_ids, spans=tuple(dict.fromkeys(self.spans + other.spans))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirty:
    """What must be assessed again; ``token`` clears exactly this much."""

    booking_ids: frozenset[int]
    spans: tuple[Span, ...]
    token: int

    def __bool__(self) -> bool:
        return bool(self.booking_ids or self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFacts:
    """What the store knows of a booking besides what its sources say.

    ``gone_at``: when its last sighting went. ``left_calendars_at``: when its last *calendar* sighting went (a mail may
    still speak of it). ``recognised`` is ``None`` until it was assessed. ``snapshot`` is what the pipeline noted.
    """

    id: int
    first_seen: datetime
    gone_at: datetime | None = None
    left_calendars_at: datetime | None = None
    recognised: bool | None = None
    snapshot: dict[str, Any] | None = None
