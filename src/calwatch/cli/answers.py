"""What ``init`` must know before it can write a configuration: said by flags, else asked for, and tried at once."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calwatch.cli import out
from calwatch.errors import ConfigError, UsageError
from calwatch.settings import load
from calwatch.settings.example import example

LOCAL, GOOGLE, OUTLOOK = "local", "google", "outlook"
CLIENT_FILE = "google-client.json"
"""Where the client file is looked for when nothing else is said: beside the configuration."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to know: its flag, how it is asked for, the key it becomes, and a value that is never wrong."""

    flag: str
    text: str
    key: str
    sample: str
    required: bool = True


_PERSON = (
    Question("name", "Your name, as letters are signed", "you.name", "You"),
    Question(
        "email",
        "Your mail addresses, those that invitations reach you at, the account's own first, separated by commas",
        "you.emails",
        "you@example.com",
    ),
    Question("timezone", "Your time zone", "you.timezone", "UTC"),
)
_ACCOUNT = {
    LOCAL: (
        Question(
            "calendar",
            "Your calendar: a folder of .ics files (vdir), or one .ics file",
            "accounts.calendar",
            "calendar",
        ),
        Question("mail", "Your Maildir (empty: none)", "accounts.mail", "Maildir", required=False),
        Question(
            "outgoing",
            "How approved letters leave: smtp://host:port (empty: never; you send the drafts yourself)",
            "accounts.outgoing",
            "maildir",
            required=False,
        ),
    ),
    GOOGLE: (
        Question(
            "client_file",
            "The client file downloaded from Google (docs/google.md leads you to it)",
            "accounts.client_file",
            CLIENT_FILE,
        ),
    ),
    OUTLOOK: (
        Question(
            "client_id",
            'The "Application (client) ID" of your app registration (docs/outlook.md leads you to it)',
            "accounts.client_id",
            "11111111-2222-3333-4444-555555555555",
        ),
        Question(
            "tenant",
            'Who that registration is for: "common" (anybody), "consumers" (personal accounts only), or the "Directory '
            '(tenant) ID" of the one organization',
            "accounts.tenant",
            "common",
        ),
        Question(
            "sign_in",
            'How you sign in: "device-code" (a code typed on any device), or in a "browser" here',
            "accounts.sign_in",
            "device-code",
        ),
    ),
}
_PATHS = frozenset({"calendar", "mail", "client_file"})
_CHOICES = {
    **dict.fromkeys(("1", "files", "local"), LOCAL),
    **dict.fromkeys(("2", "google", "gmail"), GOOGLE),
    **dict.fromkeys(("3", "outlook", "microsoft"), OUTLOOK),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything known: the kind of account, how it is used, and each answer by its flag (paths absolute)."""

    provider: str
    use: str
    given: Mapping[str, str]

    @property
    def account(self) -> str:
        """The account's name in the configuration."""
        if self.provider == LOCAL:
            return "files"
        return "work" if self.use == "busy" else "personal"

    @property
    def signs_in(self) -> bool:
        """Whether there is somebody to sign in to."""
        return self.provider != LOCAL

    def values(self) -> dict[str, Any]:
        """The answers by the keys of the configuration."""
        found: dict[str, Any] = {"accounts.name": self.account, "accounts.provider": self.provider}
        for question in (*_PERSON, *_ACCOUNT[self.provider]):
            if self.given[question.flag]:
                found[question.key] = self.given[question.flag]
        found["you.emails"] = [part.strip() for part in self.given["email"].split(",") if part.strip()]
        if self.use == "busy":
            found["accounts.use"] = self.use
        if self.signs_in:
            found["accounts.email"] = next(iter(found["you.emails"]), "")
        return found


def gather(args: argparse.Namespace, folder: Path) -> Answers:
    """What the flags say, and the rest asked for; on no terminal everything needed must be a flag.

    ``folder`` is the configuration's: a client file is expected there.
    """
    said = {flag: getattr(args, flag) for flag in _flags()}
    said["email"] = ",".join(args.email) if args.email else None
    provider = _provider(args, said)
    questions = (*_PERSON, *_ACCOUNT[provider])
    defaults: dict[str, Callable[[], str]] = {
        "timezone": _local_zone,
        "client_file": lambda: str(folder / CLIENT_FILE),
        "tenant": lambda: "common",
        "sign_in": lambda: "device-code",
    }
    missing = [q for q in questions if said[q.flag] is None and q.required and q.flag not in defaults]
    asks = sys.stdin.isatty() and bool(missing or (provider == GOOGLE and said["client_file"] is None))
    if missing and not asks:
        raise UsageError(f"nobody is there to ask; give {_written(q.flag for q in missing)}")
    given = {}
    for question in questions:
        answer = said[question.flag]
        if answer is None:
            default = defaults[question.flag]() if question.flag in defaults else ""
            answer = _ask(question, default, provider) if asks else default
        given[question.flag] = answer.strip()
    if not given["timezone"]:
        raise UsageError("your time zone is not known; give --timezone, such as Europe/Berlin")
    blank = [q.flag for q in questions if q.required and not given[q.flag]]
    if blank:
        raise UsageError(f"{_written(blank)} must not be empty")
    for flag in _PATHS & given.keys():
        given[flag] = _absolute(given[flag]) if given[flag] else ""
    return Answers(provider, args.use or "full", given)


def _flags() -> list[str]:
    return [question.flag for questions in (_PERSON, *_ACCOUNT.values()) for question in questions]


def _provider(args: argparse.Namespace, said: Mapping[str, str | None]) -> str:
    """Where the calendar is: as said, as the other flags imply, or asked for; one kind's flags do not fit the other."""
    implied = [kind for kind, questions in _ACCOUNT.items() if any(said[q.flag] is not None for q in questions)]
    provider: str = args.provider or (implied[0] if implied else "")
    strange = [q.flag for kind in implied if kind != provider for q in _ACCOUNT[kind] if said[q.flag] is not None]
    if provider and strange:
        raise UsageError(f"{_written(strange)} does not go with --provider {provider}; `init` writes one account")
    if provider:
        return provider
    if sys.stdin.isatty():
        return _asked_provider()
    lacking = [q.flag for q in _PERSON if said[q.flag] is None and q.flag != "timezone"]
    person = f"{_written(lacking)}, and " if lacking else ""
    raise UsageError(f"nobody is there to ask; give {person}--calendar (files on disk), --provider google or outlook")


def _asked_provider() -> str:
    while True:
        answer = _line("Where is your calendar: on disk, at Google, or at Microsoft? (files, google, outlook)", "files")
        if answer.lower() in _CHOICES:
            return _CHOICES[answer.lower()]
        out.remark('  write "files", "google" or "outlook"')


def _ask(question: Question, default: str, provider: str) -> str:
    """Asks until there is a right answer, or an empty one is fine; what is wrong is said at once."""
    while True:
        answer = _line(question.text, default)
        if not answer and not question.required:
            return answer
        problem = _wrong(question, answer, provider) if answer else "an answer is needed here"
        if not problem:
            return answer
        out.remark(f"  {problem}")


def _line(text: str, default: str) -> str:
    hint = f" [{default}]" if default else ""
    print(f"{text}{hint}: ", end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise UsageError("no answer; nothing was written")
    return line.strip() or default


def _wrong(question: Question, answer: str, provider: str) -> str:
    """What a configuration with this answer, and otherwise right ones, is refused for; empty if it is right."""
    samples = {q.flag: q.sample for q in (*_PERSON, *_ACCOUNT[provider])}
    text = example(Answers(provider, "full", {**samples, question.flag: answer}).values())
    with tempfile.TemporaryDirectory(prefix="calwatch-") as folder:
        trial = Path(folder) / "trial.toml"
        trial.write_text(text, encoding="utf-8")
        try:
            load(trial, {"HOME": os.environ.get("HOME", "/")})
        except ConfigError as error:
            return error.problems[0].split(": ", 2)[-1]
        return ""


def _written(flags: Iterable[str]) -> str:
    return ", ".join(f"--{flag.replace('_', '-')}" for flag in flags)


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
