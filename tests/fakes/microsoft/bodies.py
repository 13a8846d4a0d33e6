"""What the JSON of a request to Graph may say: names and kinds of its properties, from the v1.0 metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Shape = dict[str, Any]
"""Per property: ``str``, ``bool``, ``int``, a ``Shape``, or a list with the one of those its items have."""

_TIME: Shape = {"dateTime": str, "timeZone": str}
_TEXT: Shape = {"contentType": str, "content": str}
_ADDRESS: Shape = {"emailAddress": {"name": str, "address": str}}
_PLACE: Shape = {
    "displayName": str,
    "locationType": str,
    "locationUri": str,
    "uniqueId": str,
    "uniqueIdType": str,
    "address": {"street": str, "city": str, "state": str, "countryOrRegion": str, "postalCode": str},
    "coordinates": {},
}
_SPAN: Shape = {"start": _TIME, "end": _TIME}
_PROPERTY: Shape = {"id": str, "value": str}
_RULE: Shape = {
    "pattern": {
        "type": str,
        "interval": int,
        "month": int,
        "dayOfMonth": int,
        "daysOfWeek": [str],
        "firstDayOfWeek": str,
        "index": str,
    },
    "range": {
        "type": str,
        "startDate": str,
        "endDate": str,
        "recurrenceTimeZone": str,
        "numberOfOccurrences": int,
    },
}

EVENT: Shape = {
    "subject": str,
    "body": _TEXT,
    "start": _TIME,
    "end": _TIME,
    "location": _PLACE,
    "locations": [_PLACE],
    "attendees": [{**_ADDRESS, "type": str, "status": {"response": str, "time": str}}],
    "isAllDay": bool,
    "showAs": str,
    "sensitivity": str,
    "importance": str,
    "isReminderOn": bool,
    "reminderMinutesBeforeStart": int,
    "responseRequested": bool,
    "allowNewTimeProposals": bool,
    "hideAttendees": bool,
    "recurrence": _RULE,
    "transactionId": str,
    "isOnlineMeeting": bool,
    "onlineMeetingProvider": str,
    "categories": [str],
    "singleValueExtendedProperties": [_PROPERTY],
}
MESSAGE: Shape = {
    "subject": str,
    "body": _TEXT,
    "from": _ADDRESS,
    "sender": _ADDRESS,
    "toRecipients": [_ADDRESS],
    "ccRecipients": [_ADDRESS],
    "bccRecipients": [_ADDRESS],
    "replyTo": [_ADDRESS],
    "importance": str,
    "inferenceClassification": str,
    "isRead": bool,
    "isDeliveryReceiptRequested": bool,
    "isReadReceiptRequested": bool,
    "categories": [str],
    "flag": {"flagStatus": str},
    "internetMessageId": str,
    "internetMessageHeaders": [{"name": str, "value": str}],
    "singleValueExtendedProperties": [_PROPERTY],
}
ANSWER: Shape = {"comment": str, "sendresponse": bool}
COUNTER: Shape = {**ANSWER, "proposednewtime": _SPAN}
CANCEL: Shape = {"comment": str}
REPLY: Shape = {"message": MESSAGE, "comment": str}
SENDING: Shape = {"message": MESSAGE, "savetosentitems": bool}
MOVE: Shape = {"destinationid": str}
SCHEDULE: Shape = {"schedules": [str], "starttime": _TIME, "endtime": _TIME, "availabilityviewinterval": int}
"""The parameters of actions, whose names do not depend on case, are written small."""

_ACTIONS = (ANSWER, COUNTER, CANCEL, REPLY, SENDING, MOVE, SCHEDULE)


def unknown(body: Any, shape: Shape) -> Iterator[str]:
    """What of a body is not known, as sentences without an end."""
    if any(shape is action for action in _ACTIONS) and isinstance(body, dict):
        body = {name.casefold(): value for name, value in body.items()}
    yield from _unknown(body, shape, "the body")


def _unknown(value: Any, shape: Any, where: str) -> Iterator[str]:
    if value is None:
        return
    if isinstance(shape, type):
        if not isinstance(value, shape) or (shape is int and isinstance(value, bool)):
            yield f"{where} is {value!r}, no {shape.__name__}"
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for item in value:
            yield from _unknown(item, shape[0], f"one of {where}")
    elif not isinstance(value, dict):
        yield f"{where} is no object"
    else:
        for name, inner in value.items():
            if name.startswith("@odata."):
                continue
            if name not in shape:
                yield f"{where} has {name}, which is not known"
            else:
                yield from _unknown(inner, shape[name], name)
