"""Words of ours in a body of Outlook's and back: above the quote, harmless as HTML, the same when read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calwatch.formats.mime import fingerprint
from calwatch.model.message import Content
from calwatch.providers.outlook.mail.body import own_words, received_words, written
from fakes.microsoft import mail_html

LETTER = "Hi Dana,\n\nI'm sorry – could we meet at 10:00–11:00?\n\n  1. Tuesday\n\nBest regards\nAlex"
QUOTE = mail_html.safe(mail_html.quoted([("From", "Dana Fox"), ("Subject", "Interview")], mail_html.of_text("Hi Alex")))
CLASSIC = (
    "<html><head><style>p{margin:0}</style></head><body lang=EN-GB><div class=WordSection1>"
    "<p class=MsoNormal>Hi Dana,<o:p></o:p></p><p class=MsoNormal>my own words.<o:p></o:p></p>"
    "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
    "<p class=MsoNormal><b>From:</b> Dana Fox<br><b>Subject:</b> Interview</p></div>"
    "<p class=MsoNormal>Hi Alex</p></div></body></html>"
)
MOBILE = (
    '<html><body><div dir="ltr">My own words.</div><div id="ms-outlook-mobile-body-separator-line"><br></div>'
    '<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><b>From:</b> Dana</div><div>Hi</div></body>'
)


def same(one: str, other: str) -> bool:
    return fingerprint(Content(to=(), subject="", text=one)) == fingerprint(Content(to=(), subject="", text=other))


@pytest.mark.parametrize("quote", ["", QUOTE], ids=["new", "reply"])
def test_our_words_are_read_back_as_they_were(quote: str) -> None:
    kept = mail_html.safe(mail_html.inner(written(LETTER, quote)))
    assert same(own_words(kept), LETTER)
    assert own_words(kept).splitlines()[:3] == ["Hi Dana,", "", "I'm sorry – could we meet at 10:00–11:00?"]


def test_the_quote_stays_below_our_words_however_often_they_are_rewritten() -> None:
    first = written(LETTER, QUOTE)
    second = written("Shorter.", mail_html.safe(mail_html.inner(first)))
    third = written("Shortest.", second)
    assert same(own_words(third), "Shortest.")
    assert third.count("appendonsend") == 1
    assert third.count("divRplyFwdMsg") == 1
    assert third.index("Shortest.") < third.index("Hi Alex")
    assert "Shorter." not in third
    assert received_words(third) == "Shortest."


def test_a_reply_nobody_wrote_into_says_nothing() -> None:
    assert own_words(QUOTE) == ""
    assert own_words("") == ""


def test_a_reply_in_plain_text_keeps_its_quote() -> None:
    quote = (
        "\r\n________________________________\r\nFrom: Dana <dana@acme.example>\r\nSubject: <b>Hi</b>\r\n\r\nHi Alex"
    )
    document = written(LETTER, quote, plain=True)
    assert same(own_words(document), LETTER)
    assert "&lt;b&gt;Hi&lt;/b&gt;" in document
    assert own_words(quote, plain=True) == ""
    assert own_words("", plain=True) == ""


def test_earlier_words_are_not_left_below_the_new_ones_in_plain_text() -> None:
    kept = (
        "Could we meet on Tuesday?\r\n\r\nAlex\r\n________________________________\r\n"
        "From: Dana <dana@acme.example>\r\nSubject: Hi\r\n\r\nHi Alex"
    )
    document = written("Could we meet on Friday?", kept, plain=True)
    assert "Tuesday" not in document
    assert "Hi Alex" in document
    assert "Tuesday" not in written("Could we meet on Friday?", "Could we meet on Tuesday?", plain=True)


def test_only_outlook_s_mark_ends_the_words_of_a_letter() -> None:
    assert same(own_words(f"<p>One</p><div id=appendonsend></div><p>Two</p>{mail_html.inner(QUOTE)}"), "One Two")
    assert same(own_words("<p>One</p><p>On Tue, 5 May 2026 Dana wrote:</p><p>&gt; Two</p>"),
                "One On Tue, 5 May 2026 Dana wrote: > Two")  # fmt: skip


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (CLASSIC, "Hi Dana, my own words."),
        (MOBILE, "My own words."),
        (mail_html.composed("My own words.\n\nAlex", QUOTE), "My own words. Alex"),
        ("<p>On its own</p>", "On its own"),
    ],
    ids=["classic", "mobile", "web", "bare"],
)
def test_what_a_person_wrote_is_read_above_the_quote_of_every_outlook(document: str, words: str) -> None:
    assert same(own_words(document), words)


def test_plain_text_of_a_received_mail_ends_where_outlook_begins_its_quote() -> None:
    text = (
        "Works for me.\r\n________________________________\r\nFrom: Alex\r\nSent: Monday\r\nSubject: Re: Hi\r\n\r\nHi"
    )
    assert received_words(text, plain=True) == "Works for me."


@given(st.text(max_size=300))
def test_no_words_ever_become_markup(text: str) -> None:
    plain = written(text)
    inside = plain.removeprefix("<html><body><div>").removesuffix("</div></body></html>")
    for tag in ("<div>", "</div>", "<br>"):
        inside = inside.replace(tag, "")
    assert "<" not in inside
    assert ">" not in inside
    assert '"' not in inside


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20), max_size=20)
)
def test_any_words_survive_with_a_quote_below_them(words: list[str]) -> None:
    text = "\n".join(words)
    assert same(own_words(mail_html.safe(mail_html.inner(written(text, QUOTE)))), text)


@given(st.text(st.sampled_from("<>/='\" divhrbodyappendonsendx&;\n"), max_size=400), st.text(max_size=40))
def test_no_body_breaks_the_reading_or_the_writing(document: str, text: str) -> None:
    own_words(document)
    received_words(document)
    assert isinstance(own_words(written(text, document)), str)
