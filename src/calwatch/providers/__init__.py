"""The PROVIDERS table: which kinds of account there are, how each is configured, and how its two ports are built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from calwatch.model.event import Person
from calwatch.ports import Calendar, Clock, Mailbox
from calwatch.providers import local
from calwatch.providers.local.options import LocalAccount


@dataclass(frozen=True, slots=True)
class Opened:
    """One account, live. ``busy_calendars`` are those of ``calendar.calendars()`` that are only taken time.

    ``describe`` says how mail leaves the account, as words after "it".
    """

    calendar: Calendar
    mail: Mailbox | None
    busy_calendars: Callable[[], frozenset[str]]
    describe: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Provider:
    """``options`` is the model of one ``[[accounts]]`` table; ``open`` makes it live without touching anything yet.

    ``open`` takes the options, the person who writes, all their addresses, their time zone and the clock.
    """

    options: type[BaseModel]
    open: Callable[[Any, Person, frozenset[str], str, Clock], Opened]


def _open_local(account: LocalAccount, me: Person, addresses: frozenset[str], viewer_zone: str, clock: Clock) -> Opened:
    mailbox = local.open_mail(account, me, addresses, viewer_zone, clock)
    calendar = local.open_calendar(account, me, addresses, viewer_zone, clock, mailbox)
    describe = mailbox.describe if mailbox is not None else _no_mail
    return Opened(calendar, mailbox, calendar.busy_calendars, describe)


def _no_mail() -> str:
    return "has no mailbox"


PROVIDERS: dict[str, Provider] = {
    "local": Provider(LocalAccount, _open_local),
}
