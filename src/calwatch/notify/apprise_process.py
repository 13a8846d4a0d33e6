"""The process in which Apprise delivers one message: ``python -m calwatch.notify.apprise_process``.

It reads ``{"url", "title", "body", "urgent"}`` from stdin and says on stdout "taken", "unknown" (Apprise has no use for
the URL) or in a few words why not. Nothing else that Apprise says comes out: its lines quote URLs, and so secrets.
"""

from __future__ import annotations

import json
import logging
import re
import sys

_REFUSED = re.compile(r"\berror=(\d{3})\b")
_NO_CONNECTION = re.compile(r"connection error|timed? ?out", re.IGNORECASE)


class _Overheard(logging.Handler):
    """Keeps in our own words what Apprise logs."""

    why = "the message was not taken"

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        status = _REFUSED.search(said)
        if status is not None:
            self.why = f"it answered {status[1]}"
        elif _NO_CONNECTION.search(said):
            self.why = "it could not be reached, or did not answer"


def deliver(url: str, title: str, body: str, *, urgent: bool) -> str:
    """One message through one URL; the answer as it goes to stdout."""
    import apprise

    overheard = _Overheard(logging.WARNING)
    logger = logging.getLogger("apprise")
    logger.handlers[:], logger.propagate = [overheard], False
    # Without a name of our own the message would show Apprise's, and its pictures.
    asset = apprise.AppriseAsset(
        app_id="calwatch", app_desc="calwatch", app_url="", image_url_mask="", image_path_mask=""
    )
    sender = apprise.Apprise(asset=asset)
    if not sender.add(url):
        return "unknown"
    taken = sender.notify(
        body=body or title,
        title=title if body else "",
        notify_type=apprise.NotifyType.WARNING if urgent else apprise.NotifyType.INFO,
        body_format=apprise.NotifyFormat.TEXT,
    )
    return "taken" if taken else overheard.why


def main() -> None:
    asked = json.load(sys.stdin)
    answer = deliver(asked["url"], asked["title"], asked["body"], urgent=asked["urgent"])
    print(answer)


if __name__ == "__main__":
    main()
