"""Templates: the person's own go before ours, broken ones are named by file and line, and nothing escapes them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from calwatch.draft import wording
from calwatch.draft.compose import compose
from calwatch.draft.facts import context_of
from calwatch.draft.options import RepliesOptions
from calwatch.draft.times import TimePrinter
from calwatch.errors import ConfigError
from letter_briefs import a_brief


def folder_with(tmp_path: Path, **templates: str) -> Path:
    (tmp_path / "en").mkdir(exist_ok=True)
    for name, text in templates.items():
        (tmp_path / "en" / f"{name}.txt.j2").write_text(text, "utf-8")
    return tmp_path


def letter_with(tmp_path: Path, text: str) -> str:
    folder = folder_with(tmp_path, reschedule=text)
    return compose(a_brief(options=RepliesOptions(templates=folder))).content.text


def test_the_persons_own_wording_goes_before_ours(tmp_path: Path) -> None:
    text = letter_with(tmp_path, "No {{ meeting }} on {{ appointment }}. Rather ({{ zone }}):\n\n{{ times }}\n")
    assert text.startswith("Hi Dana,\n\nNo technical interview on Tuesday, May 5 at 9:00 am EDT. Rather (New York")
    assert text.endswith("Best regards,\nAlex Rivera\n+49 30 901820")


def test_letters_the_person_did_not_write_stay_ours(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, withdraw="I am out.")
    assert "Could we find another time?" in compose(a_brief(options=RepliesOptions(templates=folder))).content.text


def test_a_wording_without_times_offers_none(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, reschedule="Which times suit you?")
    letter = compose(a_brief(options=RepliesOptions(templates=folder)))
    assert (letter.slots, letter.slot_lines, letter.alternatives) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Hello\n{% if times %}\nno end", 3),
        ("Hello\n{{ appointmnt }}", 2),
        ("One\nTwo\n{{ meeting.upper.nothing() }}", 3),
        ("{{ ''.__class__.__mro__ }}", 1),
        ("One\n{% include 'en/missing.txt.j2' %}", 2),
        ("One\n{{ follow_ups // 0 }}", 2),
    ],
)
def test_a_broken_template_is_named_by_file_and_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        letter_with(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{tmp_path / 'en' / 'reschedule.txt.j2'}: line {line}: ")


def test_check_tells_all_problems_at_once(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, reschedule="{% if %}", resched="x", withdraw="fine {{ apointment }}")
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "reschedule.txt.j2").write_text("x")
    (tmp_path / "en" / "moved.txt.j2").write_bytes(b"\xff\xfe")
    problems = wording.problems_of(folder)
    assert len(problems) == 5
    assert any(
        "withdraw.txt.j2: 'apointment' is not a name that letters have; did you mean 'appointment'?" in p
        for p in problems
    )
    assert any("moved.txt.j2: cannot be read" in p for p in problems)
    assert any("resched.txt.j2: no letter is called 'resched'; known: " in p for p in problems)
    assert any("reschedule.txt.j2: line 1" in p for p in problems)
    assert any("there are no letters in 'xx'" in p for p in problems)


def test_the_names_of_templates_are_the_ones_the_brief_gives() -> None:
    brief = a_brief()
    printer = TimePrinter("Europe/Berlin", "Europe/Berlin", brief.now)
    context = context_of(brief, printer, printer.listed(brief.slots), brief.slots, "reschedule")
    assert {*context, "greeting", "body", "closing", "signature"} == wording.NAMES


def test_our_own_templates_have_no_problems() -> None:
    with resources.as_file(resources.files("calwatch.draft") / "templates") as folder:
        found = list(wording.problems_of(folder))
    assert found == []


def test_no_folder_has_no_problems_and_a_missing_one_is_said(tmp_path: Path) -> None:
    assert wording.problems_of(None) == ()
    assert "does not exist" in wording.problems_of(tmp_path / "gone")[0]


def test_paragraphs_are_unwrapped_and_lists_are_not() -> None:
    assert wording.tidy("a\n  b\n\n\n– one\n– two\n \nc ") == "a b\n\n– one\n– two\n\nc"
