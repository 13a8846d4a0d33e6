"""The reason is the user's or calwatch's or none, never an event's; the language is one the user writes."""

from __future__ import annotations

import pytest

from builders import ALEX, a_message, a_recognition
from calwatch.draft import language, reason
from calwatch.draft.brief import Formality
from calwatch.draft.options import RepliesOptions
from calwatch.model.case import Occasion, Situation
from calwatch.model.message import Folder

OURS = "a commitment I can't move has come up at that time"


def chosen(situation: Situation, occasion: Occasion = Occasion.BUSY, *own: str, first: str = "en") -> str | None:
    return reason.choose(situation, occasion, RepliesOptions(reason=own), language="en", first_language=first)


@pytest.mark.parametrize("situation", [Situation.CONFLICT, Situation.MOVED])
def test_a_time_that_is_taken_has_a_reason(situation: Situation) -> None:
    assert chosen(situation) == OURS


@pytest.mark.parametrize(
    "situation",
    [Situation.DECLINED, Situation.REMOVED, Situation.CANCELLED, Situation.MANUAL, Situation.INTERVIEWER_DECLINED],
)
def test_what_we_do_not_know_has_none(situation: Situation) -> None:
    assert chosen(situation) is None
    assert chosen(situation, Occasion.BUSY, "my own words") is None


def test_the_users_own_phrase_goes_first_in_their_first_language_only() -> None:
    own = "my travel dates were changed, and I can't move them."
    assert chosen(Situation.CONFLICT, Occasion.BUSY, own) == own.rstrip(".")
    assert chosen(Situation.CONFLICT, Occasion.BUSY, own, first="de") == OURS


def test_an_occasion_the_user_named_speaks_for_itself() -> None:
    assert chosen(Situation.MANUAL, Occasion.SICK) == "I have fallen ill"
    assert chosen(Situation.MANUAL, Occasion.EMERGENCY) == "something has happened that I have to attend to"
    assert chosen(Situation.MANUAL, Occasion.NO_SHOW) is None


def test_a_phrase_is_one_clean_line() -> None:
    assert chosen(Situation.CONFLICT, Occasion.BUSY, "a\r\ntrip\u202e!") == "a trip"
    assert chosen(Situation.CONFLICT, Occasion.BUSY, "  ", "a trip") == "a trip"


def test_the_language_is_one_that_has_templates_and_the_user_writes() -> None:
    german = a_message("Guten Tag, wir würden uns freuen, Sie am Dienstag zu einem Gespräch zu begrüßen.")
    assert language.choose((german,), a_recognition(language="de"), allowed=("de", "en")) == "en"
    assert language.choose((), a_recognition(language="de"), allowed=()) == "en"


def test_a_text_is_told_from_the_languages_the_user_writes() -> None:
    german = "Guten Tag, wir würden uns freuen, Sie am Dienstag zu einem Gespräch zu begrüßen."
    assert language.identify(german, ("en", "de")) == "de"
    assert language.identify("We would be glad to meet you on Tuesday.", ("en", "de")) == "en"


def test_every_language_of_the_table_has_its_words() -> None:
    for code in language.LANGUAGES:
        vocabulary = language.words(code)
        for table in (vocabulary.greetings, vocabulary.nameless, vocabulary.closings):
            assert set(table) == set(Formality)


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("Hi Alex,\n\nhow are you?", Formality.CASUAL),
        ("Alex -\n\nquick one", Formality.CASUAL),
        ("Dear Alex,\n\nthank you", Formality.POLITE),
        ("Good morning Alex,", Formality.POLITE),
        ("Dear Mr Rivera,\n\nthank you", Formality.FORMAL),
        ("Dear Ms. Rivera,", Formality.FORMAL),
        ("", Formality.CASUAL),
    ],
)
def test_the_salutation_answers_theirs(opening: str, expected: Formality) -> None:
    assert language.formality((a_message(opening),), me_emails=frozenset({ALEX.email})) is expected


def test_the_users_own_mail_does_not_set_the_tone() -> None:
    mine = a_message("Dear Ms Fox,", sender=ALEX, folder=Folder.SENT)
    assert language.formality((mine,), me_emails=frozenset({ALEX.email})) is Formality.CASUAL
