"""The user's own answer to an invitation: checked against what the event is now, set alone, and read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calwatch.errors import Doubt, NeedsSignIn, Retry, Stop, Touched
from calwatch.model.event import Event, Response, Series
from calwatch.model.plain import one_line
from calwatch.model.walltime import read_occurrence_key
from calwatch.providers.google.calendar.events import Events
from calwatch.providers.google.calendar.occurrences import occurrence_refs
from calwatch.providers.google.calendar.parse import Entry
from calwatch.providers.google.calendar.people import RESPONSES, Seat
from calwatch.providers.google.scopes import Feature
from calwatch.providers.remote.faults import Refusal

if TYPE_CHECKING:
    from calwatch.providers.google.api.connection import Connection

_WRITTEN = {response: word for word, response in RESPONSES.items()}


@dataclass(frozen=True, slots=True)
class Invitation:
    """Which event is answered: as the store names it, with the etag it was last seen with."""

    calendar: str
    ref: str
    recurrence_id: str | None
    etag: str


def set_answer(connection: Connection, events: Events, invitation: Invitation, response: Response, comment: str) -> str:
    """See ``ports.Calendar.respond``."""
    connection.require(Feature.WRITE_EVENTS)
    if response not in _WRITTEN:
        raise Stop(f"{response.value} is no answer to an invitation")
    entry = _as_it_is(events, invitation)
    seat = entry.seat
    if seat is None:
        raise Stop(f"the event cannot be read and so not be answered: {entry.problem}")
    if seat.organizes:
        return invitation.etag
    _refuse_unanswerable(entry, seat)
    if seat.response is response:
        return entry.etag if entry.ref == invitation.ref else invitation.etag
    _set(connection, invitation.calendar, entry, seat.address, response, comment)
    return _read_back(events, invitation.calendar, entry, response)


def _as_it_is(events: Events, invitation: Invitation) -> Entry:
    """The event or occurrence now; raises ``Touched`` when it is no longer the one that was seen."""
    seen = _standing(events.look(invitation.calendar, invitation.ref))
    if seen.etag != invitation.etag:
        raise Touched(f"{_title(seen)} has changed in the meantime")
    wanted = invitation.recurrence_id
    if wanted is None or not isinstance(seen.item, Series):
        return seen
    return _occurrence(events, invitation.calendar, seen.item, wanted)


def _occurrence(events: Events, calendar: str, series: Series, original: str) -> Entry:
    """One occurrence of a series that showed no change of its own; it must still show none."""
    for ref in occurrence_refs(series.ref, original):
        found = events.look(calendar, ref)
        if found is None or (found.series and found.series != series.ref):
            continue
        entry = _standing(found)
        if not isinstance(entry.item, Event) or not _as_the_series_has_it(entry.item, series, original):
            raise Touched(f"this occurrence of {_title(entry)} has changed in the meantime")
        return entry
    raise Touched("this occurrence of the series is no longer there")


def _as_the_series_has_it(event: Event, series: Series, original: str) -> bool:
    start = read_occurrence_key(original)
    master = series.master
    if master is None or master.all_day != event.all_day:
        return False
    if event.start_date is not None and event.end_date is not None and master.start_date and master.end_date:
        same = event.start_date.strftime("%Y%m%d") == original
        return same and event.end_date - event.start_date == master.end_date - master.start_date
    return event.start == start and event.end - event.start == master.end - master.start


def _refuse_unanswerable(entry: Entry, seat: Seat) -> None:
    what = _title(entry)
    if seat.private_copy:
        raise Stop(
            f"{what} is a private copy in Google Calendar: an answer given there reaches nobody; answer it by mail"
        )
    if not seat.address:
        raise Stop(
            f"{what} has no entry for you in its guest list (invited through a group or another address?): an answer "
            "would only add you as a new guest; answer it by mail"
        )


def _set(connection: Connection, calendar: str, entry: Entry, address: str, response: Response, comment: str) -> None:
    """Only the own answer is sent; the other guests' entries are not even named (``attendeesOmitted``)."""
    own = {"email": address, "responseStatus": _WRITTEN[response]} | ({"comment": comment} if comment else {})
    body = {"attendeesOmitted": True, "attendees": [own]}
    request: Any = connection.calendar.events().patch(
        calendarId=calendar, eventId=entry.ref, body=body, sendUpdates="all"
    )
    request.headers["If-Match"] = entry.etag
    try:
        connection.write(request)
    except Refusal as refusal:
        if refusal.status in (404, 410, 412):
            raise Touched(f"{_title(entry)} has changed in the meantime") from refusal
        raise Stop(f"Google does not let you answer {_title(entry)}: {refusal}") from refusal


def _read_back(events: Events, calendar: str, entry: Entry, response: Response) -> str:
    """The etag with the answer in it. An answer that cannot be seen is in doubt: the next try looks again first."""
    try:
        now = events.look(calendar, entry.ref)
    except (Retry, NeedsSignIn, Stop) as reason:
        raise Doubt(f"Google took the answer to {_title(entry)}, but it could not be read back: {reason}") from reason
    if now is None or now.seat is None or now.seat.response is not response:
        raise Doubt(f"Google took the answer to {_title(entry)}, but does not show it")
    return now.etag


def _standing(entry: Entry | None) -> Entry:
    if entry is None or entry.cancelled:
        raise Touched("the event is no longer there")
    return entry


def _title(entry: Entry) -> str:
    item = entry.item.master if isinstance(entry.item, Series) else entry.item
    title = one_line(item.summary, 80) if item is not None else ""
    return f'"{title}"' if title else "the event"
