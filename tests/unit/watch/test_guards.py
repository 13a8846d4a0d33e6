"""Sudden emptiness is not believed."""

from __future__ import annotations

import pytest

from calwatch.watch.guards import believable


@pytest.mark.parametrize(
    ("known", "gone"), [(0, 0), (1, 1), (2, 2), (10, 1), (10, 4), (10, 5), (400, 200), (6, 3), (50, 0)]
)
def test_people_delete_a_few_entries_at_a_time(known: int, gone: int) -> None:
    assert believable(known, gone)


@pytest.mark.parametrize(("known", "gone"), [(3, 3), (40, 40), (9, 5), (10, 6), (400, 201), (5, 7)])
def test_losing_everything_or_most_at_once_is_an_outage(known: int, gone: int) -> None:
    assert not believable(known, gone)
