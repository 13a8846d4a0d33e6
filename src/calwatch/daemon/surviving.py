"""What keeps the service alive: nothing that one pass raises ends it."""

from __future__ import annotations

import logging
import traceback

from calwatch.errors import CalwatchError

log = logging.getLogger(__name__)


class Surviving:
    """The outer loop's protection: nothing that a pass raises ends the service."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, CalwatchError):
            log.error("a pass did not finish", exc_info=error)
        elif isinstance(error, Exception):
            log_bug("a pass did not finish", error)
        return isinstance(error, Exception)


def log_bug(what: str, bug: Exception) -> None:
    """Says where it happened; not what with, for that may be somebody's title or words."""
    log.error("%s: %s\n%s", what, type(bug).__name__, "".join(traceback.format_tb(bug.__traceback__)))
