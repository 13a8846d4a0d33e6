"""A person's own words above what they quote, in the seven languages and the usual programs' shapes."""

from __future__ import annotations

import pytest

from calwatch.formats.html import to_text
from calwatch.formats.quotes import own_text


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, 20 Apr 2026 at 10:00, Dana Fox <dana@acme.example> wrote:",
        "On Mon, 20 Apr 2026 at 10:00, Dana Fox\n<dana@acme.example> wrote:",
        "Am 20.04.2026 um 10:00 schrieb Dana Fox:",
        "Am Mo., 20. Apr. 2026 um 10:00 Uhr schrieb Dana Fox <dana@acme.example>:",
        "Le lun. 20 avr. 2026 à 10:00, Dana Fox <dana@acme.example> a écrit :",
        "El lun, 20 abr 2026 a las 10:00, Dana Fox (<dana@acme.example>) escribió:",
        "Em seg., 20 de abr. de 2026 às 10:00, Dana Fox <dana@acme.example> escreveu:",
        "Il giorno lun 20 apr 2026 alle ore 10:00 Dana Fox <dana@acme.example> ha scritto:",
        "Op ma 20 apr 2026 om 10:00 schreef Dana Fox <dana@acme.example>:",
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
        "________________________________\nFrom: Dana Fox <dana@acme.example>",
        "Von: Dana Fox <dana@acme.example>\nGesendet: Montag, 20. April 2026\nAn: Alex\nBetreff: Gespräch",
        "De : Dana Fox\nEnvoyé : lundi 20 avril 2026\nÀ : Alex\nObjet : Entretien",
    ],
)
def test_everything_below_the_line_is_the_other_persons(line: str) -> None:
    assert own_text(f"Works for me.\n\nAlex\n\n{line}\n\nCould we meet?\n") == "Works for me.\n\nAlex"


def test_words_between_quoted_lines_are_kept() -> None:
    text = "On Mon, 20 Apr 2026, Dana wrote:\n> Tuesday?\nYes.\n> Or Friday?\nNo.\n"
    assert own_text(text) == "Yes.\nNo."


@pytest.mark.parametrize(
    "text",
    [
        "On Tuesday I wrote to Tom.\nOn 5 May it suits me:\n10:00",
        "From: Berlin it takes an hour.\nSee you.",
        "Am Dienstag passt es.\n--\nAlex\n+49 30 901820",
    ],
)
def test_ordinary_sentences_are_not_taken_for_quotes(text: str) -> None:
    assert own_text(text) == text


def test_a_mail_that_only_quotes_is_kept_whole() -> None:
    assert own_text("> all\n> quoted") == "> all\n> quoted"


def test_endless_quotes_cost_linear_time() -> None:
    assert own_text("Hi\n" + "On Mon 20 Apr " * 30_000).startswith("Hi")
    assert own_text("Hi\n" + "> x\n" * 100_000) == "Hi"


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote">On Monday Dana wrote:<blockquote>Tuesday?</blockquote></div>',
        '<div id="appendonsend"></div><div id="divRplyFwdMsg">From: Dana</div>Tuesday?',
        '<blockquote type="cite">Tuesday?</blockquote>',
        '<div class="moz-cite-prefix">On Monday:</div><blockquote>Tuesday?</blockquote>',
    ],
)
def test_quotes_of_the_usual_programs_are_cut_in_html(quote: str) -> None:
    assert to_text(f"<div>Works for me.<br>Alex</div>{quote}") == "Works for me.\nAlex"


def test_html_that_is_only_a_quote_is_kept() -> None:
    assert "Tuesday" in to_text('<div class="gmail_quote">Tuesday?</div>')
