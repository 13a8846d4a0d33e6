"""watch: what changed in one account, taken over in one transaction with the cursor; decides nothing else."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from calwatch.errors import NeedsSignIn, Retry, Stop
from calwatch.model.event import Event, Series
from calwatch.model.ledger import Applied
from calwatch.model.span import Span
from calwatch.pipeline import notices
from calwatch.pipeline.belief import believed
from calwatch.pipeline.parts import MAILBOX, Account, AccountState, Health, Parts
from calwatch.pipeline.reading import CalendarReading, MailReading, Reading, read, reading_window
from calwatch.ports import Changes, Gone
from calwatch.recur.expand import expand
from calwatch.store.sightings import Resource
from calwatch.watch.guards import always_believable, believable

log = logging.getLogger(__name__)

MAIL_SOURCE = "mail"
"""The part of a quarantine entry's name that says it is a mail."""

EMPTINESS_BELIEVED_AFTER = timedelta(hours=1)
"""A calendar that is suddenly almost empty is an outage until it has stayed so for this long."""


def pull(parts: Parts, account: Account, reading: Reading | None = None) -> bool:
    """One account's calendars and mailbox, caught up; whether everything could be read. Health says what could not."""
    reading = read(parts, account) if reading is None else reading
    health = parts.health.setdefault(account.name, Health())
    complete = True
    try:
        for answer in reading.calendars:
            if _take_over_calendar(parts, account, answer, reading.at):
                health.calendars[answer.name] = max(reading.at, health.calendars.get(answer.name, reading.at))
            else:
                complete = False
                health.state = AccountState.DEGRADED
                health.detail = f"calendar {answer.name} is suddenly almost empty; that is not believed yet"
        if reading.mail is not None:
            _take_over_mail(parts, account, reading.mail, reading.at)
            health.mail = max(reading.at, health.mail or reading.at)
    except (NeedsSignIn, Retry, Stop) as reason:
        reading.failures.append(reason)
    if reading.failures:
        worst = min(reading.failures, key=_gravity)
        _unwell(parts, account, health, _STATE_OF[_gravity(worst)], str(worst))
        return False
    if complete:
        health.state, health.detail = AccountState.OK, ""
    health.last_sync = reading.at
    return complete


_STATE_OF = (AccountState.NEEDS_SIGN_IN, AccountState.ERROR, AccountState.DEGRADED)


def _gravity(failure: NeedsSignIn | Retry | Stop) -> int:
    """What only the person can mend counts first."""
    return 0 if isinstance(failure, NeedsSignIn) else 1 if isinstance(failure, Stop) else 2


def _unwell(parts: Parts, account: Account, health: Health, state: AccountState, detail: str) -> None:
    if health.state is not state or health.detail != detail:
        named = detail if f"account {account.name}" in detail else f"account {account.name}: {detail}"
        log.warning("%s", named)
    changed = health.state is not state
    health.state, health.detail = state, detail
    if changed:
        notices.account_unwell(parts, account.name, state.value, detail)


# --- calendars -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Vanished:
    """Resources that are gone from a calendar, after direct confirmation where an interview is at stake."""

    refs: tuple[str, ...]
    put: tuple[Event | Series, ...]


def _take_over_calendar(parts: Parts, account: Account, answer: CalendarReading, now: datetime) -> bool:
    if parts.store.sightings.cursor(account.name, answer.name) != answer.kept:
        return True  # somebody has read on since this was asked, and knows better
    return take_over(
        parts, account, answer.name, answer.changes, window=answer.window, cursor=answer.cursor, now=now
    )  # fmt: skip


def take_over(
    parts: Parts, account: Account, name: str, changes: Changes, *, window: Span, cursor: str | None, now: datetime
) -> bool:
    """Commits one answer of a calendar: sightings, cursor and dirty marks together. False when it is not believed.

    Work and writes are proportional to ``changes``, not to the calendar. An unchanged answer writes nothing.
    """
    store = parts.store
    gone = sorted(store.sightings.known_among(account.name, name, changes.gone))  # a feed also names what we never saw
    if changes.complete:
        mentioned = set(changes.etags) | {item.ref for item in changes.items} | set(gone)
        gone += [ref for ref in store.sightings.known(account.name, name) if ref not in mentioned]
    if (
        not changes.items
        and not gone
        and not changes.problems
        and changes.cursor == (cursor or "")
        and not changes.etags
    ):
        return True
    if gone and not _emptiness_believed(parts, account.name, name, gone, window, now):
        return False
    vanished = _confirm(parts, account, name, gone, window)
    by_ref: dict[str, list[Event]] = {ref: [] for ref in changes.etags}
    etags = dict(changes.etags)
    bad = {f"{account.name}/{name}/{problem.ref}": problem.reason for problem in changes.problems}
    for item in (*changes.items, *vanished.put):
        etags.setdefault(item.ref, item.etag)
        replaced = changes.replaced_occurrences.get(item.ref, ())
        occurrences, whole = _occurrences(parts, item, window, replaced)
        if isinstance(item, Event) and not occurrences and _moved_beyond(parts, account.name, name, item, window):
            occurrences = [item]
        by_ref.setdefault(item.ref, []).extend(occurrences)
        if not whole:
            bad[f"{account.name}/{name}/{item.ref}"] = _TOO_OFTEN
    read = [Resource(ref, etags.get(ref, ""), tuple(events)) for ref, events in by_ref.items()]
    with store.write():
        applied = store.sightings.apply(
            account.name,
            name,
            read,
            now=now,
            gone=vanished.refs,
            busy_account=account.busy_only or name in account.busy_calendars(),
        )
        applied |= _called_off(parts, read, window, now)
        store.bookings.mark_dirty(applied.booking_ids, applied.spans)
        store.sightings.set_cursor(account.name, name, changes.cursor, window)
        fine = None if changes.complete else (*by_ref, *gone)
        _quarantine(parts, f"{account.name}/{name}/", bad, fine, now)
    return True


