"""docs/metrics.md tells every number there is, with its labels and their values, and no other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from calwatch.model.case import DraftState
from calwatch.web.metrics import NOTIFICATIONS, POLLS, SENDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
SOURCE = (ROOT / "src/calwatch/web/metrics.py").read_text(encoding="utf-8")


def test_every_number_is_on_the_page_and_no_other() -> None:
    counters = set(re.findall(r'CounterMetricFamily\(\s*"(\w+)"', SOURCE))
    gauges = set(re.findall(r'GaugeMetricFamily\(\s*"(\w+)"', SOURCE))
    assert counters
    assert gauges
    told = re.findall(r"^\| `(calwatch_\w+)` \| (\w+) \|", PAGE, re.MULTILINE)
    assert Counter(told) == Counter(
        [*((f"{name}_total", "counter") for name in counters), *((name, "gauge") for name in gauges)]
    )


def test_every_number_an_alarm_uses_is_told() -> None:
    told = set(re.findall(r"^\| `(calwatch_\w+)`", PAGE, re.MULTILINE))
    used = set(re.findall(r"\b(calwatch_\w+)", PAGE.partition("## What is worth an alarm")[2]))
    assert used
    assert used <= told


def test_every_value_of_a_label_is_on_the_page() -> None:
    for value in (*POLLS, *SENDS, *NOTIFICATIONS, *(state.value for state in DraftState)):
        assert f"`{value}`" in PAGE
