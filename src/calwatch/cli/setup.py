"""``init``, ``check`` and ``reload``: a configuration written, tried, and handed to the running service."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from calwatch.cli import context, out
from calwatch.cli.answers import GOOGLE, OUTLOOK, Answers, gather
from calwatch.cli.checks import FAIL, checks
from calwatch.errors import ConfigError, Rejected, Stop
from calwatch.settings import load, verified
from calwatch.settings.example import example
from calwatch.settings.paths import config_candidates


def init(args: argparse.Namespace) -> int:
    """Writes a commented configuration (0600), by questions or by flags, and says what comes next."""
    target = config_candidates(args.config, os.environ)[0].absolute()
    if target.exists() and not args.force:
        raise Rejected(f"{target} exists already; edit it, or replace it with --force")
    answers = gather(args, target.parent)
    _write(target, example(answers.values()))
    out.say(f"Written: {target}")
    for note in _notes(answers):
        out.remark(f"Note: {note}")
    calwatch = "calwatch" if args.config is None else f"calwatch --config {target}"
    sign_in = f"Sign in: {calwatch} auth {answers.account}; then try" if answers.signs_in else "Try"
    out.say(f"{sign_in} it: {calwatch} check; then start watching: {calwatch} run")
    return 0


def _notes(answers: Answers) -> list[str]:
    """What is written down but cannot work yet, each with what to do."""
    notes = []
    for flag in ("calendar", "mail"):
        place = answers.given.get(flag)
        if place and not Path(place).exists():
            notes.append(f"{place} is not there yet; nothing is read before it is.")
    if answers.provider == GOOGLE:
        notes += _client_notes(Path(answers.given["client_file"]))
    if answers.provider == OUTLOOK:
        notes += _organization_notes(answers)
    if answers.use == "busy":
        notes.append('use = "busy" is for taken time only; add an account with your interviews, or nothing is watched.')
    return notes


def _client_notes(path: Path) -> list[str]:
    from calwatch.providers.google.sign_in import client_file

    if not path.exists():
        return [f"{path} is not there yet; docs/google.md says, screen by screen, how you get it from Google."]
    try:
        client_file.read(path)
    except Stop as error:
        return [str(error)]
    return [f"others can read the client file; chmod 600 {path}"] if path.stat().st_mode & 0o077 else []


def _organization_notes(answers: Answers) -> list[str]:
    from calwatch.providers.outlook.options import OutlookAccount
    from calwatch.providers.outlook.sign_in.tenants import SEEN_BY_ADMINISTRATOR, may_be_work

    keys = {key.removeprefix("accounts."): v for key, v in answers.values().items() if key.startswith("accounts.")}
    return [f"{SEEN_BY_ADMINISTRATOR} (docs/outlook.md)."] if may_be_work(OutlookAccount(**keys)) else []


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
