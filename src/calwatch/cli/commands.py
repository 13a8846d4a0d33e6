"""The table of commands: name, where its code is, what it says of itself, and its arguments."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Arguments = Callable[[argparse.ArgumentParser], None]

OCCASIONS = ("busy", "sick", "emergency", "late", "no-show", "missed", "extension")
DISMISSALS = ("keep", "handled", "cover", "not-interview", "later")
INTENTS = ("reschedule", "withdraw", "acknowledge")


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Its code is the function of the same name in ``calwatch.cli.<family>``."""

    name: str
    family: str
    summary: str
    about: str
    examples: tuple[str, ...]
    arguments: Arguments | None = None
    reports: bool = False  # takes --json


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="how letters are signed")
    parser.add_argument("--email", action="append", metavar="ADDRESS", help="an address of yours; may be given again")
    parser.add_argument("--timezone", metavar="ZONE", help='your zone, such as "Europe/Berlin"')
    parser.add_argument("--calendar", metavar="PATH", help="a folder of .ics files (vdir), or one .ics file")
    parser.add_argument("--mail", metavar="PATH", help="your Maildir; without it nothing can be drafted in a thread")
    parser.add_argument("--outgoing", metavar="HOW", help='"smtp://host:port", or "maildir" to only file into .Sent')
    parser.add_argument("--force", action="store_true", help="replace a configuration that is already there")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--notify", action="store_true", help="also send a test message through every notifier")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="one full pass, then exit; settle times are ignored")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; store, draft and send nothing")


def _drafts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also those that are sent, dismissed, expired, withdrawn")


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, metavar="ID", help="the draft's number")


def _maybe_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, nargs="?", metavar="ID", help="only this draft's")


