"""Who the person is to Microsoft, and what their mailbox says of their zone and hours."""

from __future__ import annotations

from fakes.microsoft.calendar_books import Books
from fakes.microsoft.calendar_times import DAYS, Json, windows_name
from fakes.microsoft.call import Answer, Call


def get_me(books: Books, call: Call) -> Answer:
    """A personal account may have no mail address here."""
    return Answer(
        200,
        {
            "@odata.context": f"{books.root}/$metadata#users/$entity",
            "id": "b1f6a6f27a4e9c02" if books.kind == "msa" else "6b1e7a5c-9f0d-4a38-8f1c-2d0a6c1b9e44",
            "displayName": books.owner_name,
            "mail": None if books.mail_null else books.owner,
            "userPrincipalName": books.owner,
            "preferredLanguage": None,
        },
    )


def get_settings(books: Books, call: Call) -> Answer:
    zone = "" if books.timezone_empty else own_zone(books)
    return Answer(200, {"timeZone": zone, "workingHours": working_hours(books), "language": {"locale": "en-US"}})


def own_zone(books: Books) -> str:
    """The mailbox's zone in the spelling it uses."""
    named = {"windows": windows_name(books.zone), "iana": books.zone, "custom": "Customized Time Zone"}
    return named[books.zone_names]


def working_hours(books: Books) -> Json:
    """In a zone of their own."""
    zone: Json = {"name": own_zone(books)}
    if books.zone_names == "custom":
        zone |= {"@odata.type": "#microsoft.graph.customTimeZone", "bias": -60}
    hours = {"startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000"}
    return {"daysOfWeek": list(DAYS[:5]), **hours, "timeZone": zone}
