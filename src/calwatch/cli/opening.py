"""``open``: an address of the page that works once, in the browser, printed, or as a code for the phone."""

from __future__ import annotations

import argparse
import io
import re
import sys
from typing import Any

from calwatch.cli import context, out
from calwatch.cli.browser import browse
from calwatch.errors import CalwatchError, NotFound, Retry, Stop, UsageError
from calwatch.settings import Settings

_OFF = 'the page is switched off: set approval.listen = "127.0.0.1:8765", then: calwatch reload'
_NO_SERVICE = "the page belongs to the service, and none is running here; start it with: calwatch run"
_NO_PUBLIC = (
    "a phone cannot reach this machine: serve the page by a reverse proxy with https and set approval.public_url to "
    "its address, then: calwatch reload (docs/page.md)"
)
_ERRORS: dict[str, type[CalwatchError]] = {"2": UsageError, "3": NotFound, "75": Retry}
_BRIEF = 3.0
"""Seconds a status waits for the service's word on its page; a reload may be keeping it busy."""


def open(args: argparse.Namespace) -> int:  # noqa: A001 - the command's name
    """Opens the page by an address that works once."""
    settings = context.settings_of(args)
    if args.id is not None and (args.pair or args.revoke):
        raise UsageError("--pair and --revoke are about the whole page; leave the draft out")
    if args.revoke:
        return _revoke(settings)
    if not settings.approval.listen:
        raise UsageError(_OFF)
    if args.pair:
        if not settings.approval.public_url:
            raise UsageError(_NO_PUBLIC)
        return _pair(_asked(settings, "pair"), draw=sys.stdout.isatty() and not args.print)
    url = _asked(settings, "open" if args.id is None else f"open {args.id}")
    if not args.print and browse(url):
        return 0
    if not args.print:
        out.remark("No browser can be opened here. Open this address yourself within 5 minutes; it works once:")
    out.say(url)
    return 0


def _asked(settings: Settings, word: str) -> str:
    """The running service's answer to one word. Raises what its refusal means."""
    from calwatch import daemon

    try:
        answer = daemon.poke(settings.state, word)
    except Retry:
        raise Retry(_NO_SERVICE) from None
    verdict, _, said = answer.partition(" ")
    if verdict == "ok":
        return said
    refusal = re.fullmatch(r"error (\d+): (.*)", answer, re.DOTALL)
    if refusal is None:
        raise Stop("the running service does not know the page; restart it")
    raise _ERRORS.get(refusal[1], Stop)(refusal[2])


def _pair(url: str, *, draw: bool) -> int:
    if draw:
        print(_code(url))
    out.say(url)
    out.remark("Scan or open it on your phone within 10 minutes. It works once, and pairs that phone for 30 days.")
    return 0


def _code(url: str) -> str:
    """The URL as a QR code for a terminal, light on dark whatever the terminal's own colours are."""
    import segno

    drawn = io.StringIO()
    segno.make(url, error="l").terminal(drawn, compact=True)
    return "\n".join(f"\x1b[97;40m{line}\x1b[0m" for line in drawn.getvalue().splitlines())


def _revoke(settings: Settings) -> int:
    """Needs no service: whoever lost a phone need not start one first."""
    from calwatch.store import open_store
    from calwatch.store.opening import DATABASE_NAME
    from calwatch.web.sessions import revoke_all

    if (settings.state / DATABASE_NAME).exists():
        with open_store(settings.state) as store:
            revoke_all(store)
    out.say("The page is closed everywhere, and no address made so far opens it.")
    return 0


def standing(settings: Settings) -> dict[str, Any]:
    """How the page is doing: ``ok``, ``off``, ``stopped`` (no service runs), ``taken``, ``error``, or ``unknown``."""
    from calwatch import daemon

    address = f"http://{settings.approval.listen}" if settings.approval.listen else None
    if not context.service_runs(settings):
        state = "stopped" if address else "off"
        return {"address": address, "state": state, "detail": "the service is not running" if address else None}
    try:
        answer = daemon.poke(settings.state, "page", patience=_BRIEF)
    except Retry:  # a single command acts at the moment, or the service is busy
        return {"address": address, "state": "unknown", "detail": "the service does not answer at the moment"}
    verdict, _, said = answer.partition(" ")
    if verdict == "ok":
        return {"address": said, "state": "ok", "detail": None}
    if verdict == "off":
        return {
            "address": None,
            "state": "off",
            "detail": _OFF if address is None else "calwatch reload switches it on",
        }
    return {
        "address": address,
        "state": verdict if verdict in ("taken", "error") else "unknown",
        "detail": said or None,
    }