def _event(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("event", metavar="EVENT", help="our number, a uid, or an unambiguous piece of the title")


def _edit(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("--body-file", metavar="F", type=Path, help='the new text; "-" reads standard input')
    parser.add_argument("--to", metavar="A", action="append", help="whom to write to; you vouch for the address")
    parser.add_argument("--slots", metavar="1,3", help="the times to offer, numbered as `show` lists them")
    parser.add_argument("--intent", choices=INTENTS, help="what the letter asks")


def _approve(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--version", dest="bound", type=int, metavar="N", help="only if the draft still is version N")
    parser.add_argument("--wait", action="store_true", help="return when it was sent, or why not")


def _dismiss(parser: argparse.ArgumentParser) -> None:
    _id(parser)
    parser.add_argument("--because", choices=DISMISSALS, help="what not sending means here")


def _answer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=int, metavar="ID", help="the question's number")
    parser.add_argument("value", metavar="VALUE", help="one of the choices that `questions` lists")


def _by_hand(parser: argparse.ArgumentParser) -> None:
    _event(parser)
    parser.add_argument("--because", choices=OCCASIONS, default="busy", help="the occasion, for the wording")


def _slots(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--duration", metavar="45m", default="1h", help="how long the appointment is")
    parser.add_argument("--count", type=int, metavar="5", help="how many times to name")


def _classify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".ics files")


def _mark(parser: argparse.ArgumentParser) -> None:
    _event(parser)
    parser.add_argument("mark", choices=("interview", "not"), help="what it is")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path("demo"), metavar="DIR", help="where to build it")
    parser.add_argument("--serve", action="store_true", help="keep the service running on it afterwards")


COMMANDS: tuple[Command, ...] = (
    Command(
        "init",
        "setup",
        "writes a commented configuration",
        "Asks for what it needs, or takes it from the flags. Never overwrites a configuration without --force.",
        ("calwatch init", "calwatch init --name 'Alex Rivera' --email alex@example.com --calendar ~/calendar"),
        _init,
    ),
    Command(
        "check",
        "setup",
        "validates the configuration and tries everything in it",
        "Reads the configuration and tries every account and notifier. Exits non-zero if anything would fail.",
        ("calwatch check", "calwatch check --notify"),
        _check,
        reports=True,
    ),
    Command(
        "run",
        "service",
        "the service, in the foreground",
        "Watches until it is told to stop (Ctrl-C, SIGTERM). Nothing is ever sent without your approval.",
        ("calwatch run", "calwatch run --once", "calwatch run --once --dry-run"),
        _run,
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
        "look",
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
        _drafts,
        reports=True,
    ),
    Command(
        "show",
        "look",
        "one draft, whole",
        "The letter, whom it goes to and why, the times it offers, and what approving it would do.",
        ("calwatch show 12",),
        _id,
        reports=True,
    ),
    Command(
        "edit",
        "act",
        "changes a draft",
        "Opens your $EDITOR, or takes the change from the flags. A changed draft is a new version to approve.",
        ("calwatch edit 12", "calwatch edit 12 --slots 1,3", "calwatch edit 12 --to dana@acme.example"),
        _edit,
    ),
    Command(
        "approve",
        "act",
        "sends a draft, after showing exactly what will happen",
        "Binds to the version shown; if it changed meanwhile nothing is sent (exit 5). Without a running service it "
        "sends by itself; Ctrl-C during the countdown calls it back.",
        ("calwatch approve 12", "calwatch approve 12 --version 2 --yes --wait"),
        _approve,
        reports=True,
    ),
    Command(
        "undo",
        "act",
        "calls an approved draft back",
        "Works until the moment of sending; a draft that is sending can no longer be stopped (exit 5).",
        ("calwatch undo 12",),
        _id,
    ),
    Command(
        "retry",
        "act",
        "makes a failed draft ready again",
        "The draft waits for a new approval.",
        ("calwatch retry 12",),
        _id,
    ),
    Command(
        "reopen",
        "act",
        "brings a dismissed draft back",
        "The draft waits again, as a new version.",
        ("calwatch reopen 12",),
        _id,
    ),
    Command(
        "dismiss",
        "act",
        "puts a draft aside without sending",
        "keep: I move the other thing. handled: I told them. cover: that block is mine. not-interview. later.",
        ("calwatch dismiss 12", "calwatch dismiss 12 --because keep"),
        _dismiss,
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
        _answer,
    ),
    Command(
        "cancel",
        "act",
        "drafts a withdrawal or an apology for an interview",
        "Opens a case by hand; the occasion chooses the wording. Nothing is sent before you approve.",
        ("calwatch cancel Acme", "calwatch cancel 7 --because sick"),
        _by_hand,
    ),
    Command(
        "reschedule",
        "act",
        "drafts a request for another time",
        "Opens a case by hand, with times that are free now. Nothing is sent before you approve.",
        ("calwatch reschedule Acme", "calwatch reschedule 7 --because late"),
        _by_hand,
    ),
    Command(
        "slots",
        "look",
        "the times it would offer now",
        "Free times for an appointment of that length, by your hours, buffer and notice.",
        ("calwatch slots", "calwatch slots --duration 45m --count 5"),
        _slots,
        reports=True,
    ),
    Command(
        "classify",
        "offline",
        "what it makes of .ics files, offline",
        "Needs no account and no service; the configuration is used if there is one, to know which address is yours.",
        ("calwatch classify invitation.ics",),
        _classify,
        reports=True,
    ),
    Command(
        "mark",
        "act",
        "corrects what is an interview and what is not",
        "Your word counts more than any evidence, and is kept.",
        ("calwatch mark Acme interview", "calwatch mark 'book club' not"),
        _mark,
    ),
    Command(
        "why",
        "look",
        "why this is or is not an interview, and why there is or is not a draft",
        "The evidence, the trouble found, and what was decided about it.",
        ("calwatch why Acme",),
        _event,
        reports=True,
    ),
    Command(
        "history",
        "look",
        "who did what, when",
        "The audit trail, newest last; of one draft when a number is given.",
        ("calwatch history", "calwatch history 12"),
        _maybe_id,
        reports=True,
    ),
    Command(
        "demo",
        "service",
        "the embedded world: see it work in a minute",
        "Builds a calendar folder and a Maildir with realistic invitations, runs one pass on them and shows around. "
        "Everything stays in DIR; letters are only filed into its .Sent folder.",
        ("calwatch demo", "calwatch demo /tmp/demo --serve"),
        _demo,
    ),
)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = argparse.ArgumentParser(
        prog="calwatch",
        description="Notices when an interview cannot take place as booked, and has a courteous reply ready.",
        epilog="first steps:\n"
        "  calwatch demo            look around in an embedded world\n"
        "  calwatch init            write your configuration\n"
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
        if command.arguments is not None:
            command.arguments(sub)
    return top
