"""Every command has its code, its help, its examples and its page."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

from calwatch import __version__
from calwatch.cli.commands import COMMANDS, Command, parser
from calwatch.cli.reference import reference

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_every_command_has_code(command: Command) -> None:
    function = getattr(importlib.import_module(f"calwatch.cli.{command.family}"), command.name)
    assert function.__doc__


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_every_example_parses(command: Command) -> None:
    import shlex

    for example in command.examples:
        words = shlex.split(example)
        assert words[0] == "calwatch"
        args = parser().parse_args(words[1:])
        assert args.command in (command.name, None)


def test_the_page_of_commands_is_what_the_table_says() -> None:
    assert (ROOT / "docs/commands.md").read_text(encoding="utf-8") == reference(), "run `make generate`"


def test_the_commands_of_this_version_are_all_there() -> None:
    promised = (
        "run auth reload check status interviews drafts show edit approve undo retry reopen dismiss questions answer "
        "slots classify mark why history open init demo cancel reschedule"
    )
    assert {c.name for c in COMMANDS} == set(promised.split())


def test_the_version_is_the_same_everywhere() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == __version__
    assert re.search(rf"^## {re.escape(__version__)}", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
