"""The PROVIDERS table: which kinds of account there are, how each is configured, and how its two ports are built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from calwatch.model.event import Person
from calwatch.ports import Calendar, Clock, Mailbox
from calwatch.providers import local
from calwatch.providers.local.options import LocalAccount


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
    """``options`` is the model of one ``[[accounts]]`` table; ``open`` makes it live without touching anything yet."""

    options: type[BaseModel]
    open: Callable[[Any, Surroundings], Opened]


def _open_local(account: LocalAccount, around: Surroundings) -> Opened:
    given = (account, around.me, around.addresses, around.viewer_zone, around.clock)
    mailbox = local.open_mail(*given)
    calendar = local.open_calendar(*given, mailbox)
    describe = mailbox.describe if mailbox is not None else _no_mail
    return Opened(calendar, mailbox, calendar.busy_calendars, describe)


def _no_mail() -> str:
    return "has no mailbox"


PROVIDERS: dict[str, Provider] = {
    "local": Provider(LocalAccount, _open_local),
}
