"""One event of Graph's JSON made into an event of ours: the door through which they come in.

Nothing raw goes further. An entry that cannot be used is named, with the reason, and no other suffers for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b

from calwatch.model.event import Event, Kind, Status
from calwatch.providers.outlook.calendar.people import People, Viewer, read_people
from calwatch.providers.outlook.calendar.texts import (
    read_call,
    read_categories,
    read_description,
    read_place,
    read_subject,
)
from calwatch.providers.outlook.calendar.times import NoTime, Timing, read_instant, read_original, read_timing
from calwatch.providers.outlook.calendar.uid import plain_uid
from calwatch.providers.remote.fields import Fields

_REF = re.compile(r"(?!\.{1,2}$)[\x21-\x7e]{1,1024}")
_SERIES = "series "
_LONGEST_ID = 1000
_LONGEST_ETAG = 200


class Sort(StrEnum):
    """What an entry is within a series."""

    SINGLE = "singleInstance"
    OCCURRENCE = "occurrence"
    EXCEPTION = "exception"
    MASTER = "seriesMaster"


_SORTS: dict[str, Sort] = {sort.value: sort for sort in Sort}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a calendar, or the master of a series, which is nobody's appointment.

    ``item`` is what it shows, ``None`` for a master and for what cannot be read; ``problem`` says what could not.
    ``series`` is the ref of the master an occurrence belongs to. The last three say what an answer to it may carry.
    """

    ref: str
    etag: str = ""
    sort: Sort = Sort.SINGLE
    series: str = ""
    item: Event | None = None
    problem: str = ""
    response_wanted: bool = True
    proposals_wanted: bool = True

    @property
    def cancelled(self) -> bool:
        return self.item is not None and self.item.status is Status.CANCELLED


def read_entry(raw: object, viewer: Viewer, *, time_only: bool = False) -> Entry:
    """One item of an answer; its ``ref`` is ``""`` when nothing names it.

    An occurrence has to be whole (``series.hydrated``). ``time_only``: nothing but the time is taken over.
    """
    fields = Fields(raw)
    ref = fields.word("id")
    if not is_ref(ref):
        return Entry("", problem="an event without a usable id")
    series = fields.word("seriesMasterId")
    sort = _sort(fields, series)
    entry = Entry(
        ref,
        fields.line("@odata.etag")[:_LONGEST_ETAG] or fields.line("changeKey")[:_LONGEST_ETAG],
        sort,
        series if sort in (Sort.OCCURRENCE, Sort.EXCEPTION) and is_ref(series) else "",
        response_wanted=fields.flag("responseRequested", default=True),
        proposals_wanted=fields.flag("allowNewTimeProposals", default=True),
    )
    if sort is Sort.MASTER:
        return replace(entry, etag=_SERIES + entry.etag)
    try:
        timing = read_timing(fields, viewer.zone)
    except NoTime as error:
        return replace(entry, problem=str(error))
    event = _event(fields, entry, timing, read_people(fields, viewer), viewer)
    if entry.series:
        event = replace(event, etag=f"{entry.etag} {mark_of(entry.series)} {_fingerprint(event)}")
    odd = f"not as Microsoft documents it: {fields.odd}" if fields.odd else ""
    return replace(entry, etag=event.etag, item=_time_only(event) if time_only else event, problem=odd)


def is_ref(text: str) -> bool:
    """Whether an id can be kept, and put into an address without leading elsewhere."""
    return _REF.fullmatch(text) is not None


def mark_of(series: str) -> str:
    """What stands in the etags of the occurrences of a series, so that the store can tell which they are."""
    return blake2b(series.encode(), digest_size=6).hexdigest()


def is_series(etag: str) -> bool:
    """Whether an etag is that of a master."""
    return etag.startswith(_SERIES)


def mark_in(etag: str) -> str:
    """The mark of the series whose occurrence has this etag; ``""`` for all others."""
    parts = etag.rsplit(" ", 2)
    return parts[1] if len(parts) == 3 else ""


def same_version(seen: str, now: str) -> bool:
    """Whether two etags are of an event that has not changed.

    An occurrence has none of its own that lists and looks would agree on: what it says is compared instead.
    """
    mine, theirs = seen.rsplit(" ", 2), now.rsplit(" ", 2)
    return seen == now or (len(mine) == 3 and mine[1:] == theirs[1:])


def _sort(fields: Fields, series: str) -> Sort:
    said = _SORTS.get(fields.word("type"))
    if said is not None:
        return said
    if series:
        return Sort.OCCURRENCE
    return Sort.MASTER if "recurrence" in fields else Sort.SINGLE


def _event(fields: Fields, entry: Entry, timing: Timing, people: People, viewer: Viewer) -> Event:
    shown = fields.word("showAs")
    alone = not people.attendees and not people.hidden
    return Event(
        ref=entry.ref,
        uid=plain_uid(fields.line("iCalUId"))[:_LONGEST_ID] or f"{entry.series or entry.ref}@outlook.com"[:_LONGEST_ID],
        start=timing.start,
        end=timing.end,
        recurrence_id=read_original(fields, timing, viewer.zone) if entry.series else None,
        etag=entry.etag,
        sequence_told=False,
        dtstamp=read_instant(fields, "lastModifiedDateTime"),
        created=read_instant(fields, "createdDateTime"),
        all_day=timing.start_date is not None,
        start_date=timing.start_date,
        end_date=timing.end_date,
        timezone=timing.zone,
        summary=read_subject(fields),
        description=read_description(fields),
        location=read_place(fields),
        url=read_call(fields),
        organizer=people.organizer,
        attendees=people.attendees,
        status=Status.CANCELLED if fields.flag("isCancelled") else Status.CONFIRMED,
        response=people.response,
        optional=people.optional,
        transparent=shown in ("free", "workingElsewhere"),
        kind=_kind(shown) if alone else Kind.DEFAULT,
        recurring=bool(entry.series),
        categories=read_categories(fields),
        guests_hidden=people.hidden,
        auto_declines=shown != "oof",
    )


def _kind(shown: str) -> Kind:
    """An entry without anybody else says where somebody is; a meeting may be shown so, and is a meeting still."""
    return {"oof": Kind.OUT_OF_OFFICE, "workingElsewhere": Kind.WORKING_LOCATION}.get(shown, Kind.DEFAULT)


def _fingerprint(event: Event) -> str:
    """What matters to somebody who answers an occurrence."""
    who = event.organizer.email if event.organizer is not None else ""
    said = (event.start, event.end, event.start_date, event.summary, event.status, event.response, who)
    return blake2b("\0".join(map(str, said)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _time_only(event: Event) -> Event:
    return Event(
        ref=event.ref,
        uid=event.uid,
        start=event.start,
        end=event.end,
        recurrence_id=event.recurrence_id,
        etag=event.etag,
        all_day=event.all_day,
        start_date=event.start_date,
        end_date=event.end_date,
        status=event.status,
        response=event.response,
        transparent=event.transparent,
        kind=event.kind,
        recurring=event.recurring,
        busy_only=True,
    )
