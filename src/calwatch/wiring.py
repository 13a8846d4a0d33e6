"""Settings in, live objects out: the only place where the parts meet."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calwatch.clock import SystemClock
from calwatch.model.event import Person
from calwatch.model.me import Me
from calwatch.pipeline import Account, Health, Parts, Pipeline, Preferences
from calwatch.pipeline.parts import AccountState
from calwatch.pipeline.rehearse import ReadOnlyMail
from calwatch.ports import Clock, Notifier
from calwatch.settings import Settings
from calwatch.store import open_store
from calwatch.store.book import Store

if TYPE_CHECKING:
    from calwatch.providers import Surroundings

log = logging.getLogger(__name__)

HEALTH_FILE = "health.json"


@dataclass(slots=True)
class World:
    """Everything live for one person. Close it when done."""

    settings: Settings
    store: Store
    clock: Clock
    pipeline: Pipeline

    def close(self) -> None:
        self.store.close()


def open_world(settings: Settings, *, read_only: bool = False, clock: Clock | None = None) -> World:
    """The store and everything on it. ``read_only`` never writes and never makes a state folder.

    Only the holder of the state folder's lock may use the pipeline of a writable world.
    """
    store = open_store(settings.state, read_only=read_only)
    clock = clock or SystemClock()
    parts = Parts(
        store=store,
        accounts=live_accounts(settings, clock),
        clock=clock,
        preferences=preferences(settings),
        holidays=holiday_source(settings.slots.holidays),
        channels=notifiers(settings),
        health=read_health(settings.state),
    )
    return World(settings, store, clock, Pipeline(parts))


@contextmanager
def rehearsal(settings: Settings) -> Iterator[World]:
    """A world on a copy of the store, for ``--dry-run``: it may be decided in, and nothing of it remains.

    Its mailboxes and notifiers are not wired, so that nothing can be drafted, sent or said.
    """
    with tempfile.TemporaryDirectory(prefix="calwatch-") as folder:
        copy = Path(folder)
        for name in ("calwatch.db", "calwatch.db-wal"):
            if (settings.state / name).exists():
                shutil.copy2(settings.state / name, copy / name)
        store, clock = open_store(copy), SystemClock()
        accounts = {
            name: Account(
                name=account.name,
                email=account.email,
                calendar=account.calendar,
                mail=ReadOnlyMail(account.mail) if account.mail is not None else None,
                busy_only=account.busy_only,
                busy_calendars=account.busy_calendars,
                provider=account.provider,
                remote=account.remote,
                describe=account.describe,
            )
            for name, account in live_accounts(settings, clock).items()
        }
        parts = Parts(
            store=store,
            accounts=accounts,
            clock=clock,
            preferences=preferences(settings),
            holidays=holiday_source(settings.slots.holidays),
            once=True,
        )
        try:
            yield World(settings, store, parts.clock, Pipeline(parts))
        finally:
            store.close()


def live_accounts(settings: Settings, clock: Clock) -> dict[str, Account]:
    """Every configured account with its calendar and mailbox; nothing is read yet."""
    from calwatch.providers import PROVIDERS

    writer = Person(settings.you.emails[0], settings.you.name)
    around = surroundings(settings, clock)
    accounts = {}
    for options in settings.accounts:
        opened = PROVIDERS[options.provider].open(options, around)
        accounts[options.name] = Account(
            name=options.name,
            email=options.email or writer.email,
            calendar=opened.calendar,
            mail=opened.mail,
            busy_only=options.use == "busy",
            busy_calendars=opened.busy_calendars,
            provider=options.provider,
            remote=opened.remote,
            describe=opened.describe,
        )
    return accounts


def surroundings(settings: Settings, clock: Clock) -> Surroundings:
    """What every account is opened with."""
    from calwatch.providers import Surroundings

    you, replies = settings.you, settings.replies
    return Surroundings(
        me=Person(you.emails[0], you.name),
        addresses=settings.addresses,
        viewer_zone=you.timezone,
        clock=clock,
        state=settings.state,
        sends=replies.delivery == "send",
        responds=any(answer != "none" for answer in (replies.rsvp.reschedule, replies.rsvp.withdraw)),
        holds=replies.hold,
    )


def preferences(settings: Settings) -> Preferences:
    """The person's settings as the pipeline's values."""
    you = settings.you
    return Preferences(
        me=Me(emails=settings.addresses, name=you.name, employer=frozenset(you.employer)),
        name=you.name,
        phone=you.phone,
        zone=you.timezone,
        languages=you.languages,
        away=tuple((stay.since, stay.to, stay.timezone) for stay in you.away),
        watch=settings.watch,
        conflicts=settings.conflicts,
        interviews=settings.interviews,
        slots=settings.slots,
        replies=settings.replies,
        notify=settings.notify,
        approval=settings.approval,
    )


def holiday_source(code: str) -> Callable[[Sequence[int]], frozenset[date]]:
    """Public holidays by year, computed when first needed and kept."""
    kept: dict[tuple[int, ...], frozenset[date]] = {}

    def holidays(years: Sequence[int]) -> frozenset[date]:
        if not code:
            return frozenset()
        key = tuple(sorted(set(years)))
        if key not in kept:
            from calwatch.propose.holidays import public_holidays

            kept[key] = public_holidays(code, key)
        return kept[key]

    return holidays


def notifiers(settings: Settings) -> Callable[[], Sequence[Notifier]]:
    """The ways to reach the person, listed anew each time (``urls_file`` may have changed); never fails itself."""

    def listed() -> Sequence[Notifier]:
        from calwatch.notify import channels
        from calwatch.notify.standing import channels_or_why_not

        return channels_or_why_not(lambda: channels(settings.notify))

    return listed


# --- health --------------------------------------------------------------------------------------------------------


def write_health(state: Path, health: Mapping[str, Health]) -> None:
    """How the accounts are doing, for commands in other processes; a small file, so that a poll writes no row."""
    text = json.dumps(
        {
            name: {
                "state": one.state.value,
                "detail": one.detail,
                "last_sync": one.last_sync.isoformat() if one.last_sync else None,
                "next_sync": one.next_sync.isoformat() if one.next_sync else None,
                "mail": one.mail.isoformat() if one.mail else None,
                "calendars": {calendar: read.isoformat() for calendar, read in one.calendars.items()},
            }
            for name, one in dict(health).items()  # another account may be read for the first time just now
        }
    )
    path = state / HEALTH_FILE
    fresh = path.with_suffix(f".{threading.get_ident()}.new")  # each thread its own: they never meet in it
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def read_health(state: Path) -> dict[str, Health]:
    """What the service last wrote; empty when there is nothing, or nothing readable."""
    try:
        found: dict[str, Any] = json.loads((state / HEALTH_FILE).read_text(encoding="utf-8"))
        return {
            name: Health(
                state=AccountState(one["state"]),
                detail=one["detail"],
                last_sync=_moment(one["last_sync"]),
                next_sync=_moment(one["next_sync"]),
                mail=_moment(one["mail"]),
                calendars={calendar: datetime.fromisoformat(read) for calendar, read in one["calendars"].items()},
            )
            for name, one in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
