"""The story of calwatch, in order; the first file to read.

::

    accounts ──► watch ──► detect ──► propose ──► draft ──► approve ──► send ──► close
     calendar     what       what is     which       the        the        mail,     answered?
     + mailbox   changed     wrong      times are   words      person     RSVP,     holds freed
                                        free                              holds

``pull`` (watch) takes over what changed; ``assess`` (detect) opens, settles and closes cases; ``letters`` (propose,
draft) writes; ``requests`` (approve) does what the person asks; ``deliver`` and ``effects`` (send) act on the outside
world; ``closing`` (close) reads the answer; ``notices`` says what there is to tell, and ``telling`` tells it. The
deciding itself is in the pure floors below, one folder each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from calwatch.errors import StoreDamaged
from calwatch.model.case import DraftState
from calwatch.pipeline import assess, deliver, effects, explain, mailbox, notices, preflight, requests, telling, times
from calwatch.pipeline.parts import Account, AccountState, Health, Parts, Preferences
from calwatch.pipeline.pull import MAIL_SOURCE, pull
from calwatch.pipeline.reading import Reading, read
from calwatch.propose.slots import Offer

__all__ = ["Account", "Health", "Parts", "Pipeline", "Preferences"]


_NEVER = datetime.min.replace(tzinfo=UTC)

OLD_MAIL = timedelta(days=7)
"""How long an unreadable mail is named in ``status``."""


class Pipeline:
    """Runs the story. One actor at a time: whoever holds the state folder's lock owns the one object of this class."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def read(self, account: str) -> Reading:
        """watch: asks one account what changed; takes no lock and writes nothing. Only for ``remote`` accounts."""
        return read(self.parts, self.parts.accounts[account])

    def stumbled(self, account: str) -> None:
        """Says that reading an account ended in a bug: what is known of it is not up to date any more."""
        health = self.parts.health.setdefault(account, Health())
        health.state, health.detail = AccountState.DEGRADED, "it could not be read because of a bug; the log says where"

    def pull(self, account: str, reading: Reading | None = None) -> bool:
        """watch: one account caught up (by ``reading``); False when something of it could not be read."""
        with self.parts.lock:
            found = self.parts.accounts[account]
            complete = pull(self.parts, found, reading)
            if found.mail is not None and not found.busy_only:
                deliver.watch_drafts(self.parts, found)
            self.parts.tallies["poll:complete" if complete else "poll:partial"] += 1
            return complete

    def pull_all(self) -> bool:
        complete = [self.pull(name) for name in self.parts.accounts]  # every one is read, whatever the first says
        return all(complete)

    def assess(self) -> None:
        """detect, propose, draft: everything dirty or due is decided."""
        with self.parts.lock:
            assess.assess(self.parts)

    def act(self) -> None:
        """approve, send: requests done, drafts staged, approved ones whose undo time is over sent, effects run."""
        with self.parts.lock:
            for request in self.parts.store.requests.pending():
                requests.handle(self.parts, request)
            self._move_drafts()
            for effect in self.parts.store.effects.due(self.parts.now()):
                effects.run(self.parts, effect)
            notices.remind(self.parts, self.parts.now())

    def _move_drafts(self) -> None:
        parts = self.parts
        self._look_after_approvals()
        for draft in mailbox.needing_action(parts):
            match draft.state:
                case DraftState.WAITING:
                    mailbox.stage(parts, draft)
                case DraftState.APPROVED:
                    deliver.attempt(parts, parts.store.drafts.get(draft.id))
                case DraftState.SENDING:
                    deliver.reconcile(parts, draft)
                case _:
                    mailbox.tidy(parts, draft)

    def _look_after_approvals(self) -> None:
        """A forced look at everything right after an approval, and once more right before its letter leaves."""
        parts, now = self.parts, self.parts.now()
        approved = parts.store.drafts.in_states((DraftState.APPROVED,))
        seen = {d.id: preflight.last_look(parts, d) or _NEVER for d in approved}
        fresh = [d for d in approved if seen[d.id] <= (d.approved_at or now)]
        leaving = [d for d in approved if d.due_at is None or d.due_at <= now]
        if fresh or any(seen[d.id] < now - preflight.JUST_READ for d in leaving):
            self.pull_all()
            self.assess()
        for draft in fresh:
            preflight.check(parts, parts.store.drafts.get(draft.id))

    def to_tell(self) -> list[telling.Delivery]:
        """tell: a message for each channel that has something to hear now, to be delivered without the lock."""
        with self.parts.lock:
            return telling.due(self.parts)

    def has_news(self) -> bool:
        """Whether ``to_tell`` would give something."""
        with self.parts.lock:
            due = telling.next_due(self.parts)
            return due is not None and due <= self.parts.now()

    def told(self, outcomes: Sequence[telling.Outcome]) -> None:
        """tell: what became of the messages, written down."""
        with self.parts.lock:
            telling.note(self.parts, outcomes)

    def tell(self) -> None:
        """tell: everything that is due, on every channel; takes as long as they do, and no lock meanwhile."""
        self.told(telling.deliver(self.to_tell()))

    def full_pass(self) -> bool:
        """Everything once, in order; whether every account could be read."""
        complete = self.pull_all()
        self.assess()
        self.act()
        self.tell()
        return complete

    def transmits(self, account: str) -> bool:
        """Whether mail can leave that account at all; asks nobody."""
        found = self.parts.accounts.get(account)
        return found is not None and found.mail is not None and found.mail.transmits

    def why(self, booking_id: int) -> list[str]:
        """Why an event is or is not an interview, and why there is or is not a draft. Raises NotFound."""
        return explain.why(self.parts, booking_id)

    def slots(self, duration: timedelta, count: int | None = None) -> Offer:
        """What would be offered now for an interview of that length; nothing while a calendar cannot be read."""
        unknown = self.parts.unknown_calendars(self.parts.now())
        if unknown:
            words = f"whether {', '.join(unknown)} is free is not known now, so no time can be offered"
            return Offer(slots=(), alternatives=(), windows=False, why=(words,))
        return times.free_times(self.parts, duration=duration, count=count)

    def keep_house(self, keep: timedelta) -> None:
        """Lets go of what ``storage.keep`` no longer covers, and says when the database is not sound any more."""
        with self.parts.lock:
            now = self.parts.now()
            self.parts.store.prune(now, keep)
            for entry in self.parts.store.quarantine.all():
                if f"/{MAIL_SOURCE}/" in entry.source and entry.since < now - OLD_MAIL:
                    self.parts.store.quarantine.clear(entry.source)  # nobody tells when an unreadable mail is deleted
            damage = self.parts.store.check()
        if damage:
            raise StoreDamaged("the database is damaged: " + "; ".join(damage[:3]))

    def next_due(self) -> datetime | None:
        """When ``assess`` and ``act`` have something to do without any change from outside, or ``tell`` again."""
        with self.parts.lock:
            tell = telling.next_due(self.parts)
            moments = [
                self.parts.store.cases.next_due(),
                notices.remind(self.parts, self.parts.now()),
                tell if tell is not None and tell > self.parts.now() else None,  # what is due now is being told
            ]
        known = [moment for moment in moments if moment is not None]
        return min(known, default=None)

    def drain(self, patience: timedelta) -> None:
        """Finishes what is due already and can finish: used by ``run --once`` and by commands without a service."""
        until = self.parts.now() + patience
        for _ in range(20):
            self.act()
            self.tell()
            due = self.parts.store.cases.next_due()
            if due is None or due > min(until, self.parts.now()):
                return
