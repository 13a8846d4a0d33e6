"""How the fake's events look in an answer: whole, as a light occurrence, or as a tombstone; in the asked id form."""

from __future__ import annotations

import copy
import html
import re
from typing import Any
from urllib.parse import quote

from fakes.microsoft.calendar_books import Books, Item
from fakes.microsoft.calendar_ids import EXCHANGE, Ids, change_key, etag, of_an_occurrence, wrapping
from fakes.microsoft.calendar_times import NEVER, Json, rendered, stamp, windows_name, zone_named
from fakes.microsoft.call import ApiError, Call

TYPE = "#microsoft.graph.event"
GIVEN: Json = {
    "transactionId": None,
    "categories": [],
    "reminderMinutesBeforeStart": 15,
    "isReminderOn": True,
    "hasAttachments": False,
    "hideAttendees": False,
    "subject": "",
    "bodyPreview": "",
    "importance": "normal",
    "sensitivity": "normal",
    "isAllDay": False,
    "isCancelled": False,
    "isOrganizer": True,
    "responseRequested": True,
    "seriesMasterId": None,
    "showAs": "busy",
    "isOnlineMeeting": False,
    "onlineMeetingProvider": "unknown",
    "onlineMeetingUrl": None,
    "allowNewTimeProposals": True,
    "isDraft": False,
    "recurrence": None,
    "onlineMeeting": None,
    "responseStatus": {"response": "none", "time": NEVER},
    "body": {"contentType": "html", "content": ""},
    "location": {"displayName": "", "locationType": "default", "uniqueIdType": "unknown"},
    "locations": [],
    "attendees": [],
    "organizer": None,
}
"""What every event shows, whether anybody set it or not."""
WITH_DETAILS = frozenset({"Calendars.Read", "Calendars.ReadWrite"})
NOT_BASIC = ("body", "bodyPreview", "hasAttachments")
"""What a token with no more than Calendars.ReadBasic does not get to see."""


def asked(call: Call, name: str, otherwise: str = "") -> str:
    """A preference of a request; their names do not depend on case."""
    return next((value for key, value in call.prefer.items() if key.casefold() == name.casefold()), otherwise)


def immutable(call: Call) -> bool:
    return asked(call, "IdType") == "ImmutableId"


def zone_asked(call: Call) -> str:
    zone = asked(call, "outlook.timezone", "UTC")
    zone_named(zone)
    return zone


def full(books: Books, item: Item, call: Call) -> Json:
    """Every property of an event, as a GET shows it."""
    raw, zone = copy.deepcopy(item.raw), zone_asked(call)
    own = _own_zone(books, item)
    shown: Json = {
        "@odata.etag": etag(item.change),
        "id": item.ids.shown(immutable=immutable(call)),
        "createdDateTime": stamp(item.entry.created),
        "lastModifiedDateTime": stamp(item.entry.modified),
        "changeKey": change_key(item.change),
        "originalStartTimeZone": own,
        "originalEndTimeZone": own,
        "webLink": f"https://outlook.live.com/calendar/item/{quote(item.ids.regular, safe='')}",
        **copy.deepcopy(GIVEN),
        **raw,
        "type": item.type,
        "iCalUId": _uid(books, item),
    }
    shown |= {name: rendered(item.raw, name, zone) for name in ("start", "end")}
    if not item.alone:
        shown["seriesMasterId"] = item.entry.ids.shown(immutable=immutable(call))
    shown |= _body(call, shown["body"])
    if books.hide_attendees and not shown["isOrganizer"]:
        shown |= {"attendees": [], "hideAttendees": True}
    shown |= dict.fromkeys(books.null_fields & shown.keys())
    shown |= raw.get("_shown", {})
    hidden = {*books.left_out, *(() if details(call) else NOT_BASIC)}
    return {name: value for name, value in shown.items() if name not in hidden and not name.startswith("_")}


def details(call: Call) -> bool:
    """Whether the token shows more than Calendars.ReadBasic does."""
    return bool({scope.rpartition("/")[2] for scope in call.scopes} & WITH_DETAILS)


