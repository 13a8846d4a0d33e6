"""RFC 5322 bytes as Exchange takes them apart when they arrive: one body, files beside it, or an event message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from calwatch.formats.mime import Reader, parse_message
from calwatch.model.event import Person
from calwatch.model.message import Folder, Message
from fakes.google import gmail_mime
from fakes.microsoft import mail_html
from fakes.microsoft.mail_events import TYPES
from fakes.microsoft.mail_items import Attachment


def taken_apart(raw: bytes, me: Person, when: datetime) -> dict[str, Any]:
    """The fields of the item these bytes become."""
    message = parse_message(
        raw, Reader(frozenset({me.email}), "UTC"), ref="arriving", folder=Folder.INBOX, received=when
    )
    known = _is_meeting(raw) and bool(message.invitations) and message.invitations[0].method in TYPES
    return {
        "to": _people(raw, "To"),
        "cc": _people(raw, "Cc"),
        "reply_to": _people(raw, "Reply-To"),
        "sender": next(iter(_people(raw, "From")), Person("")),
        "subject": gmail_mime.header(raw, "Subject"),
        "body": mail_html.safe(_body(raw)),
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to,
        "references": message.references,
        "sent": message.date,
        "received": when,
        "created": when,
        "is_read": False,
        "automatic": message.automatic,
        "headers": tuple((one["name"], one["value"]) for one in gmail_mime.headers(gmail_mime.parsed(raw))),
        **_calendar(raw, message, known=known),
    }


def _calendar(raw: bytes, message: Message, *, known: bool) -> dict[str, Any]:
    if known:
        return {"event_message": message.invitations[0]}
    files = [(gmail_mime.filename(part), part) for _, part in gmail_mime.parts(raw) if gmail_mime.filename(part)]
    kept = [
        Attachment(f"AAMkArrived{number:03d}=", name, part.get_content_type(), gmail_mime.content(part))
        for number, (name, part) in enumerate(files)
    ]
    return {"attached": message.invitations, "attachments": tuple(kept)}


def _is_meeting(raw: bytes) -> bool:
    """Whether the calendar part is the mail's own, not a file in it."""
    return any(
        part.get_content_type() == "text/calendar"
        and part.get_param("method")
        and part.get_content_disposition() != "attachment"
        for _, part in gmail_mime.parts(raw)
    )


def _people(raw: bytes, name: str) -> tuple[Person, ...]:
    return tuple(Person(email, given) for given, email in gmail_mime.addresses(raw, name))


def _body(raw: bytes) -> str:
    for _, part in gmail_mime.parts(raw):
        if part.get_content_type() == "text/html" and not gmail_mime.filename(part):
            return gmail_mime.content(part).decode("utf-8", "replace")
    return mail_html.of_text(gmail_mime.text_of(raw))
