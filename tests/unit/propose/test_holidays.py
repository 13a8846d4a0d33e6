"""Whose public holidays are skipped."""

from __future__ import annotations

from datetime import date

import pytest

from calwatch.propose.holidays import public_holidays


def test_a_region_has_its_own_days() -> None:
    womens_day = date(2026, 3, 8)
    assert womens_day in public_holidays("DE-BE", [2026])
    assert womens_day not in public_holidays("de", [2026])
    assert date(2026, 5, 1) in public_holidays("DE", [2026])


def test_several_years_are_several_years() -> None:
    assert {day.year for day in public_holidays("US", [2026, 2027])} >= {2026, 2027}


def test_no_place_has_no_holidays() -> None:
    assert public_holidays("", [2026]) == frozenset()


@pytest.mark.parametrize(
    ("code", "sentence"), [("Berlin", "is not a place"), ("XX", "no public holidays"), ("DE-QQ", "no region")]
)
def test_an_unknown_place_is_told_in_a_sentence(code: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        public_holidays(code, [2026])
