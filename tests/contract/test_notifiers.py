"""What every notifier keeps: it delivers once, or raises Retry or Stop, and never shows the secret of its URL."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from calwatch.errors import Retry, Stop
from calwatch.notify import channels
from calwatch.notify.options import NotifyOptions
from calwatch.notify.table import NOTIFIERS
from calwatch.ports import Notice

NOTICE = Notice(title="Thu 14:00 needs a decision", body="Ready for you.", urgent=True)


class Receiver:
    """A loopback HTTP server that takes messages, or refuses them."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, object]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/hidden-path"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    started = Receiver()
    yield started
    started.close()


def test_apprise_delivers_title_and_body_as_they_are(receiver: Receiver) -> None:
    (channel,) = channels(NotifyOptions(urls=(receiver.url,)))
    channel.notify(NOTICE)
    (body,) = receiver.bodies
    assert body["title"] == NOTICE.title
    assert body["message"] == NOTICE.body


def test_a_message_that_was_not_taken_is_tried_again_and_the_url_stays_secret(receiver: Receiver) -> None:
    receiver.status = 500
    (channel,) = channels(NotifyOptions(urls=(receiver.url,)))
    with pytest.raises(Retry) as caught:
        channel.notify(NOTICE)
    assert "hidden" not in str(caught.value)
    assert "hidden" not in repr(channel)


def test_a_url_that_apprise_does_not_know_stops() -> None:
    (channel,) = channels(NotifyOptions(urls=("nonsense://hidden-token",)))
    with pytest.raises(Stop) as caught:
        channel.notify(NOTICE)
    assert "hidden" not in str(caught.value)


def test_each_url_is_a_channel_of_its_own_so_that_a_retry_repeats_nothing(tmp_path: Path) -> None:
    listed = tmp_path / "urls"
    listed.write_text("# mine\njson://127.0.0.1:1/a\n\njson://127.0.0.1:1/b\n", encoding="utf-8")
    options = NotifyOptions(urls=("json://127.0.0.1:1/a",), urls_file=listed)
    assert [channel.label for channel in channels(options)] == ["json", "json"]


def test_an_unreadable_file_of_urls_stops(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="urls_file"):
        channels(NotifyOptions(urls_file=tmp_path / "missing"))


def test_the_log_is_there_when_nothing_else_is(caplog: pytest.LogCaptureFixture) -> None:
    (channel,) = channels(NotifyOptions())
    with caplog.at_level(logging.INFO, logger="calwatch.notify"):
        channel.notify(NOTICE)
    assert "Thu 14:00 needs a decision: Ready for you." in caplog.text
    assert sorted(NOTIFIERS) == ["apprise", "log"]
