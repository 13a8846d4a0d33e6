"""tell: what waits in the outbox goes to every channel, once; one that fails is tried again by itself.

Three steps: ``due`` puts messages together, ``deliver`` hands them over and knows nothing of the story, so that nobody
waits for a slow channel, and ``note`` writes down who has heard what.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from calwatch.errors import CalwatchError, Retry, Stop
from calwatch.notify import wording
from calwatch.notify.standing import KEPT, Failing
from calwatch.notify.topics import ACT, Topic
from calwatch.pipeline import facts, outbox
from calwatch.pipeline.outbox import GIVEN_UP, Entry
from calwatch.pipeline.parts import Parts
from calwatch.ports import Notice, Notifier

log = logging.getLogger(__name__)

URGENT_AFTER_QUIET = timedelta(hours=2)

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""Between the attempts of a channel that fails, the last one from then on; one that cannot work waits that long."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one channel about the entries of these keys; ``woken`` are the starts it breaks the night for."""

    channel: Notifier
    notice: Notice
    keys: frozenset[str]
    woken: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery: ``failure`` is ``None`` when it arrived."""

    delivery: Delivery
    failure: CalwatchError | None = None


# --- what is due ---------------------------------------------------------------------------------------------------


def due(parts: Parts) -> list[Delivery]:
    """One message for each channel that has something to hear and may hear it now; what no longer holds is dropped."""
    waiting, now = _waiting(parts), parts.now()
    if not waiting:
        return []
    failing = _failing(parts)
    found = []
    for channel in parts.channels():
        entries = [entry for entry in waiting if entry.is_for(channel.key)]
        if entries and not (channel.key in failing and now < failing[channel.key].next):
            found += _for(parts, channel, entries, now)
    return found


def _waiting(parts: Parts) -> tuple[Entry, ...]:
    """The outbox without what no longer holds, and without what everybody has heard."""
    entries, now = outbox.load(parts), parts.now()
    if not entries:
        return ()
    channels = [channel.key for channel in parts.channels()]
    kept = tuple(e for e in entries if any(map(e.is_for, channels)) and facts.holds(parts, e, now))
    if kept != entries:
        outbox.save(parts, kept)
    return kept


def _for(parts: Parts, channel: Notifier, entries: Sequence[Entry], now: datetime) -> list[Delivery]:
    woken = _may_hear(parts, channel, entries, now)
    if woken is None:
        return []
    preferences = parts.preferences
    wish = wording.Wish(
        detail=preferences.notify.detail,
        zone=preferences.zone,
        language=preferences.languages[0],
        public_url=preferences.approval.public_url,
    )
    notice = wording.compose(facts.items(parts, entries), wish, now)
    return [Delivery(channel, notice, frozenset(entry.key for entry in entries), woken)]


def next_due(parts: Parts) -> datetime | None:
    """When a channel is to be tried again, or may be told what waits for the end of the quiet hours."""
    waiting, now = _waiting(parts), parts.now()
    failing, moments = _failing(parts), []
    for channel in parts.channels() if waiting else ():
        entries = [entry for entry in waiting if entry.is_for(channel.key)]
        again = max(now, failing[channel.key].next if channel.key in failing else now)
        if entries:
            moments.append(again if _may_hear(parts, channel, entries, again) is not None else quiet_ends(parts, again))
    return min(moments, default=None)


# --- the quiet hours -----------------------------------------------------------------------------------------------


def is_quiet(parts: Parts, now: datetime) -> bool:
    """Whether ``now`` lies in the person's quiet hours (their wall time, usually over midnight)."""
    quiet = parts.preferences.notify.quiet
    if quiet is None:
        return False
    wall = now.astimezone(ZoneInfo(parts.preferences.zone)).time()
    begin, end = quiet
    return begin <= wall < end if begin <= end else wall >= begin or wall < end


