"""What the page says: complete in every language, and dates as that language writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest

import calwatch.web
from calwatch.model.case import CaseState, DraftState, EffectState, Intent, Occasion, Outcome, Situation, Urgency
from calwatch.model.event import Response
from calwatch.web.texts import LANGUAGES, Teller, catalogue, choose

WEB = Path(calwatch.web.__file__).parent
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
USED = re.compile(r"""(?:tell|tell\.count|tell\.has)\(\s*["']([a-z_]+\.[\w-]*)["']\s*(~|[,)])""")


def teller(language: str = "en") -> Teller:
    return Teller(language, "Europe/Berlin", NOW)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_every_text_with_the_same_places_to_fill(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)
    assert set(other) == set(english)

    def places(text: str) -> set[str | None]:
        return {field for _, field, _, _ in Formatter().parse(text) if field is not None}

    assert [name for name in english if places(english[name]) != places(other[name])] == []


def test_every_text_a_page_names_is_there() -> None:
    named: set[str] = set()
    begun: set[str] = set()
    for path in (*WEB.glob("templates/*.html"), *WEB.glob("pages/*.py")):
        text = path.read_text(encoding="utf-8")
        for name, after in USED.findall(text):
            (begun if after == "~" else named).add(name)
    known = set(catalogue("en"))
    counted = {f"{name}_{form}" for name in named - known for form in ("one", "many")}
    assert len(named) > 60
    assert {name for name in counted if name not in known} == set()
    assert {start for start in begun if not any(name.startswith(start) for name in known)} == set()


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("state", DraftState),
        ("trouble", Situation),
        ("urgency", Urgency),
        ("intent", Intent),
        ("other", Intent),
        ("response", Response),
        ("interviews", Occasion),
    ],
)
def test_every_value_that_is_shown_by_name_has_one(section: str, values: type) -> None:
    missing = [value for value in values if f"{section}.{value.value}" not in catalogue("en")]  # type: ignore[attr-defined]  # enums iterate
    assert missing == []


def test_outcomes_and_steps_have_a_word_where_the_page_says_one() -> None:
    known = catalogue("en")
    silent = {Outcome.EXPIRED, Outcome.REPLACED, Outcome.DISMISSED}  # the state says it
    assert [one for one in Outcome if f"outcome.{one.value}" not in known and one not in silent] == []
    assert [one for one in EffectState if f"draft.state_{one.value}" not in known] == []
    assert CaseState.SETTLING.value == "settling"


@pytest.mark.parametrize(
    ("accepted", "spoken", "chosen"),
    [
        (["de-AT", "en"], [], "de"),
        (["fr-FR", "de"], ["en"], "de"),
        (["fr"], ["de", "en"], "de"),
        (["EN-US"], ["de"], "en"),
        ([], [], "en"),
        (["tlh", "<script>"], ["nl"], "en"),
    ],
)
def test_the_browsers_language_comes_before_the_persons_and_both_before_english(
    accepted: list[str], spoken: list[str], chosen: str
) -> None:
    assert choose(accepted, spoken) == chosen


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "Fri 24 Apr, 15:30–16:30"), ("de", "Fr. 24. Apr., 15:30–16:30")],
)
def test_a_stretch_of_time_is_written_as_the_language_does(language: str, shown: str) -> None:
    start = datetime(2026, 4, 24, 13, 30, tzinfo=UTC)
    assert teller(language).stretch(start, start + timedelta(hours=1)) == shown


def test_whole_days_other_days_other_years_and_other_zones_are_said() -> None:
    tell = teller()
    midnight = datetime(2026, 4, 23, 22, 0, tzinfo=UTC)
    assert tell.stretch(midnight, midnight + timedelta(days=1)) == "Fri 24 Apr"
    assert tell.stretch(midnight, midnight + timedelta(days=2)) == "Fri 24 Apr – Sat 25 Apr"
    late = datetime(2026, 4, 24, 21, 0, tzinfo=UTC)
    assert tell.stretch(late, late + timedelta(hours=2)) == "Fri 24 Apr, 23:00 – Sat 25 Apr, 01:00"
    assert tell.when(datetime(2027, 1, 4, 9, 0, tzinfo=UTC)) == "Mon 4 Jan 2027, 10:00"
    assert tell.when(late, "America/New_York") == "Fri 24 Apr, 17:00"
    assert tell.deadline(midnight) == "Thu 23 Apr"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (60, "just now"),
        (100, "2 minutes ago"),
        (3599, "60 minutes ago"),
        (7200, "2 hours ago"),
        (86400, "24 hours ago"),
        (3 * 86400, "3 days ago"),
    ],
)
def test_how_long_ago_is_said_roughly(seconds: int, said: str) -> None:
    assert teller().ago(NOW - timedelta(seconds=seconds)) == said


def test_a_text_that_is_not_there_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(KeyError):
        teller()("home.nowhere")
