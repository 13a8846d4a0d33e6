"""The table of ways to reach the person; to add one, copy ``log.py`` and add a line to ``NOTIFIERS``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calwatch.notify import apprise_urls, log
from calwatch.notify.options import NotifyOptions
from calwatch.ports import Notifier

NOTIFIERS: dict[str, Callable[[NotifyOptions], Sequence[Notifier]]] = {
    "apprise": apprise_urls.channels,
    "log": log.channels,
}
"""Name → what makes its channels from the options; a notifier that is not configured gives none."""
