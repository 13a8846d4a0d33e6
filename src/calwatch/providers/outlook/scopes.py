"""Which permissions an account asks Microsoft for, and what a sign-in that has others allows.

The least that the configuration will ever use: drafts alone are not asked for with the permission to send, so that
Microsoft itself would refuse it. msal adds ``offline_access``, ``openid`` and ``profile`` by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from calwatch.providers.outlook.options import OutlookAccount

if TYPE_CHECKING:
    from calwatch.providers import Surroundings

USER_READ = "User.Read"
CALENDARS_BASIC = "Calendars.ReadBasic"
CALENDARS_READ = "Calendars.Read"
CALENDARS_WRITE = "Calendars.ReadWrite"
MAIL_READ = "Mail.Read"
MAIL_WRITE = "Mail.ReadWrite"
MAIL_SEND = "Mail.Send"

_NATIONAL = frozenset({"graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"})
"""Clouds where a permission must be asked for with the address of their Graph before it."""


class Feature(StrEnum):
    """What calwatch does with an account, in a person's words; each needs its own permission."""

    READ_EVENTS = "reading your appointments"
    WRITE_EVENTS = "answering invitations and holding times"
    FREE_BUSY = "seeing when your calendars are busy"
    READ_MAIL = "reading your mail"
    WRITE_DRAFTS = "keeping drafts in your mailbox"
    SEND_MAIL = "sending a draft when you approve it"


_PERMITTED_BY: dict[Feature, frozenset[str]] = {
    Feature.READ_EVENTS: frozenset({CALENDARS_READ, CALENDARS_WRITE}),
    Feature.WRITE_EVENTS: frozenset({CALENDARS_WRITE}),
    Feature.FREE_BUSY: frozenset({CALENDARS_BASIC, CALENDARS_READ, CALENDARS_WRITE}),
    Feature.READ_MAIL: frozenset({MAIL_READ, MAIL_WRITE}),
    Feature.WRITE_DRAFTS: frozenset({MAIL_WRITE}),
    Feature.SEND_MAIL: frozenset({MAIL_SEND}),
}
"""Any one of these permits the feature, whichever was asked for; so does its form for calendars shared with you."""


def features(account: OutlookAccount, around: Surroundings) -> tuple[Feature, ...]:
    """What this configuration uses of the account, the most needed first."""
    if account.use == "busy":
        return (Feature.FREE_BUSY,)
    writes = (Feature.WRITE_EVENTS,) if around.responds or around.holds else ()
    sends = (Feature.SEND_MAIL,) if around.sends else ()
    return (Feature.READ_EVENTS, *writes, Feature.READ_MAIL, Feature.WRITE_DRAFTS, *sends)


def wanted(account: OutlookAccount, around: Surroundings) -> tuple[str, ...]:
    """The least permissions with which everything configured works, and the one that says whose account it is."""
    used = features(account, around)
    scopes = [USER_READ]
    if Feature.FREE_BUSY in used:
        scopes.append(CALENDARS_BASIC)
    elif Feature.WRITE_EVENTS in used:
        scopes.append(CALENDARS_WRITE)
    else:
        scopes.append(CALENDARS_READ)
    if Feature.WRITE_DRAFTS in used:
        scopes.append(MAIL_WRITE)
    if Feature.SEND_MAIL in used:
        scopes.append(MAIL_SEND)
    host = urlsplit(account.api_root).hostname
    return tuple(f"https://{host}/{scope}" for scope in scopes) if host in _NATIONAL else tuple(scopes)


def granted(scopes: Iterable[str]) -> frozenset[Feature]:
    """What a sign-in with these permissions allows. They are told with or without an address before, in any case."""
    have = {scope.rpartition("/")[2].lower().removesuffix(".shared") for scope in scopes}
    return frozenset(feature for feature, any_of in _PERMITTED_BY.items() if have & {scope.lower() for scope in any_of})
