"""How each way to reach the person is doing, for those who show it; told from what the pipeline keeps in the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from calwatch.errors import Stop
from calwatch.ports import Notice, Notifier

KEPT = "notices:failing"
"""The store's name for what is known of failing channels: by key, as ``Failing.written`` has it."""

OK, FAILING = "ok", "failing"


@dataclass(frozen=True, slots=True)
class Standing:
    """One channel: ``ok``, or ``failing`` with why and since when."""

    label: str
    state: str = OK
    detail: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failing:
    """A channel that does not work: since when, why, after how many tries, and when the next one is."""

    since: datetime
    next: datetime
    tries: int
    why: str

    def written(self) -> dict[str, Any]:
        moments = {"since": self.since.timestamp(), "next": self.next.timestamp()}
        return {**moments, "tries": self.tries, "why": self.why}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Failing:
        since, following = (datetime.fromtimestamp(kept[name], tz=UTC) for name in ("since", "next"))
        return cls(since, following, kept["tries"], kept["why"])


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands for channels that cannot even be named: delivering fails with ``reason``."""

    reason: Stop
    label: str = "urls_file"
    key: str = "urls_file"

    def notify(self, _notice: Notice) -> None:
        raise self.reason


def channels_or_why_not(listed: Callable[[], Sequence[Notifier]]) -> Sequence[Notifier]:
    """The channels; one that always fails when they cannot be listed."""
    try:
        return listed()
    except Stop as reason:
        return (Broken(reason),)


def standings(channels: Sequence[Notifier], kept: Mapping[str, Any] | None) -> list[Standing]:
    """Every channel with what is known of it; ``kept`` is what the store has under ``KEPT``."""
    failing = {key: Failing.read(one) for key, one in (kept or {}).items()}
    return [_standing(channel, failing.get(channel.key)) for channel in channels]


def _standing(channel: Notifier, failing: Failing | None) -> Standing:
    if failing is not None:
        return Standing(channel.label, FAILING, failing.why, failing.since)
    if isinstance(channel, Broken):
        return Standing(channel.label, FAILING, str(channel.reason))
    return Standing(channel.label)
