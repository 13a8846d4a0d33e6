"""The generated files are equal to what the options say, and they load."""

from __future__ import annotations

import re
from pathlib import Path

from calwatch.settings import load
from calwatch.settings.example import example, reference

ROOT = Path(__file__).parents[3]


def test_the_example_is_what_the_options_say() -> None:
    assert (ROOT / "config/calwatch.example.toml").read_text(encoding="utf-8") == example(), "run `make generate`"


def test_the_reference_is_what_the_options_say() -> None:
    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8") == reference(), "run `make generate`"


def test_both_shipped_configurations_load() -> None:
    for name in ("calwatch.example.toml", "minimal.toml"):
        assert load(ROOT / "config" / name, {"HOME": "/home/alex"}).accounts


def test_every_optional_line_of_the_example_loads_when_it_is_switched_on(tmp_path: Path) -> None:
    path = tmp_path / "calwatch.toml"
    path.write_text(re.sub(r"(?m)^# (\w+ = )", r"\1", example()), encoding="utf-8")
    assert load(path, {"HOME": "/home/alex"}).you.away
