"""The fake Google and a caller, for its own tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contract.google_browser import Browser
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def google(clock: ManualClock) -> Iterator[FakeGoogle]:
    with FakeGoogle(clock) as google:
        yield google


@pytest.fixture
def browser(google: FakeGoogle) -> Iterator[Browser]:
    browser = Browser(google)
    yield browser
    browser.session.close()
