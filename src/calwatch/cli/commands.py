"""The table of commands: name, where its code is, what it says of itself, and its arguments."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from calwatch.cli import arguments

Arguments = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Its code is the function of the same name in ``calwatch.cli.<family>``."""

    name: str
    family: str
    summary: str
    about: str
    examples: tuple[str, ...]
    takes: Arguments | None = None
    reports: bool = False  # takes --json


COMMANDS: tuple[Command, ...] = (
    Command(
        "init",
        "setup",
        "writes a commented configuration",
        "Asks for what it needs, or takes it from the flags. Never overwrites a configuration without --force.",
        (
            "calwatch init",
            "calwatch init --name 'Alex Rivera' --email alex@example.com --calendar ~/calendar",
            "calwatch init --name 'Alex Rivera' --email alex@gmail.com --provider google --client-file client.json",
            "calwatch init --name Alex --email alex@outlook.com --client-id 11111111-2222-3333-4444-555555555555",
        ),
        arguments.init,
    ),
    Command(
        "auth",
        "auth",
        "signs in to an account",
        "Leads you through the consent and keeps the sign-in, readable by you only. A running service takes it up by "
        "itself. Google opens your browser; on a machine without one: --no-browser, then open the address anywhere and "
        "paste back the one you end at. Microsoft gives you a code to type on any device, or with "
        'sign_in = "browser" does as Google. Exit 4 if what is needed was not allowed.',
        ("calwatch auth personal", "calwatch auth personal --no-browser"),
        arguments.auth,
    ),
    Command(
        "check",
        "setup",
        "validates the configuration and tries everything in it",
        "Reads the configuration and tries every account and notifier. Exits non-zero if anything would fail.",
        ("calwatch check", "calwatch check --notify"),
        arguments.check,
        reports=True,
    ),
    Command(
        "run",
        "service",
        "the service, in the foreground",
        "Watches until it is told to stop (Ctrl-C, SIGTERM). Nothing is ever sent without your approval.",
        ("calwatch run", "calwatch run --once", "calwatch run --once --dry-run"),
        arguments.run,
    ),
    Command(
        "reload",
        "setup",
        "tells the running service to reread its configuration",
        "Fails, and changes nothing, if the configuration is wrong or no service is running.",
        ("calwatch reload",),
    ),
    Command(
        "status",
        "status",
        "accounts, open drafts and questions, interviews ahead",
        "What `calwatch` shows without any command.",
        ("calwatch", "calwatch status --json"),
        reports=True,
    ),
    Command(
        "interviews",
        "look",
        "upcoming interviews, and how calwatch knows",
        "Company, stage, contact and evidence for every interview within the horizon.",
        ("calwatch interviews", "calwatch interviews --json"),
        reports=True,
    ),
    Command(
        "drafts",
        "look",
        "the replies that are ready",
        "Open drafts, the most urgent first.",
        ("calwatch drafts", "calwatch drafts --all --json"),
        arguments.drafts,
        reports=True,
    ),
    Command(
        "show",
        "look",
        "one draft, whole",
        "The letter, whom it goes to and why, the times it offers, and what approving it would do.",
        ("calwatch show 12",),
        arguments.draft_id,
        reports=True,
    ),
    Command(
        "edit",
        "act",
        "changes a draft",
        "Opens your $EDITOR, or takes the change from the flags. A changed draft is a new version to approve.",
        ("calwatch edit 12", "calwatch edit 12 --slots 1,3", "calwatch edit 12 --to dana@acme.example"),
        arguments.edit,
    ),
    Command(
        "approve",
        "act",
        "sends a draft, after showing exactly what will happen",
        "Binds to the version shown; if it changed meanwhile nothing is sent (exit 5). Without a running service it "
        "sends by itself; Ctrl-C during the countdown calls it back.",
        ("calwatch approve 12", "calwatch approve 12 --version 2 --yes --wait"),
        arguments.approve,
        reports=True,
    ),
    Command(
        "undo",
        "act",
        "calls an approved draft back",
        "Works until the moment of sending; a draft that is sending can no longer be stopped (exit 5).",
        ("calwatch undo 12",),
        arguments.draft_id,
    ),
    Command(
        "retry",
        "act",
        "makes a failed draft ready again",
        "The draft waits for a new approval.",
        ("calwatch retry 12",),
        arguments.draft_id,
    ),
    Command(
        "reopen",
        "act",
        "brings a dismissed draft back",
        "The draft waits again, as a new version.",
        ("calwatch reopen 12",),
        arguments.draft_id,
    ),
    Command(
        "dismiss",
        "act",
        "puts a draft aside without sending",
        "keep: I move the other thing. handled: I told them. cover: that block is mine. not-interview. later.",
        ("calwatch dismiss 12", "calwatch dismiss 12 --because keep"),
        arguments.dismiss,
    ),
    Command(
        "questions",
        "look",
        "what only you can say",
        "Open questions and their choices. An unanswered question means that nothing is done.",
        ("calwatch questions",),
        reports=True,
    ),
    Command(
        "answer",
        "act",
        "answers a question",
        "The choices are listed by `calwatch questions`.",
        ("calwatch answer 3 dropped",),
        arguments.answer,
    ),
    Command(
        "cancel",
        "act",
        "drafts a withdrawal or an apology for an interview",
        "Opens a case by hand; the occasion chooses the wording. Nothing is sent before you approve.",
        ("calwatch cancel Acme", "calwatch cancel 7 --because sick"),
        arguments.by_hand,
    ),
    Command(
        "reschedule",
        "act",
        "drafts a request for another time",
        "Opens a case by hand, with times that are free now. Nothing is sent before you approve.",
        ("calwatch reschedule Acme", "calwatch reschedule 7 --because late"),
        arguments.by_hand,
    ),
    Command(
        "slots",
        "look",
        "the times it would offer now",
        "Free times for an appointment of that length, by your hours, buffer and notice.",
        ("calwatch slots", "calwatch slots --duration 45m --count 5"),
        arguments.slots,
        reports=True,
    ),
    Command(
        "classify",
        "offline",
        "what it makes of .ics files, offline",
        "Needs no account and no service; the configuration is used if there is one, to know which address is yours.",
        ("calwatch classify invitation.ics",),
        arguments.classify,
        reports=True,
    ),
    Command(
        "mark",
        "act",
        "corrects what is an interview and what is not",
        "Your word counts more than any evidence, and is kept.",
        ("calwatch mark Acme interview", "calwatch mark 'book club' not"),
        arguments.mark,
    ),
    Command(
        "why",
        "look",
        "why this is or is not an interview, and why there is or is not a draft",
        "The evidence, the trouble found, and what was decided about it.",
        ("calwatch why Acme",),
        arguments.event,
        reports=True,
    ),
    Command(
        "history",
        "look",
        "who did what, when",
        "The audit trail, newest last; of one draft when a number is given.",
        ("calwatch history", "calwatch history 12"),
        arguments.maybe_id,
        reports=True,
    ),
    Command(
        "open",
        "opening",
        "opens the approval page",
        "Makes an address of the running service's page that works once, and opens it in your browser. docs/page.md "
        "says how to have the page on your phone.",
        (
            "calwatch open",
            "calwatch open 12",
            "calwatch open --print",
            "calwatch open --pair",
            "calwatch open --revoke",
        ),
        arguments.opening,
    ),
    Command(
        "demo",
        "service",
        "the embedded world: see it work in a minute",
        "Builds a calendar folder and a Maildir with realistic invitations, runs one pass on them and shows around. "
        "Everything stays in DIR; letters are only filed into its .Sent folder.",
        ("calwatch demo", "calwatch demo /tmp/demo --serve"),
        arguments.demo,
    ),
)


