"""An API that is left alone: what is said of it meanwhile."""

from __future__ import annotations

import pytest

from calwatch.errors import Retry
from calwatch.providers.remote.pace import Gate
from fakes.clock import ManualClock


def said(gate: Gate) -> str:
    with pytest.raises(Retry) as shut:
        gate.enter()
    return str(shut.value)


def test_while_an_api_is_left_alone_every_pass_says_the_same_so_that_it_is_logged_once() -> None:
    clock = ManualClock()  # 08:00 in UTC
    gate = Gate("Gmail", clock, "Europe/Berlin", lambda: 0.5)
    gate.shut(600)
    first = said(gate)
    assert "Gmail is left alone until 10:10:00" in first
    clock.advance(60)
    assert said(gate) == first
    gate.shut(60)  # ends earlier: the longer wait stays
    assert said(gate) == first
    clock.advance(540)
    gate.enter()
