"""English sentences said in German: whole or not at all, strangers' words as they are, in bounded time."""

from __future__ import annotations

import time

import pytest

from calwatch.web.calendar_words import CalendarWords
from calwatch.web.patterns import LONGEST, Grammar, Pattern, unquoted
from calwatch.web.sentences import Told, grammar, translate

CALENDAR = CalendarWords(
    days={"Tue": "Di."},
    months={"Apr": "Apr.", "April": "April"},
    forms={
        "day": "{weekday} {day}. {month}",
        "full": "{day}. {month} {year}",
        "when": "{day}, {time}",
        "near": "{day} {time}",
        "moment": "{day}, {time} {offset}",
        "to": "{begin} bis {end}",
        "quote": "„{text}“",
    },
)
HOSTILE = (
    "<script>alert(1)</script>",
    "” (Tue 14 Apr, 10:00–11:00) overlaps it. “",
    "{title} {0} {title.__class__} %s \\1 \\g<title>",
    "\u202egnihton",
    "a literal that is none: (.*)+$",
    "named by you; it repeats, noted: edited",
)


def german(text: str) -> str:
    told = translate(text, "de")
    assert told.language == "de", text
    return told.text


def a_grammar(**sections: dict[str, str]) -> Grammar:
    return Grammar(sections, CALENDAR)


def test_english_stays_as_it_is() -> None:
    assert translate("You declined it.", "en") == Told("You declined it.", "en")


def test_what_is_not_known_stays_english_and_says_so() -> None:
    assert translate("Nobody has ever said this.", "de") == Told("Nobody has ever said this.", "en")


def test_a_language_without_a_catalogue_is_english() -> None:
    assert translate("You declined it.", "fr") == Told("You declined it.", "en")


def test_values_are_carried_over() -> None:
    assert german("You declined 2 of its 5 sessions.") == "Du hast 2 der 5 Termine abgelehnt."
    assert german('the title says "final round"') == "der Titel sagt „final round“"


@pytest.mark.parametrize("text", ["You declined it. ", " You declined it.", "You declined it", "You declined it.\n"])
def test_only_the_whole_sentence_counts(text: str) -> None:
    assert translate(text, "de").language == "en"


@pytest.mark.parametrize(
    ("english", "german_"),
    [
        ("Tue 14 Apr", "Di. 14. Apr."),
        ("Tue 14 Apr, 10:00", "Di. 14. Apr., 10:00"),
        ("Tue 14 Apr, 10:00–11:00", "Di. 14. Apr., 10:00–11:00"),
        ("Tue 14 Apr, 22:00–Tue 14 Apr, 02:00", "Di. 14. Apr., 22:00–Di. 14. Apr., 02:00"),
        ("Tue 14 Apr to Tue 21 Apr", "Di. 14. Apr. bis Di. 21. Apr."),
        ("Tue 14 Apr 10:00", "Di. 14. Apr., 10:00"),
        ("Tue 10:00", "Di. 10:00"),
        ("14 April 2026", "14. April 2026"),
        ("2026-04-05", "5. April 2026"),
        ("2026-04-05T10:00:00+02:00", "5. April 2026, 10:00 +02:00"),
    ],
)
def test_days_and_times_are_written_anew(english: str, german_: str) -> None:
    assert CALENDAR.say(english) == german_


