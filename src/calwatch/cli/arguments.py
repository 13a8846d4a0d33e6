"""The arguments of each command that takes any."""

from __future__ import annotations

import argparse
from pathlib import Path

OCCASIONS = ("busy", "sick", "emergency", "late", "no-show", "missed", "extension")
DISMISSALS = ("keep", "handled", "cover", "not-interview", "later")
INTENTS = ("reschedule", "withdraw", "acknowledge")


def init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="how letters are signed")
    parser.add_argument(
        "--email",
        action="append",
        metavar="ADDRESS",
        help="an address of yours, the account's own first; may be repeated",
    )
    parser.add_argument("--timezone", metavar="ZONE", help='your zone, such as "Europe/Berlin"')
    parser.add_argument("--provider", choices=("local", "google", "outlook"), help="where your calendar is")
    parser.add_argument("--calendar", metavar="PATH", help="local: a folder of .ics files (vdir), or one .ics file")
    parser.add_argument("--mail", metavar="PATH", help="local: your Maildir; without it nothing is drafted in a thread")
    parser.add_argument(
        "--outgoing", metavar="HOW", help='local: "smtp://host:port", or "maildir" to only file into .Sent'
    )
    parser.add_argument(
        "--client-file",
        metavar="PATH",
        help="google: the Desktop client file; else google-client.json beside the configuration",
    )
    parser.add_argument(
        "--client-id", metavar="ID", help='outlook: the "Application (client) ID" of your app registration'
    )
    parser.add_argument(
        "--tenant",
        help='outlook: "common" (the default), "organizations", "consumers", or an organization\'s tenant id or domain',
    )
    parser.add_argument(
        "--sign-in",
        choices=("device-code", "browser"),
        help="outlook: by a code typed on any device (the default), or in a browser here",
    )
    parser.add_argument("--use", choices=("full", "busy"), help='"busy": the account is read for taken time only')
    parser.add_argument("--force", action="store_true", help="replace a configuration that is already there")


def auth(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", help="the account's name in the configuration")
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address; also take the one the browser ended at, pasted"
    )


def check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--notify", action="store_true", help="also send a test message through every notifier")


def run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="one full pass, then exit; settle times are ignored")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; store, draft and send nothing")


def drafts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also those that are sent, dismissed, expired, withdrawn")


def number(text: str) -> int:
    """A number as commands list them."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def draft_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=number, metavar="ID", help="the draft's number, as `calwatch drafts` lists it")


def maybe_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=number, nargs="?", metavar="ID", help="only this draft's")


def event(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "event", metavar="EVENT", help="our number, a uid, or an unambiguous piece of the title or company"
    )


def edit(parser: argparse.ArgumentParser) -> None:
    draft_id(parser)
    parser.add_argument("--body-file", metavar="F", type=Path, help='the new text; "-" reads standard input')
    parser.add_argument("--to", metavar="A", action="append", help="whom to write to; you vouch for the address")
    parser.add_argument("--slots", metavar="1,3", help="the times to offer, numbered as `show` lists them")
    parser.add_argument("--intent", choices=INTENTS, help="what the letter asks")


def approve(parser: argparse.ArgumentParser) -> None:
    draft_id(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--version", dest="bound", type=int, metavar="N", help="only if the draft still is version N")
    parser.add_argument("--wait", action="store_true", help="return when it was sent, or why not")


def dismiss(parser: argparse.ArgumentParser) -> None:
    draft_id(parser)
    parser.add_argument("--because", choices=DISMISSALS, help="what not sending means here")


def answer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=number, metavar="ID", help="the question's number")
    parser.add_argument("value", metavar="VALUE", help="one of the choices that `questions` lists")


def by_hand(parser: argparse.ArgumentParser) -> None:
    event(parser)
    parser.add_argument("--because", choices=OCCASIONS, default="busy", help="the occasion, for the wording")


def opening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=number, nargs="?", metavar="ID", help="go straight to this draft")
    parser.add_argument("--print", action="store_true", help="only print the address; it works once, for 5 minutes")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--pair", action="store_true", help="show a QR code that pairs a phone (approval.public_url)")
    other.add_argument("--revoke", action="store_true", help="close the page everywhere, on paired devices too")


def slots(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--duration", metavar="45m", default="1h", help="how long the appointment is (1h)")
    parser.add_argument("--count", type=number, metavar="5", help="how many times to name")


def classify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".ics files")


def mark(parser: argparse.ArgumentParser) -> None:
    event(parser)
    parser.add_argument("mark", choices=("interview", "not"), metavar="interview|not", help="what it is")


def demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, default=Path("demo"), metavar="DIR", help="where to build it")
    parser.add_argument("--serve", action="store_true", help="keep the service running on it afterwards")
