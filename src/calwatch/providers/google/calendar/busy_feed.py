"""Calendars that are only taken time, with a change feed made of freebusy answers: every taken stretch is an entry."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b

from calwatch.errors import Resync
from calwatch.model.event import Event
from calwatch.model.span import Span
from calwatch.ports import Changes, Clock, Found, Gone, Known
from calwatch.providers.google.calendar.freebusy import FreeBusy, Unanswered
from calwatch.providers.remote.taken import Taken

_STAMP = "%Y%m%dT%H%M%SZ"
_ONE_PASS = timedelta(seconds=30)
"""One answer serves all calendars of a pass, each once."""


@dataclass(slots=True)
class _Answered:
    """An answer for several calendars; what was used is taken out."""

    at: datetime
    stretch: Span
    left: dict[str, Taken | Unanswered]


class _Pass(threading.local):
    """The answer of this thread's pass: a pass that begins beside it must not take an older answer for a new one."""

    answered: _Answered | None = None


class BusyFeed:
    """The change feed of the calendars ``names`` gives. The past is of no interest: it is read once, and then kept."""

    def __init__(self, freebusy: FreeBusy, clock: Clock, names: Callable[[], Sequence[str]]) -> None:
        self._freebusy = freebusy
        self._clock = clock
        self._names = names
        self._pass = _Pass()

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        """See ``ports.Calendar.changes``. Raises Retry or Stop when Google does not tell what is taken."""
        if cursor is not None and not cursor.startswith("busy:"):
            raise Resync("the calendar was last read in another way")
        recent = max(window.start, _midnight(self._clock.now() - timedelta(days=1)))
        stretch = Span(window.start if cursor is None else min(recent, window.end), window.end)
        spans = self._taken(calendar, stretch)
        reached = _cursor(spans, recent)
        if reached == cursor:
            return Changes(cursor=cursor, window=window)
        shown = {_ref(span): span for span in spans}
        gone: list[str] = []
        if cursor is not None:
            gone = _settle(shown, known(), stretch.start)
        return Changes(
            items=tuple(_entry(calendar, ref, span) for ref, span in shown.items()),
            etags=dict.fromkeys(shown, _ETAG),
            gone=tuple(gone),
            cursor=reached,
            window=window,
            complete=cursor is None,
        )

    def get(self, calendar: str, ref: str) -> Found | Gone:
        """Whether just this stretch is taken now."""
        span = _span_of(ref)
        if span is None or span.start == span.end:
            return Gone()
        answer = self._freebusy.taken([calendar], span)[calendar]
        if isinstance(answer, Unanswered):
            raise answer.raised()
        return Found(_entry(calendar, ref, span)) if answer == (span,) else Gone()

    def _taken(self, calendar: str, stretch: Span) -> Taken:
        now, last = self._clock.now(), self._pass.answered
        if last is None or calendar not in last.left or last.stretch != stretch or now - last.at > _ONE_PASS:
            last = self._pass.answered = _Answered(now, stretch, self._freebusy.taken(self._names(), stretch))
        answer = last.left.pop(calendar)
        if isinstance(answer, Unanswered):
            raise answer.raised()
        return answer


_ETAG = "taken"


def _settle(shown: dict[str, Span], known: Iterable[str], since: datetime) -> list[str]:
    """Takes out of ``shown`` what is known; gives the known refs that are no longer taken.

    What ended before ``since`` was not asked for and stays. What began before it is shown cut off: it is known by
    its end.
    """
    gone = []
    cut = {span.end: ref for ref, span in shown.items() if span.start == since}
    for ref in known:
        span = _span_of(ref)
        if span is not None and span.end <= since:
            continue
        same = cut.get(span.end, ref) if span is not None and span.start < since else ref
        if shown.pop(same, None) is None:
            gone.append(ref)
    return gone


def _entry(calendar: str, ref: str, span: Span) -> Event:
    mark = blake2b(f"{calendar}\0{ref}".encode(), digest_size=12).hexdigest()
    return Event(ref=ref, uid=f"busy-{mark}", start=span.start, end=span.end, etag=_ETAG, busy_only=True)


def _ref(span: Span) -> str:
    return f"{span.start.astimezone(UTC):{_STAMP}}-{span.end.astimezone(UTC):{_STAMP}}"


def _span_of(ref: str) -> Span | None:
    start, _, end = ref.partition("-")
    try:
        return Span(*(datetime.strptime(text, _STAMP).replace(tzinfo=UTC) for text in (start, end)))
    except ValueError:
        return None


def _cursor(spans: Taken, recent: datetime) -> str:
    """The same for the same taken time from ``recent`` on, however far back was asked."""
    lasting = [_ref(Span(max(span.start, recent), span.end)) for span in spans if span.end > recent]
    return f"busy:{blake2b(' '.join(lasting).encode(), digest_size=12).hexdigest()}"


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
