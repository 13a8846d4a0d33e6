"""Invitation mail: iTIP text from what calwatch's model says, and the mail around it as Google and others send it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email import policy
from email.encoders import encode_base64
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, vCalAddress, vDDDTypes, vRecur
from icalendar import Event as Component

from calwatch.formats.itip import PARTSTAT
from calwatch.model.event import Event, Person, Response, Series, Status
from calwatch.model.message import Content, Invitation, Method
from fakes.google.gmail_compose import as_html, written


def itip_text(invitation: Invitation, *, zones: bool) -> bytes:
    """The iCalendar stream of an invitation; ``zones``: times with their TZID and VTIMEZONE instead of in UTC."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Google Inc//Google Calendar 70.9054//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", invitation.method.value)
    for item in invitation.items:
        for component in _components(item, zones):
            if invitation.comment:
                component.add("COMMENT", invitation.comment)
            if invitation.method is Method.CANCEL:
                component["STATUS"] = "CANCELLED"
            calendar.add_component(component)
    if zones or any(isinstance(item, Series) for item in invitation.items):
        calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _components(item: Event | Series, zones: bool) -> list[Any]:
    if isinstance(item, Event):
        return [_component(item, zones)]
    found = [_component(override, zones) for override in item.overrides]
    if item.master is not None:
        master = _component(item.master, True)
        for rule in item.rrules:
            master.add("RRULE", vRecur.from_ical(rule))
        for name, keys in (("RDATE", item.rdates), ("EXDATE", item.exdates)):
            for key in keys:
                master.add(name, _moment(key))
        found.insert(0, master)
    return found


def _component(event: Event, zones: bool) -> Any:
    component = Component()
    component.add("UID", event.uid)
    component.add("SEQUENCE", event.sequence)
    if event.all_day and event.start_date is not None and event.end_date is not None:
        component.add("DTSTART", event.start_date)
        component.add("DTEND", event.end_date)
    else:
        zone = ZoneInfo(event.timezone) if zones and event.timezone else UTC
        component.add("DTSTART", event.start.astimezone(zone))
        component.add("DTEND", event.end.astimezone(zone))
    for name, moment in (("DTSTAMP", event.dtstamp or event.created or event.start), ("CREATED", event.created)):
        if moment is not None:
            component.add(name, moment.astimezone(UTC))
    for name, text in (("SUMMARY", event.summary), ("DESCRIPTION", event.description), ("LOCATION", event.location)):
        if text:
            component.add(name, text)
    if event.recurrence_id is not None:
        component.add("RECURRENCE-ID", vDDDTypes(_moment(event.recurrence_id)))
    if event.replaces:
        component.add("RELATED-TO", event.replaces)
    if event.organizer is not None:
        component.add("ORGANIZER", _person(event.organizer), encode=False)
    for attendee in event.attendees:
        line = _person(attendee.person)
        line.params["CUTYPE"] = attendee.cutype
        line.params["ROLE"] = "OPT-PARTICIPANT" if attendee.optional else "REQ-PARTICIPANT"
        line.params["PARTSTAT"] = PARTSTAT.get(attendee.response, PARTSTAT[Response.NEEDS_ACTION])
        component.add("ATTENDEE", line, encode=False)
    component.add("STATUS", event.status.value.upper() if event.status is not Status.CONFIRMED else "CONFIRMED")
    component.add("TRANSP", "TRANSPARENT" if event.transparent else "OPAQUE")
    return component


def _moment(key: str) -> datetime | date:
    """The start a normalised recurrence key names."""
    if len(key) == 8:
        return datetime.strptime(key, "%Y%m%d").replace(tzinfo=UTC).date()
    return datetime.strptime(key, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _person(person: Person) -> Any:
    line = vCalAddress(f"mailto:{person.email}")
    if person.name:
        line.params["CN"] = person.name
    return line


def by_google(invitation: Invitation, content: Content, *, sender: Person, message_id: str, date: datetime) -> bytes:
    """The mail Google Calendar sends for its user ``sender``: From and Reply-To are theirs, Sender is Google's own."""
    stream = itip_text(invitation, zones=False)
    words = content.text or f"{content.subject}\n\nYou have been invited by {sender} to attend an event."
    alternatives = MIMEMultipart("alternative", policy=policy.SMTP)
    alternatives.attach(_leaf("text", "plain", words.encode(), charset="UTF-8", format="flowed", delsp="yes"))
    alternatives.attach(_leaf("text", "html", as_html(words).encode(), charset="UTF-8"))
    alternatives.attach(_leaf("text", "calendar", stream, charset="UTF-8", method=invitation.method.value))
    attachment = _leaf("application", "ics", stream, name="invite.ics")
    attachment["Content-Disposition"] = 'attachment; filename="invite.ics"'
    mail = MIMEMultipart("mixed", policy=policy.SMTP)
    mail.attach(alternatives)
    mail.attach(attachment)
    mail["Reply-To"] = _line((sender,))
    mail["Sender"] = "Google Calendar <calendar-notification@google.com>"
    mail["Message-ID"] = message_id
    mail["Date"] = format_datetime(date)
    mail["Subject"] = content.subject
    mail["From"] = _line((sender,))
    mail["To"] = _line(content.to)
    if content.cc:
        mail["Cc"] = _line(content.cc)
    return mail.as_bytes()


def by_others(invitation: Invitation, content: Content, *, sender: Person, message_id: str, date: datetime) -> bytes:
    """The mail a person's own calendar program sends: their words, and the calendar part beside them."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = written((sender,))
    mail["To"] = written(content.to)
    if content.cc:
        mail["Cc"] = written(content.cc)
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = message_id
    mail.set_content(content.text or "\n")
    stream = itip_text(invitation, zones=True).decode().replace("\r\n", "\n")
    mail.add_alternative(stream, subtype="calendar", params={"method": invitation.method.value})
    return mail.as_bytes()


def _leaf(main: str, sub: str, data: bytes, **params: str) -> MIMENonMultipart:
    part = MIMENonMultipart(main, sub, policy=policy.SMTP, **params)
    part.set_payload(data)
    encode_base64(part)
    return part


def _line(people: tuple[Person, ...]) -> str:
    return ", ".join(str(address) for address in written(people))
