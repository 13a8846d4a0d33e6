"""Mails already read, in memory and bounded: a mail under its id never changes, so none is fetched twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from calwatch.model.message import Message

_MOST = 2_000
_MOST_CHARACTERS = 20_000_000
_MOST_RECENT = 200


@dataclass(frozen=True, slots=True)
class Mailed:
    """One mail and the labels it had when it was read."""

    message: Message
    labels: frozenset[str]


class Kept:
    """The mails read last, whole or as envelopes, and the ids of those that came last. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._mails: OrderedDict[tuple[str, bool], Mailed] = OrderedDict()
        self._named: dict[str, str] = {}
        self._characters = 0
        self._recent: OrderedDict[str, None] = OrderedDict()

    def get(self, ref: str, *, envelope: bool = False) -> Mailed | None:
        """A mail read before; whoever wants an ``envelope`` is served by the whole mail, too."""
        with self._lock:
            for key in ((ref, False), (ref, True)) if envelope else ((ref, False),):
                if key in self._mails:
                    self._mails.move_to_end(key)
                    return self._mails[key]
        return None

    def put(self, ref: str, mailed: Mailed, *, envelope: bool = False) -> None:
        with self._lock:
            self._take_out((ref, envelope))
            self._mails[ref, envelope] = mailed
            self._characters += len(mailed.message.text)
            if not envelope:
                self._named[mailed.message.message_id] = ref
            while len(self._mails) > _MOST or (self._characters > _MOST_CHARACTERS and self._mails):
                self._take_out(next(iter(self._mails)))

    def forget(self, ref: str) -> None:
        """Its labels changed, or it is gone."""
        with self._lock:
            self._recent.pop(ref, None)
            self._take_out((ref, False))
            self._take_out((ref, True))

    def refs_of(self, message_ids: Iterable[str]) -> dict[str, str]:
        """Message-ID → ref of those mails that are here whole."""
        with self._lock:
            return {name: self._named[name] for name in message_ids if name in self._named}

    def came(self, ref: str) -> None:
        """It has just come, so that a search index may not know it."""
        with self._lock:
            self._recent[ref] = None
            self._recent.move_to_end(ref)
            if len(self._recent) > _MOST_RECENT:
                self._recent.popitem(last=False)

    def recent(self) -> tuple[str, ...]:
        """What came last, newest first."""
        with self._lock:
            return tuple(reversed(self._recent))

    def _take_out(self, key: tuple[str, bool]) -> None:
        mailed = self._mails.pop(key, None)
        if mailed is not None:
            self._characters -= len(mailed.message.text)
            if self._named.get(mailed.message.message_id) == key[0] and not key[1]:
                del self._named[mailed.message.message_id]
