"""Who is invited to an event, who invites, and where the user themselves stand in it."""

from __future__ import annotations

from dataclasses import dataclass

from calwatch.formats.people import MOST_ATTENDEES, plain_address
from calwatch.model.event import Attendee, Person, Response
from calwatch.providers.remote.fields import Fields

RESPONSES = {
    "accepted": Response.ACCEPTED,
    "declined": Response.DECLINED,
    "tentative": Response.TENTATIVE,
    "needsAction": Response.NEEDS_ACTION,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """Where the user stands in an event.

    ``address`` is that of their own entry in the guest list, ``""`` when they have none (invited by a group or an
    alias, or alone). ``organizes``: the event is theirs. ``guests``: others are on the list. ``private_copy``: what
    is done here reaches nobody.
    """

    address: str
    response: Response
    optional: bool
    organizes: bool
    guests: bool
    private_copy: bool


@dataclass(frozen=True, slots=True)
class People:
    """Organizer and guests; ``hidden`` says that there are, or may be, more guests than those."""

    organizer: Person | None
    attendees: tuple[Attendee, ...]
    hidden: bool
    seat: Seat


def read_people(event: Fields) -> People:
    """The people of an event. Addresses that reach nobody are kept: ``model.addresses`` knows them."""
    guests = event.several("attendees", MOST_ATTENDEES)
    attendees = [attendee for guest in guests if (attendee := _attendee(guest)) is not None]
    organizer = event.inner("organizer")
    organizes = organizer.flag("self")
    partial = event.flag("attendeesOmitted") or len(attendees) < len(event.raw_items("attendees"))
    unseen = not organizes and not event.flag("guestsCanSeeOtherGuests", default=True)
    own = next((guest for guest in guests if guest.flag("self")), None)
    organizes = organizes or (organizer.word("email") == "" and not guests)
    return People(
        organizer=_person(organizer),
        attendees=tuple(attendees),
        hidden=partial or unseen,
        seat=Seat(
            address=own.word("email").strip() if own is not None else "",
            response=_own_response(own, organizes=organizes),
            optional=own is not None and own.flag("optional"),
            organizes=organizes,
            guests=len(guests) > (own is not None),
            private_copy=event.flag("privateCopy"),
        ),
    )


def _own_response(own: Fields | None, *, organizes: bool) -> Response:
    """The user's answer; who organizes it themselves has answered with that, unless they say otherwise."""
    if own is None:
        return Response.OWN
    response = RESPONSES.get(own.word("responseStatus"), Response.NEEDS_ACTION)
    if organizes and response in (Response.ACCEPTED, Response.NEEDS_ACTION):
        return Response.OWN
    return response


def _attendee(guest: Fields) -> Attendee | None:
    person = _person(guest)
    if person is None:
        return None
    response = RESPONSES.get(guest.word("responseStatus"), Response.NEEDS_ACTION)
    cutype = "RESOURCE" if guest.flag("resource") else "INDIVIDUAL"
    return Attendee(person, response, guest.flag("optional"), cutype)


def _person(fields: Fields) -> Person | None:
    address = plain_address(fields.line("email"))
    if address is None:
        return None
    name = fields.line("displayName")[:200]
    return Person(address, "" if name.lower() == address else name)
