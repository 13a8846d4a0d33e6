"""What there is to tell and who has heard it: kept in the store as facts, put into words only when it is said.

An entry names what it is about, so that what no longer holds by the time a channel works again is never said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from calwatch.notify.topics import DECIDE, Topic
from calwatch.pipeline.parts import Parts

GIVEN_UP = timedelta(days=1)
"""A channel that has not taken something for so long will not hear of it; then it would only be old news."""

_KEPT = "notices:outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to tell, once, to every channel.

    ``draft`` and ``case`` say what about, ``at`` is another time it is about, ``text`` an English sentence. ``done``
    are the keys of the channels that have it, ``failed`` since when one has not taken it; ``only`` limits it to some.
    """

    key: str
    topic: Topic
    queued: datetime
    draft: int | None = None
    case: int | None = None
    account: str = ""
    text: str = ""
    at: datetime | None = None
    found: int = 0
    need: int = 0
    done: frozenset[str] = frozenset()
    failed: Mapping[str, datetime] = field(default_factory=dict)
    only: frozenset[str] | None = None

    def is_for(self, channel: str) -> bool:
        """Whether the channel has yet to be told."""
        return channel not in self.done and (self.only is None or channel in self.only)

    def told(self, channel: str) -> Entry:
        failed = {key: since for key, since in self.failed.items() if key != channel}
        return replace(self, done=self.done | {channel}, failed=failed)

    def refused(self, channel: str, now: datetime) -> Entry:
        """It did not arrive; after a day of that it counts as told."""
        since = self.failed.get(channel, now)
        if now - since >= GIVEN_UP:
            return self.told(channel)
        return replace(self, failed={**self.failed, channel: since})


def put(parts: Parts, key: str, topic: Topic, **facts: Any) -> None:
    """Remembers one thing to tell; the same ``key`` is told only once, also over restarts."""
    if was_put(parts, key):
        return
    with parts.store.write():
        mark(parts, key)
        save(parts, (*load(parts), Entry(key=key, topic=topic, queued=parts.now(), **facts)))


def mark(parts: Parts, key: str) -> None:
    """Counts as told without being told."""
    parts.store.meta.set(f"told:{key}", parts.now().timestamp())


def was_put(parts: Parts, key: str) -> bool:
    return parts.store.meta.get(f"told:{key}") is not None


def load(parts: Parts) -> tuple[Entry, ...]:
    return tuple(_read(kept) for kept in parts.store.meta.get(_KEPT) or ())


def save(parts: Parts, entries: Iterable[Entry]) -> None:
    kept = [_written(entry) for entry in entries]
    if kept or parts.store.meta.get(_KEPT):
        parts.store.meta.set(_KEPT, kept)


def hearers(entries: Collection[Entry], draft: int) -> frozenset[str] | None:
    """Who has heard that a draft waits; ``None``: everybody, for nothing about it is waiting to be told."""
    waiting = [entry for entry in entries if entry.draft == draft and entry.topic in DECIDE]
    first = [entry for entry in waiting if entry.topic in (Topic.READY, Topic.QUESTION)]
    if not first:
        return None
    return frozenset[str]().union(*(entry.done for entry in waiting))


def _written(entry: Entry) -> dict[str, Any]:
    """Without what is empty: most of an entry is."""
    facts: dict[str, Any] = {
        "key": entry.key,
        "topic": entry.topic.value,
        "queued": entry.queued.timestamp(),
        "draft": entry.draft,
        "case": entry.case,
        "account": entry.account,
        "text": entry.text,
        "at": entry.at.timestamp() if entry.at else None,
        "found": entry.found,
        "need": entry.need,
        "done": sorted(entry.done),
        "failed": {channel: since.timestamp() for channel, since in entry.failed.items()},
    }
    written = {name: fact for name, fact in facts.items() if fact not in (None, "", [], {}, 0)}
    return written if entry.only is None else {**written, "only": sorted(entry.only)}


def _read(kept: dict[str, Any]) -> Entry:
    return Entry(
        key=kept["key"],
        topic=Topic(kept["topic"]),
        queued=_moment(kept["queued"]),
        draft=kept.get("draft"),
        case=kept.get("case"),
        account=kept.get("account", ""),
        text=kept.get("text", ""),
        at=_moment(kept["at"]) if "at" in kept else None,
        found=kept.get("found", 0),
        need=kept.get("need", 0),
        done=frozenset(kept.get("done", ())),
        failed={channel: _moment(since) for channel, since in kept.get("failed", {}).items()},
        only=frozenset(kept["only"]) if "only" in kept else None,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
