"""Who is invited to an Outlook event, who invites, and how the user answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from calwatch.formats.moments import Zone
from calwatch.formats.people import MOST_ATTENDEES, plain_address
from calwatch.model.event import Attendee, Person, Response
from calwatch.providers.remote.fields import Fields

_RESPONSES = {
    "accepted": Response.ACCEPTED,
    "tentativelyAccepted": Response.TENTATIVE,
    "tenativelyAccepted": Response.TENTATIVE,  # the spelling of Graph's own schema
    "declined": Response.DECLINED,
    "organizer": Response.ACCEPTED,
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose calendar is read: ``zone`` is where their days begin, ``addresses`` all that are theirs, lower-case."""

    me: Person
    addresses: frozenset[str]
    zone: Zone
    own: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "own", self.addresses | {self.me.email.lower()})


@dataclass(frozen=True, slots=True)
class People:
    """``hidden`` says that there are, or may be, more guests than those."""

    organizer: Person | None
    attendees: tuple[Attendee, ...]
    hidden: bool
    response: Response
    optional: bool


def read_people(event: Fields, viewer: Viewer) -> People:
    """The people of an event. What others answered only the organizer's copy knows; the others say "none" of all."""
    organizes = event.flag("isOrganizer")
    organizer = _person(event.inner("organizer"))
    if organizes and organizer is not None and organizer.email not in viewer.own:
        organizer = viewer.me  # Microsoft gives some accounts a made-up address (outlook_12AB@outlook.com)
    foreign = not organizes and organizer is not None and organizer.email not in viewer.own
    response = _own_response(event, organizes=organizes, foreign=foreign)
    guests = event.several("attendees", MOST_ATTENDEES)
    attendees = [a for guest in guests if (a := _attendee(guest, viewer, response, organizes=organizes)) is not None]
    own = [attendee for attendee in attendees if attendee.person.email in viewer.own]
    unseen = foreign and (event.flag("hideAttendees") or not attendees)
    return People(
        organizer=organizer,
        attendees=tuple(attendees),
        hidden=unseen or len(attendees) < len(event.raw_items("attendees")),
        response=response,
        optional=bool(own) and all(attendee.optional for attendee in own),
    )


def _own_response(event: Fields, *, organizes: bool, foreign: bool) -> Response:
    word = event.inner("responseStatus").word("response")
    if organizes or word == "organizer":
        return Response.OWN
    if word in ("", "none") and not foreign:
        return Response.OWN  # a plain appointment: nobody asked
    return _RESPONSES.get(word, Response.NEEDS_ACTION)


def _attendee(guest: Fields, viewer: Viewer, response: Response, *, organizes: bool) -> Attendee | None:
    person = _person(guest)
    if person is None:
        return None
    answered = Response.NEEDS_ACTION
    if organizes:
        answered = _RESPONSES.get(guest.inner("status").word("response"), Response.NEEDS_ACTION)
    elif person.email in viewer.own and response is not Response.OWN:
        answered = response
    sort = guest.word("type")
    return Attendee(person, answered, sort == "optional", "RESOURCE" if sort == "resource" else "INDIVIDUAL")


def _person(fields: Fields) -> Person | None:
    """``None`` for what is no mail address, such as the names Exchange uses inside (``/O=…/CN=…``)."""
    inner = fields.inner("emailAddress")
    address = plain_address(inner.line("address"))
    if address is None:
        return None
    name = inner.line("name")[:200]
    return Person(address, "" if name.lower() == address else name)
