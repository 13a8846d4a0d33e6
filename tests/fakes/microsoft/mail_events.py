"""Event messages: what Exchange makes of an invitation that arrives, as properties of a mail and as MAPI has them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

from calwatch.model.event import Event, Person, Response, Series
from calwatch.model.message import Invitation, Method
from fakes.microsoft import mail_properties as mapi
from fakes.microsoft.calendar_ids import EXCHANGE, of_an_occurrence, wrapping
from fakes.microsoft.calendar_times import Json, day, point, recurrence_of, stamp
from fakes.microsoft.mail_items import Mail
from fakes.microsoft.mail_mailbox import Mailbox
from fakes.microsoft.mail_properties import Property

TYPES = {
    Method.REQUEST: "#microsoft.graph.eventMessageRequest",
    Method.CANCEL: "#microsoft.graph.eventMessage",
    Method.REPLY: "#microsoft.graph.eventMessageResponse",
    Method.COUNTER: "#microsoft.graph.eventMessageResponse",
}
"""Other methods come as files, as they would from a mail program."""

_ANSWERS = {Response.ACCEPTED: "accepted", Response.DECLINED: "declined", Response.TENTATIVE: "tentativelyAccepted"}
_CLASSES = {Response.ACCEPTED: "Pos", Response.DECLINED: "Neg", Response.TENTATIVE: "Tent"}


def subject_of(invitation: Invitation) -> Event:
    """The appointment an invitation is about; of several the first."""
    item = invitation.items[0]
    found = item if isinstance(item, Event) else item.master
    assert found is not None, "an invitation to single occurrences only is given as events"
    return found


def shown(box: Mailbox, mail: Mail) -> Json:
    """What an event message has beyond a mail."""
    invitation = mail.event_message
    if invitation is None:
        return {}
    event = subject_of(invitation)
    original = _original(box, mail, invitation) or event
    found: Json = {
        "meetingMessageType": _meeting_type(box, invitation, mail.sender),
        "type": _kind(invitation),
        "isOutOfDate": _is_out_of_date(box, mail, invitation),
        "isAllDay": event.all_day and not box.all_day_as_times,
        "isDelegated": False,
        "startDateTime": _point(box, original, start=True),
        "endDateTime": _point(box, original, start=False),
        "location": {"displayName": event.location, "locationType": "default", "uniqueIdType": "unknown"},
        "recurrence": _recurrence(invitation),
    }
    if invitation.method is Method.REQUEST:
        found |= _of_request(box, mail, invitation)
    elif TYPES[invitation.method].endswith("Response"):
        proposed = {"start": _point(box, event, start=True), "end": _point(box, event, start=False)}
        found |= {
            "responseType": _ANSWERS.get(_answer(invitation, mail.sender), "none"),
            "proposedNewTime": proposed if invitation.method is Method.COUNTER else None,
        }
    if box.unknown_enums:
        found |= {"meetingMessageType": "unknownFutureValue", "type": "unknownFutureValue"}
    return found


def values(mail: Mail) -> dict[Property, str]:
    """Every extended property a mail has: those a client stored, and Exchange's own."""
    found = dict(mail.properties)
    found[mapi.MESSAGE_CLASS] = "IPM.Note"
    found[mapi.INTERNET_MESSAGE_ID] = mail.message_id
    if mail.headers:
        found[mapi.TRANSPORT_HEADERS] = "".join(f"{name}: {value}\r\n" for name, value in mail.headers)
    if mail.in_reply_to:
        found[mapi.IN_REPLY_TO] = mail.in_reply_to
    if mail.references:
        found[mapi.REFERENCES] = " ".join(mail.references)
    if mail.event_message is not None:
        found |= dict(_of_meeting(mail.event_message, mail.sender))
    return found


def global_object_id(event: Event, *, clean: bool) -> str:
    """As MAPI keeps it, in base64: the UID, wrapped if it is foreign; with the occurrence's date unless ``clean``."""
    own = event.uid.upper() if event.uid.upper().startswith(EXCHANGE) else wrapping(event.uid)
    if event.recurrence_id and not clean:
        own = of_an_occurrence(own, event.recurrence_id[:8])
    return base64.b64encode(bytes.fromhex(own)).decode()


