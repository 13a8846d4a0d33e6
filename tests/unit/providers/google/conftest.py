"""One account at the fake Google, with a clock that moves by hand and pauses that are counted instead of slept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from builders import the_surroundings
from calwatch.providers import Surroundings
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.remote import sign_in_file
from fakes.clock import ManualClock
from fakes.google.server import FakeGoogle


@dataclass
class Line:
    """``open`` makes a connection as a fresh process would; ``paused`` is what it waited for."""

    google: FakeGoogle
    clock: ManualClock
    folder: Path
    paused: list[float] = field(default_factory=list)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def token(self) -> Path:
        return sign_in_file.path_of(self.state, "google")

    def account(self, **fields: Any) -> GoogleAccount:
        return self.google.account(self.folder, **fields)

    def around(self, **fields: Any) -> Surroundings:
        return the_surroundings(self.clock, self.state, **fields)

    def sign_in(self, *scopes: str) -> Path:
        return self.google.sign_in(self.state, "google", *([scopes] if scopes else []))

    def open(self, **fields: Any) -> Connection:
        return Connection(self.account(**fields), self.around(), pause=self.paused.append, chance=lambda: 0.5)

    def asked(self, method: str) -> int:
        return self.google.count(method)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    clock = ManualClock()
    with FakeGoogle(clock) as google:
        yield Line(google, clock, tmp_path)
        assert google.violations == []


@pytest.fixture
def signed_in(line: Line) -> Line:
    line.sign_in()
    return line
