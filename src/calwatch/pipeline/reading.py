"""watch: asks one account what changed. Only reads the store, so that a slow network need hold nobody up."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from calwatch.errors import NeedsSignIn, Resync, Retry, Stop
from calwatch.model.span import Span
from calwatch.pipeline.parts import MAILBOX, Account, Parts
from calwatch.ports import Calendar, Changes, Mailbox, MailChanges, nothing_known

log = logging.getLogger(__name__)

PAST = timedelta(days=14)

MAIL_PAST = timedelta(days=60)
"""The first mail sync is bounded: invitations older than this are history."""


def reading_window(now: datetime, horizon: timedelta, within: timedelta) -> Span:
    """The stretch every calendar is read for; it moves once a week, so that a poll finds the same window again."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    return Span(monday - PAST, monday + horizon + within + timedelta(days=14))


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """One calendar's answer to "what changed since ``kept``" (its cursor and window as the store had them)."""

    name: str
    kept: tuple[str, Span | None] | None
    window: Span
    cursor: str | None
    changes: Changes


@dataclass(frozen=True, slots=True)
class MailReading:
    """The mailbox's answer, as ``CalendarReading``."""

    kept: str | None
    changes: MailChanges


@dataclass(slots=True)
class Reading:
    """What one account answered at ``at``, and what it could not: nothing of it is taken over yet."""

    at: datetime
    calendars: list[CalendarReading] = field(default_factory=list)
    mail: MailReading | None = None
    failures: list[NeedsSignIn | Retry | Stop] = field(default_factory=list)


def read(parts: Parts, account: Account) -> Reading:
    """Asks one account what changed. Only reads the store, so that a slow network need not hold anybody up.

    The calendars and the mailbox are asked whatever became of the other: one missing permission takes nothing else
    away.
    """
    reading = Reading(parts.now())
    if account.calendar is not None:
        try:
            _read_calendars(parts, account, account.calendar, reading)
        except (NeedsSignIn, Retry, Stop) as reason:
            reading.failures.append(reason)
    if account.mail is not None and not account.busy_only:
        try:
            reading.mail = _read_mail(parts, account.name, account.mail, reading.at)
        except (NeedsSignIn, Retry, Stop) as reason:
            reading.failures.append(reason)
    return reading


def _read_calendars(parts: Parts, account: Account, calendar: Calendar, reading: Reading) -> None:
    window = reading_window(reading.at, parts.preferences.watch.horizon, parts.preferences.slots.within)
    for name in calendar.calendars():
        try:
            reading.calendars.append(_read_calendar(parts, account.name, calendar, name, window))
        except (Retry, Stop) as reason:  # one calendar that cannot be read takes no other away
            reading.failures.append(reason)


def _read_calendar(parts: Parts, account: str, calendar: Calendar, name: str, window: Span) -> CalendarReading:
    kept = parts.store.sightings.cursor(account, name)
    cursor, rebased = (None, True) if kept is None or kept[1] != window else (kept[0], False)
    # A new window means a full reading that is diffed against the store; only then is nothing taken as known.
    known = nothing_known if rebased else partial(parts.store.sightings.known, account, name)
    try:
        changes = calendar.changes(name, cursor, window, known)
    except Resync:
        log.info("account %s: calendar %s is read anew", account, name)
        cursor, changes = None, calendar.changes(name, None, window, nothing_known)
    return CalendarReading(name, kept, window, cursor, changes)


def _read_mail(parts: Parts, name: str, mail: Mailbox, now: datetime) -> MailReading:
    known = parts.store.sightings.cursor(name, MAILBOX)
    kept = known[0] if known is not None else None
    since = now - MAIL_PAST
    try:
        changes = mail.changes(kept, since)
    except Resync:
        changes = mail.changes(None, since)
    return MailReading(kept, changes)
