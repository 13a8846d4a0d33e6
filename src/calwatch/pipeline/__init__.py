"""The story of calwatch, in order; the first file to read.

::

    accounts ──► watch ──► detect ──► propose ──► draft ──► approve ──► send ──► close
     calendar     what       what is     which       the        the        mail,     answered?
     + mailbox   changed     wrong      times are   words      person     RSVP,     holds freed
                                        free                              holds

``pull`` (watch) takes over what changed; ``assess`` (detect) opens, settles and closes cases; ``letters`` (propose,
draft)
writes; ``requests`` (approve) does what the person asks; ``deliver`` and ``effects`` (send) act on the outside world;
``closing`` (close) reads the answer; ``notices`` tells. The deciding itself is in the pure floors below, one folder
each.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from calwatch.errors import StoreDamaged
from calwatch.model.case import DraftState
from calwatch.pipeline import assess, deliver, effects, explain, mailbox, notices, preflight, requests, times
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
            notices.flush(self.parts)

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

    def full_pass(self) -> bool:
        """Everything once, in order; whether every account could be read."""
        complete = self.pull_all()
        self.assess()
        self.act()
        return complete

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
        """When ``assess`` and ``act`` have something to do without any change from outside."""
        with self.parts.lock:
            moments = [self.parts.store.cases.next_due(), notices.remind(self.parts, self.parts.now())]
        known = [moment for moment in moments if moment is not None]
        return min(known, default=None)

    def drain(self, patience: timedelta) -> None:
        """Finishes what is due already and can finish: used by ``run --once`` and by commands without a service."""
        until = self.parts.now() + patience
        for _ in range(20):
            self.act()
            due = self.parts.store.cases.next_due()
            if due is None or due > min(until, self.parts.now()):
                return
