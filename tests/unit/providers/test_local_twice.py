"""A person may have two accounts of one provider."""

from __future__ import annotations

from pathlib import Path

from builders import the_surroundings
from calwatch.providers import PROVIDERS
from calwatch.providers.local.options import LocalAccount
from fakes.clock import ManualClock


def test_two_local_accounts_open_side_by_side(tmp_path: Path) -> None:
    for name in ("one", "two"):
        options = LocalAccount(name=name, provider="local", calendar=tmp_path / name, mail=tmp_path / f"{name}-mail")
        opened = PROVIDERS["local"].open(options, the_surroundings(ManualClock(), tmp_path))
        assert opened.mail is not None
