"""Whose account a sign-in is: Graph says it (``/me``), and what came with the tokens where Graph does not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calwatch.model.plain import one_line
from calwatch.ports import Clock
from calwatch.providers.outlook.api.answers import content_of, fault_of
from calwatch.providers.outlook.api.paths import address
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.remote.faults import Fault
from calwatch.providers.remote.wire import Wire


@dataclass(frozen=True, slots=True)
class Identity:
    """The addresses of the account, the one mail is sent from first; without any, ``doubt`` says why."""

    addresses: tuple[str, ...] = ()
    doubt: str = ""

    def shown(self, wanted: str) -> str:
        """``wanted`` if it is one of them, else the first."""
        return wanted.lower() if self.is_of(wanted) else next(iter(self.addresses), "")

    def is_of(self, wanted: str) -> bool:
        return wanted.strip().lower() in self.addresses


def identity_of(account: OutlookAccount, token: str, claims: Mapping[str, Any], wire: Wire, clock: Clock) -> Identity:
    """Asks once. ``claims`` are those of the id token.

    A personal account may have no ``mail``, and many people sign in by another name than they get mail under.
    """
    found, doubt = _me(account, token, wire, clock)
    said = (found.get("mail"), found.get("userPrincipalName"), claims.get("preferred_username"))
    addresses = tuple(dict.fromkeys(one_line(one, 320).lower() for one in said if isinstance(one, str) and "@" in one))
    return Identity(addresses, "" if addresses else doubt or "Microsoft did not say it")


def _me(account: OutlookAccount, token: str, wire: Wire, clock: Clock) -> tuple[dict[str, Any], str]:
    url = address(account.api_root, "/me", {"$select": "mail,userPrincipalName"})
    correlation = str(uuid.uuid4())
    headers = {"Accept": "application/json", "client-request-id": correlation}
    try:
        reply = wire.send("GET", url, headers=headers, bearer=token)
    except Fault as fault:
        return {}, str(fault)
    if reply.status != 200:
        return {}, str(fault_of(reply, clock.now(), asked="GET /me", correlation=correlation))
    found = content_of(reply)
    return (found, "") if found is not None else ({}, "the answer could not be read")
