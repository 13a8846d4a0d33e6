"""The notifier that is always there: one line in the log, for those who have configured nothing else."""

from __future__ import annotations

import logging

from calwatch.notify.options import NotifyOptions
from calwatch.ports import Notice

_logger = logging.getLogger("calwatch.notify")


class LogNotifier:
    """Writes the notice to the log, urgent ones as warnings."""

    label = key = "log"

    def notify(self, notice: Notice) -> None:
        """Writes one line; never fails."""
        text = f"{notice.title}: {notice.body}" if notice.body else notice.title
        _logger.log(logging.WARNING if notice.urgent else logging.INFO, "%s", " ".join(text.split()))


def channels(options: NotifyOptions) -> tuple[LogNotifier, ...]:
    """One log channel, when no other way to reach the person is configured."""
    return () if options.urls or options.urls_file else (LogNotifier(),)