def quiet_ends(parts: Parts, now: datetime) -> datetime:
    """The next end of the quiet hours after ``now``; ``now`` itself when there are none."""
    quiet = parts.preferences.notify.quiet
    if quiet is None or not is_quiet(parts, now):
        return now
    local = now.astimezone(ZoneInfo(parts.preferences.zone))
    end = local.replace(hour=quiet[1].hour, minute=quiet[1].minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def _may_hear(parts: Parts, channel: Notifier, entries: Sequence[Entry], at: datetime) -> tuple[datetime, ...] | None:
    """``None``: the night is not to be broken; else the starts it is broken for, each once for each channel."""
    if not is_quiet(parts, at) or any(entry.topic is Topic.WELCOME for entry in entries):
        return ()  # whoever sets it up at night is awake
    until = quiet_ends(parts, at) + URGENT_AFTER_QUIET
    starts = {facts.start_of(parts, entry) for entry in entries if entry.topic in ACT}
    near = sorted(start for start in starts if start is not None and at < start < until)
    fresh = tuple(start for start in near if parts.store.meta.get(_woken_key(parts, channel, start, at)) is None)
    return fresh or None


def _woken_key(parts: Parts, channel: Notifier, start: datetime, at: datetime) -> str:
    return f"woken:{channel.key}:{quiet_ends(parts, at).date().isoformat()}:{start.isoformat()}"


# --- delivering ----------------------------------------------------------------------------------------------------


def deliver(deliveries: Iterable[Delivery], *, go_on: Callable[[], bool] = lambda: True) -> list[Outcome]:
    """Hands each message over, as long as ``go_on`` says so; needs no lock, and may take the channels' time."""
    outcomes = []
    for delivery in deliveries:
        if not go_on():
            break
        try:
            delivery.channel.notify(delivery.notice)
        except CalwatchError as failure:
            outcomes.append(Outcome(delivery, failure))
        else:
            outcomes.append(Outcome(delivery))
    return outcomes


def note(parts: Parts, outcomes: Sequence[Outcome]) -> None:
    """Writes down who has heard what, and when a channel that failed is tried again."""
    if not outcomes:
        return
    now, failing, entries = parts.now(), _failing(parts), outbox.load(parts)
    for outcome in outcomes:
        parts.tallies["notify:delivered" if outcome.failure is None else "notify:failed"] += 1
    with parts.store.write():
        for outcome in outcomes:
            delivery, key = outcome.delivery, outcome.delivery.channel.key
            if outcome.failure is None:
                failing.pop(key, None)
                entries = tuple(e.told(key) if e.key in delivery.keys else e for e in entries)
                for start in delivery.woken:
                    parts.store.meta.set(_woken_key(parts, delivery.channel, start, now), now.timestamp())
            else:
                failing[key] = _failed(delivery.channel, outcome.failure, failing.get(key), now)
                entries = tuple(e.refused(key, now) if e.key in delivery.keys else e for e in entries)
        channels = {channel.key for channel in parts.channels()}
        outbox.save(parts, (entry for entry in entries if any(map(entry.is_for, channels))))
        _keep(parts, {key: one for key, one in failing.items() if key in channels})


def _failed(channel: Notifier, failure: CalwatchError, before: Failing | None, now: datetime) -> Failing:
    tries = before.tries + 1 if before else 1
    pause = PAUSES[-1] if isinstance(failure, Stop) else PAUSES[min(tries, len(PAUSES)) - 1]
    if isinstance(failure, Retry) and failure.after is not None:
        pause = max(pause, timedelta(seconds=min(failure.after, GIVEN_UP.total_seconds())))
    why = str(failure)
    if before is None or before.why != why:
        log.warning("a message was not delivered by %s: %s", channel.label, why)
    return Failing(since=before.since if before else now, next=now + pause, tries=tries, why=why)


def _failing(parts: Parts) -> dict[str, Failing]:
    return {key: Failing.read(kept) for key, kept in (parts.store.meta.get(KEPT) or {}).items()}


def _keep(parts: Parts, failing: dict[str, Failing]) -> None:
    if failing or parts.store.meta.get(KEPT):
        parts.store.meta.set(KEPT, {key: one.written() for key, one in failing.items()})
