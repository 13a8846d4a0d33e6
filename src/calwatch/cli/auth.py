"""``auth``: signs in to an account, whatever provider it has, and lets a running service know."""

from __future__ import annotations

import argparse
import sys

from calwatch.cli import context, out
from calwatch.cli.browser import browse
from calwatch.errors import Retry, UsageError
from calwatch.settings import Account, Settings


def auth(args: argparse.Namespace) -> int:
    """Signs in to one account. Exit 4 when the person did not allow what is needed."""
    from calwatch.clock import SystemClock
    from calwatch.providers import PROVIDERS
    from calwatch.providers.signing import Terminal
    from calwatch.wiring import surroundings

    settings = context.settings_of(args)
    account = _account(settings, args.account)
    provider = PROVIDERS[account.provider]
    if provider.sign_in is None:
        out.say(f"Account {account.name} needs no sign-in.")
        return 0
    terminal = Terminal(
        say=_say,
        browse=_no_browser if args.no_browser else browse,
        typed=_typed(),
    )
    signed_in = provider.sign_in(account, surroundings(settings, SystemClock()), terminal)
    who = f" as {signed_in.address}" if signed_in.address else ""
    out.say(f"Account {account.name} is signed in{who}. It allows:")
    for feature in signed_in.granted:
        out.say(f"  {feature}")
    for text in signed_in.remarks:
        out.remark(f"Warning: {text}")
    if _told(settings):
        out.say("The running service takes it up now.")
    else:
        out.say("Try it: calwatch check")
    return 0


def _account(settings: Settings, name: str) -> Account:
    found = settings.account(name)
    if found is None:
        names = ", ".join(account.name for account in settings.accounts)
        raise UsageError(f"there is no account {name!r}; the configuration has {names}")
    return found


def _told(settings: Settings) -> bool:
    """Whether a running service was told to read its accounts now."""
    from calwatch import daemon

    if not context.service_runs(settings):
        return False
    try:
        return daemon.poke(settings.state, "pull") == "ok"
    except Retry:
        return False  # another command acts at the moment; the service, if any, finds the sign-in by itself


def _say(text: str) -> None:
    """At once, also into a pipe: somebody has to open the address."""
    out.say(text)
    sys.stdout.flush()


def _no_browser(_: str) -> bool:
    return False


def _typed() -> int | None:
    """Standard input, if there is one that can be read."""
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or replaced
        return None
