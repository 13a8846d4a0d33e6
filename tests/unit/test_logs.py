"""Logs carry no personal data and no secrets."""

from __future__ import annotations

import logging
import sys

import pytest

from calwatch.logs import RedactingFormatter, redact


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("reading mail of dana.fox@acme.example failed", "dana"),
        ("POST https://ntfy.sh/my-hidden-topic?auth=1 gave 500", "hidden"),
        ("tgram://123456:ABCdef/99 refused", "ABCdef"),
        ("Authorization: Bearer eyJhbGciOi.J9", "eyJ"),
        ("token=abc123 expired", "abc123"),
        ('{"refresh_token": "1//0abc"}', "1//0abc"),
        ("password = 'correct horse'", "correct"),
        ("cursor " + "Q" * 44, "Q" * 44),
        ("Exception while serving /k/sJ2kQ0_vX4-c8Wm1RrTzYg/d/12", "sJ2k"),
        ("Exception while serving /o/sJ2kQ0_vX4-c8Wm1RrTzYgAAAAAAAAAA", "sJ2k"),
        ("Location: http://127.0.0.1:8765/p/sJ2kQ0_vX4-c8Wm1RrTzYg", "sJ2k"),
    ],
)
def test_a_log_line_keeps_no_secret(line: str, secret: str) -> None:
    assert secret not in redact(line)


def test_harmless_text_stays_readable() -> None:
    line = "pulled personal/calendar: 3 changed, 0 gone, 12 ms"
    assert redact(line) == line


def test_arguments_and_tracebacks_are_redacted_too() -> None:
    try:
        int("dana@acme.example")
    except ValueError:
        record = logging.LogRecord("calwatch", logging.ERROR, "", 0, "for %s", ("tom@globex.example",), sys.exc_info())
    text = RedactingFormatter("%(message)s").format(record)
    assert "dana" not in text
    assert "tom@" not in text
    assert "ValueError" in text


def test_a_terminal_is_not_driven_by_a_log_line() -> None:
    assert "\x1b" not in redact("title \x1b]0;owned\x07")
