"""Public holidays of a place, so that no letter offers one; the data comes with the ``holidays`` package."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import lru_cache


def public_holidays(code: str, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of ``code`` (``"DE"``, ``"DE-BE"``, ``""`` for none) in ``years``.

    Raises ValueError with a sentence naming the nearest valid code for a place that is not known.
    """
    place = code.strip().upper()
    return _holidays(place, tuple(sorted(set(years)))) if place else frozenset()


@lru_cache(maxsize=32)
def _holidays(place: str, years: tuple[int, ...]) -> frozenset[date]:
    import holidays

    if re.fullmatch(r"[A-Z]{2}(?:-[A-Z0-9]{1,4})?", place) is None:
        raise ValueError(f'{place!r} is not a place; write a country, or country and region, such as "DE" or "DE-BE"')
    country, _, region = place.partition("-")
    supported = holidays.list_supported_countries()
    if country not in supported:
        near = get_close_matches(country, supported, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"no public holidays are known for {country!r}{hint}")
    regions = supported[country]
    if region and region not in regions:
        known = ", ".join(regions) if regions else "none"
        raise ValueError(f"no region {region!r} is known in {country} for public holidays; known are: {known}")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=years))
