"""Messages through Apprise: ntfy, Telegram, Slack, mail, desktop and a hundred more, one channel per URL.

One channel per URL, because a retry after a partial failure must not repeat the message where it arrived. Apprise works
in a process of its own (``apprise_process``): it is the heaviest import of all, it loads every plugin it has, some of
them wait without end, and its log lines quote URLs. A process gives its memory back and can be ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256

from calwatch.errors import Retry, Stop
from calwatch.notify.options import NotifyOptions
from calwatch.ports import Notice

PATIENCE = 30.0
"""Seconds one message may take. Apprise gives a request 4 s to connect and 4 s for each read, a mail server 15 s for
each step; neither bounds the whole."""

_at_work: set[subprocess.Popen[bytes]] = set()
_looking = threading.Lock()


@dataclass(frozen=True, slots=True)
class AppriseNotifier:
    """One Apprise URL. ``label`` is its scheme, ``key`` tells it from others; the rest is a secret and appears nowhere.

    ``patience`` is in seconds.
    """

    label: str
    url: str = field(repr=False)
    patience: float = PATIENCE

    @property
    def key(self) -> str:
        return sha256(self.url.encode()).hexdigest()[:16]

    def notify(self, notice: Notice) -> None:
        """Delivers one message. Raises Stop for a URL Apprise does not understand, Retry when it was not taken."""
        asked = {"url": self.url, "title": notice.title, "body": notice.body, "urgent": notice.urgent}
        answer = _answer_of(json.dumps(asked).encode(), self.patience)
        if answer is None:
            raise Retry(f"no answer within {self.patience:.0f} s")
        if answer == "unknown":
            raise Stop("Apprise cannot use this URL; look its form up in the Apprise documentation")
        if answer != "taken":
            raise Retry(answer)


def _answer_of(asked: bytes, patience: float) -> str | None:
    """What the process says ("taken", "unknown", or why not); ``None`` when patience ended, and it with it."""
    # -P: the folder we happen to be in is no place to import from. Others can see arguments, so the URL goes by stdin.
    words = [sys.executable, "-P", "-m", "calwatch.notify.apprise_process"]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CALWATCH_")}
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module, and nothing of others among the arguments
        words, env=ours, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        with _looking:
            _at_work.add(process)
        try:
            out, _ = process.communicate(asked, timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
        finally:
            with _looking:
                _at_work.discard(process)
    return out.decode("utf-8", "replace").strip() or "Apprise ended without an answer"


def hush() -> None:
    """Ends every delivery under way, which then counts as failed; for a service that stops."""
    with _looking:
        for process in _at_work:
            process.kill()


def channels(options: NotifyOptions) -> tuple[AppriseNotifier, ...]:
    """One channel per URL of ``urls`` and ``urls_file``. Raises Stop when the file cannot be read."""
    urls = [url.strip() for url in options.urls]
    if options.urls_file is not None:
        try:
            lines = options.urls_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise Stop(f"notify.urls_file: {options.urls_file} cannot be read ({reason})") from None
        urls += [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    found: list[AppriseNotifier] = []
    schemes: Counter[str] = Counter()
    for url in dict.fromkeys(filter(None, urls)):
        scheme = _scheme(url)
        schemes[scheme] += 1
        label = scheme if schemes[scheme] == 1 else f"{scheme} ({schemes[scheme]})"
        found.append(AppriseNotifier(label=label, url=url))
    return tuple(found)


def _scheme(url: str) -> str:
    scheme, found, _ = url.partition("://")
    return scheme.lower() if found and scheme.isalnum() and len(scheme) <= 20 else "url"
