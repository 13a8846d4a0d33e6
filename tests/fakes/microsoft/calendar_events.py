"""calwatch's events written as Outlook's JSON, for the hands of people, and read back for their mails."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any

from calwatch.model.event import Attendee, Event, Kind, Person, Response, Series, Status
from calwatch.model.walltime import occurrence_key
from fakes.microsoft.calendar_books import Item
from fakes.microsoft.calendar_times import NEVER, Json, day, ends, point, recurrence_of, stamp, starts, wall

WORDS = {
    Response.ACCEPTED: "accepted",
    Response.DECLINED: "declined",
    Response.TENTATIVE: "tentativelyAccepted",
    Response.NEEDS_ACTION: "notResponded",
    Response.OWN: "organizer",
}
RESPONSES = {word: response for response, word in WORDS.items()} | {"none": Response.NEEDS_ACTION}
SHOWN = {"accepted": "busy", "declined": "free", "organizer": "busy", "none": "busy"}
"""What an answer blocks; without one a meeting is tentative."""
_KINDS = {Kind.OUT_OF_OFFICE: "oof", Kind.WORKING_LOCATION: "workingElsewhere", Kind.UNKNOWN: "somethingNew"}


def person(who: Person) -> Json:
    return {"emailAddress": {"name": who.name or who.email, "address": who.email}}


def guest(who: Person, answer: Response = Response.NEEDS_ACTION, kind: str = "required", when: str = NEVER) -> Json:
    """An attendee as the organizer's copy has it; a guest's copy says ``none`` of everybody."""
    word = "none" if answer in (Response.NEEDS_ACTION, Response.OWN) else WORDS[answer]
    return {"type": kind, "status": {"response": word, "time": when}, **person(who)}


def without_statuses(guests: list[Json]) -> list[Json]:
    return [{**one, "status": {"response": "none", "time": NEVER}} for one in guests]


def raw_of(event: Event, me: Person) -> Json:
    """One appointment as the person's calendar keeps it."""
    zone = event.timezone or "UTC"
    own = event.organizer is None or event.organizer.email.casefold() == me.email.casefold()
    guests = [_guest_of(attendee) for attendee in event.attendees if attendee.person != event.organizer]
    word = "organizer" if own else WORDS[event.response]
    answer = "notResponded" if word == "organizer" and not own else word
    found: Json = {
        "subject": event.summary,
        "body": {"contentType": "html", "content": _in_html(event.description)},
        "location": {"displayName": event.location, "locationType": "default", "uniqueIdType": "unknown"},
        "start": point(event.start, zone),
        "end": point(event.end, zone),
        "isOrganizer": own,
        "organizer": person(event.organizer or me),
        "responseStatus": {"response": answer, "time": NEVER},
        "attendees": guests if own else without_statuses(guests),
        "showAs": "free" if event.transparent else _KINDS.get(event.kind) or SHOWN.get(answer, "tentative"),
        "isCancelled": event.status is Status.CANCELLED,
        "categories": list(event.categories),
    }
    if event.all_day and event.start_date is not None and event.end_date is not None:
        found |= {"isAllDay": True, "start": day(event.start_date), "end": day(event.end_date)}
    return {**found, "iCalUId": event.uid} if event.uid else found


def raw_of_series(series: Series, me: Person) -> Json:
    """A series as its master."""
    assert series.master is not None, "what is left of a series without its master Outlook does not show"
    assert isinstance(series.local_start, datetime), "a series of days is put as JSON"
    zone = series.zone_key
    length = series.master.end - series.master.start
    texts = [f"{moment.isoformat(timespec='seconds')}" for moment in (series.local_start, series.local_start + length)]
    start, end = ({"dateTime": text, "timeZone": zone} for text in texts)
    (rule,) = series.rrules
    own = {"start": start, "end": end, "recurrence": recurrence_of(rule, series.local_start, zone)}
    return {**raw_of(series.master, me), **own, "iCalUId": series.uid}


def event_of(item: Item) -> Event:
    """What a mail about it says."""
    raw = item.raw
    days: Json = {}
    if raw.get("isAllDay"):
        days = {"all_day": True, "start_date": wall(raw["start"]).date(), "end_date": wall(raw["end"]).date()}
    planned = occurrence_key(datetime.fromisoformat(raw["originalStart"])) if item.key else None
    return Event(
        ref=item.ids.immutable,
        uid=str(raw.get("iCalUId", "")),
        start=starts(raw),
        end=ends(raw),
        recurrence_id=planned[:8] if planned and days else planned,
        summary=str(raw.get("subject") or ""),
        location=str((raw.get("location") or {}).get("displayName", "")),
        organizer=_person_of(raw.get("organizer")),
        attendees=tuple(
            Attendee(who, _response(one.get("status")))
            for one in raw.get("attendees") or ()
            if (who := _person_of(one))
        ),
        response=_response(raw.get("responseStatus")),
        dtstamp=item.entry.modified,
        sequence=len(item.entry.versions),
        **days,
    )


def stamped_answer(answer: Response, when: datetime) -> Json:
    return {"response": WORDS[answer], "time": stamp(when)}


def _guest_of(attendee: Attendee) -> Json:
    kind = "resource" if attendee.cutype in ("RESOURCE", "ROOM") else "optional" if attendee.optional else "required"
    return guest(attendee.person, attendee.response, kind)


def _person_of(given: Any) -> Person | None:
    address = (given or {}).get("emailAddress") or {}
    return Person(str(address["address"]).casefold(), str(address.get("name", ""))) if "address" in address else None


def _response(status: Any) -> Response:
    return RESPONSES.get(str((status or {}).get("response")), Response.NEEDS_ACTION)


def _in_html(text: str) -> str:
    paragraphs = html.escape(text).replace("\n", "<br>\n")
    return f"<html><head></head><body><div>{paragraphs}</div></body></html>" if text else ""
