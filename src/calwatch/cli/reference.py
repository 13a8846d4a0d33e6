"""Writes docs/commands.md from the table of commands, so that no command is without its page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from calwatch.cli.commands import COMMANDS, Command, parser

_INTRO = """\
# Commands

<!-- Written by `make generate` from src/calwatch/cli/commands.py; edit that. -->

`calwatch` with no arguments shows the status. All take `--config FILE`; those that report take `--json`: one JSON
document on standard output ([json.md](json.md)), while logs and progress only go to standard error. EVENT is our
number, a uid, or a piece of title or company; if several fit, they are listed (exit 2).

| exit code | means |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | usage or configuration (78 from `run`) |
| 3 | no such draft, question or event |
| 4 | sign-in needed |
| 5 | refused: changed, expired, already handled, no recipient, a time taken |
| 75 | temporary failure, try again |
| 130 | stopped by Ctrl-C |
"""


def reference() -> str:
    """The page (Markdown)."""
    actions = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))  # noqa: SLF001 - argparse has no public way
    lines = [_INTRO]
    for command in COMMANDS:
        lines += _section(command, actions.choices[command.name])
    return "\n".join(lines)


def _section(command: Command, sub: argparse.ArgumentParser) -> Iterator[str]:
    yield f"## `{command.name}`\n\n{command.summary[0].upper()}{command.summary[1:]}. {command.about}\n"
    yield "```"
    yield from command.examples
    yield "```\n"
    rows = [
        f"| `{', '.join(action.option_strings) or action.metavar or action.dest}"
        f"{' ' + str(action.metavar) if action.option_strings and action.metavar else ''}` | {_help(action)} |"
        for action in sub._actions  # noqa: SLF001 - as above
        if not {"--help", "--config"} & set(action.option_strings)
    ]
    if rows:
        yield "| argument | |\n|---|---|"
        yield from rows
        yield ""


def _help(action: argparse.Action) -> str:
    choices = f" ({', '.join(f'`{c}`' for c in action.choices)})" if action.choices else ""
    return f"{action.help}{choices}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
