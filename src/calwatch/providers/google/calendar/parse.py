"""One event of Google's JSON made into an event or a series of ours: the door through which they come in.

Nothing raw goes further. An entry that cannot be used is named, with the reason, and no other suffers for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from calwatch.formats.moments import Zone
from calwatch.model.event import Event, Kind, Series, Status
from calwatch.providers.google.calendar.occurrences import family_of, original_of, series_of
from calwatch.providers.google.calendar.people import People, Seat, read_people
from calwatch.providers.google.calendar.recurrence import read_recurrence
from calwatch.providers.google.calendar.texts import read_call, read_description
from calwatch.providers.google.calendar.times import NoTime, Timing, read_instant, read_original, read_timing
from calwatch.providers.remote.fields import Fields

_REF = re.compile(r"(?!\.{1,2}$)[\x21-\x2e\x30-\x7e]{1,1024}")
"""No slash, and no ``..``: the id becomes a step of an address, and that one would lead to the calendar itself."""

_LONGEST_ID = 1000
_KINDS = {
    "outOfOffice": Kind.OUT_OF_OFFICE,
    "focusTime": Kind.FOCUS_TIME,
    "workingLocation": Kind.WORKING_LOCATION,
    "default": Kind.DEFAULT,
    "birthday": Kind.DEFAULT,
    "fromGmail": Kind.DEFAULT,
    "": Kind.DEFAULT,
}
_FREE = frozenset({"workingLocation", "birthday", "fromGmail"})
"""Entries that say where somebody is or what is to be remembered, whatever their transparency says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a calendar.

    ``item`` is what it shows, ``None`` when it is ``cancelled`` or cannot be read; ``problem`` says what could not.
    ``series`` and ``original`` are set on an occurrence that was changed or cancelled by itself: the series it
    belongs to, and the key of its original start.
    """

    ref: str
    etag: str = ""
    cancelled: bool = False
    item: Event | Series | None = None
    series: str = ""
    original: str = ""
    problem: str = ""
    seat: Seat | None = None


def read_entry(raw: object, calendar_zone: Zone, *, time_only: bool = False) -> Entry:
    """One item of a list, or an answer to a look at one event; its ``ref`` is ``""`` when nothing names it.

    ``calendar_zone`` is where the calendar's days begin. ``time_only``: the calendar shows no more than taken time.
    """
    fields = Fields(raw)
    ref = fields.word("id")
    if not _REF.fullmatch(ref):
        return Entry("", problem="an event without a usable id")
    etag = fields.line("etag")[:200]
    cancelled = fields.word("status") == "cancelled"
    series, original = _place_in_series(fields, ref, calendar_zone, cancelled=cancelled)
    entry = Entry(ref, etag, cancelled=cancelled, series=series, original=original)
    if cancelled:
        return entry
    try:
        timing = read_timing(fields, calendar_zone)
    except NoTime as error:
        return replace(entry, problem=str(error))
    people = read_people(fields)
    event = _event(fields, entry, timing, people, calendar_zone, time_only=time_only)
    item, remark = _unfolding(fields, event, timing)
    odd = f"not as Google documents it: {fields.odd}" if fields.odd else ""
    problem = "; ".join(reason for reason in (remark, odd) if reason)
    return replace(entry, item=item, problem=problem, seat=people.seat)


def _place_in_series(fields: Fields, ref: str, zone: Zone, *, cancelled: bool) -> tuple[str, str]:
    """The id wins over ``originalStartTime``, because the id is all that is known of an entry read earlier."""
    series = fields.word("recurringEventId")
    if not _REF.fullmatch(series):
        # Of a cancelled one often nothing is left but its id.
        series = series_of(ref) if cancelled else ""
    if not series or series == ref:
        return "", ""
    original = (original_of(ref) if ref.startswith(family_of(series)) else None) or read_original(fields, zone)
    return (series, original) if original else ("", "")


def _event(
    fields: Fields, entry: Entry, timing: Timing, people: People, calendar_zone: Zone, *, time_only: bool
) -> Event:
    sort = fields.word("eventType")
    link, place = read_call(fields)
    return Event(
        ref=entry.ref,
        uid=fields.line("iCalUID")[:_LONGEST_ID] or f"{entry.series or entry.ref}@google.com"[:_LONGEST_ID],
        start=timing.start,
        end=timing.end,
        recurrence_id=entry.original or None,
        etag=entry.etag,
        sequence=fields.number("sequence"),
        dtstamp=read_instant(fields, "updated", calendar_zone),
        created=read_instant(fields, "created", calendar_zone),
        all_day=timing.start_date is not None,
        start_date=timing.start_date,
        end_date=timing.end_date,
        timezone=timing.zone.name if timing.named else None,
        summary=fields.line("summary"),
        description=read_description(fields),
        location=fields.line("location") or place,
        url=link,
        organizer=people.organizer,
        attendees=people.attendees,
        status=Status.TENTATIVE if fields.word("status") == "tentative" else Status.CONFIRMED,
        response=people.seat.response,
        optional=people.seat.optional,
        transparent=fields.word("transparency") == "transparent" or sort in _FREE,
        kind=_KINDS.get(sort, Kind.UNKNOWN),
        busy_only=time_only,
        recurring=bool(entry.original),
        guests_hidden=people.hidden,
        auto_declines=_auto_declines(fields, sort),
    )


def _auto_declines(fields: Fields, sort: str) -> bool:
    if sort not in ("outOfOffice", "focusTime"):
        return True
    return fields.inner(f"{sort}Properties").word("autoDeclineMode") != "declineNone"


def _unfolding(fields: Fields, event: Event, timing: Timing) -> tuple[Event | Series, str]:
    written = fields.words("recurrence", 1000)
    if not written or event.recurrence_id is not None:
        return event, ""
    all_day = timing.start_date is not None
    found = read_recurrence(written, timing.zone, all_day=all_day)
    series = Series(
        ref=event.ref,
        uid=event.uid,
        etag=event.etag,
        master=replace(event, recurring=True),
        local_start=timing.local,
        zone_key=timing.series_zone,
        rrules=found.rrules,
        rdates=found.rdates,
        rdate_durations=found.rdate_durations,
        exdates=found.exdates,
    )
    return series, found.remark
