"""ORGANIZER and ATTENDEE lines made into people, and the user's own answer found among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from calwatch.formats.lines import Line, one_line, parse_parameters
from calwatch.model.event import Attendee, Person, Response

MOST_ATTENDEES = 500

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,189}")

_RESPONSES = {
    "ACCEPTED": Response.ACCEPTED,
    "DECLINED": Response.DECLINED,
    "TENTATIVE": Response.TENTATIVE,
    "NEEDS-ACTION": Response.NEEDS_ACTION,
    "DELEGATED": Response.DECLINED,  # somebody else goes instead
    "COMPLETED": Response.ACCEPTED,
    "IN-PROCESS": Response.ACCEPTED,
}

_CUTYPES = frozenset({"INDIVIDUAL", "GROUP", "RESOURCE", "ROOM", "UNKNOWN"})


def plain_address(value: str) -> str | None:
    """The lower-case address of a calendar user (``mailto:Dana@X.example``), ``None`` if it is not a plain one."""
    text = value.strip()
    while text[:7].lower() == "mailto:":
        text = text[7:].strip()
    if "%" in text:
        text = unquote(text)
    text = text.partition("?")[0].strip("<> ").lower()
    return text if _ADDRESS.fullmatch(text) and text.isprintable() else None


def read_person(line: Line) -> Person | None:
    """The person of an ORGANIZER line, ``None`` without a plain address; SENT-BY is not the person."""
    return _person(line.value, parse_parameters(line.parameters) if line.parameters else {})


def _person(value: str, parameters: dict[str, str]) -> Person | None:
    address = plain_address(value) or plain_address(parameters.get("EMAIL", ""))
    if address is None:
        return None
    name = one_line(parameters.get("CN", "")[:200].replace("\\", ""))
    return Person(address, "" if name.lower() == address else name)


def read_attendees(lines: Iterable[Line]) -> tuple[Attendee, ...]:
    """The attendees with an address, the first 500 of them."""
    found: list[Attendee] = []
    for line in lines:
        parameters = parse_parameters(line.parameters) if line.parameters else {}
        person = _person(line.value, parameters)
        if person is None:
            continue
        cutype = parameters.get("CUTYPE", "INDIVIDUAL").upper()
        found.append(
            Attendee(
                person,
                _RESPONSES.get(parameters.get("PARTSTAT", "").upper(), Response.NEEDS_ACTION),
                parameters.get("ROLE", "").upper() in ("OPT-PARTICIPANT", "NON-PARTICIPANT"),
                cutype if cutype in _CUTYPES else "UNKNOWN",
            )
        )
        if len(found) == MOST_ATTENDEES:
            break
    return tuple(found)


def own_answer(attendees: Sequence[Attendee], organizer: Person | None, me: frozenset[str]) -> tuple[Response, bool]:
    """The user's answer and whether they are optional.

    Invited under several addresses, the first that was answered counts. Who organizes it themselves has answered with
    that, unless they say otherwise.
    """
    mine = [attendee for attendee in attendees if attendee.person.email in me]
    answered = next((a for a in mine if a.response is not Response.NEEDS_ACTION), None)
    own = organizer is not None and organizer.email in me
    if answered is not None:
        return (
            Response.OWN if own and answered.response is Response.ACCEPTED else answered.response
        ), answered.optional
    if own or not mine:
        return Response.OWN, False
    return Response.NEEDS_ACTION, all(a.optional for a in mine)
