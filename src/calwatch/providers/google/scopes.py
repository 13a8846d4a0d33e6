"""Which permissions an account asks Google for, and what a sign-in that has others allows.

The least that the configuration will ever use: an account that is only busy time is asked for free/busy and nothing
else, and whoever neither answers invitations nor holds times is not asked for writing to the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from calwatch.providers.google.options import GoogleAccount

if TYPE_CHECKING:
    from calwatch.providers import Surroundings

_AT = "https://www.googleapis.com/auth/"
CALENDAR = _AT + "calendar"
CALENDAR_READONLY = _AT + "calendar.readonly"
EVENTS = _AT + "calendar.events"
EVENTS_READONLY = _AT + "calendar.events.readonly"
EVENTS_OWNED = _AT + "calendar.events.owned"
EVENTS_OWNED_READONLY = _AT + "calendar.events.owned.readonly"
EVENTS_FREEBUSY = _AT + "calendar.events.freebusy"
FREEBUSY = _AT + "calendar.freebusy"
GMAIL_READONLY = _AT + "gmail.readonly"
GMAIL_COMPOSE = _AT + "gmail.compose"
GMAIL_MODIFY = _AT + "gmail.modify"
GMAIL_ALL = "https://mail.google.com/"


class Feature(StrEnum):
    """What calwatch does with an account, in a person's words; each needs its own permission."""

    READ_EVENTS = "reading your appointments"
    WRITE_EVENTS = "answering invitations and holding times"
    FREE_BUSY = "seeing when your calendars are busy"
    READ_MAIL = "reading your mail"
    WRITE_DRAFTS = "keeping drafts in your mailbox and sending them when you approve"


_PERMITTED_BY: dict[Feature, frozenset[str]] = {
    Feature.READ_EVENTS: frozenset({CALENDAR, CALENDAR_READONLY, EVENTS, EVENTS_READONLY}),
    Feature.WRITE_EVENTS: frozenset({CALENDAR, EVENTS}),
    Feature.FREE_BUSY: frozenset({CALENDAR, CALENDAR_READONLY, FREEBUSY, EVENTS_FREEBUSY}),
    Feature.READ_MAIL: frozenset({GMAIL_READONLY, GMAIL_MODIFY, GMAIL_ALL}),
    Feature.WRITE_DRAFTS: frozenset({GMAIL_COMPOSE, GMAIL_MODIFY, GMAIL_ALL}),
}
"""Any one of these scopes permits the feature, whichever was asked for (a person may have signed in elsewhere)."""

_OWNED: dict[Feature, frozenset[str]] = {
    Feature.READ_EVENTS: frozenset({EVENTS_OWNED, EVENTS_OWNED_READONLY}),
    Feature.WRITE_EVENTS: frozenset({EVENTS_OWNED}),
}
"""These permit it too, where every watched calendar is the person's own."""


def features(account: GoogleAccount, around: Surroundings) -> tuple[Feature, ...]:
    """What this configuration uses of the account, the most needed first."""
    if account.use == "busy":
        return (Feature.FREE_BUSY,)
    writes = (Feature.WRITE_EVENTS,) if around.responds or around.holds else ()
    busy = (Feature.FREE_BUSY,) if account.busy_calendars else ()  # watched ones say by their events when they are busy
    return (Feature.READ_EVENTS, *writes, *busy, Feature.READ_MAIL, Feature.WRITE_DRAFTS)


def wanted(account: GoogleAccount, around: Surroundings) -> tuple[str, ...]:
    """The least scopes with which everything configured works. Gmail has none for drafts alone: compose can send."""
    used = features(account, around)
    scopes = []
    if Feature.WRITE_EVENTS in used:
        scopes.append(EVENTS_OWNED if _only_own(account) else EVENTS)
    elif Feature.READ_EVENTS in used:
        scopes.append(EVENTS_OWNED_READONLY if _only_own(account) else EVENTS_READONLY)
    if Feature.FREE_BUSY in used:
        scopes.append(FREEBUSY)
    if Feature.READ_MAIL in used:
        scopes.append(GMAIL_READONLY)
    if Feature.WRITE_DRAFTS in used:
        scopes.append(GMAIL_COMPOSE)
    return tuple(scopes)


def granted(account: GoogleAccount, scopes: Iterable[str]) -> frozenset[Feature]:
    """What a sign-in with these scopes allows on this account."""
    have = frozenset(scopes)
    permitted = {feature for feature, any_of in _PERMITTED_BY.items() if have & any_of}
    if _only_own(account):
        permitted |= {feature for feature, any_of in _OWNED.items() if have & any_of}
    return frozenset(permitted)


def _only_own(account: GoogleAccount) -> bool:
    """Whether every watched calendar is the person's own by its name: ``primary``, or their address."""
    return all(one == "primary" or one.lower() == account.email.lower() for one in account.calendars)
