"""Logging to stderr, with personal data and secrets taken out before a line is written."""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback

from calwatch.model.plain import many_lines

_REDACTIONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b([a-z][a-z0-9+.-]{1,19})://[^\s\"'<>]+", re.IGNORECASE), r"\1://[…]"),
    (re.compile(r"/([kop])/[A-Za-z0-9_-]{16,}"), r"/\1/[…]"),  # the page's keys and links
    (re.compile(r"\bBearer\s+[^\s\"',]+", re.IGNORECASE), "Bearer […]"),
    (
        re.compile(
            r"\b((?:access_|refresh_|id_)?token|password|passwd|secret|client_secret|api[_-]?key|code|authorization)"
            r"(\"?'?\s*[=:]\s*)(?!Bearer )[\"']?[^\s\"',&}]+",
            re.IGNORECASE,
        ),
        r"\1\2[…]",
    ),
    (re.compile(r"[^\s@<>\"'(),;:]{1,64}@[A-Za-z0-9.-]{1,255}"), "[address]"),
    (re.compile(r"\b[A-Za-z0-9_-]{40,}\b"), "[…]"),
)
_NOISY = ("apscheduler", "apprise", "urllib3", "alembic", "googleapiclient", "msal", "waitress")


def redact(text: str) -> str:
    """``text`` without mail addresses, URLs behind their scheme, tokens and passwords, and safe for a terminal."""
    for pattern, replacement in _REDACTIONS:
        text = pattern.sub(replacement, text)
    return many_lines(text)


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, so arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure(level: str = "INFO") -> None:
    """Sends all logs to stderr at ``level``; without a time of its own when journald adds one."""
    handler = logging.StreamHandler(sys.stderr)
    stamp = "" if os.environ.get("JOURNAL_STREAM") else "%(asctime)s "
    handler.setFormatter(RedactingFormatter(f"{stamp}%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("googleapiclient.http").setLevel(logging.ERROR)  # warns of refusals that we tell in words
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # warns whenever a browser asks for four files


def log_bug(log: logging.Logger, what: str, bug: Exception) -> None:
    """Says where it happened; not what with, for that may be somebody's title or words, or a key of the page."""
    log.error("%s: %s\n%s", what, type(bug).__name__, "".join(traceback.format_tb(bug.__traceback__)))