@pytest.mark.parametrize("text", ["", "Tuesday", "Tue 14", "14 Apr", "2026-13-01", "Tue 14 Apr – now", "10:00 o'clock"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert CALENDAR.say(text) is None


def test_german_days_and_months_are_those_of_the_page() -> None:
    from datetime import date, timedelta

    from babel.dates import format_date

    known = grammar("de")
    assert known is not None
    for number in range(366):
        day = date(2024, 1, 1) + timedelta(days=number)
        said = translate(f"“x” ({day:%a} {day.day} {day:%b}) overlaps it.", "de").text
        assert f"({format_date(day, 'EEE d. MMM', locale='de_DE')})" in said
        said = translate(f"in Dana's mail of {day.day} {day:%B %Y}", "de").text
        assert said.endswith(format_date(day, "d. MMMM yyyy", locale="de_DE"))


def test_sentences_inside_sentences_are_said_too() -> None:
    said = german(
        "draft 3 cannot go out like this: There is no recipient yet; name one.; "
        "The times stand without their zone; write “Berlin; UTC+2” above them."
    )
    assert said == (
        "Entwurf 3 kann so nicht hinaus: Noch geht es an niemanden; nenne jemanden.; "
        "Die Zeiten stehen ohne ihre Zeitzone da; schreib „Berlin; UTC+2“ darüber."
    )


def test_a_part_that_is_not_known_leaves_the_whole_in_english() -> None:
    assert translate("draft 3 cannot go out like this: It is too green.", "de").language == "en"


def test_what_a_server_said_stays_in_its_words_inside_a_german_sentence() -> None:
    assert german("it was refused: 550 mailbox full") == "wurde abgelehnt: 550 mailbox full"
    assert german("Google Calendar: api.example did not answer in time").endswith("nicht rechtzeitig geantwortet")


@pytest.mark.parametrize("value", ["Dana's", 'Dana "D" Fox', 'O\'Neil "O"', "back\\slash", "Zürich"])
def test_values_in_pythons_quotes_get_german_ones(value: str) -> None:
    assert german(f"{value!r} is an interview from now on") == f"„{value}“ ist ab jetzt ein Bewerbungsgespräch"


@pytest.mark.parametrize("text", ["", "'", "'a", "a'", "'a' + 'b'", "b'a'", "f'{1}'", "'a' 'b", "\"a'", "'\\'"])
def test_only_one_string_is_unquoted(text: str) -> None:
    assert unquoted(text) is None


def test_what_can_be_read_in_two_ways_is_not_said() -> None:
    known = a_grammar(sentence={"{a} of {b}": "{b}s {a}"})
    assert known.say("house of Dana") == "Danas house"
    assert known.say("house of cards of Dana") is None


def test_a_kind_decides_between_two_ways() -> None:
    known = a_grammar(sentence={"{a} on {day:date}": "am {day}: {a}"})
    assert known.say("on and on on Tue 14 Apr") == "am Di. 14. Apr.: on and on"


def test_the_pattern_with_more_text_of_its_own_wins() -> None:
    known = a_grammar(sentence={"{what} is over": "{what} ist vorbei", "it is over": "vorbei"})
    assert known.say("it is over") == "vorbei"
    assert known.say("that is over") == "that ist vorbei"


@pytest.mark.parametrize(
    ("english", "other"), [("{a} x", "x"), ("x", "{a}"), ("{a}{b}", "{a}{b}"), ("{a} x {a}", "{a} {a}"), ("{a}", "{b}")]
)
def test_a_wrong_pattern_is_refused(english: str, other: str) -> None:
    with pytest.raises(ValueError, match="placeholder"):
        Pattern.of(english, other)


def test_a_section_there_is_none_of_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        a_grammar(sentence={"{a:nonsense}": "{a}"})


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_stay_data(title: str) -> None:
    told = translate(f"“{title}” (Tue 14 Apr, 10:00–11:00) overlaps it.", "de")
    assert title in told.text
    assert told.text in (
        f"„{title}“ (Di. 14. Apr., 10:00–11:00) überschneidet sich damit.",
        f"“{title}” (Tue 14 Apr, 10:00–11:00) overlaps it.",
    )
    assert title in german(f'the text says to write there: "{title}"')


@pytest.mark.parametrize(
    "text",
    [
        "; ".join(["it repeats"] * 200),
        "“" * 900 + "” (" * 300,
        "draft 3 cannot go out like this: " + "There is no recipient yet; name one.; " * 40 + "x",
        "To: " + ": wrote on 14 April 2026 (“" * 60,
        ("asked: " * 200) + "x",
        "x: " * 600,
        " is another interview and overlaps it. This is the one to move: " * 30,
        "send this mail to " + " from a (it " * 150 + ")",
        "a" * LONGEST,
        "“a” (" * 300 + "Tue 14 Apr) overlaps it.",
        "answered 'x' to: " * 100,
    ],
)
def test_hostile_lengths_cost_little(text: str) -> None:
    translate(text, "de")
    took = []
    for _ in range(3):
        begin = time.perf_counter()
        translate(text[:LONGEST], "de")
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.05


def test_a_page_of_sentences_costs_little() -> None:
    page = [
        "You declined 1 of its 3 sessions.",
        "“Dentist” (Tue 14 Apr, 10:00–11:00) overlaps it.",
        "To: Dana Fox <dana@acme.example>: wrote on 14 April 2026 (“Next step”); a coordinator by their own words",
        'the title says "Interview"',
        "a letter is ready",
        "kept in the mailbox's Drafts",
        "Brief but clear: 60 to 110 words say it all.",
        "send this mail to Dana Fox <dana@acme.example> from alex@example.com (it sends through smtp.example:465)",
        "approved version 2",
        "something new that nobody has put into German",
    ] * 5
    took = []
    for _ in range(10):
        begin = time.perf_counter()
        for text in page:
            translate(text, "de")
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.01  # on an idle machine a tenth of it
