"""What the wiring itself promises: one dead channel does not repeat a message on the others; errors tell no titles."""

from __future__ import annotations

import http.server
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from calwatch.errors import CalwatchError
from calwatch.notify.options import NotifyOptions
from calwatch.ports import Notice
from calwatch.store.engine import Database
from calwatch.wiring import notifier

NOTICE = Notice(title="Thu 14:00 needs a decision", body="Ready for you.")


class _Takes(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Quiet."""


def say(*urls: str) -> None:
    settings: Any = SimpleNamespace(notify=NotifyOptions(urls=urls))
    notifier(settings)(NOTICE)


def test_a_message_that_arrived_somewhere_is_said() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Takes) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        say("nonsense://x", f"json://127.0.0.1:{server.server_port}/")


def test_a_message_that_arrived_nowhere_is_an_error() -> None:
    with pytest.raises(CalwatchError):
        say("nonsense://x", "nonsense://y")


def test_an_error_of_the_database_tells_no_values() -> None:
    database = Database(None, read_only=False)
    with pytest.raises(DBAPIError) as raised, database.write() as connection:
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (?)", ("Interview with Acme",))
    assert "Acme" not in str(raised.value)
    database.close()
