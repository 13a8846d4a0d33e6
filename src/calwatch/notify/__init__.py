"""Ways to reach the person, one table; to add one, copy ``log.py`` and add a line to ``NOTIFIERS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from calwatch.notify import apprise_urls, log
from calwatch.notify.options import NotifyOptions
from calwatch.ports import Notifier


class Channel(Notifier, Protocol):
    """A notifier with a name that may be shown: it never contains a secret of its URL."""

    @property
    def label(self) -> str: ...


NOTIFIERS: dict[str, Callable[[NotifyOptions], tuple[Channel, ...]]] = {
    "apprise": apprise_urls.channels,
    "log": log.channels,
}
"""Name → what makes its channels from the options; a notifier that is not configured gives none."""


def channels(options: NotifyOptions) -> tuple[Channel, ...]:
    """Every configured channel, each delivering and failing by itself. Raises Stop when ``urls_file`` is unreadable."""
    return tuple(channel for make in NOTIFIERS.values() for channel in make(options))
