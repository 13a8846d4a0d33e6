"""The command line: finds the command, imports only its module, and says every failure in a sentence on stderr."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence

from calwatch import __version__


def run(words: Sequence[str]) -> int:
    """Runs one command line and gives its exit code; calwatch's own errors are told, not traced."""
    from calwatch.cli.commands import COMMANDS, parser
    from calwatch.errors import CalwatchError, ConfigError

    args = _parse(parser(), words)
    if isinstance(args, int):
        return args
    if args.command is None:
        args.command, args.json = "status", False
    command = next(c for c in COMMANDS if c.name == args.command)
    try:
        return _function(command.family, command.name)(args)
    except ConfigError as error:
        print("\n".join(error.problems), file=sys.stderr)
        # For the service a wrong configuration must not look like a crash to be restarted (sysexits EX_CONFIG).
        return 78 if command.name == "run" else error.exit_code
    except CalwatchError as error:
        from calwatch.model.plain import many_lines

        print(f"calwatch: {many_lines(str(error))}", file=sys.stderr)
        return error.exit_code


def _parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace | int:
    """The parsed words, or the exit code of what argparse already told the person."""
    try:
        args = parser.parse_args(list(words))
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 2
    if args.version:
        print(f"calwatch {__version__}")
        return 0
    return args


def _function(family: str, name: str) -> Callable[[argparse.Namespace], int]:
    module = importlib.import_module(f"calwatch.cli.{family}")
    found: Callable[[argparse.Namespace], int] = getattr(module, name)
    return found
