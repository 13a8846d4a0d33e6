"""Foreign text made harmless."""

from __future__ import annotations

import pytest

from calwatch.model.plain import many_lines, one_line

NASTY = "a\x1b[31mb\u202ec\u2066d\u200be\x00f\x9bg\r\nh\u2028i"


@pytest.mark.parametrize("clean", [one_line, many_lines])
def test_nothing_survives_that_a_terminal_obeys(clean) -> None:  # type: ignore[no-untyped-def]  # two signatures
    text = clean(NASTY)
    assert all(c == "\n" or c.isprintable() for c in text)


def test_letters_of_every_script_survive() -> None:
    text = "Jürgen Ďábel 面接 مقابلة 🎉"
    assert one_line(text) == text
    assert many_lines(text) == text


def test_one_line_is_one_line_and_bounded() -> None:
    assert one_line("a\n\n b\t c") == "a b c"
    assert len(one_line("x" * 5000, 50)) == 50


def test_many_lines_keep_their_breaks() -> None:
    assert many_lines("a\r\nb\rc\nd\te") == "a\nb\nc\nd\te"
