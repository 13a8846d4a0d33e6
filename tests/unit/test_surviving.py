"""A hang is noticed, whatever else goes on; whoever works, and whoever is idle, does not hang."""

from __future__ import annotations

import pytest

from calwatch.daemon.surviving import STALLED, Progress

LONG = STALLED.total_seconds() + 1


class Seconds:
    """Monotonic seconds by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def progress(seconds: Seconds) -> Progress:
    return Progress(seconds)


def test_work_that_does_not_end_is_a_hang(progress: Progress, seconds: Seconds) -> None:
    with progress.working():
        seconds.now += LONG - 2
        assert not progress.is_stalled()
        seconds.now += 2
        assert progress.is_stalled()
    assert not progress.is_stalled()


def test_work_that_ends_beside_it_hides_no_hang(progress: Progress, seconds: Seconds) -> None:
    with progress.working():
        for _ in range(3):
            seconds.now += LONG / 2
            with progress.working():
                seconds.now += 1
        assert progress.is_stalled()
    assert not progress.is_stalled()


def test_work_that_fails_is_over(progress: Progress, seconds: Seconds) -> None:
    def broken() -> None:
        raise RuntimeError("a bug")

    with progress.working():
        broken()
    seconds.now += LONG
    assert not progress.is_stalled()


def test_an_idle_service_that_comes_round_is_alive(progress: Progress, seconds: Seconds) -> None:
    for _ in range(3):
        seconds.now += LONG - 2
        progress.turn()
        assert progress.is_alive()


def test_a_loop_that_comes_round_no_more_is_not_alive(progress: Progress, seconds: Seconds) -> None:
    progress.turn()
    seconds.now += LONG
    assert (progress.is_stalled(), progress.is_alive()) == (False, False)


def test_a_service_with_a_hang_is_not_alive_although_its_loop_comes_round(progress: Progress, seconds: Seconds) -> None:
    with progress.working():
        seconds.now += LONG
        progress.turn()
        assert not progress.is_alive()
