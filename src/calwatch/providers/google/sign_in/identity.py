"""Whose account a sign-in is, as far as the permissions let it be seen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from calwatch.model.plain import one_line
from calwatch.ports import Clock
from calwatch.providers.google.api.answers import fault_of
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.google.scopes import Feature
from calwatch.providers.remote.faults import Fault
from calwatch.providers.remote.wire import Counters, Wire

_GMAIL = ("gmail.com", "googlemail.com")


@dataclass(frozen=True, slots=True)
class Identity:
    """The address of the account; without one, ``doubt`` says why it is not known."""

    address: str = ""
    doubt: str = ""


def address_of(account: GoogleAccount, token: str, allowed: frozenset[Feature], clock: Clock) -> Identity:
    """Asks once: Gmail's profile has the address; else the person's own calendar, unless they renamed it."""
    if Feature.READ_MAIL in allowed or Feature.WRITE_DRAFTS in allowed:
        url, key = f"{account.gmail_root}/gmail/v1/users/me/profile?alt=json", "emailAddress"
    elif Feature.READ_EVENTS in allowed:
        few = urlencode({"maxResults": 1, "fields": "summary", "alt": "json"})
        url, key = f"{account.api_root}/calendar/v3/calendars/primary/events?{few}", "summary"
    else:
        return Identity(doubt="free/busy alone does not show it")
    try:
        reply = Wire(clock, Counters()).send("GET", url, headers={"Accept": "application/json"}, bearer=token)
        if reply.status != 200:
            return Identity(doubt=str(fault_of(reply.status, reply.headers, reply.content, clock.now())))
        found: Any = json.loads(reply.content)
    except Fault as fault:
        return Identity(doubt=str(fault))
    except (ValueError, RecursionError):
        return Identity(doubt="Google's answer could not be read")
    said = found.get(key) if isinstance(found, dict) else None
    if not isinstance(said, str) or "@" not in said:
        return Identity(doubt="Google did not say it")
    return Identity(one_line(said, 320).lower())


def same_account(one: str, other: str) -> bool:
    """Whether two addresses are one Google account: in Gmail's own domains dots and ``+words`` do not count."""
    return _plain(one) == _plain(other)


def is_of_another(account: GoogleAccount, signed_in_as: str) -> bool:
    """Whether a stored sign-in belongs to another account than the one configured now, as far as both are known."""
    return bool(signed_in_as and account.email) and not same_account(signed_in_as, account.email)


def _plain(address: str) -> str:
    name, _, domain = address.strip().lower().rpartition("@")
    if domain in _GMAIL:
        return f"{name.partition('+')[0].replace('.', '')}@gmail.com"
    return f"{name}@{domain}"