def _of_meeting(invitation: Invitation, sender: Person) -> Iterator[tuple[Property, str]]:
    event = subject_of(invitation)
    answer = _answer(invitation, sender)
    classes = {Method.REQUEST: "Request", Method.CANCEL: "Canceled"}
    yield mapi.MESSAGE_CLASS, f"IPM.Schedule.Meeting.{classes.get(invitation.method, f'Resp.{_CLASSES[answer]}')}"
    yield mapi.GLOBAL_OBJECT_ID, global_object_id(event, clean=False)
    yield mapi.CLEAN_GLOBAL_OBJECT_ID, global_object_id(event, clean=True)
    yield mapi.SEQUENCE, str(event.sequence)
    yield mapi.STARTS, stamp(event.start)
    yield mapi.ENDS, stamp(event.end)
    if event.location:
        yield mapi.LOCATION, event.location
    if event.dtstamp is not None:
        by_organizer = invitation.method in (Method.REQUEST, Method.CANCEL)
        yield mapi.OWNER_CRITICAL_CHANGE if by_organizer else mapi.ATTENDEE_CRITICAL_CHANGE, stamp(event.dtstamp)
    if event.recurrence_id and len(event.recurrence_id) > 8:
        moment = datetime.strptime(event.recurrence_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        yield mapi.OF_OCCURRENCE, stamp(moment)
    if invitation.method is Method.COUNTER:
        yield mapi.IS_PROPOSAL, "true"
        yield mapi.PROPOSED_START, stamp(event.start)
        yield mapi.PROPOSED_END, stamp(event.end)


def _of_request(box: Mailbox, mail: Mail, invitation: Invitation) -> Json:
    event, before = subject_of(invitation), _before(box, mail, invitation)
    moved = before is not None and before.span != event.span
    kind = "newMeetingRequest" if before is None else "fullUpdate" if moved else "informationalUpdate"
    return {
        "previousStartDateTime": _point(box, before, start=True) if before is not None and moved else None,
        "previousEndDateTime": _point(box, before, start=False) if before is not None and moved else None,
        "previousLocation": None,
        "responseRequested": True,
        "allowNewTimeProposals": True,
        "meetingRequestType": kind,
    }


def _meeting_type(box: Mailbox, invitation: Invitation, sender: Person) -> str:
    if invitation.method is Method.REQUEST:
        return "meetingRequest"
    if invitation.method is Method.CANCEL:
        return "meetingCancelled"
    answer = _answer(invitation, sender)
    return {Response.ACCEPTED: "meetingAccepted", Response.DECLINED: "meetingDeclined"}.get(answer, box.spelling)


def _answer(invitation: Invitation, sender: Person) -> Response:
    """What the sender of a response answers; whoever only proposes another time is tentative."""
    event = subject_of(invitation)
    own = [a.response for a in event.attendees if a.person.email == sender.email] or [event.response]
    return own[0] if own[0] in _ANSWERS else Response.TENTATIVE


def _kind(invitation: Invitation) -> str:
    if isinstance(invitation.items[0], Series):
        return "seriesMaster"
    return "exception" if subject_of(invitation).recurrence_id else "singleInstance"


def _recurrence(invitation: Invitation) -> Json | None:
    item = invitation.items[0]
    if not isinstance(item, Series) or not isinstance(item.local_start, datetime) or not item.rrules:
        return None
    return recurrence_of(item.rrules[0], item.local_start, item.zone_key)


def _point(box: Mailbox, event: Event, *, start: bool) -> Json:
    date = event.start_date if start else event.end_date
    if event.all_day and date is not None and not box.all_day_as_times:
        return day(date)
    return point(event.start if start else event.end)


def _about(box: Mailbox, mail: Mail, invitation: Invitation) -> Iterator[tuple[Mail, Event]]:
    """Other requests for the same appointment."""
    event = subject_of(invitation)
    for other in box.every():
        if other is mail or other.event_message is None or other.event_message.method is not Method.REQUEST:
            continue
        there = subject_of(other.event_message)
        if (there.uid, there.recurrence_id) == (event.uid, event.recurrence_id):
            yield other, there


def _before(box: Mailbox, mail: Mail, invitation: Invitation) -> Event | None:
    """The appointment as the request before this one had it."""
    earlier = [(other.received, other.number, there) for other, there in _about(box, mail, invitation)]
    earlier = [found for found in earlier if found[:2] < (mail.received, mail.number)]
    return max(earlier, key=lambda found: found[:2])[2] if earlier else None


def _original(box: Mailbox, mail: Mail, invitation: Invitation) -> Event | None:
    """Of a proposal the time that was planned: its own item has the proposed one."""
    return _before(box, mail, invitation) if invitation.method is Method.COUNTER else None


def _is_out_of_date(box: Mailbox, mail: Mail, invitation: Invitation) -> bool:
    """Whether a later request has taken this one's place."""
    own = subject_of(invitation)
    return invitation.method is Method.REQUEST and any(
        there.sequence > own.sequence for _, there in _about(box, mail, invitation)
    )
