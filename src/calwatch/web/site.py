"""What the page knows of the service it belongs to; a reload makes a new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from calwatch.pipeline.parts import Health
from calwatch.ports import Clock
from calwatch.settings import Settings
from calwatch.store.book import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One person's service as their page sees it.

    ``health`` and ``tallies`` are live, other threads write them; ``wake`` tells the one actor that a request waits.
    ``alive`` says whether the service still gets somewhere.
    ``patience`` is how many seconds a click waits for its answer; then the page says that it is being done.
    """

    settings: Settings
    store: Store
    clock: Clock
    health: Mapping[str, Health]
    wake: Callable[[], None]
    started: datetime
    alive: Callable[[], bool] = lambda: True
    tallies: Counter[str] = field(default_factory=Counter)
    transmits: Callable[[str], bool] = bool  # whether the account of that name can send mail at all
    patience: float = 3.0

    def now(self) -> datetime:
        return self.clock.now()

    @property
    def zone(self) -> str:
        """The person's own time zone (IANA)."""
        return self.settings.you.timezone
