"""Where an account hands its mail over: a URL read and checked, light enough to be done at every start."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over: ``smtp://[user@]host[:port]``, or ``smtps://`` for TLS from the first byte."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password_file: Path | None = None

    @classmethod
    def of(cls, url: str, password_file: Path | None = None) -> Server:
        """Raises ValueError with a sentence for anything that is not such a URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(f'{url!r} is not a mail server; write "smtp://host:port" or "smtps://user@host"')
        if parts.password is not None:
            raise ValueError("the password does not belong in the URL; put it into a file and name that password_file")
        try:
            port = parts.port or (465 if parts.scheme == "smtps" else 587 if parts.username else 25)
        except ValueError:
            raise ValueError(f"{url!r} has no usable port number") from None
        return cls(parts.hostname, port, parts.scheme == "smtps", unquote(parts.username or ""), password_file)

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def on_this_machine(self) -> bool:
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
