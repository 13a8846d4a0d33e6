"""Messages through Apprise: ntfy, Telegram, Slack, mail, desktop and a hundred more, one channel per URL.

One channel per URL, because a retry after a partial failure must not repeat the message where it arrived. Apprise is
imported with the first message only: it is the heaviest import of all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from calwatch.errors import Retry, Stop
from calwatch.notify.options import NotifyOptions
from calwatch.ports import Notice


@dataclass(frozen=True, slots=True)
class AppriseNotifier:
    """One Apprise URL. ``label`` is its scheme; the rest of the URL is a secret and appears nowhere."""

    label: str
    url: str = field(repr=False)

    def notify(self, notice: Notice) -> None:
        """Delivers one message. Raises Stop for a URL Apprise does not understand, Retry when it was not taken."""
        import apprise

        sender = apprise.Apprise()
        if not sender.add(self.url):
            raise Stop(f"notifier {self.label}: Apprise does not understand this URL; see the Apprise documentation")
        kind = apprise.NotifyType.WARNING if notice.urgent else apprise.NotifyType.INFO
        body = notice.body or notice.title
        if not sender.notify(body=body, title=notice.title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT):
            raise Retry(f"notifier {self.label}: the message was not taken; it will be tried again")


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
    return tuple(AppriseNotifier(label=_scheme(url), url=url) for url in dict.fromkeys(urls) if url)


def _scheme(url: str) -> str:
    scheme, found, _ = url.partition("://")
    return scheme.lower() if found and scheme.isalnum() and len(scheme) <= 20 else "url"
