"""``init``, ``check`` and ``reload``: a configuration written, tried, and handed to the running service."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from calwatch.cli import context, out
from calwatch.cli.checks import FAIL, checks
from calwatch.errors import ConfigError, Rejected, UsageError
from calwatch.settings import load, verified
from calwatch.settings.example import example
from calwatch.settings.paths import config_candidates

_QUESTIONS = {
    "name": "Your name, as letters are signed",
    "email": "Your mail addresses, those that invitations reach you at, separated by commas",
    "timezone": "Your time zone",
    "calendar": "Your calendar: a folder of .ics files (vdir), or one .ics file",
    "mail": "Your Maildir (empty: none)",
    "outgoing": "How approved letters leave: smtp://host:port (empty: never; you send the drafts yourself)",
}
_PLACEHOLDERS = {
    "name": "You",
    "email": "you@example.com",
    "timezone": "UTC",
    "calendar": "calendar",
    "mail": "Maildir",
    "outgoing": "maildir",
}
_OPTIONAL = frozenset({"mail", "outgoing"})


def init(args: argparse.Namespace) -> int:
    """Writes a commented configuration (0600), by questions or by flags."""
    target = config_candidates(args.config, os.environ)[0].absolute()
    if target.exists() and not args.force:
        raise Rejected(f"{target} exists already; edit it, or replace it with --force")
    answers = _answers(args)
    _write(target, example(_values(answers)))
    out.say(f"Written: {target}")
    for key in ("calendar", "mail"):
        if answers[key] and not Path(_absolute(answers[key])).exists():
            out.remark(f"Note: {_absolute(answers[key])} is not there yet; nothing is read before it is.")
    option = "" if args.config is None else f" --config {target}"
    out.say(f"Try it: calwatch{option} check; then start watching: calwatch{option} run")
    return 0


def _values(answers: dict[str, str]) -> dict[str, Any]:
    """The answers by the keys of the configuration."""
    values: dict[str, Any] = {
        "you.name": answers["name"],
        "you.emails": [part.strip() for part in answers["email"].split(",") if part.strip()],
        "you.timezone": answers["timezone"],
        "accounts.calendar": _absolute(answers["calendar"]),
    }
    if answers["mail"]:
        values["accounts.mail"] = _absolute(answers["mail"])
    if answers["outgoing"]:
        values["accounts.outgoing"] = answers["outgoing"]
    return values


def _answers(args: argparse.Namespace) -> dict[str, str]:
    """What the flags say, and the rest asked for; on no terminal everything needed must be a flag."""
    given = {key: getattr(args, key) for key in _QUESTIONS}
    given["email"] = ",".join(given["email"]) if given["email"] else None
    missing = [key for key, value in given.items() if value is None and key not in _OPTIONAL and key != "timezone"]
    asks = sys.stdin.isatty() and bool(missing)
    if missing and not asks:
        raise UsageError(f"nobody is there to ask; give {', '.join(f'--{key}' for key in missing)}")
    answers: dict[str, str] = {}
    for key, question in _QUESTIONS.items():
        default = _local_zone() if key == "timezone" else ""
        answer = given[key] if given[key] is not None else (_ask(question, default, key) if asks else default)
        answers[key] = answer.strip()
    if not answers["timezone"]:
        raise UsageError("your time zone is not known; give --timezone, such as Europe/Berlin")
    return answers


def _ask(question: str, default: str, key: str) -> str:
    """Asks until there is a right answer, or an empty one is fine; what is wrong is said at once."""
    while True:
        hint = f" [{default}]" if default else ""
        print(f"{question}{hint}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise UsageError("no answer; nothing was written")
        answer = line.strip() or default
        if not answer and key in _OPTIONAL:
            return answer
        problem = _wrong(key, answer) if answer else "an answer is needed here"
        if not problem:
            return answer
        out.remark(f"  {problem}")


def _wrong(key: str, answer: str) -> str:
    """What a configuration with this answer, and otherwise right ones, is refused for; empty if it is right."""
    with tempfile.TemporaryDirectory(prefix="calwatch-") as folder:
        trial = Path(folder) / "trial.toml"
        trial.write_text(example(_values({**_PLACEHOLDERS, key: answer})), encoding="utf-8")
        try:
            load(trial, {"HOME": os.environ.get("HOME", "/")})
        except ConfigError as error:
            return error.problems[0].split(": ", 2)[-1]
        return ""


def _local_zone() -> str:
    """This machine's zone, if it says one; empty otherwise."""
    from zoneinfo import ZoneInfoNotFoundError

    from tzlocal import get_localzone_name

    try:
        return str(get_localzone_name() or "")
    except (ZoneInfoNotFoundError, ValueError):
        return ""


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())


def _write(target: Path, text: str) -> None:
    """Puts the file in place only if it is a right configuration, readable by nobody else."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".calwatch-", suffix=".toml")  # 0600
    except OSError as error:
        raise ConfigError([f"{target}: cannot be written ({error.strerror})"]) from None
    draft = Path(name)
    try:
        os.close(descriptor)
        draft.write_text(text, encoding="utf-8")
        try:
            load(draft, {"HOME": os.environ.get("HOME", "/")})
        except ConfigError as error:
            raise ConfigError([p.replace(draft.name, target.name) for p in error.problems]) from None
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def check(args: argparse.Namespace) -> int:
    """Tries everything in the configuration; 1 if anything would fail."""
    settings = context.settings_of(args)
    found = checks(settings, notify=args.notify)
    if args.json:
        out.document([{"what": c.what, "result": c.result, "detail": c.detail} for c in found])
    else:
        out.table(("what", "", ""), [(c.what, c.result, c.detail) for c in found])
    return 1 if any(c.result == FAIL for c in found) else 0


def reload(args: argparse.Namespace) -> int:
    """Tells the service to reread its configuration, after having read it here."""
    from calwatch import daemon

    settings = verified(context.settings_of(args))
    answer = daemon.poke(settings.state, "reload")
    if answer != "ok":
        raise ConfigError([answer.removeprefix("error: ")])
    out.say("The service has reread its configuration.")
    return 0