def _called_off(parts: Parts, read: Sequence[Resource], window: Span, now: datetime) -> Applied:
    """Occurrences of a series that a mail has called off as a whole, also those that only now come into view."""
    recurring = {event.uid for resource in read for event in resource.events if event.recurrence_id is not None}
    if not recurring:
        return Applied()
    return parts.store.mail.join_cancels_again(
        recurring, now=now, expand=lambda series: _occurrences(parts, series, window, ())[0]
    )


def _quarantine(parts: Parts, prefix: str, bad: dict[str, str], fine: Sequence[str] | None, now: datetime) -> None:
    """Names what could not be read, and forgets what can be read again or is gone; ``fine`` ``None``: all but
    ``bad``.
    """
    for source, reason in bad.items():
        parts.store.quarantine.put(source, reason, now=now)
    held = {entry.source for entry in parts.store.quarantine.all() if entry.source.startswith(prefix)}
    over = held if fine is None else held & {prefix + ref for ref in fine}
    for source in sorted(over - bad.keys()):
        parts.store.quarantine.clear(source)


_TOO_OFTEN = "it repeats so often that only its first occurrences are considered; correct its RRULE, or remove it"


def _occurrences(
    parts: Parts, item: Event | Series, window: Span, replaced: Sequence[str]
) -> tuple[list[Event], bool]:  # fmt: skip
    """The occurrences inside ``window``, and whether these are all of them."""
    if isinstance(item, Event):
        return [item] if item.span.overlaps(window) or item.start == item.end else [], True
    expansion = expand(item, window, viewer_zone=parts.preferences.zone)
    without = set(replaced)
    return [event for event in expansion.events if event.recurrence_id not in without], not expansion.truncated


def _moved_beyond(parts: Parts, account: str, name: str, event: Event, window: Span) -> bool:
    """Whether an appointment we know was moved further ahead than we look: it stands, and is not gone."""
    return event.start >= window.end and bool(parts.store.sightings.booking_ids(account, name, event.ref))


def _emptiness_believed(
    parts: Parts, account: str, name: str, gone: Sequence[str], window: Span, now: datetime
) -> bool:
    """Whether so much may be gone at once. What lies outside the window is not missed: it has only passed."""
    key = f"empty:{account}/{name}"
    lost = len(parts.store.sightings.shown(account, name, window, gone))
    if always_believable(lost) or believable(len(parts.store.sightings.shown(account, name, window)), lost):
        if parts.store.meta.get(key) is not None:
            parts.store.meta.set(key, None)
        return True
    since = parts.store.meta.get(key)
    if since is None:
        parts.store.meta.set(key, now.timestamp())
        return False
    if now.timestamp() - float(str(since)) < EMPTINESS_BELIEVED_AFTER.total_seconds():
        return False
    parts.store.meta.set(key, None)
    return True


def _confirm(parts: Parts, account: Account, name: str, gone: Sequence[str], window: Span) -> _Vanished:
    """A vanished interview means something only after a direct look; other entries simply go."""
    if account.calendar is None or not gone:
        return _Vanished(tuple(gone), ())
    refs: list[str] = []
    put: list[Event | Series] = []
    for ref in gone:
        numbers = parts.store.sightings.booking_ids(account.name, name, ref)
        known = [parts.store.bookings.recognition(number) for number in numbers]
        if not any(found is not None and found.is_interview for found in known):
            refs.append(ref)
            continue
        seen = account.calendar.get(name, ref, window)
        item = None if isinstance(seen, Gone) else seen.item
        if item is None:
            refs.append(ref)
        else:
            put.append(item)
    return _Vanished(tuple(refs), tuple(put))


# --- mail ----------------------------------------------------------------------------------------------------------


def _take_over_mail(parts: Parts, account: Account, answer: MailReading, now: datetime) -> None:
    known = parts.store.sightings.cursor(account.name, MAILBOX)
    kept = known[0] if known is not None else None
    changes = answer.changes
    if kept != answer.kept or (not changes.messages and not changes.problems and changes.cursor == kept):
        return
    window = reading_window(now, parts.preferences.watch.horizon, parts.preferences.slots.within)
    messages, doubted = believed(parts, changes.messages)
    with parts.store.write():
        applied = parts.store.mail.put_messages(
            account.name, messages, now=now, expand=lambda series: _occurrences(parts, series, window, ())[0]
        )
        parts.store.bookings.mark_dirty(applied.booking_ids, applied.spans)
        parts.store.sightings.set_cursor(account.name, MAILBOX, changes.cursor)
        reasons = {problem.ref: problem.reason for problem in changes.problems} | doubted
        bad = {f"{account.name}/{MAIL_SOURCE}/{ref}": reason for ref, reason in reasons.items()}
        _quarantine(parts, f"{account.name}/{MAIL_SOURCE}/", bad, (), now)
