"""Ways to reach the person: the ``log`` and everything Apprise knows, listed in ``table.NOTIFIERS``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calwatch.notify.options import NotifyOptions
    from calwatch.ports import Notifier


def channels(options: NotifyOptions) -> tuple[Notifier, ...]:
    """Every configured channel, each delivering and failing by itself. Raises Stop when ``urls_file`` is unreadable."""
    from calwatch.notify.table import NOTIFIERS  # here: every command imports this package for its options

    return tuple(channel for make in NOTIFIERS.values() for channel in make(options))
