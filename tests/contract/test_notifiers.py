"""What every notifier keeps: it delivers once, or raises Retry or Stop, in time, and never shows its URL's secret."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calwatch.errors import Retry, Stop
from calwatch.notify import channels
from calwatch.notify.apprise_urls import PATIENCE, AppriseNotifier, hush
from calwatch.notify.options import NotifyOptions
from calwatch.notify.standing import Broken, Failing, channels_or_why_not, standings
from calwatch.notify.table import NOTIFIERS
from calwatch.ports import Notice
from fakes.receiver import Receiver

NOTICE = Notice(title="Thu 14:00 needs a decision", body="Ready for you.", urgent=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as started:
        yield started


def the_channel(url: str) -> AppriseNotifier:
    (channel,) = channels(NotifyOptions(urls=(url,)))
    assert isinstance(channel, AppriseNotifier)
    return channel


# --- Apprise, really -----------------------------------------------------------------------------------------------


def test_apprise_delivers_title_and_body_as_they_are(receiver: Receiver) -> None:
    the_channel(receiver.url).notify(NOTICE)
    (body,) = receiver.bodies
    assert body["title"] == NOTICE.title
    assert body["message"] == NOTICE.body
    assert body["type"] == "warning"


def test_a_message_without_more_is_its_title_once(receiver: Receiver) -> None:
    the_channel(receiver.url).notify(Notice(title="Thu 14:00 is off", body=""))
    assert receiver.texts == ["Thu 14:00 is off"]
    assert receiver.bodies[0]["type"] == "info"


def test_apprise_names_neither_itself_nor_its_pictures(receiver: Receiver) -> None:
    url = receiver.url.replace("json://", "ntfy://").replace("hidden-path", "hidden-topic")
    the_channel(url).notify(NOTICE)
    told = json.dumps(receiver.bodies)
    assert "hidden-topic" in told, "ntfy's own shape"
    assert "apprise" not in told.lower()
    assert "http" not in told


@pytest.mark.parametrize(("status", "why"), [(500, "it answered 500"), (401, "it answered 401")])
def test_a_message_that_was_not_taken_is_tried_again_and_the_url_stays_secret(
    receiver: Receiver, status: int, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.status = status
    channel = the_channel(receiver.url)
    with pytest.raises(Retry) as caught:
        channel.notify(NOTICE)
    assert str(caught.value) == why
    assert "hidden" not in f"{channel!r}{channel.label}{channel.key}{''.join(capfd.readouterr())}"


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with Receiver() as gone:
        url = gone.url
    with pytest.raises(Retry, match="could not be reached") as caught:
        the_channel(url).notify(NOTICE)
    assert "hidden" not in str(caught.value)


def test_a_server_that_never_finishes_its_answer_is_left_after_a_bounded_time(receiver: Receiver) -> None:
    """Its timeouts of four seconds each bound no such answer; ours is for the whole."""
    receiver.silent = True
    begin = time.monotonic()
    with pytest.raises(Retry, match="no answer within 4 s"):
        replace(the_channel(receiver.url), patience=4.0).notify(NOTICE)
    assert time.monotonic() - begin < 10
    assert receiver.came.is_set()
    assert PATIENCE <= 30, "systemd gives a service that stops as long"


def test_a_delivery_under_way_ends_when_the_service_stops(receiver: Receiver) -> None:
    receiver.silent = True
    failed: list[Exception] = []

    def deliver() -> None:
        try:
            the_channel(receiver.url).notify(NOTICE)
        except Retry as failure:
            failed.append(failure)

    delivering = threading.Thread(target=deliver)
    delivering.start()
    assert receiver.came.wait(10)
    hush()
    delivering.join(5)
    assert not delivering.is_alive()
    assert len(failed) == 1


@pytest.mark.parametrize("url", ["nonsense://hidden-token", "tgram://hidden/1", "hidden", "json://"])
def test_a_url_that_apprise_does_not_know_stops(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    channel = the_channel(url)
    with pytest.raises(Stop) as caught:
        channel.notify(NOTICE)
    assert "hidden" not in f"{caught.value}{channel.label}{''.join(capfd.readouterr())}"


def test_apprise_is_never_imported_by_the_service_itself(receiver: Receiver) -> None:
    """It would stay for good with a quarter of the service's memory, for a few messages a day."""
    script = (
        "import sys\nfrom calwatch.notify import channels\nfrom calwatch.notify.options import NotifyOptions\n"
        "from calwatch.ports import Notice\n"
        f"channels(NotifyOptions(urls=({receiver.url!r},)))[0].notify(Notice(title='now', body=''))\n"
        "assert 'apprise' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert receiver.texts == ["now"]


# --- which channels there are --------------------------------------------------------------------------------------


def test_each_url_is_a_channel_of_its_own_so_that_a_retry_repeats_nothing(tmp_path: Path) -> None:
    listed = tmp_path / "urls"
    listed.write_text("# mine\njson://127.0.0.1:1/a\n\njson://127.0.0.1:1/b\nntfy://topic\n", encoding="utf-8")
    options = NotifyOptions(urls=("json://127.0.0.1:1/a",), urls_file=listed)
    found = channels(options)
    assert [channel.label for channel in found] == ["json", "json (2)", "ntfy"]
    assert len({channel.key for channel in found}) == 3
    assert [channel.key for channel in channels(options)] == [channel.key for channel in found], "also after a restart"


def test_an_unreadable_file_of_urls_stops(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="urls_file"):
        channels(NotifyOptions(urls_file=tmp_path / "missing"))


def test_for_those_who_go_on_an_unreadable_file_is_a_channel_that_fails(tmp_path: Path) -> None:
    (broken,) = channels_or_why_not(lambda: channels(NotifyOptions(urls_file=tmp_path / "missing")))
    assert isinstance(broken, Broken)
    with pytest.raises(Stop, match="missing cannot be read"):
        broken.notify(NOTICE)
    (one,) = standings((broken,), None)
    assert (one.label, one.state) == ("urls_file", "failing")
    assert "cannot be read" in one.detail


def test_how_a_channel_is_doing_is_told_without_its_secret() -> None:
    from builders import NOW

    works, fails = channels(NotifyOptions(urls=("json://hidden-a", "ntfy://hidden-b")))
    kept = {fails.key: Failing(since=NOW, next=NOW, tries=2, why="it answered 500").written()}
    first, second = standings((works, fails), json.loads(json.dumps(kept)))
    assert (first.label, first.state, first.detail, first.since) == ("json", "ok", "", None)
    assert (second.label, second.state, second.detail, second.since) == ("ntfy", "failing", "it answered 500", NOW)


def test_the_log_is_there_when_nothing_else_is(caplog: pytest.LogCaptureFixture) -> None:
    (channel,) = channels(NotifyOptions())
    with caplog.at_level(logging.INFO, logger="calwatch.notify"):
        channel.notify(NOTICE)
    assert "Thu 14:00 needs a decision: Ready for you." in caplog.text
    assert sorted(NOTIFIERS) == ["apprise", "log"]
