"""What commands share: the loaded settings, the store opened for reading, and finding what an argument means."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from calwatch.cli import out
from calwatch.clock import SystemClock
from calwatch.errors import NotFound, UsageError
from calwatch.model.booking import Booking, Interview
from calwatch.settings import Settings, load

if TYPE_CHECKING:
    from calwatch.store import Store

_FAR = timedelta(days=400)
_RECENT = timedelta(days=1)
"""A piece of title means what is ahead, or only just over."""


def settings_of(args: argparse.Namespace) -> Settings:
    """The configuration the command line names; raises ConfigError."""
    return load(args.config)


@contextmanager
def reading(settings: Settings) -> Iterator[Store]:
    """The store for reading; without any service run so far it is simply empty."""
    from calwatch.store import open_store

    store = open_store(settings.state, read_only=True)
    try:
        yield store
    finally:
        store.close()


def now() -> datetime:
    """The present moment, from the clock."""
    return SystemClock().now()


def find_booking(store: Store, event: str, zone: str, *, prefer_interviews: bool = True) -> Booking:
    """What EVENT means: our number, a uid, or a piece of title, else of company, that fits one appointment only.

    Of the occurrences of one series the next is meant; where a title fits an interview and other things too, such as
    preparing for it, the interview (``prefer_interviews``). Raises NotFound, and UsageError listing the candidates.
    """
    found = store.bookings.matching(event, since=now() - _RECENT)
    originals = [b for b in found if b.twin_of is None] or found or _of_company(store, event)
    if not originals:
        raise NotFound(f"no event is {event!r}; `calwatch interviews` lists them with their numbers")
    if prefer_interviews and len(originals) > 1:
        originals = [b for b in originals if store.bookings.facts(b.id).recognised] or originals
    if len({b.event.uid for b in originals}) == 1:
        ahead = [b for b in originals if b.event.end > now()]
        return (ahead or originals[-1:])[0]
    listed = "\n".join(
        f"  {b.id}  {out.stretch(b.event.start, b.event.end, zone)}  {b.event.summary}" for b in originals[:10]
    )
    raise UsageError(f"{event!r} fits {len(originals)} events; name one by its number:\n{listed}")


def _of_company(store: Store, company: str) -> list[Booking]:
    """The coming interviews with a company; companies stand in most lists, and not in every title."""
    wanted, since = company.strip().casefold(), now() - _RECENT
    rows = store.bookings.interviews(since, since + _FAR) if wanted else []
    return [booking for booking, known, _ in rows if wanted in (known.company or "").casefold()]


def service_runs(settings: Settings) -> bool:
    """Whether a service (or another command that acts) holds the state folder."""
    from calwatch.store.lock import holder

    return holder(settings.state) is not None


def notices(store: Store, settings: Settings, moment: datetime) -> list[str]:
    """What was noticed about interviews ahead that needs no draft."""
    from calwatch.store.overview import remarks

    return [
        f"{interview.lead.event.summary}: {why}"
        for interview in upcoming(store, settings, moment)
        for why in remarks(store, interview)
    ]


def upcoming(store: Store, settings: Settings, moment: datetime) -> tuple[Interview, ...]:
    """The interviews ahead within the horizon, sessions that one mail would deal with joined."""
    from calwatch.store import overview

    return overview.upcoming(store, zone=settings.you.timezone, horizon=settings.watch.horizon, now=moment)
