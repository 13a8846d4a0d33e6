"""What the pipeline works with: the store, the accounts, the clock and the person's preferences, in one value."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from calwatch.approve.options import ApprovalOptions
from calwatch.detect.options import ConflictsOptions, InterviewsOptions
from calwatch.draft.options import RepliesOptions
from calwatch.model.me import Me
from calwatch.notify.options import NotifyOptions
from calwatch.ports import Calendar, Clock, Mailbox, Notifier
from calwatch.propose.options import SlotsOptions
from calwatch.store.book import Store
from calwatch.watch.options import WatchOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Everything the person set that the story depends on; values only."""

    me: Me
    name: str
    phone: str
    zone: str
    languages: tuple[str, ...]
    away: tuple[tuple[date, date, str], ...] = ()
    watch: WatchOptions = field(default_factory=WatchOptions)
    conflicts: ConflictsOptions = field(default_factory=ConflictsOptions)
    interviews: InterviewsOptions = field(default_factory=InterviewsOptions)
    slots: SlotsOptions = field(default_factory=SlotsOptions)
    replies: RepliesOptions = field(default_factory=RepliesOptions)
    notify: NotifyOptions = field(default_factory=NotifyOptions)
    approval: ApprovalOptions = field(default_factory=ApprovalOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account, live. ``busy_only`` accounts are read for taken time and never written to.

    ``busy_calendars`` tells which of ``calendar.calendars()`` are only taken time. ``remote`` ones take a network's
    time to read, and may be read beside everything else.
    """

    name: str
    email: str
    calendar: Calendar | None
    mail: Mailbox | None
    busy_only: bool = False
    busy_calendars: Callable[[], frozenset[str]] = frozenset
    provider: str = "local"
    remote: bool = False
    describe: Callable[[], str] = str  # how mail leaves it, as words after "it"; "" when that needs no words


class AccountState(StrEnum):
    OK = "ok"
    NEEDS_SIGN_IN = "needs_sign_in"
    DEGRADED = "degraded"
    ERROR = "error"


MAILBOX = "(mail)"
"""The name of an account's mailbox where its calendars have theirs."""


@dataclass(slots=True)
class Health:
    """How one account is doing; kept in memory and in the state folder, never as a database row per poll.

    ``calendars`` and ``mail`` are when each was last completely read, ``last_sync`` when all of the account was.
    """

    state: AccountState = AccountState.OK
    detail: str = ""
    last_sync: datetime | None = None
    next_sync: datetime | None = None
    calendars: dict[str, datetime] = field(default_factory=dict)
    mail: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Parts:
    """Everything live, wired once. ``channels`` reach the person; ``lock`` is held while deciding and acting."""

    store: Store
    accounts: Mapping[str, Account]
    clock: Clock
    preferences: Preferences
    holidays: Callable[[Sequence[int]], frozenset[date]]
    channels: Callable[[], Sequence[Notifier]] = tuple
    health: dict[str, Health] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    once: bool = False
    tallies: Counter[str] = field(default_factory=Counter)  # what happened since the start, for whoever measures

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def freshness(self) -> timedelta:
        """How old a calendar's last complete reading may be before its free time counts as unknown."""
        return 2 * self.preferences.watch.every + timedelta(seconds=60)

    def unknown_calendars(self, now: datetime) -> tuple[str, ...]:
        """Calendars whose free time cannot be told now, as ``account/calendar``; unknown is never free."""
        unknown: list[str] = []
        for account in self.accounts.values():
            if account.calendar is None:
                continue
            health = self.health.get(account.name, Health())
            for calendar in account.calendar.calendars():
                read_at = health.calendars.get(calendar)
                if read_at is None or read_at > now or now - read_at > self.freshness:
                    unknown.append(f"{account.name}/{calendar}")
        return tuple(unknown)

    def oldest_reading(self, sources: Collection[tuple[str, str]] | None = None) -> datetime | None:
        """When the stalest of ``sources`` (account, calendar or ``MAILBOX``; all there are without) was last completely
        read; ``None`` if one never was.

        A reading from the future, from before somebody set the clock back, says nothing.
        """
        wanted = self._sources() if sources is None else sources
        now, moments = self.now(), []
        for account, name in wanted:
            health = self.health.get(account, Health())
            moment = health.mail if name == MAILBOX else health.calendars.get(name)
            if moment is None or moment > now:
                return None
            moments.append(moment)
        return min(moments, default=None)

    def _sources(self) -> list[tuple[str, str]]:
        found = []
        for account in self.accounts.values():
            if account.calendar is not None:
                found += [(account.name, name) for name in account.calendar.calendars()]
            if account.mail is not None and not account.busy_only:
                found.append((account.name, MAILBOX))
        return found
