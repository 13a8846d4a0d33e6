"""Whose mail may move or cancel an appointment: those who arranged it, or a hiring system; anybody else is only read.

A uid is no secret: whoever was ever invited, or saw a forwarded invitation, can mail a REQUEST with a higher SEQUENCE
and their own ORGANIZER (RFC 5546 §6.1 names the threat). Such a mail changes nothing here and is named in ``status``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calwatch.detect.links import is_system
from calwatch.model.addresses import domain_of, same_organisation
from calwatch.model.booking import Source
from calwatch.model.event import Event, Person, Series
from calwatch.model.message import Message, Method
from calwatch.pipeline.parts import Parts

_TELLS_TIME = frozenset({Method.REQUEST, Method.CANCEL, Method.PUBLISH})


def believed(parts: Parts, messages: Sequence[Message]) -> tuple[tuple[Message, ...], dict[str, str]]:
    """The messages, oldest first, with the invitations of outsiders taken off; and message ref → why.

    Whoever first invited to a uid (the calendar's organizer before any mail) sets the house; mail of one organisation
    with them, of hiring systems and of the user themselves may speak for it, and widens it.
    """
    houses: dict[str, set[str]] = {}
    kept: list[Message] = []
    doubted: dict[str, str] = {}
    for message in sorted(messages, key=lambda m: m.date):
        uids = {
            item.uid
            for invitation in message.invitations
            if invitation.method in _TELLS_TIME
            for item in invitation.items
        }
        for uid in uids - houses.keys():
            houses[uid] = _house(parts, uid)
        strange = [uid for uid in uids if not _speaks_for(parts, message, houses[uid])]
        if strange and _repeats(parts, message, houses):
            kept.append(message)  # a scheduler we do not know, saying what is known: heard, but no voice from now on
            continue
        if strange:
            sender = message.sender.email if message.sender else "nobody"
            doubted[message.ref] = (
                f"a mail from {sender} wants to change an appointment that others arranged; it changed nothing"
            )
            message = replace(message, invitations=())
        else:
            for uid in uids:
                houses[uid] |= _voices(message)
        kept.append(message)
    return tuple(kept), doubted


def _speaks_for(parts: Parts, message: Message, house: set[str]) -> bool:
    if not house or message.sender is None:
        return not house  # the first to speak of it; nobody is told apart from nobody
    sender = message.sender.email
    if parts.preferences.me.owns(sender) or is_system(domain_of(sender)):
        return True
    return any(same_organisation(sender, voice) for voice in house)


def _repeats(parts: Parts, message: Message, houses: dict[str, set[str]]) -> bool:
    """Whether all that its invitations say is known already: the same times, by organizers of the house."""
    for invitation in message.invitations:
        for item in invitation.items:
            if invitation.method is Method.CANCEL or not isinstance(item, Event) or item.organizer is None:
                return False
            if not any(same_organisation(item.organizer.email, voice) for voice in houses.get(item.uid, ())):
                return False
            known = parts.store.bookings.by_uid(item.uid, item.recurrence_id)
            if known is None or known.event.span != item.span:
                return False
    return True


def _house(parts: Parts, uid: str) -> set[str]:
    """The addresses that arranged a uid so far: organizers on calendars, and who sent the mails that were believed."""
    found: set[str] = set()
    for booking in parts.store.bookings.of_uid(uid):
        for sighting in booking.sightings:
            organizer = sighting.event.organizer
            if organizer is not None and sighting.source is Source.CALENDAR:
                found.add(organizer.email)
    for message in reversed(parts.store.mail.invitation_messages(uid)):  # oldest first, as they were believed
        if _speaks_for(parts, message, found):
            found |= _voices(message)
    return {address for address in found if not parts.preferences.me.owns(address)}


def _voices(message: Message) -> set[str]:
    voices = {message.sender.email} if message.sender else set()
    for invitation in message.invitations:
        voices |= {organizer.email for item in invitation.items if (organizer := _organizer(item)) is not None}
    return voices


def _organizer(item: object) -> Person | None:
    event = item.master if isinstance(item, Series) else item
    return event.organizer if isinstance(event, Event) else None
