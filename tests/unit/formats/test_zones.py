"""Time zone names in the spellings of the world."""

from __future__ import annotations

import pytest

from calwatch.formats.zones import resolve


@pytest.mark.parametrize(
    ("tzid", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("EUROPE/BERLIN", "Europe/Berlin"),
        (" Europe/Berlin ", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("W. Europe Standard Time 1", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("(GMT-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
        ("(UTC) Coordinated Universal Time", "UTC"),
    ],
)
def test_a_known_spelling_gives_the_iana_name(tzid: str, name: str) -> None:
    assert resolve(tzid) == name


@pytest.mark.parametrize(
    "tzid",
    [
        "",
        "Customized Time Zone",
        "../../etc/passwd",
        "/etc/localtime",
        "America",
        "x" * 10_000,
        "Europe/Berl\x00in",
        "(UTC",
    ],
)
def test_what_nobody_knows_gives_none(tzid: str) -> None:
    assert resolve(tzid) is None
