"""In which time zone the recipient reads: by their words, else by their invitation mail; else it is not known."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calwatch.draft.conversation import incoming
from calwatch.draft.foreign import lines, one_line
from calwatch.model.addresses import same_organisation
from calwatch.model.booking import Interview
from calwatch.model.draft import ZoneGuess
from calwatch.model.event import Event
from calwatch.model.message import Message

_REGIONS = ("Africa/", "America/", "Asia/", "Australia/", "Europe/", "Pacific/Auckland", "Pacific/Honolulu")
_SIGNATURE_ROWS = 10
MAX_READ = 50
_BEFORE_TIME = re.compile(r"(?:[^\W\d_]+ ){1,3}time\b", re.IGNORECASE)
_TIME = r"\b(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)?\s{0,2}(?:[ap]\.?m\.?|uhr|h)?"


@dataclass(frozen=True, slots=True)
class _Places:
    abbreviations: Mapping[str, str]
    phrases: Mapping[str, str]
    cities: Mapping[str, str]
    after_time: re.Pattern[str]


def recipient_zone(
    interview: Interview, messages: Sequence[Message], *, invitation: Message | None, user_zone: str
) -> ZoneGuess | None:
    """The recipient's zone with its evidence, or ``None``: then letters print the user's zone only, by name.

    The contact's newest words come first ("2 pm ET", a city in the signature), then the TZID of the invitation
    *mail*; the calendar's copy is not asked, because providers rewrite it. UTC, custom zones and zones that
    keep the user's own wall time say nothing about the recipient.
    """
    contact = interview.recognition.contact
    for message in islice(incoming(messages), MAX_READ):
        sender = message.sender
        if sender is None or (contact is not None and not _of_contact(message, contact.person.email)):
            continue
        for zone, words in _said(message):
            if _tells(zone, user_zone):
                who = one_line(sender.name, 60) or sender.email
                return ZoneGuess(zone, f"{who} wrote “{words}” on {message.date:%-d %B %Y}")
    invited = _invited_zone(interview, invitation)
    if invited is not None and _tells(invited, user_zone):
        return ZoneGuess(invited, f"the invitation mail is written in {invited}")
    return None


def _of_contact(message: Message, contact: str) -> bool:
    people = [p.email for p in (message.sender, *message.reply_to) if p is not None]
    return any(email == contact or same_organisation(email, contact) for email in people)


def _said(message: Message) -> Iterator[tuple[str, str]]:
    """Zones named in a mail, each with the words that name it: after times, in phrases, then in the signature."""
    places, text = _places(), lines(message.text[:20_000])
    for match in places.after_time.finditer(text):
        yield places.abbreviations[match["zone"]], one_line(match[0], 60)
    for match in _BEFORE_TIME.finditer(text):  # the longest of the one to three words before "time" that is a place
        said = match[0].split()[:-1]
        tails = [" ".join(said[i:]).casefold() for i in range(len(said))]
        place = next(
            (places.phrases.get(t) or places.cities.get(t) for t in tails if t in places.phrases or t in places.cities),
            None,
        )
        if place:
            yield place, one_line(match[0], 60)
    name = {word.casefold() for word in (message.sender.name.split() if message.sender else ())}
    rows = [row.strip() for row in text.splitlines() if row.strip()][-_SIGNATURE_ROWS:]
    cities: dict[str, str] = {}
    for row in rows[1:]:
        if len(row) <= 120 and not row.endswith((".", "?", "!", ",")):
            cities |= {city: zone for city, zone in _cities_in(row) if name.isdisjoint(city.split())}
    if len(set(cities.values())) == 1:
        city, zone = next(iter(cities.items()))
        yield zone, f"{city.title()} (signature)"


def _cities_in(row: str) -> Iterator[tuple[str, str]]:
    """Cities written as parts of their own in one row of a signature (``Acme Inc. · Boston, MA``)."""
    cities = _places().cities
    parts = [part.strip() for part in re.split(r"[|·•,;/()–—-]|\s{2,}", row)]
    parts += [", ".join(pair) for pair in pairwise(parts)]
    for part in parts:
        bare = re.sub(r"\b\d{4,6}\b", "", part).strip().casefold()
        if bare in cities and part[:1].isupper():
            yield bare, cities[bare]


def _invited_zone(interview: Interview, invitation: Message | None) -> str | None:
    """The zone the invitation mail's DTSTART is written in; that of this very appointment before any other."""
    if invitation is None:
        return None
    uids = {booking.event.uid for booking in interview.bookings}
    zones: list[tuple[bool, str]] = []
    for part in invitation.invitations[:5]:
        for item in part.items[:20]:
            zone = item.timezone if isinstance(item, Event) else item.zone_key
            if zone:
                zones.append((item.uid in uids, zone))
    return max(zones, key=lambda pair: pair[0])[1] if zones else None


def _tells(zone: str, user_zone: str) -> bool:
    """Whether the zone is a place, and one where clocks differ from the user's at some time of the year."""
    if not zone.startswith(_REGIONS):
        return False
    try:
        theirs, mine = ZoneInfo(zone), ZoneInfo(user_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    seasons = [datetime(2026, month, 15, 12, tzinfo=UTC) for month in (1, 3, 7, 10)]
    return any(moment.astimezone(theirs).utcoffset() != moment.astimezone(mine).utcoffset() for moment in seasons)


@cache
def _places() -> _Places:
    from babel.core import get_global

    data = tomllib.loads(resources.files("calwatch.draft").joinpath("places.toml").read_text("utf-8"))
    cities = {
        name.rsplit("/", 1)[1].replace("_", " ").casefold(): name
        for name in sorted(get_global("zone_territories"))
        if name.startswith(_REGIONS) and name.count("/") == 1
    }
    cities |= data["cities"]
    abbreviations = "|".join(sorted(data["abbreviations"], key=len, reverse=True))
    return _Places(
        abbreviations=data["abbreviations"],
        phrases=data["phrases"],
        cities=cities,
        after_time=re.compile(rf"(?:{_TIME})\s{{0,2}}\(?(?P<zone>{abbreviations})\b", re.ASCII),
    )
