"""The knowledge folder is complete in every language, and its phrases are found as written."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from calwatch.detect.evidence import NEGATIVE, POSITIVE, STAGE
from calwatch.detect.text import passage, plain_text
from calwatch.detect.vocabulary import LANGUAGES, Phrase, Vocabulary, compile_phrase

FOLDER = resources.files("calwatch.detect") / "knowledge"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_knows_every_kind_of_phrase(language: str) -> None:
    table = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    assert table["language"] == language
    assert set(table["positive"]) == set(POSITIVE)
    assert set(table["negative"]) == set(NEGATIVE)
    assert set(table["stage"]) == set(STAGE)
    assert set(table["contact"]) == {"write", "arranger", "support", "avoid"}


def test_further_languages_use_known_kinds_only() -> None:
    for table in tomllib.loads((FOLDER / "others.toml").read_text("utf-8")).values():
        assert set(table["positive"]) <= set(POSITIVE)
        assert set(table["negative"]) <= set(NEGATIVE)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("Vorstellungsgespräch*", "Ihr VORSTELLUNGSGESPRÄCHSTERMIN", True),
        ("*gespräch", "Zweitgespräch", True),
        ("entretien d'embauche", "Entretien d’embauche", True),
        ("discuss ~ offer", "to discuss your kind offer", True),
        ("discuss ~ offer", "to discuss it. The offer", False),
        ("slot ? of ?", "Slot 3 of 4", True),
        ("role", "roles", False),
        ("phone screen", "phone\nscreen", False),
    ],
)
def test_a_phrase_matches_words_within_a_sentence(phrase: str, text: str, found: bool) -> None:
    vocabulary = Vocabulary([Phrase("kind", "en", compile_phrase(phrase))])
    assert bool(vocabulary.hits(passage(text))) is found


def test_meeting_boilerplate_is_no_text() -> None:
    teams = "Hello\n" + "_" * 40 + "\nMicrosoft Teams meeting\nCall in by phone\n" + "_" * 40
    google = "Hello\n-::~:~::~:~:~:~:~:~::~:~::-\nJoin by phone\n-::~:~::~:~:~:~:~:~::~:~::-"
    assert plain_text(teams).split() == ["Hello"]
    assert plain_text(google).split() == ["Hello"]
