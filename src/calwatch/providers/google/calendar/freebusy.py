"""Taken time by ``freebusy.query``: for calendars of which nothing else is to be known. No answer is never "free"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from calwatch.errors import Retry, Stop
from calwatch.formats.moments import UTC_ZONE
from calwatch.model.span import Span
from calwatch.providers.google.calendar.events import Counters, no_such_calendar
from calwatch.providers.google.calendar.times import read_instant, written
from calwatch.providers.google.scopes import Feature
from calwatch.providers.remote.faults import Refusal
from calwatch.providers.remote.fields import Fields
from calwatch.providers.remote.taken import Taken, joined

if TYPE_CHECKING:
    from calwatch.providers.google.api.connection import Connection

LONGEST = timedelta(days=31)
"""Google refuses longer stretches, without saying how long they may be."""

_MOST_CALENDARS = 50
_LASTING = frozenset({"notFound", "groupTooBig", "tooManyCalendarsRequested", "forbidden"})


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Google did not tell; ``lasting`` when it will not tell later either."""

    reason: str
    lasting: bool

    def raised(self) -> Retry | Stop:
        """The error that keeps the calendar from being taken for free."""
        return Stop(self.reason) if self.lasting else Retry(self.reason)


class FreeBusy:
    """Asks for taken time. ``address`` is the account's, under which Google may answer for ``primary``."""

    def __init__(self, connection: Connection, address: str, counters: Counters) -> None:
        self._connection = connection
        self._address = address
        self._counters = counters

    def taken(self, calendars: Sequence[str], window: Span) -> dict[str, Taken | Unanswered]:
        """Taken time inside ``window``, sorted and disjoint, per calendar. One question per month for all of them."""
        self._connection.require(Feature.FREE_BUSY)
        spans: dict[str, list[Span]] = {name: [] for name in calendars}
        missing: dict[str, Unanswered] = {}
        seams = set[datetime]()
        for stretch in _stretches(window):
            seams.add(stretch.end)
            for first in range(0, len(calendars), _MOST_CALENDARS):
                asked = [name for name in calendars[first : first + _MOST_CALENDARS] if name not in missing]
                for name, answer in self._asked(asked, stretch).items():
                    if isinstance(answer, Unanswered):
                        missing[name] = answer
                    else:
                        spans[name] += answer
        return {name: missing.get(name) or joined(spans[name], seams) for name in calendars}

    def _asked(self, calendars: Sequence[str], stretch: Span) -> Mapping[str, list[Span] | Unanswered]:
        if not calendars:
            return {}
        self._counters.busy_queries += 1
        question = {
            "timeMin": written(stretch.start),
            "timeMax": written(stretch.end),
            "timeZone": "UTC",
            "items": [{"id": name} for name in calendars],
        }
        try:
            raw = self._connection.read(self._connection.calendar.freebusy().query(body=question))
        except Refusal as refusal:
            return dict.fromkeys(calendars, Unanswered(str(refusal), lasting=True))
        answers = Fields(raw).inner("calendars")
        return {name: self._answer(answers, name, stretch) for name in calendars}

    def _answer(self, answers: Fields, name: str, stretch: Span) -> list[Span] | Unanswered:
        key = next((key for key in self._keys(name) if key in answers), None)
        if key is None:
            return Unanswered(f"Google's free/busy answer does not name the calendar {name}", lasting=False)
        answer = answers.inner(key)
        if answer.raw_items("errors"):
            return _refused(name, [error.word("reason") for error in answer.several("errors", 5)])
        spans = [_span(busy, stretch) for busy in answer.several("busy", 100_000)]
        if answers.odd or "busy" not in answer or None in spans:
            return Unanswered(f"Google's free/busy answer about the calendar {name} cannot be read", lasting=False)
        return [span for span in spans if span is not None]

    def _keys(self, name: str) -> tuple[str, ...]:
        return (name, self._address, self._address.lower()) if name == "primary" else (name, name.lower())


def _stretches(window: Span) -> Iterator[Span]:
    start = window.start
    while start < window.end:
        end = min(start + LONGEST, window.end)
        yield Span(start, end)
        start = end


def _span(busy: Fields, stretch: Span) -> Span | None:
    """One taken stretch, clipped to what was asked; ``None`` when it cannot be read."""
    start, end = (read_instant(busy, name, UTC_ZONE) for name in ("start", "end"))
    if start is None or end is None or end < start:
        return None
    start = min(max(start, stretch.start), stretch.end)
    return Span(start, max(start, min(end, stretch.end)))


def _refused(name: str, reasons: list[str]) -> Unanswered:
    if "notFound" in reasons:
        return Unanswered(no_such_calendar(name), lasting=True)
    said = ", ".join(reason for reason in reasons if reason) or "no reason given"
    lasting = bool(reasons) and _LASTING.issuperset(reasons)
    return Unanswered(f"Google does not tell when the calendar {name} is busy ({said})", lasting=lasting)