class Parser(argparse.ArgumentParser):
    """argparse, with a shorter answer to a command that does not exist."""

    def error(self, message: str) -> NoReturn:
        if message.startswith("argument COMMAND: invalid choice: "):
            from difflib import get_close_matches

            word = message.split("'")[1] if "'" in message else ""
            near = get_close_matches(word, [command.name for command in COMMANDS], 1)
            hint = f"did you mean {near[0]}?" if near else "`calwatch --help` lists them"
            self.exit(2, f"calwatch: there is no command {word!r}; {hint}\n")
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\n")


def parser() -> Parser:
    """The parser of all commands."""
    top = Parser(
        prog="calwatch",
        description="Notices when an interview cannot take place as booked, and has a courteous reply ready.",
        epilog="first steps:\n"
        "  calwatch demo            look around in an embedded world\n"
        "  calwatch init            write your configuration\n"
        "  calwatch auth personal   sign in, where the account is Google's or Microsoft's\n"
        "  calwatch check           see that everything in it works\n"
        "  calwatch run             watch; leave this running\n"
        "  calwatch drafts          the replies that are ready\n"
        "  calwatch approve 12      read, confirm, send\n\n"
        "Nothing leaves without your approval. `calwatch COMMAND --help` shows examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="store_true", help="print the version and exit")
    top.add_argument("--config", type=Path, metavar="FILE", help="the configuration file")
    families = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in COMMANDS:
        examples = "\n".join(f"  {example}" for example in command.examples)
        sub = families.add_parser(
            command.name,
            help=command.summary,
            description=textwrap.fill(command.about, 78),
            epilog=f"examples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        sub.add_argument(
            "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="the configuration file"
        )
        if command.reports:
            sub.add_argument("--json", action="store_true", help="one JSON document on standard output")
        if command.takes is not None:
            command.takes(sub)
    return top
