"""The PROVIDERS table: which kinds of account there are, how each is configured, and how its two ports are built."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from calwatch.model.event import Person
from calwatch.ports import Calendar, Clock, Mailbox
from calwatch.providers import google, local, outlook
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.local.options import LocalAccount
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.signing import Finding, SignedIn, Terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an account is opened with besides its own options.

    ``me`` is the person who writes, ``addresses`` all that are theirs (lower-case), ``viewer_zone`` their time zone,
    ``state`` the folder sign-ins are kept in. ``sends``, ``responds`` and ``holds`` say what the configuration will
    ever ask for, so that nothing more is asked of a provider.
    """

    me: Person
    addresses: frozenset[str]
    viewer_zone: str
    clock: Clock
    state: Path
    sends: bool = True
    responds: bool = True
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """One account, live. ``busy_calendars`` are those of ``calendar.calendars()`` that are only taken time.

    ``describe`` says how mail leaves the account, as words after "it". ``remote``: its calls take a network's time, and
    may be made from several threads at once.
    """

    calendar: Calendar
    mail: Mailbox | None
    busy_calendars: Callable[[], frozenset[str]]
    describe: Callable[[], str]
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """``options`` is the model of one ``[[accounts]]`` table; ``open`` makes it live without touching anything yet.

    ``sign_in`` leads a person through signing in, and ``look_at_sign_in`` says how that stands; ``None`` for accounts
    that need none.
    """

    options: type[BaseModel]
    open: Callable[[Any, Surroundings], Opened]
    sign_in: Callable[[Any, Surroundings, Terminal], SignedIn] | None = None
    look_at_sign_in: Callable[[Any, Surroundings], Iterable[Finding]] | None = None


def _open_local(account: LocalAccount, around: Surroundings) -> Opened:
    given = (account, around.me, around.addresses, around.viewer_zone, around.clock)
    mailbox = local.open_mail(*given)
    calendar = local.open_calendar(*given, mailbox)
    describe = mailbox.describe if mailbox is not None else _no_mail
    return Opened(calendar, mailbox, calendar.busy_calendars, describe)


def _open_google(account: GoogleAccount, around: Surroundings) -> Opened:
    calendar, mailbox = google.open_account(account, around)
    describe = mailbox.describe if mailbox is not None else _no_mail
    return Opened(calendar, mailbox, calendar.busy_calendars, describe, remote=True)


def _open_outlook(account: OutlookAccount, around: Surroundings) -> Opened:
    calendar, mailbox = outlook.open_account(account, around)
    describe = mailbox.describe if mailbox is not None else _no_mail
    return Opened(calendar, mailbox, calendar.busy_calendars, describe, remote=True)


def _no_mail() -> str:
    return "has no mailbox"


PROVIDERS: dict[str, Provider] = {
    "local": Provider(LocalAccount, _open_local),
    "google": Provider(GoogleAccount, _open_google, google.sign_in_to, google.look_at),
    "outlook": Provider(OutlookAccount, _open_outlook, outlook.sign_in_to, outlook.look_at),
}
