"""What time alone makes worth telling: a letter that waits, a start that comes near, an account unread for long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from calwatch.model.case import Intent, Weight
from calwatch.model.draft import Draft
from calwatch.model.trouble import Case
from calwatch.model.workdays import PHONE_WITHIN
from calwatch.notify.topics import Topic
from calwatch.pipeline import outbox
from calwatch.pipeline.parts import AccountState, Health, Parts

LATE = timedelta(hours=12)
"""A step that was missed for longer (the service slept) is not made up for."""

UNREAD = timedelta(hours=1)
"""An account whose last good reading is older is told of."""

AGAIN = timedelta(days=1)
"""How often the same state of an account is told."""

CALLING = frozenset({Intent.RESCHEDULE, Intent.WITHDRAW})
"""Letters that a call can stand for; whoever cancelled themselves need not be called."""

_TOPICS = {
    AccountState.NEEDS_SIGN_IN: Topic.SIGN_IN,
    AccountState.ERROR: Topic.ERROR,
    AccountState.DEGRADED: Topic.DEGRADED,
}


def of_drafts(parts: Parts, waiting: Iterable[Draft], now: datetime) -> datetime | None:
    """Puts what is due for these drafts; gives when the next step is."""
    upcoming: list[datetime] = []
    for draft in waiting:
        case = parts.store.cases.get(draft.case_id)
        if case.weight is not Weight.CLASH:
            continue  # a question asks once
        for topic, moment, key in _steps(parts, draft, case):
            if moment > now:
                upcoming.append(moment)
            elif now - moment < LATE and moment > draft.created:
                outbox.put(parts, f"{key}:{draft.id}", topic, draft=draft.id)
    return min(upcoming, default=None)


def _steps(parts: Parts, draft: Draft, case: Case) -> list[tuple[Topic, datetime, str]]:
    wish = parts.preferences.notify
    steps = [(Topic.NUDGE, draft.created + after, f"nudge{int(after.total_seconds())}") for after in wish.nudge]
    if wish.nudge:
        days = range(1, 15)
        steps += [(Topic.NUDGE, draft.created + max(wish.nudge) + timedelta(days=d), f"daily{d}") for d in days]
    calls = draft.letter.intent in CALLING
    reminders = [before for before in wish.remind if not (calls and before == PHONE_WITHIN)]
    steps += [(Topic.REMIND, case.start - before, f"remind{int(before.total_seconds())}") for before in reminders]
    if calls:  # in place of that reminder, and a moment later: from then on its urgency is "now"
        steps.append((Topic.CALL, case.start - PHONE_WITHIN + timedelta(seconds=1), "call"))
    return [step for step in steps if step[1] < case.start]


def account_unwell(parts: Parts, account: str, state: str, detail: str) -> None:
    """An account began to need the person; what may pass by itself is told when it has lasted (``of_accounts``)."""
    if state in (AccountState.NEEDS_SIGN_IN, AccountState.ERROR):
        _tell(parts, account, AccountState(state), detail)


def of_accounts(parts: Parts, now: datetime) -> datetime | None:
    """Puts the accounts that were not read for long, once a day each; gives when the next one is due."""
    upcoming = []
    for name in parts.accounts:
        health = parts.health.get(name, Health())
        if health.state is AccountState.OK:
            continue
        since = _unread_since(parts, name, health, now) + UNREAD
        told = parts.store.meta.get(_key(name, health.state))
        due = max(since, datetime.fromtimestamp(told, tz=UTC) + AGAIN) if told else since
        if due <= now:
            _tell(parts, name, health.state, health.detail)
            due = now + AGAIN
        upcoming.append(due)
    return min(upcoming, default=None)


def _unread_since(parts: Parts, account: str, health: Health, now: datetime) -> datetime:
    """The last good reading; of an account that was never read when that was first noticed."""
    if health.last_sync is not None:
        return health.last_sync
    first = parts.store.meta.get(f"unread:{account}")
    if first is None:
        parts.store.meta.set(f"unread:{account}", now.timestamp())
        return now
    return datetime.fromtimestamp(first, tz=UTC)


def _tell(parts: Parts, account: str, state: AccountState, detail: str) -> None:
    key = _key(account, state)
    now = parts.now()
    told = parts.store.meta.get(key)
    if told is None or now.timestamp() - told >= AGAIN.total_seconds():
        parts.store.meta.delete(key)
        outbox.put(parts, key.removeprefix("told:"), _TOPICS[state], account=account, text=detail)


def _key(account: str, state: AccountState) -> str:
    return f"told:account:{account}:{state.value}"
