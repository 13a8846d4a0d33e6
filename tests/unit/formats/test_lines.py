"""Content lines: folding, parameters, escapes."""

from __future__ import annotations

import pytest

from calwatch.formats.lines import Line, content_lines, one_line, parse_parameters, split_list, unescape


def test_a_block_gives_its_own_properties_only() -> None:
    alarm = b"BEGIN:VALARM\r\nACTION:X\r\nEND:VALARM\r\n"
    block = b"BEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:a\r\n b\r\n" + alarm + b"noise\r\nURL:c\r\nEND:VEVENT"
    assert list(content_lines(block)) == [Line("SUMMARY", "LANGUAGE=en", "ab"), Line("URL", "", "c")]


def test_a_colon_in_quotes_is_no_end_of_the_parameters() -> None:
    (line,) = content_lines(b'BEGIN:VEVENT\nDTSTART;TZID="GMT+01:00":20260505T090000\nEND:VEVENT')
    assert (line.parameter("TZID"), line.value) == ("GMT+01:00", "20260505T090000")


def test_an_unclosed_quote_does_not_lose_the_value() -> None:
    (line,) = content_lines(b'BEGIN:VEVENT\nORGANIZER;CN="Dana:mailto:dana@x.example\nEND:VEVENT')
    assert line.value == "mailto:dana@x.example"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('CN="Fox; Dana";ROLE=CHAIR', {"CN": "Fox; Dana", "ROLE": "CHAIR"}),
        ("cn=Dana^'s^n^^", {"CN": 'Dana"s\n^'}),
        ('MEMBER="a","b"', {"MEMBER": "a,b"}),
        ("TZID=Western\\, Europe", {"TZID": "Western\\, Europe"}),
        (";;=;", {}),
    ],
)
def test_parameters(text: str, found: dict[str, str]) -> None:
    assert parse_parameters(text) == found


def test_escapes() -> None:
    assert unescape("a\\nb\\Nc\\,d\\;e\\\\nf\\x\\") == "a\nb\nc,d;e\\nfx\\"


def test_a_list_is_split_at_bare_commas() -> None:
    assert split_list("Work,a\\,b,,c\\\\,d") == ["Work", "a,b", "c\\", "d"]


def test_one_line_holds_no_line_break_of_any_kind() -> None:
    assert one_line("a\r\nb\u2028c\x85d\te") == "a b c d e"


@pytest.mark.parametrize("hostile", ["=" * 100_000, "a" * 100_000, 'a="' * 30_000, "a=;" * 30_000])
def test_hostile_parameters_cost_little(hostile: str) -> None:
    assert len(parse_parameters(hostile)) <= 1
