"""The words of the command line, and how a wrong word is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from calwatch.__main__ import main

ROOT = Path(__file__).parents[3]


def test_a_wrong_configuration_is_told_whole_and_exits_2_but_78_from_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "calwatch.toml"
    config.write_text("[you]\nnam = 'x'\n", encoding="utf-8")
    assert main(["--config", str(config), "drafts"]) == 2
    said = capsys.readouterr().err
    assert "you.nam: unknown key; did you mean name?" in said
    assert "accounts: missing" in said
    assert main(["run", "--config", str(config)]) == 78
    assert "you.nam" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["show"], ["show", "x"], ["approve", "1", "--bogus"], ["--ver"]])
def test_wrong_words_exit_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "usage: calwatch" in capsys.readouterr().err


@pytest.mark.parametrize(("word", "hint"), [("hsitory", "did you mean history?"), ("nonsense", "`calwatch --help`")])
def test_an_unknown_command_is_answered_in_one_line(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 2
    said = capsys.readouterr().err
    assert hint in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("words", [["--version"], ["-V"], ["--version", "--config", "x"]])
def test_the_version(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("calwatch 0.")


def test_help_teaches_the_first_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "calwatch demo" in said
    assert "Nothing leaves without your approval" in said
