"""Writes the demo world's files: .ics text (RFC 5545), mails with their invitations (RFC 6047), and a Maildir."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from calwatch.demo.people import Somebody

_FOLDERS = ("", ".Drafts", ".Sent", ".Archive")
_EU = ("BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU")
_US = ("BYMONTH=3;BYDAY=2SU", "BYMONTH=11;BYDAY=1SU")
_ZONES = {
    "Europe/Berlin": ("+0100", "+0200", ("CET", "CEST"), *_EU, ("02", "03")),
    "Europe/London": ("+0000", "+0100", ("GMT", "BST"), *_EU, ("01", "02")),
    "America/New_York": ("-0500", "-0400", ("EST", "EDT"), *_US, ("02", "02")),
}
"""Standard and summer offset, their names, when summer time begins and ends, and at which local hour."""


def make_maildir(root: Path) -> None:
    """An empty Maildir++ with the usual folders."""
    for folder in _FOLDERS:
        for part in ("cur", "new", "tmp"):
            (root / folder / part).mkdir(parents=True, exist_ok=True)
        if folder:
            (root / folder / "maildirfolder").touch()


def deliver(root: Path, folder: str, name: str, message: EmailMessage, *, seen: bool) -> None:
    """Puts one mail into ``cur`` (seen) or ``new`` of a folder."""
    target = root / folder / "cur" / f"{name}:2,S" if seen else root / folder / "new" / name
    target.write_bytes(message.as_bytes(policy=SMTP))


def a_mail(
    sender: Somebody,
    to: Sequence[Somebody],
    subject: str,
    text: str,
    *,
    sent: datetime,
    message_id: str,
    thread: Sequence[str] = (),
    cc: Sequence[Somebody] = (),
    calendar: tuple[str, str] | None = None,
    automatic_from: str = "",
) -> EmailMessage:
    """One mail. ``thread`` are the Message-IDs before it, ``calendar`` an iTIP method and its .ics text.

    ``automatic_from`` makes it come from a scheduling system on behalf of ``sender``.
    """
    message = EmailMessage()
    message["From"] = f"{sender.name} via Hiring <{automatic_from}>" if automatic_from else _address(sender)
    message["To"] = ", ".join(map(_address, to))
    if cc:
        message["Cc"] = ", ".join(map(_address, cc))
    message["Subject"] = subject
    message["Date"] = format_datetime(sent.astimezone(ZoneInfo(sender.zone)))
    message["Message-ID"] = message_id
    if thread:
        message["In-Reply-To"] = thread[-1]
        message["References"] = " ".join(thread)
    message.set_content(text)
    if calendar is not None:
        method, ics = calendar
        message.add_alternative(ics, subtype="calendar", params={"method": method})
    return message


def _address(person: Somebody) -> str:
    return f"{person.name} <{person.email}>"


def an_event(
    uid: str,
    summary: str,
    start: datetime | date,
    end: datetime | date,
    *,
    stamp: datetime,
    organizer: Somebody | None = None,
    attendees: Iterable[tuple[Somebody, str]] = (),
    lines: Sequence[str] = (),
    description: str = "",
    location: str = "",
    sequence: int = 0,
) -> str:
    """One VEVENT. Times are written in the zone of ``start``; ``attendees`` are people and their PARTSTAT."""
    text = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}", f"CREATED:{stamp:%Y%m%dT%H%M%SZ}"]
    text += [_time("DTSTART", start), _time("DTEND", end), f"SUMMARY:{_escaped(summary)}", f"SEQUENCE:{sequence}"]
    if description:
        text.append(f"DESCRIPTION:{_escaped(description)}")
    if location:
        text.append(f"LOCATION:{_escaped(location)}")
    if organizer is not None:
        text.append(f'ORGANIZER;CN="{organizer.name}":mailto:{organizer.email}')
    text += [
        f'ATTENDEE;CN="{person.name}";PARTSTAT={answer};RSVP=TRUE:mailto:{person.email}' for person, answer in attendees
    ]
    return "\r\n".join(_folded(line) for line in [*text, *lines, "END:VEVENT"])


def a_calendar(*events: str, method: str = "") -> str:
    """A VCALENDAR around events, with a VTIMEZONE for every zone they name (RFC 5545 §3.6.5)."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//demo//calendar//EN", *([f"METHOD:{method}"] if method else [])]
    zones = [_zone(name) for name in _ZONES if any(f"TZID={name}:" in event for event in events)]
    return "\r\n".join([*head, *zones, *events, "END:VCALENDAR", ""])


def _zone(name: str) -> str:
    """One VTIMEZONE from the present rules of that zone."""
    standard, daylight, names, begin, end, at = _ZONES[name]
    parts = [
        ("DAYLIGHT", begin, at[0], standard, daylight, names[1]),
        ("STANDARD", end, at[1], daylight, standard, names[0]),
    ]
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    for part, rule, hour, before, after, short in parts:
        lines += [f"BEGIN:{part}", f"DTSTART:20070101T{hour}0000", f"RRULE:FREQ=YEARLY;{rule}"]
        lines += [f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}", f"TZNAME:{short}", f"END:{part}"]
    return "\r\n".join([*lines, "END:VTIMEZONE"])


def _time(name: str, moment: datetime | date) -> str:
    if not isinstance(moment, datetime):
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    zone = getattr(moment.tzinfo, "key", None)
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}" if zone else f"{name}:{moment:%Y%m%dT%H%M%S}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets (RFC 5545 §3.1), never cut inside a character."""
    parts, current = [], ""
    for character in line:
        if len((current + character).encode()) > 73:
            parts.append(current)
            current = ""
        current += character
    return "\r\n ".join([*parts, current])
