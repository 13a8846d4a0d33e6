"""The service goes on: whatever a pass raises, whatever is asked meanwhile, and whatever a command says to it."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from calwatch.daemon.line import answer_one
from calwatch.daemon.service import Service
from calwatch.errors import Retry, Stop
from calwatch.pipeline import Health
from calwatch.pipeline.telling import Delivery, Outcome
from calwatch.ports import Notice
from calwatch.wiring import read_health, write_health

PATIENCE = 5.0


class Story:
    """A pipeline of which only the calls are interesting."""

    def __init__(self) -> None:
        self.parts = SimpleNamespace(
            accounts={"personal": SimpleNamespace(remote=False)},
            health={"personal": Health()},
            tallies=Counter(),
            store=SimpleNamespace(counters=SimpleNamespace(rows_written=0)),
            lock=threading.RLock(),
        )
        self.done: list[str] = []
        self.trouble: dict[str, Exception] = {}
        self.at_work, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.label = self.key = "phone"
        self.news: list[Notice] = []
        self.telling, self.heard = threading.Event(), threading.Event()

    def _do(self, what: str) -> None:
        with self.parts.lock:
            self.done.append(what)
            self.at_work.set()
            self.go_on.wait(PATIENCE)
            if what in self.trouble:
                raise self.trouble[what]

    def read(self, _name: str) -> str:
        self.done.append("read")
        self.at_work.set()
        self.go_on.wait(PATIENCE)
        if "read" in self.trouble:
            raise self.trouble["read"]
        return "a reading"

    def stumbled(self, name: str) -> None:
        self.done.append(f"stumbled over {name}")

    def pull(self, _name: str, reading: str | None) -> None:
        self._do("pull" if reading is None else f"pull {reading}")

    def assess(self) -> None:
        self._do("assess")

    def act(self) -> None:
        self._do("act")

    def has_news(self) -> bool:
        return bool(self.news)

    def to_tell(self) -> list[Delivery]:
        """One message for a channel that takes its time."""
        news, self.news = self.news, []
        return [Delivery(self, notice, frozenset()) for notice in news]

    def notify(self, _notice: Notice) -> None:
        self.telling.set()
        if not self.heard.wait(PATIENCE):
            raise Retry("it did not answer")

    def told(self, outcomes: Sequence[Outcome]) -> None:
        self.done += ["refused" if outcome.failure else "told" for outcome in outcomes]

    def next_due(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def stories() -> list[Story]:
    """Every pipeline the service has opened, the newest last."""
    return []


@pytest.fixture
def service(tmp_path: Path, stories: list[Story]) -> Iterator[Service]:
    def opened(_settings: Any) -> Any:
        stories.append(Story())
        return SimpleNamespace(pipeline=stories[-1], settings=settings, close=lambda: None)

    page = SimpleNamespace(listen="")
    settings: Any = SimpleNamespace(state=tmp_path, watch=SimpleNamespace(every=timedelta(hours=1)), approval=page)
    service = Service(settings, lambda: settings, opened)
    service._scheduler.start()
    yield service
    for story in stories:
        story.go_on.set()
    if service._scheduler.running:
        service._finish()


def test_what_is_asked_while_it_decides_is_done_right_after(service: Service, stories: list[Story]) -> None:
    (story,) = stories
    story.go_on.clear()
    service._answer("poke")
    assert story.at_work.wait(PATIENCE)
    assert service._answer("poke") == "ok"
    time.sleep(0.1)  # the scheduler hands it over
    story.go_on.set()
    until(lambda: story.done.count("act") == 2)


@pytest.mark.parametrize("trouble", [KeyError("a title"), Stop("the disk is full")], ids=["bug", "disk"])
def test_a_pass_that_fails_is_tried_again(service: Service, stories: list[Story], trouble: Exception) -> None:
    (story,) = stories
    story.trouble = {"assess": trouble}
    service._assess()
    assert "act" in story.done, "what the person asks for is done all the same"
    due = service._scheduler.get_job("assess").next_run_time - datetime.now(UTC)
    assert due < timedelta(minutes=2)


def test_a_slow_notifier_is_waited_for_by_nobody(service: Service, stories: list[Story]) -> None:
    (story,) = stories
    story.news = [Notice(title="Thu 14:00 needs a decision", body="")]
    service._answer("poke")
    assert story.telling.wait(PATIENCE)
    assert story.parts.lock.acquire(timeout=1), "a command could act now"
    story.parts.lock.release()
    service._answer("poke")
    until(lambda: story.done.count("act") == 2)
    assert "told" not in story.done
    story.heard.set()
    until(lambda: "told" in story.done)


def test_what_was_told_during_a_reload_is_written_down_after_it(service: Service, stories: list[Story]) -> None:
    old = stories[0]
    old.news = [Notice(title="Thu 14:00 needs a decision", body="")]
    service._answer("poke")
    assert old.telling.wait(PATIENCE)
    assert service._answer("reload") == "ok"
    old.heard.set()
    until(lambda: "told" in stories[1].done)
    assert "told" not in old.done


def remotely(story: Story) -> Story:
    story.parts.accounts = {"personal": SimpleNamespace(remote=True)}
    return story


def test_a_slow_account_is_waited_for_by_nobody_else(service: Service, stories: list[Story]) -> None:
    story = remotely(stories[0])
    story.go_on.clear()
    reading = threading.Thread(target=service._pull, args=["personal"])
    reading.start()
    assert story.at_work.wait(PATIENCE)
    assert story.parts.lock.acquire(blocking=False), "a command could act now"
    story.parts.lock.release()
    story.go_on.set()
    reading.join(PATIENCE)
    assert story.done[:2] == ["read", "pull a reading"]  # and then, at any moment, it decides


def test_what_was_read_before_a_reload_is_not_taken_over_after_it(service: Service, stories: list[Story]) -> None:
    old = remotely(stories[0])
    old.go_on.clear()
    reading = threading.Thread(target=service._pull, args=["personal"])
    reading.start()
    assert old.at_work.wait(PATIENCE)
    assert service._answer("reload") == "ok"
    old.go_on.set()
    reading.join(PATIENCE)
    assert old.done == ["read"]


def test_a_bug_while_reading_a_slow_account_ends_nothing(
    service: Service, stories: list[Story], caplog: pytest.LogCaptureFixture
) -> None:
    remotely(stories[0]).trouble = {"read": KeyError("Interview with Acme")}
    service._pull("personal")
    assert stories[0].done == ["read", "stumbled over personal"]
    assert "KeyError" in caplog.text
    assert "Acme" not in caplog.text


def test_a_bug_is_logged_without_what_it_stumbled_over(
    service: Service, stories: list[Story], caplog: pytest.LogCaptureFixture
) -> None:
    stories[0].trouble = {"pull": KeyError("Interview with Acme")}
    service._pull("personal")
    assert "KeyError" in caplog.text
    assert "Acme" not in caplog.text


def test_an_earlier_pass_is_never_put_off(service: Service) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=30)
    service._assess_at(soon)
    service._assess_at(soon + timedelta(hours=1))
    assert service._scheduler.get_job("assess").next_run_time == soon


def test_what_was_counted_is_counted_on_after_a_reload(service: Service, stories: list[Story]) -> None:
    stories[0].parts.tallies["send:accepted"] += 2
    assert service._answer("reload") == "ok"
    assert service._answer("reload") == "ok"
    assert [story.parts.tallies["send:accepted"] for story in stories] == [2, 2, 2]


def test_a_reload_that_stumbles_leaves_the_service_as_it_is(service: Service) -> None:
    def broken() -> Any:
        raise ValueError("something nobody thought of")

    service._reread = broken
    assert service._answer("reload").startswith("error")


def test_after_a_reload_nothing_is_done_with_the_old_configuration(service: Service, stories: list[Story]) -> None:
    old = stories[0]
    old.go_on.clear()
    first = threading.Thread(target=service._assess)
    first.start()
    assert old.at_work.wait(PATIENCE)
    waiting = threading.Thread(target=service._pull, args=["personal"])
    waiting.start()
    reload = threading.Thread(target=service._reload)
    reload.start()
    until(lambda: len(stories) == 2)
    assert stories[1].done == [], "two of them never act at once"
    old.go_on.set()
    for thread in (first, waiting, reload):
        thread.join(PATIENCE)
    before = list(old.done)
    service._pull("personal")
    assert old.done == before
    assert stories[1].parts.lock is old.parts.lock


def test_a_command_that_goes_away_at_once_does_no_harm(service: Service) -> None:
    class Gone(socket.socket):
        def accept(self) -> Any:
            raise ConnectionAbortedError

    with Gone(socket.AF_UNIX) as listener:
        answer_one(listener, service._answer)


def test_accounts_read_at_the_same_time_do_not_trip_over_the_health_file(tmp_path: Path) -> None:
    health = {str(number): Health() for number in range(50)}
    failed: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(50):
                write_health(tmp_path, health)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(read_health(tmp_path)) == 50
    assert [path.name for path in tmp_path.iterdir()] == ["health.json"]


def test_it_stops_also_while_a_job_is_at_work(service: Service, stories: list[Story]) -> None:
    (story,) = stories
    story.go_on.clear()
    service._answer("poke")
    assert story.at_work.wait(PATIENCE)
    end = threading.Thread(target=service._finish, daemon=True)
    end.start()
    time.sleep(0.05)  # it waits for the job now
    story.go_on.set()
    end.join(PATIENCE)
    assert not end.is_alive()
