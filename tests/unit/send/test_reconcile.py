"""What an attempt with a lost answer turns out to have been."""

from __future__ import annotations

import itertools

import pytest

from calwatch.model.case import Move
from calwatch.send.reconcile import MAX_ATTEMPTS, Stamp, judge, quiet_left

HERE = Stamp("boot-1", 1000.0)


def test_a_sent_copy_ends_every_doubt() -> None:
    for waiting, quiet in itertools.product((True, False), (0.0, 60.0)):
        assert judge(waiting=waiting, found=True, attempts=1, quiet=quiet, lag_left=600) is Move.ACCEPTED


def test_before_it_is_quiet_nothing_else_is_concluded() -> None:
    for waiting, attempts in itertools.product((True, False), range(1, 5)):
        assert judge(waiting=waiting, found=False, attempts=attempts, quiet=0.1, lag_left=0) is None


def test_still_in_drafts_when_quiet_was_not_sent() -> None:
    assert judge(waiting=True, found=False, attempts=1, quiet=0, lag_left=600) is Move.PROVEN_UNSENT


def test_after_the_last_attempt_it_is_given_up() -> None:
    assert judge(waiting=True, found=False, attempts=MAX_ATTEMPTS, quiet=0, lag_left=0) is Move.GIVE_UP


def test_the_sent_folder_gets_its_time_before_the_person_is_asked() -> None:
    assert judge(waiting=False, found=False, attempts=1, quiet=0, lag_left=1) is None
    assert judge(waiting=False, found=False, attempts=1, quiet=0, lag_left=0) is Move.DOUBT


@pytest.mark.parametrize(("passed", "left"), [(0, 120), (50, 70), (120, 0), (500, 0)])
def test_the_quiet_time_runs_down(passed: float, left: float) -> None:
    assert quiet_left(HERE, Stamp("boot-1", 1000.0 + passed), 120) == left


def test_after_a_reboot_it_starts_again() -> None:
    assert quiet_left(HERE, Stamp("boot-2", 5000.0), 120) == 120


def test_without_a_stamp_it_starts_again() -> None:
    assert quiet_left(None, HERE, 120) == 120
