"""Letting go of what is no longer needed: bodies soon after a case is closed, the rest after ``storage.keep``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from calwatch.model.booking import Source
from calwatch.model.case import OPEN_STATES
from calwatch.model.draft import Draft
from calwatch.store import codec
from calwatch.store.concern import Concern
from calwatch.store.drafts import Drafts
from calwatch.store.rows import chunks
from calwatch.store.tables import (
    bookings,
    case_bookings,
    cases,
    drafts,
    history,
    messages,
    questions,
    requests,
    sightings,
)

BODIES_KEPT = timedelta(days=1)
"""A dismissed letter can be reopened as it was for a day after its case was closed; then its words go."""

GONE_KEPT = timedelta(days=30)
"""How long an appointment that vanished stays known when no case refers to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much was let go."""

    bodies: int = 0
    cases: int = 0
    bookings: int = 0
    messages: int = 0

    def __bool__(self) -> bool:
        return bool(self.bodies or self.cases or self.bookings or self.messages)


class Pruning(Concern):
    """What ``store.prune`` does."""

    def prune(self, now: datetime, keep: timedelta) -> Pruned:
        """Drops bodies of closed cases, and cases, gone bookings, mail, answers and trail older than ``keep``."""
        limit = codec.seconds(now - keep)
        with self._database.write() as connection:
            bodies = self._drop_bodies(codec.seconds(now - BODIES_KEPT))
            old = select(cases.c.id).where(cases.c.person == self._person, cases.c.closed_at < limit)
            for table in (history, questions):
                connection.execute(delete(table).where(table.c.person == self._person, table.c.case_id.in_(old)))
            gone_cases = connection.execute(
                delete(cases).where(cases.c.person == self._person, cases.c.closed_at < limit)
            ).rowcount
            connection.execute(
                delete(requests).where(requests.c.person == self._person, requests.c.finished_at < limit)
            )
            connection.execute(
                delete(history).where(
                    history.c.person == self._person, history.c.case_id.is_(None), history.c.at < limit
                )
            )
            return Pruned(
                bodies=bodies, cases=gone_cases, bookings=self._drop_bookings(now), messages=self._drop_messages(limit)
            )

    def drop_bodies(self, case_id: int) -> int:
        """Drops the words of the letters of one case at once, whatever its age; gives how many."""
        return self._blank(Drafts(self._database, self._person).of_case(case_id))

    def _drop_bodies(self, limit: int) -> int:
        closed = select(cases.c.id).where(cases.c.person == self._person, cases.c.closed_at < limit)
        query = select(drafts.c.case_id).where(drafts.c.person == self._person, drafts.c.case_id.in_(closed)).distinct()
        with self._database.read() as connection:
            ids = list(connection.scalars(query))
        return sum(self.drop_bodies(case_id) for case_id in ids)

    def _blank(self, found: list[Draft]) -> int:
        blanked = 0
        with self._database.write() as connection:
            for draft in found:
                if draft.state in OPEN_STATES or not (draft.letter.content.text or draft.letter.phone):
                    continue
                content = replace(draft.letter.content, text="")
                letter = replace(draft.letter, content=content, slot_lines=(), alternative_lines=(), phone=None, why=())
                Drafts(self._database, self._person).blank(connection, replace(draft, letter=letter))
                blanked += 1
        return blanked

    def _drop_bookings(self, now: datetime) -> int:
        named = select(case_bookings.c.booking_id).where(case_bookings.c.person == self._person)
        with self._database.write() as connection:
            return connection.execute(
                delete(bookings).where(
                    bookings.c.person == self._person,
                    bookings.c.gone_at < codec.seconds(now - GONE_KEPT),
                    bookings.c.id.not_in(named),
                )
            ).rowcount

    def _drop_messages(self, limit: int) -> int:
        """Old mail goes, except where a booking still rests on its invitation."""
        resting = select(sightings.c.ref).where(
            sightings.c.person == self._person,
            sightings.c.source == Source.MAIL.value,
            sightings.c.account == messages.c.account,
            sightings.c.ref == messages.c.ref,
        )
        query = select(messages.c.id).where(
            messages.c.person == self._person, messages.c.date < limit, ~resting.exists()
        )
        with self._database.write() as connection:
            ids = list(connection.scalars(query))
            for chunk in chunks(ids):
                connection.execute(delete(messages).where(messages.c.id.in_(chunk)))
        return len(ids)
