"""What the wiring itself promises: a file of URLs that cannot be read breaks nothing else; errors tell no titles."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from calwatch.notify.options import NotifyOptions
from calwatch.store.engine import Database
from calwatch.wiring import notifiers


def test_a_file_of_urls_is_read_anew_and_may_be_missing_for_a_while(tmp_path: Path) -> None:
    listed = tmp_path / "urls"
    settings: Any = SimpleNamespace(notify=NotifyOptions(urls_file=listed))
    channels = notifiers(settings)
    assert [channel.label for channel in channels()] == ["urls_file"]
    listed.write_text("json://127.0.0.1/\n", "utf-8")
    assert [channel.label for channel in channels()] == ["json"]


def test_an_error_of_the_database_tells_no_values() -> None:
    database = Database(None, read_only=False)
    with pytest.raises(DBAPIError) as raised, database.write() as connection:
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (?)", ("Interview with Acme",))
    assert "Acme" not in str(raised.value)
    database.close()
