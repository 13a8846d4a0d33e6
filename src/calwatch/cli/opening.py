"""``open``: an address of the page that works once, in the browser, printed, or as a code for the phone."""

from __future__ import annotations

import argparse
import os
import sys

from calwatch.cli import context, out
from calwatch.errors import ConfigError, NotFound, Retry, Stop
from calwatch.settings import Settings

_NO_BROWSER = ("www-browser", "links", "elinks", "lynx", "w3m")
"""Browsers in a terminal: they would take the terminal over."""


def open(args: argparse.Namespace) -> int:  # noqa: A001 - the command's name
    """Opens the page by an address that works once."""
    settings = context.settings_of(args)
    if not settings.approval.listen:
        raise ConfigError(['the page is switched off; set approval.listen = "127.0.0.1:8765", then: calwatch reload'])
    if args.revoke:
        number = int(asked(settings, "revoke"))
        out.say("The page is closed everywhere." if number else "The page was open nowhere.")
        return 0
    if args.pair:
        return _pair(asked(settings, "pair"))
    url = asked(settings, f"open {args.id}" if args.id is not None else "open")
    if args.print:
        out.say(url)
        return 0
    if not _browse(url):
        out.remark("No browser could be opened here; open this address yourself within 5 minutes (it works once):")
        out.say(url)
    return 0


def asked(settings: Settings, word: str) -> str:
    """The running service's answer to one word. Raises what its refusal means."""
    from calwatch import daemon

    try:
        answer = daemon.poke(settings.state, word)
    except Retry:
        raise Retry("the page belongs to the service, and none is running; start it with: calwatch run") from None
    verdict, _, said = answer.partition(" ")
    if verdict == "ok":
        return said
    if answer.startswith("error 3: "):
        raise NotFound(answer.removeprefix("error 3: "))
    raise Stop(answer.partition(": ")[2] or answer)


def _pair(url: str) -> int:
    import segno

    if sys.stdout.isatty():
        segno.make(url, error="l").terminal(compact=True)
    out.say(url)
    out.remark("Scan it with your phone within 10 minutes. It works once, and pairs that phone for 30 days.")
    return 0


def _browse(url: str) -> bool:
    """Whether a browser with windows took it."""
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return getattr(browser, "name", "") not in _NO_BROWSER and browser.open(url)
