"""One account at the fake Microsoft, with a clock that moves by hand and pauses that are counted instead of slept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from builders import the_surroundings
from calwatch.providers import Surroundings
from calwatch.providers.outlook.api.connection import Connection
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.remote import sign_in_file
from fakes.clock import ManualClock
from fakes.microsoft.server import FakeMicrosoft


@dataclass
class Line:
    """``open`` makes a connection as a fresh process would; ``paused`` is what it waited for."""

    microsoft: FakeMicrosoft
    clock: ManualClock
    folder: Path
    paused: list[float] = field(default_factory=list)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def token(self) -> Path:
        return sign_in_file.path_of(self.state, "outlook")

    def account(self, **fields: Any) -> OutlookAccount:
        return self.microsoft.account(**fields)

    def around(self, **fields: Any) -> Surroundings:
        return the_surroundings(self.clock, self.state, **fields)

    def sign_in(self, *scopes: str) -> Path:
        return self.microsoft.sign_in(self.state, "outlook", *([scopes] if scopes else []))

    def open(self, **fields: Any) -> Connection:
        return Connection(self.account(**fields), self.around(), pause=self.paused.append, chance=lambda: 0.5)

    def asked(self, operation: str) -> int:
        return self.microsoft.count(operation)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    clock = ManualClock()
    with FakeMicrosoft(clock) as microsoft:
        monkeypatch.setenv("SSL_CERT_FILE", str(microsoft.ca_file(tmp_path)))
        yield Line(microsoft, clock, tmp_path)
        assert microsoft.violations == []


@pytest.fixture
def signed_in(line: Line) -> Line:
    line.sign_in()
    return line