def light(item: Item, call: Call) -> Json:
    """An occurrence in a delta: no more than its place in time."""
    zone = zone_asked(call)
    return {
        "@odata.type": TYPE,
        "@odata.etag": etag(item.change),
        "seriesMasterId": item.entry.ids.shown(immutable=immutable(call)),
        "type": "occurrence",
        "start": rendered(item.raw, "start", zone),
        "end": rendered(item.raw, "end", zone),
        "id": item.ids.shown(immutable=immutable(call)),
    }


def removed(ids: Ids, call: Call) -> Json:
    return {"@odata.type": TYPE, "id": ids.shown(immutable=immutable(call)), "@removed": {"reason": "deleted"}}


def selected(books: Books, item: Item, call: Call) -> Json:
    """An event with the properties, and the related ones, a request asks for."""
    shown = full(books, item, call)
    names = [name for name in call.params.get("$select", "").split(",") if name]
    known = {*shown, *GIVEN, "cancelledOccurrences", "originalStart"}
    unknown = [name for name in names if name not in known]
    if unknown:
        message = f"Could not find a property named '{unknown[0]}' on type 'microsoft.graph.event'."
        raise ApiError(400, "BadRequest", message)
    if "cancelledOccurrences" in names:
        shown["cancelledOccurrences"] = cancelled_occurrences(item)
    if names:
        kept = {"@odata.etag", "id", *names}
        shown = {name: value for name, value in shown.items() if name in kept}
    return shown | _expanded(books, item, call)


def cancelled_occurrences(item: Item) -> list[str]:
    master = item.ids.regular
    return [f"OID.{master}.{key[:4]}-{key[4:6]}-{key[6:]}" for key in sorted(item.entry.holes)]


def _expanded(books: Books, item: Item, call: Call) -> Json:
    expand = call.params.get("$expand", "")
    found: Json = {}
    if "exceptionOccurrences" in expand and item.type == "seriesMaster":
        exceptions = (books.locate(item.ids.occurrence(key).immutable)[1] for key in sorted(item.entry.exceptions))
        found["exceptionOccurrences"] = [full(books, e, call) for e in exceptions]
    wanted = re.search(r"singleValueExtendedProperties\(\$filter=\s*id eq '((?:[^']|'')*)'\s*\)", expand, re.IGNORECASE)
    if wanted and details(call):
        name = wanted[1].replace("''", "'")
        if name in item.entry.props:
            found["singleValueExtendedProperties"] = [{"id": name, "value": item.entry.props[name]}]
    return found


def _uid(books: Books, item: Item) -> Any:
    uid = item.raw.get("iCalUId")
    if not isinstance(uid, str):
        return uid
    if books.wraps_foreign_uids and not uid.upper().startswith(EXCHANGE):
        uid = wrapping(uid)
    return of_an_occurrence(uid, item.key) if item.key and books.uid_per_occurrence else uid


def _own_zone(books: Books, item: Item) -> str:
    zone = str(item.raw["start"].get("timeZone", "UTC"))
    named = {"windows": windows_name(zone), "iana": zone, "custom": "tzone://Microsoft/Custom"}
    return named[books.zone_names]


def _body(call: Call, body: Any) -> Json:
    """The body in the asked format and its beginning; HTML unless text is wanted."""
    if not isinstance(body, dict):
        return {"body": body}
    plain = str(body.get("content", ""))
    if body.get("contentType") == "html":
        plain = html.unescape(re.sub(r"<[^>]*>", "", re.sub(r"(?i)<br ?/?>|</(?:p|div)>", "\r\n", plain)))
    shown: Json = {"bodyPreview": plain.strip()[:255], "body": body}
    if asked(call, "outlook.body-content-type") == "text":
        shown["body"] = {"contentType": "text", "content": plain}
    elif body.get("contentType") == "text":
        escaped = html.escape(plain).replace("\n", "<br>\n")
        shown["body"] = {"contentType": "html", "content": f"<html><body>{escaped}</body></html>"}
    return shown
